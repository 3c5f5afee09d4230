"""Runs the command in this process, or as a user does in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

DAY = "2026-11-20"


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str


def started(*args: str | Path, cwd: Path | None = None, **env: str) -> Ran:
    """Runs the installed command in a process of its own."""
    whole = {**os.environ, "OPENAI_PHI_TODAY": DAY, **env}
    done = subprocess.run(
        [str(Path(sys.executable).parent / "openai-phi"), *map(str, args)],
        capture_output=True,
        text=True,
        env=whole,
        cwd=cwd,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
