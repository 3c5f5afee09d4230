"""Opens reports in a headless Chromium that the machine has; without one these tests are skipped, in CI they fail."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scan import ROOT

from browser.opened import Open, Opened
from openai_phi.finding.results import Result
from openai_phi.reporting.report_html import render
from openai_phi.scanning.scan import Options, scan_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        reason = "there is no Chromium on this machine (apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(SWITCHES))
        yield started
        started.close()


@pytest.fixture(scope="session")
def sample() -> Result:
    """The sample's result."""
    return scan_folder(Options(str(ROOT / "sample_infra"), today="2026-11-20"))


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a result's report; at the end nothing may have gone wrong in the page or over the network."""
    pages: list[Opened] = []
    contexts = []

    def run(result: Result, **context: Any) -> Opened:
        file = tmp_path / f"report{len(pages)}.html"
        file.write_text(render(result), encoding="utf-8", errors="backslashreplace")
        contexts.append(browser.new_context(**context))
        it = Opened(contexts[-1].new_page())
        it.watch()
        it.page.goto(file.as_uri())
        pages.append(it)
        return it

    yield run
    for it in pages:
        assert it.troubles == []
        assert [r for r in it.requests if not r.startswith(("file:", "data:"))] == []
        assert len(it.requests) - sum(r.startswith("data:") for r in it.requests) == 1
    for each in contexts:
        each.close()
