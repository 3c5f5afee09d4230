"""Several policies as one: each is a legal entity's, lists are put together, and what contradicts is a mistake."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from openai_phi.declared.declaration_files import DeclarationFile
from openai_phi.words.places import Path, show

ENTITY = "legal_entity"
_LISTS = (
    ("agreements",),
    ("projects",),
    ("credentials",),
    ("gateways",),
    ("destinations",),
    ("assurances",),
    ("laws_not_judged",),
    ("limits", "approvers"),
    ("limits", "emergency_approvers"),
    ("parameters", "variables"),
    ("parameters", "hosts"),
    ("parameters", "gateway_names"),
    ("parameters", "phi_markers"),
)
"""Lists that are put together; any other value that several files give must be the same in each."""


def policies(path: str | None) -> list[str]:
    """The paths that are supplied as one text, with what separates paths in a variable between them."""
    return [os.path.abspath(p) for p in (path or "").split(os.pathsep) if p.strip()]


def merged(files: Sequence[DeclarationFile]) -> DeclarationFile:
    """Several policies as one file, each line of which is known by its own; one is left as it is."""
    if len(files) == 1:
        return files[0]
    first = files[0]
    out = DeclarationFile(
        first.shown,
        first.absolute,
        digest=hashlib.sha256("".join(sorted(f.digest for f in files)).encode()).hexdigest(),
        digests=tuple(f.digest for f in files),
        mistakes=[m for f in files for m in f.mistakes],
        shown_at={(): first.shown},
    )
    _check_entities(files, out)
    for file in sorted(files, key=lambda f: (str(f.data.get(ENTITY)), f.shown)):
        _take(out, file, file.data, (), ())
    out.data.pop(ENTITY, None)
    return out


def _check_entities(files: Sequence[DeclarationFile], out: DeclarationFile) -> None:
    seen: dict[str, DeclarationFile] = {}
    for file in files:
        named = file.data.get(ENTITY)
        one = replace(file, mistakes=[])
        if not isinstance(named, str) or not named.strip():
            what = "is one of several policies and says not whose it is"
            one.wrong((), what, "Name the legal entity: legal_entity: ….")
        elif named in seen:
            other = seen[named]
            what = f"is {named}'s, as {other.shown}:{other.line((ENTITY,))} is"
            one.wrong((ENTITY,), what, "Keep one policy for each legal entity.")
        else:
            seen[named] = file
        out.mistakes += one.mistakes


def _take(
    out: DeclarationFile, file: DeclarationFile, node: dict[str, Any], path: Path, into: Path
) -> None:
    """Puts what a file says into the whole, where it says it."""
    target: dict[Any, Any] = out.data
    for step in into:
        target = target.setdefault(step, {})
    for key, value in node.items():
        here, there = (*path, key), (*into, key)
        if here in _LISTS and isinstance(value, list) and isinstance(target.get(key, []), list):
            held = target.setdefault(key, [])
            for index, item in enumerate(value):
                _lines(out, file, (*here, index), (*there, len(held)))
                held.append(item)
            out.lines.setdefault(there, file.line(here))
        elif isinstance(value, dict) and isinstance(target.get(key, {}), dict):
            _lines_of(out, file, here, there)
            _take(out, file, value, here, there)
        elif key not in target or (*path, key) == (ENTITY,):
            _lines(out, file, here, there)
            target[key] = value
        elif not _same(target[key], value):
            _contradicts(out, file, here, value, target[key])


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    return bool(one == other)


def _contradicts(
    out: DeclarationFile, file: DeclarationFile, path: Path, mine: Any, theirs: Any
) -> None:
    one = replace(file, mistakes=[])
    what = f"says {show(path)}: {mine}, and {out.shown_of(path)}:{out.line(path)} says {theirs}"
    one.wrong(path, what, "Say the same in each policy.")
    out.mistakes += one.mistakes


def _lines(out: DeclarationFile, file: DeclarationFile, source: Path, target: Path) -> None:
    """The lines of all that lies below a path, and the file that they are of."""
    _lines_of(out, file, source, target)
    for path, line in _below(file, source):
        whole: Path = target + path
        out.lines[whole] = line


def _lines_of(out: DeclarationFile, file: DeclarationFile, source: Path, target: Path) -> None:
    if target not in out.lines:
        out.lines[target], out.shown_at[target] = file.line(source), file.shown


def _below(file: DeclarationFile, source: Path) -> Iterator[tuple[Path, int]]:
    size = len(source)
    return ((p[size:], line) for p, line in file.lines.items() if p[:size] == source)
