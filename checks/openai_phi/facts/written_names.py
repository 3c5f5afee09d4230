"""How names stand in declaration files: as patterns that they fit, and as YAML that can be pasted."""

from __future__ import annotations

import fnmatch
import json
import re

_WORDS = ("null", "true", "false", "yes", "no", "on", "off")
_PLAIN = re.compile(r"[^\W\d_][\w./…-]*|/[\w./…-]+|…")


def fits(name: str, pattern: str) -> bool:
    """Whether a name fits a pattern of `*` and `?`; brackets are part of names: `job["night"]`."""
    return name == pattern or fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


def is_pattern(text: str) -> bool:
    """Whether a text may speak of several names."""
    return "*" in text or "?" in text


def scalar(text: str) -> str:
    """A text as YAML on one line: quoted unless it is plain."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=not text.isprintable())
