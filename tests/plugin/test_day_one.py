"""The first day with the checks, on a repository that knows nothing of them, and the day after."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from scan import scan

WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {namespace}
spec:
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
        - name: app
          image: registry.example.org/{name}:1.4.2
          env:
            - name: OPENAI_API_KEY
              valueFrom:
                secretKeyRef: {{name: openai-{name}, key: OPENAI_API_KEY}}
{more}"""
SEARCH = """            - name: OPENAI_ENABLE_WEB_SEARCH
              value: "true"
"""
NAMESPACE = """apiVersion: v1
kind: Namespace
metadata:
  name: ward
  labels: {data-classification: phi}
"""
LAMBDA = """resource "aws_lambda_function" "{name}" {{
  function_name = "{name}"
  role          = "arn:aws:iam::111122223333:role/{name}"
  image_uri     = "111122223333.dkr.ecr.us-east-1.amazonaws.com/{name}:1"
  package_type  = "Image"
  environment {{
    variables = {{ OPENAI_API_KEY = var.key }}
  }}
}}
"""
BLANKS = {
    "org-…": "org-ward", "proj_…": "proj_ward", "YYYY-MM-DD": "2026-10-12", "/v1/…": "/v1/responses",
    "data: …": "data: none", "terms: …": "terms: openai-baa-2026-10",
}  # fmt: skip
PHI = ("notes", "letters", "coding")
PLAIN = ("search", "faq", "ticketing", "mailer")
CHARTS = ("blog", "shop", "jobs")


def _repository(root: Path) -> None:
    deploy = root / "deploy"
    deploy.mkdir(parents=True)
    (deploy / "namespace.yaml").write_text(NAMESPACE)
    for name in (*PHI, *PLAIN):
        more = SEARCH if name == "coding" else ""
        space = "ward" if name in PHI else "web"
        (deploy / f"{name}.yaml").write_text(WORKLOAD.format(name=name, namespace=space, more=more))
    (root / "infra").mkdir()
    (root / "infra" / "main.tf").write_text(
        'variable "key" {}\n' + LAMBDA.format(name="digest") + LAMBDA.format(name="labels")
    )
    for index in range(20):
        name = CHARTS[index] if index < len(CHARTS) else f"service{index}"
        _chart(root / "charts" / name, name, openai=index < 3, broken=index >= 14)


def _chart(folder: Path, name: str, *, openai: bool, broken: bool) -> None:
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: 0.1.0\n")
    (folder / "values.yaml").write_text("replicas: 1\n")
    text = WORKLOAD.format(name=name, namespace="web", more="")
    if not openai:
        text = text.replace("OPENAI_API_KEY", "PORT").replace("openai-", "settings-")
    if broken:
        text += '{{ required "give a database" .Values.database }}\n'
    (folder / "templates" / "deployment.yaml").write_text(text)


def _failed(root: Path, *args: str) -> tuple[int, list[dict[str, Any]]]:
    done = scan(str(root), "-o", "json", *args, capture=True)
    data = json.loads(done.stdout)
    reports = data if isinstance(data, list) else [data]
    found = [c for r in reports for c in r.get("results", {}).get("failed_checks", [])]
    return done.returncode, found


def _documents(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The YAML that the findings print to be pasted."""
    out: list[dict[str, Any]] = []
    for check in found:
        lines = [line.removeprefix("Fix: ") for line in check["details"]]
        for start in (i for i, line in enumerate(lines) if line == "version: 1"):
            end = start + 1
            while end < len(lines) and re.match(r"[a-z]+:$| +- ", lines[end]):
                end += 1
            out.append(yaml.safe_load("\n".join(lines[start:end])))
    return out


def _fill_in(root: Path, found: list[dict[str, Any]]) -> None:
    """Does what the findings say: pastes their YAML and fills its blanks."""
    policy: dict[str, Any] = {"version": 1}
    compliance: dict[str, Any] = {"version": 1, "workloads": []}
    for document in _documents(found):
        if "agreements" in document:
            policy = policy if "agreements" in policy else document
        for entry in document.get("workloads", ()):
            compliance["workloads"].append(entry)
    for name, data in (("openai-policy", policy), ("openai-compliance", compliance)):
        text = yaml.safe_dump(data, allow_unicode=True)
        for blank, value in BLANKS.items():
            text = text.replace(blank, value)
        (root / f"{name}.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("day-one") / "repository"
    _repository(root)
    return root


def test_day_one_says_each_cause_once_and_the_day_after_is_clean(repository: Path) -> None:
    status, found = _failed(repository)
    assert status == 1
    by_rule = Counter(c["check_id"] for c in found)
    assert by_rule.pop("OAI_DECLARATION_2") <= 5
    assert by_rule == {"OAI_COVERAGE_2": 1, "OAI_COVERAGE_9": 3, "OAI_COVERAGE_4": 1}
    unproven = {c["resource"] for c in found if c["check_id"] == "OAI_COVERAGE_9"}
    assert unproven == {f"Deployment.ward.{name}" for name in PHI}
    assert [c["resource"] for c in found if c["check_id"] == "OAI_COVERAGE_4"] == [
        "Deployment.ward.coding"
    ]
    assert not [c for c in found if "service" in c["file_path"]]
    low = [c for c in found if c["check_id"] == "OAI_DECLARATION_2"]
    named = {n for n in (*PLAIN, *CHARTS, "digest", "labels") if any(n in str(c) for c in low)}
    assert len(named) == 9

    _fill_in(repository, found)
    coding = repository / "deploy" / "coding.yaml"
    coding.write_text(coding.read_text().replace('value: "true"', 'value: "false"'))
    status, left = _failed(repository, "--hard-fail-on", "HIGH")
    assert [(c["check_id"], c["details"][0]) for c in left] == []
    assert status == 0
