"""Runners that share a process, as with threads or none, say what each says alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from scan import CHECKS, ROOT

CODE = """
import json, logging, sys
from importlib import import_module
logging.disable(logging.CRITICAL)
from checkov.runner_filter import RunnerFilter
folder, checks, *modules = sys.argv[1:]
for module in modules:
    only = RunnerFilter(checks=["OAI_*"], show_progress_bar=False)
    runner = import_module(f"checkov.{module}").Runner()
    report = runner.run(folder, [checks], runner_filter=only)
    found = sorted(f"{r.check_id} {r.resource} {r.file_path}" for r in report.failed_checks)
    print(json.dumps([module, found]))
"""
TERRAFORM, PLAN = "terraform.runner", "terraform.plan_runner"


def said(folder: Path, *modules: str) -> dict[str, list[str]]:
    """What each runner reports, run one after the other in one new process."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(folder), str(CHECKS), *modules],
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(line) for line in done.stdout.splitlines() if line.startswith("["))


@pytest.mark.parametrize("order", [(TERRAFORM, PLAN), (PLAN, TERRAFORM)], ids=["first", "last"])
def test_terraform_and_its_plan(order: tuple[str, str]) -> None:
    """The plan's runner inherits the method that we wrap: whichever comes first wraps it for both."""
    folder = ROOT / "tests" / "accuracy" / "cases" / "tf_azapi"
    found = said(folder, *order)
    assert found[PLAN] == [
        "OAI_AZURE_1 azapi_resource.app /plan/tfplan.json",
        "OAI_COVERAGE_9 azapi_resource.app /plan/tfplan.json",
        "OAI_DECLARATION_2 azapi_resource.object /plan/tfplan.json",
    ]
    assert any("azapi_resource.app /main.tf" in f for f in found[TERRAFORM])
    assert not any(f.startswith("OAI_SCAN_1") for f in found[TERRAFORM])
