"""An estate with dev, stage and prod in Terraform, Kustomize and Helm: each problem once, at its line, where it is.

What is wrong in it, and what only looks so, was written down first (estate/expected.yaml).
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from openai_phi.finding.results import Result
from openai_phi.reporting import first_screen, report_text
from openai_phi.reporting.posture import posture
from openai_phi.reporting.reports import render
from openai_phi.scanning.outcome import outcome_of
from openai_phi.scanning.proposed_fixes import lines_that_settle
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


def test_the_first_screen(scanned: Result) -> None:
    """The verdict first; every severe problem with its place and environments, each once; no more lines than fit."""
    lines = first_screen.render(outcome_of(scanned)).splitlines()
    said = "\n".join(lines)
    assert len(lines) <= first_screen.MOST
    assert lines[0].startswith("NOT COVERED  5 of 10 PHI workloads can send PHI outside the BAA")
    for wrong in EXPECTED["violations"]:
        at = [n for n, line in enumerate(lines) if line.split()[:1] == [wrong["at"]]]
        told = [set(f"{lines[n - 1]} {lines[n]}".split()) for n in at]
        assert any({*wrong["environments"]} <= words for words in told), wrong["why"]
    assert said.count("tell the privacy officer") == 1
    assert lines[-1].startswith("FINDINGS")
    assert lines[-1].endswith("exit 1")


def test_the_numbers_agree(scanned: Result) -> None:
    """One count: the same line in every format for people, the same figures in those for machines."""
    sums = posture(scanned)
    outcome = outcome_of(scanned)
    assert json.loads(render(scanned, "json"))["counts"] == sums.figures
    assert json.loads(render(scanned, "evidence"))["scan"]["counts"] == sums.figures
    texts = {
        "first": first_screen.render(outcome),
        "verbose": report_text.render(outcome, lines_that_settle(scanned)),
        "html": render(scanned, "html"),
        "markdown": re.sub(r"\\(?=\W)", "", render(scanned, "markdown")),
        "evidence": json.loads(render(scanned, "evidence"))["scan"]["summary"],
    }
    for name, text in texts.items():
        assert sums.line in " ".join(text.split()), name
    assert len(json.loads(render(scanned, "json"))["findings"]) == sums.figures["findings"]
    assert (
        len(json.loads(render(scanned, "sarif"))["runs"][0]["results"]) == sums.figures["findings"]
    )
    assert sums.figures["workloads"] == len(sums.judged) == 10
    assert sums.environments == ("dev", "stage", "prod")


def test_after_what_people_write_and_mend_it_passes(tmp_path: Path) -> None:
    """One line settles what is synthetic in dev; compliance names keys, the team mends what is broken."""
    root = tmp_path / "repository"
    shutil.copytree(ESTATE / "repository", root)
    shutil.copytree(ESTATE / "after", root, dirs_exist_ok=True)
    shutil.rmtree(root / "terraform" / "modules" / "notes")
    policy = (root / "openai-policy.yaml").rename(tmp_path / "openai-policy.yaml")
    result = scan_folder(Options(str(root), policy=str(policy), today=DAY))
    outcome = outcome_of(result)
    assert [(f.rule, f.resource) for f in outcome.failing] == []
    assert outcome.exit_code == 0
    assert first_screen.render(outcome).startswith("COVERED   8 PHI workloads, all covered")
    lines = (ESTATE / "after" / "openai-compliance.yaml").read_text().splitlines()
    assert sum("synthetic" in line for line in lines) == 1
