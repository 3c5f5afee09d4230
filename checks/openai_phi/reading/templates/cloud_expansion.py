"""What CloudFormation expands in a template before it reads it: loops and files that are taken in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from openai_phi.reading.templates.file_parts import Beside, at
from openai_phi.text.documents import Document, Unreadable, read_file
from openai_phi.words.places import Path

_LOOP = "Fn::ForEach::"
_TRANSFORM = "Fn::Transform"
_DEEPEST = 40
_MOST = 200
"""Values of one loop."""


def expanded(text: str, document: Document, file: str, beside: Beside) -> Document:
    """A template with its loops unrolled and its includes taken in, each at the line it is written."""
    if _LOOP not in text and "AWS::Include" not in text:
        return document
    made = _Expansion(document, file, beside)
    data = made.of(document, document.data, (), (), {}, 0)
    return Document(data, made.lines, made.files)


class _Expansion:
    """One template while it is expanded, with the places of what comes out."""

    def __init__(self, document: Document, file: str, beside: Beside) -> None:
        self.lines: dict[Path, int] = {}
        self.files: dict[Path, str] = {}
        self._own, self._file, self._beside = document, file, beside

    def of(
        self,
        document: Document,
        node: Any,
        source: Path,
        target: Path,
        names: dict[str, str],
        depth: int,
    ) -> Any:
        """A node of a document as it stands at another path when all is expanded."""
        self.lines[target] = document.line(source)
        other = document.file(source) if document is not self._own else ""
        if other:
            self.files[target] = other
        if depth > _DEEPEST:
            return node
        if isinstance(node, list):
            return [
                self.of(document, v, (*source, i), (*target, i), names, depth + 1)
                for i, v in enumerate(node)
            ]
        if not isinstance(node, dict):
            return _named(node, names)
        if names and set(node) == {"Ref"} and node["Ref"] in names:
            return names[node["Ref"]]
        out: dict[str, Any] = {}
        for key, value in node.items():
            step = _named(str(key), names)
            if step.startswith(_LOOP):
                self._loop(out, document, value, (*source, key), target, names, depth)
            elif step == _TRANSFORM and _location(value):
                self._include(out, value, source, target, depth)
            else:
                inner = self.of(document, value, (*source, key), (*target, step), names, depth + 1)
                out[step] = inner
        return out

    def _loop(
        self,
        out: dict[str, Any],
        document: Document,
        loop: Any,
        source: Path,
        target: Path,
        names: dict[str, str],
        depth: int,
    ) -> None:
        if not (isinstance(loop, list) and len(loop) == 3 and isinstance(loop[2], dict)):
            return
        for value in list(self._over(loop[1]))[:_MOST]:
            here = {**names, str(loop[0]): value}
            found = self.of(document, loop[2], (*source, 2), target, here, depth + 1)
            out.update(found if isinstance(found, dict) else {})

    def _over(self, collection: Any) -> Iterator[str]:
        """The values of a loop: a list, or a parameter that is one."""
        if isinstance(collection, list):
            for item in collection:
                if isinstance(item, dict):
                    yield from self._over(item)
                else:
                    yield str(item)
        elif isinstance(collection, dict) and isinstance(collection.get("Ref"), str):
            default = at(self._own.data, ("Parameters", collection["Ref"], "Default"))
            yield from (p.strip() for p in str(default or "").split(",") if p.strip())

    def _include(
        self, out: dict[str, Any], value: Any, source: Path, target: Path, depth: int
    ) -> None:
        for path in near(_location(value), self._file, self._beside):
            try:
                found = next(iter(read_file(self._beside(path) or "", path)), None)
            except Unreadable:
                continue
            if found is None or not isinstance(found.data, dict):
                continue
            self._beside.taken.add(path)
            there = Document(
                found.data, found.lines, {p: self._beside.shown(path) for p in found.lines}
            )
            taken = self.of(there, found.data, (), target, {}, depth + 1)
            self.lines[target] = self._own.line(source)
            self.files.pop(target, None)
            out.update(taken)
            return


def _named(node: Any, names: dict[str, str]) -> Any:
    if not isinstance(node, str):
        return node
    for name, value in names.items():
        node = node.replace(f"${{{name}}}", value).replace(f"&{{{name}}}", value)
    return node


def _location(value: Any) -> str:
    """Where an include says that its file lies; empty if it is none."""
    if not isinstance(value, dict) or value.get("Name") != "AWS::Include":
        return ""
    found = at(value, ("Parameters", "Location"))
    if isinstance(found, dict):
        found = found.get("Fn::Sub")
        found = found[0] if isinstance(found, list) and found else found
    return found if isinstance(found, str) else ""


def near(location: str, file: str, beside: Beside) -> list[str]:
    """The files of the repository that a path, or the address of a bucket, may mean, nearest first."""
    if not location:
        return []
    folder = os.path.dirname(file)
    if "://" not in location and not location.startswith("{"):
        path = os.path.normpath(os.path.join(folder, location))
        if path in beside.files:
            return [path]
    base = os.path.basename(location)
    found = [f for f in beside.files if os.path.basename(f) == base and f != file]
    return sorted(found, key=lambda f: (len(os.path.relpath(f, folder).split(os.sep)), f))
