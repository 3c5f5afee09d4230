"""Findings as workflow commands of GitHub Actions, which shows them at their lines."""

from __future__ import annotations

import os
from collections.abc import Iterator

from openai_phi.reporting.shown_text import seen
from openai_phi.scanning.outcome import Outcome, at_least
from openai_phi.text.redaction import Redactor
from openai_phi.words.places import Place


def render(outcome: Outcome) -> str:
    """One command a line; nothing in a name or message can end it or start another one.

    Files are named from the workspace, if the scanned folder lies in it.
    """
    shapes = Redactor(outcome.result.inputs.names).shapes
    return "".join(f"{shapes(line)}\n" for line in _commands(outcome))


def _commands(outcome: Outcome) -> Iterator[str]:
    root = os.path.realpath(outcome.result.root)
    inside = os.path.relpath(root, os.path.realpath(os.environ.get("GITHUB_WORKSPACE") or root))
    inside = "" if inside == "." or inside.startswith("..") else inside + "/"
    for finding in outcome.result.findings:
        level = "error" if at_least(finding, "high") else "warning"
        place = Place(inside + finding.place.file, finding.place.line)
        yield _command(level, finding.rule, finding.message, place)
    for text in outcome.not_looked:
        yield _command("error", "Could not look at", text)


def _command(level: str, title: str, message: str, place: Place | None = None) -> str:
    fields = [f"title={_field(title)}"]
    if place is not None:
        fields += [f"file={_field(place.file)}", f"line={max(place.line, 1)}"]
    return f"::{level} {','.join(fields)}::{_data(message)}"


def _data(text: str) -> str:
    return seen(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _field(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
