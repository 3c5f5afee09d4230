"""GitLab's code quality: each finding with its place and one fingerprint, the unread too."""

from __future__ import annotations

import json
from dataclasses import replace

from openai_phi.finding.results import Result
from openai_phi.reporting.report_gitlab import render
from openai_phi.scanning import repository

SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


def test_each_finding_is_an_issue_at_its_line(sample: Result) -> None:
    """With the keys that https://docs.gitlab.com/ci/testing/code_quality names as required."""
    issues = json.loads(render(sample))
    below = repository.below(sample.root)
    assert [(i["check_name"], i["location"]["path"], i["location"]["lines"]["begin"]) for i in issues] == [
        (f.rule, repository.within(below, f.place.file), f.place.line) for f in sample.findings
    ]  # fmt: skip
    assert all(i["description"] and i["severity"] in SEVERITIES for i in issues)
    assert len({i["fingerprint"] for i in issues}) == len(issues)
    assert [i["fingerprint"] for i in issues] == [f.fingerprint_v2 for f in sample.findings]


def test_what_was_not_looked_at_blocks(hostile: Result) -> None:
    lost = replace(hostile, findings=(), gaps=("framework helm: left out",))
    issues = json.loads(render(lost))
    assert len(issues) == len(hostile.unread) + 1
    assert {i["severity"] for i in issues} == {"blocker"}
    assert hostile.unread


def test_two_findings_of_one_cause_are_told_apart(sample: Result) -> None:
    one = sample.findings[0]
    other = replace(one, each=(), resource="other")
    issues = json.loads(render(replace(sample, findings=(one, other))))
    assert len({i["fingerprint"] for i in issues}) == 2
