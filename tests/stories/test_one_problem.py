"""The same cause in roots, overlays, applications and variable files is one finding, where a person changes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.scanning.scan import Options, scan_folder

POLICY = "version: 1\n"
LAMBDA = """resource "aws_lambda_function" "app" {
  function_name = "app"
  role          = "arn:aws:iam::111111111111:role/x"
  tags          = { DataClassification = "PHI" }
  environment {
    variables = {
      OPENAI_ENDPOINT   = "https://api.openai.com/v1/responses"
      LANGSMITH_TRACING = "true"
    }
  }
}
"""
APP = """apiVersion: apps/v1
kind: Deployment
metadata: {name: notes}
spec:
  template:
    metadata: {labels: {app: notes, phi: "true"}}
    spec:
      containers:
        - name: app
          image: registry.example.org/notes:1
          env:
            - {name: OPENAI_ENDPOINT, value: "https://api.openai.com/v1/responses"}
            - {name: LANGSMITH_TRACING, value: "true"}
"""
APPLICATION = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: notes-%s}
spec:
  source:
    repoURL: https://git.example.org/r.git
    path: chart
    helm:
      valuesObject:
        tracing: "true"
"""
CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: notes\nversion: 0.1.0\n",
    "chart/values.yaml": 'tracing: "false"\n',
    "chart/templates/app.yaml": APP.replace(
        'value: "true"', "value: {{ .Values.tracing | quote }}"
    ),
}
CALL = 'module "app" {\n  source = "../../modules/app"\n}\n'
OVERLAY = "namespace: clinic-%s\nnamePrefix: %s-\nresources: [../../base]\n"
SKIP = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: notes\n"
    '  annotations: {checkov.io/skip1: "OAI_COVERAGE_7=made-up data"}\n'
)
BASE = {"base/app.yaml": APP, "base/kustomization.yaml": "resources: [app.yaml]\n"}
OVERLAYS = {f"overlays/{e}/kustomization.yaml": OVERLAY % (e, e) for e in ("dev", "stage", "prod")}


def told(folder: Path, files: dict[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    """Where content goes to a third party, and in which environments."""
    for name, text in {**files, "openai-policy.yaml": POLICY}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = scan_folder(Options(str(folder))).findings
    return [
        (f"{f.place.file}:{f.place.line}", f.environments)
        for f in found
        if f.rule == "OAI_COVERAGE_7"
    ]


@pytest.mark.parametrize(
    ("files", "where"),
    [
        (
            {f"live/{e}/main.tf": LAMBDA for e in ("dev", "prod")},
            [("live/dev/main.tf:8", ("dev", "prod"))],
        ),
        (
            {"modules/app/main.tf": LAMBDA, **{f"roots/{c}/main.tf": CALL for c in ("north", "south")}},
            [("modules/app/main.tf:8", ("north", "south"))],
        ),
        (
            {"main.tf": f'variable "t" {{ type = string }}\n{LAMBDA}'.replace('"true"', "var.t"),
             "dev.tfvars": 't = "false"\n', "prod.tfvars": '# of prod\nt = "true"\n'},
            [("prod.tfvars:2", ("prod",))],
        ),
        ({**BASE, **OVERLAYS}, [("base/app.yaml:13", ("dev", "stage", "prod"))]),
        (
            {f"k8s/{e}/app.yaml": APP for e in ("dev", "prod")},
            [("k8s/dev/app.yaml:13", ("dev", "prod"))],
        ),
    ],
    ids=["copies", "callers", "variables", "overlays", "folders"],
)  # fmt: skip
def test_one_cause_is_one_finding(
    tmp_path: Path, files: dict[str, str], where: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert told(tmp_path, files) == where


def test_an_application_is_where_its_values_stand(tmp_path: Path) -> None:
    apps = {f"apps/{e}.yaml": APPLICATION % e for e in ("dev", "prod")}
    assert told(tmp_path, {**CHART, **apps}) == [("apps/dev.yaml:10", ("notes-dev", "notes-prod"))]


def test_two_workloads_of_one_file_are_two(tmp_path: Path) -> None:
    """Neither their file nor a shared cause makes two functions one."""
    other = LAMBDA.replace('"app" {', '"other" {')
    assert len(told(tmp_path, {"main.tf": LAMBDA + other})) == 2
    assert len(told(tmp_path / "b", {"a/main.tf": LAMBDA, "b/main.tf": LAMBDA})) == 2


def test_a_skip_in_one_overlay_leaves_the_others(tmp_path: Path) -> None:
    patch = "patches: [{path: skip.yaml}]\n"
    dev = {"overlays/dev/kustomization.yaml": OVERLAYS["overlays/dev/kustomization.yaml"] + patch}
    files = {**BASE, **OVERLAYS, **dev, "overlays/dev/skip.yaml": SKIP}
    assert told(tmp_path, files) == [("base/app.yaml:13", ("stage", "prod"))]
