"""Which values are masked: the one that belongs to a key's name, whatever its shape, and no other."""

from __future__ import annotations

import pytest

from openai_phi.facts.signatures import MASK, signatures
from openai_phi.text.redaction import Redactor

ODD = "a1b2c3d4e5f6a7b8"


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor(signatures())


def masked(redactor: Redactor, *texts: str) -> list[str]:
    return [text for _, text in redactor.lines(list(enumerate(texts, 1)))]


@pytest.mark.parametrize("name", ["name: OPENAI_API_KEY", '"name": "OPENAI_API_KEY",'])
def test_only_the_next_value_after_a_name_is_masked(redactor: Redactor, name: str) -> None:
    """What follows belongs to another: a probe's header, a label, an annotation."""
    said = [name, f"value: {ODD}", "port: 80", "value: the-next-one", f"value: {ODD}"]
    assert masked(redactor, *said) == [name, f"value: {MASK}", *said[2:]]


def test_lines_between_a_name_and_its_value_change_nothing(redactor: Redactor) -> None:
    said = ["name: OPENAI_API_KEY", "# rotated in May", f"value: {ODD}", "value: open"]
    assert masked(redactor, *said) == [*said[:2], f"value: {MASK}", "value: open"]


def test_another_name_in_between_ends_the_wait(redactor: Redactor) -> None:
    said = ["name: OPENAI_API_KEY", "name: LOG_LEVEL", f"value: {ODD}"]
    assert masked(redactor, *said) == said


ADMIN = ["OPENAI_ADMIN_KEY", "OPENAI_ADMIN_API_KEY", "CLINIC_OPENAI_ADMIN_KEY", "openai_admin_key"]
SHAPES = [ODD, "hunter2", "1234567890", "correct horse battery staple", "sk-" + "admin-x"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ADMIN)
def test_a_variable_named_for_an_admin_key_is_masked_whatever_its_shape(
    redactor: Redactor, name: str, shape: str
) -> None:
    assert redactor.text(f'{name} = "{shape}"') == f"{name} = {MASK}"
    assert redactor.data({name: shape}) == {name: MASK}
    assert redactor.data([{"name": name, "value": shape}]) == [{"name": name, "value": MASK}]
    assert masked(redactor, f"name: {name}", f'value: "{shape}"')[1] == f"value: {MASK}"


@pytest.mark.parametrize("shape", SHAPES[:4])
@pytest.mark.parametrize("name", ["ADMIN_NAME", "OPENAI_ADMIN_MAIL", "LOG_KEY"])
def test_a_variable_named_for_something_else_is_shown(
    redactor: Redactor, name: str, shape: str
) -> None:
    assert redactor.text(f'{name} = "{shape}"') == f'{name} = "{shape}"'
    assert redactor.data({name: shape}) == {name: shape}
