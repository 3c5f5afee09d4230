"""Templates of Terraform taken apart: literal text, interpolations, conditions and loops."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from openai_phi.reading.terraform.terraform_escapes import of_hcl

MAX_NESTING = 30


@dataclass(frozen=True)
class Interpolation:
    """`${…}`: the text of an expression."""

    expression: str


@dataclass
class Choice:
    """`%{ if … }`: what stands there if the condition holds, and what if not."""

    condition: str
    then: list[Piece] = field(default_factory=list)
    otherwise: list[Piece] = field(default_factory=list)


@dataclass
class Loop:
    """`%{ for … }`: the names that are bound for each item, what it goes over, and what it repeats."""

    names: list[str]
    over: str
    body: list[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class Broken:
    """A directive that does not fit where it stands."""


Piece = str | Interpolation | Choice | Loop | Broken
_FOR = re.compile(r"for\s+([A-Za-z_][\w-]*)(?:\s*,\s*([A-Za-z_][\w-]*))?\s+in\s+(.+)", re.DOTALL)


def is_template(text: str) -> bool:
    """Whether a text holds anything but itself."""
    return "${" in text or "%{" in text


def parsed(text: str, *, quoted: bool = False) -> list[Piece]:
    """The pieces of a template; of one that is `quoted` the escapes are undone in what is literal."""
    tokens = _trimmed(list(_tokens(text)), of_hcl if quoted else lambda t: t)
    out: list[Piece] = []
    if not _take(iter(tokens), out, (), 0):
        out.append(Broken())
    return out


def literal(text: str) -> str:
    """A quoted text without interpolations."""
    return of_hcl(text)


def quoted_end(text: str, position: int) -> int:
    """Where a quoted text ends that starts at a position, or the end of all."""
    while position < len(text):
        if text[position] == '"':
            return position
        if text[position] == "\\":
            position += 2
        elif text.startswith(("$${", "%%{"), position):
            position += 3
        elif text.startswith(("${", "%{"), position):
            position = expression_end(text, position + 2) + 1
        else:
            position += 1
    return len(text)


def expression_end(text: str, position: int) -> int:
    """Where the brace stands that ends an expression in a template, or the end of all."""
    depth = 0
    while position < len(text):
        char = text[position]
        if char == '"':
            position = quoted_end(text, position + 1)
        elif char == "{":
            depth += 1
        elif char == "}":
            if depth == 0:
                return position
            depth -= 1
        position += 1
    return len(text)


@dataclass(frozen=True)
class _Token:
    """A literal, or what stands between the braces of `${` or `%{`."""

    kind: str
    text: str
    before: bool = False
    after: bool = False
    """Whether the white space before or after is taken away."""


def _tokens(text: str) -> Iterator[_Token]:
    position, start, held = 0, 0, ""
    while position < len(text):
        if text.startswith(("$${", "%%{"), position):
            held += text[start:position] + text[position + 1 : position + 3]
            position = start = position + 3
        elif text.startswith(("${", "%{"), position):
            end = expression_end(text, position + 2)
            inner = text[position + 2 : end]
            yield _Token("", held + text[start:position])
            words = inner.removeprefix("~").removesuffix("~").strip()
            yield _Token(text[position], words, inner.startswith("~"), inner.endswith("~"))
            position = start = end + 1
            held = ""
        else:
            position += 1
    yield _Token("", held + text[start:])


def _trimmed(tokens: list[_Token], undone: Callable[[str], str]) -> list[_Token]:
    out: list[_Token] = []
    for index, token in enumerate(tokens):
        if token.kind:
            out.append(token)
            continue
        text = token.text
        if index and tokens[index - 1].after:
            text = text.lstrip()
        if index + 1 < len(tokens) and tokens[index + 1].before:
            text = text.rstrip()
        if text:
            out.append(_Token("", undone(text)))
    return out


def _take(tokens: Iterator[_Token], out: list[Piece], until: tuple[str, ...], depth: int) -> str:
    """Takes pieces into `out` up to one of these directives; gives it, or that all is taken."""
    for token in tokens:
        word = token.text.split(None, 1)[0] if token.text.strip() else ""
        if token.kind == "":
            out.append(token.text)
        elif token.kind == "$":
            out.append(Interpolation(token.text))
        elif word in until:
            return word
        elif word == "if" and depth < MAX_NESTING:
            if not _choice(tokens, token, out, depth):
                return ""
        elif word == "for" and depth < MAX_NESTING and (found := _FOR.fullmatch(token.text)):
            loop = Loop([n for n in found.groups()[:2] if n], found[3])
            out.append(loop)
            if not _take(tokens, loop.body, ("endfor",), depth + 1):
                return ""
        else:
            return ""
    return "" if until else "all"


def _choice(tokens: Iterator[_Token], token: _Token, out: list[Piece], depth: int) -> bool:
    choice = Choice(token.text[2:].strip())
    out.append(choice)
    end = _take(tokens, choice.then, ("else", "endif"), depth + 1)
    if end == "else":
        end = _take(tokens, choice.otherwise, ("endif",), depth + 1)
    return bool(end)
