"""The judge by hand-made facts: what a policy may not loosen, and which of two declarations counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from openai_phi.declared.agreements import Agreement
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.declared_limits import Limits
from openai_phi.declared.policy_file import Delegation, Policy, Project
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.reading.terraform.proofs import Proofs
from openai_phi.verdicts.assessment import Assessment
from openai_phi.verdicts.judging import Judge
from openai_phi.words.observed import PhiStatus, Use, Workload
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource
from openai_phi.words.verdict import Conjunct, Verdict
from openai_phi.words.workload_declarations import WorkloadDeclaration

TODAY = date(2026, 11, 20)
HERE = Place("openai-policy.yaml", 1)
BAA = Agreement(
    kind="baa", provider="openai", organizations=("org-a",), terms="openai-baa-2026-10", dates={"signed_on": "2026-10-07"}, place=HERE
)  # fmt: skip
PROJECT = Project(
    id="proj_a",
    organization="org-a",
    retention="zero_data_retention",
    delegated_to=(Delegation(),),
    place=HERE,
)
TEAM = WorkloadDeclaration(
    match="*",
    data="phi",
    project="proj_a",
    endpoints=("/v1/chat/completions",),
    features=(),
    place=HERE,
)


def assessed(
    baa: Agreement = BAA,
    project: Project = PROJECT,
    team: WorkloadDeclaration = TEAM,
    limits: Limits | None = None,
) -> Assessment:
    """The verdict on a workload of this project, under this agreement and these limits."""
    policy = Policy(
        file="openai-policy.yaml", agreements=(baa,), projects={"proj_a": project},
        limits=limits or Limits(),
    )  # fmt: skip
    resource = Resource("kubernetes", "Deployment", "Deployment.a", "a", "", "a.yaml", 1, 9)
    use = Use("openai", "api.openai.com", ())
    judge = Judge(Declarations(policy=policy), load_catalogue(), TODAY, Proofs())
    return judge.assess(
        Workload(
            resource=resource, phi=PhiStatus.PHI, phi_evidence=(), uses=(use,), declaration=team
        ),
        use,
    )


def broken(assessment: Assessment) -> set[tuple[Conjunct, str]]:
    return {(b.conjunct, b.subject) for b in assessment.broken}


@pytest.mark.parametrize(
    ("terms", "asked", "covered"),
    [
        ("openai-baa-2026-10", None, True),
        ("openai-baa-2026-10", "listed", True),
        ("openai-baa-2026-10", "strict", False),
        ("our-own", None, False),
        ("our-own", "listed", False),
        (None, "listed", False),
        ("openai-addendum-2024", None, False),
        ("openai-addendum-2024", "listed", False),
    ],
)
def test_a_policy_asks_for_more_than_the_terms_give_and_never_for_less(
    terms: str | None, asked: str | None, covered: bool
) -> None:
    """Files are in the list of the agreement of October 2026 alone, so only its own terms cover them."""
    got = assessed(
        replace(BAA, terms=terms),
        team=replace(TEAM, endpoints=("/v1/files",)),
        limits=Limits(coverage=asked),
    )
    assert broken(got) == (set() if covered else {(Conjunct.ENDPOINT, "/v1/files")})
    assert got.verdict is (Verdict.COVERED if covered else Verdict.NOT_COVERED)


@pytest.mark.parametrize(
    ("retention", "feature", "expected"),
    [
        ("zero_data_retention", "offline_web_search", set()),
        ("none", "offline_web_search", {(Conjunct.FEATURE, "offline_web_search")}),
        (None, "offline_web_search", {(Conjunct.FEATURE, "offline_web_search")}),
        ("modified_abuse_monitoring", "offline_web_search", {(Conjunct.FEATURE, "offline_web_search")}),
        (None, None, set()),
    ],
)  # fmt: skip
def test_a_feature_that_needs_zero_data_retention_is_broken_without_it(
    retention: str | None, feature: str | None, expected: set[tuple[Conjunct, str]]
) -> None:
    team = replace(TEAM, features=(feature,) if feature else ())
    got = assessed(project=replace(PROJECT, retention=retention), team=team)
    assert {b for b in broken(got) if b[0] is Conjunct.FEATURE} == expected


@pytest.mark.parametrize(
    ("team", "project", "days"),
    [(30, 90, 90), (90, 30, 90), (30, None, 30), (None, 30, 30), (0, 7, 7), (0, None, 0), (None, None, None)],
)  # fmt: skip
def test_of_two_declared_retentions_the_longer_counts(
    team: int | None, project: int | None, days: int | None
) -> None:
    got = assessed(
        project=replace(PROJECT, retention_days=project), team=replace(TEAM, retention_days=team)
    )
    assert got.deleted_after == days
