"""Patterns that are compiled at their first use are as those that are compiled at once."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from typing import Any

import pytest

from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.destination_words import destination_words
from openai_phi.facts.late_patterns import late
from openai_phi.facts.signatures import signatures


def test_it_finds_what_the_compiled_pattern_finds() -> None:
    pattern = late("(a)(?P<more>b+)", re.IGNORECASE)
    found = pattern.fullmatch("ABB")
    assert found is not None
    assert (found[1], found["more"]) == ("A", "BB")
    assert pattern.sub("-", "xabx") == "x-x"
    assert pattern.pattern == "(a)(?P<more>b+)"
    assert pattern.search("none") is None


def test_a_broken_pattern_is_told_at_its_first_use() -> None:
    broken = late("(")
    with pytest.raises(re.error):
        broken.search("text")


def test_it_has_nothing_that_a_pattern_has_not() -> None:
    with pytest.raises(AttributeError, match="fulmatch"):
        late("a").fulmatch("a")  # type: ignore[attr-defined]


def test_it_is_the_same_in_another_process() -> None:
    pattern = late("a+", re.DOTALL)
    pattern.search("used before")
    again = pickle.loads(pickle.dumps(pattern))
    assert again == pattern
    assert hash(again) == hash(pattern)
    assert again.fullmatch("aaa")


def _patterns(node: Any, seen: set[int]) -> Iterator[Any]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, (re.Pattern, type(late("")))):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _patterns(value, seen)
    elif isinstance(node, (list, tuple, set, frozenset)):
        for value in node:
            yield from _patterns(value, seen)
    elif type(node).__module__.startswith("openai_phi."):
        fields = getattr(type(node), "__slots__", None) or vars(node)
        for name in fields:
            yield from _patterns(getattr(node, name), seen)


@pytest.mark.parametrize("data", [signatures, load_catalogue, destination_words])
def test_every_pattern_of_the_data_compiles(data: Any) -> None:
    found = list(_patterns(data(), set()))
    assert len(found) > 5
    for pattern in found:
        pattern.search("")
