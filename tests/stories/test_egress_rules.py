"""Egress of PHI workloads against what is declared: open, wider, narrower, by policies and gateways."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic import COMPLIANCE, POLICY, WORKLOAD
from inprocess import found, named

API = "{matchName: api.openai.com}"
TLS = "terminatingTLS: {secret: {name: a}}, originatingTLS: {secret: {name: b}}"


def cilium(*hosts: str, paths: tuple[str, ...] = (), labels: str = "app: notes") -> str:
    http = ", ".join(f"{{method: POST, path: {p}}}" for p in paths)
    ports = (
        f'      toPorts: [{{ports: [{{port: "443"}}], {TLS}, rules: {{http: [{http}]}}}}]\n'
        if paths
        else ""
    )
    return (
        "---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n"
        "metadata: {name: notes, namespace: clinic}\n"
        f"spec:\n  endpointSelector: {{matchLabels: {{{labels}}}}}\n"
        f"  egress:\n    - toFQDNs: [{', '.join(hosts)}]\n{ports}"
    )


def plain(body: str, selector: str = "podSelector: {matchLabels: {app: notes}}") -> str:
    return (
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: out, namespace: clinic}}\nspec:\n  {selector}\n  {body}\n"
    )


ASKED = "limits: {restrict_egress: true}\n"
WORLD = "egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]"
NOTHING = "policyTypes: [Egress]"
CASES = {
    "nothing restricts it, and nobody asks": ("", "", []),
    "nothing restricts it, and the policy asks": ("", ASKED, ["OAI_EGRESS_1"]),
    "a policy restricts it": (cilium(API), ASKED, []),
    "a policy of other pods": (cilium(API, labels="app: other"), ASKED, ["OAI_EGRESS_1"]),
    "a policy that lets it out everywhere": (plain(WORLD), "", ["OAI_EGRESS_1"]),
    "a policy that lets it out to one half of everywhere": (
        plain(WORLD.replace("0.0.0.0/0", "0.0.0.0/1")),
        "",
        ["OAI_EGRESS_1"],
    ),
    "a policy that lets it out to private addresses": (
        plain(WORLD.replace("0.0.0.0/0", "10.0.0.0/8")),
        ASKED,
        [],
    ),
    "a policy for what comes in": (plain("ingress: []"), ASKED, ["OAI_EGRESS_1"]),
    "a policy that lets nothing out": (plain(NOTHING), ASKED, []),
    "any name": (cilium('{matchPattern: "*"}'), "", ["OAI_EGRESS_1"]),
    "every host of a domain": (cilium('{matchPattern: "*.openai.com"}'), "", ["OAI_EGRESS_2"]),
    "another provider's host too": (
        cilium(API, "{matchName: openrouter.ai}"),
        "",
        ["OAI_EGRESS_2"],
    ),
    "a path more": (cilium(API, paths=("/v1/responses", "/v1/embeddings")), "", ["OAI_EGRESS_2"]),
    "an uncovered path more": (
        cilium(API, paths=("/v1/responses", "/v1/conversations")),
        "",
        ["OAI_COVERAGE_1"],
    ),
    "the declared path": (cilium(API, paths=("/v1/responses",)), "", []),
    "another path alone": (
        cilium(API, paths=("/v1/embeddings",)),
        "",
        ["OAI_EGRESS_2", "OAI_EGRESS_3"],
    ),
    "another host alone": (cilium("{matchName: eu.api.openai.com}"), "", ["OAI_EGRESS_3"]),
    "no host that is known": (cilium("{matchName: example.org}"), "", []),
}


@pytest.mark.parametrize("case", CASES)
def test_egress(case: str, tmp_path: Path) -> None:
    network, policy, expected = CASES[case]
    (tmp_path / "all.yaml").write_text(WORKLOAD + network)
    (tmp_path / "openai-compliance.yaml").write_text(COMPLIANCE)
    (tmp_path / "openai-policy.yaml").write_text(POLICY + policy)
    assert [n.split(" ")[0] for n in named(tmp_path, "kubernetes")] == expected


def test_a_workload_without_phi_is_no_matter(tmp_path: Path) -> None:
    text = WORKLOAD.replace(", labels: {data-classification: phi}", "") + plain(WORLD)
    (tmp_path / "all.yaml").write_text(text)
    (tmp_path / "openai-compliance.yaml").write_text(COMPLIANCE.replace("data: phi", "data: none"))
    (tmp_path / "openai-policy.yaml").write_text(POLICY + ASKED)
    assert named(tmp_path, "kubernetes") == []


def test_the_message_names_the_rule_and_what_it_lets_through(tmp_path: Path) -> None:
    network = cilium(API, paths=("/v1/responses", "/v1/embeddings"))
    (tmp_path / "all.yaml").write_text(WORKLOAD + network)
    (tmp_path / "openai-compliance.yaml").write_text(COMPLIANCE)
    (tmp_path / "openai-policy.yaml").write_text(POLICY)
    (record,) = found(tmp_path, "kubernetes")
    assert record.details[0] == (
        "Deployment.clinic.notes handles PHI, and api.openai.com at all.yaml:20 lets it reach "
        "/v1/embeddings, and /v1/responses is declared."
    )


FIREWALL = """resource "aws_lambda_function" "notes" {
  function_name = "notes"
  tags          = { DataClassification = "PHI" }
  environment { variables = { OPENAI_API_KEY = var.key } }
}
variable "key" {}
"""
LIST = """resource "aws_route53_resolver_firewall_domain_list" "out" {
  name    = "out"
  domains = ["api.openai.com."]
}
"""


def test_a_firewall_of_the_same_root_restricts_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "openai-policy.yaml").write_text(POLICY + ASKED)
    (tmp_path / "main.tf").write_text(FIREWALL)
    assert "OAI_EGRESS_1 aws_lambda_function.notes" in named(tmp_path, "terraform")
    (tmp_path / "main.tf").write_text(FIREWALL + LIST)
    assert "OAI_EGRESS_1 aws_lambda_function.notes" not in named(tmp_path, "terraform")


BOUND = cilium(API, paths=("/v1/responses",))
PROOFS = {
    "the literal path": (BOUND, "", True),
    "several paths by a pattern": (BOUND.replace("/v1/responses", "/v1/.*"), "", False),
    "one of several": (BOUND.replace("/v1/responses", "'/v1/(responses|files)'"), "", False),
    "the rest is allowed": (
        BOUND.replace("spec:\n", "spec:\n  enableDefaultDeny: {egress: false}\n"), "", False,
    ),
    "the rest is denied, as it says": (
        BOUND.replace("spec:\n", "spec:\n  enableDefaultDeny: {egress: true}\n"), "", True,
    ),
    "it takes back what it allows": (BOUND + f"  egressDeny: [{{toFQDNs: [{API}]}}]\n", "", False),
    "the pods are in the machine's network": (BOUND, "      hostNetwork: true\n", False),
}  # fmt: skip


@pytest.mark.parametrize("case", PROOFS)
def test_a_rule_of_paths_bounds_only_where_it_holds(case: str, tmp_path: Path) -> None:
    """Nobody declares endpoints: without a proof it is not known which are used."""
    policy, pod, holds = PROOFS[case]
    workload = WORKLOAD.replace("      containers:\n", f"{pod}      containers:\n")
    (tmp_path / "all.yaml").write_text(workload + policy)
    (tmp_path / "openai-policy.yaml").write_text(POLICY)
    (tmp_path / "openai-compliance.yaml").write_text(
        COMPLIANCE.replace(" endpoints: [/v1/responses],", "")
    )
    found = named(tmp_path, "kubernetes")
    assert ("OAI_COVERAGE_9 Deployment.clinic.notes" not in found) is holds


def istio(*hosts: str, paths: str = "", labels: str = "app: notes") -> str:
    """A policy of Istio that lets the pods reach these hosts, and of them these paths."""
    more = f", paths: [{paths}]" if paths else ""
    return (
        "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n"
        "metadata: {name: mesh, namespace: clinic}\n"
        "spec:\n  action: ALLOW\n  rules: [{to: [{operation: {hosts: "
        f"[{', '.join(hosts)}]{more}}}}}]}}]\n"
    )


APART = {
    "the same host": (cilium(API), istio("api.openai.com"), False),
    "one of its hosts": (cilium(API), istio("api.openai.com", "eu.api.openai.com"), False),
    "another host": (cilium(API), istio("eu.api.openai.com"), True),
    "other paths": (
        cilium(API, paths=("/v1/responses",)),
        istio("api.openai.com", paths="/v1/embeddings"),
        True,
    ),
    "a path in common": (
        cilium(API, paths=("/v1/responses",)),
        istio("api.openai.com", paths="/v1/embeddings, /v1/responses"),
        False,
    ),
    "two of one kind, which add up": (
        cilium(API),
        cilium("{matchName: eu.api.openai.com}").replace("name: notes,", "name: more,"),
        False,
    ),
}


@pytest.mark.parametrize(("one", "other", "told"), APART.values(), ids=APART)
def test_two_kinds_of_rules_that_exclude_each_other(
    one: str, other: str, told: bool, tmp_path: Path
) -> None:
    (tmp_path / "notes.yaml").write_text(WORKLOAD + one + other)
    (tmp_path / "openai-policy.yaml").write_text(POLICY)
    (tmp_path / "openai-compliance.yaml").write_text(COMPLIANCE)
    said = [d for r in found(tmp_path) if r.check_id == "OAI_EGRESS_3" for d in r.details]
    assert any("exclude each other" in d for d in said) is told
