"""Refuses to judge where more than one engine is on the path: Python would mix their modules."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

PACKAGE = "openai_phi"


class MoreThanOneEngine(Exception):
    """Two engines are on the path; `file` names both places, `reason` what to do."""

    def __init__(self, places: Iterable[Path]) -> None:
        self.file = " and ".join(map(str, places))
        self.reason = (
            "more than one openai-phi engine is on the path, and Python would take modules of both; "
            "uninstall one, or scan with the checks folder that belongs to the other"
        )
        super().__init__(f"{self.file}: {self.reason}")


def engines() -> tuple[Path, ...]:
    """The folders on the path that hold an engine, each once, the one that runs first."""
    found: dict[Path, None] = {}
    for entry in sys.modules[PACKAGE].__path__:
        folder = Path(entry).resolve()
        if any(folder.glob("*.py")) or any(folder.glob("*/*.py")):
            found[folder] = None
    return tuple(found)


def refuse_two_engines() -> None:
    """Raises MoreThanOneEngine where the namespace is made of more than one engine."""
    found = engines()
    if len(found) > 1:
        raise MoreThanOneEngine(found)
