"""Charts as a repository installs them: commands, tools, any map of values, the release and the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helm_on_path import helm_on_path
from inprocess import analysis, write
from openai_phi.words.observed import Workload

CHART = "apiVersion: v2\nname: app\nversion: 0.1.0\n"
TEMPLATE = """apiVersion: apps/v1
kind: Deployment
metadata: {name: notes, namespace: ward}
spec:
  selector: {matchLabels: {app: notes}}
  template:
    metadata:
      labels:
        app: notes
        data-classification: phi
    spec:
      containers:
        - name: a
          image: b
          env:
{{ if %s }}
            - {name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: s, key: k}}}
{{ end }}
            - {name: A, value: b}
"""


@pytest.fixture(autouse=True, scope="module")
def helm() -> Iterator[None]:
    with helm_on_path():
        yield


def _chart(folder: Path, condition: str = ".Values.ai.enabled", where: str = "app") -> Path:
    inside = folder / where
    (inside / "templates").mkdir(parents=True)
    (inside / "Chart.yaml").write_text(CHART)
    (inside / "values.yaml").write_text("ai: {enabled: false}\nreplicas: 1\n")
    (inside / "templates" / "d.yaml").write_text(TEMPLATE % condition)
    return folder


def _uses(folder: Path) -> list[Workload]:
    return [w for w in analysis(folder, "helm").estate.workloads if w.uses]


SET = "--set ai.enabled=true"
COMMANDS = {
    "Makefile": f"up:\n\thelm upgrade --install app ./app {SET}\n",
    "deploy.mk": f"CHART := ./app\nup:\n\thelm upgrade app $(CHART) \\\n\t  -n ward \\\n\t  {SET}\n",
    "scripts/deploy.sh": f'set -e\nhelm install app "app" --namespace ward {SET} && echo done\n',
    "cd.sh": f"(cd app && helm upgrade app . {SET})\n",
    ".github/workflows/deploy.yml": "on: push\njobs:\n  d:\n    runs-on: x\n    steps:\n"
    f"      - run: |\n          helm upgrade app ./app \\\n            {SET}\n",
    ".gitlab-ci.yml": f"deploy:\n  script:\n    - helm upgrade app app {SET},replicas=2\n",
    "Taskfile.yml": f"version: '3'\ntasks:\n  up:\n    cmds:\n      - helm upgrade -i app ./app {SET}\n",
    "cloudbuild.yaml": "steps:\n- name: gcr.io/p/helm\n"
    "  args: ['upgrade', '--install', 'app', './app', '--set', 'ai.enabled=true']\n",
    "azure-pipelines.yml": "steps:\n- task: HelmDeploy@0\n  inputs:\n    command: upgrade\n"
    "    chartType: FilePath\n    chartPath: app\n    overrideValues: 'ai.enabled=true'\n",
    ".github/workflows/bake.yml": "on: push\njobs:\n  d:\n    steps:\n      - uses: azure/k8s-bake@v3\n"
    "        with:\n          renderEngine: helm\n          helmChart: ./app\n"
    "          overrides: |\n            ai.enabled:true\n",
    ".github/workflows/env.yml": "on: push\nenv: {AI: 'true'}\njobs:\n  d:\n    steps:\n"
    "      - run: helm upgrade app ./app --set ai.enabled=$AI\n",
    "scripts/list.sh": f'args=({SET})\nargs+=(--wait)\nhelm upgrade app ./app "${{args[@]}}"\n',
    "skaffold.yaml": "apiVersion: skaffold/v4beta1\nkind: Config\ndeploy:\n  helm:\n    releases:\n"
    "      - {name: a, chartPath: app, setValues: {ai.enabled: true}}\n",
    "skaffold-prod.yaml": "apiVersion: skaffold/v4beta1\nkind: Config\nprofiles:\n"
    "  - name: prod\n    manifests: {helm: {releases: [{name: a, chartPath: app,"
    " overrides: {ai: {enabled: true}}}]}}\n",
    "helmfile.d/10-a.yaml": "releases:\n  - {name: a, chart: ../app, values: [{ai: {enabled: true}}]}\n",
    "helmfile.yaml.gotmpl": "environments:\n  prod:\n    values: [{on: true}]\n---\nreleases:\n"
    "  - name: a\n    chart: ./app\n    values:\n      - ai: {enabled: {{ .Values.on }}}\n",
    "play.yml": "- hosts: localhost\n  tasks:\n    - kubernetes.core.helm:\n        name: a\n"
    "        chart_ref: ./app\n        values: {ai: {enabled: true}}\n",
    "k/kustomization.yaml": "helmGlobals: {chartHome: ..}\n"
    "helmCharts: [{name: app, releaseName: a, valuesInline: {ai: {enabled: true}}}]\n",
    "hr.yaml": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a, namespace: n}\n"
    "spec:\n  chart: {spec: {chart: ./app, sourceRef: {kind: GitRepository, name: x}}}\n"
    "  valuesFrom: [{kind: ConfigMap, name: v}]\n---\napiVersion: v1\nkind: ConfigMap\n"
    "metadata: {name: v, namespace: n}\ndata:\n  values.yaml: |\n    ai: {enabled: true}\n",
    "helmfile.yaml": "releases:\n  - name: a\n    chart: ./app\n"
    "    set: [{name: ai.enabled, value: true}]\n",
}


@pytest.mark.parametrize("file", COMMANDS)
def test_what_is_set_where_a_chart_is_installed_counts(tmp_path: Path, file: str) -> None:
    path = _chart(tmp_path) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(COMMANDS[file])
    (found,) = _uses(tmp_path)
    assert file in found.resource.variant
    assert found.resource.file == "app/templates/d.yaml"


@pytest.mark.parametrize("file", [f for f in COMMANDS if not f.endswith("skaffold-prod.yaml")])
def test_what_is_switched_off_there_is_off(tmp_path: Path, file: str) -> None:
    path = _chart(tmp_path) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(COMMANDS[file].replace("true", "false"))
    assert _uses(tmp_path) == []


@pytest.mark.parametrize(("host", "uses"), [("openai", 1), ("vllm", 0)])
def test_a_file_that_a_setting_takes_in_is_its_value(tmp_path: Path, host: str, uses: int) -> None:
    _chart(tmp_path, 'contains "openai" (default "" .Values.conf)')
    write(
        tmp_path,
        x__a_txt=f"host: {host}\n",
        deploy_mk="up:\n\thelm upgrade a app --set-file conf=x/a.txt\n",
    )
    assert len(_uses(tmp_path)) == uses


def test_what_is_set_for_another_chart_is_nothing_of_this(tmp_path: Path) -> None:
    write(_chart(tmp_path), deploy_mk=f"up:\n\thelm upgrade other ./other {SET}\n")
    assert _uses(tmp_path) == []


def test_a_comment_installs_nothing(tmp_path: Path) -> None:
    write(_chart(tmp_path), deploy_mk=f"up:\n\t# helm upgrade app ./app {SET}\n\techo\n")
    assert _uses(tmp_path) == []


ENABLED = "ai: {enabled: true}\n"
MAPS = {
    "cfg/p.yml": ENABLED,
    "clusters/prod/eu/app.yaml": ENABLED + "replicas: 3\n",
    "config/prod.json": '{"ai": {"enabled": true}}',
    "app/values-prod.yaml.gotmpl": ENABLED
    + "replicas: {{ .Values.replicas }}\n{{ if .x }}\n{{ end }}\n",
    "app/prod": ENABLED,
    "app/envs/prod": ENABLED,
}


@pytest.mark.parametrize("file", MAPS)
def test_a_map_whose_keys_are_the_charts_is_a_variant(tmp_path: Path, file: str) -> None:
    path = _chart(tmp_path) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(MAPS[file])
    assert len(_uses(tmp_path)) == 1


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("config/prod.yaml", ENABLED + "somethingElse: 1\n"),
        ("examples/prod.yaml", ENABLED),
        ("app/ci/prod-values.yaml", ENABLED),
        ("docs/values.yaml", ENABLED),
        ("app/charts/other/values.yaml", ENABLED),
    ],
)
def test_a_map_of_something_else_or_an_example_is_none(
    tmp_path: Path, file: str, text: str
) -> None:
    path = _chart(tmp_path) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert _uses(tmp_path) == []


def test_an_example_that_a_command_applies_is_a_variant(tmp_path: Path) -> None:
    write(
        _chart(tmp_path),
        examples__prod_yaml=ENABLED,
        deploy_sh="helm upgrade app ./app --values=examples/prod.yaml\n",
    )
    assert len(_uses(tmp_path)) == 1


CONDITIONS = [
    'eq .Release.Namespace "prod"',
    'ne .Release.Namespace "dev"',
    'hasPrefix "prod" .Release.Name',
    '.Capabilities.APIVersions.Has "example.org/v1"',
    'and (not .Values.ai.enabled) (.Capabilities.APIVersions.Has "example.org/v1")',
    ".Release.IsUpgrade",
    'semverCompare ">=9.0" .Capabilities.KubeVersion.Version',
    "gt (int .Release.Revision) 1",
    'lookup "v1" "Secret" "ward" "openai"',
    '(ternary "on" "" (eq .Release.Namespace "prod"))',
    'eq .Release.Name "prod" | ternary "on" ""',
]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions_on_the_release_and_the_cluster_count_both_ways(
    tmp_path: Path, condition: str
) -> None:
    assert len(_uses(_chart(tmp_path, condition))) == 1


def test_a_condition_on_values_beside_one_on_the_release_still_counts(tmp_path: Path) -> None:
    condition = 'and .Values.ai.enabled (eq .Release.Namespace "prod")'
    assert _uses(_chart(tmp_path, condition)) == []


def test_a_condition_that_a_variable_or_a_block_holds_counts_both_ways(tmp_path: Path) -> None:
    folder = _chart(tmp_path, "$prod")
    template = folder / "app/templates/d.yaml"
    held = '{{- $prod := eq .Release.Namespace "prod" -}}\n'
    template.write_text(held + template.read_text())
    assert len(_uses(folder)) == 1
    template.write_text(template.read_text().replace("if $prod", 'with (ternary "k" "" $prod)'))
    assert len(_uses(folder)) == 1


def test_a_name_that_helpers_compare_makes_no_second_workload(tmp_path: Path) -> None:
    write(
        _chart(tmp_path, "true"),
        app__templates___helpers_tpl='{{- define "n" -}}{{- if contains $.Chart.Name .Release.Name -}}a'
        "{{- else -}}b{{- end -}}{{- end -}}",
    )
    assert [w.resource.variant for w in _uses(tmp_path)] == [""]


def _umbrella(folder: Path, values: str, alias: str = "") -> Path:
    called = f", alias: {alias}" if alias else ""
    _chart(folder, "true", "top/charts/svc")
    (folder / "top/charts/svc/Chart.yaml").write_text(CHART.replace("app", "svc"))
    (folder / "top/Chart.yaml").write_text(
        CHART.replace("app", "top")
        + f"dependencies: [{{name: svc, version: 0.1.0, condition: svc.enabled{called}}}]\n"
    )
    (folder / "top/values.yaml").write_text(values)
    return folder


def test_a_chart_in_another_one_is_judged_through_that_alone(tmp_path: Path) -> None:
    assert _uses(_umbrella(tmp_path, "svc: {enabled: false}\n")) == []
    (tmp_path / "top/values.yaml").write_text("svc: {enabled: true}\n")
    (found,) = _uses(tmp_path)
    assert found.resource.file == "top/charts/svc/templates/d.yaml"


def test_a_chart_under_another_name_is_placed_where_it_lies(tmp_path: Path) -> None:
    (found,) = _uses(_umbrella(tmp_path, "x: 1\n", "notes"))
    assert found.resource.file == "top/charts/svc/templates/d.yaml"


def test_words_of_a_chart_that_does_not_render_are_no_signature(tmp_path: Path) -> None:
    write(
        _chart(tmp_path, 'required "no" .Values.no'),
        app__Chart_yaml=CHART + "description: In front of OpenAI.\n# openai\n",
        app__templates__d_yaml='# for OpenAI\nkind: X\nx: {{ required "no" .Values.no }}\n',
        app__ci__test_values_yaml="no: https://api.openai.com\n",
    )
    found = analysis(tmp_path, "helm")
    assert [u for u in found.unread if u.matters] == []
    write(tmp_path, app__templates__e_yaml="key: OPENAI_API_KEY\n")
    assert [u.file for u in analysis(tmp_path, "helm").unread if u.matters] == ["app/Chart.yaml"]
