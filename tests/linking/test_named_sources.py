"""Who reads from a server or store of PHI by its name handles PHI; who only sends there, or asks a look-alike, does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import told, write

KEY = "{name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: ai, key: k}}}"
READER = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: assistant, namespace: apps}}
spec:
  template:
    metadata: {{labels: {{app: assistant}}}}
    spec:
      containers:
        - name: app
          image: registry.example.org/assistant:1
          env:
            - {key}
            - {{name: {name}, value: "{value}"}}
---
"""
SERVER = """apiVersion: apps/v1
kind: {kind}
metadata: {{name: records, namespace: {space}}}
spec:
  template:
    metadata: {{labels: {{app: records{labels}}}}}
    spec: {{containers: [{{name: app, image: "{image}"}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: records, namespace: {space}}}
spec: {{selector: {{app: records}}, ports: [{{port: 8080}}]}}
---
"""
PHI = ", data-classification: phi"
HAPI, POSTGRES, OWN = "hapiproject/hapi:v7.4.0", "postgres:17", "registry.example.org/records:1"


def status(folder: Path, name: str, value: str, server: str) -> str:
    write(folder, all_yaml=READER.format(key=KEY, name=name, value=value) + server)
    return told(folder, "kubernetes")["Deployment.apps.assistant"][0]


def server(image: str, labels: str = "", kind: str = "Deployment", space: str = "apps") -> str:
    return SERVER.format(image=image, labels=labels, kind=kind, space=space)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("FHIR_SERVER_URL", "http://records:8080/fhir", server(HAPI)),
        ("EHR_HOST", "records", server(HAPI)),
        ("SOURCE", "http://records.apps.svc.cluster.local/x", server(OWN, PHI)),
        ("DATABASE_URL", "postgres://app@records.apps.svc:5432/x", server(POSTGRES, PHI)),
        ("PGHOST", "records.apps", server(OWN, PHI, "StatefulSet")),
        ("DB_HOST", "records.ward.svc", server(POSTGRES, PHI, space="ward")),
        ("PACS_URL", "http://records:8042", server("orthancteam/orthanc:24.1")),
    ],
)
def test_who_reads_phi(tmp_path: Path, name: str, value: str, text: str) -> None:
    assert status(tmp_path, name, value, text) == "phi"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("DATABASE_URL", "postgres://app@records:5432/x", server(POSTGRES)),
        ("DATABASE_URL", "postgres://app@other:5432/x", server(POSTGRES, PHI)),
        ("DB_HOST", "records", server(POSTGRES, PHI, space="ward")),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://records:4317", server(OWN, PHI)),
        ("OIDC_ISSUER_URL", "http://records/realms/x", server(OWN, PHI)),
        ("GREETING", "records", server(HAPI)),
    ],
)
def test_who_does_not(tmp_path: Path, name: str, value: str, text: str) -> None:
    assert status(tmp_path, name, value, text) == "unclassified"


def test_a_service_and_a_topic_that_are_marked_themselves(tmp_path: Path) -> None:
    meta = "metadata: {name: adt, namespace: apps, labels: {data-classification: phi}}\n"
    service = f"apiVersion: v1\nkind: Service\n{meta}spec: {{selector: {{app: adt}}}}\n"
    topic = (
        f"apiVersion: kafka.strimzi.io/v1beta2\nkind: KafkaTopic\n{meta}spec: {{partitions: 1}}\n"
    )
    assert status(tmp_path, "DATABASE_URL", "postgres://adt.apps/db", service) == "phi"
    assert status(tmp_path, "KAFKA_TOPIC", "adt", topic) == "phi"
    assert status(tmp_path, "KAFKA_TOPIC", "orders", topic) == "unclassified"
    assert status(tmp_path, "GROUP", "adt", topic) == "unclassified"


def test_a_declaration_says_what_a_server_holds(tmp_path: Path) -> None:
    lowers = "version: 1\nworkloads:\n  - {match: Deployment.apps.records, data: synthetic, basis: Synthea}\n"
    write(tmp_path, **{"openai-compliance_yaml": lowers})
    assert status(tmp_path, "FHIR_URL", "http://records:8080", server(HAPI)) != "phi"
    raises = "version: 1\nworkloads:\n  - {match: Deployment.apps.records, data: phi}\n"
    write(tmp_path, **{"openai-compliance_yaml": raises})
    assert status(tmp_path, "RECORDS_URL", "http://records:8080", server(OWN)) == "phi"


COMPOSE = """services:
  assistant:
    image: registry.example.org/assistant:1
    environment: {{OPENAI_API_KEY: "${{OPENAI_API_KEY}}", {name}: "{value}"}}
  records:
    image: {image}
    labels: {{{labels}}}
"""


@pytest.mark.parametrize(
    ("name", "value", "image", "labels", "phi"),
    [
        ("MEDPLUM_URL", "http://records:8103/", "medplum/medplum-server:4", "", True),
        ("DATABASE_URL", "postgresql://app@records:5432/x", POSTGRES, "data-classification: phi", True),
        ("DB_HOST", "records", POSTGRES, "data-classification: phi", True),
        ("DB_HOST", "records", POSTGRES, "data-classification: no-phi", False),
        ("CACHE_URL", "redis://records:6379", "redis:7", "", False),
    ],
)  # fmt: skip
def test_in_compose_alike(
    tmp_path: Path, name: str, value: str, image: str, labels: str, phi: bool
) -> None:
    text = COMPOSE.format(name=name, value=value, image=image, labels=labels)
    write(tmp_path, **{"docker-compose_yml": text})
    assert (told(tmp_path, "yaml")["services.assistant"][0] == "phi") is phi


TERRAFORM = """resource "aws_lambda_function" "notes" {
  function_name = "notes"
  environment { variables = { OPENAI_API_KEY = var.k, FHIR_URL = VALUE } }
}
variable "k" {}
"""
RELEASE = 'resource "helm_release" "r" {\n  name  = "records"\n  chart = "CHART"\n}\n'
RUN = """resource "google_cloud_run_v2_service" "r" {
  name = "records"
  template {
    containers {
      image = "IMAGE"
    }
  }
}
"""


@pytest.mark.parametrize(
    ("value", "text", "phi"),
    [
        ('"http://records.x.svc:8080"', RELEASE.replace("CHART", "hapi-fhir-jpaserver"), True),
        ('"http://records.x.svc:8080"', RELEASE.replace("CHART", "grafana"), False),
        ("google_cloud_run_v2_service.r.uri", RUN.replace("IMAGE", HAPI), True),
        ("google_cloud_run_v2_service.r.uri", RUN.replace("IMAGE", OWN), False),
    ],
)
def test_in_terraform_alike(tmp_path: Path, value: str, text: str, phi: bool) -> None:
    write(tmp_path, main_tf=TERRAFORM.replace("VALUE", value) + text)
    assert (told(tmp_path, "terraform")["aws_lambda_function.notes"][0] == "phi") is phi
