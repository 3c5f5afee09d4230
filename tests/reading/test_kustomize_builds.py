"""Kustomizations as the builder builds them, whatever Checkov makes of them, and what is laid over folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from handmade import around
from openai_phi.gathering.graph_scan import read_graph
from openai_phi.reading.manifests.kustomize_builder import builder, remote
from openai_phi.verdicts.analysis import Analysis, analyse
from openai_phi.words.observed import Workload
from openai_phi.words.scan_input import GraphInput

pytestmark = pytest.mark.skipif(not builder(), reason="neither kustomize nor kubectl is installed")

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: notes, namespace: ward}
spec:
  selector: {matchLabels: {app: notes}}
  template:
    metadata: {labels: {app: notes%s}}
    spec:
      containers:
        - name: a
          image: b
          env:
            - {name: A, value: b}
%s
"""
PHI = ", data-classification: phi"
KEY = "            - {name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: s, key: k}}}"
PATCH = """'[{"op":"add","path":"/spec/template/spec/containers/0/env/-","value":{"name":"OPENAI_API_KEY","value":"ref"}}]'"""


def _write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def _analysis(folder: Path) -> Analysis:
    """What is built here where Checkov built nothing."""
    files = sorted(str(f) for f in folder.rglob("*") if f.is_file())
    return analyse(
        read_graph(GraphInput("kustomize", [], str(folder), str(folder), files), around())
    )


def _uses(folder: Path) -> list[Workload]:
    """The workloads with PHI that use a provider."""
    found = _analysis(folder).estate.workloads
    return [w for w in found if w.uses and w.phi.value == "phi"]


def test_a_base_that_lists_folders_builds_as_any_other(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [notes]\n",
            "base/notes/kustomization.yaml": "resources: [d.yaml]\n",
            "base/notes/d.yaml": DEPLOYMENT % (PHI, KEY),
            "overlays/prod/kustomization.yaml": "resources: [../../base]\n",
            "overlays/dev/kustomization.yaml": "resources: [../../base]\nnamePrefix: dev-\n",
        },
    )
    found = _analysis(tmp_path)
    assert {(w.id, w.resource.variant) for w in found.estate.workloads if w.uses} == {
        ("Deployment.ward.notes", "overlays/prod"),
        ("Deployment.ward.dev-notes", "overlays/dev"),
    }
    assert {w.resource.file for w in found.estate.workloads} == {"base/notes/d.yaml"}
    assert [u for u in found.unread if u.matters] == []


def test_what_does_not_build_is_said_in_the_builders_words(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "kustomization.yaml": "resources: [d.yaml, missing.yaml]\n",
            "d.yaml": DEPLOYMENT % (PHI, KEY),
        },
    )
    (found,) = [u for u in _analysis(tmp_path).unread if u.matters]
    assert found.file == "kustomization.yaml"
    assert "missing.yaml" in found.reason


def test_nothing_is_fetched(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "kustomization.yaml": "resources: [d.yaml, 'github.com/example/x?ref=v1']\n",
            "d.yaml": DEPLOYMENT % (PHI, KEY),
        },
    )
    (found,) = [u for u in _analysis(tmp_path).unread if u.matters]
    assert "is not fetched" in found.reason
    assert not remote(
        iter(["apiVersion: kustomize.config.k8s.io/v1\n# see https://x\nresources: [a]\n"])
    )


APPLICATION = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: a}
spec: {source: {repoURL: x, path: %s, kustomize: %s}}
"""
FLUX = """apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: a, namespace: f}
spec: {path: ./%s, %s}
"""
LAID = {
    "Argo CD's labels": (
        APPLICATION % ("d", "{commonLabels: {data-classification: phi}}"),
        "",
        KEY,
    ),
    "Argo CD's patches": (
        APPLICATION % ("d", f"{{patches: [{{target: {{kind: Deployment}}, patch: {PATCH}}}]}}"),
        PHI,
        "",
    ),
    "one of several sources": (
        APPLICATION.replace("source: {", "sources: [{").replace("}}\n", "}]}\n")
        % ("d", f"{{patches: [{{target: {{kind: Deployment}}, patch: {PATCH}}}]}}"),
        PHI,
        "",
    ),
    "Flux's patches": (
        FLUX % ("d", f"patches: [{{target: {{kind: Deployment}}, patch: {PATCH}}}]"),
        PHI,
        "",
    ),
    "Flux's labels": (
        FLUX % ("d", "commonMetadata: {labels: {data-classification: phi}}"),
        "",
        KEY,
    ),
}


@pytest.mark.parametrize("how", LAID)
def test_what_is_laid_over_a_folder_counts(tmp_path: Path, how: str) -> None:
    application, labels, key = LAID[how]
    _write(
        tmp_path,
        {
            "apps/a.yaml": application,
            "d/kustomization.yaml": "resources: [d.yaml]\n",
            "d/d.yaml": DEPLOYMENT % (labels, key),
        },
    )
    (found,) = _uses(tmp_path)
    assert found.resource.variant.startswith("apps/a.yaml (")


def test_what_is_laid_over_another_folder_is_nothing_of_this(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "apps/a.yaml": APPLICATION % ("e", "{commonLabels: {data-classification: phi}}"),
            "d/kustomization.yaml": "resources: [d.yaml]\n",
            "d/d.yaml": DEPLOYMENT % ("", KEY),
            "e/kustomization.yaml": "resources: [c.yaml]\n",
            "e/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {A: b}\n",
        },
    )
    assert _uses(tmp_path) == []


FROM = "          envFrom: [{%s: {name: cfg}}]"


@pytest.mark.parametrize(
    ("generator", "reference"),
    [("configMapGenerator", "configMapRef"), ("secretGenerator", "secretRef")],
)
def test_what_a_generator_makes_is_known_by_its_name(
    tmp_path: Path, generator: str, reference: str
) -> None:
    files = {
        "kustomization.yaml": f"resources: [d.yaml]\n{generator}: [{{name: cfg, literals: [OPENAI_API_KEY=abc-real]}}]\n",
        "d.yaml": DEPLOYMENT % (PHI, FROM % reference),
    }
    assert len(_uses(_write(tmp_path, files))) == 1


def test_what_a_generator_makes_for_others_is_none_of_it(tmp_path: Path) -> None:
    files = {
        "kustomization.yaml": "resources: [d.yaml]\n"
        "configMapGenerator: [{name: other, literals: [OPENAI_API_KEY=abc-real]}]\n",
        "d.yaml": DEPLOYMENT % (PHI, FROM % "configMapRef"),
    }
    assert _uses(_write(tmp_path, files)) == []
