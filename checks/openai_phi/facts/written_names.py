"""How names stand in declaration files: as patterns that they fit."""

from __future__ import annotations

import fnmatch
import re

_WHATEVER = "\0"
"""A name that nothing has: what fits it fits whatever comes later."""
ANY_FILE = "**"
"""The pattern that every path fits."""
_PART = re.compile(r"(?:[^.\[]|\[[^\]]*\]?)+")


def fits(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern of `*` and `?`; brackets are part of names: `job["night"]`."""
    return name == pattern or fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


def fits_path(path: str, pattern: str) -> bool:
    """Whether a path fits a pattern, or lies below a folder that does: `*` is within a folder, `**` across."""
    parts = re.split(r"(\*\*|\*|\?)", pattern.removeprefix("./").strip("/"))
    known = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    written = "".join(known.get(p) or re.escape(p) for p in parts)
    return re.fullmatch(f"{written}(?:/.*)?", path) is not None


def is_pattern(text: str) -> bool:
    """Whether a text may speak of several names."""
    return "*" in text or "?" in text


def fits_any_name(name: str, pattern: str) -> bool:
    """Whether a pattern fits this name by what stands before its last part alone: `Deployment.a*` of `Deployment.a.notes`."""
    if not is_pattern(pattern):
        return False
    parts = _PART.findall(name)
    return fits(".".join((*parts[:-1], _WHATEVER)), pattern)


def fits_any_of_kind(name: str, pattern: str) -> bool:
    """Whether a pattern fits this name by its kind or type alone: `Dep*` of `Deployment.a.notes`."""
    if not is_pattern(pattern):
        return False
    parts = _PART.findall(name)
    kind = parts[:1] if len(parts) > 1 else []
    return fits(".".join((*kind, *(_WHATEVER for _ in parts[1:] or parts))), pattern)
