"""One problem is one finding in all of its environments; what differs stays apart."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from openai_phi.finding.grouping import grouped, one_of
from openai_phi.scanning.baseline import as_baseline, read_baseline
from openai_phi.words.found import Finding
from openai_phi.words.places import Place


def made(environment: str, **more: object) -> Finding:
    finding = Finding(
        rule="OAI_COVERAGE_7",
        resource="Deployment.clinic.app",
        place=Place(f"overlays/{environment}/app.yaml", 3),
        message="wrong",
        cause="receiver langsmith",
        severity="HIGH",
        workload="overlays/*/app.yaml Deployment.app",
        environments=(environment,),
    )
    return replace(finding, **more)  # type: ignore[arg-type]


def test_the_same_cause_is_one() -> None:
    (found,) = grouped([made("prod"), made("dev"), made("stage")])
    assert found.environments == ("dev", "stage", "prod")
    assert len(found.members) == 3


def test_another_cause_workload_or_rule_is_another() -> None:
    others = [
        made("dev", cause="receiver helicone"),
        made("dev", workload="overlays/*/b.yaml Deployment.app"),
        made("dev", rule="OAI_COVERAGE_5"),
    ]
    assert len(grouped([made("prod"), *others])) == 4


def test_the_severest_counts() -> None:
    assert (
        one_of([made("dev", severity="LOW"), made("prod", severity="CRITICAL")]).severity
        == "CRITICAL"
    )


def test_a_new_environment_is_not_known(tmp_path: Path) -> None:
    rule = "OAI_TRANSPORT_1"
    known = tmp_path / "known.json"
    known.write_text(as_baseline(grouped([made("dev", rule=rule)]))[0])
    baseline = read_baseline(str(known))
    assert baseline.holds(made("dev", rule=rule, place=Place("moved.yaml", 9)))
    assert not baseline.holds(made("prod", rule=rule))


def test_a_baseline_of_the_first_version_is_read(tmp_path: Path) -> None:
    one = made("dev", rule="OAI_TRANSPORT_1")
    known = tmp_path / "known.json"
    entry = {"fingerprint": one.fingerprint, "file": one.place.file}
    known.write_text(json.dumps({"version": 1, "findings": [entry]}))
    assert read_baseline(str(known)).holds(one)
    assert not read_baseline(str(known)).holds(made("prod", rule="OAI_TRANSPORT_1"))


def test_what_lacks_less_belongs_to_what_lacks_more() -> None:
    """A workload whose proofs are missing is one finding; it says all that is missing anywhere."""
    both, one = ("whose key of prod", "web search"), ("whose key of dev",)
    prod, dev = made("prod", cause="unproven", lacks=both), made("dev", cause="unproven", lacks=one)
    (found,) = grouped([dev, prod])
    assert (found.lacks, found.environments) == (both, ("dev", "prod"))
    other = made("stage", cause="unproven", lacks=("an agreement",))
    assert [f.environments for f in grouped([dev, prod, other])] == [("dev", "prod"), ("stage",)]
