"""The inventory fits its schema, is sorted, and is the same bytes on a rerun, for the sample and every fixture."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scan import CHECKS, ROOT

from openai_phi.facts.data_files import validator
from openai_phi.finding.results import Result
from openai_phi.reporting.report_json import render
from openai_phi.scanning.scan import Options, scan_folder

CASES = [ROOT / "tests" / "rules", ROOT / "tests" / "accuracy"]
SCHEMA = validator("openai-phi-inventory.schema.json")


def valid(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    wrong = [f"{list(e.absolute_path)}: {e.message}"[:300] for e in SCHEMA.iter_errors(document)]
    assert wrong == []
    return document


@pytest.mark.parametrize("folder", CASES, ids=lambda f: f.name)
def test_the_inventory_of_the_fixtures(folder: Path) -> None:
    """Every fixture of rules and of accuracy, each kind in one scan; again in another process."""
    first = render(scan_folder(Options(str(folder), today="2026-11-20")))
    again = subprocess.run(
        [
            sys.executable,
            "-m",
            "openai_phi.commands.cli",
            "scan",
            str(folder),
            "-f",
            "json",
            "-o",
            "-",
        ],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(CHECKS)},
        capture_output=True,
        check=False,
    ).stdout.decode("utf-8")
    assert first == again
    ordered(valid(first))


def test_the_inventory_of_the_sample(sample: Result) -> None:
    document = valid(render(sample))
    ordered(document)
    assert [f["rule"] for f in document["findings"]] == [f.rule for f in sample.findings]
    assert document["findings"][0]["fingerprint"] == sample.findings[0].fingerprint
    phi = [w for w in document["workloads"] if w["phi"]["status"] == "phi"]
    assert all(u["verdict"] and u["reasons"] for w in phi for u in w["uses"])


def test_the_inventory_holds_what_is_exempt_and_unread(hostile: Result) -> None:
    document = valid(render(hostile))
    assert [e["kind"] for e in document["exempt"]] == ["accepted", "skip"]
    assert document["unread"][0]["matters"] is True


def ordered(document: dict[str, Any]) -> None:
    for part in ("workloads", "without_workload", "marked", "egress", "unread"):
        keys = [(i["file"], i["line"], i.get("id", "")) for i in document[part]]
        assert keys == sorted(keys), part
