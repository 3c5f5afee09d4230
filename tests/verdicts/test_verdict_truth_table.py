"""The verdict, complete: every combination of what is known about a use of a PHI workload."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import pytest

from openai_phi.declared.agreements import AgreementState
from openai_phi.declared.retention_controls import RetentionControl, RetentionState
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.reading.terraform.proofs import RetentionProof
from openai_phi.verdicts.judging import assess
from openai_phi.verdicts.use_facts import Agreed, Binding, Facts, Word
from openai_phi.words.observed import Assurance, PhiStatus, Use, Workload
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource
from openai_phi.words.verdict import Conjunct, Verdict

TODAY = date(2026, 11, 20)
HERE = Place("openai-policy.yaml", 1)
WORKLOAD = Workload(
    resource=Resource("kubernetes", "Deployment", "Deployment.a", "a", "", "a.yaml", 1, 9),
    phi=PhiStatus.PHI, phi_evidence=(), uses=(),
)  # fmt: skip
HELD, BROKEN, MISSING = "held", "broken", "missing"

STATES = {
    "in force": AgreementState.IN_FORCE,
    "review overdue": AgreementState.REVIEW_OVERDUE,
    "expired": AgreementState.EXPIRED,
    "of another organization": AgreementState.MISSING,
    "not yet signed": AgreementState.NOT_YET_SIGNED,
    "organization unknown": AgreementState.MISSING,
}
CONTROLS = {"attested": RetentionState.ON, "off in the policy": RetentionState.OFF}
SET = {
    "enforced": RetentionProof("openai_project.a", "zero_data_retention", Place("main.tf", 1)),
    "off in Terraform": RetentionProof("openai_project.a", "none", Place("main.tf", 1)),
}

# What each part is known to be, and what that makes of its conjunct: the outcome and its assurance.
BAA = {
    "in force": (HELD, Assurance.ATTESTED),
    "review overdue": (HELD, Assurance.ATTESTED),
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
BINDING = Binding(owner="proj_a", by=Word.POLICY, place=HERE)
KEY = {
    "the policy's": ((BINDING,), HELD, Assurance.ATTESTED),
    "made by an account": ((replace(BINDING, by=Word.CODE),), HELD, Assurance.ENFORCED),
    "delegated": ((replace(BINDING, by=Word.DELEGATED),), HELD, Assurance.ATTESTED),
    "nobody's": ((), MISSING, None),
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


def facts(
    baa: str,
    retention: str,
    endpoint: str,
    feature: str,
    rule: str,
    edition: str,
    minimum: Assurance,
    key: str,
) -> Facts:
    """What is known of a use in one combination, by hand."""
    catalogue = load_catalogue()
    chosen, newest = (catalogue.edition("openai", e) for e in (edition, "2026-10"))
    assert chosen is not None
    assert newest is not None
    features = FEATURES[feature]
    return Facts(
        use=Use("openai", "api.openai.com", ()),
        project="proj_a",
        organization=None if baa == "organization unknown" else "org-a",
        endpoints=(endpoint,) if endpoint else (),
        bindings=KEY[key][0],
        endpoints_closed=max(Assurance.ATTESTED, minimum) if endpoint else Assurance.NONE,
        features=features or (),
        features_closed=Assurance.NONE if features is None else max(Assurance.ATTESTED, minimum),
        editions=(newest,) if chosen is newest else (chosen, newest),
        rule=rule,
        baa=Agreed(state=STATES[baa], reason=baa, place=HERE),
        asks_for_organization=True,
        retention=RetentionControl(
            state=CONTROLS.get(retention, RetentionState.UNKNOWN), reason="said", place=HERE
        ),
        retention_set=SET.get(retention),
        minimum=minimum,
    )


def expected(
    baa: str,
    retention: str,
    endpoint: str,
    feature: str,
    rule: str,
    edition: str,
    minimum: Assurance,
    key: str,
) -> tuple[Verdict, set[Conjunct], set[Conjunct]]:
    """The verdict, what is broken and what is missing, from the tables above alone."""
    outcomes = {
        Conjunct.BAA: BAA[baa][0],
        Conjunct.CREDENTIAL: KEY[key][1],
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
    settings = min(a for a in (KEY[key][2], RETENTION[retention][1]) if a is not None)
    return (Verdict.COVERED if settings >= minimum else Verdict.UNPROVEN), broken, set()


@pytest.mark.parametrize("edition", ["2024-02", "2026-10"])
@pytest.mark.parametrize("rule", ["strict", "listed", "zdr-eligible"])
def test_every_combination(rule: str, edition: str) -> None:
    wrong = []
    count = 0
    for baa, retention, minimum in itertools.product(BAA, RETENTION, MINIMUM):
        for endpoint, feature, key in itertools.product(ENDPOINT, FEATURES, KEY):
            count += 1
            known = facts(baa, retention, endpoint, feature, rule, edition, minimum, key)
            got = assess(WORKLOAD, known)
            verdict, broken, missing = expected(
                baa, retention, endpoint, feature, rule, edition, minimum, key
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
    assert count == len(BAA) * len(RETENTION) * len(MINIMUM) * len(ENDPOINT) * len(FEATURES) * len(
        KEY
    )
    assert wrong == []


def test_claims_without_a_policy() -> None:
    """Without a policy a workload's claims are all there is: every combination of them."""
    newest = load_catalogue().newest("openai", TODAY)
    assert newest is not None
    for baa, zdr, closed in itertools.product(
        (True, False, None), (True, False, None), (True, False)
    ):
        known = Facts(
            use=Use("openai", "api.openai.com", (), zdr_claim=zdr, baa_claim=baa),
            endpoints=("/v1/responses",) if closed else (),
            endpoints_closed=Assurance.CLAIMED if closed else Assurance.NONE,
            features_closed=Assurance.CLAIMED,
            editions=(newest,),
            has_policy=False,
        )
        got = assess(WORKLOAD, known)
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
