"""Odd ways to hand a program OpenAI's key, or PHI, that must not pass unseen."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from clinic import WORKLOAD
from openai_phi.compose_files import fits
from openai_phi.scan import Options, scan_folder

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


def said(folder: Path, **files: str) -> set[str]:
    """The rules and resources of what fails in these files; `a__b_yaml` is a/b.yaml."""
    for name, text in files.items():
        stem, _, suffix = name.replace("__", "/").rpartition("_")
        path = folder / f"{stem}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = scan_folder(Options(str(folder))).findings
    return {f"{f.rule} {f.resource}" for f in found}


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
    plain = LAMBDA.replace('  tags = { DataClassification = "PHI" }\n', "")
    over = 'resource "aws_lambda_function" "notes" {\n  tags = { DataClassification = "PHI" }\n}\n'
    assert "OAI_SCAN_1 x_override.tf" in said(tmp_path, main_tf=plain, x_override_tf=over)


def test_a_file_of_opentofu(tmp_path: Path) -> None:
    text = LAMBDA.replace("{ default = {} }", "{ default = { OPENAI_API_KEY = 1 } }")
    assert said(tmp_path, main_tofu=text) == {"OAI_SCAN_1 main.tofu"}


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
