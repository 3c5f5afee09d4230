"""What holds for every format: the same bytes for the same result, no secret, no word that says too much."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec

import pytest
from scan import CHECKS, ROOT

from hostile_text import LITERAL
from openai_phi.finding.results import Result
from openai_phi.reporting.reports import FORMATS, render
from openai_phi.words.places import Place

MADE = [f for f, module in FORMATS.items() if find_spec(f"openai_phi.reporting.{module}")]


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
    made = import_module(f"openai_phi.reporting.{FORMATS[format]}").render(leaky)
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


def test_no_order_hangs_on_the_process() -> None:
    """Every format, in processes that order sets differently."""
    code = (
        "import hashlib, sys\n"
        "from openai_phi.reporting.reports import FORMATS, render\n"
        "from openai_phi.scanning.scan import Options, scan_folder\n"
        "result = scan_folder(Options(sys.argv[1], today='2026-11-20'))\n"
        "for f in sys.argv[2:]: print(f, hashlib.sha256(render(result, f).encode()).hexdigest())\n"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code, str(ROOT / "sample_infra"), *MADE],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(CHECKS)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0]
    assert said[0] == said[1]


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_no_report_says_what_to_ensure(sample: Result, format: str) -> None:
    """A title says what is wrong; Checkov alone shows the requirement, as it does for its own checks."""
    assert "Ensure that" not in render(sample, format)


def test_the_page_says_what_its_words_mean_and_what_an_agreement_lacks(sample: Result) -> None:
    page = render(sample, "html")
    assert "<dt>attested</dt><dd>the policy says so.</dd>" in page
    for word in ("covered", "unproven", "enforced", "claimed", "listed", "strict"):
        assert f"<dt>{word}</dt>" in page
    assert "no end recorded" in page
    assert "no document recorded" in page
