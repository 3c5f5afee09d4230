"""Conditions of templates on the release and the cluster, which only an installation decides: both ways count."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WAYS = ("true", "false")
_ACTION = re.compile(
    r"\{\{-?\s*(?!/\*)(?P<what>(?:else\s+)?if\s+|\$\w+\s*:?=\s*)?"
    r"(?P<said>(?:[^{}\"`]|\"(?:[^\"\\]|\\.)*\"|`[^`]*`)+?)\s*-?\}\}"
)
_ASKS = re.compile(
    r"\.Capabilities\b|\.Release\.Is\w+|\.Release\.Revision\b|\.Release\.(?:Namespace|Name)\b"
    r"|\blookup\s+[\"`]"
)
_NAMED = re.compile(r"\.Release\.(?:Namespace|Name)\b")
_TERM = re.compile(r"\"(?:[^\"\\]|\\.)*\"|`[^`]*`|[()|]|[^\s()|\"`]+")
_FLAG = re.compile(r"\$?\.Release\.Is(?:Upgrade|Install)")
_JOINS = ("and", "or", "not")
_TELLS = frozenset(
    {*_JOINS, "eq", "ne", "lt", "le", "gt", "ge", "has", "hasKey", "hasPrefix", "hasSuffix"}
    | {"contains", "empty", "semverCompare", "regexMatch", "mustRegexMatch", "any", "all"}
    | {".Capabilities.APIVersions.Has", "$.Capabilities.APIVersions.Has"}
    | {f"{of}Release.Is{what}" for of in (".", "$.") for what in ("Upgrade", "Install")}
)
"""Functions of templates that give true or false."""
_ENDINGS = (".yaml", ".yml", ".tpl", ".json", ".txt", ".toml")


@dataclass(frozen=True)
class _Call:
    """A call in a template: where it stands, its terms in their places, and whether it goes through a pipe."""

    start: int
    end: int
    terms: tuple[tuple[str, int, int] | _Call, ...]
    piped: bool = False

    @property
    def head(self) -> str:
        first = self.terms[0] if self.terms else ""
        return first[0] if isinstance(first, tuple) else ""


def conditional(text: str) -> bool:
    """Whether a template asks what release or cluster it is installed as."""
    return any(decided(text, way) != text for way in WAYS)


def _decides(condition: str) -> bool:
    """A name that is only compared with what the chart computes, as helpers do, decides nothing."""
    if _ASKS.search(condition) is None:
        return False
    only_name = _NAMED.search(condition) and not re.search(
        r"\.Capabilities\b|\.Release\.(Is|Rev)|\blookup\b", condition
    )
    return not only_name or '"' in condition or "`" in condition


def decided(text: str, way: str) -> str:
    """A template whose conditions on the release and the cluster end one way."""

    def one(found: re.Match[str]) -> str:
        said = found["said"]
        if not _decides(said):
            return found[0]
        asked = found["what"] is not None and "if" in found["what"].split()
        at = found.start("said") - found.start()
        return f"{found[0][:at]}{_filled(said, way, asked)}{found[0][at + len(said) :]}"

    return _ACTION.sub(one, text)


def _filled(said: str, way: str, asked: bool) -> str:
    """An expression with all in it decided that tells true from false by the release or the cluster."""
    segments = _segments(said)
    alone = len(segments) == 1
    spans = [
        span
        for call in segments
        for span in _spans(
            call, said, (asked and alone) or (call.head in _TELLS and not call.piped)
        )
    ]
    if asked and not alone and _decides(said):
        return way  # a condition that goes through a pipe, as in `… | has "x"`
    for start, end in sorted(spans, reverse=True):
        said = f"{said[:start]}{way}{said[end:]}"
    return said


def _spans(call: _Call, said: str, asked: bool) -> Iterator[tuple[int, int]]:
    """Where parts of a call stand that are to be replaced: `asked` if it only tells true from false."""
    if not _decides(said[call.start : call.end]):
        return
    inner = [t for t in call.terms if isinstance(t, _Call)]
    if asked and (call.head in _JOINS or (len(call.terms) == 1 and inner)):
        for term in call.terms[0 if inner and len(call.terms) == 1 else 1 :]:
            if isinstance(term, _Call):
                yield from _spans(term, said, True)
            elif _decides(term[0]):
                yield term[1], term[2]
    elif asked:
        yield call.start, call.end
    else:
        for term in call.terms:
            if isinstance(term, _Call):
                yield from _spans(term, said, term.head in _TELLS)
            elif _FLAG.fullmatch(term[0]):
                yield term[1], term[2]


def _segments(said: str) -> list[_Call]:
    """The calls of an expression that a pipe joins, in order."""
    tokens = [(m[0], m.start(), m.end()) for m in _TERM.finditer(said)]
    out: list[_Call] = []
    at = 0
    while at < len(tokens):
        call, at = _call(tokens, at, bool(out))
        out.append(call)
        at += 1  # the pipe, or a parenthesis too many
    return out


def _call(
    tokens: list[tuple[str, int, int]], at: int, piped: bool, depth: int = 0
) -> tuple[_Call, int]:
    terms: list[tuple[str, int, int] | _Call] = []
    first = at
    while at < len(tokens) and (tokens[at][0] not in "|)" or (depth and tokens[at][0] == "|")):
        word, start, end = tokens[at]
        if word == "(" and depth < _DEEPEST:
            inner, at = _call(tokens, at + 1, False, depth + 1)
            last = tokens[at][2] if at < len(tokens) else inner.end
            terms.append(_Call(start, last, inner.terms))
        else:
            terms.append((word, start, end))
        at += 1
    begin = tokens[first][1] if first < len(tokens) else 0
    ends = [t.end if isinstance(t, _Call) else t[2] for t in terms]
    return _Call(begin, max(ends, default=begin), tuple(terms), piped), at


_DEEPEST = 20


@contextmanager
def chart_decided(chart: str, way: str) -> Iterator[str]:
    """The chart's folder; of one that is to be decided a copy, while it is open."""
    if not way:
        yield chart
        return
    with tempfile.TemporaryDirectory(prefix="openai-phi-chart-") as folder:
        copy = os.path.join(folder, os.path.basename(os.path.abspath(chart)))
        leave = shutil.ignore_patterns(".git")
        shutil.copytree(chart, copy, ignore=leave, ignore_dangling_symlinks=True)
        for path in sorted(Path(copy).rglob("*")):
            if "templates" in path.parts and path.suffix in _ENDINGS and path.is_file():
                text = path.read_text("utf-8", errors="replace")
                if _ASKS.search(text):
                    path.write_text(decided(text, way), encoding="utf-8")
        yield copy
