"""Scans a folder with the real checkov and our checks; renders charts also where no helm is installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = ROOT / "checks"
sys.path.insert(0, str(CHECKS))


def checkov() -> str:
    """The checkov beside this Python, else the one on PATH."""
    beside = Path(sys.executable).parent / "checkov"
    return str(beside) if beside.exists() else "checkov"


def scan(
    folder: str, *args: str, capture: bool = False, **more: str
) -> subprocess.CompletedProcess[str]:
    """Runs checkov on a folder with our rules alone; `more` are variables of its environment."""
    env = {**os.environ, "LOG_LEVEL": os.environ.get("LOG_LEVEL", "ERROR"), **more}
    command = [
        checkov(),
        "-d",
        os.path.abspath(folder),
        "--external-checks-dir",
        str(CHECKS),
        "--skip-download",
    ]
    if not any(a in ("-c", "--check") for a in args):
        command += ["--check", "OAI_*"]
    with ExitStack() as stack:
        if shutil.which("helm") is None and importlib.util.find_spec("helm_python") is not None:
            from openai_phi.reading.charts.helm_renderer import JOURNAL, temporary_folder

            folder = stack.enter_context(temporary_folder())
            env["PATH"] = folder + os.pathsep + env.get("PATH", "")
            env[JOURNAL] = os.path.join(folder, "journal.jsonl")
        return subprocess.run(
            [*command, *args], env=env, capture_output=capture, text=True, check=False
        )


if __name__ == "__main__":
    if len(sys.argv) < 2 or not os.path.isdir(sys.argv[1]):
        print("usage: scan.py FOLDER [checkov's options]", file=sys.stderr)
        sys.exit(64)
    status = scan(sys.argv[1], *sys.argv[2:]).returncode
    print(f"checkov exited with {status}", file=sys.stderr)
    sys.exit(status)
