"""The situations of docs/living.md, one test each, in the order of the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from scan import ROOT

from clinic import COVERED, WORKLOAD
from inprocess import write
from openai_phi.scanning.outcome import Outcome, outcome_of
from openai_phi.scanning.scan import Options, scan_folder

PAGE = ROOT / "docs" / "living.md"
TEAM = "version: 1\nworkloads:\n  - {match: Deployment.clinic.notes, data: phi, endpoints: [/v1/responses], features: []}\n"
KEY = 'kubernetes: "clinic/openai#OPENAI_API_KEY"'


def judged(
    folder: Path, *, today: Any = "2026-11-20", required: Any = False, **files: str
) -> Outcome:
    write(
        folder,
        **{
            "openai-policy_yaml": COVERED,
            "openai-compliance_yaml": TEAM,
            "app_yaml": WORKLOAD,
            **files,
        },
    )
    for name, text in files.items():
        if not text:
            (folder / name.replace("_", ".")).unlink()
    return outcome_of(scan_folder(Options(str(folder), today=today, policy_required=required)))


def rules(found: Outcome) -> set[str]:
    return {f.rule for f in found.failing}


def policy(old: str, new: str) -> dict[str, str]:
    assert old in COVERED
    return {"openai-policy_yaml": COVERED.replace(old, new)}


def test_1_a_key_is_rotated(tmp_path: Path) -> None:
    """A new value under the same name changes nothing; a new name takes one line."""
    assert judged(tmp_path).exit_code == 0
    renamed = WORKLOAD.replace("{name: openai, key", "{name: openai-2027, key")
    found = judged(tmp_path, app_yaml=renamed)
    assert rules(found) == {"OAI_COVERAGE_9"}
    assert _lines(found) == [
        '  - {project: proj_…, kubernetes: "clinic/openai-2027#OPENAI_API_KEY"}'
    ]
    both = (
        KEY + "}\n  - {project: proj_clinic, " + KEY.replace("clinic/openai", "clinic/openai-2027")
    )
    assert judged(tmp_path, app_yaml=renamed, **policy(KEY, both)).exit_code == 0


def _lines(found: Outcome) -> list[str]:
    (finding,) = (f for f in found.failing if f.rule == "OAI_COVERAGE_9")
    said = "\n".join(line for fix in finding.fixes for line in fix.lines())
    return [line for line in said.splitlines() if line.startswith("  - {")]


def test_2_previews_come_and_go(tmp_path: Path) -> None:
    """One bounded pattern covers the namespaces of pull requests; a wide one is a mistake."""
    preview = WORKLOAD.replace("namespace: clinic", "namespace: pr-12")
    team = TEAM.replace("Deployment.clinic.notes", "Deployment.pr-12.notes")
    files = {"app_yaml": preview, "openai-compliance_yaml": team}
    assert rules(judged(tmp_path, **files)) == {"OAI_COVERAGE_9"}
    line = KEY + "}\n  - {project: proj_clinic, " + KEY.replace("clinic/", "pr-*/")
    assert judged(tmp_path, **files, **policy(KEY, line)).exit_code == 0
    wide = KEY.replace("clinic/", "*/")
    assert "OAI_DECLARATION_1" in rules(judged(tmp_path, **files, **policy(KEY, wide)))


def test_3_friday_night(tmp_path: Path) -> None:
    """An emergency lets the fix out; see tests/stories/test_emergencies.py for what it may not."""
    other = WORKLOAD.replace("{name: openai, key", "{name: spare, key")
    emergency = (
        "exceptions:\n  - {rule: OAI_COVERAGE_9, resource: Deployment.clinic.notes, kind: emergency, reason: key leaked, "
        "incident: INC-7, approved_by: compliance@clinic.example, approved_on: 2026-11-20, expires_on: 2026-11-23}\n"
    )
    assert judged(tmp_path, app_yaml=other).exit_code == 1
    found = judged(tmp_path, app_yaml=other, **{"openai-compliance_yaml": TEAM + emergency})
    assert found.exit_code == 0
    assert found.result.emergencies


def test_4_two_companies_become_one(tmp_path: Path) -> None:
    """Each organization keeps its agreement and its lines; two lines for one key are a mistake."""
    second = COVERED.replace(
        "projects:\n", "projects:\n  - {id: proj_other, organization: org-other}\n"
    )
    second = second.replace("[org-clinic]", "[org-clinic, org-other]")
    assert judged(tmp_path, **{"openai-policy_yaml": second}).exit_code == 0
    twice = second.replace(
        "credentials:\n", "credentials:\n  - {project: proj_other, " + KEY + "}\n"
    )
    assert "OAI_DECLARATION_1" in rules(judged(tmp_path, **{"openai-policy_yaml": twice}))


def test_5_a_pull_request_comes_from_a_fork(tmp_path: Path) -> None:
    """Where no policy is to be had, nothing is covered, and nobody is asked to trust the fork."""
    found = judged(tmp_path, required=True, **{"openai-policy_yaml": ""})
    assert found.exit_code == 1
    assert not any(a.verdict.value == "covered" for a in found.result.analysis.assessments)


def test_6_a_new_service(tmp_path: Path) -> None:
    """It is asked about once, and settled by one line of the team and one of compliance."""
    service = WORKLOAD.replace("name: notes", "name: letters").replace(
        "{name: openai, key", "{name: letters, key"
    )
    found = judged(tmp_path, new_yaml=service)
    assert {f.resource for f in found.failing} == {"Deployment.clinic.letters"}
    line = KEY + "}\n  - {project: proj_clinic, " + KEY.replace("/openai#", "/letters#")
    team = TEAM + TEAM.splitlines()[-1].replace("notes", "letters") + "\n"
    files = {**policy(KEY, line), "openai-compliance_yaml": team}
    assert judged(tmp_path, new_yaml=service, **files).exit_code == 0


def test_7_an_agreement_ends(tmp_path: Path) -> None:
    """It is told before, and fails from its day; an old edition never fails by itself."""
    ends = policy("signed_on: 2026-10-07}", "signed_on: 2026-10-07, expires_on: 2026-12-10}")
    told = judged(tmp_path, **ends)
    assert told.exit_code == 0
    assert "OAI_DECLARATION_8" in {f.rule for f in told.result.findings}
    assert "OAI_COVERAGE_2" in rules(judged(tmp_path, today="2026-12-11", **ends))


def test_the_page_and_the_tests_tell_the_same_situations() -> None:
    numbers = re.findall(r"^## (\d)\. ", PAGE.read_text(), re.M)
    mine = re.findall(r"^def test_(\d)_", Path(__file__).read_text(), re.M)
    assert numbers == mine
