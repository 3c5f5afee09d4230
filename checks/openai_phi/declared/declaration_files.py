"""Reads a policy or compliance file with the line of every entry, and says what is wrong with it."""

from __future__ import annotations

import difflib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import yaml

from openai_phi.facts.data_files import validator
from openai_phi.text.documents import Unreadable, node_lines, plain
from openai_phi.words.places import Path, Place, show

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DATES = (
    "signed_on", "approved_on", "first_accepted_on", "reviewed_on", "expires_on", "period_end", "on",
)  # fmt: skip

_BLANK = re.compile(r"\S*(?:…|\.\.\.)\S*")
"""A word with a hole, as fixes and drafts leave it for people: `proj_…`. A sentence is none."""


@dataclass(frozen=True, order=True, kw_only=True)
class Mistake:
    """What is wrong in a declaration file, where, and what to do. Never holds a secret."""

    place: Place
    """The file, the line of what is wrong, and the path that leads to it."""
    message: str
    """What is wrong, as the rest of a sentence that begins with the file."""
    hint: str = ""
    """What to do about it; "" where the message says that."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A mapping of a declaration file: its values by the type that the schema gives them, and its place."""

    path: Path
    """The path that leads to it in the file."""
    place: Place
    """The file, and the line that it begins on."""
    data: Mapping[str, Any]
    """What it says, as read; of a file that is wrong it may be anything."""

    def text(self, key: str) -> str | None:
        """A value as text; None where it says none."""
        value = self.data.get(key)
        return str(value) if value is not None else None

    def word(self, key: str, otherwise: str = "") -> str:
        """A value as text, or what stands for one that is not there."""
        return str(self.data.get(key, otherwise))

    def words(self, key: str) -> tuple[str, ...] | None:
        """The items of a list as text; None where there is no list."""
        value = self.data.get(key)
        return tuple(map(str, value)) if isinstance(value, list) else None

    def number(self, key: str) -> int | None:
        """A whole number; None where there is none."""
        value = self.data.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def is_on(self, key: str) -> bool:
        """Whether it says `true`."""
        return self.data.get(key) is True

    def rows(self, key: str, *names: str) -> tuple[tuple[str, ...], ...]:
        """Of a list of mappings, the values of these names from each that has all of them."""
        items = self.data.get(key)
        whole = [i for i in items if isinstance(i, dict)] if isinstance(items, list) else []
        return tuple(tuple(str(i[n]) for n in names) for i in whole if all(n in i for n in names))


@dataclass
class DeclarationFile:
    """One file as read: its data (empty if unreadable), lines by path, digest and mistakes."""

    shown: str
    """Its path relative to the scan root, or its name where it lies outside."""
    absolute: str
    """Where it lies."""
    data: dict[str, Any] = field(default_factory=dict)
    """What it says; empty where it could not be read."""
    lines: dict[Path, int] = field(default_factory=dict)
    """The line of each path."""
    digest: str = ""
    """The SHA-256 of its bytes; "" where it could not be opened."""
    mistakes: list[Mistake] = field(default_factory=list)
    """What is wrong in it, as far as it was checked."""
    digests: tuple[str, ...] = ()
    """Of several files that count as one: the digest of each."""
    shown_at: dict[Path, str] = field(default_factory=dict)
    """Of several files that count as one: which of them a path is of."""

    def copy(self) -> DeclarationFile:
        """The same with a list of mistakes of its own, so that checking it changes nothing here."""
        return replace(self, mistakes=list(self.mistakes))

    def line(self, path: Path) -> int:
        """The line of a path, or of what holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def shown_of(self, path: Path) -> str:
        """The file that a path is of."""
        while path and path not in self.shown_at:
            path = path[:-1]
        return self.shown_at.get(path, self.shown)

    def wrong(self, path: Path, message: str, hint: str = "") -> None:
        """Notes a mistake at a path."""
        place = Place(self.shown_of(path), self.line(path), show(path))
        self.mistakes.append(Mistake(place=place, message=message, hint=hint))

    def wrong_at(self, line: int, message: str, hint: str = "", path: str = "") -> None:
        """Notes a mistake at a line, where no path leads to it or the lines are not known yet."""
        place = Place(self.shown, line, path)
        self.mistakes.append(Mistake(place=place, message=message, hint=hint))

    def entry(self, path: Path, data: Mapping[str, Any]) -> Entry:
        """A mapping of this file as an entry."""
        return Entry(path=path, place=Place(self.shown_of(path), self.line(path)), data=data)

    @property
    def top(self) -> Entry:
        """The whole file as one entry."""
        return self.entry((), self.data)

    def section(self, name: str) -> Entry:
        """A section that is a mapping; one that says nothing where there is none."""
        section = self.data.get(name)
        return self.entry((name,), section if isinstance(section, dict) else {})

    def entries(self, section: str) -> Iterator[Entry]:
        """The mappings of a section that is a list."""
        items = self.data.get(section)
        for index, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, dict):
                yield self.entry((section, index), item)


def read_file(absolute: str, shown: str, schema: str) -> DeclarationFile:
    """Reads and checks one file. What is wrong is in its mistakes; nothing is raised."""
    out = DeclarationFile(shown, absolute)
    try:
        with open(absolute, "rb") as handle:
            raw = handle.read()
    except OSError as error:
        out.wrong((), f"cannot be read: {error.strerror}", "Make the file readable for the scan.")
        return out
    return parsed(out, raw, schema)


def parsed(out: DeclarationFile, raw: bytes, schema: str) -> DeclarationFile:
    """A file that holds these bytes, checked. What is wrong is in its mistakes; nothing is raised."""
    out.digest = hashlib.sha256(raw).hexdigest()
    if _parse(out, raw):
        _check(out, schema)
    return out


def with_entries(
    file: DeclarationFile, schema: str, entries: Iterable[tuple[str, Mapping[str, Any]]]
) -> DeclarationFile:
    """A file as it would be with more entries in its lists, checked: (section, entry) of each."""
    data: dict[str, Any] = {"version": 1, **file.data}
    for section, entry in entries:
        data[section] = [*(data.get(section) or []), dict(entry)]
    out = replace(file.copy(), data=data)
    _check(out, schema)
    return out


def _check(out: DeclarationFile, schema: str) -> None:
    _check_schema(out, schema)
    _check_values(out)


def _parse(out: DeclarationFile, raw: bytes) -> bool:
    try:
        nodes = list(yaml.compose_all(raw.decode("utf-8"), Loader=_Loader))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "it is not UTF-8 text"
        hint = "Indent with spaces, not with tabs." if _tabbed(raw, line) else "Correct the YAML."
        out.wrong_at(line, f"is not valid YAML: {problem}", hint)
        return False
    if len(nodes) != 1 or not isinstance(nodes[0], yaml.MappingNode):
        out.wrong((), "must be one YAML document with a mapping", "Start it with version: 1.")
        return False
    for twice, line in _duplicates(nodes[0]):
        out.wrong_at(line, f"has the key {twice} twice", "Keep one of them.", twice)
    try:
        out.data = plain(nodes[0])
    except Unreadable as error:
        out.wrong_at(error.line, f"cannot be read: it {error}")
        return False
    out.lines = node_lines(nodes[0])
    return True


def _tabbed(raw: bytes, line: int) -> bool:
    """Whether a tab indents a line, which YAML forbids and nobody sees."""
    text = next(iter(raw.splitlines()[line - 1 : line]), b"")
    return b"\t" in text[: len(text) - len(text.lstrip())]


def _duplicates(node: yaml.Node) -> Iterator[tuple[str, int]]:
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, yaml.SequenceNode):
            stack.extend(current.value)
        elif isinstance(current, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in current.value:
                name = str(getattr(key, "value", ""))
                if name in seen:
                    yield name, key.start_mark.line + 1
                seen.add(name)
                stack.append(value)


def _check_schema(out: DeclarationFile, schema: str) -> None:
    check = validator(schema)
    for error in sorted(
        check.iter_errors(out.data), key=lambda e: (list(map(str, e.absolute_path)), e.message)
    ):
        path: Path = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            known = sorted(error.schema.get("properties", {}))
            for key in sorted(set(error.instance) - set(known)):
                near = difflib.get_close_matches(str(key), known, 1)
                hint = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}."
                out.wrong((*path, str(key)), f"has an unknown key {key}", hint)
        elif error.validator == "required":
            out.wrong(path, f"{show(path) or 'the file'} lacks {_lacking(error)}", "Add it.")
        elif _allowed(error.validator, error.validator_value):
            words = ", ".join(_allowed(error.validator, error.validator_value))
            out.wrong(path, f"{show(path)} must be one of {words}", f"Write one of {words}.")
        else:
            wanted = (
                error.validator_value if error.validator in ("type", "pattern") else error.validator
            )
            out.wrong(
                path, f"{show(path) or 'the file'} does not fit: {error.validator} must be {wanted}"
            )


def _lacking(error: Any) -> str:
    return ", ".join(str(k) for k in error.validator_value if k not in error.instance)


def _allowed(validator: str, value: Any) -> list[str]:
    """The words that a part of the schema allows; with alternatives, those of a single word."""
    if validator == "enum":
        return [str(word) for word in value]
    if validator == "const":
        return [str(value)]
    if validator in ("oneOf", "anyOf"):
        return [word for each in value for word in _allowed("enum", each.get("enum", ()))]
    return []


def _check_values(out: DeclarationFile) -> None:
    """Dates that are none, and blanks of drafts and fixes that nobody filled in."""
    said = {m.place.path for m in out.mistakes}
    stack: list[tuple[Path, Any]] = [((), out.data)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, dict):
            for key, value in node.items():
                here = (*path, key)
                if key in DATES and parse_date(value) is None:
                    out.wrong(
                        here,
                        f"{show(here)}: {value} is no date (it counts as expired)",
                        "Write YYYY-MM-DD.",
                    )
                else:
                    stack.append((here, value))
        elif isinstance(node, list):
            stack.extend(((*path, i), v) for i, v in enumerate(node))
        elif isinstance(node, str) and _BLANK.fullmatch(node) and show(path) not in said:
            out.wrong(path, f"{show(path)}: {node} is a blank", "Write what it stands for.")


def parse_date(text: object) -> date | None:
    """A date written YYYY-MM-DD, or None."""
    try:
        return date.fromisoformat(str(text)) if len(str(text)) == 10 else None
    except ValueError:
        return None


def find_files(root: str, names: tuple[str, ...]) -> list[str]:
    """Absolute paths of files with these names below a root, outside hidden and vendored folders."""
    out: list[str] = []
    for base, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f != "node_modules")
        out.extend(os.path.join(base, name) for name in names if name in files)
    return sorted(out)
