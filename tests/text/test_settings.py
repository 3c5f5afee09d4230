"""What is a setting: arguments whose flag stands before them too."""

from __future__ import annotations

from typing import Any

import pytest

from openai_phi.text.settings import Walk, walk


def set_by(config: Any) -> list[tuple[str, object]]:
    how = Walk(lambda path: 1, lambda text: "openai" in text)
    return [(s.name, s.value) for s in walk(config, how) if s.role == "env"]


@pytest.mark.parametrize(
    "config",
    [
        {"args": ["serve", "--openai-api-key", "$(K)"]},
        {"command": ["serve", "-openai-api-key", "$(K)", "--verbose"]},
        {"command": "serve --openai-api-key $(K) --verbose"},
        {"command": ["sh", "-c", "serve --openai-api-key $(K"]},
    ],
)
def test_a_flag_and_the_item_after_it_are_one_setting(config: Any) -> None:
    assert [n for n, _ in set_by(config)] == ["openai-api-key"]


@pytest.mark.parametrize(
    "config",
    [
        {"args": ["--openai-api-key", "--verbose"]},
        {"paragraphs": ["--openai-api-key", "is a flag"]},
        {"description": "give --openai-api-key KEY"},
    ],
)
def test_two_flags_and_words_are_none(config: Any) -> None:
    assert not set_by(config)
