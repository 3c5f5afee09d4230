"""An emergency: it counts at once, the verdict stays, it is not renewed, and it is open until reviewed."""

from __future__ import annotations

import html
from pathlib import Path

import pytest

from clinic import WORKLOAD
from command import DAY
from openai_phi.reporting import first_screen, report_text
from openai_phi.reporting.posture import posture
from openai_phi.reporting.reports import render
from openai_phi.scanning.outcome import Outcome, outcome_of
from openai_phi.scanning.proposed_fixes import lines_that_settle
from openai_phi.scanning.scan import Options, scan_folder

POLICY = """version: 1
limits: {approvers: [compliance@clinic.example], emergency_approvers: [oncall@clinic.example]}
"""
ENTRY = (
    "  - {{rule: {rule}, resource: Deployment.clinic.notes, kind: emergency, reason: the gateway is down, "
    "incident: INC-7, approved_by: {by}, approved_on: {since}, expires_on: {until}{more}}}\n"
)


def entry(
    rule: str = "OAI_COVERAGE_9", by: str = "oncall@clinic.example", since: str = "2026-11-19",
    until: str = "2026-11-22", more: str = "",
) -> str:  # fmt: skip
    return ENTRY.format(rule=rule, by=by, since=since, until=until, more=more)


def outcome(folder: Path, *entries: str, workload: str = WORKLOAD) -> Outcome:
    (folder / "app.yaml").write_text(workload)
    (folder / "openai-policy.yaml").write_text(POLICY)
    said = "version: 1\nexceptions:\n" + "".join(entries) if entries else "version: 1\n"
    (folder / "openai-compliance.yaml").write_text(said)
    return outcome_of(scan_folder(Options(folder=str(folder), today=DAY)))


def rules(found: Outcome) -> set[str]:
    return {f.rule for f in found.result.findings}


def test_it_counts_at_once_and_the_verdict_stays(tmp_path: Path) -> None:
    before = outcome(tmp_path)
    assert "OAI_COVERAGE_9" in rules(before)
    found = outcome(tmp_path, entry())
    (taken,) = found.result.emergencies
    assert taken.finding.rule == "OAI_COVERAGE_9"
    assert taken.say().startswith(
        "verdict unchanged (emergency until 2026-11-22): the gateway is down"
    )
    assert "OAI_COVERAGE_9" not in rules(found)
    assert "OAI_DECLARATION_5" not in rules(found)
    (assessed,) = found.result.analysis.assessments
    assert found.result.verdict(assessed) == "not covered (emergency until 2026-11-22)"
    assert posture(found.result).figures["exempt"] == 1


def test_every_report_begins_with_it(tmp_path: Path) -> None:
    more = entry("OAI_COVERAGE_2").replace("emergency", "accepted").replace("oncall", "compliance")
    plan = more.replace("incident: INC-7", "owner: o, ticket: T-1")
    found = outcome(tmp_path, plan, entry())
    assert [e.kind for e in found.result.exempt] == ["emergency", "accepted"]
    line = (
        "OAI_COVERAGE_9 at Deployment.clinic.notes: verdict unchanged (emergency until 2026-11-22)"
    )
    assert line in first_screen.render(found).split("\n\n")[0].replace("\n          ", " ")
    assert line in report_text.render(found, lines_that_settle(found.result)).split("\n")[0]
    for form in ("markdown", "html"):
        text = html.unescape(render(found.result, form)).replace("\\", "")
        told = "verdict unchanged (emergency until 2026-11-22)"
        assert text.index(told) < text.index("INC-7") < text.rindex("OAI_COVERAGE_2")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (entry(by="team@clinic.example"), "team@clinic.example is none of those who may declare"),
        (entry(by="compliance@clinic.example"), "is none of those who may declare an emergency"),
        (entry(until="2026-11-23"), "lasts at most 72 hours"),
        (entry(since="2026-11-14", until="2026-11-17"), "it expired on 2026-11-17"),
        (entry(since="2026-11-16", until="2026-11-19") + entry(), "is not renewed"),
        (entry().replace("incident: INC-7, ", ""), "lacks incident"),
    ],
)
def test_it_does_not_hold(tmp_path: Path, given: str, why: str) -> None:
    found = outcome(tmp_path, given)
    assert {"OAI_COVERAGE_9", "OAI_DECLARATION_5"} <= rules(found)
    assert why in " ".join(f.message for f in found.result.findings)


def test_a_key_that_lies_open_is_no_emergency(tmp_path: Path) -> None:
    literal = (
        WORKLOAD
        + "            - {name: OPENAI_KEY_2, value: sk-proj-aBcDeFgHiJkLmNoPqRsTuVwX0123456789}\n"
    )
    assert "OAI_SECRET_1" in rules(outcome(tmp_path, workload=literal))
    found = outcome(tmp_path, entry("OAI_SECRET_1"), workload=literal)
    assert {"OAI_SECRET_1", "OAI_DECLARATION_5"} <= rules(found)


def test_once_over_it_is_open_until_it_was_reviewed(tmp_path: Path) -> None:
    over = {"since": "2026-11-14", "until": "2026-11-17"}
    assert "OAI_DECLARATION_5" in rules(outcome(tmp_path, entry(**over)))
    review = ", reviewed_by: compliance@clinic.example, reviewed_on: {}"
    early = entry(**over, more=review.format("2026-11-15"))
    assert "OAI_DECLARATION_5" in rules(outcome(tmp_path, early))
    done = outcome(tmp_path, entry(**over, more=review.format("2026-11-18")))
    assert "OAI_COVERAGE_9" in rules(done)
    assert "OAI_DECLARATION_5" not in rules(done)


def test_another_incident_is_another_emergency_once_the_first_was_reviewed(tmp_path: Path) -> None:
    days = {"since": "2026-11-14", "until": "2026-11-17"}
    over = entry(**days)
    review = ", reviewed_by: compliance@clinic.example, reviewed_on: 2026-11-18"
    reviewed = entry(**days, more=review)
    other = entry().replace("INC-7", "INC-8")
    assert "OAI_COVERAGE_9" in rules(outcome(tmp_path, over, other))
    assert "OAI_COVERAGE_9" in rules(outcome(tmp_path, reviewed, entry()))
    assert "OAI_COVERAGE_9" not in rules(outcome(tmp_path, reviewed, other))


def test_a_correction_that_is_not_needed_any_more_is_told_and_no_finding(tmp_path: Path) -> None:
    correction = (
        "  - {rule: OAI_DECLARATION_3, resource: %s, kind: correction, reason: no names, proof: LEGAL-4, "
        "owner: team, approved_by: compliance@clinic.example, approved_on: 2026-11-19, "
        "expires_on: 2026-12-19}\n"
    )
    found = outcome(tmp_path, correction % "Deployment.clinic.notes")
    assert "OAI_DECLARATION_5" not in rules(found)
    assert any("Deployment.clinic.notes is not needed" in n for n in found.result.notes)
    assert "OAI_DECLARATION_5" in rules(outcome(tmp_path, correction % "Deployment.clinic.nots"))
    accepted = correction.replace("kind: correction", "kind: accepted")
    assert "OAI_DECLARATION_5" in rules(outcome(tmp_path, accepted % "Deployment.clinic.notes"))
