"""The verdict, complete: every combination of what is known about a use of a PHI workload."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import pytest

from openai_phi.declared.declarations import (
    Agreement,
    Declarations,
    Limits,
    Policy,
    Project,
    WorkloadDeclaration,
)
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.reading.terraform.proofs import Proofs, RetentionProof
from openai_phi.verdicts.judging import Judge
from openai_phi.words.observed import Assurance, PhiStatus, Use, Workload
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource
from openai_phi.words.verdict import Conjunct, Verdict

TODAY = date(2026, 11, 20)
HERE = ("openai-policy.yaml", 1)
HELD, BROKEN, MISSING = "held", "broken", "missing"

# What each part is known to be, and what that makes of its conjunct: the outcome and its assurance.
BAA = {
    "in force": (HELD, Assurance.ATTESTED),
    "expired": (BROKEN, None),
    "of another organization": (BROKEN, None),
    "not yet signed": (BROKEN, None),
    "organization unknown": (MISSING, None),
}
RETENTION = {
    "attested": (HELD, Assurance.ATTESTED),
    "enforced": (HELD, Assurance.ENFORCED),
    "off in the policy": (BROKEN, None),
    "off in Terraform": (BROKEN, None),
    "unknown": (MISSING, None),
}
# endpoint -> (edition chosen, coverage rule) -> outcome; the newest edition is always asked too
COVERED = {
    ("2026-10", "strict"): HELD, ("2026-10", "listed"): HELD, ("2026-10", "zdr-eligible"): HELD,
    ("2024-02", "strict"): HELD, ("2024-02", "listed"): HELD, ("2024-02", "zdr-eligible"): HELD,
}  # fmt: skip
ENDPOINT = {
    "/v1/chat/completions": COVERED,
    "/v1/embeddings": COVERED,
    "/v1/responses": {k: HELD if k[0] == "2026-10" else MISSING for k in COVERED},
    "/v1/files": {k: HELD if k == ("2026-10", "listed") else BROKEN for k in COVERED},
    "/v1/conversations": dict.fromkeys(COVERED, BROKEN),
    "/v1/decisions": dict.fromkeys(COVERED, MISSING) | {
        ("2026-10", "zdr-eligible"): HELD,
    },
    "/v1/containers": dict.fromkeys(COVERED, MISSING),
    "*": dict.fromkeys(COVERED, MISSING),
    "": dict.fromkeys(COVERED, MISSING),
}  # fmt: skip
FEATURES = {"none": (), "web search": ("live_web_search",), "undeclared": None}
# endpoints whose rows ask about features in one of the editions
ASKS = {
    "2026-10": {"/v1/chat/completions", "/v1/responses"},
    "2024-02": {"/v1/chat/completions", "/v1/responses"},
}
MINIMUM = (Assurance.CLAIMED, Assurance.ATTESTED, Assurance.ENFORCED)
TERMS = {
    "strict": "our-own",
    "listed": "openai-baa-2026-10",
    "zdr-eligible": "openai-addendum-2024",
}


def agreement(kind: str, terms: str | None = None, **dates: str) -> Agreement:
    return Agreement(kind, "openai", ("org-a",), ("proj_a",), (), terms, dates, None, HERE)


def declarations(
    baa: str, retention: str, rule: str, edition: str, minimum: Assurance
) -> Declarations:
    dates = {"expired": {"expires_on": "2026-11-19"}, "not yet signed": {"signed_on": "2026-11-21"}}
    held = agreement("baa", TERMS[rule], **dates.get(baa, {"signed_on": "2026-10-07"}))
    if baa == "of another organization":
        held = replace(held, organizations=("org-b",))
    organization = None if baa == "organization unknown" else "org-a"
    said = {"attested": "zero_data_retention", "off in the policy": "none"}.get(retention)
    project = Project("proj_a", organization, "openai_project.a", said, None, None, HERE)
    limits = Limits(coverage="strict" if rule == "strict" else None, minimum_assurance=minimum.word)
    policy = Policy(
        "openai-policy.yaml",
        "",
        "covered_entity",
        edition,
        (held,),
        {"proj_a": project},
        (),
        {},
        limits,
    )
    return Declarations(policy)


def proofs(retention: str) -> Proofs:
    kind = {"enforced": "zero_data_retention", "off in Terraform": "none"}.get(retention)
    return Proofs((RetentionProof("openai_project.a", kind, Place("main.tf", 1)),) if kind else ())


def workload(endpoint: str, features: tuple[str, ...] | None) -> Workload:
    resource = Resource("kubernetes", "Deployment", "Deployment.a", "a", "", "a.yaml", 1, 9)
    endpoints = (endpoint,) if endpoint else None
    declared = WorkloadDeclaration("*", "phi", "proj_a", None, endpoints, features, HERE)
    use = Use("openai", "api.openai.com", ())
    return Workload(resource, PhiStatus.PHI, (), (use,), declared)


def expected(
    baa: str,
    retention: str,
    endpoint: str,
    feature: str,
    rule: str,
    edition: str,
    minimum: Assurance,
) -> tuple[Verdict, set[Conjunct], set[Conjunct]]:
    """The verdict, what is broken and what is missing, from the tables above alone."""
    if baa in ("of another organization", "organization unknown"):
        rule = "strict"  # no agreement, no terms that could say otherwise
    outcomes = {
        Conjunct.BAA: BAA[baa][0],
        Conjunct.RETENTION: RETENTION[retention][0],
        Conjunct.ENDPOINT: ENDPOINT[endpoint][(edition, rule)],
        Conjunct.FEATURE: HELD,
    }
    if feature == "web search":
        outcomes[Conjunct.FEATURE] = BROKEN
    elif feature == "undeclared" and endpoint in ASKS[edition]:
        outcomes[Conjunct.FEATURE] = MISSING
    broken = {c for c, o in outcomes.items() if o == BROKEN}
    missing = {c for c, o in outcomes.items() if o == MISSING}
    if broken:
        return Verdict.NOT_COVERED, broken, missing
    if missing:
        return Verdict.UNPROVEN, broken, missing
    weakest = min(a for a in (BAA[baa][1], RETENTION[retention][1]) if a is not None)
    return (Verdict.COVERED if weakest >= minimum else Verdict.UNPROVEN), broken, set()


@pytest.mark.parametrize("edition", ["2024-02", "2026-10"])
@pytest.mark.parametrize("rule", ["strict", "listed", "zdr-eligible"])
def test_every_combination(rule: str, edition: str) -> None:
    catalogue = load_catalogue()
    wrong = []
    count = 0
    for baa, retention, minimum in itertools.product(BAA, RETENTION, MINIMUM):
        judge = Judge(
            declarations(baa, retention, rule, edition, minimum),
            catalogue,
            TODAY,
            proofs(retention),
        )
        for endpoint, feature in itertools.product(ENDPOINT, FEATURES):
            count += 1
            one = workload(endpoint, FEATURES[feature])
            got = judge.assess(one, one.uses[0])
            verdict, broken, missing = expected(
                baa, retention, endpoint, feature, rule, edition, minimum
            )
            seen = (
                got.verdict,
                {b.conjunct for b in got.broken},
                {m.conjunct for m in got.missing},
            )
            if verdict is Verdict.UNPROVEN and not missing:
                assert got.missing, "a verdict that is too weakly assured says so"
                seen = (seen[0], seen[1], set())
            if seen != (verdict, broken, missing):
                wrong.append(
                    (
                        baa,
                        retention,
                        endpoint,
                        feature,
                        minimum.word,
                        seen,
                        (verdict, broken, missing),
                    )
                )
    assert count == len(BAA) * len(RETENTION) * len(MINIMUM) * len(ENDPOINT) * len(FEATURES)
    assert wrong == []


def test_claims_without_a_policy() -> None:
    """Without a policy a workload's claims are all there is: every combination of them."""
    judge = Judge(Declarations(), load_catalogue(), TODAY, Proofs())
    for baa, zdr, closed in itertools.product(
        (True, False, None), (True, False, None), (True, False)
    ):
        use = Use(
            "openai", "api.openai.com", (), ("/v1/responses",) if closed else (),
            Assurance.CLAIMED if closed else Assurance.NONE, (), (), Assurance.CLAIMED,
            zdr_claim=zdr, baa_claim=baa,
        )  # fmt: skip
        resource = Resource("kubernetes", "Deployment", "Deployment.a", "a", "", "a.yaml", 1, 9)
        got = judge.assess(Workload(resource, PhiStatus.PHI, (), (use,)), use)
        broken = {
            c
            for c, no in ((Conjunct.BAA, baa is not True), (Conjunct.RETENTION, zdr is False))
            if no
        }
        missing = {
            c
            for c, no in ((Conjunct.ENDPOINT, not closed), (Conjunct.RETENTION, zdr is None))
            if no
        }
        assert {b.conjunct for b in got.broken} == broken, (baa, zdr, closed)
        assert {m.conjunct for m in got.missing} == missing, (baa, zdr, closed)
        if not broken and not missing:
            assert (got.verdict, got.assurance) == (Verdict.COVERED, Assurance.CLAIMED)
