"""Bounds what a program that a scan starts, helm or kustomize, may take of memory and processor time."""

from __future__ import annotations

import os
from collections.abc import Sequence

MEMORY_VARIABLE = "OPENAI_PHI_CHILD_MEMORY_MB"
SECONDS_VARIABLE = "OPENAI_PHI_CHILD_SECONDS"
_MEMORY_MB = 1024
_SECONDS = 60
_SHELL = 'ulimit -d "$1" 2>/dev/null; ulimit -t "$2" 2>/dev/null; shift 2; exec "$@"'


def seconds() -> int:
    """How many seconds a program may run, by the clock and by the processor's."""
    return _given(SECONDS_VARIABLE, _SECONDS)


def memory_mb() -> int:
    """How much memory of its own a program may take, in MB."""
    return _given(MEMORY_VARIABLE, _MEMORY_MB)


def limited(command: Sequence[str]) -> list[str]:
    """The command that runs a command within the limits; where no shell can set any, the command itself."""
    if os.name != "posix":
        return list(command)
    kilobytes = str(memory_mb() * 1024)
    return ["/bin/sh", "-c", _SHELL, "sh", kilobytes, str(seconds()), *command]


def _given(variable: str, default: int) -> int:
    """A whole number above zero that the environment gives, else the default."""
    said = os.environ.get(variable, "")
    return int(said) if said.isascii() and said.isdigit() and int(said) else default
