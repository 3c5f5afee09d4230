"""Odd ways to hand a program OpenAI's key, or PHI, that must not pass unseen."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from clinic import COMPLIANCE, POLICY, WORKLOAD
from inprocess import said
from openai_phi.reading.templates.compose_files import fits

HEAD = WORKLOAD.split("          env:")[0]
LAMBDA = """resource "aws_lambda_function" "notes" {
  tags = { DataClassification = "PHI" }
  environment {
    variables = var.settings
  }
}
variable "settings" { default = {} }
"""
VALUES = 'settings = { OPENAI_API_KEY = "/clinic/key" }\n'
COMPOSE = """services:
  notes:
    image: hapiproject/hapi
    environment:
      OPENAI_API_KEY: ${KEY}
"""


NOTES = "OAI_COVERAGE_9 Deployment.clinic.notes"


@pytest.mark.parametrize(("kind", "key"), [("Secret", "data"), ("ConfigMap", "binaryData")])
def test_a_document_in_base64(tmp_path: Path, kind: str, key: str) -> None:
    text = base64.b64encode(b"MODE=a\nOPENAI_API_KEY=${KEY_OF_CLINIC}\n").decode()
    source = "secretRef" if kind == "Secret" else "configMapRef"
    held = f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: s, namespace: clinic}}\n{key}: {{a.env: {text}}}\n"
    workload = f"{HEAD}          envFrom: [{{{source}: {{name: s}}}}]\n"
    assert NOTES in said(tmp_path, a_yaml=f"{workload}---\n{held}")


@pytest.mark.parametrize(
    "name",
    ["OPENAI_AUTH", "OPENAI_PAT", "OPENAI", "MY_OPENAI_KEY_PROD", "CHATGPT_API_KEY", "GPT_API_KEY"],
)
def test_a_secret_by_an_odd_name(tmp_path: Path, name: str) -> None:
    ref = f"{{name: {name}, valueFrom: {{secretKeyRef: {{name: s, key: k}}}}}}"
    assert NOTES in said(tmp_path, a_yaml=f"{HEAD}          env: [{ref}]\n")


@pytest.mark.parametrize("name", ["OPENAI_API_KEY_FILE", "OPENAI_TOKEN_PATH"])
def test_a_file_that_holds_the_key(tmp_path: Path, name: str) -> None:
    ref = f"{{name: {name}, value: /run/secrets/key}}"
    assert NOTES in said(tmp_path, a_yaml=f"{HEAD}          env: [{ref}]\n")


def test_a_prefix_that_names_the_provider(tmp_path: Path) -> None:
    ref = "{prefix: OPENAI_, secretRef: {name: s}}"
    assert NOTES in said(tmp_path, a_yaml=f"{HEAD}          envFrom: [{ref}]\n")


def test_a_variable_file_below_its_root(tmp_path: Path) -> None:
    found = said(tmp_path, main_tf=LAMBDA, env__prod_tfvars=VALUES)
    assert "OAI_COVERAGE_9 aws_lambda_function.notes" in found


def test_a_variable_file_of_a_nearer_root_counts_there_alone(tmp_path: Path) -> None:
    assert said(tmp_path, main_tf=LAMBDA, other__main_tf="", other__prod_tfvars=VALUES) == set()


def test_a_variable_file_of_no_root(tmp_path: Path) -> None:
    found = said(tmp_path, infra__main_tf=LAMBDA, env__prod_tfvars=VALUES)
    assert found == {"OAI_SCAN_1 env/prod.tfvars"}


def test_a_block_that_is_overridden(tmp_path: Path) -> None:
    plain = LAMBDA.replace('  tags = { DataClassification = "PHI" }\n', "").replace(
        "{ default = {} }", '{ default = { OPENAI_API_KEY = "/clinic/key" } }'
    )
    over = 'resource "aws_lambda_function" "notes" {\n  tags = { DataClassification = "PHI" }\n}\n'
    assert "OAI_SCAN_1 x_override.tf" in said(tmp_path, main_tf=plain, x_override_tf=over)


def test_a_file_of_opentofu(tmp_path: Path) -> None:
    text = LAMBDA.replace("{ default = {} }", "{ default = { OPENAI_API_KEY = 1 } }")
    found = said(tmp_path, main_tofu=text)
    assert "OAI_COVERAGE_9 aws_lambda_function.notes" in found


def test_compose_by_another_name(tmp_path: Path) -> None:
    found = said(tmp_path, stack__prod_yml=f"# a\nx-a: &a {{a: b}}\n{COMPOSE}")
    assert "OAI_COVERAGE_9 services.notes" in found


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  - image: a\n",
        "services:\n  notes:\n    port: 80\n",
        "on: push\njobs:\n  a:\n    services:\n      db:\n        image: postgres\n",
        "services:\n" + "    \n" * 5000 + "x",
        "services:\n  a:\n" + "    \n    b: c\n" * 5000,
    ],
)
def test_what_is_no_compose_file(text: str) -> None:
    assert not fits("stack/prod.yml", text)


def test_a_second_document_where_forms_have_one(tmp_path: Path) -> None:
    found = said(tmp_path, compose_yaml=f"# a\n---\nx-a: b\n---\n{COMPOSE}")
    assert found == {"OAI_SCAN_1 compose.yaml"}


def test_a_first_document_after_its_marks(tmp_path: Path) -> None:
    found = said(tmp_path, compose_yaml=f"# a\n---\n# b\n{COMPOSE}---\n# openai\n")
    assert "OAI_SCAN_1 compose.yaml" not in found
    assert "OAI_COVERAGE_9 services.notes" in found


@pytest.mark.parametrize(
    "body",
    [
        '[{"name": "a", "cpu": ${var.cpu}, "environment": [KEY]}]',
        '[{"name": "a", "environment": [${var.more}, KEY]}]',
        '[%{ if var.x }{"name": "a", "environment": [KEY]}%{ endif }]',
        '[{"name": "a", "environment": [KEY]}${var.sidecars}]',
    ],
)
def test_a_task_with_holes_in_its_json(tmp_path: Path, body: str) -> None:
    key = '{"name": "OPENAI_API_KEY", "value": "/clinic/key"}'
    text = f"""resource "aws_ecs_task_definition" "notes" {{
  tags = {{ phi = "true" }}
  container_definitions = <<-EOF
    {body.replace("KEY", key, 1)}
  EOF
}}
variable "cpu" {{}}
variable "more" {{}}
variable "x" {{}}
variable "sidecars" {{}}
"""
    assert "OAI_COVERAGE_9 aws_ecs_task_definition.notes" in said(tmp_path, main_tf=text)


def test_a_chart_that_only_a_values_file_fills(tmp_path: Path) -> None:
    template = "{{- if .Values.ai }}\n" + WORKLOAD + "{{- end }}\n"
    found = said(
        tmp_path,
        Chart_yaml="apiVersion: v2\nname: notes\nversion: 1.0.0\n",
        templates__notes_yaml=template,
        values_yaml="ai: false\n",
        **{"env__values-prod_yaml": "ai: true\n"},
    )
    assert NOTES in found


def test_a_library_beside_a_chart_that_does_not_render(tmp_path: Path) -> None:
    lib = "repository: 'file://../lib'"
    found = said(
        tmp_path,
        app__Chart_yaml=f"apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n  - {{name: lib, version: 1.0.0, {lib}}}\n",
        app__templates__a_yaml='{{ include "lib.notes" . }}\n',
        app__values_yaml="{}\n",
        lib__Chart_yaml="apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n",
        lib__templates___notes_tpl='{{- define "lib.notes" }}\n' + WORKLOAD + "{{- end }}\n",
    )
    assert "OAI_SCAN_1 app/Chart.yaml" in found


def test_tags_of_a_provider_that_a_module_is_handed(tmp_path: Path) -> None:
    provider = 'provider "aws" {\n  alias = "clinic"\n  default_tags { tags = { Compliance = "HIPAA" } }\n}\n'
    call = 'module "m" {\n  source = "./m"\n  providers = { aws = aws.clinic }\n}\n'
    inner = LAMBDA.replace('  tags = { DataClassification = "PHI" }\n', "").replace(
        "{ default = {} }", '{ default = { OPENAI_API_KEY = "/clinic/key" } }'
    )
    found = said(tmp_path, main_tf=provider + call, m__main_tf=inner)
    assert "OAI_COVERAGE_9 module.m.aws_lambda_function.notes" in found


def test_an_organization_that_the_workload_sends_is_the_one_that_needs_the_agreement(
    tmp_path: Path,
) -> None:
    own = WORKLOAD + "            - {name: OPENAI_ORG_ID, value: org-other}\n"
    declared = {"openai-policy_yaml": POLICY, "openai-compliance_yaml": COMPLIANCE}
    assert "OAI_COVERAGE_2 Deployment.clinic.notes" in said(tmp_path, a_yaml=own, **declared)


def test_a_switch_that_is_off_and_on_is_on(tmp_path: Path) -> None:
    twice = [f"            - {{name: OPENAI_ENABLED, value: '{v}'}}\n" for v in ("false", "true")]
    assert NOTES in said(tmp_path, a_yaml=WORKLOAD + "".join(twice))
    assert NOTES not in said(tmp_path, a_yaml=WORKLOAD + twice[0])


@pytest.mark.parametrize(
    ("label", "phi"),
    [
        ("data-classification: restricted-phi", True),
        ("data-classification: PHI-PII", True),
        ("compliance: hipaa-hitech", True),
        ("compliance: hipaa.gdpr", True),
        ("regulated: hipaa", True),
        ("data-classification: non-phi", False),
        ("data-classification: phi-free", False),
        ("compliance: gdpr", False),
    ],
)
def test_markers_that_say_more_than_one_thing(tmp_path: Path, label: str, phi: bool) -> None:
    text = WORKLOAD.replace("data-classification: phi", label).replace("clinic", "prod")
    found = said(tmp_path, a_yaml=text)
    assert ("OAI_COVERAGE_9 Deployment.prod.notes" in found) is phi
