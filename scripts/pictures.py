"""Draws the README's pictures from the sample: a trace as a terminal shows it (SVG), and the HTML report (PNG).

python scripts/pictures.py            both (the report's picture needs Chromium)
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from html import escape
from pathlib import Path

from scan import ROOT

from openai_phi.commands.cli_scan import styled
from openai_phi.finding.results import Result
from openai_phi.reporting import first_screen
from openai_phi.reporting.report_html import render
from openai_phi.scanning.outcome import outcome_of
from openai_phi.scanning.scan import Options, scan_folder

PICTURES = ROOT / "docs" / "pictures"
DAY = "2026-11-20"
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff"}
_SEQUENCE = re.compile(r"\x1b\[([0-9;]*)m")
_CHARACTER, _LINE = 8.2, 18


def sample() -> Result:
    """The result of scanning the sample on the day of the pictures."""
    return scan_folder(Options(str(ROOT / "sample_infra"), today=DAY))


def trace(result: Result) -> str:
    """The terminal's first screen of the sample, with its colours."""
    return first_screen.render(outcome_of(result), None, styled, 96)


def svg(text: str) -> str:
    """A text with the colours of a terminal as a picture; the same text gives the same bytes."""
    lines = ["\x1b[2m$\x1b[0m openai-phi scan sample_infra", "", *text.splitlines()]
    plain = [_SEQUENCE.sub("", line) for line in lines]
    width = int(max(map(len, plain)) * _CHARACTER + 48)
    height = len(lines) * _LINE + 40
    rows = "".join(
        f'<text x="24" y="{36 + i * _LINE}" xml:space="preserve">{_spans(line)}</text>\n'
        for i, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="A trace in a terminal">\n'
        f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>\n'
        '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13.5" '
        f'fill="#e6edf3">\n{rows}</g>\n</svg>\n'
    )


def _spans(line: str) -> str:
    out, style, last = "", "", 0
    for found in [*_SEQUENCE.finditer(line), None]:
        piece = line[last : found.start() if found else len(line)]
        out += f"<tspan{style}>{escape(piece)}</tspan>" if piece else ""
        if found:
            style = "" if found[1] in ("", "0") else style + _attribute(found[1], style)
            last = found.end()
    return out


def _attribute(code: str, before: str) -> str:
    if code == "1":
        return ' font-weight="bold"'
    if code == "2":
        return "" if "fill" in before else ' fill="#8b949e"'
    return f' fill="{COLOURS[code]}"' if code in COLOURS and "fill" not in before else ""


def photograph(result: Result, target: Path) -> None:
    """The HTML report as a browser shows it. Raises RuntimeError where there is no Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise RuntimeError("there is no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    switches = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
    ]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = Path(folder) / "report.html"
        page_file.write_text(render(result), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=program, args=switches)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(page_file.as_uri())
        page.screenshot(path=str(target))
        browser.close()


def main() -> int:
    """Writes both; 1 if the browser is missing."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    result = sample()
    (PICTURES / "trace.svg").write_text(svg(trace(result)), encoding="utf-8")
    try:
        photograph(result, PICTURES / "report.png")
    except RuntimeError as error:
        print(f"docs/pictures/report.png was not drawn: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
