"""The secrets that keys come from: every store by every spelling, each with a twin that the line must not bind."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.words.verdict import Verdict

POLICY = """\
version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-a], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_a], approved_on: 2026-10-10}
projects:
  - {id: proj_a, organization: org-a, endpoints: [/v1/responses], features: []}
credentials:
  - {project: proj_a, LINE}
"""
LAMBDA = """\
resource "aws_lambda_function" "n" {
  function_name = "n"
  tags          = { DataClassification = "PHI" }
  environment { variables = { NAME = VALUE } }
}
"""
ECS = """\
resource "aws_ecs_task_definition" "n" {
  family = "n"
  tags   = { DataClassification = "PHI" }
  container_definitions = jsonencode([{ name = "app", image = "x/y:1", secrets = [
    { name = "DB_PASSWORD", valueFrom = aws_secretsmanager_secret.db.arn },
    { name = "OPENAI_API_KEY", valueFrom = VALUE } ] }])
}
resource "aws_secretsmanager_secret" "db" { name = "SECRET-db" }
resource "aws_secretsmanager_secret" "k" { name = "SECRET" }
"""
COMPOSE = """\
services:
  notes:
    image: x/notes:1
    labels: {data-classification: phi}
    environment: {OPENAI_API_KEY: VALUE}
"""
WORKFLOW = """\
on: push
jobs:
  digest:
    runs-on: ubuntu-latest
    env: {DATA_CLASSIFICATION: phi}
    steps: [{run: python digest.py, env: {OPENAI_API_KEY: "VALUE"}}]
"""
PLAYBOOK = """\
- hosts: notes
  tasks:
    - name: notes
      community.docker.docker_container:
        name: notes
        image: x/notes:1
        labels: {data-classification: phi}
        env: {OPENAI_API_KEY: "VALUE"}
"""
TEMPLATE = """\
AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Notes:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      Tags: [{Key: DataClassification, Value: PHI}]
      Environment: {Variables: {OPENAI_API_KEY: 'VALUE'}}
"""
SERVERLESS = """\
service: notes
provider: {name: aws, runtime: python3.13, tags: {DataClassification: PHI}}
functions: {summarize: {handler: a.b, environment: {OPENAI_API_KEY: 'VALUE'}}}
"""
SITE = """\
resource site 'Microsoft.Web/sites@2023-12-01' = {
  name: 'notes'
  tags: { DataClassification: 'PHI' }
  properties: { siteConfig: { appSettings: [ { name: 'OPENAI_API_KEY', value: 'VALUE' } ] } }
}
"""
FUNCTION_APP = """\
data "azurerm_key_vault" "v" {
  name                = "ward-kv"
  resource_group_name = "r"
}
data "azurerm_key_vault_secret" "k" {
  name         = "SECRET"
  key_vault_id = data.azurerm_key_vault.v.id
}
resource "azurerm_linux_function_app" "n" {
  name         = "n"
  tags         = { DataClassification = "PHI" }
  app_settings = { OPENAI_API_KEY = data.azurerm_key_vault_secret.k.value }
}
"""
CLOUD_RUN = """\
resource "google_secret_manager_secret" "k" { secret_id = "SECRET" }
resource "google_cloud_run_v2_service" "n" {
  name   = "n"
  labels = { data-classification = "phi" }
  template {
    containers {
      image = "x/y:1"
      env {
        name = "OPENAI_API_KEY"
        value_source {
          secret_key_ref {
            secret  = VALUE
            version = "latest"
          }
        }
      }
    }
  }
}
"""
_PROGRAM = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: notes, namespace: ward, labels: {data-classification: phi}}
spec:
  selector: {matchLabels: {app: notes}}
  template:
    metadata: {labels: {app: notes}}
    spec:
      containers:
        - name: app
          image: x/notes:1
"""
POD = f"""{_PROGRAM}\
          env: [{{name: OPENAI_API_KEY_FILE, value: /keys/VALUE}}]
          volumeMounts: [{{name: key, mountPath: /keys}}]
      volumes: [{{name: key, secret: {{secretName: llm, items: [{{key: a, path: one}}, {{key: b, path: two}}]}}}}]
"""
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret"
PARAMETER = 'resource "aws_ssm_parameter" "k" {\n  name  = "SECRET"\n  type  = "SecureString"\n  value = var.k\n}\nvariable "k" {}\n'
CASES = {
    "an ARN in ECS": ("secretsmanager: ward/llm", "main.tf", ECS, f'"{ARN}:ward/llm-AbC123"', f'"{ARN}:ward/other-AbC123"'),
    "an entry of it": ("secretsmanager: 'ward/llm#K'", "main.tf", ECS, f'"{ARN}:ward/llm-AbC123:K::"', f'"{ARN}:ward/llm-AbC123:L::"'),
    "a word is no suffix": ("secretsmanager: clinic-openai", "main.tf", ECS, f'"{ARN}:clinic-openai"', f'"{ARN}:clinic"'),
    "another account's": (f"secretsmanager: '{ARN}:ward/llm-AbC123'", "main.tf", ECS, f'"{ARN}:ward/llm-AbC123"', f'"{ARN}:ward/llm-AbC123"'.replace("123456789012", "210987654321")),
    "the entry's own reference": ("secretsmanager: SECRET", "main.tf", ECS, "aws_secretsmanager_secret.k.arn", "aws_secretsmanager_secret.db.arn"),
    "its entry behind an ARN": ("secretsmanager: 'SECRET#K'", "main.tf", ECS, '"${aws_secretsmanager_secret.k.arn}:K::"', '"${aws_secretsmanager_secret.k.arn}:L::"'),
    "an address": ("secretsmanager: aws_secretsmanager_secret.k", "main.tf", ECS, "aws_secretsmanager_secret.k.arn", "aws_secretsmanager_secret.db.arn"),
    "both of a choice": ("secretsmanager: SECRET", "main.tf", f'variable "x" {{ type = bool }}\n{ECS}', "var.x ? aws_secretsmanager_secret.k.arn : aws_secretsmanager_secret.k.arn", "var.x ? aws_secretsmanager_secret.k.arn : aws_secretsmanager_secret.db.arn"),
    "a literal name": ("secretsmanager: ward/llm", "main.tf", LAMBDA.replace("NAME", "OPENAI_API_KEY_SECRET_NAME"), '"ward/llm"', '"ward/other"'),
    "a parameter's name": ("ssm: /ward/llm", "main.tf", LAMBDA.replace("NAME", "OPENAI_API_KEY_PARAMETER") + PARAMETER.replace("SECRET", "/ward/llm"), "aws_ssm_parameter.k.name", '"/ward/other"'),
    "its value": ("ssm: /ward/llm", "main.tf", LAMBDA.replace("NAME", "OPENAI_API_KEY") + PARAMETER.replace("SECRET", "/ward/llm"), "aws_ssm_parameter.k.value", "var.k"),
    "compose": ("secret: WARD_KEY", "compose.yaml", COMPOSE, "'${WARD_KEY}'", "'${OTHER_KEY}'"),
    "compose, with a message": ("secret: WARD_KEY", "compose.yaml", COMPOSE, "'${WARD_KEY:?is not set}'", "'x-${WARD_KEY}'"),
    "actions": ("secret: WARD_KEY", ".github/workflows/w.yml", WORKFLOW, "${{ secrets.WARD_KEY }}", "${{ secrets.OTHER_KEY }}"),
    "actions, of two": ("secret: WARD_KEY", ".github/workflows/w.yml", WORKFLOW, "${{ secrets['WARD_KEY'] }}", "${{ secrets.WARD_KEY || secrets.OTHER_KEY }}"),
    "actions, a variable": ("secret: WARD_KEY", ".github/workflows/w.yml", WORKFLOW, "${{ secrets.WARD_KEY }}", "${{ vars.WARD_KEY }}"),
    "ansible": ("secret: ward_key", "site.yml", PLAYBOOK, "{{ ward_key }}", "{{ other_key }}"),
    "cloudformation": ("secretsmanager: ward/llm", "t.yaml", TEMPLATE, "{{resolve:secretsmanager:ward/llm:SecretString:k}}", "{{resolve:secretsmanager:ward/other:SecretString:k}}"),
    "cloudformation, an ARN": ("secretsmanager: ward/llm", "t.yaml", TEMPLATE, f"{{{{resolve:secretsmanager:{ARN}:ward/llm-AbC123:SecretString:k}}}}", f"{{{{resolve:secretsmanager:{ARN}:ward/other-AbC123:SecretString:k}}}}"),
    "cloudformation, ssm": ("ssm: /ward/llm", "t.yaml", TEMPLATE, "{{resolve:ssm-secure:/ward/llm:3}}", "{{resolve:ssm-secure:/ward/other:3}}"),
    "another store": ("ssm: /ward/llm", "t.yaml", TEMPLATE, "{{resolve:ssm:/ward/llm}}", "{{resolve:secretsmanager:/ward/llm}}"),
    "serverless": ("ssm: /ward/llm", "serverless.yml", SERVERLESS, "${ssm:/ward/llm}", "${ssm:/ward/other}"),
    "serverless, secrets": ("secretsmanager: ward/llm", "serverless.yml", SERVERLESS, "${ssm:/aws/reference/secretsmanager/ward/llm~true}", "${ssm:/ward/llm}"),
    "app service": ("keyvault: ward-kv/llm", "main.bicep", SITE, "@Microsoft.KeyVault(VaultName=ward-kv;SecretName=llm)", "@Microsoft.KeyVault(VaultName=other-kv;SecretName=llm)"),
    "app service, a URI": ("keyvault: ward-kv/llm", "main.bicep", SITE, "@Microsoft.KeyVault(SecretUri=https://ward-kv.vault.azure.net/secrets/llm/0a1b)", "@Microsoft.KeyVault(SecretUri=https://ward-kv.vault.azure.net/secrets/other/)"),
    "a vault's secret": ("keyvault: ward-kv/llm", "main.tf", FUNCTION_APP.replace("SECRET", "VALUE"), "llm", "other"),
    "cloud run": ("gcp_secret: SECRET", "main.tf", CLOUD_RUN, "google_secret_manager_secret.k.secret_id", '"other"'),
    "cloud run, a path": ("gcp_secret: llm", "main.tf", CLOUD_RUN, '"projects/ward/secrets/llm"', '"projects/ward/secrets/other"'),
    "a mounted file": ("kubernetes: 'ward/llm#a'", "a.yaml", POD, "one", "two"),
    "another namespace": ("kubernetes: 'ward/llm#a'", "a.yaml", POD.replace("/VALUE", "/one").replace("ward", "VALUE"), "ward", "sandbox"),
}  # fmt: skip


def verdict(folder: Path, line: str, file: str, text: str) -> Verdict:
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text)
    (folder / "openai-policy.yaml").write_text(POLICY.replace("LINE", line))
    workloads = 'version: 1\nworkloads: [{match: "*", data: phi, endpoints: [/v1/responses], features: []}]\n'
    (folder / "openai-compliance.yaml").write_text(workloads)
    result = scan_folder(Options(folder=str(folder), today="2026-11-27"))
    (judged,) = result.analysis.assessments
    return judged.verdict


@pytest.mark.parametrize("case", CASES)
def test_a_line_binds_its_secret_and_no_other(tmp_path: Path, case: str) -> None:
    line, file, text, bound, other = CASES[case]
    covered = verdict(tmp_path / "bound", line, file, text.replace("VALUE", bound))
    unproven = verdict(tmp_path / "other", line, file, text.replace("VALUE", other))
    assert (covered, unproven) == (Verdict.COVERED, Verdict.UNPROVEN)


PODS = f"""{_PROGRAM}\
          env:
            - {{name: OPENAI_API_KEY, valueFrom: {{secretKeyRef: {{name: llm, key: a}}}}}}
            - {{name: OPENAI_API_KEY_2, valueFrom: {{secretKeyRef: {{name: VALUE, key: a}}}}}}
"""


@pytest.mark.parametrize(
    ("second", "expected"), [("llm", Verdict.COVERED), ("mine", Verdict.UNPROVEN)]
)
def test_each_key_of_a_program_is_bound(tmp_path: Path, second: str, expected: Verdict) -> None:
    text = PODS.replace("VALUE", second)
    assert verdict(tmp_path, "kubernetes: 'ward/llm#a'", "a.yaml", text) is expected


SECRETS = {
    "another": "kind: Secret, metadata: {name: other, namespace: ward}, stringData: {OPENAI_API_KEY: sk-proj-abcdefghijklmnopqrstuvwxyz0123}",
    "a placeholder": "kind: Secret, metadata: {name: llm, namespace: ward}, stringData: {OPENAI_API_KEY: REPLACE_ME}",
    "a key": "kind: Secret, metadata: {name: llm, namespace: ward}, stringData: {OPENAI_API_KEY: sk-proj-abcdefghijklmnopqrstuvwxyz0123}",
    "sealed": "kind: SealedSecret, metadata: {name: llm, namespace: ward}, spec: {encryptedData: {OPENAI_API_KEY: AgB}}",
    "external": "kind: ExternalSecret, metadata: {name: llm, namespace: ward}, spec: {data: [{secretKey: OPENAI_API_KEY, remoteRef: {key: w/llm}}]}",
}
LINES = {
    ("another", "kubernetes: 'ward/llm#OPENAI_API_KEY'"): Verdict.COVERED,
    ("a placeholder", "kubernetes: 'ward/llm#OPENAI_API_KEY'"): Verdict.COVERED,
    ("a key", "kubernetes: 'ward/llm#OPENAI_API_KEY'"): Verdict.UNPROVEN,
    ("sealed", "kubernetes: 'ward/llm#OPENAI_API_KEY'"): Verdict.UNPROVEN,
    ("sealed", "sealedsecret: 'ward/llm#OPENAI_API_KEY'"): Verdict.COVERED,
    ("external", "kubernetes: 'ward/llm#OPENAI_API_KEY'"): Verdict.COVERED,
    ("external", "secretsmanager: w/llm"): Verdict.COVERED,
    ("external", "secretsmanager: w/other"): Verdict.UNPROVEN,
}


@pytest.mark.parametrize(("secret", "line"), LINES)
def test_a_secret_of_the_repository_is_what_fills_it(
    tmp_path: Path, secret: str, line: str
) -> None:
    text = f"{PODS.replace('VALUE', 'llm').replace('key: a', 'key: OPENAI_API_KEY')}---\n{{apiVersion: v1, {SECRETS[secret]}}}\n"
    assert verdict(tmp_path, line, "a.yaml", text) is LINES[secret, line]


COMMANDS = {
    "a file's content over it": ("export OPENAI_API_KEY=$(cat /x); run", Verdict.UNPROVEN),
    "another variable over it": ("export OPENAI_API_KEY=$OTHER; run", Verdict.UNPROVEN),
    "itself": ('export OPENAI_API_KEY=\\"${OPENAI_API_KEY}\\" && run', Verdict.COVERED),
    "handed on": ("run --openai-api-key=$OPENAI_API_KEY", Verdict.COVERED),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_a_key_that_a_command_exports_is_another(tmp_path: Path, case: str) -> None:
    command, expected = COMMANDS[case]
    image = "image: x/notes:1\n"
    set_up = f'{image}          command: [sh, -c, "{command}"]\n'
    text = PODS.replace("VALUE", "llm").replace(image, set_up)
    assert verdict(tmp_path, "kubernetes: 'ward/llm#a'", "a.yaml", text) is expected
