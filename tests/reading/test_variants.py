"""Variants: Terraform with each variable file, charts with each values file, or those that are named."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from helm_on_path import helm_on_path
from inprocess import analysis, named

MAIN = """variable "base_url" {}
variable "tags" { default = {} }
resource "aws_lambda_function" "notes" {
  function_name = "notes"
  role          = "arn:aws:iam::111122223333:role/notes"
  tags          = merge(var.tags, { Team = "notes" })
  environment {
    variables = {
      OPENAI_API_KEY  = "reference"
      OPENAI_BASE_URL = var.base_url
    }
  }
}
"""
DEV = 'base_url = "http://vllm.internal:8000/v1"\n'
PROD = 'base_url = "https://api.openai.com/v1"\ntags = { DataClassification = "PHI" }\n'


def told(folder: Path, framework: str) -> dict[str, list[tuple[str, list[str | None]]]]:
    """Workload -> (PHI status, hosts) for each variant, by `id [variant]`."""
    out: dict[str, list[tuple[str, list[str | None]]]] = {}
    for w in analysis(folder, framework).estate.workloads:
        key = f"{w.id} [{w.resource.variant}]"
        out.setdefault(key, []).append((w.phi.value, [u.host for u in w.uses]))
    return out


def test_each_variable_file_is_a_variant(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "dev.tfvars").write_text(DEV)
    (tmp_path / "prod.tfvars").write_text(PROD)
    assert told(tmp_path, "terraform") == {
        "aws_lambda_function.notes [prod.tfvars]": [("phi", ["api.openai.com"])]
    }
    assert named(tmp_path, "terraform") == [
        "OAI_COVERAGE_2 aws_lambda_function.notes",
        "OAI_COVERAGE_9 aws_lambda_function.notes",
    ]


def test_a_root_with_a_file_that_it_always_takes_is_read_with_it_too(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "terraform.tfvars").write_text('base_url = "https://eu.api.openai.com/v1"\n')
    (tmp_path / "prod.tfvars").write_text(PROD)
    assert told(tmp_path, "terraform") == {
        "aws_lambda_function.notes []": [("unclassified", ["eu.api.openai.com"])],
        "aws_lambda_function.notes [prod.tfvars]": [("phi", ["api.openai.com"])],
    }


def test_variants_that_say_the_same_are_one(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "a.tfvars").write_text(PROD)
    (tmp_path / "b.tfvars").write_text(PROD)
    assert list(told(tmp_path, "terraform")) == ["aws_lambda_function.notes [a.tfvars, b.tfvars]"]


def test_environments_name_the_variants(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "envs").mkdir()
    (tmp_path / "envs" / "live.tfvars").write_text(PROD)
    (tmp_path / "old.tfvars").write_text(PROD.replace("api.", "gb.api."))
    declared = {"version": 1, "environments": [{"name": "live", "var_files": ["envs/live.tfvars"]}]}
    (tmp_path / "openai-compliance.yaml").write_text(yaml.safe_dump(declared))
    assert told(tmp_path, "terraform") == {
        "aws_lambda_function.notes [envs/live.tfvars]": [("phi", ["api.openai.com"])]
    }


def test_an_environment_of_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "openai-compliance.yaml").write_text(
        "version: 1\nenvironments:\n  - {name: live, values: [charts/values-live.yaml]}\n"
    )
    assert named(tmp_path, "yaml") == ["OAI_DECLARATION_1 openai-compliance.yaml"]


CHART = {
    "Chart.yaml": "apiVersion: v2\nname: notes\nversion: 0.1.0\n",
    "values.yaml": "openai: {enabled: false}\nlabels: {}\n",
    "values-prod.yaml": 'openai: {enabled: true}\nlabels: {phi: "true"}\n',
    "values-dev.yaml": "openai: {enabled: false}\n",
    "templates/app.yaml": """apiVersion: apps/v1
kind: Deployment
metadata:
  name: notes
  labels: {{ toYaml .Values.labels | nindent 4 }}
spec:
  template:
    spec:
      containers:
        - name: app
          image: registry.example.org/notes:1
          {{- if .Values.openai.enabled }}
          env:
            - name: OPENAI_API_KEY
              valueFrom: {secretKeyRef: {name: openai, key: key}}
          {{- end }}
""",
}


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    for name, text in CHART.items():
        path = tmp_path / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_a_chart_is_rendered_with_each_values_file_beside_it(chart: Path) -> None:
    with helm_on_path():
        assert told(chart, "helm") == {
            "Deployment.notes [values-prod.yaml]": [("phi", ["api.openai.com"])]
        }


def test_a_values_file_that_a_chart_does_not_render_with_is_a_finding(chart: Path) -> None:
    (chart / "notes" / "values-prod.yaml").write_text("openai: 1\n")
    with helm_on_path():
        found = [(u.file, u.matters) for u in analysis(chart, "helm").unread]
    assert found == [("notes/values-prod.yaml", True)]
