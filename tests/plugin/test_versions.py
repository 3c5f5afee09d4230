"""The same findings with Checkov's oldest supported and newest version, either graph, any parallelization."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest
from scan import CHECKS, ROOT

from helm_on_path import helm_folder

OLDEST = ROOT / ".venv-oldest" / "bin" / "checkov"
NEWEST = Path(sys.executable).parent / "checkov"
VERSIONS = {"oldest": OLDEST, "newest": NEWEST}
WAYS = [
    {"CHECKOV_GRAPH_FRAMEWORK": graph, "CHECKOV_PARALLELIZATION_TYPE": parallel}
    for graph in ("RUSTWORKX", "NETWORKX")
    for parallel in ("fork", "thread", "none")
]
ARGS = ["--external-checks-dir", str(CHECKS), "--check", "OAI_*", "-o", "json", "--skip-download"]
Found = frozenset[tuple[str, str, str, tuple[int, ...], str]]


@lru_cache
def found(checkov: Path, **env: str) -> Found:
    """What a checkov reports of the sample: rule, resource, file, lines and all details."""
    with helm_folder() as helm:
        done = subprocess.run(
            [str(checkov), "-d", str(ROOT / "sample_infra"), *ARGS],
            env={**os.environ, "PATH": f"{helm}{os.pathsep}{os.environ['PATH']}", **env},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1, done.stderr
    data = json.loads(done.stdout)
    return frozenset(
        (
            c["check_id"],
            c["resource"],
            c["file_path"],
            tuple(c["file_line_range"]),
            "\n".join(c["details"]),
        )
        for report in (data if isinstance(data, list) else [data])
        for c in report.get("results", {}).get("failed_checks", [])
    )


def test_both_versions_are_here_and_the_oldest_is_alone() -> None:
    """The oldest is in an environment with nothing of ours, so it also shows that nothing is needed."""
    assert OLDEST.exists(), "run: make test"
    pip = [str(OLDEST.parent / "python"), "-m", "pip", "list", "--format=json"]
    listed = json.loads(subprocess.run(pip, capture_output=True, check=True).stdout)
    packages = {p["name"].lower(): p["version"] for p in listed}
    assert packages["checkov"] in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert not {"openai-phi", "helm-python-sdk", "pytest"} & set(packages)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("way", WAYS, ids=lambda w: "-".join(w.values()))
def test_same_findings(version: str, way: dict[str, str]) -> None:
    reference = found(NEWEST)
    assert len(reference) >= 4
    assert found(VERSIONS[version], **way) == reference


def test_same_findings_with_one_graph_a_root() -> None:
    assert found(NEWEST, TF_SPLIT_GRAPH="True") == found(NEWEST)
