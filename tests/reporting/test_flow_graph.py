"""The picture's flow: what shows PHI, the workload, its gateways, its endpoints; the worst verdict counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from openai_phi.reporting.flow_graph import Node, flow_of
from openai_phi.reporting.posture import Judged
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.fixes import Actor
from openai_phi.words.observed import (
    Assurance,
    Confidence,
    Evidence,
    Kind,
    PhiStatus,
    Use,
    Workload,
)
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource
from openai_phi.words.verdict import Assured, Broken, Conjunct, Held, Missing, Verdict

LABEL = Evidence(Kind.PHI, "phi", Place("a.yaml", 7, "labels"), Confidence.DECLARED, "data")
NAME = Evidence(Kind.PHI, "patients", Place("a.yaml", 1, "name"), Confidence.SUSPECTED, "name")
PHI, NOTES = Node("phi", "data=phi", "a.yaml:7"), Node("workload", "Pod.notes", "a.yaml:1")
GATEWAY, ANSWERS = Node("gateway", "llm.ai.svc"), Node("endpoint", "api.openai.com /v1/responses")


def judged(
    name: str, *found: tuple[Use, Verdict, Assurance], phi: tuple[Evidence, ...] = (LABEL, NAME)
) -> Judged:
    resource = Resource("kubernetes", "Pod", f"Pod.{name}", name, "", "a.yaml", 1, 9)
    workload = Workload(
        resource=resource, phi=PhiStatus.PHI, phi_evidence=phi, uses=tuple(u for u, _, _ in found)
    )
    return Judged(
        workload,
        tuple(
            Assessment(
                workload=workload, use=u, verdict=v, assured=Assured(agreement=a, settings=a)
            )
            for u, v, a in found
        ),
        "",
    )


def use(*endpoints: str, through: tuple[str, ...] = (), host: str | None = "api.openai.com") -> Use:
    return Use("openai", host, (), endpoints, through=through)


def edges(*each: Judged) -> list[tuple[Node, Node, Verdict, Assurance]]:
    return [(e.source, e.target, e.verdict, e.assured.weakest) for e in flow_of(each).edges]


def test_the_way_leads_through_gateways_to_each_endpoint() -> None:
    through = use("/v1/responses", "/v1/files", through=("llm.ai.svc", "api.openai.com"))
    found = edges(judged("notes", (through, Verdict.NOT_COVERED, Assurance.NONE)))
    assert [(a, b) for a, b, _, _ in found] == [
        (PHI, NOTES),
        (NOTES, GATEWAY),
        (GATEWAY, ANSWERS),
        (GATEWAY, Node("endpoint", "api.openai.com /v1/files")),
    ]


def test_names_alone_are_shown_only_where_nothing_stronger_is() -> None:
    found = edges(judged("notes", (use(), Verdict.UNPROVEN, Assurance.NONE), phi=(NAME,)))
    assert found[0][0] == Node("phi", "name=patients", "a.yaml:1")
    assert found[1][1] == Node("endpoint", "api.openai.com")


def test_a_host_that_nothing_names_is_called_unknown() -> None:
    found = edges(judged("notes", (use(host=None), Verdict.UNPROVEN, Assurance.NONE)))
    assert found[-1][1] == Node("endpoint", "an unknown host of openai")


def test_what_is_shared_has_the_worst_verdict_and_the_weakest_assurance() -> None:
    good = judged("good", (use("/v1/responses"), Verdict.COVERED, Assurance.ENFORCED))
    two = judged(
        "notes",
        (use("/v1/responses"), Verdict.COVERED, Assurance.ENFORCED),
        (use("/v1/responses"), Verdict.COVERED, Assurance.ATTESTED),
        (use("/v1/files"), Verdict.NOT_COVERED, Assurance.NONE),
    )
    flow = flow_of([good, two])
    assert (NOTES, ANSWERS, Verdict.COVERED, Assurance.ATTESTED) in edges(good, two)
    assert flow.verdict(ANSWERS) is Verdict.COVERED
    assert flow.verdict(NOTES) is Verdict.NOT_COVERED
    assert [n.kind for n in flow.nodes] == ["phi", "workload", "workload", "endpoint", "endpoint"]


HELD = Held(conjunct=Conjunct.BAA, assurance=Assurance.ATTESTED, because="in force")
KEPT = Held(conjunct=Conjunct.RETENTION, assurance=Assurance.ATTESTED, because="nothing is kept")
OPEN = Missing(conjunct=Conjunct.RETENTION, what="retention", who=Actor.COMPLIANCE)
FILES = Broken(conjunct=Conjunct.ENDPOINT, reason="not on the list", subject="/v1/files")
SEARCH = Broken(conjunct=Conjunct.FEATURE, reason="web search is on", subject="live_web_search")
SELF = Broken(conjunct=Conjunct.ENDPOINT, reason="no", subject="/v1/responses")

# what is broken, what is missing, what cover must reach -> the edge to /v1/responses beside /v1/files
BESIDE = {
    "the other endpoint alone": ((FILES,), (), Assurance.ATTESTED, Verdict.COVERED),
    "something for all": ((FILES, SEARCH), (), Assurance.ATTESTED, Verdict.NOT_COVERED),
    "and a proof is missing": ((FILES,), (OPEN,), Assurance.ATTESTED, Verdict.UNPROVEN),
    "and its own proof is too weak": ((FILES,), (), Assurance.VERIFIED, Verdict.UNPROVEN),
    "itself": ((SELF,), (), Assurance.ATTESTED, Verdict.NOT_COVERED),
}


@pytest.mark.parametrize("case", BESIDE)
def test_an_edge_has_the_verdict_towards_its_own_endpoint(case: str) -> None:
    broken, missing, minimum, expected = BESIDE[case]
    one = judged("notes", (use("/v1/responses", "/v1/files"), Verdict.NOT_COVERED, Assurance.NONE))
    (assessment,) = one.assessments
    held = replace(assessment, broken=broken, missing=missing, held=(HELD, KEPT), minimum=minimum)
    found = {b: (v, a) for _, b, v, a in edges(replace(one, assessments=(held,)))}
    assert found[ANSWERS][0] is expected
    if expected is Verdict.COVERED:
        assert found[ANSWERS][1] is Assurance.ATTESTED
        assert found[Node("endpoint", "api.openai.com /v1/files")][0] is Verdict.NOT_COVERED
    assert found[NOTES][0] is Verdict.NOT_COVERED
