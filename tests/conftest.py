"""Fixtures that every test may use."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
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


_SLOW = pytest.StashKey[int]()


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Counts the tests that are left to `make slow`."""
    for item in items:
        if item.get_closest_marker("slow"):
            item.config.stash[_SLOW] = item.config.stash.get(_SLOW, 0) + 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells its count to the process that reports; every worker has the same."""
    told: dict[str, int] | None = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["slow"] = session.config.stash.get(_SLOW, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes a worker's count."""
    told = getattr(node, "workeroutput", {})
    node.config.stash[_SLOW] = max(node.config.stash.get(_SLOW, 0), told.get("slow", 0))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says at the end which tests did not run and why, so that a green run does not hide them."""
    slow = terminalreporter.config.stash.get(_SLOW, 0)
    if slow:
        terminalreporter.section("left to make slow")
        terminalreporter.line(f"{slow} slow tests did not run here; `make slow` runs them.")
    skipped = terminalreporter.getreports("skipped")
    if not skipped:
        return
    terminalreporter.section("did not run")
    for report in skipped:
        why = report.longrepr[-1] if isinstance(report.longrepr, tuple) else ""
        terminalreporter.line(f"{report.nodeid}: {str(why).removeprefix('Skipped: ')}")
