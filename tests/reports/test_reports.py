"""What holds for every format: the same bytes for the same result, no secret, no word that says too much."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec

import pytest

from hostile_text import LITERAL
from openai_phi.model import Place
from openai_phi.reports import FORMATS, render
from openai_phi.results import Result

MADE = [f for f, module in FORMATS.items() if find_spec(f"openai_phi.{module}")]


@pytest.mark.parametrize("format", MADE)
def test_the_same_result_gives_the_same_bytes(format: str, sample: Result) -> None:
    again = replace(sample, findings=tuple(replace(f) for f in sample.findings))
    text = render(sample, format)
    assert text
    assert text == render(again, format)
    assert str(sample.root) not in text


@pytest.mark.parametrize("format", MADE)
def test_no_part_of_a_literal_key_is_in_any_report(format: str, leaky: Result) -> None:
    assert any(f.rule == "OAI_SECRET_1" for f in leaky.findings)
    made = import_module(f"openai_phi.{FORMATS[format]}").render(leaky)
    text = f"{made} {render(leaky, format)}"
    text = text.lower()
    assert LITERAL.lower() not in text
    assert LITERAL[8:20].lower() not in text


@pytest.mark.parametrize("format", MADE)
def test_no_report_says_compliant_or_violates(format: str, sample: Result, hostile: Result) -> None:
    for result in (sample, hostile):
        assert not re.search(
            r"\b(non-?)?compliant\b|\bviolat", render(result, format), re.IGNORECASE
        )


@pytest.mark.parametrize("format", MADE)
def test_a_file_name_that_is_no_text_can_be_written(format: str, sample: Result) -> None:
    odd = replace(sample.findings[0], place=Place("caf\udce9.tf", 1))
    render(replace(sample, findings=(odd,)), format).encode("utf-8")
