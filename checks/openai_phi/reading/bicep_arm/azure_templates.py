"""ARM templates and Bicep: each resource, its parameters and variables filled in as far as they are known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from openai_phi.reading.bicep_arm.azure_parameters import givens, parameter_files
from openai_phi.reading.bicep_arm.bicep_source import (
    BicepFile,
    Declared,
    List,
    Object,
    read_bicep,
    uses_of_names,
)
from openai_phi.reading.templates.file_parts import Beside, Part, at
from openai_phi.text.documents import Document
from openai_phi.words.places import Path, show
from openai_phi.words.references import ByAddress
from openai_phi.words.resources import Option, Options, Unknown

_EXPRESSION = re.compile(r"\[(?!\[)(.*)\]$", re.DOTALL)
_LOOKUP = re.compile(r"(parameters|variables)\('([^']+)'\)$")
_RESOURCE_ID = re.compile(r"\bresourceId\(", re.IGNORECASE)
_QUOTED = re.compile(r"'((?:[^']|'')*)'$")


def is_arm(file: str, text: str) -> bool:
    """Whether a file is an ARM template."""
    return file.endswith(".json") and "deploymentTemplate.json" in text and "resources" in text


def is_bicep(file: str, text: str) -> bool:
    """Whether a file is Bicep."""
    return file.endswith(".bicep")


def arm_parts(document: Document, file: str, shown: str, beside: Beside) -> Iterator[Part]:
    """The resources of an ARM template, nested ones included, with each of its parameter files."""
    if not isinstance(document.data, dict):
        return
    declared = document.data.get("parameters")
    names = declared if isinstance(declared, dict) else {}
    given = givens(file, names, beside)
    lacking = {n for n, p in names.items() if isinstance(p, dict) and "defaultValue" not in p}
    if not any(lacking & set(p) for _, p in given):
        yield from _resources(document, (), _Evaluator(document.data), 0)
    for name, parameters in given:
        evaluate = _Evaluator(document.data, parameters)
        for part in _resources(document, (), evaluate, 0):
            yield replace(part, variant=name)


def takes_in(file: str, beside: Beside) -> list[str]:
    """Files that may say what a template leaves open."""
    return parameter_files(beside)


def _resources(document: Document, base: Path, evaluate: _Evaluator, depth: int) -> Iterator[Part]:
    found = at(document.data, (*base, "resources"))
    entries = enumerate(found) if isinstance(found, list) else (found or {}).items()
    for index, resource in entries if isinstance(found, (list, dict)) else ():
        if not isinstance(resource, dict) or depth > 10:
            continue
        path: Path = (*base, "resources", index)
        type_, name = str(resource.get("type", "")), _plain(evaluate.value(resource.get("name")))
        shown = name if isinstance(name, str) else str(resource.get("name", index))
        own = {k: v for k, v in resource.items() if k not in ("resources", "type", "apiVersion")}
        if type_.lower() == "microsoft.resources/deployments":
            inner: Path = (*path, "properties", "template")
            template = at(document.data, inner)
            if isinstance(template, dict):
                yield from _resources(document, inner, _Evaluator(template), depth + 1)
            continue
        head = (*path, "type")
        refs = tuple(_refs(own, path, evaluate, document))
        yield Part(
            type_, shown, f"{type_}.{shown}", path, refs=refs, data=evaluate.value(own), head=head
        )
        yield from _resources(document, path, evaluate, depth + 1)


def _refs(own: Any, path: Path, evaluate: _Evaluator, document: Document) -> Iterator[ByAddress]:
    """What a resource refers to by its type and name, by the id of the part that it is."""
    seen: set[str] = set()
    stack: list[tuple[Any, Path]] = [(own, path)]
    while stack:
        node, where = stack.pop()
        for target in evaluate.referred(node) if isinstance(node, str) else ():
            if target not in seen:
                seen.add(target)
                at_path, line = show(where[len(path) :]), document.line(where)
                yield ByAddress(address=target, path=at_path, line=line)
        if isinstance(node, dict):
            stack.extend((v, (*where, str(k))) for k, v in sorted(node.items(), reverse=True))
        elif isinstance(node, list):
            stack.extend((v, (*where, i)) for i, v in enumerate(node))


class _Evaluator:
    """Template expressions, as far as defaults and variables decide them."""

    def __init__(self, template: dict[str, Any], given: Object | None = None) -> None:
        self._given = given or Object()
        self._parameters = template.get("parameters") or {}
        self._variables = template.get("variables") or {}

    def value(self, node: Any, depth: int = 0) -> Any:
        """Plain data; what only a deployment knows is `Unknown`."""
        if isinstance(node, dict):
            return {k: self.value(v, depth) for k, v in node.items()}
        if isinstance(node, list):
            return [self.value(v, depth) for v in node]
        found = _EXPRESSION.match(node) if isinstance(node, str) else None
        return self._expression(found[1].strip(), depth) if found else node

    def referred(self, text: str) -> Iterator[str]:
        """The `type.name` of each resource that an expression refers to, where both are known."""
        for found in _RESOURCE_ID.finditer(text) if _EXPRESSION.match(text) else ():
            pieces = [
                _plain(self._expression(p, 0)) for p in _arguments(_inside(text[found.end() :]))
            ]
            first = next((i for i, p in enumerate(pieces) if "/" in str(p)), len(pieces))
            type_, names = pieces[first : first + 1], pieces[first + 1 :]
            if type_ and names and all(isinstance(p, str) for p in (*type_, *names)):
                yield f"{type_[0]}.{'/'.join(names)}"

    def _expression(self, text: str, depth: int) -> Any:
        lookup, quoted = _LOOKUP.fullmatch(text), _QUOTED.match(text)
        if depth > 20:
            return Unknown("refers to itself")
        if lookup:
            return self._lookup(lookup[1], lookup[2], depth)
        if quoted:
            return quoted[1].replace("''", "'")
        call = re.fullmatch(r"(concat|format)\((.*)\)", text, re.DOTALL)
        if call:
            pieces = [_plain(self._expression(p, depth + 1)) for p in _arguments(call[2])]
            if all(isinstance(p, (str, int)) for p in pieces):
                return _joined(call[1], list(map(str, pieces)))
            known = [str(p) for p in pieces if isinstance(p, str)]
            if known and known[0].lower().startswith(("http", "@microsoft")):
                return known[0]
        return Unknown(f"is computed: {text[:60]}")

    def _lookup(self, kind: str, name: str, depth: int) -> Any:
        if kind == "variables":
            found = self._variables.get(name)
            return (
                self.value(found, depth + 1)
                if found is not None
                else Unknown(f"the variable {name}")
            )
        parameter = self._parameters.get(name)
        parameter = parameter if isinstance(parameter, dict) else {}
        if str(parameter.get("type", "")).lower().startswith("secure"):
            return Unknown(f"the secure parameter {name}")
        if name in self._given:
            return _placed(self._given[name], self._given.written[name])
        default = parameter.get("defaultValue")
        return (
            self.value(default, depth + 1)
            if default is not None
            else Unknown(f"the parameter {name}, which has no default")
        )


def _plain(value: Any) -> Any:
    """A value without where it is written."""
    return value[0].value if isinstance(value, Options) and value else value


def _placed(value: Any, written: tuple[str, int]) -> Options:
    """A value of a parameter file, with the places of all that is in it."""

    def place(path: Path) -> tuple[str, int]:
        where, node = written, value
        for step in path:
            if not isinstance(node, (Object, List)):
                break
            listed: Mapping[Any, tuple[str, int]] = node.written
            where = listed.get(step, where)
            node = at(node, (step,))
        return where

    return Options([Option(value, place)])


def _inside(text: str) -> str:
    """The text up to the bracket that closes it."""
    depth, quoted = 1, False
    for index, char in enumerate(text):
        quoted ^= char == "'"
        depth += 0 if quoted else {"(": 1, ")": -1}.get(char, 0)
        if depth == 0:
            return text[:index]
    return text


def _arguments(text: str) -> list[str]:
    out, depth, quoted, piece = [], 0, False, ""
    for char in text:
        if char == "'":
            quoted = not quoted
        elif not quoted and char in "([":
            depth += 1
        elif not quoted and char in ")]":
            depth -= 1
        if char == "," and depth == 0 and not quoted:
            out.append(piece.strip())
            piece = ""
        else:
            piece += char
    return [*out, piece.strip()] if piece.strip() else out


def _joined(function: str, pieces: list[str]) -> str:
    if function == "concat" or not pieces:
        return "".join(pieces)
    text = pieces[0]
    for index, piece in enumerate(pieces[1:]):
        text = text.replace("{" + str(index) + "}", piece)
    return text


def bicep_document(text: str) -> tuple[Document, list[Part]]:
    """A Bicep file as a document and its parts. Raises `Unreadable`."""
    read = read_bicep(text)
    return Document({b.name: b.body for b in read.blocks}, read.lines), bicep_parts(read, text)


def bicep_parts(read: BicepFile, text: str, prefix: str = "") -> list[Part]:
    """The resources and module calls of a Bicep file; the prefix says which call they are of."""
    ids = {
        b.name: f"{prefix}{_type(b.type) if b.what == 'resource' else 'module'}.{b.name}"
        for b in read.blocks
    }
    lines = text.splitlines()
    parts = []
    for block in read.blocks:
        if block.existing:
            continue
        source = "\n".join(lines[block.line - 1 : block.end_line])
        refs = tuple(
            ByAddress(address=target, path=name, line=block.line)
            for name in uses_of_names(source)
            for target in _called(name, ids)
            if target != ids[block.name]
        )
        type_ = _type(block.type) if block.what == "resource" else "bicep_module"
        name = block.body.get("name") if isinstance(block.body, dict) else None
        shown = name if isinstance(name, str) else block.name
        part = Part(type_, shown, ids[block.name], (block.name,), refs=refs, data=block.body)
        parts.append(replace(part, inherited=_tags(block, read)))
    return parts


def _called(name: str, ids: Mapping[str, str]) -> list[str]:
    """The ids of what a name means: a block, or each round of one."""
    return [i for n, i in ids.items() if n == name or n.startswith(f"{name}[")]


def _tags(block: Declared, read: BicepFile) -> tuple[Path, ...]:
    """The tags of what a resource without tags of its own is a part of."""
    blocks, seen = {b.name: b for b in read.blocks}, set[str]()
    while not _tagged(block) and block.parent in blocks and block.name not in seen:
        seen.add(block.name)
        block = blocks[block.parent]
    return ((block.name, "tags"),) if seen and _tagged(block) else ()


def _tagged(block: Declared) -> bool:
    return isinstance(block.body, dict) and "tags" in block.body


def _type(text: str) -> str:
    return text.partition("@")[0]
