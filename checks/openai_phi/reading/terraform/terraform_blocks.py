"""The top-level blocks of Terraform files, told by their braces, without parsing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from openai_phi.reading.terraform.terraform_escapes import of_hcl
from openai_phi.reading.terraform.terraform_json import NotJson, pieces
from openai_phi.reading.terraform.terraform_lexing import closing, marks

_HEAD = re.compile(
    r'^[ \t]*([A-Za-z_][\w-]*)((?:[ \t]*"[^"\n]*"|[ \t]+[A-Za-z_][\w-]*)*)[ \t]*\{', re.MULTILINE
)
_LABEL = re.compile(r'"([^"]*)"|([A-Za-z_][\w-]*)')


class SourceError(Exception):
    """A file or block that cannot be read: `file`, `line` and `reason`; no text of it."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")
        self.file, self.line, self.reason = file, line, reason


@dataclass(frozen=True)
class Block:
    """One top-level block: kind, labels, absolute file, 1-based lines, text."""

    kind: str
    labels: tuple[str, ...]
    file: str
    start: int
    end: int
    text: str


def split(text: str, file: str) -> Iterator[Block]:
    """The blocks of a file in order. Raises SourceError where braces do not match."""
    yield from (_split_json if file.endswith(".json") else _split)(text, file)


def _split_json(text: str, file: str) -> Iterator[Block]:
    try:
        for piece in pieces(text):
            yield Block(piece.kind, piece.labels, file, piece.start, piece.end, piece.text)
    except NotJson as error:
        raise SourceError(file, error.line, error.reason) from None


def _split(text: str, file: str) -> Iterator[Block]:
    position = 0
    while True:
        head = _next_head(text, position)
        if head is None:
            return
        end = closing(text, head.end() - 1)
        if end < 0:
            raise SourceError(
                file, text.count("\n", 0, head.start(1)) + 1, "has a block that does not end"
            )
        labels = tuple(of_hcl(a or b) for a, b in _LABEL.findall(head[2]))
        start = text.count("\n", 0, head.start(1)) + 1
        yield Block(
            head[1],
            labels,
            file,
            start,
            start + text.count("\n", head.start(1), end),
            text[head.start(1) : end + 1],
        )
        position = end + 1


def _next_head(text: str, position: int) -> re.Match[str] | None:
    """The next block's head that is not inside a comment."""
    while True:
        head = _HEAD.search(text, position)
        comment = re.compile(r"/\*.*?\*/", re.DOTALL).search(text, position)
        if head is None or comment is None or head.start() < comment.start():
            return head
        position = comment.end()


_ENTRY = re.compile(r"^[ \t]*\"?([A-Za-z_][\w-]*)\"?[ \t]*=(?![=>])", re.MULTILINE)
_ENTRY_OF_JSON = re.compile(r"(?:^|,)\s*\"([A-Za-z_][\w-]*)\"\s*:", re.MULTILINE)
_IS_KEY = re.compile(r"\s*[=:](?!=)")


def attributes_in(block: Block) -> dict[str, str]:
    """The attributes of a block with their texts, name and all; told by its braces, without parsing.

    What follows an attribute up to the next one counts as its own, nested blocks too.
    """
    json = block.file.endswith(".json")
    outer = _only_at(block.text, json=json)
    found = list((_ENTRY_OF_JSON if json else _ENTRY).finditer(outer))
    ends = [*(m.start() for m in found[1:]), len(block.text)]
    return {m[1]: block.text[m.start() : end] for m, end in zip(found, ends, strict=False)}


def _only_at(text: str, *, json: bool) -> str:
    """A text of the same length in which all that is no attribute of the block itself is blank.

    Of what is quoted only keys stay.
    """
    out: list[str] = []
    depth, at, wanted = 0, 0, 2 if json else 1
    for mark in marks(text, text.find("{"), json=json):
        between, inner = text[at : mark.start], text[mark.start : mark.end]
        out.append(between if depth == wanted else " " * len(between))
        depth += {"{": 1, "}": -1}.get(mark.kind, 0)
        key = depth == wanted and mark.kind == '"' and _IS_KEY.match(text, mark.end)
        out.append(inner if key else "\n" if mark.kind == "{" else " " * len(inner))
        at = mark.end
    return "".join(out)
