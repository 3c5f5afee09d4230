"""Conditions of templates on the release and the cluster, which only an installation decides: both ways count."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WAYS = ("true", "false")
_TAG = re.compile(
    r"\{\{-?\s*(?:if|else if)\s+(?P<condition>(?:[^{}\"`]|\"[^\"]*\"|`[^`]*`)+?)\s*-?\}\}"
)
_ASKS = re.compile(
    r"\.Capabilities\b|\.Release\.Is\w+|\.Release\.Revision\b|\.Release\.(?:Namespace|Name)\b"
)
_NAMED = re.compile(r"\.Release\.(?:Namespace|Name)\b")
_CALL = re.compile(r"\([^()]*\)")
_ENDINGS = (".yaml", ".yml", ".tpl", ".json", ".txt", ".toml")


def conditional(text: str) -> bool:
    """Whether a template asks what release or cluster it is installed as."""
    return any(_decides(m["condition"]) for m in _TAG.finditer(text))


def _decides(condition: str) -> bool:
    """A name that is only compared with what the chart computes, as helpers do, decides nothing."""
    if _ASKS.search(condition) is None:
        return False
    only_name = _NAMED.search(condition) and not re.search(
        r"\.Capabilities\b|\.Release\.(Is|Rev)", condition
    )
    return not only_name or '"' in condition or "`" in condition


def decided(text: str, way: str) -> str:
    """A template whose conditions on the release and the cluster end one way."""

    def one(found: re.Match[str]) -> str:
        condition = found["condition"]
        if not _decides(condition):
            return found[0]
        start = found.start("condition") - found.start()
        return f"{found[0][:start]}{_filled(condition, way)}{found[0][start + len(condition) :]}"

    return _TAG.sub(one, text)


def _filled(condition: str, way: str) -> str:
    """The innermost calls that ask for it replaced, and the whole where none is left to decide by."""
    before = ""
    while before != condition:
        before = condition
        condition = _CALL.sub(lambda c: way if _decides(c[0]) else c[0], condition)
    return way if _decides(condition) else condition


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
                if ".Capabilities" in text or ".Release." in text:
                    path.write_text(decided(text, way), encoding="utf-8")
        yield copy
