"""Says an error in words that show no value."""

from __future__ import annotations

import traceback


def said(what: str, error: Exception) -> str:
    """What was not done, and the error: its type, with file and reason where it names them; never a value."""
    where, reason = getattr(error, "file", None), getattr(error, "reason", None)
    detail = f" in {where}: {reason}" if where and reason else ""
    if isinstance(error, OSError) and error.filename and not detail:
        detail = f": {error.strerror}: {error.filename}"
    if isinstance(error, MemoryError):
        detail = ": it takes more memory than files of this size may (docs/speed.md, Limits)"
    return f"{what}: {type(error).__name__}{detail}"


def way_of(error: BaseException) -> str:
    """Where an error came from, for a log: its type and each step to it. Its text may quote a value, and is left out."""
    steps = traceback.extract_tb(error.__traceback__)
    way = (f"  {step.filename}:{step.lineno} in {step.name}" for step in steps)
    return "\n".join([type(error).__name__, *way])
