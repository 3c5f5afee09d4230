"""Weak spots on the way of PHI: plain or unverified transport, and stores without encryption at rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic import COMPLIANCE, POLICY, WORKLOAD
from inprocess import found, named

GATEWAY = (
    "gateways:\n  - {host: HOST, operated_by: self, forwards_to: openai, project: proj_clinic}\n"
)
INSIDE = {"OPENAI_BASE_URL": "http://llm-gateway.ai.svc.cluster.local:4000/v1"}


def mesh(space: str = "ai", mode: str = "STRICT", more: str = "") -> str:
    return (
        "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\n"
        f"metadata: {{name: p, namespace: {space}}}\nspec: {{{more}mtls: {{mode: {mode}}}}}\n"
    )


LINKERD = (
    "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: ai\n"
    "  annotations: {config.linkerd.io/default-inbound-policy: all-authenticated}\n"
)
CASES = {
    "HTTPS": ({"OPENAI_BASE_URL": "https://api.openai.com/v1"}, "", ""),
    "HTTP to the provider": ({"OPENAI_BASE_URL": "http://api.openai.com/v1"}, "", "sends it over plain HTTP to api.openai.com"),
    "HTTP to a gateway": (INSIDE, "", "sends it over plain HTTP to llm-gateway.ai.svc.cluster.local"),
    "under a strict mesh": (INSIDE, mesh(), ""),
    "under a strict mesh of everything": (INSIDE, mesh("istio-system"), ""),
    "of everything but this namespace": (INSIDE, mesh("istio-system") + mesh(mode="PERMISSIVE"), "sends it over plain HTTP to llm-gateway.ai.svc.cluster.local"),
    "under a mesh of another namespace": (INSIDE, mesh("clinic"), "sends it over plain HTTP to llm-gateway.ai.svc.cluster.local"),
    "under a permissive mesh": (INSIDE, mesh(mode="PERMISSIVE"), "sends it over plain HTTP to llm-gateway.ai.svc.cluster.local"),
    "under a mesh of some pods": (INSIDE, mesh(more="selector: {matchLabels: {app: x}}, "), "sends it over plain HTTP to llm-gateway.ai.svc.cluster.local"),
    "under Linkerd": (INSIDE, LINKERD, ""),
    "a mesh is no matter outside of it": ({"OPENAI_BASE_URL": "http://api.openai.com/v1"}, mesh("istio-system"), "sends it over plain HTTP to api.openai.com"),
    "a sidecar": ({"OPENAI_BASE_URL": "http://localhost:4000/v1"}, "", ""),
    "HTTP to something else": ({"METRICS": "http://metrics.clinic.example"}, "", ""),
    "Node's switch": ({"NODE_TLS_REJECT_UNAUTHORIZED": "0"}, "", "switches the verification of certificates off"),
    "Node's switch, on": ({"NODE_TLS_REJECT_UNAUTHORIZED": "1"}, "", ""),
    "a client's switch": ({"OPENAI_VERIFY_SSL": "false"}, "", "switches the verification of certificates off"),
    "a skip": ({"TLS_SKIP_VERIFY": "true"}, "", "switches the verification of certificates off"),
    "Python's switch": ({"PYTHONHTTPSVERIFY": "0"}, "", "switches the verification of certificates off"),
    "a library's switch": ({"REQUESTS_VERIFY": "false"}, "", "switches the verification of certificates off"),
    "an application's switch": ({"HTTPS_ONLY": "false"}, "", "takes plain HTTP"),
    "an ingress's switch": ({"ALLOW_INSECURE_CONNECTIONS": "true"}, "", "takes plain HTTP"),
    "an ingress's switch, off": ({"ALLOW_INSECURE_CONNECTIONS": "false"}, "", ""),
    "a database's switch": ({"METRICS_DB_SSL_VERIFY": "false"}, "", ""),
    "TLS 1.1": ({"MIN_TLS_VERSION": "1.1"}, "", "accepts TLS below 1.2"),
    "TLS 1.2": ({"MIN_TLS_VERSION": "1.2"}, "", ""),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_transport(case: str, tmp_path: Path) -> None:
    env, more, said = CASES[case]
    lines = "".join(f'            - {{name: {n}, value: "{v}"}}\n' for n, v in env.items())
    (tmp_path / "all.yaml").write_text(WORKLOAD + lines + more)
    (tmp_path / "openai-compliance.yaml").write_text(COMPLIANCE)
    host = next(iter(env.values())).partition("//")[2].partition(":")[0].partition("/")[0]
    gateway = (
        GATEWAY.replace("HOST", host)
        if host in ("localhost", "llm-gateway.ai.svc.cluster.local")
        else ""
    )
    (tmp_path / "openai-policy.yaml").write_text(POLICY + gateway)
    records = found(tmp_path, "kubernetes")
    assert [r.check_id for r in records] == (["OAI_TRANSPORT_1"] if said else [])
    if said:
        assert records[0].details[0].endswith(f": {next(iter(env))} at all.yaml:13 {said}.")
        assert records[0].file_line_range[0] == 13


LAMBDA = """resource "aws_lambda_function" "notes" {
  function_name = "notes"
  tags          = { DataClassification = "PHI" }
  environment { variables = { OPENAI_API_KEY = var.x, STORE = TYPE.store.arn } }
}
resource "TYPE" "store" {
  name = "store"
BODY
}
variable "x" {}
"""
STORES = {
    "a database": ("aws_db_instance", "", True),
    "an encrypted one": ("aws_db_instance", "storage_encrypted = true", False),
    "one that says no": ("aws_rds_cluster", "storage_encrypted = false", True),
    "one whose value nobody knows": ("aws_rds_cluster", "storage_encrypted = var.x", False),
    "one that is as its source": ("aws_db_instance", "replicate_source_db = var.x", False),
    "a bucket, which is by itself": ("aws_s3_bucket", "", False),
    "a table, which is by itself": ("aws_dynamodb_table", "", False),
    "a cache": ("aws_elasticache_replication_group", "", True),
    "a search domain": ("aws_opensearch_domain", "encrypt_at_rest {\n enabled = false\n}", True),
    "an encrypted domain": ("aws_opensearch_domain", "encrypt_at_rest {\n enabled = true\n}", False),
    "a queue, which is by itself": ("aws_sqs_queue", "", False),
    "a queue that says no": ("aws_sqs_queue", "sqs_managed_sse_enabled = false", True),
    "a queue with a key": ("aws_sqs_queue", 'sqs_managed_sse_enabled = false\nkms_master_key_id = "k"', False),
    "a stream": ("aws_kinesis_stream", "", True),
    "files": ("aws_efs_file_system", "encrypted = true", False),
}  # fmt: skip


@pytest.mark.parametrize("case", STORES)
def test_stores(case: str, tmp_path: Path) -> None:
    type_, body, open_ = STORES[case]
    (tmp_path / "main.tf").write_text(LAMBDA.replace("TYPE", type_).replace("BODY", body))
    expected = ["OAI_STORAGE_1 aws_lambda_function.notes"] if open_ else []
    assert [n for n in named(tmp_path, "terraform") if "STORAGE" in n] == expected


def test_a_store_of_no_phi_workload_is_no_matter(tmp_path: Path) -> None:
    text = LAMBDA.replace("TYPE", "aws_db_instance").replace("BODY", "")
    (tmp_path / "main.tf").write_text(text.replace("STORE = aws_db_instance.store.arn", "A = 1"))
    assert not [n for n in named(tmp_path, "terraform") if "STORAGE" in n]


BEHIND = """---
apiVersion: apps/v1
kind: Deployment
metadata: {name: models, namespace: clinic}
spec:
  template:
    metadata: {labels: {app: models}}
    spec:
      containers:
        - name: models
          image: registry.example.org/models:1
          env:
            - {name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: openai, key: k}}}
            - {name: NODE_TLS_REJECT_UNAUTHORIZED, value: "0"}
---
apiVersion: v1
kind: Service
metadata: {name: models, namespace: clinic}
spec: {selector: {app: models}}
"""


def test_verification_off_behind_a_gateway_counts_at_its_caller(tmp_path: Path) -> None:
    caller = WORKLOAD[: WORKLOAD.index("            - {name: OPENAI")]
    caller += '            - {name: MODELS, value: "https://models/v1"}\n'
    (tmp_path / "all.yaml").write_text(caller + BEHIND)
    (record,) = (r for r in found(tmp_path, "kubernetes") if r.check_id == "OAI_TRANSPORT_1")
    assert (record.resource, record.file_line_range[0]) == ("Deployment.clinic.notes", 12)
    assert record.details[0].endswith(
        "NODE_TLS_REJECT_UNAUTHORIZED at all.yaml:26 switches the verification of certificates off, "
        "at Deployment.clinic.models, which it passes."
    )
