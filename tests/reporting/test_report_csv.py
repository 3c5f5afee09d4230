"""CSV: a row for all that fails, is exempt or was not read, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from openai_phi.finding.results import Result
from openai_phi.reporting.report_csv import COLUMNS, guarded, render
from openai_phi.words.found import Exempt
from openai_phi.words.places import Place


def rows(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render(result), newline="")))


def test_a_row_for_each_finding(sample: Result) -> None:
    found = rows(sample)
    assert [(r["rule"], r["resource"], r["line"]) for r in found] == [
        (f.rule, f.resource, str(f.place.line)) for f in sample.findings
    ]
    assert {r["status"] for r in found} == {"fails"}
    assert found[0]["law"] == "; ".join(sample.findings[0].law)
    assert set(found[0]) == set(COLUMNS)


def test_a_row_cites_the_law_for_the_role_of_the_policy(sample: Result) -> None:
    finding = replace(sample.findings[0], law=("45 CFR 164.502(e)(1)(ii)",))
    (row,) = rows(replace(sample, findings=(finding,)))
    assert row["law"] == "45 CFR 164.502(e)(1)(ii)"


def test_an_exempt_row_says_who_approved_it_when_and_who_owns_it(sample: Result) -> None:
    place = Place("openai-compliance.yaml", 9)
    exempt = Exempt(
        sample.findings[0], "accepted", "why", place, "compliance@clinic.example", "2026-12-10",
        "T-7", True, "team@clinic.example", "2026-11-20",
    )  # fmt: skip
    (row,) = rows(replace(sample, findings=(), exempt=(exempt,)))
    assert [row[c] for c in COLUMNS[-6:]] == [
        "why", "team@clinic.example", "compliance@clinic.example", "2026-11-20", "2026-12-10", "T-7",
    ]  # fmt: skip


def test_no_cell_is_a_formula(hostile: Result) -> None:
    found = rows(hostile)
    statuses = [r["status"] for r in found]
    assert statuses[-3:] == ["accepted", "skip", "unread"]
    cells = [c for r in found for c in r.values()]
    assert not [c for c in cells if c.lstrip()[:1] in tuple("=+-@") and c.strip()]
    assert found[1]["resource"] == """'=HYPERLINK("https://x.example","y")"""
    assert found[-2]["ticket"].startswith("'=cmd|")


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@a", "\t=1", " =1", "\r=1", "\n=1", "＝1", "|a", "%a", "\ta"]
)
def test_what_begins_like_a_formula_is_guarded(text: str) -> None:
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "1", "é", "'a"])
def test_other_cells_are_as_they_are(text: str) -> None:
    assert guarded(text) == text


def test_no_cell_commands_a_terminal() -> None:
    assert guarded("a\x1b[31mb\x07\n") == "a\ufffd[31mb\ufffd\n"
