"""Ways past the gate that were tried: each must end in a finding, or in a note of what was not read."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path

import pytest

from clinic import WORKLOAD
from inprocess import said

NOTES = "OAI_COVERAGE_9 Deployment.clinic.notes"


def with_variable(name: str, value: str) -> str:
    return f"{WORKLOAD}            - {{name: {name}, value: '{value}'}}\n"


@pytest.mark.parametrize(
    "name", ["DEBUG_USE_OPENAI", "FALLBACK_OPENAI_ENABLED", "UI_ENABLE_OPENAI_API"]
)
def test_a_switch_of_a_part_does_not_switch_the_whole_off(tmp_path: Path, name: str) -> None:
    assert NOTES in said(tmp_path, a_yaml=with_variable(name, "false"))


def test_a_switch_is_not_for_another_provider_nor_for_a_url_named_for_none(tmp_path: Path) -> None:
    azure = WORKLOAD.replace("name: OPENAI", "name: AZURE_OPENAI")
    off = "            - {name: ENABLE_OPENAI_API, value: 'false'}\n"
    url = "            - {name: SUMMARY_URL, value: 'https://api.openai.com/v1/responses'}\n"
    assert NOTES in said(tmp_path, a_yaml=azure + off)
    assert NOTES in said(tmp_path, a_yaml=WORKLOAD + off + url)
    assert NOTES not in said(tmp_path, a_yaml=WORKLOAD + off)


def test_its_own_word_that_it_handles_none_does_not_outweigh_a_name(tmp_path: Path) -> None:
    denied = WORKLOAD.replace("data-classification: phi", 'phi: "false"')
    assert "OAI_DECLARATION_3 Deployment.clinic.notes" in said(tmp_path, a_yaml=denied)
    assert not said(tmp_path, a_yaml=denied.replace("clinic", "office"))


LAMBDA = """resource "aws_lambda_function" "notes" {
  tags = { DataClassification = "PHI" }
  environment {
    variables = { %s }
  }
}
"""
SECRET = 'resource "aws_secretsmanager_secret" "%s" { name = "clinic/%s" }\n'
PARAMETER = 'data "aws_ssm_parameter" "openai_key" { name = "/clinic/k" }\n'


@pytest.mark.parametrize(
    ("store", "variable"),
    [
        (SECRET % ("openai", "llm"), "SECRET_ARN = aws_secretsmanager_secret.openai.arn"),
        (SECRET % ("llm", "openai-key"), "SECRET = aws_secretsmanager_secret.llm.arn"),
        (PARAMETER, "LLM_KEY = data.aws_ssm_parameter.openai_key.value"),
        (PARAMETER, "PARAM = data.aws_ssm_parameter.openai_key.name"),
        ('variable "openai_api_key" {}\n', "LLM_KEY = var.openai_api_key"),
        ('variable "openai_base_url" {}\n', "LLM_URL = var.openai_base_url"),
        ("", 'SECRET_ID = "clinic/openai-api-key"'),
        ("", 'KEY_PARAM = "/clinic/openai/api_key"'),
        (
            "",
            'LLM = "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/openai-key/)"',
        ),
    ],
)
def test_a_key_by_the_name_of_what_holds_it(tmp_path: Path, store: str, variable: str) -> None:
    found = said(tmp_path, main_tf=store + LAMBDA % variable)
    assert "OAI_COVERAGE_9 aws_lambda_function.notes" in found


@pytest.mark.parametrize("name", ["GROQ_API_KEY", "SESSION_SECRET", "DATABASE_URL"])
def test_a_name_that_says_what_else_it_holds_is_no_key(tmp_path: Path, name: str) -> None:
    assert not said(
        tmp_path,
        a_yaml=WORKLOAD.replace("{name: OPENAI_API_KEY,", f"{{name: {name},").replace(
            "key: OPENAI_API_KEY", "key: k"
        ),
    )
    assert NOTES in said(
        tmp_path,
        a_yaml=WORKLOAD.replace("{name: OPENAI_API_KEY,", "{name: LLM_KEY,").replace(
            "key: OPENAI_API_KEY", "key: k"
        ),
    )


HEAD = WORKLOAD.split("          env:")[0]
EXTERNAL = """---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: keys, namespace: clinic}
spec: {target: {name: app}, %s}
"""
ENTRY = "data: [{secretKey: llm, remoteRef: {key: %s}}, {secretKey: more, remoteRef: {key: %s}}]"
LLM_KEY = "          env: [{name: LLM_KEY, valueFrom: {secretKeyRef: {name: app, key: llm}}}]\n"
CLASS = """---
apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: {name: keys, namespace: clinic}
spec: {parameters: {objects: "- objectName: prod/openai-api-key\\n  objectType: secretsmanager\\n"}}
"""
VOLUME = "          volumeMounts: [{name: v, mountPath: /v}]\n      volumes: [{name: v, %s}]\n"
CONFIG = """---
apiVersion: v1
kind: ConfigMap
metadata: {name: app, namespace: clinic}
data: {app.yaml: "url: https://api.openai.com/v1/responses\\n"}
"""


@pytest.mark.parametrize(
    ("pod", "more"),
    [
        (LLM_KEY, EXTERNAL % ENTRY % ("clinic/openai", "x/y")),
        (
            "          envFrom: [{secretRef: {name: app}}]\n",
            EXTERNAL % "dataFrom: [{extract: {key: clinic/openai}}]",
        ),
        (VOLUME % "secret: {secretName: openai-api-key}", ""),
        (VOLUME % "projected: {sources: [{secret: {name: openai-api-key}}]}", ""),
        (VOLUME % "projected: {sources: [{configMap: {name: app}}]}", CONFIG),
        (VOLUME % "csi: {volumeAttributes: {secretProviderClass: keys}}", CLASS),
        ("          env: [{name: LLM_KEY, value: 'vault:secret/data/openai#api_key'}]\n", ""),
    ],
)
def test_a_key_or_an_address_from_a_volume_or_another_store(
    tmp_path: Path, pod: str, more: str
) -> None:
    assert NOTES in said(tmp_path, a_yaml=HEAD + pod + more)


def test_another_entry_of_the_same_store_is_no_key(tmp_path: Path) -> None:
    found = said(tmp_path, a_yaml=HEAD + LLM_KEY + EXTERNAL % ENTRY % ("x/y", "clinic/openai"))
    assert NOTES not in found


def test_annotations_that_fill_in_a_secret(tmp_path: Path) -> None:
    said_so = "annotations: {vault.hashicorp.com/agent-inject-secret-openai: secret/data/openai}"
    pod = HEAD.replace(
        "metadata: {labels: {app: notes}}", f"metadata: {{{said_so}, labels: {{app: notes}}}}"
    )
    assert NOTES in said(tmp_path, a_yaml=pod)


def test_a_service_that_runs_code_is_a_workload_and_answers_at_its_name(tmp_path: Path) -> None:
    knative = WORKLOAD.replace("kind: Deployment", "kind: Service").replace(
        "apps/v1", "serving.knative.dev/v1"
    )
    caller = (
        HEAD.replace("name: notes,", "name: visits,")
        + "          env: [{name: S, value: 'http://notes/v1'}]\n"
    )
    found = said(tmp_path, a_yaml=f"{knative}---\n{caller}")
    assert {
        "OAI_COVERAGE_9 Service.clinic.notes",
        "OAI_COVERAGE_9 Deployment.clinic.visits",
    } <= found


CALL = "#!/bin/sh\ncurl https://api.openai.com/v1/responses -d @/data\n"
PACKED = base64.b64encode(gzip.compress(CALL.encode(), mtime=0)).decode()
PLAIN = base64.b64encode(CALL.encode()).decode()
FILES = f"#cloud-config\nwrite_files:\n  - path: /run.sh\n    encoding: b64\n    content: {PLAIN}\n"
MACHINE = 'resource "aws_instance" "notes" {\n  tags = { DataClassification = "PHI" }\n  %s\n}\n'


@pytest.mark.parametrize(
    "script",
    [
        f'user_data_base64 = "{PLAIN}"',
        f'user_data_base64 = "{PACKED}"',
        f"user_data = <<EOT\n{FILES}EOT\n",
        'user_data_base64 = filebase64("${path.module}/a.sh")',
        'user_data = templatefile("${path.module}/${var.name}.sh", {})',
        "user_data = data.local_file.script.content",
        "user_data = data.template_file.script.rendered",
        "user_data = data.cloudinit_config.script.rendered",
    ],
)
def test_a_script_however_a_machine_gets_it(tmp_path: Path, script: str) -> None:
    sources = (
        'variable "name" {}\n'
        'data "local_file" "script" { filename = "${path.module}/a.sh" }\n'
        'data "template_file" "script" { template = file("${path.module}/a.sh") }\n'
        'data "cloudinit_config" "script" {\n  part {\n    content = file("${path.module}/a.sh")\n  }\n}\n'
    )
    found = said(tmp_path, main_tf=MACHINE % script + sources, a_sh=CALL)
    assert "OAI_COVERAGE_9 aws_instance.notes" in found


@pytest.mark.parametrize(
    "loop",
    [
        'for_each = fileset("${path.module}/fn", "*.json")\n  environment {\n    variables = jsondecode(file("${path.module}/fn/${each.value}"))\n  }',
        'environment {\n    variables = jsondecode(file("${path.module}/fn/${var.stage}.json"))\n  }',
    ],
)
def test_files_whose_names_stand_nowhere(tmp_path: Path, loop: str) -> None:
    block = f'variable "stage" {{}}\nresource "aws_lambda_function" "notes" {{\n  tags = {{ phi = "true" }}\n  {loop}\n}}\n'
    found = said(
        tmp_path, main_tf=block, fn__a_json='{"LLM_URL": "https://api.openai.com/v1/responses"}'
    )
    assert "OAI_COVERAGE_9 aws_lambda_function.notes" in found


def test_variables_in_json_that_somebody_names(tmp_path: Path) -> None:
    block = 'variable "env" {}\n' + LAMBDA.replace("{ %s }", "var.env")
    values = '{"env": {"OPENAI_API_KEY": "/clinic/openai"}}'
    found = said(tmp_path, main_tf=block, **{"prod.tfvars_json": values})
    assert "OAI_COVERAGE_9 aws_lambda_function.notes" in found


def test_a_command_that_terraform_runs_itself(tmp_path: Path) -> None:
    block = 'resource "null_resource" "patients" {\n  provisioner "local-exec" {\n    command = "curl https://api.openai.com/v1/responses"\n  }\n}\n'
    assert "OAI_DECLARATION_3 null_resource.patients" in said(tmp_path, main_tf=block)


@pytest.mark.parametrize("name", ["API_BASE", "UPSTREAM_URL", "BACKEND_HOST", "UPSTREAM_BASE_URL"])
def test_an_address_of_another_component_hides_no_use(name: str, tmp_path: Path) -> None:
    assert NOTES in said(tmp_path, a_yaml=with_variable(name, "http://notes-ui:3000"))


@pytest.mark.parametrize(
    ("plain", "spelled"),
    [
        ("kind: Deployment", '"k\\x69nd": "Deploy\\u006dent"'),
        ("apiVersion: apps/v1\nkind:", '"\\x61piVersion": apps/v1\n"\\U0000006bind":'),
        ("kind: Deployment", f"kind: !!binary {base64.b64encode(b'Deployment').decode()}"),
        ("name: OPENAI_API_KEY", '"n\\x61me": "OPEN\\x41I_API_K\\u0045Y"'),
        ("name: OPENAI_API_KEY", f"name: !!binary {base64.b64encode(b'OPENAI_API_KEY').decode()}"),
        ("data-classification: phi", '"data-cl\\x61ssification": "p\\x68i"'),
    ],
)
def test_another_spelling_of_the_same_says_the_same(
    plain: str, spelled: str, tmp_path: Path
) -> None:
    assert plain in WORKLOAD
    assert NOTES in said(tmp_path, a_yaml=WORKLOAD.replace(plain, spelled))
