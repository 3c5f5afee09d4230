"""Writes constraints.txt from `pip freeze` of one environment for each supported Python."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def frozen(python: str) -> tuple[str, dict[str, str]]:
    """The Python's minor version, and name -> version of all that developing installs on it."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        own = f"{folder}/bin/python"
        pip = [own, "-m", "pip", "--disable-pip-version-check", "-q"]
        subprocess.run([*pip, "install", "-e", f"{ROOT}[dev,mutants]"], check=True)
        ask = "import sys; print('%d.%d' % sys.version_info[:2])"
        version = subprocess.run([own, "-c", ask], check=True, capture_output=True, text=True)
        listed = subprocess.run(
            [*pip, "freeze", "--exclude-editable"], check=True, capture_output=True, text=True
        )
    lines = (line.partition("==") for line in listed.stdout.splitlines())
    return version.stdout.strip(), {name: v for name, same, v in lines if same}


def merged(found: dict[str, dict[str, str]]) -> str:
    """One line for a package of one version everywhere, else one for each Python with a marker."""
    versions: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for python, packages in sorted(found.items(), key=lambda i: int(i[0].partition(".")[2])):
        for name, version in packages.items():
            versions[name][version].append(python)
    out = []
    for name, by_version in sorted(versions.items(), key=lambda i: i[0].lower()):
        for version, pythons in by_version.items():
            marker = " or ".join(f'python_version == "{p}"' for p in pythons)
            everywhere = len(by_version) == 1
            out.append(f"{name}=={version}" + ("" if everywhere else f"; {marker}"))
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print("usage: constraints.py PYTHON...   (one of each supported version)", file=sys.stderr)
        sys.exit(64)
    text = merged(dict(frozen(python) for python in sys.argv[1:]))
    (ROOT / "constraints.txt").write_text(text, encoding="utf-8")
