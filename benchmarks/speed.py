"""How long `openai-phi scan` takes beside `checkov` with the same rules: pairs, one after the other.

    python benchmarks/speed.py [DIR] [PAIRS] [CHECKOV_RUNS]

Each pair runs both on DIR (default: the sample), the command first in one and last in the next, so
that what else the machine does falls on both. Of PAIRS (default 3) only the first CHECKOV_RUNS
(default: all) run Checkov too, for folders on which it takes long. Prints every run: seconds on the
clock and of processor time, its children's included. A run of each goes first and is not counted, so
that byte code is written and files are in memory.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
from scan import CHECKS, ROOT, checkov


def once(command: list[str]) -> tuple[float, float]:
    """Seconds on the clock and of processor time of one run."""
    env = {**os.environ, "LOG_LEVEL": "CRITICAL"}
    for name in ("PYTHONDONTWRITEBYTECODE", "CHECKOV_PARALLELIZATION_TYPE"):
        env.pop(name, None)  # as users have it
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, capture_output=True, check=False, env=env)
    clock, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(folder: str, pairs: int, most: int) -> None:
    """Prints the figures."""
    commands = {
        "openai-phi": [str(Path(sys.executable).parent / "openai-phi"), "scan", folder],
        "checkov": [
            *(checkov(), "-d", folder, "--quiet", "--compact"),
            *("--external-checks-dir", str(CHECKS)),
        ],
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for number in range(pairs + 1):
        names = [n for n in commands if n != "checkov" or number <= most]
        for name in names if number % 2 else reversed(names):
            if number == 0 and (name != "checkov" or most == pairs):
                once(commands[name])
            elif number:
                taken[name].append(once(commands[name]))
    print(f"{folder}, load of the machine at the end {os.getloadavg()[0]:.1f}")
    for name, runs in taken.items():
        for what, index in (("clock", 0), ("processor", 1)):
            each = [r[index] for r in runs]
            middle = f"{statistics.median(each):.2f}" if each else "-"
            print(f"{name} {what}: median {middle} s of {' '.join(f'{s:.2f}' for s in each)}")


if __name__ == "__main__":
    where = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "sample_infra")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    main(where, count, int(sys.argv[3]) if len(sys.argv) > 3 else count)
