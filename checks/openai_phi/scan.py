"""Runs Checkov in this process over all frameworks, joins what their graphs hold, writes the inventory.

python -m openai_phi.scan DIR --json FILE
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openai_phi.analysis import Inputs
from openai_phi.inventory import as_text, of_result
from openai_phi.results import Result, result_of
from openai_phi.rule import Rule


class ScanBroken(Exception):
    """Checkov, or our part in it, did not do what the scan needs; the message names the cause."""


def checks_folder() -> Path:
    """The folder for `--external-checks-dir`: beside the engine in a checkout, within it in a wheel."""
    here = Path(__file__).resolve().parent
    return here / "_checks" if (here / "_checks").is_dir() else here.parent


@dataclass(frozen=True)
class Collected:
    """What Checkov's run left: the inputs of each framework, the rules that loaded, the frameworks."""

    inputs: tuple[Inputs, ...]
    rules: tuple[Rule, ...]
    frameworks: tuple[str, ...]


def collect(folder: str, frameworks: tuple[str, ...] = ()) -> Collected:
    """What each framework of a scan of this folder gives to judge. Raises `ScanBroken`.

    Checkov runs its runners one after the other in this process, so it must not have been imported
    with another kind of parallelization before.
    """
    os.environ["CHECKOV_PARALLELIZATION_TYPE"] = "none"
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    with _helm():
        from checkov.main import Checkov

        from openai_phi import bridge

        bridge.collected = []
        argv = ["-d", os.path.abspath(folder), "--external-checks-dir", str(checks_folder())]
        argv += ["--check", "OAI_*", "--skip-download", "--quiet", "-o", "json"]
        argv += [a for f in frameworks for a in ("--framework", f)]
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                checkov = Checkov(argv)
                checkov.run()
        except (Exception, SystemExit) as error:
            raise ScanBroken(f"Checkov stopped: {type(error).__name__}") from error
        found, bridge.collected = bridge.collected, None
        rules = bridge.published()
    missing = _expected() - {r.id for r in rules}
    if missing:
        raise ScanBroken(f"rules that did not load: {', '.join(sorted(missing))}")
    ran = sorted({str(r.check_type) for r in checkov.scan_reports})
    return Collected(tuple(found), rules, tuple(ran))


def _expected() -> set[str]:
    """The ids of the rules in the checks folder, as their files name them."""
    ids = set()
    for file in checks_folder().glob("*.py"):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith('    id = "OAI_'):
                ids.add(line.split('"')[1])
    return ids


@contextlib.contextmanager
def _helm() -> Iterator[None]:
    """A stand-in for helm on PATH where none is installed and the SDK is."""
    from importlib.util import find_spec

    if shutil.which("helm") is not None or find_spec("helm_python") is None:
        yield
        return
    from openai_phi.helm_renderer import JOURNAL, temporary_folder

    before = dict(os.environ)
    with temporary_folder() as folder:
        os.environ["PATH"] = folder + os.pathsep + os.environ.get("PATH", "")
        os.environ[JOURNAL] = os.path.join(folder, "journal.jsonl")
        try:
            yield
        finally:
            for name in ("PATH", JOURNAL):
                if name in before:
                    os.environ[name] = before[name]
                else:
                    os.environ.pop(name, None)


def judge(folder: str) -> Result:
    """The result of a scan of a folder, over all frameworks. Raises `ScanBroken`."""
    found = collect(folder)
    if not found.inputs:
        raise ScanBroken("Checkov read nothing")
    root = Path(os.path.abspath(folder))
    return result_of(root, found.inputs, found.rules, found.frameworks)


def scan(folder: str) -> dict[str, Any]:
    """The inventory of a folder, over all frameworks. Raises `ScanBroken`."""
    return of_result(judge(folder))


def main(argv: list[str] | None = None) -> int:
    """The command: 0 if the inventory was written, 2 if the scan broke, 64 for wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m openai_phi.scan", description=__doc__)
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("--json", metavar="FILE", required=True, help="- for standard output")
    try:
        given = parser.parse_args(argv)
    except SystemExit as error:
        return 64 if error.code else 0
    if not os.path.isdir(given.folder):
        print(f"{given.folder} is not a folder", file=sys.stderr)
        return 64
    try:
        text = as_text(scan(given.folder))
    except ScanBroken as error:
        print(str(error), file=sys.stderr)
        return 2
    if given.json == "-":
        sys.stdout.write(text)
    else:
        Path(given.json).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
