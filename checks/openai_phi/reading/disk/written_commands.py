"""Command lines that a repository writes down: in make files, scripts, workflows and other CI files."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from openai_phi.text.documents import LOADER, Unreadable, decoded, node_lines, plain

_MAKE = re.compile(r"(GNU)?[Mm]akefile([._-][\w.-]+)?$|.*\.mk$|[Jj]ustfile$|.*\.just$")
_SCRIPT = re.compile(r".*\.(sh|bash|zsh|ps1|cmd|bat|groovy)$|Jenkinsfile([._-][\w.-]+)?$|Tiltfile$")
_LISTED = re.compile(r".*\.ya?ml$|package\.json$")
_PROSE = re.compile(r".*\.(md|rst|txt|adoc)$")
_LEFT = frozenset({".git", ".terraform", "node_modules", ".venv", "venv", "vendor", "__pycache__"})
_ENDS = re.compile(r"(?<![\\$])(?:&&|\|\||[;|]|(?<=\s)#|(?<=\s)[12&]?>)")
_ASSIGNED = re.compile(
    r"^\s*(?:export\s+|-\s*)?([A-Za-z_]\w*)\s*(?::=|\?=|=|:)\s*[\"']?([^\"'\n#]*?)[\"']?\s*$",
    re.MULTILINE,
)
_VARIABLE = re.compile(
    r"\$\{\{\s*(?:[\w.-]+\.)?(?P<ci>[\w-]+)\s*\}\}|\$\((?P<make>\w+)\)"
    r"|\$\{(?P<brace>\w+)(?::?[-=](?P<or>[^}]*))?\}|\$(?P<bare>[A-Za-z_]\w*)"
)
_CD = re.compile(r"(?:^|[\s;&(@])cd\s+([\w./${}()-]+)\s*(?:&&|;)")
_MOST = 1_000_000
HOLE = "{{unknown}}"
"""What stands for a part that only a run knows."""


@dataclass(frozen=True)
class Command:
    """A command as it is written: its words, its line, and the folders it may be run in, likeliest first."""

    file: str
    line: int
    words: tuple[str, ...]
    folders: tuple[str, ...]

    def values(self, *flags: str) -> Iterator[str]:
        """What is given to flags, as `--flag value` or `--flag=value`."""
        for index, word in enumerate(self.words):
            name, equals, value = word.partition("=")
            if name in flags and equals:
                yield value
            elif word in flags and index + 1 < len(self.words):
                yield self.words[index + 1]


class Scripts:
    """The files below a folder that may hold commands, hidden ones too, read once."""

    def __init__(self, root: str) -> None:
        self._root = os.path.abspath(root)
        self._texts = list(_read(self._root))

    def commands(self, program: str, verbs: str) -> list[Command]:
        """The commands of a program with one of the verbs (a pattern), in order of the files."""
        start = re.compile(
            rf"(?<![\w./-])(?:[\w./-]*/)?{program}(?:\s+-{{1,2}}[\w-]+(?:[= ][^\s-]\S*)?)*\s+(?:{verbs})\b"
        )
        out: list[Command] = []
        for file, text in self._texts:
            if start.search(text):
                out.extend(_of_file(file, text, start, self._root))
        return out


def holds_commands(file: str) -> bool:
    """Whether a file may hold command lines that somebody runs, by its name."""
    base = os.path.basename(file)
    return any(p.fullmatch(base) for p in (_MAKE, _SCRIPT, _LISTED)) and not _PROSE.fullmatch(base)


def _read(root: str) -> Iterator[tuple[str, str]]:
    for base, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in _LEFT)
        for name in sorted(names):
            path = os.path.join(base, name)
            if not holds_commands(path) or not os.path.isfile(path):
                continue
            try:
                if os.path.getsize(path) > _MOST:
                    continue
                with open(path, "rb") as handle:
                    text = decoded(handle.read())
            except OSError:
                continue
            if _WORDS.search(text):
                yield path, text


_WORDS = re.compile(
    r"\b(helm|helmfile|cloudformation|sam|docker|compose|az|kubectl|serverless|sls)\b"
)


def _of_file(file: str, text: str, start: re.Pattern[str], root: str) -> Iterator[Command]:
    known = {n: v for n, v in _ASSIGNED.findall(text) if v and "{" not in v and len(v) < 200}
    fill = _filling(known)
    for line, script in _scripts(file, text):
        for offset, logical in _logical(script):
            for found in start.finditer(logical):
                rest = logical[found.start() :]
                end = _end(rest)
                words = _split(_VARIABLE.sub(fill, rest[:end]))
                before = [_VARIABLE.sub(fill, d) for d in _CD.findall(logical[: found.start()])]
                yield Command(file, line + offset, words, _folders(file, root, before))


def _scripts(file: str, text: str) -> Iterator[tuple[int, str]]:
    """(1-based first line, text) of what may be a script: each text of a YAML file, else the whole."""
    if not file.endswith((".yaml", ".yml")):
        yield 1, text
        return
    try:
        for node in yaml.compose_all(text, Loader=LOADER):
            if node is None:
                continue
            data, lines = plain(node), node_lines(node)
            for path, line in lines.items():
                found: Any = data
                for step in path:
                    found = found[step] if isinstance(found, (dict, list)) else None  # type: ignore[index]
                if isinstance(found, str):
                    yield line, found
    except (yaml.YAMLError, Unreadable, RecursionError, ValueError, KeyError, IndexError):
        yield 1, text


def _logical(script: str) -> Iterator[tuple[int, str]]:
    """Lines with those that they go on in, each with how many lines precede it."""
    held, first = "", 0
    for number, line in enumerate(script.splitlines()):
        if not held:
            first = number
        if line.lstrip().startswith("#"):
            continue
        if line.rstrip().endswith("\\"):
            held += line.rstrip()[:-1] + " "
            continue
        yield first, held + line
        held = ""
    if held:
        yield first, held


def _end(text: str) -> int:
    """Where a command ends: at what joins it to another one, outside of quotes."""
    quote = ""
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif (
            char in ";|\n"
            or text.startswith("&&", index)
            or text.startswith(" #", index)
            or (char == ">" and text[index - 1 : index] in (" ", "1", "2", "&"))
        ):
            return index
    return len(text)


def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(w.strip("\"'") for w in text.split())


def _filling(known: dict[str, str]) -> Callable[[re.Match[str]], str]:
    def fill(found: re.Match[str]) -> str:
        name = found["ci"] or found["make"] or found["brace"] or found["bare"]
        value = known.get(name) or found["or"] or ""
        return value if value and "$" not in value else HOLE

    return fill


def _folders(file: str, root: str, before: list[str]) -> tuple[str, ...]:
    """The folders that a command may be run in: its file's and those above it, after each `cd`."""
    out: list[str] = []
    folder = os.path.dirname(file)
    while folder.startswith(root):
        steps = [os.path.normpath(os.path.join(folder, *before))] if before else []
        out += [*steps, folder]
        if folder == root:
            break
        folder = os.path.dirname(folder)
    return tuple(dict.fromkeys(out))
