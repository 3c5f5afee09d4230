"""Several policies at once: one for each legal entity, put together where they agree, a mistake where not."""

from __future__ import annotations

import os
from itertools import permutations
from pathlib import Path

import pytest

from clinic import COMPLIANCE, WORKLOAD
from command import started
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.found import Finding
from openai_phi.words.verdict import Verdict

CLINIC = """version: 1
legal_entity: Clinic
agreements:
  - {kind: baa, provider: openai, organizations: [org-clinic], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_clinic], approved_on: 2026-10-10}
projects:
  - {id: proj_clinic, organization: org-clinic, endpoints: [/v1/responses], features: []}
credentials:
  - {project: proj_clinic, kubernetes: "clinic/openai#OPENAI_API_KEY"}
limits: {approvers: [clinic@example.org], max_exception_days: 60}
"""
LAB = """version: 1
legal_entity: Laboratory
agreements:
  - {kind: baa, provider: openai, organizations: [org-lab], terms: openai-baa-2026-10, signed_on: 2026-10-07}
projects:
  - {id: proj_lab, organization: org-lab}
credentials:
  - {project: proj_lab, kubernetes: "lab/openai#OPENAI_API_KEY"}
gateways:
  - {host: llm.lab.example, forwards_to: openai, project: proj_lab}
limits: {approvers: [lab@example.org]}
"""
BAD = {
    "one key of two projects": (LAB.replace("lab/openai", "clinic/openai"), "holds the key of", "clinic.yaml:9"),
    "another number": (LAB.replace("example.org]", "example.org], max_exception_days: 30"), "max_exception_days", "clinic.yaml:10"),
    "another switch": (LAB + "role: business_associate\n", "role: ", "clinic.yaml:11"),
    "one project twice": (LAB.replace("proj_lab", "proj_clinic"), "is there twice", ""),
    "one host in two lists": (LAB + "destinations:\n  - {host: llm.clinic.example, kind: internal}\n", "llm.clinic.example", "clinic.yaml:1"),
    "no legal entity": (LAB.replace("legal_entity: Laboratory\n", ""), "says not whose it is", ""),
    "the same legal entity": (LAB.replace("Laboratory", "Clinic"), "is Clinic's", ":2"),
}  # fmt: skip


def supplied(folder: Path, *texts: tuple[str, str]) -> str:
    """The paths of policies that lie beside a scan root, as one text."""
    (folder / "in").mkdir()
    (folder / "in" / "notes.yaml").write_text(WORKLOAD)
    (folder / "in" / "openai-compliance.yaml").write_text(
        COMPLIANCE.replace("project: proj_clinic, ", "")
    )
    for name, text in texts:
        (folder / name).write_text(text)
    return os.pathsep.join(str(folder / name) for name, _ in texts)


def scanned(folder: Path, policy: str) -> tuple[list[Assessment], list[Finding]]:
    result = scan_folder(Options(str(folder / "in"), policy=policy, today="2026-11-20"))
    return list(result.analysis.assessments), list(result.findings)


@pytest.mark.parametrize("order", list(permutations((("clinic.yaml", CLINIC), ("lab.yaml", LAB)))))
def test_each_entity_keeps_what_it_says(order: tuple[tuple[str, str], ...], tmp_path: Path) -> None:
    (found,), findings = scanned(tmp_path, supplied(tmp_path, *order))
    assert (found.verdict, findings) == (Verdict.COVERED, [])
    assert any("clinic.yaml:9 says" in h.because for h in found.held)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("case", BAD)
def test_what_contradicts_is_a_mistake_with_both_places(
    case: str, turned: bool, tmp_path: Path
) -> None:
    lab, said, other = BAD[case]
    clinic = CLINIC + "role: covered_entity\n" if "role" in lab else CLINIC
    if "destinations" in lab:
        clinic += (
            "gateways:\n  - {host: llm.clinic.example, forwards_to: openai, project: proj_clinic}\n"
        )
    both = [("clinic.yaml", clinic), ("lab.yaml", lab)]
    found, findings = scanned(tmp_path, supplied(tmp_path, *(reversed(both) if turned else both)))
    wrong = [f for f in findings if f.rule == "OAI_DECLARATION_1"]
    assert any(said in f.message for f in wrong), [f.message for f in findings]
    assert any(other in f"{f.message} {f.place}" for f in wrong)
    assert all(a.verdict is not Verdict.COVERED for a in found)


def test_each_way_to_supply_them(tmp_path: Path) -> None:
    paths = supplied(tmp_path, ("clinic.yaml", CLINIC), ("lab.yaml", LAB))
    twice = [w for p in paths.split(os.pathsep) for w in ("--policy", p)]
    folder = str(tmp_path / "in")
    assert started("scan", folder, *twice).status == 0
    assert started("validate", folder, *twice).status == 0
    assert started("scan", folder, OPENAI_PHI_POLICY=paths).status == 0
    assert (
        started("scan", folder, "--policy", str(tmp_path / "clinic.yaml"), "--policy", "").status
        == 64
    )
