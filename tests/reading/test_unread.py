"""What could not be read is said where it could matter, and only there; kustomizations are judged once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from checkov.kustomize.runner import Runner as KustomizeRunner
from checkov.runner_filter import RunnerFilter
from scan import CHECKS

from inprocess import found, named
from openai_phi.reading.manifests.kustomizations import Kustomizations
from openai_phi.scanning.scan import Options, scan_folder

BROKEN = {
    "tabs": "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: openai\n",
    "a template": "apiVersion: v1\nkind: Pod\nspec:\n  {{ toYaml .Values.openai }}\n",
    "no name": "apiVersion: v1\nkind: Pod\nspec: {containers: [{env: [{name: OPENAI_API_KEY}]}]}\n: x",
    "a key twice and open": "apiVersion: v1\nkind: ConfigMap\ndata: {OPENAI_API_KEY: a\n",
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_manifest_that_does_not_parse_and_could_matter(tmp_path: Path, case: str) -> None:
    (tmp_path / "a.yaml").write_text(BROKEN[case])
    (tmp_path / "b.yaml").write_text(BROKEN[case].replace("openai", "x").replace("OPENAI", "X"))
    assert named(tmp_path, "kubernetes") == ["OAI_SCAN_1 a.yaml"]


def test_the_line_of_the_mistake_is_shown(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BROKEN["tabs"])
    (record,) = found(tmp_path, "kubernetes")
    assert record.file_line_range[0] == 4
    assert "is not valid YAML" in record.details[0]


@pytest.mark.parametrize(
    "text",
    [
        "openai: a\n",
        "# OPENAI_API_KEY\nreplicas: 1\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n# openai\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [openai.yaml]\n",
    ],
)
def test_what_is_read_or_no_manifest_is_no_finding(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    assert named(tmp_path, "kubernetes") == []


def test_a_document_that_nests_too_deep_is_said(tmp_path: Path) -> None:
    deep = "".join(f"{' ' * i}a{i}:\n" for i in range(80)) + f"{' ' * 80}openai: x\n"
    body = "".join(f"  {line}\n" for line in deep.splitlines())
    (tmp_path / "a.yaml").write_text(
        f"apiVersion: x/v1\nkind: Agent\nmetadata: {{name: a}}\nspec:\n{body}"
    )
    assert named(tmp_path, "kubernetes") == ["OAI_SCAN_1 a.yaml"]


# -- kustomizations --------------------------------------------------------------------------

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: notes, labels: {phi: 'true'}}\nspec:\n  containers:\n    - name: c\n      image: x\n      envFrom: [{configMapRef: {name: settings}}]\n"


OTHER = "apiVersion: v1\nkind: Pod\nmetadata: {name: faq}\nspec: {containers: [{name: c, image: x, env: [{name: OPENAI_API_KEY, value: $(K)}]}]}\n"


def overlays(root: Path) -> Path:
    texts = {
        "base/pod.yaml": POD,
        "base/other.yaml": OTHER,
        "base/kustomization.yaml": "resources: [pod.yaml, other.yaml]\n",
        "prod/kustomization.yaml": "namespace: prod\nresources: [../base]\nconfigMapGenerator:\n"
        "- name: settings\n  literals:\n  - OPENAI_API_KEY=$(KEY)\n",
        "dev/kustomization.yaml": "namespace: dev\nresources: [../base]\nconfigMapGenerator:\n"
        "- name: settings\n  literals: [PORT=80]\n",
    }
    for name, text in texts.items():
        (root / "app" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "app" / name).write_text(text)
    return root


def test_what_a_kustomization_is_made_of(tmp_path: Path) -> None:
    root = overlays(tmp_path)
    (root / "app" / "part").mkdir()
    (root / "app" / "part" / "kustomization.yaml").write_text(
        "kind: Component\nresources: [x.yaml]\n"
    )
    all_ = Kustomizations([str(f) for f in sorted(root.rglob("*.yaml"))])
    leaves = [Path(k.folder).name for k in all_.leaves]
    assert leaves == ["dev", "prod"]
    assert all_.built == {str(root / f"app/base/{name}.yaml") for name in ("pod", "other")}
    prod = all_.leaves[1]
    assert all_.source(prod, "Pod", "notes").file == str(root / "app/base/pod.yaml")
    assert all_.source(prod, "Pod", "pre-notes-post").file == str(root / "app/base/pod.yaml")
    generated = all_.source(prod, "ConfigMap", "settings-8dk568c66f")
    assert (generated.file, generated.generated) == (prod.file, True)


def test_kustomizations_that_build_on_each_other_end(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / one).mkdir()
        (tmp_path / one / "kustomization.yaml").write_text(f"resources: [../{other}]\n")
    all_ = Kustomizations([str(f) for f in sorted(tmp_path.rglob("*.yaml"))])
    assert all_.leaves == ()
    assert len(all_.chain(all_.by_folder[str(tmp_path / "a")])) == 2


def kustomize(root: Path) -> list[tuple[str, str, str]]:
    runner = KustomizeRunner()
    assert runner.check_system_deps() is None
    only = RunnerFilter(checks=["OAI_*"], framework=["kustomize"])
    report = runner.run(str(root), [str(CHECKS)], runner_filter=only)
    assert not isinstance(report, list)
    return sorted((r.check_id, r.resource, r.file_path) for r in report.failed_checks)


needs_kustomize = pytest.mark.skipif(
    not (shutil.which("kubectl") or shutil.which("kustomize")),
    reason="NOT RUN: neither kubectl nor kustomize is installed",
)


@needs_kustomize
def test_an_object_is_judged_once_by_its_overlay_at_its_source(tmp_path: Path) -> None:
    assert kustomize(overlays(tmp_path)) == [
        ("OAI_COVERAGE_2", "Pod.prod.notes", "/app/base/pod.yaml"),
        ("OAI_COVERAGE_9", "Pod.prod.notes", "/app/base/pod.yaml"),
        ("OAI_DECLARATION_2", "Pod.dev.faq", "/app/base/other.yaml"),
    ]


@needs_kustomize
def test_a_kustomization_that_does_not_build_is_a_finding_if_it_could_matter(
    tmp_path: Path,
) -> None:
    root = overlays(tmp_path)
    for name, text in (("bad", "OPENAI_API_KEY=x"), ("quiet", "PORT=80")):
        (root / name).mkdir()
        (root / name / "kustomization.yaml").write_text(
            f"resources: [missing.yaml]\nconfigMapGenerator:\n- name: a\n  literals: [{text}]\n"
        )
    unread = [f for f in kustomize(root) if f[0] == "OAI_SCAN_1"]
    assert [f for _, _, f in unread] == ["/bad/kustomization.yaml"]


def test_signs_that_yaml_gives_a_type_are_texts(tmp_path: Path) -> None:
    """`=` and `<<` as values stop Checkov's YAML: in its Kubernetes a file, in its Kustomize all of it."""
    signs = "apiVersion: x/v1\nkind: Rule\nmetadata: {name: a}\nspec: {is: [=, <<]}\n"
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: b}\nspec: {containers: [{name: c, env: [{name: OPENAI_API_KEY}]}]}\n"
    (tmp_path / "app").mkdir()
    (tmp_path / "a.yaml").write_text(f"{signs}---\n{pod}")
    (tmp_path / "app" / "b.yaml").write_text(f"{signs}---\n{pod.replace('name: b', 'name: d')}")
    if shutil.which("kubectl") or shutil.which("kustomize"):
        (tmp_path / "app" / "kustomization.yaml").write_text("resources: [b.yaml]\n")
    result = scan_folder(Options(str(tmp_path)))
    assert (result.gaps, result.unread) == ((), ())
    assert {w.id for w in result.analysis.estate.workloads} == {"Pod.b", "Pod.d"}


def test_templates_of_a_chart_without_its_chart_yaml_are_said_once(tmp_path: Path) -> None:
    for name in ("a", "b"):
        file = tmp_path / "chart" / "templates" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(BROKEN["a template"])
    (tmp_path / "chart" / "values.yaml").write_text("openai: {}\n")
    assert named(tmp_path, "kubernetes") == ["OAI_SCAN_1 chart/templates/a.yaml"]


LOST = 'apiVersion: v1\nkind: Pod\nmetadata:\n\tlabels: {phi: "true"}\n'


def test_a_word_for_phi_alone_matters_beside_a_provider(tmp_path: Path) -> None:
    """Where nothing speaks of OpenAI, no way of PHI leads there."""
    (tmp_path / "a.yaml").write_text(LOST)
    assert named(tmp_path, "kubernetes") == []
    (tmp_path / "main.tf").write_text('variable "openai_api_key" {}\n')
    assert named(tmp_path, "kubernetes") == ["OAI_SCAN_1 a.yaml"]


def test_json_with_comments_that_is_no_object_is_left_to_who_reads_it(tmp_path: Path) -> None:
    """A template of a cloud holds `apiVersion` and `kind` further in."""
    inner = '{"apiVersion": "2023-12-01", "kind": "app", "settings": "OPENAI_API_KEY"}'
    (tmp_path / "site.json").write_text(f'{{ // deployed by hand\n  "resources": [{inner}]\n}}\n')
    assert named(tmp_path, "kubernetes") == []
    (tmp_path / "pod.json").write_text(f"{inner[:-1]}, // by hand\n}}\n")
    assert named(tmp_path, "kubernetes") == ["OAI_SCAN_1 pod.json"]


def test_the_fix_says_what_makes_the_scan_see_it(tmp_path: Path) -> None:
    chart = "apiVersion: v2\nname: a\nversion: 0.1.0\ndependencies: [{name: b, version: 1.0.0, repository: 'https://charts.example.org'}]\n"
    (tmp_path / "a" / "templates").mkdir(parents=True)
    (tmp_path / "a" / "Chart.yaml").write_text(chart)
    (tmp_path / "a" / "values.yaml").write_text("openai: {}\n")
    (tmp_path / "pod.yaml").write_text(BROKEN["tabs"])
    fixes = {f.resource: f.remediation for f in scan_folder(Options(str(tmp_path))).findings}
    assert "before the scan (helm dependency build a). If it is never" in fixes["a/Chart.yaml"]
    assert fixes["pod.yaml"].startswith("Team: mend the file")


@pytest.mark.parametrize(("name", "told"), [("LLM_BASE_URL", True), ("LAB_BASE_URL", False)])
def test_phi_beside_the_address_of_a_model(tmp_path: Path, name: str, told: bool) -> None:
    text = 'resource "aws_lambda_function" "n" {\n  tags = { Class = "phi" }\n  environment {\n    variables = {\n      NAME = <<-E\n        https://way.example/v1\n      E\n    }\n  }\n}\n'
    (tmp_path / "main.tf").write_text(text.replace("NAME", name))
    assert ("OAI_SCAN_1 main.tf" in named(tmp_path, "terraform")) is told
