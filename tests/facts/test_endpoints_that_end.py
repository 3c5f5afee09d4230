"""An endpoint that its provider shuts down: told 90 days before, not covered from its day, as the source says."""

from __future__ import annotations

from datetime import date

import pytest

from openai_phi.declared.agreements import Agreement
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.policy_file import Delegation, Policy, Project
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.signatures import signatures
from openai_phi.reading.terraform.proofs import Proofs
from openai_phi.verdicts.analysis import Inputs, analyse
from openai_phi.verdicts.assessment import Assessment
from openai_phi.verdicts.judging import Judge
from openai_phi.verdicts.retirements import retirements
from openai_phi.words.observed import PhiStatus, Use, Workload
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource
from openai_phi.words.verdict import Conjunct, Verdict
from openai_phi.words.workload_declarations import WorkloadDeclaration

PAGE = "https://developers.openai.com/api/docs/deprecations"


def _assess(endpoint: str, day: str) -> Assessment:
    """The verdict on a PHI workload that is declared to use one endpoint, with all that cover asks for."""
    here = Place("openai-policy.yaml", 1)
    baa = Agreement(
        kind="baa",
        provider="openai",
        organizations=("org-a",),
        terms="openai-baa-2026-10",
        dates={"signed_on": "2026-10-06"},
        place=here,
    )
    project = Project(
        delegated_to=(Delegation(),),
        id="proj_a",
        organization="org-a",
        retention="zero_data_retention",
        place=here,
    )
    policy = Policy(file=here.file, agreements=(baa,), projects={"proj_a": project})
    declared = WorkloadDeclaration(
        match="*", data="phi", project="proj_a", endpoints=(endpoint,), features=(), place=here
    )
    resource = Resource("kubernetes", "Deployment", "Deployment.a", "a", "", "a.yaml", 1, 9)
    use = Use("openai", "api.openai.com", ())
    one = Workload(
        resource=resource, phi=PhiStatus.PHI, phi_evidence=(), uses=(use,), declaration=declared
    )
    judge = Judge(Declarations(policy=policy), load_catalogue(), date.fromisoformat(day), Proofs())
    return judge.assess(one, use)


@pytest.mark.parametrize(
    ("endpoint", "day", "said"),
    [
        ("/v1/assistants", "2026-11-27", "the provider shut it down on 2026-08-26"),
        ("/v1/threads/runs", "2026-11-27", "the provider shut it down on 2026-08-26"),
        ("/v1/prompts", "2026-11-30", "the provider shut it down on 2026-11-30"),
        ("/v1/evals", "2026-11-30", "the provider shut it down on 2026-11-30"),
    ],
)
def test_from_its_day_an_endpoint_is_not_covered(endpoint: str, day: str, said: str) -> None:
    assessment = _assess(endpoint, day)
    assert assessment.verdict is Verdict.NOT_COVERED
    [broken] = [b for b in assessment.broken if b.conjunct is Conjunct.ENDPOINT]
    assert broken.reason == f"{endpoint}: {said} ({PAGE})"


def test_before_its_day_it_is_as_the_edition_says() -> None:
    [evals] = _assess("/v1/evals", "2026-11-29").broken
    assert "not on the provider's list" in evals.reason
    prompts = _assess("/v1/prompts", "2026-11-29")
    assert prompts.verdict is Verdict.UNPROVEN
    assert "is not in the edition 2026-10" in prompts.missing[0].what


def test_an_endpoint_that_goes_on_is_covered() -> None:
    assert _assess("/v1/files", "2026-11-30").verdict is Verdict.COVERED


@pytest.mark.parametrize(
    ("day", "told"), [("2026-08-31", False), ("2026-09-01", True), ("2026-11-29", True), ("2026-11-30", False)]
)  # fmt: skip
def test_it_falls_due_90_days_before_and_never_after(day: str, told: bool) -> None:
    assessment = _assess("/v1/evals", "2026-10-08")
    found = list(retirements([assessment], date.fromisoformat(day)))
    assert [(str(d.day), p.file) for _, p, d in found] == [("2026-11-30", "a.yaml")] * told


def test_what_goes_on_falls_due_on_no_day() -> None:
    assert list(retirements([_assess("/v1/files", "2026-11-27")], date(2026, 11, 27))) == []


def test_nothing_to_judge_ends_nothing() -> None:
    given = Inputs([], Declarations(), load_catalogue(), signatures(), date(2026, 11, 27))
    assert list(retirements(analyse(given).assessments, date(2026, 11, 27))) == []
