"""Findings as workflow commands of GitHub Actions, which shows the first ten of a kind of a step at their lines."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

from openai_phi.reporting.posture import SEVERITIES
from openai_phi.reporting.shown_text import seen
from openai_phi.scanning.outcome import Outcome, at_least
from openai_phi.text.redaction import Redactor
from openai_phi.words.places import Place

_SHOWN = 10
"""Errors, and warnings, that GitHub shows of one step; it drops the rest without a word."""
_HALF = _SHOWN // 2
"""Those at most that say what could not be looked at."""


def render(outcome: Outcome) -> str:
    """One command a line, the worst first; nothing in a name or message can end it or start another one.

    Files are named from the workspace, if the scanned folder lies in it.
    """
    shapes = Redactor(outcome.result.inputs.names).shapes
    return "".join(f"{shapes(line)}\n" for line in _commands(outcome))


def _commands(outcome: Outcome) -> Iterator[str]:
    root = os.path.realpath(outcome.result.root)
    inside = os.path.relpath(root, os.path.realpath(os.environ.get("GITHUB_WORKSPACE") or root))
    inside = "" if inside == "." or inside.startswith("..") else inside + "/"
    told: Counter[str] = Counter()
    left = 0
    lost = list(outcome.not_looked)
    if lost[_HALF:]:
        lost[_HALF - 1 :] = [f"{len(lost) - _HALF + 1} more things: see the job summary"]
    for text in lost:
        told["error"] += 1
        yield _command("error", "Could not look at", text)
    for finding in sorted(outcome.result.findings, key=lambda f: SEVERITIES.index(f.severity)):
        level = "error" if at_least(finding, "high") else "warning"
        told[level] += 1
        left += told[level] > _SHOWN
        if told[level] <= _SHOWN:
            place = Place(inside + finding.place.file, finding.place.line)
            yield _command(level, finding.rule, finding.message, place)
    if left:
        said = (
            f"{left} more finding{'' if left == 1 else 's'}: see the job summary and the reports."
        )
        yield _command("notice", "openai-phi", said)


def _command(level: str, title: str, message: str, place: Place | None = None) -> str:
    fields = [f"title={_field(title)}"]
    if place is not None:
        fields += [f"file={_field(place.file)}", f"line={max(place.line, 1)}"]
    return f"::{level} {','.join(fields)}::{_data(message)}"


def _data(text: str) -> str:
    return seen(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _field(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
