"""Runs the command in this process, or as a user does in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scan import CHECKS

DAY = "2026-11-20"


APART = (
    "import os, runpy, sys\n"
    "ours, sys.argv = os.path.realpath(sys.argv[1]), sys.argv[2:]\n"
    "sys.path[:] = [p for p in sys.path if os.path.realpath(p) != ours]\n"
    "run = runpy.run_path if os.path.isfile(sys.argv[0]) else runpy.run_module\n"
    "run(sys.argv[0], run_name='__main__')\n"
)
"""A program that runs a script or module where the checkout's own engine is not installed."""


def apart(program: str, *args: str | Path) -> list[str]:
    """The command line of a script or module for a copy of the product, whose engine is the only one."""
    return [sys.executable, "-c", APART, str(CHECKS), program, *map(str, args)]


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
