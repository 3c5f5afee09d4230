"""Writes beside each example of a rule what it is told, word by word: place, message, way and fix."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "tests" / "rules"
DAY = "2026-11-20"
"""The day that tests judge on."""


def said(records: Iterable[Any], *, rule: str = "") -> str:
    """What the findings of an example say, those of one rule alone if it is named."""
    return "\n".join(_finding(r) for r in records if rule in ("", r.check_id))


def _finding(record: Any) -> str:
    start, end = record.file_line_range
    place = f"{record.file_path.lstrip('/')}:{start}" + (f"-{end}" if end != start else "")
    head = f"{record.check_id} {record.severity.name} {record.resource} at {place}"
    return "\n".join([head, *(f"  {line}".rstrip() for line in _lines(record.details)), ""])


def _lines(details: Iterable[str]) -> list[str]:
    return [line for detail in details for line in detail.splitlines()]


def snapshots(folder: Path) -> dict[Path, str]:
    """File -> what it holds, for the examples of one rule; kinds without a finding have no file."""
    from inprocess import found

    kinds = sorted(d for d in folder.iterdir() if d.is_dir())
    told = {d.with_suffix(".txt"): said(found(d)) for d in kinds}
    return {file: text for file, text in told.items() if text}


def write(folder: Path) -> None:
    """Writes the snapshots of one rule, and takes away those that nothing says any more."""
    for old in folder.glob("*.txt"):
        old.unlink()
    for file, text in snapshots(folder).items():
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts")]
    os.environ["OPENAI_PHI_TODAY"] = DAY
    os.environ.pop("OPENAI_PHI_POLICY", None)
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    names = sys.argv[1:] or sorted(d.name for d in EXAMPLES.iterdir() if d.is_dir())
    for each in names:
        if each != "__pycache__":
            write(EXAMPLES / each)
