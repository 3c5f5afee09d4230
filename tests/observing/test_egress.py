"""Egress rules as evidence, and what they prove of a workload's endpoints."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import analysis
from openai_phi.facts.signatures import signatures
from openai_phi.observing.egress import covers, provider_of
from openai_phi.words.observed import Assurance

WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: notes, namespace: clinic}
spec:
  template:
    metadata: {labels: {app: notes, phi: "true"}}
    spec:
      containers:
        - name: app
          image: registry.example.org/notes:1
          env: [{name: OPENAI_API_KEY, value: $(K)}]
---
"""


def policy(rule: str, selector: str = "app: notes", name: str = "egress") -> str:
    return (
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\n"
        f"metadata: {{name: {name}, namespace: clinic}}\n"
        f"spec:\n  endpointSelector: {{matchLabels: {{{selector}}}}}\n  egress:\n{rule}---\n"
    )


PATHS = """    - toFQDNs: [{matchName: api.openai.com}]
      toPorts:
        - ports: [{port: "443"}]
          terminatingTLS: {secret: {namespace: clinic, name: openai-inside}}
          originatingTLS: {secret: {namespace: clinic, name: openai-outside}}
          rules: {http: [{method: POST, path: /v1/embeddings}]}
"""
HOST = "    - toFQDNs: [{matchName: api.openai.com}]\n"
WORLD = "    - toEntities: [world]\n"
EVERYWHERE = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out, namespace: clinic}
spec:
  podSelector: {}
  egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]
"""
PRIVATE = EVERYWHERE.replace("0.0.0.0/0", "10.0.0.0/8")

CASES = {
    "paths": ([policy(PATHS)], ("/v1/embeddings",), Assurance.ENFORCED),
    "paths, and private addresses": (
        [policy(PATHS), PRIVATE],
        ("/v1/embeddings",),
        Assurance.ENFORCED,
    ),
    "the host alone": ([policy(HOST)], (), Assurance.NONE),
    "paths here, every path there": ([policy(PATHS), policy(HOST, name="b")], (), Assurance.NONE),
    "paths, but the world too": ([policy(PATHS), policy(WORLD, name="b")], (), Assurance.NONE),
    "paths, but any address too": ([policy(PATHS), EVERYWHERE], (), Assurance.NONE),
    "paths of another workload": ([policy(PATHS, "app: other")], (), Assurance.NONE),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_policy_proves_of_endpoints(tmp_path: Path, case: str) -> None:
    documents, endpoints, closed = CASES[case]
    (tmp_path / "all.yaml").write_text(WORKLOAD + "".join(documents))
    (workload,) = analysis(tmp_path, "kubernetes").phi_workloads()
    (use,) = workload.uses
    assert (use.endpoints, use.closed) == (endpoints, closed)


def test_a_policy_of_paths_is_shown_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(WORKLOAD + policy(PATHS))
    (workload,) = analysis(tmp_path, "kubernetes").phi_workloads()
    ((line, note),) = {(e.place.line, e.note) for e in workload.egress}
    assert (line, note) == (19, "paths /v1/embeddings")


@pytest.mark.parametrize(
    ("pattern", "provider"),
    [
        ("api.openai.com", "openai"),
        ("api.openai.com.", "openai"),
        ("*.openai.com", "openai"),
        (".openai.azure.com", "azure-openai"),
        ("*.openai.azure.com", "azure-openai"),
        ("clinic.openai.azure.com", "azure-openai"),
        ("*", ""),
        ("*.com", ""),
        ("openai.example.com", ""),
        ("notopenai.com", ""),
    ],
)
def test_hosts_and_patterns_of_a_provider(pattern: str, provider: str) -> None:
    assert provider_of(pattern, signatures()) == provider


def test_a_pattern_covers_hosts_below_it_alone() -> None:
    assert covers("*.openai.com", "api.openai.com")
    assert covers("api.openai.com", "api.openai.com")
    assert not covers("*.openai.com", "api.notopenai.com")
    assert not covers("api.openai.com", "eu.api.openai.com")
