"""The paths that a rule of Cilium names bound something only where it sees requests and lets them through."""

from __future__ import annotations

from pathlib import Path

import pytest

from handmade import linked, manifests
from openai_phi.words.observed import Assurance

APP = """apiVersion: apps/v1
kind: Deployment
metadata: {name: notes, namespace: clinic}
spec:
  template:
    metadata: {labels: {app: notes, data-classification: phi}}
    spec:
      containers:
        - name: app
          image: registry.example.org/notes:1
          env: [{name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: openai, key: k}}}]
"""
TLS = "terminatingTLS: {secret: {name: a}}, originatingTLS: {secret: {name: b}}, "
HTTP = '{method: POST, path: "/v1/responses"}'
RULE = """apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: egress, namespace: clinic}
spec:
  endpointSelector: {matchLabels: {app: notes}}
  egress:
    - toFQDNs: [{matchName: api.openai.com}]
      toPorts: [{ports: [{port: "443"}], TLS rules: {http: [HTTP]}}MORE]
"""
OPEN = ', {ports: [{port: "8443"}]}'


def _seen(
    folder: Path, tls: str = TLS, http: str = HTTP, more: str = "", end: str = "", app: str = APP
) -> tuple[Assurance, str]:
    rule = RULE.replace("TLS", tls).replace("HTTP", http).replace("MORE", more) + end
    (workload,) = linked(manifests(folder, f"{app}---\n{rule}").resources).workloads
    (use,) = workload.uses
    return use.closed, "; ".join(p.why for p in workload.void_proofs)


@pytest.mark.parametrize(
    "http",
    [
        HTTP,
        '{path: "^/v1/responses$"}',
        '{method: "GET|POST", path: "/v1/responses"}',
        HTTP + ', {method: GET, path: "/v1/responses"}',
    ],
)
def test_literal_paths_that_are_seen_and_let_post_through_are_a_proof(
    http: str, tmp_path: Path
) -> None:
    assert _seen(tmp_path, http=http) == (Assurance.ENFORCED, "")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"tls": ""}, "ciphertext"),
        ({"tls": "terminatingTLS: {secret: {name: a}}, "}, "ciphertext"),
        ({"tls": "originatingTLS: {secret: {name: a}}, "}, "ciphertext"),
        ({"http": '{method: GET, path: "/v1/responses"}'}, "no POST"),
        ({"http": '{method: POST, path: "/v1/responses.*"}'}, "patterns"),
        ({"http": HTTP + ", {method: POST}"}, "names no path"),
        ({"more": OPEN}, "names no path"),
        ({"end": "  enableDefaultDeny: {egress: false}\n"}, "nothing by default"),
        ({"end": "  egressDeny: [{toFQDNs: [{matchName: api.openai.com}]}]\n"}, "denies egress"),
        ({"app": APP.replace("    spec:\n      c", "    spec:\n      hostNetwork: true\n      c")}, "hostNetwork"),
    ],
)  # fmt: skip
def test_anything_else_is_none_and_is_told(given: dict[str, str], why: str, tmp_path: Path) -> None:
    closed, said = _seen(tmp_path, **given)
    assert closed is Assurance.NONE
    assert why in said


def test_a_rule_of_hosts_alone_promises_no_paths(tmp_path: Path) -> None:
    hosts = RULE[: RULE.index("      toPorts")]
    (workload,) = linked(manifests(tmp_path, f"{APP}---\n{hosts}").resources).workloads
    assert workload.void_proofs == ()
