"""What users were promised of exceptions, raised severities and the gate, with the plain `checkov` command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from scan import ROOT, scan

EXAMPLES = ROOT / "tests" / "rules"
GATE = ("--hard-fail-on", "HIGH")


def run(folder: Path, *args: str) -> tuple[int, list[tuple[str, str]], list[Any]]:
    """The exit code, what failed as (rule, severity), and the records that were skipped."""
    done = scan(str(folder), "-o", "json", *args, capture=True)
    data = json.loads(done.stdout)
    reports = [r for r in (data if isinstance(data, list) else [data]) if "results" in r]
    failed = [c for r in reports for c in r["results"]["failed_checks"]]
    skipped = [c for r in reports for c in r["results"]["skipped_checks"]]
    return done.returncode, sorted((c["check_id"], c["severity"]) for c in failed), skipped


def copy(example: str, to: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES / example, to / "infra"))


def test_a_valid_exception_shows_its_finding_as_skipped_and_the_gate_opens(tmp_path: Path) -> None:
    code, failed, skipped = run(copy("exception_not_in_force/good", tmp_path), *GATE)
    assert (code, failed) == (0, [])
    (record,) = skipped
    assert (record["check_id"], record["resource"]) == ("OAI_COVERAGE_3", "Deployment.clinic.notes")
    assert record["check_result"]["suppress_comment"] == (
        "not covered (plan until 2026-12-05): the provider switches zero data retention on with the new contract "
        "(approved by compliance@clinic.example, NOTES-7) at openai-compliance.yaml:5"
    )


def test_an_exception_that_has_expired_opens_nothing(tmp_path: Path) -> None:
    code, failed, skipped = run(copy("exception_not_in_force/bad", tmp_path), *GATE)
    assert (code, skipped) == (1, [])
    assert failed == [("OAI_COVERAGE_3", "CRITICAL"), ("OAI_DECLARATION_5", "MEDIUM")]


def test_a_repository_that_softens_the_scan_is_told_so(tmp_path: Path) -> None:
    folder = copy("gate_weakened/good", tmp_path)
    (folder / ".checkov.yaml").write_text("soft-fail: true\n")
    (folder / "openai-compliance.yaml").write_text(
        (folder / "openai-compliance.yaml").read_text().partition("exceptions:")[0]
    )
    code, failed, _ = run(folder)
    assert (code, failed) == (0, [("OAI_SCAN_2", "HIGH")])  # why CI must give --hard-fail-on
    code, failed, _ = run(folder, *GATE)
    assert (code, failed) == (1, [("OAI_SCAN_2", "HIGH")])


@pytest.mark.parametrize(("asked", "code", "at_high"), [("", 0, []), ("HIGH", 1, ["HIGH"])])
def test_a_raised_severity_reaches_the_gate_and_the_selection(
    tmp_path: Path, asked: str, code: int, at_high: list[str]
) -> None:
    folder = copy("claim_without_proof/bad", tmp_path)
    raised = f"parameters: {{severity: {{OAI_DECLARATION_6: {asked}}}}}\n" if asked else ""
    (folder / "openai-compliance.yaml").write_text(f"version: 1\n{raised}")
    found = run(folder, *GATE)
    assert found[:2] == (code, [("OAI_DECLARATION_6", asked or "MEDIUM")])
    selected = run(folder, "--check", "HIGH", "--framework", "kubernetes")[1]
    assert [s for rule, s in selected if rule == "OAI_DECLARATION_6"] == at_high


@pytest.mark.parametrize(
    ("variable", "value", "code"),
    [
        ("OPENAI_PHI_POLICY", "", 1),
        ("OPENAI_PHI_REQUIRE_POLICY", "1", 1),
        ("OPENAI_PHI_REQUIRE_POLICY", "0", 0),
    ],
)
def test_claims_open_no_gate_that_asks_for_a_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, code: int
) -> None:
    monkeypatch.setenv(variable, value)
    found, failed, _ = run(copy("claim_without_proof/bad", tmp_path), *GATE)
    assert found == code
    assert (("OAI_COVERAGE_9", "HIGH") in failed) is bool(code)
