"""Annotations: the worst first, no more than GitHub shows of a step, the rest counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from openai_phi.finding.results import Result
from openai_phi.reporting.annotations import render
from openai_phi.scanning.outcome import outcome_of


def test_no_more_than_a_step_shows_the_worst_first(sample: Result) -> None:
    made = [
        replace(sample.findings[0], each=(), severity=severity, message=f"{severity} {n}")
        for severity in ("LOW", "MEDIUM", "HIGH", "CRITICAL")
        for n in range(8)
    ]
    lost = tuple(f"framework {n}: left out" for n in range(9))
    lines = render(outcome_of(replace(sample, findings=tuple(made), gaps=lost))).splitlines()
    assert Counter(line.split()[0] for line in lines) == {
        "::error": 10,
        "::warning": 10,
        "::notice": 1,
    }
    assert "more things" in lines[4]
    assert "::CRITICAL 0" in lines[5]
    assert [line for line in lines if "::HIGH" in line or "::LOW 2" in line] == []
    assert lines[-1].endswith("::17 more findings: see the job summary and the reports.")


def test_few_are_all_shown(sample: Result) -> None:
    lines = render(outcome_of(sample)).splitlines()
    assert len(lines) == len(sample.findings)
