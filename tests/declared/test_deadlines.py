"""What falls due: agreements, reviews, reports and exceptions, on which day and at which line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from openai_phi.declared.agreements import Agreement, AuditReport
from openai_phi.declared.deadlines import deadlines
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.exceptions import ExceptionEntry
from openai_phi.declared.policy_file import Policy
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.signatures import signatures
from openai_phi.verdicts.analysis import Inputs, analyse
from openai_phi.words.places import Place

TODAY = date(2026, 11, 20)
P = "openai-policy.yaml"


def policy(*agreements: Agreement, reports: tuple[AuditReport, ...] = ()) -> Policy:
    return Policy(file=P, agreements=agreements, reports=reports)


def agreement(every: int | None = None, **dates: str) -> Agreement:
    return Agreement(
        kind="baa",
        provider="openai",
        organizations=("org-a",),
        dates=dates,
        review_every=every,
        place=Place(P, 3),
    )


# what is declared, and the days before which it is due: None where it is not said
AGREEMENTS: dict[str, tuple[Agreement, str | None]] = {
    "ends today": (agreement(expires_on="2026-11-20"), "2026-11-20"),
    "ends in 30 days": (agreement(expires_on="2026-12-20"), "2026-12-20"),
    "ends in 31 days": (agreement(expires_on="2026-12-21"), None),
    "ended, which COVERAGE_2 tells": (agreement(expires_on="2026-11-19"), None),
    "ends on no date, which DECLARATION_1 tells": (agreement(expires_on="soon"), None),
    "does not end": (agreement(signed_on="2026-01-01"), None),
    "review in 30 days": (agreement(30, signed_on="2026-11-20"), "2026-12-20"),
    "review in 31 days": (agreement(31, signed_on="2026-11-20"), None),
    "review since the last one": (
        agreement(30, signed_on="2020-01-01", reviewed_on="2026-11-01"), "2026-12-01",
    ),
    "review overdue goes on": (agreement(30, approved_on="2026-01-01"), "2026-01-31"),
}  # fmt: skip


@pytest.mark.parametrize("case", AGREEMENTS)
def test_agreements(case: str) -> None:
    given, day = AGREEMENTS[case]
    found = deadlines(Declarations(policy=policy(given)), (), TODAY)
    assert [(str(d.day), d.place) for d in found] == ([(day, Place(P, 3))] if day else [])


@pytest.mark.parametrize(
    ("ended", "told"), [("2025-12-20", True), ("2025-12-21", False), ("2024-01-01", True)]
)
def test_a_report_is_due_for_its_successor_after_a_year(ended: str, told: bool) -> None:
    given = policy(
        reports=(
            AuditReport(kind="soc2_type2", provider="openai", period_end=ended, place=Place(P, 9)),
        )
    )
    assert [d.place for d in deadlines(Declarations(policy=given), (), TODAY)] == (
        [Place(P, 9)] * told
    )


@pytest.mark.parametrize(
    ("approved", "days", "told"),
    [
        ("", 0, True),
        ("", 30, True),
        ("", 31, False),
        ("2026-11-19", 30, True),
        ("2026-11-19", 29, False),
        ("2026-11-19", 8, False),
        ("2026-11-19", 7, True),
    ],
)
def test_exceptions_end_and_short_ones_are_told_later(approved: str, days: int, told: bool) -> None:
    entry = ExceptionEntry(
        rule="OAI_COVERAGE_3",
        resource="x",
        kind="accepted",
        reason="y",
        place=Place("openai-compliance.yaml", 4),
    )
    entry = replace(entry, approved_on=approved, expires_on=(TODAY + timedelta(days)).isoformat())
    found = deadlines(Declarations(), (entry,), TODAY)
    assert [d.place for d in found] == ([Place("openai-compliance.yaml", 4)] * told)


@pytest.mark.parametrize(
    ("day", "pinned", "stale"),
    [
        ("2027-04-06", None, []),
        ("2027-04-07", None, ["2026-10", "2026-10"]),
        ("2024-08-24", None, []),
        ("2024-08-25", None, ["2024-02"]),
        ("2026-11-20", "2024-02", ["2024-02"]),
        ("2026-11-20", "2026-10", []),
    ],
)
def test_editions_past_their_review(day: str, pinned: str | None, stale: list[str]) -> None:
    declared = Declarations(policy=replace(policy(), edition=pinned))
    inputs = Inputs([], declared, load_catalogue(), signatures(), date.fromisoformat(day))
    assert [e.id for e in analyse(inputs).stale_editions] == stale
