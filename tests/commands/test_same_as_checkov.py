"""The command finds what `checkov --external-checks-dir checks` finds, and the prefilter changes nothing."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from checkov.runner_filter import RunnerFilter
from scan import CHECKS, ROOT
from scan import scan as checkov

from command import DAY
from helm_on_path import helm_on_path
from openai_phi.facts.signatures import signatures
from openai_phi.finding.results import Result
from openai_phi.plugin import checkov_graphs
from openai_phi.plugin.bridge import GRAPH_REGISTRIES
from openai_phi.reading.disk import prefilter
from openai_phi.reporting.inventory import inventory
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.words.scan_input import FROM_FILES

Found = set[tuple[str, str, str]]
FIXTURES = sorted(
    p for p in (ROOT / "tests" / "rules").glob("*/*") if p.is_dir() and not p.name.startswith("_")
)
CASES = sorted(p for p in (ROOT / "tests" / "accuracy" / "cases").glob("*") if p.is_dir())
FILES = {
    "yaml": ("checkov.yaml_doc.runner", "Runner"),
    "terraform_json": ("checkov.terraform_json.runner", "TerraformJsonRunner"),
    "ansible": ("checkov.ansible.runner", "Runner"),
    "cloudformation": ("checkov.cloudformation.runner", "Runner"),
    "arm": ("checkov.arm.runner", "Runner"),
    "bicep": ("checkov.bicep.runner", "Runner"),
    "github_actions": ("checkov.github_actions.runner", "Runner"),
    "terraform_plan": ("checkov.terraform.plan_runner", "Runner"),
}


def by_checkov(folder: Path) -> Found:
    """What Checkov's own runners report with the checks folder, failed or skipped."""
    runners = {**{k: v[:2] for k, v in checkov_graphs.GRAPHS.items()}, **FILES}
    out: Found = set()
    with helm_on_path():
        for module, name in runners.values():
            runner = getattr(import_module(module), name)()
            if getattr(runner, "check_system_deps", lambda: None)() is not None:
                continue
            only = RunnerFilter(checks=["OAI_*"], framework=["all"])
            reports: Any = runner.run(str(folder), [str(CHECKS)], runner_filter=only)
            for report in reports if isinstance(reports, list) else [reports]:
                records = [*report.failed_checks, *report.skipped_checks]
                out |= {(r.check_id, r.resource, r.file_path.lstrip("/")) for r in records}
    return out


def by_us(result: Result) -> Found:
    findings = [*result.findings, *(e.finding for e in result.exempt)]
    each = [m for f in findings for m in f.members]
    return {(m.rule, m.resource, m.first_file) for m in each}


def ours(folder: Path, everything: bool = False) -> Result:
    return scan_folder(Options(str(folder), today=DAY, everything=everything))


def test_every_framework_of_the_rules_is_run_here() -> None:
    assert set(FILES) == set(FROM_FILES)
    assert set(GRAPH_REGISTRIES) <= {"terraform", "kubernetes"}
    assert set(checkov_graphs.GRAPHS) == set(prefilter.GRAPHS)


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_the_same_findings_on_every_example(folder: Path) -> None:
    result = ours(folder)
    assert result.gaps == ()
    assert by_us(result) == by_checkov(folder)


def test_the_same_findings_on_the_sample_as_the_real_checkov() -> None:
    done = checkov(str(ROOT / "sample_infra"), "-o", "json", capture=True, OPENAI_PHI_TODAY=DAY)
    data = json.loads(done.stdout)
    failed = [c for r in data for c in r.get("results", {}).get("failed_checks", [])]
    found = {(c["check_id"], c["resource"], c["file_path"].lstrip("/")) for c in failed}
    assert by_us(ours(ROOT / "sample_infra")) == found


@pytest.mark.parametrize(
    "folder", [*FIXTURES, *CASES, ROOT / "sample_infra"], ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_the_prefilter_changes_nothing(folder: Path) -> None:
    """Neither a finding nor anything in the inventory; only what cannot matter is no longer listed."""
    with_it, without = ours(folder), ours(folder, everything=True)
    assert with_it.findings == without.findings
    assert with_it.unread == without.unread
    assert _document(with_it) == _document(without)


def _document(result: Result) -> dict[str, Any]:
    document = inventory(result.inputs)
    return {**document, "unread": [u for u in document["unread"] if u["matters"]]}


def test_ordinary_words_are_silent() -> None:
    names = signatures()
    for text in ("health_check_type = 1", "min_healthy_percentage", "HealthCheck", "unhealthy"):
        assert not names.speaks(text), text


SECRET = "apiVersion: v1\nkind: Secret\ndata:\n  a: T1BFTkFJX0FQSV9LRVk9eA==\n"


@pytest.mark.parametrize(
    ("file", "raw"),
    [
        ("a.yaml", b"a: OPENAI_API_KEY"),
        ("a.yaml", "a: OPENAI_API_KEY".encode("utf-16")),
        ("a.json", b'{"a": "\\u004fPENAI_API_KEY"}'),
        ("a.yaml", SECRET.encode()),
        ("a.env", b"KEY=sk-proj-x"),
        ("openai-compliance.yaml", b"version: 1\n"),
        (".github/workflows/a.yml", b"env: {OPENAI_API_KEY: x}"),
        ("c/charts/d-1.0.0.tgz", b"\x1f\x8b\0"),
        ("c/Chart.yaml", b"dependencies:\n  - {name: d, repository: https://charts.example.org}\n"),
        ("k/kustomization.yaml", b"resources:\n  - https://git.example.org/base?ref=1\n"),
        ("k/kustomization.yaml", b"resources:\n  - ../../base\n"),
        ("m/main.tf", b'module "a" {\n  source = "../../elsewhere"\n}\n'),
    ],
)
def test_what_could_hide_a_word_is_heard(tmp_path: Path, file: str, raw: bytes) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(raw)
    seen = prefilter.look(str(tmp_path), signatures())
    assert not seen.silent


def test_a_framework_is_left_out_only_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "loud.tf").write_text('variable "openai_api_key" {}\n')
    (tmp_path / "quiet.tf").write_text('variable "a" {}\n')
    (tmp_path / "quiet.yaml").write_text("apiVersion: v1\nkind: Pod\n")
    seen = prefilter.look(str(tmp_path), signatures())
    assert seen.frameworks() == {"terraform", "kubernetes"}
    assert seen.needed() == {"terraform"}


def test_a_file_that_terraform_reads_is_heard(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('locals {\n  a = file("a.txt")\n}\n')
    (tmp_path / "a.txt").write_text("OPENAI_API_KEY=x\n")
    assert "terraform" in prefilter.look(str(tmp_path), signatures()).needed()


def test_checkov_is_not_loaded_where_nothing_speaks(tmp_path: Path) -> None:
    import subprocess
    import sys

    (tmp_path / "main.tf").write_text('resource "null_resource" "a" {}\n')
    code = (
        "import sys\nfrom openai_phi.commands.cli import run\n"
        f"status = run(['scan', {str(tmp_path)!r}])\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('checkov', 'jsonschema')]\n"
        "sys.exit(status)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
