"""What weakens the gate: each setting, baselines, and skips inline, with their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.facts.signatures import signatures
from openai_phi.reading.disk.gate import gate_facts, weakenings
from openai_phi.reading.disk.unread import Disk

SETTINGS: dict[str, tuple[list[str], list[str]]] = {
    # setting: values that weaken, values that do not
    "soft-fail": (["true", "True", "[true]"], ["false"]),
    "soft-fail-on": (["HIGH", "OAI_COVERAGE_1", "'OAI_*'", "'*'", "[CKV_1, low]"], ["CKV_AWS_1"]),
    "hard-fail-on": (["CRITICAL", "CKV_AWS_1", "OAI_COVERAGE_1"], ["HIGH", "'OAI_*'", "low"]),
    "check": (["CKV_AWS_1", "HIGH", "OAI_COVERAGE_1", "'OAI_C*'"], ["'OAI_*'", "LOW", "'*'"]),
    "skip-check": (
        ["OAI_SCAN_2", "'OAI_*'", "LOW", "'*'", "'O*'", "CKV_1,OAI_SCAN_1", "'OAI_SCAN_1:a.tf'"],
        ["CKV_AWS_1", "'CKV_*'"],
    ),
    "skip-path": (["legacy", "[a, b]"], ["[]"]),
    "framework": (["terraform", "[terraform, kubernetes]"], ["all"]),
    "skip-framework": (["helm", "[secrets, yaml]"], ["secrets", "[sca_image]"]),
    "file": (["a.tf"], ["[]"]),
    "baseline": ([".checkov.baseline"], ["''"]),
    "create-baseline": (["true"], ["false"]),
    "external-checks-dir": (["mine"], ["[]"]),
    "external-checks-git": (["https://git.example/x"], ["[]"]),
    "policy-metadata-filter": (["a=b"], ["''"]),
    "policy-metadata-filter-exception": (["a=b"], ["''"]),
    "use-enforcement-rules": (["true"], ["false"]),
    "no-fail-on-crash": (["true"], ["false"]),
    "evaluate-variables": (["false", "False"], ["true"]),
    "list": (["true"], ["false"]),
    "show-config": (["true"], ["false"]),
    "create-config": (["a.yaml"], ["''"]),
}
CASES = [(k, v, weak) for k, both in SETTINGS.items() for weak in (True, False) for v in both[not weak]]  # fmt: skip


def found(root: Path, working: Path | None = None) -> list[tuple[str, str]]:
    files = sorted(str(f) for f in root.rglob("*") if f.is_file() and f.name[0] != ".")
    told = weakenings(Disk(str(root), signatures()), files, str(working or root))
    return [(f"{w.place.file}:{w.place.line}", w.cause) for w in told]


def test_every_setting_is_tested() -> None:
    assert set(SETTINGS) == set(gate_facts()["settings"])


@pytest.mark.parametrize(("name", "value", "weak"), CASES)
def test_a_setting_weakens_or_does_not(tmp_path: Path, name: str, value: str, weak: bool) -> None:
    (tmp_path / ".checkov.yaml").write_text(f"# ours\ncompact: true\n{name}: {value}\n")
    assert found(tmp_path) == ([(".checkov.yaml:3", f"setting {name}")] if weak else [])


@pytest.mark.parametrize("text", ["soft_fail: true\n", "--soft-fail: true\n"])
def test_a_setting_in_another_spelling(tmp_path: Path, text: str) -> None:
    (tmp_path / ".checkov.yml").write_text(text)
    assert found(tmp_path) == [(".checkov.yml:1", "setting soft-fail")]


def test_what_cannot_be_read_may_say_anything(tmp_path: Path) -> None:
    (tmp_path / ".checkov.yaml").write_text("soft-fail: [\n")
    assert found(tmp_path) == [(".checkov.yaml:1", "setting unreadable")]


def test_the_working_directory_counts_and_folders_within_do_not(tmp_path: Path) -> None:
    for name in ("infra", "infra/deep"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.tf").write_text("")
    (tmp_path / ".checkov.yaml").write_text("soft-fail: true\n")
    (tmp_path / "infra" / "deep" / ".checkov.yaml").write_text("soft-fail: true\n")
    assert found(tmp_path / "infra") == []
    assert found(tmp_path / "infra", tmp_path) == [("../.checkov.yaml:1", "setting soft-fail")]


@pytest.mark.parametrize(
    ("text", "weak"),
    [
        ('{"failed_checks": [{"findings": [\n{"check_ids": ["OAI_COVERAGE_1"]}]}]}', 2),
        ('{"failed_checks": [{"findings": [{"check_ids": ["CKV_AWS_1"]}]}]}', 0),
        ("{", 1),
    ],
)
def test_a_baseline_that_may_hold_ours(tmp_path: Path, text: str, weak: int) -> None:
    (tmp_path / "a.tf").write_text("")
    (tmp_path / ".checkov.baseline").write_text(text)
    assert found(tmp_path) == ([(f".checkov.baseline:{weak}", "baseline")] if weak else [])


TERRAFORM = """# checkov:skip=OAI_COVERAGE_1:outside of any block
resource "aws_lambda_function" "a" {
  # checkov:skip=OAI_COVERAGE_9,CKV_AWS_1,OAI_SECRET_1: tested
  name = "x" # checkov:skip=OAI_COVERAGE_2:not at the line's begin
  //bridgecrew:skip=OAI_COVERAGE_3
  tags = { a = "checkov:skip=OAI_COVERAGE_4" }
}
module "m" {
  # checkov:skip=OAI_COVERAGE_9:all of it
}
"""
MANIFESTS = """kind: ConfigMap
metadata: {name: a}
---
kind: Deployment
metadata:
  name: notes
  namespace: clinic
  annotations:
    checkov.io/skip1: OAI_COVERAGE_9=tested
    checkov.io/skip2: CKV_K8S_1=x
    # checkov.io/skip3: OAI_COVERAGE_1=x
    bridgecrew.io/skip: "OAI_COVERAGE_2"
# checkov:skip=OAI_COVERAGE_4:comments do nothing here
"""
TEMPLATE = "{{ if .Values.x }}\nmetadata:\n  annotations: {checkov.io/skip1: OAI_SCAN_1=x}\n{{ end }}\n"  # fmt: skip


def test_skips_inline_where_checkov_honours_them(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM)
    (tmp_path / "notes.yaml").write_text(MANIFESTS)
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    (tmp_path / "README.md").write_text("checkov.io/skip1: OAI_COVERAGE_9=an example\n")
    assert found(tmp_path) == [
        ("main.tf:3", "skip OAI_COVERAGE_9 aws_lambda_function.a"),
        ("main.tf:3", "skip OAI_SECRET_1 aws_lambda_function.a"),
        ("main.tf:5", "skip OAI_COVERAGE_3 aws_lambda_function.a"),
        ("main.tf:9", "skip OAI_COVERAGE_9 module.m"),
        ("notes.yaml:9", "skip OAI_COVERAGE_9 Deployment.clinic.notes"),
        ("notes.yaml:12", "skip OAI_COVERAGE_2 Deployment.clinic.notes"),
        ("t.yaml:3", "skip OAI_SCAN_1 t.yaml"),
    ]
