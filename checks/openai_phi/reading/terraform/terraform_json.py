"""Terraform in JSON: its blocks as the text of HCL objects, line by line, so that one evaluator reads both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from lark import Token, Tree

from openai_phi.text.documents import LOADER

LABELS = {
    "resource": 2,
    "data": 2,
    "module": 1,
    "variable": 1,
    "output": 1,
    "provider": 1,
    "locals": 0,
}
"""How many labels a block of each kind has; blocks of other kinds say nothing here."""


class NotJson(Exception):
    """A text that is no Terraform in JSON: the 1-based line and why."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@dataclass(frozen=True)
class Piece:
    """One block: kind, labels, 1-based lines, and its object as the text of a block of HCL."""

    kind: str
    labels: tuple[str, ...]
    start: int
    end: int
    text: str


def pieces(text: str) -> Iterator[Piece]:
    """The blocks of a file in order. Raises `NotJson`."""
    spaced = text.replace("\t", " ")
    try:
        top = yaml.compose(spaced, Loader=LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise NotJson(mark.line + 1 if mark else 1, "does not parse as JSON") from None
    except RecursionError:
        raise NotJson(1, "nests too deep") from None
    for top_node in _objects(top):
        for kind, node in _entries(top_node):
            if kind in LABELS:
                yield from _labelled(kind, (), node, LABELS[kind], spaced)


def _labelled(
    kind: str, labels: tuple[str, ...], node: yaml.Node, more: int, text: str
) -> Iterator[Piece]:
    for inner in _objects(node):
        if more:
            for label, below in _entries(inner):
                yield from _labelled(kind, (*labels, label), below, more - 1, text)
        else:
            whole = text[inner.start_mark.index : inner.end_mark.index]
            heads = " ".join([kind, *(f'"{label}"' for label in labels)])
            first, last = inner.start_mark.line + 1, inner.end_mark.line + 1
            yield Piece(kind, labels, first, last, f"{heads} {{ object = {whole}\n}}")


def _objects(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    """The objects of a value that is one, or a list of some. Raises `NotJson` where it is neither."""
    for item in node.value if isinstance(node, yaml.SequenceNode) else [node]:
        if isinstance(item, yaml.MappingNode):
            yield item
        elif item is not None and str(item.value).lower() != "null":
            raise NotJson(item.start_mark.line + 1, "has a value where an object belongs")


def _entries(node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
    yield from ((str(k.value), v) for k, v in node.value if k.value != "//")


def as_body(body: Tree[Token]) -> Tree[Token]:
    """The parsed body of a piece with the entries of its object as attributes."""
    held = next((c for c in body.children if isinstance(c, Tree)), None)
    while isinstance(held, Tree) and held.data != "object":
        held = held.children[-1] if held.children else None
    attributes: list[Tree[Token] | Token] = []
    for element in held.children if isinstance(held, Tree) else ():
        if isinstance(element, Tree) and element.data == "object_elem":
            name = next(t for t in element.children[0].scan_values(_is_token))
            attributes.append(
                Tree("attribute", [Token("NAME", str(name)), element.children[-1]], element.meta)
            )
    return Tree("body", attributes, body.meta)


def _is_token(item: object) -> bool:
    return isinstance(item, Token)
