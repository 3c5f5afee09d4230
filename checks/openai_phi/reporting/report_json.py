"""The report `json`: the inventory with what fails and what is exempt."""

from __future__ import annotations

from openai_phi.finding.results import Result
from openai_phi.reporting.inventory import as_text, of_result


def render(result: Result) -> str:
    """The inventory of this result as JSON text."""
    return as_text(of_result(result))
