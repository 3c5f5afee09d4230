"""The command works from the wheel, outside of a checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from scan import ROOT

from command import DAY, Ran, apart

BAD = ROOT / "tests" / "rules" / "phi_reaches_uncovered_endpoint" / "bad"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the wheel puts into an environment."""
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q"]
    subprocess.run([*build, "-w", str(out), str(ROOT)], check=True, capture_output=True)
    (file,) = out.glob("*.whl")
    zipfile.ZipFile(file).extractall(out / "site")
    return out / "site"


def run(installed: Path, elsewhere: Path, *args: str) -> Ran:
    """Runs the wheel's command from a folder that has nothing to do with the project."""
    env = {**os.environ, "PYTHONPATH": str(installed), "OPENAI_PHI_TODAY": DAY}
    command = apart("openai_phi.commands.cli", *args)
    done = subprocess.run(
        command, cwd=elsewhere, env=env, capture_output=True, text=True, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def test_its_entry_point(installed: Path) -> None:
    (file,) = installed.glob("*.dist-info/entry_points.txt")
    assert "openai-phi = openai_phi.commands.cli:main" in file.read_text()


def test_every_command_finds_its_data(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.yaml").write_bytes((BAD / "notes.yaml").read_bytes())
    folder = installed / "openai_phi" / "_checks"
    assert run(installed, tmp_path, "checks-dir").out == f"{folder}\n"
    assert run(installed, tmp_path, "scan").status == 1
    page = (ROOT / "docs" / "rules" / "cover_unproven.md").read_text()
    assert run(installed, tmp_path, "explain", "OAI_COVERAGE_9").out == page
    assert "openai/2024-02" in run(installed, tmp_path, "catalog", "list").out
    assert run(installed, tmp_path, "init").status == 0
    assert run(installed, tmp_path, "validate").status == 0
