"""Each piece broken in turn: the exit code is never 0, and the message names the cause."""

from __future__ import annotations

import builtins
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scan import CHECKS, ROOT

from command import DAY, Ran, apart
from openai_phi.plugin import checkov_graphs
from openai_phi.scanning import scan

Run = Callable[..., Ran]
RULES = ROOT / "tests" / "rules"
GOOD = RULES / "phi_reaches_uncovered_endpoint" / "good"
BAD = RULES / "phi_reaches_uncovered_endpoint" / "bad"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what is installed, to break."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKS, tmp_path / "checks", ignore=ignore)
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    return tmp_path


def with_copy(copy: Path, *args: str | Path) -> Ran:
    """Runs the command of the copy."""
    env = {**os.environ, "PYTHONPATH": str(copy / "checks"), "OPENAI_PHI_TODAY": DAY}
    command = apart("openai_phi.commands.cli", *args)
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    return Ran(done.returncode, done.stdout, done.stderr)


def test_the_copy_works(copy: Path) -> None:
    assert with_copy(copy, "scan", GOOD).status == 0
    assert with_copy(copy, "checks-dir").out == f"{copy / 'checks'}\n"


def test_a_second_engine_on_the_path(copy: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(copy / "checks"), "OPENAI_PHI_TODAY": DAY}
    command = [sys.executable, "-m", "openai_phi.commands.cli", "scan", str(GOOD)]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 2
    assert f"{copy / 'checks' / 'openai_phi'} and {CHECKS / 'openai_phi'}" in done.stderr


def test_a_rule_that_cannot_be_imported(copy: Path) -> None:
    rule = copy / "checks" / "cover_unproven.py"
    rule.write_text(
        "import nothing_of_this_name\n" + rule.read_text().replace("from __future__", "#")
    )
    ran = with_copy(copy, "scan", GOOD)
    assert ran.status == 2
    assert "rule file cover_unproven.py: ModuleNotFoundError: No module named" in ran.out


def test_a_rule_file_that_publishes_nothing(copy: Path) -> None:
    (copy / "checks" / "cover_unproven.py").write_text('"""Empty."""\n')
    ran = with_copy(copy, "scan", GOOD)
    assert ran.status == 2
    assert "rule file cover_unproven.py: publishes 0 rules, not one" in ran.out


def test_a_rule_that_raises(copy: Path) -> None:
    rule = copy / "checks" / "cover_unproven.py"
    rule.write_text(
        rule.read_text().replace("        yield from unproven", "        raise KeyError  # ")
    )
    ran = with_copy(copy, "scan", GOOD)
    assert ran.status == 2
    assert "OAI_COVERAGE_9: the rule raised KeyError" in ran.out
    assert with_copy(copy, "scan", GOOD, "--allow-unread", "*").status == 2


def test_no_rules_at_all(copy: Path) -> None:
    for file in (copy / "checks").glob("*.py"):
        file.unlink()
    ran = with_copy(copy, "scan", GOOD)
    assert ran.status == 2
    assert "no rule could be loaded" in ran.err


@pytest.mark.parametrize("silent", [False, True], ids=["speaking", "silent"])
@pytest.mark.parametrize(
    ("piece", "named"),
    [
        ("openai-policy.schema.json", "openai-policy.schema.json"),
        ("catalog/openai/2026-10.yaml", "2026-10.yaml"),
        ("signatures/openai.yaml", "openai.yaml"),
    ],
)
@pytest.mark.parametrize("how", ["missing", "corrupt"])
def test_data_that_is_missing_or_corrupt(
    copy: Path, piece: str, named: str, how: str, silent: bool, tmp_path: Path
) -> None:
    file = copy / "schemas" / piece
    if how == "missing":
        file.unlink()
    else:
        file.write_text("rows: [\n")
    folder = GOOD
    if silent:
        folder = tmp_path / "silent"
        folder.mkdir()
        (folder / "main.tf").write_text('resource "null_resource" "a" {}\n')
    ran = with_copy(copy, "scan", folder, "--policy", GOOD / "openai-policy.yaml")
    if piece.startswith("catalog") and how == "missing":
        assert ran.status in ((0,) if silent else (1, 2))  # an older edition never covers
    else:
        assert ran.status == 2, ran
        assert named in ran.out + ran.err or "Could not look" in ran.err


def test_a_compliance_file_that_is_wrong(run: Run, tmp_path: Path) -> None:
    for file in GOOD.glob("*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "openai-compliance.yaml").write_text("version: 1\nworkloads: 7\n")
    ran = run("scan", tmp_path)
    assert ran.status == 1
    assert "OAI_DECLARATION_1" in ran.out
    assert "openai-compliance.yaml:2" in ran.out


def test_checkov_that_raises(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from checkov.kubernetes.runner import Runner

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Runner, "run", broken)
    ran = run("scan", GOOD)
    assert ran.status == 2
    assert "Checkov stopped in kubernetes: RuntimeError" in ran.out


def test_checkov_that_hands_over_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from checkov.kubernetes.runner import Runner

    monkeypatch.setattr(Runner, "run", lambda *_, **__: None)
    ran = run("scan", GOOD)
    assert ran.status == 2
    assert "Checkov handed over no graph of kubernetes" in ran.out


def test_a_graph_that_cannot_be_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(checkov_graphs, "read_graph", broken)
    ran = run("scan", GOOD)
    assert ran.status == 2
    assert "reading the graph of kubernetes: ZeroDivisionError" in ran.out


def test_no_helm(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(scan, "_helm", contextlib.nullcontext)
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = run("scan", ROOT / "sample_infra" / "charts")
    assert ran.status == 2
    assert "portal/Chart.yaml: no helm is installed to render the chart" in ran.out


def test_a_chart_that_does_not_render(run: Run, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: c\nversion: 1.0.0\n")
    (tmp_path / "templates" / "a.yaml").write_text("a: {{ fail `no` }}\nb: OPENAI_API_KEY\n")
    ran = run("scan", tmp_path)
    assert ran.status == 2
    assert "Chart.yaml: helm could not render it" in ran.out


def test_a_file_that_does_not_parse(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Pod\nx: [OPENAI_API_KEY\n")
    (tmp_path / "b.tf").write_text('resource "x" "openai" {\n')
    ran = run("scan", tmp_path)
    assert ran.status == 2
    assert "a.yaml: is not valid YAML" in ran.out
    assert "b.tf: does not parse" in ran.out
    assert run("scan", tmp_path, "--allow-unread", "a.yaml").status == 2
    allowed = run("scan", tmp_path, "--allow-unread", "a.yaml", "--allow-unread", "*.tf")
    assert allowed.status == 0
    assert "exempt    2 findings: 2 allowed" in allowed.out
    (tmp_path / "openai-policy.yaml").write_text(
        "version: 1\nlimits: {approvers: [compliance@clinic.example], may_stay_unread: [a.yaml]}\n"
    )
    (tmp_path / "openai-compliance.yaml").write_text(
        "version: 1\nunread:\n  - {path: a.yaml, reason: a template of another tool,\n"
        "     approved_by: compliance@clinic.example,\n"
        "     approved_on: 2026-11-01, expires_on: 2026-12-31}\n"
    )
    ran = run("scan", tmp_path, "--allow-unread", "b.tf")
    assert "a.yaml: is not valid YAML" not in ran.out


def test_a_file_that_cannot_matter_is_listed_only(run: Run, tmp_path: Path) -> None:
    for file in GOOD.glob("*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "b.tf").write_text('resource "x" "y" {\n  a = [\n')
    (tmp_path / "c.yaml").write_text("apiVersion: v1\nkind: Pod\nx: [a\n")
    ran = run("scan", tmp_path, "--no-prefilter", "--verbose")
    assert ran.status == 0
    assert "not read, without a word that could matter: b.tf, c.yaml" in ran.out


def test_a_file_that_cannot_be_opened(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("apiVersion: v1\nkind: Pod\n")
    real = builtins.open

    def refuse(path: Any, *args: Any, **more: Any) -> Any:
        if str(path) == str(file):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **more)

    monkeypatch.setattr(builtins, "open", refuse)
    ran = run("scan", tmp_path)
    assert ran.status == 2
    assert "a.yaml: cannot be opened" in ran.out


def test_a_check_that_nothing_has(run: Run) -> None:
    ran = run("scan", BAD, "--check", "OAI_COVERAGE_99")
    assert ran.status == 64
    assert "no rule fits OAI_COVERAGE_99" in ran.err
    assert run("scan", BAD, "--check", "OAI_COVERAGE_*").status == 1


@pytest.mark.parametrize("where", ["scanned", "working"])
@pytest.mark.parametrize(
    "text",
    [
        "soft-fail: true\n",
        "soft-fail-on: [OAI_COVERAGE_1]\n",
        "skip-path: [notes.yaml]\n",
        "framework: [terraform]\n",
        "skip-check: ['OAI_*']\n",
    ],
)
def test_the_repositorys_configuration_switches_nothing_off(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, where: str
) -> None:
    for file in BAD.glob("*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "sub").mkdir()
    place = tmp_path if where == "scanned" else tmp_path / "sub"
    monkeypatch.chdir(place)
    (place / ".checkov.yaml").write_text(text)
    ran = run("scan", tmp_path)
    assert ran.status == 1
    assert "OAI_COVERAGE_1" in ran.out
    assert ".checkov.yaml configures Checkov; it was ignored" in ran.out.replace(
        "\n            ", " "
    )


def test_an_error_that_nobody_foresaw(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("sk-" + "x" * 40)

    monkeypatch.setattr("openai_phi.commands.cli_scan.scan_folder", broken)
    ran = run("scan", GOOD)
    assert ran.status == 2
    assert "openai-phi stopped: RuntimeError. Nothing is known to be fine." in ran.err
    assert "sk-" not in ran.out + ran.err


def test_a_folder_without_any_file_is_not_clean(run: Run, tmp_path: Path) -> None:
    """A checkout that failed, a path that is wrong: nothing was looked at."""
    ran = run("scan", tmp_path)
    assert (ran.status, ran.out.splitlines()[-1]) == (2, "INCOMPLETE  0 findings; exit 2")
    assert "the folder: it holds no file, so nothing was looked at" in ran.out
    (tmp_path / "notes.txt").write_text("Nothing here.\n")
    assert run("scan", tmp_path).status == 0
