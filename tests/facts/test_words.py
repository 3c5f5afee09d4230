"""Whether a text holds one of the words: quick by its tokens, and never another answer than by looking."""

from __future__ import annotations

import random

import pytest

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.signatures import Words

DATA = [
    load_yaml(schema_root() / "signatures" / f"{name}.yaml")
    for name in ("openai", "phi", "receivers", "transport", "storage", "destinations")
]
ALL = [word for data in DATA for word in data["prefilter"]]
WORDS = Words(ALL, ["phi"])


@pytest.mark.parametrize("word", ALL)
@pytest.mark.parametrize("around", ["{}", "x{}y", "A_{}-b", '"{}"', "no\n  - {}: 1\n", "ü{}é"])
def test_each_word_is_found_wherever_it_stands(word: str, around: str) -> None:
    assert WORDS.within(around.format(word))
    assert WORDS.within(around.format(word.upper()))


def test_the_answer_is_that_of_looking_for_each() -> None:
    draw = random.Random(7)
    pieces = [
        *ALL[::3],
        "open",
        "ai",
        "_",
        "-",
        ".",
        "/",
        " ",
        "\n",
        "git",
        "hub",
        "x1",
        "ß",
        "%20",
    ]
    quick = Words(ALL)
    for _ in range(4_000):
        text = "".join(draw.choices(pieces, k=draw.randrange(1, 9)))
        parts = [text[: len(text) // 2], text[1:], text[:-1]]
        for part in parts:
            assert quick.within(part) == any(word in part.lower() for word in ALL), part


def test_many_tokens_are_forgotten_and_answers_stay() -> None:
    words = Words(["needle"])
    for n in range(60_000):
        assert not words.within(f"token{n}")
    assert words.within("a needle9")
    assert not words.within("token1")
