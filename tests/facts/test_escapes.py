"""A filter over raw text holds for every spelling that is read as the same."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

import pytest

from openai_phi.facts.escapes import unescaped
from openai_phi.facts.signatures import signatures

NAMES = signatures()
SPELLINGS: dict[str, Callable[[str], str]] = {
    "YAML, two digits": lambda c: f"\\x{ord(c):02x}",
    "four digits": lambda c: f"\\u{ord(c):04X}",
    "eight digits": lambda c: f"\\U{ord(c):08x}",
    "Bicep": lambda c: f"\\u{{{ord(c):x}}}",
    "a URL": lambda c: f"%{ord(c):02X}",
    "a line that goes on": lambda c: f"\\\n    {c}",
    "as it is": lambda c: c,
}


@pytest.mark.parametrize("seed", range(40))
def test_a_word_speaks_however_its_letters_are_spelled(seed: int) -> None:
    word, chance = "OPENAI_API_KEY", random.Random(seed)
    spellings = [chance.choice(sorted(SPELLINGS)) for _ in word]
    text = "".join(SPELLINGS[s](c) for s, c in zip(spellings, word, strict=True))
    assert word in unescaped(f'name: "{text}"')
    assert NAMES.speaks(f'name: "{text}"')
    assert NAMES.openai_word(f'name: "{text}"')


def test_what_is_tagged_as_binary_speaks() -> None:
    packed = base64.b64encode(b"OPENAI_API_KEY").decode()
    assert NAMES.speaks(f"- name: !!binary {packed}\n")
    assert NAMES.speaks(f"- name: !<tag:yaml.org,2002:binary> '{packed}'\n")


@pytest.mark.parametrize("text", ["plain", "100% of it", "a\\b", "\\xZZ", "!!binary"])
def test_a_text_without_escapes_stays_as_it_is(text: str) -> None:
    assert unescaped(text) is text


def test_a_host_is_read_as_a_client_reads_it() -> None:
    host = NAMES.host("https://api%2Eopen%61i.com/v1")
    assert host is not None
    assert (host.host, host.provider) == ("api.openai.com", "openai")
