"""OSCAL: valid by trestle's own validator; controls are cited, never called satisfied; ids and times are fixed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openai_phi.facts.controls import controls
from openai_phi.finding.results import Result
from openai_phi.reporting import reports
from openai_phi.reporting.report_oscal import render

TRESTLE = Path(sys.executable).with_name("trestle")


def assessed(result: Result) -> dict[str, Any]:
    return dict(json.loads(render(result))["assessment-results"])


def each(node: Any, key: str) -> list[Any]:
    """Every value of a key, wherever it stands."""
    if isinstance(node, dict):
        return [v for k, v in node.items() if k == key] + [
            x for v in node.values() for x in each(v, key)
        ]
    return [x for v in node for x in each(v, key)] if isinstance(node, list) else []


def test_trestle_finds_it_valid(sample: Result, hostile: Result, tmp_path: Path) -> None:
    subprocess.run([TRESTLE, "init", "--local"], cwd=tmp_path, check=True, capture_output=True)
    for name, result in (("sample", sample), ("hostile", hostile)):
        folder = tmp_path / "assessment-results" / name
        folder.mkdir(parents=True)
        text = reports.render(result, "oscal")
        (folder / "assessment-results.json").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [TRESTLE, "validate", "--all"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("VALID") == 2, done.stdout


def test_findings_are_controls_with_their_observations_and_risks(sample: Result) -> None:
    document = assessed(sample)
    (result,) = document["results"]
    observations = {o["uuid"]: o for o in result["observations"]}
    risks = {r["uuid"] for r in result["risks"]}
    found = {f["target"]["target-id"]: f for f in result["findings"]}
    control = controls().by_citation["45 CFR 164.502(e)(1)(i)"]
    finding = found[control.token]
    related = [observations[o["observation-uuid"]] for o in finding["related-observations"]]
    assert any("intake" in o["title"] for o in related)
    assert {r["risk-uuid"] for r in finding["related-risks"]} <= risks
    assert {f["target"]["status"]["state"] for f in found.values()} == {"not-satisfied"}
    reviewed = result["reviewed-controls"]["control-selections"][0]["include-controls"]
    assert set(found) <= {c["control-id"] for c in reviewed}


def test_observations_refer_to_evidence_and_to_subjects_that_are_there(sample: Result) -> None:
    (result,) = assessed(sample)["results"]
    (intake,) = [
        o for o in result["observations"] if "OAI" in o["title"] and "intake" in o["title"]
    ]
    places = {e.get("href") for e in intake["relevant-evidence"]}
    assert "./sample_infra/terraform/main.tf#L7" in places
    assert "./sample_infra/terraform/intake.tf#L11" in places
    local = result["local-definitions"]
    known = {i["uuid"] for i in local["inventory-items"]} | {local["components"][0]["uuid"]}
    assert set(each(result, "subject-uuid")) | set(each(result, "actor-uuid")) <= known


def test_a_covered_workload_is_an_observation_with_its_assurance(sample: Result) -> None:
    (result,) = assessed(sample)["results"]
    covered = [
        o
        for o in result["observations"]
        if o["title"].endswith("covered, agreement attested, settings attested")
    ]
    assert len(covered) == 3
    assert all(
        {p["name"]: p["value"] for p in o["props"]}
        == {
            "verdict": "covered",
            "assurance": "attested",
            "agreement": "attested",
            "settings": "attested",
        }
        for o in covered
    )


def test_ids_are_of_version_5_once_each_and_times_are_the_scans_day(
    sample: Result, hostile: Result
) -> None:
    for result in (sample, replace(sample, findings=sample.findings * 2), hostile):
        text = render(result)
        made = each(json.loads(text), "uuid")
        assert len(set(made)) == len(made)
        assert all(
            re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f-]{16}", u)
            for u in made
        )
        assert set(re.findall(r"\d{4}-\d\d-\d\dT[^\"]*", text)) <= {
            "2026-11-20T00:00:00+00:00", "2026-12-31T00:00:00+00:00",
        }  # fmt: skip


def test_an_exempt_finding_is_a_risk_with_its_deadline_and_no_finding(hostile: Result) -> None:
    (result,) = assessed(replace(hostile, findings=()))["results"]
    assert [r["status"] for r in result["risks"]] == ["deviation-approved", "open"]
    assert result["risks"][0]["deadline"].startswith("2026-12-31")
    assert "findings" not in result


def test_a_date_that_is_none_sets_no_deadline(hostile: Result) -> None:
    exempt = tuple(replace(e, expires_on="2026-13-45") for e in hostile.exempt)
    (result,) = assessed(replace(hostile, exempt=exempt))["results"]
    assert each(result, "deadline") == []


def test_without_the_extra_it_says_what_to_install(
    sample: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "openai_phi.reporting.report_oscal", raising=False)
    monkeypatch.setitem(sys.modules, "trestle.oscal.assessment_results", None)
    with pytest.raises(reports.ReportUnavailable, match=r"openai-phi\[oscal\]"):
        reports.render(sample, "oscal")
