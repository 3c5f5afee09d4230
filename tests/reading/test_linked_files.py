"""A file that is a link to what lies outside of the folder is no proof of what is deployed; one within is."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import named
from openai_phi.scanning.scan import Options, scan_folder

WORKLOAD = """\
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
          env: [{name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: o, key: k}}}]
"""
FUNCTION = """\
resource "aws_lambda_function" "f" {
  function_name = "f"
  tags          = { DataClassification = "PHI" }
  environment {
    variables = { OPENAI_API_KEY = var.k }
  }
}
"""
FILES = [("notes.yaml", WORKLOAD), ("main.tf", FUNCTION)]


def linked(folder: Path, name: str, text: str, *, away: bool) -> Path:
    """A folder in which a file is a link to one that lies outside of it, or in it."""
    root = folder / "root"
    target = (folder if away else root) / "far" / name
    for each in (root, target.parent):
        each.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    (root / name).symlink_to(target)
    return root


@pytest.mark.parametrize(("name", "text"), FILES)
def test_a_link_that_leads_out_is_told_and_what_it_holds_is_judged_too(
    tmp_path: Path, name: str, text: str
) -> None:
    root = linked(tmp_path, name, text, away=True)
    found = scan_folder(Options(folder=str(root), today="2026-11-20")).findings
    (told,) = (f for f in found if f.rule == "OAI_SCAN_1")
    assert (told.resource, told.severity) == (name, "HIGH")
    assert "it lies behind a link that leads out of the folder" in told.message
    assert "OAI_COVERAGE_2" in {f.rule for f in found}
    assert f"OAI_SCAN_1 {name}" in named(root)


def test_a_template_of_a_chart_that_leads_out_is_told(tmp_path: Path) -> None:
    root = linked(tmp_path, "notes.yaml", WORKLOAD, away=True)
    chart = root / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 0.1.0\n")
    (root / "notes.yaml").rename(chart / "templates" / "notes.yaml")
    found = scan_folder(Options(folder=str(root), today="2026-11-20")).findings
    assert ("OAI_SCAN_1", "chart/templates/notes.yaml") in {(f.rule, f.resource) for f in found}


@pytest.mark.parametrize(("name", "text"), FILES)
def test_a_link_within_is_read(tmp_path: Path, name: str, text: str) -> None:
    root = linked(tmp_path, name, text, away=False)
    result = scan_folder(Options(folder=str(root), today="2026-11-20"))
    assert "OAI_SCAN_1" not in {f.rule for f in result.findings}
    assert "OAI_COVERAGE_2" in {f.rule for f in result.findings}


def test_a_link_that_leads_out_to_what_says_nothing_is_nothing(tmp_path: Path) -> None:
    quiet = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}]}\n"
    root = linked(tmp_path, "service.yaml", quiet, away=True)
    assert scan_folder(Options(folder=str(root), today="2026-11-20")).findings == ()
