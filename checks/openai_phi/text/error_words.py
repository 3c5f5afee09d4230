"""Says an error in words that show no value."""

from __future__ import annotations


def said(what: str, error: Exception) -> str:
    """What was not done, and the error: its type, with file and reason where it names them; never a value."""
    where, reason = getattr(error, "file", None), getattr(error, "reason", None)
    detail = f" in {where}: {reason}" if where and reason else ""
    if isinstance(error, OSError) and error.filename and not detail:
        detail = f": {error.strerror}: {error.filename}"
    if isinstance(error, MemoryError):
        detail = ": it takes more memory than files of this size may (docs/speed.md, Limits)"
    return f"{what}: {type(error).__name__}{detail}"
