"""How names stand in declaration files: as patterns that they fit."""

from __future__ import annotations

import fnmatch


def fits(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern of `*` and `?`; brackets are part of names: `job["night"]`."""
    return name == pattern or fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


def is_pattern(text: str) -> bool:
    """Whether a text may speak of several names."""
    return "*" in text or "?" in text
