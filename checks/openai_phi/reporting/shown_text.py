"""Makes text safe to print: what hides or turns characters around is seen, and no line steers a CI system."""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
_COMMAND = re.compile(r"^([^\S\n]*)(?=::|##vso\[|##\[)", re.MULTILINE)


def seen(text: str) -> str:
    """A text in which such characters are codes, `\\u202e`: in JSON they mean the same."""
    return _UNSEEN.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def no_command(text: str) -> str:
    """A text none of whose lines a runner of GitHub or Azure Pipelines takes for a command."""
    return _COMMAND.sub(r"\1\\", text)
