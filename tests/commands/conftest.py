"""Runs the command in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from command import Ran
from openai_phi.commands import cli


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command in this process."""

    def command(*args: str | Path) -> Ran:
        capsys.readouterr()
        status = cli.run([str(a) for a in args])
        said = capsys.readouterr()
        return Ran(status, said.out, said.err)

    return command
