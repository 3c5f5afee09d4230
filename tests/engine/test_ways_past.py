"""Ways past the gate that were tried: each must end in a finding, or in a note of what was not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic import WORKLOAD
from inprocess import said

NOTES = "OAI_COVERAGE_9 Deployment.clinic.notes"


def with_variable(name: str, value: str) -> str:
    return f"{WORKLOAD}            - {{name: {name}, value: '{value}'}}\n"


@pytest.mark.parametrize(
    "name", ["DEBUG_USE_OPENAI", "FALLBACK_OPENAI_ENABLED", "UI_ENABLE_OPENAI_API"]
)
def test_a_switch_of_a_part_does_not_switch_the_whole_off(tmp_path: Path, name: str) -> None:
    assert NOTES in said(tmp_path, a_yaml=with_variable(name, "false"))


def test_a_switch_is_not_for_another_provider_nor_for_a_url_named_for_none(tmp_path: Path) -> None:
    azure = WORKLOAD.replace("name: OPENAI", "name: AZURE_OPENAI")
    off = "            - {name: ENABLE_OPENAI_API, value: 'false'}\n"
    url = "            - {name: SUMMARY_URL, value: 'https://api.openai.com/v1/responses'}\n"
    assert NOTES in said(tmp_path, a_yaml=azure + off)
    assert NOTES in said(tmp_path, a_yaml=WORKLOAD + off + url)
    assert NOTES not in said(tmp_path, a_yaml=WORKLOAD + off)


def test_its_own_word_that_it_handles_none_does_not_outweigh_a_name(tmp_path: Path) -> None:
    denied = WORKLOAD.replace("data-classification: phi", 'phi: "false"')
    assert "OAI_DECLARATION_3 Deployment.clinic.notes" in said(tmp_path, a_yaml=denied)
    assert not said(tmp_path, a_yaml=denied.replace("clinic", "office"))
