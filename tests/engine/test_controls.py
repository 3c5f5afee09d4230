"""The control mapping: every citation of a rule is in it, and it fits its schema."""

from __future__ import annotations

import pytest
from pages import rules

from openai_phi.controls import controls
from openai_phi.data_files import load_yaml, schema_root, validator
from openai_phi.rule import Rule

RULES = rules()


def test_the_file_fits_its_schema() -> None:
    data = load_yaml(schema_root() / "controls.yaml")
    assert [e.message for e in validator("controls.schema.json").iter_errors(data)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_every_citation_of_a_rule_is_a_control(rule: Rule) -> None:
    assert rule.law, "a rule cites what it rests on"
    assert [c for c in rule.law if c not in controls().by_citation] == []


def test_controls_have_tokens_of_their_own() -> None:
    tokens = [c.token for c in controls().by_citation.values()]
    assert len(set(tokens)) == len(tokens)
    known = controls().by_citation
    assert known["45 CFR 164.502(e)(1)(i)"].token == "hipaa-164.502.e.1.i"
    assert known["GDPR Art. 5(1)(e)"].token == "gdpr-5.1.e"
    assert known["SOC 2 CC9.2"].token == "soc2-CC9.2"


def test_an_addressable_specification_is_called_so() -> None:
    known = controls().by_citation
    assert known["45 CFR 164.312(e)(2)(ii)"].label.endswith("encryption (addressable)")
    assert known["45 CFR 164.502(e)(1)(i)"].asks == "required"


def test_an_unknown_citation_is_left_out_once_known_ones_come_once() -> None:
    found = controls().of(("SOC 2 CC9.2", "SOC 2 CC9.2", "made up"))
    assert [c.citation for c in found] == ["SOC 2 CC9.2"]
