"""The schemas of the inventory and the manifest list the very words that the engine uses."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

import pytest
from scan import ROOT

from openai_phi.facts.data_files import schema_root, validator
from openai_phi.reporting.evidence_manifest import manifest
from openai_phi.reporting.inventory import of_result
from openai_phi.scanning.repository import State
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.words.observed import Assurance, Confidence, Kind, PhiStatus, Role
from openai_phi.words.verdict import Conjunct, Verdict


def schema(name: str) -> Any:
    return json.loads(
        (schema_root() / f"openai-phi-{name}.schema.json").read_text(encoding="utf-8")
    )


def words(kind: type[Enum]) -> list[str]:
    return [str(m.value) for m in kind]


INVENTORY, EVIDENCE = schema("inventory")["$defs"], schema("evidence")["$defs"]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (INVENTORY["evidence"]["properties"]["kind"], words(Kind)),
        (INVENTORY["evidence"]["properties"]["confidence"], words(Confidence)),
        (INVENTORY["reason"]["properties"]["part"], words(Conjunct)),
        (EVIDENCE["why"]["properties"]["part"], words(Conjunct)),
        (INVENTORY["use"]["properties"]["verdict"], words(Verdict)),
        (INVENTORY["use"]["properties"]["assurance"], [a.word for a in Assurance]),
        (INVENTORY["step"]["properties"]["role"], words(Role)),
        (INVENTORY["workload"]["properties"]["phi"]["properties"]["status"], words(PhiStatus)),
    ],
)
def test_a_schema_lists_what_there_is(listed: dict[str, Any], expected: list[str]) -> None:
    assert sorted(listed["enum"]) == sorted(expected)


@pytest.mark.parametrize("name", ["inventory", "evidence"])
def test_every_field_is_described(name: str) -> None:
    def bare(node: Any, at: str) -> list[str]:
        if isinstance(node, list):
            return [x for i, v in enumerate(node) for x in bare(v, f"{at}/{i}")]
        if not isinstance(node, dict):
            return []
        fields = node.get("properties", {})
        mine = [f"{at}/{n}" for n, f in fields.items() if not {"description", "$ref"} & set(f)]
        inner = [*fields.items(), *node.get("$defs", {}).items(), ("items", node.get("items"))]
        return mine + [x for n, v in inner for x in bare(v, f"{at}/{n}")]

    assert bare(schema(name), "") == []


def test_the_sample_fits_both() -> None:
    """Here and not only among the reports, so that who changes the inventory sees it at once."""
    result = scan_folder(Options(str(ROOT / "sample_infra"), today="2026-11-20"))
    for name, document in (
        ("inventory", of_result(result)),
        ("evidence", manifest(result, State(), {})),
    ):
        found = validator(f"openai-phi-{name}.schema.json").iter_errors(document)
        assert [f"{list(e.absolute_path)}: {e.message}"[:300] for e in found] == []
