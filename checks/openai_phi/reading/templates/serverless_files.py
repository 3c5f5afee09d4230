"""Serverless Framework: each function as every stage of the repository deploys it, its variables filled in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from openai_phi.reading.templates.cloud_templates import template_parts
from openai_phi.reading.templates.cloud_values import Given
from openai_phi.reading.templates.file_parts import Beside, Part, at, mappings
from openai_phi.text.documents import Document, Unreadable, read_file
from openai_phi.words.places import Path
from openai_phi.words.resources import Unknown

_NAMED = re.compile(r"serverless([._-][\w-]+)*\.(ya?ml|json)$")
_TOP = re.compile(r"[\"']?\b(service|provider)[\"']?\s*:")
_INNER = re.compile(r"\$\{([^${}]*)\}")
_FILE = re.compile(r"file\(([^)]*)\)(?::([\w.-]+))?$")
_STAGES = frozenset({"stages", "params", "environments"})
_ROUNDS = 12
_MOST = 12
"""Stages of one service."""


def fits(file: str, text: str) -> bool:
    """Whether a file is a Serverless Framework service."""
    return _NAMED.fullmatch(os.path.basename(file).lower()) is not None and bool(_TOP.search(text))


def takes_in(file: str, beside: Beside) -> Iterator[str]:
    """Files that a service takes values from."""
    folder = os.path.dirname(file)
    for named in re.findall(r"file\(([^)$]*)", beside(file) or ""):
        stem = os.path.normpath(os.path.join(folder, named.strip()))
        yield from (f for f in beside.files if f.startswith(stem))


def read(text: str, file: str, shown: str, beside: Beside) -> tuple[Document, list[Part]]:
    """A service as each of its stages deploys it. Raises `Unreadable`."""
    document = next((d for d in read_file(text, file) if d.data is not None), Document(None))
    if not isinstance(document.data, dict):
        return document, []
    stages = _stages(document.data, text, file, beside)
    parts: list[Part] = []
    for stage in stages:
        filled = _Filling(document, file, beside, stage)
        data = filled.whole()
        there = Document(data, {**document.lines, **filled.lines}, filled.files)
        variant = stage if len(stages) > 1 else ""
        parts += (replace(p, document=there) for p in _parts(there, variant, shown))
    return document, parts


def _parts(document: Document, variant: str, shown: str) -> Iterator[Part]:
    """The functions of a service with the provider's variables, and its own resources."""
    data = document.data
    provider = data.get("provider") if isinstance(data.get("provider"), dict) else {}
    shared = tuple(("provider", k) for k in ("environment",) if isinstance(provider.get(k), dict))
    tags = tuple(("provider", k) for k in ("tags", "stackTags") if provider.get(k))
    evaluated: dict[Path, Any] = {p: at(data, p) for p in (*shared, *tags)}
    functions = data.get("functions")
    listed = functions if isinstance(functions, list) else [functions]
    names: list[tuple[str, Path, Any]] = []
    for index, each in enumerate(listed):
        base: Path = ("functions", index) if isinstance(functions, list) else ("functions",)
        names += [(n, (*base, n), f) for n, f in mappings(each)]
    for name, path, function in names:
        yield Part(
            "serverless_function",
            name,
            f"functions.{name}",
            path,
            shared,
            tags,
            data=function,
            evaluated=evaluated,
            variant=variant,
        )
    if not names and shared:
        service = str(data.get("service"))
        yield Part(
            "serverless_function",
            service,
            "provider",
            ("provider",),
            (),
            tags,
            data=provider,
            evaluated=evaluated,
            variant=variant,
        )
    if isinstance(at(data, ("resources", "Resources")), dict):
        yield from template_parts(document, ("resources",), shown, Given(variant))


def _stages(data: Any, text: str, file: str, beside: Beside) -> list[str]:
    """The stages that a service knows: its default, those of its maps, and those that files are named after."""
    stage = at(data, ("provider", "stage"))
    found: list[str] = []
    if isinstance(stage, str):
        said = re.findall(r"'([\w-]+)'|\"([\w-]+)\"", stage) if "$" in stage else [(stage, "")]
        found += [a or b for a, b in said]
    for key in _STAGES:
        found += [n for n, _ in mappings(data, key)]
    for name in re.findall(r"\$\{self:([\w.-]+)\.\$\{", text):
        found += [str(k) for k in (at(data, name.split(".")) or {})]
    for before, after in re.findall(r"file\(([^)$]*)\$\{[^{}]*\}([^)$]*)\)", text):
        stem = os.path.normpath(os.path.join(os.path.dirname(file), f"{before}*{after}"))
        pattern = re.compile(re.escape(stem).replace(r"\*", r"([\w-]+)"))
        found += [m[1] for f in beside.files if (m := pattern.fullmatch(f))]
    return list(dict.fromkeys(s for s in found if s != "default"))[:_MOST] or ["dev"]


@dataclass(frozen=True)
class _Found:
    """A value that a variable stands for, and where it is written."""

    value: Any
    document: Document
    path: Path
    file: str


class _Filling:
    """One service with its variables filled in for one stage."""

    def __init__(self, document: Document, file: str, beside: Beside, stage: str) -> None:
        self._document, self._file, self._beside, self._stage = document, file, beside, stage
        self.lines: dict[Path, int] = {}
        self.files: dict[Path, str] = {}

    def whole(self) -> Any:
        return self._filled(self._document.data, (), 0)

    def _filled(self, node: Any, path: Path, depth: int) -> Any:
        if depth > _ROUNDS:
            return node
        if isinstance(node, dict):
            out: dict[str, Any] = {}
            for key, value in node.items():
                out[str(key)] = self._filled(value, (*path, str(key)), depth)
            return out
        if isinstance(node, list):
            return [self._filled(v, (*path, i), depth) for i, v in enumerate(node)]
        if not isinstance(node, str) or "${" not in node:
            return node
        return self._text(node, path, depth)

    def _text(self, text: str, path: Path, depth: int) -> Any:
        for _ in range(_ROUNDS):
            found = next((m for m in _INNER.finditer(text) if self._is_ours(m[1])), None)
            if found is None:
                return text
            value = self._variable(found[1])
            if found[0] == text:
                if isinstance(value, _Found):
                    self._put(value, path)
                    return self._filled(value.value, path, depth + 1)
                return text if value is None else value
            plain = value.value if isinstance(value, _Found) else value
            if not isinstance(plain, (str, int)):
                return text if "://" in text else Unknown(f"the variable {found[1][:60]}")
            text = f"{text[: found.start()]}{plain}{text[found.end() :]}"
        return text

    def _is_ours(self, name: str) -> bool:
        """Whether a variable can be known from the repository; others stay as they are written."""
        return re.match(r"\s*(self:|opt:|sls:|param:|file\(|env:[\w]+\s*,)", name) is not None

    def _variable(self, text: str) -> Any:
        """What a variable stands for, its defaults in order; None where nothing is known."""
        for option in _options(text):
            if re.fullmatch(r"'[^']*'|\"[^\"]*\"", option):
                return option[1:-1]
            if option in ("opt:stage", "sls:stage", "self:provider.stage"):
                return self._stage
            if option in ("true", "false") or option.isdigit():
                return option
            found = self._named(option)
            if found is not None:
                return found
        return None

    def _named(self, option: str) -> _Found | None:
        kind, _, name = option.partition(":")
        if kind == "self":
            path = tuple(name.split(".")) if name else ()
            return self._at(self._document, path, self._file)
        if kind == "param":
            for stage in (self._stage, "default"):
                for base in (("params", stage), ("stages", stage, "params")):
                    if found := self._at(self._document, (*base, name), self._file):
                        return found
        taken = _FILE.match(option)
        if taken is None:
            return None
        file = os.path.normpath(os.path.join(os.path.dirname(self._file), taken[1].strip()))
        try:
            document = next(iter(read_file(self._beside(file) or "", file)), None)
        except Unreadable:
            return None
        if document is None:
            return None
        self._beside.taken.add(file)
        return self._at(document, tuple(taken[2].split(".")) if taken[2] else (), file)

    def _at(self, document: Document, path: Path, file: str) -> _Found | None:
        value = at(document.data, path)
        if value is None and file == self._file and path:
            for size in range(len(path) - 1, 0, -1):  # a map that is a variable itself
                head = at(document.data, path[:size])
                if isinstance(head, str) and (one := _INNER.fullmatch(head)):
                    found = self._variable(one[1])
                    if isinstance(found, _Found):
                        rest = path[size:]
                        inner = at(found.value, rest)
                        if inner is not None:
                            return _Found(inner, found.document, (*found.path, *rest), found.file)
        return None if value is None else _Found(value, document, path, file)

    def _put(self, found: _Found, path: Path) -> None:
        """The places of what a variable stands for, where it is used."""
        shown = "" if found.file == self._file else self._beside.shown(found.file)
        size = len(found.path)
        for where, line in found.document.lines.items():
            if where[:size] == found.path:
                there = (*path, *where[size:])
                self.lines[there] = line
                if shown:
                    self.files[there] = shown


def _options(text: str) -> list[str]:
    """The options of a variable, split at commas outside of brackets and quotes."""
    out, depth, quote, piece = [], 0, "", ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0 and not quote:
            out.append(piece.strip())
            piece = ""
        else:
            piece += char
    return [o for o in (*out, piece.strip()) if o]
