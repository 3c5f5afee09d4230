"""Docker Compose: each service is a program; variables come from lists, maps, `.env` and env files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

from openai_phi.reading.templates.file_parts import Part, at, mappings
from openai_phi.text.documents import Document, parse_text
from openai_phi.words.places import Path
from openai_phi.words.resources import Setting, Unknown

_NAME = re.compile(
    r"((docker-)?compose|stack)([._-][\w.-]+)?\.ya?ml$|.*[._-](docker-)?compose\.ya?ml$"
)
_SERVICES = re.compile(r"^[\"']?services[\"']?\s*:", re.MULTILINE)
_PROGRAMS = re.compile(
    r"^services\s*:[^\S\n]*(?:#.*)?\n(?:[^\S\n]*(?:#.*)?\n)*(?P<in>[ ]+)[\w.-]+\s*:[^\S\n]*(?:[&#].*)?\n"
    r"(?:(?P=in)[ ]+\S.*\n|[^\S\n]*\n)*?(?P=in)[ ]+(image|build)\s*:",
    re.MULTILINE,
)
_VARIABLE = re.compile(r"\$\{(\w+)(?::?([-+?])([^}]*))?\}|\$(\w+)")
TextOf = Callable[[str], str | None]


def fits(file: str, text: str) -> bool:
    """Whether a file is a Compose file: its name and services in it, or services with images by any name."""
    named = _NAME.fullmatch(os.path.basename(file).lower()) is not None
    if named:
        return _SERVICES.search(text) is not None
    return file.endswith((".yaml", ".yml")) and _PROGRAMS.search(text) is not None


def parts(document: Document, file: str, shown: str, text_of: TextOf) -> Iterator[Part]:
    """The services of a Compose file. `text_of` gives the text of a file that it names, or None."""
    folder = os.path.dirname(file)
    defaults = _env_file(text_of(os.path.join(folder, ".env")) or "")
    known = {str(k): str(v) for k, v in (defaults.data if defaults else {}).items()}
    for name, service in mappings(document.data, "services"):
        path: Path = ("services", name)
        extra = [*_variables(document, path, shown, known)]
        extra.extend(_env_files(service, folder, shown, text_of))
        extra.extend(_labels(document, path, shown))
        rest = {
            k: _filled(v, known) for k, v in service.items() if k not in ("environment", "labels")
        }
        yield Part(
            "compose_service",
            name,
            f"services.{name}",
            path,
            (),
            (),
            tuple(extra),
            data=rest,
        )


def _variables(
    document: Document, path: Path, shown: str, known: dict[str, str]
) -> Iterator[Setting]:
    where = (*path, "environment")
    for name, value, line in _entries(document, where):
        filled = Unknown("taken from the environment of the command") if value is None else value
        yield Setting(name, _filled(filled, known), (*where, name), line, "", shown, None, "env")


def _labels(document: Document, path: Path, shown: str) -> Iterator[Setting]:
    for where in ((*path, "labels"), (*path, "deploy", "labels")):
        for name, value, line in _entries(document, where):
            yield Setting(name, value, (*where, name), line, "", shown, None, "marker")


def _entries(document: Document, where: Path) -> Iterator[tuple[str, Any, int]]:
    """The entries of a map, or of a list of NAME=value, with their lines."""
    found = at(document.data, where)
    if isinstance(found, dict):
        for name, value in found.items():
            yield str(name), value, document.line((*where, str(name)))
    elif isinstance(found, list):
        for index, entry in enumerate(found):
            name, given, value = str(entry).partition("=")
            yield name.strip(), value if given else None, document.line((*where, index))


def _env_files(
    service: dict[str, Any], folder: str, shown: str, text_of: TextOf
) -> Iterator[Setting]:
    named = service.get("env_file")
    for entry in named if isinstance(named, list) else [named]:
        name = entry.get("path") if isinstance(entry, dict) else entry
        if not isinstance(name, str):
            continue
        found = _env_file(text_of(os.path.join(folder, name)) or "")
        where = os.path.normpath(os.path.join(os.path.dirname(shown), name)).replace(os.sep, "/")
        for (key,), line in sorted(found.lines.items()) if found else ():
            value = found.data[key] if found else None
            yield Setting(str(key), value, (str(key),), line, "", where, None, "env")


def _env_file(text: str) -> Document | None:
    found = parse_text(text) if text.strip() else None
    flat = (
        found is not None and isinstance(found.data, dict) and all(len(p) == 1 for p in found.lines)
    )
    return found if flat else None


def _filled(value: Any, known: dict[str, str]) -> Any:
    """A value with `${NAME}` replaced as Compose does: from `.env`, else its default, else unknown."""
    if isinstance(value, dict):
        return {k: _filled(v, known) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, known) for v in value]
    if not isinstance(value, str) or "$" not in value:
        return value
    missing: list[str] = []

    def fill(found: re.Match[str]) -> str:
        name = found[1] or found[4]
        if known.get(name):
            return known[name]
        if found[2] == "-":
            return found[3] or ""
        missing.append(name)
        return ""

    filled = _VARIABLE.sub(fill, value)
    return Unknown(f"taken from the variable {missing[0]}") if missing else filled
