"""An estate with dev, stage and prod in Terraform, Kustomize and Helm: each problem once, at its line, where it is.

What is wrong in it, and what only looks so, was written down first (estate/expected.yaml).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from openai_phi.finding.results import Result
from openai_phi.scanning.scan import Options, scan_folder

ESTATE = Path(__file__).parent / "estate"
EXPECTED: dict[str, Any] = yaml.safe_load((ESTATE / "expected.yaml").read_text(encoding="utf-8"))
DAY = "2026-11-20"


@pytest.fixture(scope="module")
def scanned() -> Result:
    policy = str(ESTATE / "openai-policy.yaml")
    return scan_folder(Options(str(ESTATE / "repository"), policy=policy, today=DAY))


def test_it_was_looked_at(scanned: Result) -> None:
    assert not scanned.gaps
    assert not scanned.unread


@pytest.mark.parametrize("wrong", EXPECTED["violations"], ids=lambda w: w["resource"])
def test_each_violation_once_at_its_line(scanned: Result, wrong: dict[str, Any]) -> None:
    found = [
        (f"{f.place.file}:{f.place.line}", list(f.environments))
        for f in scanned.findings
        if (f.rule, f.resource) == (wrong["rule"], wrong["resource"])
    ]
    assert found == [(wrong["at"], wrong["environments"])], wrong["why"]


def test_nothing_else(scanned: Result) -> None:
    """What follows from a violation is listed; what is unclassified is asked about once a root."""
    listed = [*EXPECTED["violations"], *EXPECTED["follows"]]
    known = {(w["rule"], w["resource"], tuple(w["environments"])) for w in listed}
    asked = [f for f in scanned.findings if f.rule == "OAI_DECLARATION_2"]
    rest = [f for f in scanned.findings if f not in asked]
    assert {(f.rule, f.resource, f.environments) for f in rest} == known
    assert len(rest) == len(known)
    assert len(asked) == len(EXPECTED["asked"])
    assert {f.severity for f in asked} == {"LOW"}


@pytest.mark.parametrize("innocent", EXPECTED["innocents"], ids=lambda i: i["why"])
def test_no_innocent(scanned: Result, innocent: dict[str, str]) -> None:
    named = [f for f in scanned.findings if innocent["resource"] in (f.resource, *f.also)]
    assert [f.rule for f in named if f.rule != "OAI_DECLARATION_2"] == []


def test_a_finding_in_three_environments_is_known_in_each(scanned: Result) -> None:
    """Each environment keeps its own first fingerprint; the second is one for all."""
    traced = next(f for f in scanned.findings if f.rule == "OAI_COVERAGE_7")
    assert len({m.fingerprint for m in traced.members}) == 3
    assert {m.fingerprint_v2 for m in traced.members} == {traced.fingerprint_v2}
    assert [m.environments for m in traced.members] == [("dev",), ("prod",), ("stage",)]
