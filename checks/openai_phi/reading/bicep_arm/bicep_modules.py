"""Bicep modules: each call of a local one as an instance of its resources, with the parameters of the call."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from openai_phi.reading.bicep_arm.azure_parameters import (
    bicep_parameters,
    givens,
    loader,
    parameter_files,
)
from openai_phi.reading.bicep_arm.azure_templates import bicep_parts
from openai_phi.reading.bicep_arm.bicep_source import BicepFile, Declared, Object, read_bicep
from openai_phi.reading.templates.file_parts import Beside, Part
from openai_phi.text.documents import MAX_TEXT, Document, Unreadable
from openai_phi.words.places import Path

DEPTH = 10
"""How many calls may lie in each other."""
MOST = 500
"""How many instances one file may lead to; calls beyond are not followed."""
_LOADED = re.compile(r"load(?:Json|Yaml|Text)Content\(\s*'([^']*)'")
_DEFAULTS = re.compile(r"^[ \t]*param[ \t]+(\w+)[ \t]+[^=\n/]*=", re.MULTILINE)
_CALL = re.compile(r"^[ \t]*module[ \t]+\w+[ \t]+'([^'\n]+\.bicep)'", re.MULTILINE)
_MARKERS = re.compile(r"(?i)(.*tags|labels)$")


@dataclass
class Instance:
    """The parts of one file as one call of it gives them; `file` is its shown path."""

    file: str
    document: Document
    parts: list[Part]


@dataclass
class _Call:
    """A call that is followed: the file, the id of the call, what it gives and what marks it."""

    file: str
    id: str = ""
    given: Object = field(default_factory=Object)
    chain: tuple[str, ...] = ()
    marks: _Marks | None = None


@dataclass
class _Marks:
    """The tags that a call passes, which mark all that is in it."""

    values: dict[str, Any]
    lines: dict[Path, int]
    files: dict[Path, str]


class BicepModules:
    """The Bicep files of a folder, by who calls whom."""

    def __init__(
        self,
        texts: Mapping[str, str],
        shown: Callable[[str], str],
        beside: Beside | None = None,
    ) -> None:
        self._texts = texts
        self._shown = shown
        self._beside = beside
        self._left = 0
        self._calls = {
            f: [t for s in _CALL.findall(text) if (t := self._target(f, s))]
            for f, text in texts.items()
        }

    def order(self) -> list[str]:
        """All files, those that no other calls first."""
        called = {t for f, targets in self._calls.items() for t in targets if t != f}
        return sorted(self._texts, key=lambda f: f in called)

    def within(self, file: str) -> set[str]:
        """A file and all that it leads to, with the files that give its parameters and contents."""
        out = {file}
        for path in list(self._inside(file)):
            text = self._texts.get(path, "")
            folder = os.path.dirname(path)
            out |= {os.path.normpath(os.path.join(folder, n)) for n in _LOADED.findall(text)}
        if self._beside:
            out |= set(parameter_files(self._beside))
        return out | self._inside(file)

    def _inside(self, file: str) -> set[str]:
        """A file and all that it calls."""
        out, todo = {file}, [file]
        while todo:
            new = set(self._calls[todo.pop()]) - out
            out |= new
            todo.extend(sorted(new))
        return out

    def read(self, file: str) -> tuple[list[Instance], set[str]]:
        """The instances that a file leads to, and the files that they are of. Raises `Unreadable`.

        With parameter files, one of each for each of them.
        """
        files: set[str] = set()
        names = bicep_parameters(self._texts[file])
        given = givens(file, names, self._beside) if self._beside else []
        open_ = set(names) - set(_DEFAULTS.findall(self._texts[file]))
        out: list[Instance] = []
        for name, parameters in given:
            self._left = MOST
            found, _ = self._read(_Call(file, given=parameters), files)
            out += (replace(i, parts=[replace(p, variant=name) for p in i.parts]) for i in found)
        if not any(open_ & set(p) for _, p in given):
            self._left = MOST
            alone, _ = self._read(_Call(file), files)
            out = [*alone, *out]
        return out, files

    def _target(self, file: str, source: str) -> str | None:
        """The file of a module that is here; None for one of a registry."""
        target = os.path.normpath(os.path.join(os.path.dirname(file), source))
        return target if target in self._texts else None

    def _read(self, call: _Call, files: set[str]) -> tuple[list[Instance], set[str]]:
        """The instance of one call and those in it, and the parameters that it makes values from."""
        text, shown = self._texts[call.file], self._shown(call.file)
        if len(text) >= MAX_TEXT:
            raise Unreadable(f"is longer than {MAX_TEXT // 1_000_000} MB")
        load = loader(call.file, self._beside) if self._beside else None
        read = read_bicep(text, shown, call.given, load)
        files.add(call.file)
        self._left -= 1
        inner: list[Instance] = []
        for block, inside in self._followed(call, read):
            try:
                found, taken = self._read(inside, files)
            except Unreadable:  # said of that file, which is then read by itself
                continue
            inner += found
            block.body["params"] = _without(inside.given, taken)
            block.body.pop("name", None)  # of the deployment, which is nothing by itself
        return [_instance(call, read, text, shown), *inner], read.taken

    def _followed(self, call: _Call, read: BicepFile) -> Iterator[tuple[Declared, _Call]]:
        chain = (*call.chain, call.file)
        for block in read.blocks:
            target = self._target(call.file, block.type) if block.what == "module" else None
            if target is None or target in chain or len(chain) > DEPTH or self._left <= 0:
                continue
            params = block.body.get("params")
            given = params if isinstance(params, Object) else Object()
            marks = _marks(block.name, given, read, self._shown(call.file)) or call.marks
            yield block, _Call(target, f"{_dot(call.id)}module.{block.name}", given, chain, marks)


def _dot(id_: str) -> str:
    return f"{id_}." if id_ else ""


def _without(given: Object, taken: set[str]) -> Object:
    """The parameters of a call that its instance makes no value from."""
    out = Object()
    for key, value in given.items():
        if key not in taken:
            out[key] = value
            out.written.update({key: given.written[key]} if key in given.written else {})
    return out


def _marks(name: str, given: Object, read: BicepFile, shown: str) -> _Marks | None:
    values = {k: v for k, v in given.items() if _MARKERS.match(k) and isinstance(v, dict)}
    base: Path = (name, "params")
    lines = {p: line for p, line in read.lines.items() if p[:2] == base}
    files = {p: read.files.get(p, shown) for p in lines}
    return _Marks(values, lines, files) if values else None


def _instance(call: _Call, read: BicepFile, text: str, shown: str) -> Instance:
    parts = bicep_parts(read, text, _dot(call.id))
    data: dict[str, Any] = {b.name: b.body for b in read.blocks}
    lines, files = dict(read.lines), dict(read.files)
    marks = call.marks
    if marks:
        data[call.id] = {"params": marks.values}
        lines.update({(call.id, *p[1:]): line for p, line in marks.lines.items()})
        files.update({(call.id, *p[1:]): file for p, file in marks.files.items()})
        inherited = ((call.id, "params"),)
        parts = [replace(p, inherited=inherited) if _bare(p) else p for p in parts]
    return Instance(shown, Document(data, lines, files), parts)


def _bare(part: Part) -> bool:
    """Whether a resource has no tags of its own, nor those of what it is a part of."""
    tagged = part.inherited or (isinstance(part.data, dict) and "tags" in part.data)
    return part.type != "bicep_module" and not tagged
