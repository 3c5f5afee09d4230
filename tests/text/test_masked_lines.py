"""What a line looks like once its key is masked: only the value is another, its quotes and all beside it stay."""

from __future__ import annotations

import pytest

from openai_phi.facts.signatures import MASK, signatures
from openai_phi.text.redaction import Redactor

ODD = "a1b2c3d4e5f6a7b8"


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor(signatures())


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("between", [": ", " = ", "="])
def test_a_pair_among_others_keeps_its_name_its_quotes_and_its_neighbours(
    redactor: Redactor, quote: str, between: str
) -> None:
    line = f"env {{ A = {quote}1{quote}, OPENAI_API_KEY{between}{quote}%s{quote}, B = 2 }}"
    assert redactor.text(line % ODD) == line % MASK


@pytest.mark.parametrize("value", ["", "var.key", "$(KEY)", "${var.key}", "<from the vault>"])
def test_a_pair_whose_value_is_no_literal_is_unchanged(redactor: Redactor, value: str) -> None:
    line = f'env {{ A = "1", OPENAI_API_KEY = "{value}", B = 2 }}'
    assert redactor.text(line) == line


@pytest.mark.parametrize("value", ["$(KEY)", "var.key", '"${var.key}"'])
def test_a_value_after_its_name_that_is_no_literal_is_unchanged(
    redactor: Redactor, value: str
) -> None:
    lines = [(1, "- name: OPENAI_API_KEY\n"), (2, f"  value: {value}\n")]
    assert redactor.lines(lines) == lines


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("OPENAI_API_KEY", True),
        ("sk-", True),
        ("redis://cache", True),
        ("the model of openai", True),
        ("port: 80", False),
        ("", False),
    ],
)
def test_each_sign_of_a_key_alone_makes_a_text_worth_masking(
    redactor: Redactor, text: str, worth: bool
) -> None:
    assert redactor.may_hold_a_key(text) is worth
