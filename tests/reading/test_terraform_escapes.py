"""Letters written as their numbers are read as what they are."""

from __future__ import annotations

import pytest

from openai_phi.reading.terraform.terraform_escapes import of_hcl


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"\u004fPENAI", "OPENAI"),
        (r"\U0000004fPENAI", "OPENAI"),
        (r"a\"b\\c\nd", 'a"b\\c\nd'),
        (r"\\u004f", r"\u004f"),
        (r"https:\/\/x.test", "https://x.test"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ud83d", r"\ud83d"),
        (r"\q", r"\q"),
        ("plain", "plain"),
    ],
)
def test_the_escapes_of_hcl_and_json(written: str, read: str) -> None:
    assert of_hcl(written) == read
