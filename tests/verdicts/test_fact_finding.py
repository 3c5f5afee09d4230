"""The facts of a use, each found in hand-made declarations: what the truth table of verdicts starts from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from openai_phi.declared.agreements import Agreement, AgreementState
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.policy_file import Credential, Gateway, Policy, Project
from openai_phi.declared.retention_controls import RetentionState
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.signatures import signatures
from openai_phi.reading.terraform.proofs import ModelProof, Proofs, RetentionProof, ToolProof
from openai_phi.verdicts.fact_finding import FactFinder
from openai_phi.verdicts.use_facts import Facts, ProviderKind
from openai_phi.words.observed import (
    Assurance,
    Confidence,
    Evidence,
    Kind,
    PhiStatus,
    Receiver,
    Use,
    Workload,
)
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource, SecretRef
from openai_phi.words.workload_declarations import WorkloadDeclaration

TODAY = date(2026, 11, 20)
AT = Place("openai-policy.yaml", 4)
BAA = Agreement(
    kind="baa", provider="openai", organizations=("org-a",), terms="openai-baa-2026-10", dates={"signed_on": "2026-10-07"}, place=AT
)  # fmt: skip
VENDOR = Agreement(kind="baa", provider="vendor", dates={"signed_on": "2026-10-07"}, place=AT)
PROJECT = Project(
    id="proj_a",
    organization="org-a",
    terraform="openai_project.a",
    retention="zero_data_retention",
    place=AT,
)
TEAM = WorkloadDeclaration(
    match="*", data="phi", project="proj_a", endpoints=("/v1/responses",), features=(), place=AT
)
POLICY = Policy(file="openai-policy.yaml", agreements=(BAA, VENDOR), projects={"proj_a": PROJECT})
USE = Use("openai", "api.openai.com", ())
KEY = Evidence(
    Kind.KEY, "reference", Place("a.yaml", 3), Confidence.DECLARED, "OPENAI_API_KEY", "openai",
    secrets=(SecretRef("kubernetes", "clinic/key"),),
)  # fmt: skip


def facts(
    policy: Policy | None = POLICY,
    team: WorkloadDeclaration | None = TEAM,
    use: Use = USE,
    proofs: Proofs | None = None,
) -> Facts:
    resource = Resource("kubernetes", "Deployment", "Deployment.a", "a", "", "a.yaml", 1, 9)
    workload = Workload(
        resource=resource, phi=PhiStatus.PHI, phi_evidence=(), uses=(use,), declaration=team
    )
    finder = FactFinder(
        Declarations(policy=policy), load_catalogue(), TODAY, proofs or Proofs(), signatures()
    )
    return finder.facts(workload, use)


def test_what_a_sound_policy_and_a_team_say() -> None:
    found = facts()
    assert (found.project, found.organization, found.provider) == ("proj_a", "org-a", "openai")
    assert (found.endpoints, found.endpoints_closed) == (("/v1/responses",), Assurance.ATTESTED)
    assert found.endpoints_declared == ("/v1/responses",)
    assert (found.features, found.features_closed) == ((), Assurance.ATTESTED)
    assert (found.baa.state, found.baa.place) == (AgreementState.IN_FORCE, AT)
    assert found.retention is not None
    assert (found.retention.state, found.retention.place) == (RetentionState.ON, AT)
    assert (found.zero_retention, found.rule) == (True, "listed")
    assert [e.id for e in found.editions] == ["2026-10"]
    assert (found.minimum, found.has_policy, found.provider_known) == (
        Assurance.ATTESTED, True, True,
    )  # fmt: skip
    assert found.host.kind is ProviderKind.API


def test_without_policy_and_team_nothing_is_found() -> None:
    found = facts(None, None)
    assert (found.project, found.organization, found.has_policy) == (None, None, False)
    assert (found.endpoints_closed, found.endpoints_declared) == (Assurance.NONE, None)
    assert (found.baa.state, found.retention) == (AgreementState.MISSING, None)
    assert (found.rule, found.minimum) == ("strict", Assurance.CLAIMED)


@pytest.mark.parametrize(
    ("dates", "state"),
    [
        ({"signed_on": "2026-11-20"}, AgreementState.IN_FORCE),
        ({"signed_on": "2026-11-21"}, AgreementState.NOT_YET_SIGNED),
        ({"expires_on": "2026-11-19"}, AgreementState.EXPIRED),
        ({"expires_on": "tomorrow"}, AgreementState.EXPIRED),
        ({"signed_on": "2025-01-01"}, AgreementState.REVIEW_OVERDUE),
    ],
)
def test_the_state_of_the_baa(dates: dict[str, str], state: AgreementState) -> None:
    found = facts(replace(POLICY, agreements=(replace(BAA, dates=dates, review_every=365),)))
    assert found.baa.state is state


def test_the_baa_of_another_organization_gives_neither_cover_nor_terms() -> None:
    found = facts(replace(POLICY, agreements=(replace(BAA, organizations=("org-b",)),)))
    assert (found.baa.state, found.rule) == (AgreementState.MISSING, "strict")
    assert found.asks_for_organization


@pytest.mark.parametrize(
    ("said", "state", "zero"),
    [
        ("zero_data_retention", RetentionState.ON, True),
        ("none", RetentionState.OFF, False),
        ("modified_abuse_monitoring", RetentionState.UNKNOWN, False),
        (None, RetentionState.UNKNOWN, False),
    ],
)
def test_the_retention_control_of_the_policy(
    said: str | None, state: RetentionState, zero: bool
) -> None:
    found = facts(replace(POLICY, projects={"proj_a": replace(PROJECT, retention=said)}))
    assert found.retention is not None
    assert (found.retention.state, found.zero_retention) == (state, zero)


def test_proofs_of_the_code_count_for_the_projects_id_and_address_alone() -> None:
    here, there = Place("main.tf", 1), Place("main.tf", 9)
    proofs = Proofs(
        (RetentionProof("openai_project.b", "none", there), RetentionProof("openai_project.a", "none", here)),
        (ToolProof("proj_a", {"live_web_search": False}, here), ToolProof("proj_b", {"mcp": True}, there)),
        (ModelProof("proj_a", ("text-embedding-3-small",), here), ModelProof("proj_b", ("x",), there)),
    )  # fmt: skip
    found = facts(proofs=proofs)
    assert found.retention_set is not None
    assert found.retention_set.place == here
    assert {n: t.allowed for n, t in found.tools.items()} == {"live_web_search": False}


def test_a_list_of_models_bounds_no_endpoint() -> None:
    models = ModelProof("proj_a", ("text-embedding-3-small",), Place("main.tf", 1))
    without, found = facts(), facts(proofs=Proofs((), (), (models,)))
    assert (found.endpoints, found.endpoints_closed) == (
        without.endpoints,
        without.endpoints_closed,
    )


def test_an_id_that_the_workload_sends_outweighs_what_is_said_of_it() -> None:
    assert facts(use=replace(USE, organization="org-sent")).organization == "org-sent"
    assert facts(use=replace(USE, organization="our clinic")).organization == "org-a"


def test_two_names_for_one_key_are_a_conflict() -> None:
    policy = replace(
        POLICY,
        credentials=(
            Credential(store="kubernetes", reference="clinic/key", project="proj_b", place=AT),
        ),
    )
    found = facts(policy, use=replace(USE, evidence=(KEY,)))
    assert found.conflict == {
        "proj_b": "the policy, of the key in kubernetes:clinic/key",
        "proj_a": "openai-policy.yaml:4",
    }
    assert facts(use=replace(USE, project="openai_project.a")).conflict == {}


def test_the_policys_own_edition_is_asked_beside_the_newest() -> None:
    found = facts(replace(POLICY, edition="2024-02"))
    assert [e.id for e in found.editions] == ["2024-02", "2026-10"]


def gateway(host: str, operated_by: str, forwards_to: str = "openai") -> dict[str, Gateway]:
    return {
        host: Gateway(
            host=host, operated_by=operated_by, forwards_to=forwards_to, project="proj_a", place=AT
        )
    }


@pytest.mark.parametrize(
    ("host", "operated_by", "operator", "third_party", "holds"),
    [
        ("llm.clinic.example", "self", "", False, False),
        ("llm.clinic.example", "vendor", "vendor", False, True),
        ("openrouter.ai", "self", "openrouter", True, False),
        ("openrouter.ai", "vendor", "vendor", True, True),
    ],
)
def test_who_operates_a_declared_gateway(
    host: str, operated_by: str, operator: str, third_party: bool, holds: bool
) -> None:
    use = replace(USE, provider="gateway", host=host)
    found = facts(replace(POLICY, gateways=gateway(host, operated_by)), use=use)
    (one,) = found.gateways
    assert (one.operator, one.third_party, one.agreed.holds) == (operator, third_party, holds)
    assert (found.provider, found.provider_known) == ("openai", True)


@pytest.mark.parametrize(("forwards_to", "itself"), [("none", True), ("", False)])
def test_what_a_gateway_forwards_to_decides_whether_the_provider_is_known(
    forwards_to: str, itself: bool
) -> None:
    host = "llm.clinic.example"
    use = replace(USE, provider="gateway", host=host)
    found = facts(replace(POLICY, gateways=gateway(host, "self", forwards_to)), use=use)
    assert (found.provider, found.provider_known) == ("gateway", False)
    assert found.gateways[0].answers_itself is itself


def fact(kind: Kind, value: str, name: str = "X") -> Evidence:
    return Evidence(kind, value, Place("a.yaml", 7), Confidence.DECLARED, name)


def test_proxies_come_with_what_the_policy_says_of_their_host() -> None:
    seen = (fact(Kind.PROXY, "proxy.example"), fact(Kind.PROXY, ""), fact(Kind.HOST, "a.example"))
    policy = replace(POLICY, gateways=gateway("proxy.example", "vendor"))
    known, unknown = facts(policy, use=replace(USE, evidence=seen)).proxies
    assert known.gateway is not None
    assert known.gateway.operator == "vendor"
    assert (unknown.seen.value, unknown.gateway) == ("", None)


def test_receivers_without_logs_of_ones_own_and_the_gateway_itself() -> None:
    def one(party: str, host: str, kind: str, known: bool = True) -> Receiver:
        return Receiver(party, party, "prompts", host, kind, known, (fact(Kind.RECEIVER, host),))

    receivers = (
        one("vendor", "traces.example", "traces"),
        one("log", "", "logs"),
        one("openrouter", "openrouter.ai", "gateway"),
        one("tracing", "own.example", "traces", known=False),
    )
    use = replace(USE, provider="openrouter", host="openrouter.ai", receivers=receivers)
    found = facts(replace(POLICY, gateways=gateway("own.example", "self")), use=use).receivers
    assert [(r.receiver.party, r.agreed.holds, r.own_at) for r in found] == [
        ("vendor", True, None),
        ("tracing", False, AT),
    ]
