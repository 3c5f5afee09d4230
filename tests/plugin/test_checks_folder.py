"""What may lie below checks/, and that what breaks there is a finding, never silence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from checkov.cloudformation.runner import Runner as CloudFormationRunner
from checkov.runner_filter import RunnerFilter
from scan import CHECKS, ROOT, checkov

from command import apart
from openai_phi.gathering import graph_scan

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {phi: 'true'}}\nspec:\n  containers:\n"
    "    - {name: c, image: x, env: [{name: OPENAI_API_KEY, value: $(KEY)}]}\n"
)


def test_only_python_lies_below_checks_and_the_engine_is_no_check_folder() -> None:
    files = [f for f in CHECKS.rglob("*") if f.is_file() and "__pycache__" not in f.parts]
    assert {f.suffix for f in files} == {".py"}
    assert [f for f in files if f.name == "__init__.py"] == [CHECKS / "__init__.py"]


def test_only_what_checkov_brings_is_imported_at_run_time() -> None:
    requires = {
        r.split(";")[0].split("=")[0].split("<")[0].split(">")[0].split("[")[0].strip().lower()
        for r in metadata.requires("checkov") or ()
    }
    allowed = {"checkov", "openai_phi", "yaml", "jsonschema", "hcl2", "lark", "click"}
    extras = {"helm_renderer.py": {"helm_python"}, "report_oscal.py": {"trestle"}}
    assert {"pyyaml", "jsonschema", "bc-python-hcl2", "click"} <= requires
    for file in CHECKS.rglob("*.py"):
        found: set[str] = set()
        for line in file.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if words[:1] in (["import"], ["from"]) and len(words) > 1:
                found.add(words[1].split(".")[0])
        more = found - set(sys.stdlib_module_names) - allowed
        assert more <= extras.get(file.name, set()), file


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the product that a test may break, beside a repository to scan."""
    for part in ("checks", "schemas"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "pod.yaml").write_text(POD)
    return tmp_path


def scanned(copy: Path) -> tuple[int, list[dict[str, Any]]]:
    done = subprocess.run(
        apart(
            checkov(),
            "-d",
            str(copy / "infra"),
            "--external-checks-dir",
            str(copy / "checks"),
            "--check",
            "OAI_*",
            "-o",
            "json",
            "--framework",
            "kubernetes",
            "yaml",
        ),
        env={**os.environ, "LOG_LEVEL": "CRITICAL", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    data = json.loads(done.stdout)
    reports = data if isinstance(data, list) else [data]
    return done.returncode, [
        c for r in reports for c in r.get("results", {}).get("failed_checks", [])
    ]


def test_a_second_engine_on_the_path_is_a_finding_that_names_both_places(copy: Path) -> None:
    done = subprocess.run(
        [
            checkov(), "-d", str(copy / "infra"), "--external-checks-dir", str(copy / "checks"),
            "--check", "OAI_COVERAGE_9", "-o", "json", "--framework", "kubernetes",
        ],
        env={**os.environ, "LOG_LEVEL": "CRITICAL", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    (failed,) = json.loads(done.stdout)["results"]["failed_checks"]
    assert done.returncode == 1
    assert failed["check_id"] == "OAI_COVERAGE_9"
    assert "more than one openai-phi engine is on the path" in failed["details"][0]
    assert str(copy / "checks" / "openai_phi") in failed["details"][0]
    assert str(CHECKS / "openai_phi") in failed["details"][0]


def test_a_rule_that_raises_is_a_finding_under_its_own_id(copy: Path) -> None:
    rule = copy / "checks" / "cover_unproven.py"
    broken = rule.read_text().replace(
        "        yield from unproven_findings(self, analysis)",
        '        raise ValueError("sk-secret")',
    )
    rule.write_text(broken)
    status, found = scanned(copy)
    assert status == 1
    mine = {c["check_id"]: c["details"][0] for c in found}
    assert mine["OAI_COVERAGE_9"].startswith("OAI_COVERAGE_9 could not judge anything: ValueError")
    assert "sk-secret" not in json.dumps(found)
    assert "PHI of 1 workload(s) (Pod.a)" in mine["OAI_COVERAGE_2"]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("schemas/catalog/openai/2026-10.yaml", "id: [\n", "CatalogueError in 2026-10.yaml: is not YAML"),
        ("schemas/catalog/openai/2026-10.yaml", "id: x\n", "CatalogueError in 2026-10.yaml: None is no date"),
        ("schemas/signatures/phi.yaml", "a: [\n", "ParserError"),
        ("schemas/signatures/openai.yaml", None, "FileNotFoundError"),
        ("schemas/openai-policy.schema.json", None, "FileNotFoundError"),
    ],
)  # fmt: skip
def test_a_broken_data_file_fails_every_rule(
    copy: Path, file: str, text: str | None, said: str
) -> None:
    (copy / "infra" / "openai-policy.yaml").write_text("version: 1\n")
    if text is None:
        (copy / file).unlink()
    else:
        (copy / file).write_text(text)
    status, found = scanned(copy)
    assert status == 1
    assert {c["check_id"] for c in found} >= {f"OAI_COVERAGE_{n}" for n in (1, 2, 3, 4, 9)}
    assert all(said in c["details"][0] for c in found)


def test_a_reader_that_raises_is_a_finding_though_checkov_parsed_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "template.yaml").write_text("Resources: [\n")

    def broken(*_: object) -> None:
        raise ValueError("sk-secret")

    monkeypatch.setattr(graph_scan, "read_files", broken)
    runner = CloudFormationRunner()
    only = RunnerFilter(checks=["OAI_*"], framework=["cloudformation"])
    report = runner.run(str(tmp_path), [str(CHECKS)], runner_filter=only)
    assert not runner.definitions  # so that only our own reader could have said something
    said = {r.check_id: r.details[0] for r in report.failed_checks}
    assert len(said) == len(list(CHECKS.glob("*.py"))) - 1
    assert said["OAI_COVERAGE_9"].startswith("OAI_COVERAGE_9 could not judge anything: ValueError")
    assert "sk-secret" not in str(said)
