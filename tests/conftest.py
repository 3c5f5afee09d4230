"""Fixtures that every test may use."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scan import scan

Found = set[tuple[str, str, str]]
# each process that a test starts would compile the engine again, and Checkov starts twenty
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(autouse=True)
def _fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests judge on one day, so that they pass on any."""
    monkeypatch.setenv("OPENAI_PHI_TODAY", "2026-11-20")
    monkeypatch.delenv("OPENAI_PHI_POLICY", raising=False)


@pytest.fixture
def failed() -> Callable[..., list[dict[str, Any]]]:
    """Runs the real checkov on a folder and gives its failed checks."""

    def run(folder: Path, *args: str, **env: str) -> list[dict[str, Any]]:
        output = scan(str(folder), "-o", "json", *args, capture=True, **env)
        data = json.loads(output.stdout)
        reports = data if isinstance(data, list) else [data]
        return [c for r in reports for c in r.get("results", {}).get("failed_checks", [])]

    return run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says at the end which tests did not run and why, so that a green run does not hide them."""
    skipped = terminalreporter.getreports("skipped")
    if not skipped:
        return
    terminalreporter.section("did not run")
    for report in skipped:
        why = report.longrepr[-1] if isinstance(report.longrepr, tuple) else ""
        terminalreporter.line(f"{report.nodeid}: {str(why).removeprefix('Skipped: ')}")
