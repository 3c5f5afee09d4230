"""What an exception or a lowering entry names by its kind or namespace alone takes nothing out."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic import WORKLOAD
from openai_phi.scanning.scan import Options, scan_folder

POLICY = "version: 1\nlimits: {approvers: [compliance@clinic.example]}\n"
EXCEPTION = (
    "version: 1\nexceptions:\n"
    "  - {rule: OAI_COVERAGE_2, resource: '%s', kind: accepted, reason: why, owner: team, ticket: T-1, "
    "approved_by: compliance@clinic.example, approved_on: 2026-11-20, expires_on: 2026-12-10}\n"
)
LOWERS = "version: 1\nworkloads:\n  - {match: '%s', data: none}\n"
SUSPECTED = WORKLOAD.replace(", labels: {data-classification: phi}", "").replace(
    "notes", "fhir-notes"
)


def rules(folder: Path, workload: str, said: str) -> set[str]:
    (folder / "app.yaml").write_text(workload)
    (folder / "openai-policy.yaml").write_text(POLICY)
    (folder / "openai-compliance.yaml").write_text(said)
    return {f.rule for f in scan_folder(Options(str(folder), today="2026-11-27")).findings}


@pytest.mark.parametrize(
    ("resource", "holds"),
    [
        ("Deployment.clinic.notes", True),
        ("Deployment.clinic.not*", True),
        ("Dep*", False),
        ("Deployment.cli*", False),
        ("Deployment.*", False),
    ],
)
def test_an_exception_names_what_was_approved(tmp_path: Path, resource: str, holds: bool) -> None:
    found = rules(tmp_path, WORKLOAD, EXCEPTION % resource)
    assert ("OAI_COVERAGE_2" in found) is not holds
    assert ("OAI_DECLARATION_5" in found) is not holds


@pytest.mark.parametrize(
    ("match", "lowers"),
    [
        ("Deployment.clinic.fhir-notes", True),
        ("Deployment.clinic.*", True),
        ("Dep*", False),
        ("D*t.*", False),
    ],
)
def test_what_lowers_names_workloads_and_no_kind_of_them(
    tmp_path: Path, match: str, lowers: bool
) -> None:
    assert ("OAI_DECLARATION_3" in rules(tmp_path, SUSPECTED, LOWERS % match)) is not lowers
    told = f"says none of {match}, a kind and no workload"
    notes = scan_folder(Options(str(tmp_path), today="2026-11-27")).notes
    assert any(told in n for n in notes) is not lowers
