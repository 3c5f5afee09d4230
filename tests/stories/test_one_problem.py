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


def told(
    folder: Path, files: dict[str, str], rule: str = "OAI_COVERAGE_7"
) -> list[tuple[str, tuple[str, ...]]]:
    """Where content goes to a third party (or what else a rule tells), and in which environments."""
    for name, text in {**files, "openai-policy.yaml": POLICY}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = scan_folder(Options(str(folder))).findings
    return [(f"{f.place.file}:{f.place.line}", f.environments) for f in found if f.rule == rule]


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


KEY = "sk-proj-Zq8vT3nWm2LxR5cY7bKd" + "T3BlbkFJhP4sV9eUo1JiG6wNaQxM"  # made up
KEYED = APP.replace("LANGSMITH_TRACING", "OPENAI_API_KEY").replace(
    '"true"}\n', "{{ .Values.key }}}\n"
)


def test_a_key_is_told_in_the_values_that_hold_it(tmp_path: Path) -> None:
    """Of the builds of a chart the one with the key, not the one that comes first."""
    files = {
        "chart/Chart.yaml": CHART["chart/Chart.yaml"],
        "chart/values.yaml": "key: none\n",
        "chart/values/dev.yaml": "replicas: 1\n",
        "chart/values/stage.yaml": f"replicas: 2\nkey: {KEY}\n",
        "chart/templates/app.yaml": KEYED,
    }
    assert told(tmp_path, files, "OAI_SECRET_1") == [("chart/values/stage.yaml:2", ("stage",))]


def test_each_values_file_that_says_it_is_told(tmp_path: Path) -> None:
    """Also where they differ in other things."""
    values = {f"chart/values-{e}.yaml": f'tag: {e}\ntracing: "true"\n' for e in ("dev", "prod")}
    app = CHART["chart/templates/app.yaml"].replace("notes:1", "notes:{{ .Values.tag }}")
    files = {**CHART, **values, "chart/templates/app.yaml": app}
    assert told(tmp_path, files) == [("chart/values-dev.yaml:2", ("dev", "prod"))]


SUB = {
    "top/charts/notes/Chart.yaml": "apiVersion: v2\nname: notes\nversion: 0.1.0\n",
    "top/charts/notes/values.yaml": 'tracing: "false"\n',
    "top/charts/notes/templates/app.yaml": CHART["chart/templates/app.yaml"],
}
TOP = "apiVersion: v2\nname: top\nversion: 0.1.0\ndependencies:\n"


@pytest.mark.parametrize(
    ("dependencies", "values", "template", "where"),
    [
        ("  - {name: notes, version: 0.1.0}\n",
         'notes:\n  replicas: 1\n  tracing: "true"\n', "", ("top/values/prod.yaml:3", ("prod",))),
        ("  - {name: notes, version: 0.1.0, alias: letters}\n",
         'notes:\n  tracing: "maybe"\nletters:\n  tracing: "true"\n', "", ("top/values/prod.yaml:4", ("prod",))),
        ("  - {name: notes, version: 0.1.0}\n",
         'global:\n  tracing: "true"\n', "global.", ("top/values/prod.yaml:2", ("prod",))),
    ],
    ids=["name", "alias", "global"],
)  # fmt: skip
def test_what_a_chart_gives_to_one_within_is_told_there(
    tmp_path: Path,
    dependencies: str,
    values: str,
    template: str,
    where: tuple[str, tuple[str, ...]],
) -> None:
    app = SUB["top/charts/notes/templates/app.yaml"].replace(
        ".Values.tracing", f".Values.{template}tracing"
    )
    files = {
        **SUB,
        "top/charts/notes/templates/app.yaml": app,
        "top/Chart.yaml": TOP + dependencies,
        "top/values.yaml": 'global: {tracing: "false"}\n',
        "top/values/prod.yaml": values,
    }
    assert told(tmp_path, files) == [where]


def test_calls_of_one_module_are_workloads_of_their_own(tmp_path: Path) -> None:
    """Whose key each has is asked of each, once for all roots; what stands in the module is one."""
    module = LAMBDA.replace(
        'LANGSMITH_TRACING = "true"', 'LANGSMITH_TRACING = "true"\n      OPENAI_API_KEY = var.key'
    )
    calls = "".join(
        f'module "{n}" {{\n  source = "../../modules/app"\n  key = "{{{{resolve}}}}"\n}}\n'
        for n in ("notes", "letters")
    )
    files = {
        "modules/app/main.tf": f'variable "key" {{ type = string }}\n{module}',
        **{f"envs/{e}/main.tf": calls for e in ("dev", "prod")},
    }
    assert len(told(tmp_path, files, "OAI_COVERAGE_9")) == 2
    assert {e for _, e in told(tmp_path, files, "OAI_COVERAGE_9")} == {("dev", "prod")}
    assert told(tmp_path, files) == [("modules/app/main.tf:9", ("dev", "prod"))]
