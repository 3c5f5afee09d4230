"""What a scan says agrees with itself: two faults of one exception, a vendor's account, what may stay unread."""

from __future__ import annotations

from pathlib import Path

from clinic import COVERED, WORKLOAD
from openai_phi.reporting.first_screen import verdict_of
from openai_phi.reporting.posture import posture
from openai_phi.scanning.outcome import outcome_of
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.words.fixes import Declares

DAY = "2026-11-20"
TEAM = "version: 1\nworkloads:\n  - {match: Deployment.clinic.notes, data: phi, endpoints: [/v1/responses], features: []}\n"
TWICE = (
    "version: 1\nexceptions:\n"
    "  - {rule: OAI_COVERAGE_9, resource: Deployment.clinic.notes, kind: accepted, reason: a, owner: o, ticket: T-1, "
    "approved_by: me@clinic.example, approved_on: 2026-11-15, expires_on: 2026-12-10}\n"
    "  - {rule: OAI_COVERAGE_9, resource: Deployment.clinic.notes, kind: accepted, reason: b, owner: o, ticket: T-2, "
    "approved_by: compliance@clinic.example, approved_on: 2026-10-15, expires_on: 2026-11-10}\n"
)
VENDOR = "gateways:\n  - {host: api.scribe.example, operated_by: scribe, account: vendor}\n"


def test_two_faults_of_one_rule_and_resource_are_two_findings(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(WORKLOAD)
    (tmp_path / "openai-policy.yaml").write_text(COVERED)
    (tmp_path / "openai-compliance.yaml").write_text(TWICE)
    result = scan_folder(Options(str(tmp_path), today=DAY))
    said = [f.message for f in result.findings if f.rule == "OAI_DECLARATION_5"]
    assert [("unapproved" in m, "expired" in m) for m in said] == [(True, False), (False, True)]


def test_a_vendor_s_account_asks_the_team_for_no_project(tmp_path: Path) -> None:
    value = "value: https://api.scribe.example/v1/notes"
    (tmp_path / "a.yaml").write_text(
        WORKLOAD.replace(
            "{name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: openai, key: OPENAI_API_KEY}}}",
            f"{{name: SCRIBE_URL, {value}}}",
        )
    )
    (tmp_path / "openai-policy.yaml").write_text(COVERED + VENDOR)
    result = scan_folder(Options(str(tmp_path), today=DAY))
    found = [f for f in result.findings if f.rule in ("OAI_COVERAGE_5", "OAI_COVERAGE_9")]
    assert found
    lines = [a for f in found for fix in f.fixes for a in fix.additions]
    assert not [a for a in lines if a.file is Declares.COMPLIANCE]


def test_the_words_agree_where_the_policy_lets_a_file_stay_unread(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(WORKLOAD)
    (tmp_path / "legacy.yaml").write_text("apiVersion: v1\nkind: Pod\nx: [OPENAI_API_KEY\n")
    (tmp_path / "openai-policy.yaml").write_text(COVERED)
    (tmp_path / "openai-compliance.yaml").write_text(TEAM)
    result = scan_folder(Options(str(tmp_path), today=DAY))
    assert outcome_of(result).exit_code == 2
    allowed = outcome_of(result, allow=("legacy.yaml",))
    assert (allowed.exit_code, allowed.word) == (0, "clean")
    word, said, _ = verdict_of(allowed, posture(allowed.result))
    assert (word, said) == (
        "COVERED",
        "the one PHI workload is covered; 1 file left unread, as allowed",
    )
