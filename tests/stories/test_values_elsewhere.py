"""Values of a chart that do not lie beside its own: in folders, in what deploys it, in Terraform."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from helm_on_path import helm_on_path
from inprocess import analysis
from openai_phi.reading.charts.chart_values import setting
from openai_phi.reading.charts.variants import NotRendered, renders
from openai_phi.scanning.scan import Options, scan_folder

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: notes\nversion: 0.1.0\n",
    "values.yaml": "env: []\nlabels: {}\n",
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
          env: {{ toYaml .Values.env | nindent 12 }}
""",
}
KEY = {"name": "OPENAI_API_KEY", "valueFrom": {"secretKeyRef": {"name": "openai", "key": "key"}}}
PROD = {"env": [KEY], "labels": {"phi": "true"}}
FOUND = {
    "OAI_COVERAGE_2 Deployment.notes charts/notes/templates/app.yaml",
    "OAI_COVERAGE_9 Deployment.notes charts/notes/templates/app.yaml",
}


def put(folder: Path, file: str, data: object) -> None:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name, text in CHART.items():
        put(tmp_path / "charts" / "notes", name, text)
    return tmp_path


def variants(folder: Path) -> dict[str, tuple[str, list[str | None]]]:
    with helm_on_path():
        found = analysis(folder, "helm").estate.workloads
    return {w.resource.variant: (w.phi.value, [u.host for u in w.uses]) for w in found}


def application(**helm: object) -> dict[str, object]:
    source = {"repoURL": "https://git.example.org/r.git", "path": "charts/notes", "helm": helm}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "notes-prod"},
        "spec": {"source": source},
    }


@pytest.mark.parametrize(
    ("file", "variant"),
    [
        ("charts/notes/envs/prod.yaml", "envs/prod.yaml"),
        ("charts/notes/environments/prod/app.yaml", "environments/prod/app.yaml"),
        ("charts/notes/prod.yaml", "prod.yaml"),
        ("charts/envs/prod.yaml", "../envs/prod.yaml"),
        ("envs/prod/values.yaml", "../../envs/prod/values.yaml"),
    ],
)
def test_values_in_a_folder_for_them(repository: Path, file: str, variant: str) -> None:
    put(repository, file, PROD)
    assert variants(repository) == {variant: ("phi", ["api.openai.com"])}


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("charts/notes/envs/prod.yaml", {"apiVersion": "v1", "kind": "ConfigMap", **PROD}),
        ("charts/envs/prod.yaml", {"other": PROD}),
        ("charts/notes/tests/prod.yaml", PROD),
        ("charts/notes/openai-compliance.yaml", {"version": 1, "labels": PROD["labels"]}),
        ("one/two/three/charts/envs/prod.yaml", PROD),
    ],
)
@pytest.mark.xfail(
    strict=False, reason="a file in another folder that a release takes is also taken by itself"
)
def test_what_is_no_values_file_of_the_chart(repository: Path, file: str, data: object) -> None:
    put(repository, file, data)
    assert variants(repository) == {}


ONE = "deploy/notes.yaml (Application notes-prod)"


@pytest.mark.parametrize(
    ("helm", "variant"),
    [
        ({"values": yaml.safe_dump(PROD)}, ONE),
        ({"valuesObject": PROD}, ONE),
        ({"valueFiles": ["../../live/notes.yaml"]}, ONE),
        ({"valueFiles": ["/live/notes.yaml", "missing.yaml"]}, ONE),
        (
            {
                "values": yaml.safe_dump({"env": [KEY]}),
                "parameters": [{"name": "labels.phi", "value": "true", "forceString": True}],
            },
            ONE,
        ),
    ],
)
@pytest.mark.xfail(
    strict=False, reason="a file in another folder that a release takes is also taken by itself"
)
def test_values_that_an_application_gives(
    repository: Path, helm: dict[str, object], variant: str
) -> None:
    put(repository, "live/notes.yaml", PROD)
    put(repository, "deploy/notes.yaml", application(**helm))
    assert variants(repository) == {variant: ("phi", ["api.openai.com"])}


def test_an_application_of_several_sources_takes_files_of_the_other(repository: Path) -> None:
    put(repository, "live/notes.yaml", PROD)
    app = application()
    app["spec"] = {
        "sources": [
            {"path": "charts/notes", "helm": {"valueFiles": ["$here/live/notes.yaml"]}},
            {"repoURL": "https://git.example.org/r.git", "ref": "here"},
        ]
    }
    put(repository, "deploy/notes.yaml", app)
    assert variants(repository) == {ONE: ("phi", ["api.openai.com"])}


def test_a_set_of_applications_stands_for_every_file_that_is_there(repository: Path) -> None:
    put(repository, "live/eu/notes.yaml", PROD)
    put(repository, "live/lab/notes.yaml", {"env": []})
    app = application(valueFiles=["../../live/{{.region}}/notes.yaml"])
    app["kind"], app["spec"] = "ApplicationSet", {"template": {"spec": app["spec"]}}
    put(repository, "deploy/notes.yaml", app)
    name = "deploy/notes.yaml (ApplicationSet notes-prod) with live/eu/notes.yaml"
    assert variants(repository) == {name: ("phi", ["api.openai.com"])}


def test_environments_that_a_team_names_leave_out_no_application(repository: Path) -> None:
    put(repository, "apps/prod.yaml", application(valuesObject=PROD))
    put(repository, "charts/notes/values-dev.yaml", {"labels": {"tier": "dev"}})
    named = {
        "version": 1,
        "environments": [{"name": "dev", "values": ["charts/notes/values-dev.yaml"]}],
    }
    put(repository, "openai-compliance.yaml", named)
    phi = {name for name, (status, _) in variants(repository).items() if status == "phi"}
    assert phi == {"apps/prod.yaml (Application notes-prod)"}


def test_an_application_of_another_chart_gives_nothing(repository: Path) -> None:
    app = application(valuesObject=PROD)
    put(repository, "deploy/notes.yaml", yaml.safe_dump(app).replace("charts/notes", "charts/x"))
    assert variants(repository) == {}


@pytest.mark.parametrize(("kind", "found"), [("GitRepository", True), ("HelmRepository", False)])
def test_values_of_a_release_of_flux(repository: Path, kind: str, found: bool) -> None:
    chart = {"spec": {"chart": "./charts/notes", "sourceRef": {"kind": kind, "name": "r"}}}
    release = {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "notes"},
        "spec": {"chart": chart, "values": PROD},
    }
    put(repository, "flux/notes.yaml", release)
    told = {"flux/notes.yaml (HelmRelease notes)": ("phi", ["api.openai.com"])}
    assert variants(repository) == (told if found else {})


RELEASE = """resource "helm_release" "notes" {
  name   = "notes"
  chart  = "${path.module}/../charts/notes"
  values = [%s]
  set {
    name  = "labels.phi"
    value = "true"
    type  = "string"
  }
}
"""


@pytest.mark.parametrize(
    "values",
    [
        'file("${path.module}/notes.yaml")',
        'yamlencode({ env = [{ name = "OPENAI_API_KEY", value = "reference" }], x = var.x })',
        '<<EOT\nenv: [{name: OPENAI_API_KEY, value: "reference"}]\nEOT\n',
    ],
)
@pytest.mark.xfail(
    strict=False, reason="a file in another folder that a release takes is also taken by itself"
)
def test_values_of_a_release_in_terraform(repository: Path, values: str) -> None:
    put(repository, "infra/notes.yaml", {"env": [KEY]})
    put(repository, "infra/main.tf", RELEASE % values)
    told = {"infra/main.tf (helm_release.notes)": ("phi", ["api.openai.com"])}
    assert variants(repository) == told


def test_values_of_a_helmfile(repository: Path) -> None:
    put(repository, "live/notes.yaml", {"env": [KEY]})
    listed = ["live/notes.yaml", {"labels": PROD["labels"]}]
    release = {"name": "notes", "chart": "./charts/notes", "values": listed}
    put(repository, "helmfile.yaml", {"releases": [release]})
    assert variants(repository) == {"helmfile.yaml (notes)": ("phi", ["api.openai.com"])}


def test_the_command_reads_a_silent_chart_with_what_speaks_elsewhere(repository: Path) -> None:
    put(repository, "deploy/notes.yaml", application(valuesObject=PROD))
    result = scan_folder(Options(str(repository)))
    found = [f for f in result.findings if f.resource == "Deployment.notes"]
    assert {f"{f.rule} {f.resource} {f.place.file}" for f in found} == FOUND
    assert [f.variant for f in found if f.rule == "OAI_COVERAGE_9"] == [ONE]


def test_values_that_a_chart_is_rendered_with_are_not_judged_by_themselves(
    repository: Path,
) -> None:
    put(repository, "envs/prod/values.yaml", PROD)
    found = scan_folder(Options(str(repository))).findings
    members = [m for f in found for m in f.members]  # they are told where a person changes them
    assert {f"{m.rule} {m.resource} {m.place.file}" for m in members} == FOUND


def test_what_does_not_render_is_said_without_its_values(repository: Path) -> None:
    template = "charts/notes/templates/more.yaml"
    put(repository, template, "{{ if .Values.token }}{{ fail (print .Values.token) }}{{ end }}\n")
    values = {**PROD, "token": "hunter2-hunter2"}
    put(repository, "deploy/notes.yaml", application(valuesObject=values))
    with helm_on_path():
        found = [u for u in analysis(repository, "helm").unread if u.matters]
    assert [(u.file, u.signature != "") for u in found] == [("deploy/notes.yaml", True)]
    assert found[0].reason.startswith("helm could not render charts/notes with it")
    assert "hunter2" not in found[0].reason


def test_what_speaks_of_nothing_is_not_rendered_again(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(repository, "charts/notes/envs/prod.yaml", {"env": []})
    put(repository, "deploy/notes.yaml", application(valuesObject={"env": []}))
    monkeypatch.setattr(
        "openai_phi.gathering.graph_scan.rendered", lambda values: pytest.fail(values.name)
    )
    assert variants(repository) == {}


@pytest.mark.parametrize("word", ["$ref", "$schema"])
def test_a_schema_elsewhere_is_not_fetched(repository: Path, word: str) -> None:
    chart = repository / "charts" / "notes"
    put(chart, "values.schema.json", f'{{"{word}": "http://127.0.0.1:9/values.json"}}')
    with helm_on_path():
        assert "kind: Deployment" in renders(str(chart))


def test_a_schema_of_its_own_still_counts(repository: Path) -> None:
    chart = repository / "charts" / "notes"
    put(chart, "values.schema.json", '{"required": ["region"]}')
    with helm_on_path(), pytest.raises(NotRendered):
        renders(str(chart))


@pytest.mark.parametrize(
    "helm",
    [
        {"valueFiles": {"a": 1}, "values": ["a"], "valuesObject": "a", "parameters": {"name": 1}},
        {"valueFiles": [1, "a\0b", "{{a}}\0", "x" * 5000, "../../../../etc/hostname"]},
        {"parameters": [{"name": "a." * 5000 + "a", "value": "1"}, {"name": ["a"], "value": 1}]},
        {"parameters": [{"name": "env[999999999]", "value": "1"}, {"name": "", "value": "1"}]},
        {"values": "a: &a [*a]\n"},
        {"values": "[" * 5000},
    ],
)
def test_odd_values_give_nothing_and_stop_nothing(
    repository: Path, helm: dict[str, object]
) -> None:
    put(repository, "charts/notes/envs/prod.yaml", PROD)
    put(repository, "deploy/notes.yaml", application(**helm))
    assert variants(repository) == {"envs/prod.yaml": ("phi", ["api.openai.com"])}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("a.b", "true", {"a": {"b": True}}),
        ("a\\.b/c", "x", {"a.b/c": "x"}),
        ("a[1].b", "3", {"a": [None, {"b": 3}]}),
        ("a", "007", {"a": "007"}),
        ("a", "null", {"a": None}),
    ],
)
def test_a_parameter_is_read_as_helm_does(name: str, value: str, said: object) -> None:
    assert setting(name, value, False) == said
