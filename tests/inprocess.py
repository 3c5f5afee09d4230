"""Runs Checkov's own runners in this process, so that a test of a folder takes a fraction of a second."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from checkov.common.output.report import Report
from checkov.helm.runner import Runner as HelmRunner
from checkov.kubernetes.runner import Runner as KubernetesRunner
from checkov.runner_filter import RunnerFilter
from checkov.terraform.runner import Runner as TerraformRunner
from checkov.yaml_doc.runner import Runner as YamlRunner
from scan import CHECKS

from openai_phi.plugin import bridge
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.verdicts.analysis import Analysis, analyse

RUNNERS: dict[str, Any] = {
    "terraform": TerraformRunner,
    "kubernetes": KubernetesRunner,
    "yaml": YamlRunner,
}
MORE: dict[str, Any] = {"helm": HelmRunner}
"""Runners that only the tests that name them need."""


def reports(folder: Path, *frameworks: str) -> list[Report]:
    """The reports of these frameworks (default: the usual three) on a folder, with our rules alone."""
    out: list[Report] = []
    for name in frameworks or RUNNERS:
        only = RunnerFilter(checks=["OAI_*"], framework=["terraform", "kubernetes", "yaml", name])
        runner = {**RUNNERS, **MORE}[name]()
        out.append(runner.run(str(folder), [str(CHECKS)], runner_filter=only))
    return out


def found(folder: Path, *frameworks: str) -> list[Any]:
    """The failed records, in the order of file, line and rule."""
    records = [r for report in reports(folder, *frameworks) for r in report.failed_checks]
    return sorted(records, key=lambda r: (r.file_path, r.file_line_range, r.check_id))


def named(folder: Path, *frameworks: str) -> list[str]:
    """Each finding as `rule resource`, sorted."""
    return sorted(f"{r.check_id} {r.resource}" for r in found(folder, *frameworks))


def write(folder: Path, **files: str) -> Path:
    """Writes files below a folder; `a__b_yaml` is a/b.yaml."""
    for name, text in files.items():
        stem, _, suffix = name.replace("__", os.sep).rpartition("_")
        path = folder / f"{stem}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def analysis(folder: Path, framework: str) -> Analysis:
    """The analysis of one framework's graph, as the rules get it."""
    bridge.collected = []
    try:
        reports(folder, framework)
        return analyse(bridge.collected[-1])
    finally:
        bridge.collected = None


def told(folder: Path, framework: str) -> dict[str, tuple[str, list[str]]]:
    """Workload -> its PHI status, and each use as `provider host endpoints`."""
    return {
        w.id: (
            w.phi.value,
            [f"{u.provider} {u.host} {','.join(u.endpoints)}".strip() for u in w.uses],
        )
        for w in analysis(folder, framework).estate.workloads
    }


def said(folder: Path, **files: str) -> set[str]:
    """The rules and resources of what fails in these files; `a__b_yaml` is a/b.yaml."""
    for name, text in files.items():
        stem, _, suffix = name.replace("__", "/").rpartition("_")
        path = folder / f"{stem}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = scan_folder(Options(str(folder))).findings
    return {f"{f.rule} {f.resource}" for f in found}
