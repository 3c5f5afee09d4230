"""Every place that a key lies in, by store, framework and spelling: its line binds it, and never a neighbour's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.words.verdict import Verdict

PLACES: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("keys_by_place.yaml").read_text()
)
POLICY = """\
version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-a], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_a], approved_on: 2026-10-10}
projects:
  - {id: proj_a, organization: org-a, endpoints: [/v1/responses], features: []}
credentials:
  - {project: proj_a, LINE}
"""
TEAM = (
    'version: 1\nworkloads: [{match: "*", data: phi, endpoints: [/v1/responses], features: []}]\n'
)


def verdicts(folder: Path, place: dict[str, Any], value: str) -> tuple[set[Verdict], set[str]]:
    """The verdicts of a place where a value stands in it, and the rules of findings above LOW."""
    written = {
        **place["files"],
        "openai-policy.yaml": POLICY.replace("LINE", place["line"]),
        "openai-compliance.yaml": TEAM,
    }
    for name, text in written.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("VALUE", value))
    result = scan_folder(Options(folder=str(folder), today="2026-11-27"))
    loud = {f.rule for f in result.findings if f.severity != "LOW"}
    return {a.verdict for a in result.analysis.assessments}, loud


@pytest.mark.parametrize("name", PLACES)
def test_a_line_binds_the_key_that_it_speaks_of(name: str, tmp_path: Path) -> None:
    place = PLACES[name]
    assert verdicts(tmp_path, place, place["bound"]) == ({Verdict.COVERED}, set())


@pytest.mark.parametrize(
    ("name", "value"), [(n, v) for n, p in PLACES.items() for v in p["others"]]
)
def test_a_line_binds_no_other(name: str, value: str, tmp_path: Path) -> None:
    found, rules = verdicts(tmp_path, PLACES[name], value)
    assert Verdict.UNPROVEN in found
    assert "OAI_COVERAGE_9" in rules
