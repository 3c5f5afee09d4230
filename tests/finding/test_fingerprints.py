"""Fingerprints stay what they are: a finding that users know is not told as a new one."""

from __future__ import annotations

import pytest
from fingerprints import cases, fingerprints, known

RECORDED = known()
CASES = cases()


def test_every_recorded_case_is_there() -> None:
    assert set(RECORDED) <= set(CASES)
    assert sum(map(len, RECORDED.values())) > 150


@pytest.mark.parametrize("case", CASES)
def test_fingerprints_stay(case: str) -> None:
    """One that is new is added by scripts/fingerprints.py; none that stands there may go."""
    assert fingerprints(CASES[case]) == RECORDED.get(case, [])
