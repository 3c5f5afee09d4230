"""What users were promised of the plain `checkov` command: paths, selection, skips, outputs, exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scan import CHECKS, ROOT, checkov, scan

POD = """apiVersion: v1
kind: Pod
metadata:
  name: notes
  namespace: ward
  labels: {phi: "true"}
spec:
  containers:
    - name: app
      image: registry.example.org/notes:1
      env:
        - name: OPENAI_ALLOWED_ENDPOINTS
          value: /v1/assistants
        - name: OPENAI_API_KEY
          valueFrom: {secretKeyRef: {name: openai, key: key}}
"""
LAMBDA = """resource "aws_lambda_function" "notes" {
  tags = { DataClassification = "PHI" }
  environment {
    variables = {
      OPENAI_API_KEY           = var.key
      OPENAI_ALLOWED_ENDPOINTS = "/v1/assistants"
    }
  }
}
"""
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n",
    "values.yaml": "openai: {key: x}\n",
    "templates/pod.yaml": POD.replace("name: notes", "name: {{ .Release.Name }}-notes"),
}


def run(folder: str, *args: str, cwd: Path | None = None, **env: str) -> tuple[int, Any]:
    """The plain command with JSON output: its exit code and its data."""
    done = subprocess.run(
        [checkov(), "-d", folder, "--external-checks-dir", str(CHECKS), "-o", "json", *args],
        cwd=cwd,
        env={**os.environ, "LOG_LEVEL": "ERROR", **env},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def results(data: Any, kind: str = "failed_checks") -> list[dict[str, Any]]:
    reports = data if isinstance(data, list) else [data]
    found = [c for r in reports for c in r.get("results", {}).get(kind, [])]
    return sorted(found, key=lambda c: (c["check_id"], c["file_path"]))


def ids(data: Any, kind: str = "failed_checks") -> list[str]:
    return [c["check_id"] for c in results(data, kind) if c["check_id"].startswith("OAI_")]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "infra").mkdir(parents=True)
    (root / "infra" / "pod.yaml").write_text(POD)
    (root / "infra" / "main.tf").write_text(LAMBDA)
    return root


def write_chart(folder: Path, **changes: str) -> None:
    for name, text in {**CHART, **{k.replace("_", "."): v for k, v in changes.items()}}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


EVERY = ["OAI_COVERAGE_1", "OAI_COVERAGE_2", "OAI_COVERAGE_9"]


@pytest.mark.parametrize("folder", ["infra", ".", "{absolute}"])
def test_paths_are_right_whatever_form_of_d(repository: Path, folder: str) -> None:
    cwd = repository if folder == "infra" else repository / "infra"
    status, data = run(
        folder.format(absolute=cwd), "--check", "OAI_*", "--framework", "kubernetes", cwd=cwd
    )
    assert status == 1
    found = results(data)
    assert [c["check_id"] for c in found] == EVERY
    assert {c["file_path"] for c in found} == {"/pod.yaml"}
    assert {c["file_abs_path"] for c in found} == {str(repository / "infra" / "pod.yaml")}
    assert {c["resource"] for c in found} == {"Pod.ward.notes"}
    assert found[0]["file_line_range"] == [13, 15]
    assert "pod.yaml:13" in "\n".join(found[0]["details"])


def test_beside_checkovs_own_checks_with_severity_and_page(repository: Path) -> None:
    status, data = run(str(repository))
    assert status == 1
    mine = [c for c in results(data) if c["check_id"].startswith("OAI_")]
    assert [c["check_id"] for c in mine] == sorted(EVERY * 2)
    assert any(c["check_id"].startswith("CKV_") for c in results(data))
    for check in mine:
        assert check["severity"] == ("HIGH" if check["check_id"] == EVERY[2] else "CRITICAL")
        assert check["guideline"].startswith("https://")
        page = ROOT / "docs" / "rules" / check["guideline"].rpartition("/")[2]
        assert check["check_id"] in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("args", "expected", "status"),
    [
        (["--check", "OAI_COVERAGE_1"], ["OAI_COVERAGE_1"] * 2, 1),
        (
            ["--check", "OAI_*", "--skip-check", "OAI_COVERAGE_2"],
            [EVERY[0]] * 2 + [EVERY[2]] * 2,
            1,
        ),
        (["--check", "OAI_*", "--skip-check", "HIGH"], [EVERY[0]] * 2 + [EVERY[1]] * 2, 1),
        (
            ["--check", "OAI_COVERAGE_9", "--hard-fail-on", "CRITICAL", "--soft-fail"],
            [EVERY[2]] * 2,
            0,
        ),
        (["--check", "OAI_COVERAGE_9", "--hard-fail-on", "HIGH", "--soft-fail"], [EVERY[2]] * 2, 1),
    ],
)
def test_selection_and_exit_code(
    repository: Path, args: list[str], expected: list[str], status: int
) -> None:
    code, data = run(str(repository), *args)
    assert ids(data) == expected
    assert code == status


def test_sarif_names_rules_levels_and_lines(repository: Path, tmp_path: Path) -> None:
    done = scan(
        str(repository), "-o", "sarif", "--output-file-path", str(tmp_path / "out"), capture=True
    )
    assert done.returncode == 1
    text = (tmp_path / "out" / "results_sarif.sarif").read_text(encoding="utf-8")
    (sarif,) = json.loads(text)["runs"]
    assert {r["id"] for r in sarif["tool"]["driver"]["rules"]} == set(EVERY)
    places = {
        (
            r["ruleId"],
            r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].rpartition("/")[2],
            r["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for r in sarif["results"]
    }
    assert ("OAI_COVERAGE_1", "pod.yaml", 13) in places
    assert ("OAI_COVERAGE_1", "main.tf", 6) in places


def test_inline_skip_in_terraform_and_annotation_in_kubernetes(repository: Path) -> None:
    reason = "the key is revoked"
    skip = f"  #checkov:skip=OAI_COVERAGE_1:{reason}\n"
    tf = LAMBDA.replace("  tags", skip + "  tags")
    (repository / "infra" / "main.tf").write_text(tf)
    annotation = f"  annotations: {{checkov.io/skip1: 'OAI_COVERAGE_1={reason}'}}\n"
    pod = POD.replace("  labels", annotation + "  labels")
    (repository / "infra" / "pod.yaml").write_text(pod)
    _, data = run(str(repository), "--check", "OAI_*")
    assert ids(data) == sorted([*EVERY[1:] * 2, "OAI_SCAN_2", "OAI_SCAN_2"])
    skipped = results(data, "skipped_checks")
    assert [(c["check_id"], c["check_result"]["suppress_comment"]) for c in skipped] == [
        ("OAI_COVERAGE_1", reason)
    ] * 2


def test_a_chart_is_rendered_without_helm_and_its_template_is_shown(tmp_path: Path) -> None:
    write_chart(tmp_path / "charts" / "portal")
    done = scan(str(tmp_path), "-o", "json", capture=True)
    found = results(json.loads(done.stdout))
    assert [c["check_id"] for c in found] == EVERY
    assert {c["file_path"] for c in found} == {"/charts/portal/templates/pod.yaml"}
    assert {c["resource"] for c in found} == {"Pod.ward.release-name-notes"}
    assert found[0]["file_line_range"][0] == 13


def test_a_helm_that_is_there_is_preferred(tmp_path: Path) -> None:
    write_chart(tmp_path / "charts" / "portal")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "helm").write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/asked\nexit 1\n')
    (tools / "helm").chmod(0o755)
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "scan.py"), str(tmp_path / "charts"), "-o", "json"],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "version" in (tmp_path / "asked").read_text()
    assert ids(json.loads(done.stdout)) == ["OAI_SCAN_1"]  # that helm does not work
    assert done.returncode == 1


def test_a_chart_that_does_not_render_is_a_finding_only_if_it_could_matter(tmp_path: Path) -> None:
    broken = '{{ required "give a database" .Values.database }}\n'
    write_chart(
        tmp_path / "matters", **{"templates/pod_yaml": CHART["templates/pod.yaml"] + broken}
    )
    write_chart(
        tmp_path / "unrelated",
        values_yaml="replicas: 1\n",
        **{"templates/pod_yaml": broken},
    )
    done = scan(str(tmp_path), "-o", "json", capture=True)
    (found,) = results(json.loads(done.stdout))
    assert (found["check_id"], found["file_path"]) == ("OAI_SCAN_1", "/matters/Chart.yaml")
    said = "\n".join(found["details"])
    assert "openai" in said
    assert "give a database" in said
    assert "also not read, without a signature: unrelated/Chart.yaml" in said
    assert done.returncode == 1


def test_missing_tools_are_findings_where_files_could_matter(tmp_path: Path) -> None:
    write_chart(tmp_path / "chart")
    (tmp_path / "app").mkdir()
    kustomization = "configMapGenerator:\n- {name: a, literals: [OPENAI_API_KEY=x]}\n"
    (tmp_path / "app" / "kustomization.yaml").write_text(kustomization)
    (tmp_path / "quiet").mkdir()
    (tmp_path / "quiet" / "kustomization.yaml").write_text("resources: []\n")
    bare = tmp_path / "bin"
    bare.mkdir()
    status, data = run(str(tmp_path), "--check", "OAI_*", PATH=str(bare))
    assert status == 1
    found = {(c["check_id"], c["file_path"]): c["details"][0] for c in results(data)}
    assert ("OAI_SCAN_1", "/chart/Chart.yaml") in found
    assert ("OAI_SCAN_1", "/app/kustomization.yaml") in found
    assert "no helm" in found[("OAI_SCAN_1", "/chart/Chart.yaml")]
    assert not [f for f in found if "quiet" in f[1]]


def test_a_wrong_declaration_is_a_finding_and_nothing_of_it_counts(repository: Path) -> None:
    (repository / "openai-compliance.yaml").write_text(
        "version: 1\nworkloads:\n  - {match: Pod.ward.notes, data: none, endpoints: [/v1/nothing]}\n"
    )
    (repository / "openai-policy.yaml").write_text(
        "version: 1\nagreements:\n  - {kind: baa, provider: openai, organizations: [org-a], signed_on: 2026-13-15}\n"
    )
    status, data = run(str(repository), "--check", "OAI_*")
    assert status == 1
    wrong = [
        (c["file_path"], c["file_line_range"][0])
        for c in results(data)
        if c["check_id"] == "OAI_DECLARATION_1"
    ]
    assert wrong == [("/openai-compliance.yaml", 3), ("/openai-policy.yaml", 3)]
    unproven = [c["resource"] for c in results(data) if c["check_id"] == "OAI_COVERAGE_9"]
    assert sorted(unproven) == ["Pod.ward.notes", "aws_lambda_function.notes"]


def test_the_folder_scan_exits_as_checkov_did(repository: Path, tmp_path: Path) -> None:
    script = [sys.executable, str(ROOT / "scripts" / "scan.py")]
    (tmp_path / "empty").mkdir()
    codes = {
        name: subprocess.run([*script, name], capture_output=True, check=False).returncode
        for name in (str(repository), str(tmp_path / "empty"), str(tmp_path / "none"))
    }
    assert list(codes.values()) == [1, 0, 64]


def test_single_files_are_judged_without_a_word_about_the_others(repository: Path) -> None:
    (repository / "infra" / "broken.yaml").write_text("apiVersion: v1\nkind: Pod\nopenai: [\n")
    own = ["--external-checks-dir", str(CHECKS)]
    done = subprocess.run(
        [checkov(), "-f", "infra/pod.yaml", *own, "-o", "json", "--check", "OAI_*"],
        cwd=repository,
        env={**os.environ, "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    found = results(json.loads(done.stdout))
    assert [c["check_id"] for c in found] == EVERY
    assert {c["file_path"] for c in found} == {"/infra/pod.yaml"}


def test_make_demo_and_make_scan(repository: Path) -> None:
    make = ["make", "--no-print-directory", "-C", str(ROOT)]
    demo = subprocess.run([*make, "demo"], capture_output=True, text=True, check=False)
    assert demo.returncode == 0, demo.stderr
    assert demo.stdout.endswith("checkov exited with 1\nThe sample behaves as the README says.\n")
    assert "OAI_COVERAGE_4" in demo.stdout
    scanned = subprocess.run(
        [*make, "scan", f"DIR={repository}"], capture_output=True, text=True, check=False
    )
    assert scanned.returncode != 0
    assert "checkov exited with 1" in scanned.stderr
    (repository / "infra" / "pod.yaml").unlink()
    (repository / "infra" / "main.tf").unlink()
    clean = subprocess.run(
        [*make, "scan", f"DIR={repository}"], capture_output=True, text=True, check=False
    )
    assert clean.returncode == 0
