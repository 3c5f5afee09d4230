"""What a text of HCL holds before it is parsed: comments, quoted texts, heredocs and braces, wherever they lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from openai_phi.reading.terraform.terraform_templates import is_template, quoted_end

_MARK = re.compile(
    r'"|#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)|<<(?P<trim>-?)(?P<word>[^\W\d][\w.-]*)[ \t]*\n|[{}]',
    re.DOTALL,
)
_SIMPLE = re.compile(r'"[^"\\$%\n]*"')
_JSON = re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL)
_EXPONENT = re.compile(r"(?<![\w.])\d+(?:\.\d+)?[eE][+-]?\d{1,3}(?![\w.])")
_SPREAD = re.compile(r"\.\.\.(\s*\))")
SPREAD = "\ue001"
"""What the parser is given in the place of the dots after a call's last argument, which it forgets."""
PLACE = "\ue000"
"""What begins a quoted text that stands for another one, by its number."""


@dataclass(frozen=True)
class Mark:
    """A comment, a quoted text, a heredoc or a brace, and where it stands."""

    kind: str
    start: int
    end: int
    trim: bool = False


@dataclass(frozen=True)
class Written:
    """A text as it is written: what stands between its quotes, or the lines of a heredoc."""

    text: str
    heredoc: bool = False
    json: bool = False


def marks(text: str, position: int = 0, *, json: bool = False) -> Iterator[Mark]:
    """What stands in a text from a position on."""
    while found := _MARK.search(text, position):
        kind, trim = found[0][0], False
        position = found.end()
        if kind == '"':
            position = _after_quoted(text, found.start(), json)
        elif kind == "<":
            position, trim = _after_heredoc(text, found), bool(found["trim"])
        elif kind in "#/":
            kind = "#"
        yield Mark(kind, found.start(), position, trim)


def _after_quoted(text: str, start: int, json: bool) -> int:
    simple = (_JSON if json else _SIMPLE).match(text, start)
    return simple.end() if simple else min(quoted_end(text, start + 1) + 1, len(text))


def _after_heredoc(text: str, head: re.Match[str]) -> int:
    last = re.compile(rf"^[ \t]*{re.escape(head['word'])}[ \t]*$", re.MULTILINE)
    end = last.search(text, head.end())
    return end.end() if end else len(text)


def closing(text: str, opening: int) -> int:
    """Where the brace stands that closes another one; below 0 where none does."""
    depth = 0
    for mark in marks(text, opening):
        depth += {"{": 1, "}": -1}.get(mark.kind, 0)
        if depth == 0:
            return mark.start
    return -1


def simplified(text: str, held: list[Written], *, json: bool = False) -> str:
    """A text with as many lines in which templates and heredocs are numbers of what is added to `held`.

    So that what parses it need not know what they may hold.
    """
    out: list[str] = []
    at = 0
    for mark in marks(text, json=json):
        whole = text[mark.start : mark.end]
        out.append(_code(text[at : mark.start]))
        at = mark.end
        written = _written(whole, mark, json)
        if written is None:
            out.append(whole)
        else:
            held.append(written)
            out.append(f'"{PLACE}{len(held) - 1}{chr(10) * whole.count(chr(10))}"')
    out.append(_code(text[at:]))
    return "".join(out)


def _code(text: str) -> str:
    return _SPREAD.sub(rf', "{SPREAD}"\1', _EXPONENT.sub(_digits, text))


def _digits(found: re.Match[str]) -> str:
    """A number without an exponent, which the parser does not take."""
    return f"{Decimal(found[0]):f}"


def _written(whole: str, mark: Mark, json: bool) -> Written | None:
    if mark.kind == '"':
        return Written(whole[1:-1], json=json) if is_template(whole) else None
    if mark.kind != "<":
        return None
    return Written(_lines(whole, mark.trim), heredoc=True)


def _lines(whole: str, trim: bool) -> str:
    """The text of a heredoc without its markers; `<<-` takes the common indentation away."""
    lines = whole.split("\n")[1:-1]
    if trim:
        indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
        cut = min(indents, default=0)
        lines = [line[cut:] for line in lines]
    return "\n".join(lines) + "\n"
