"""The control mapping: every citation of a rule is in it, and it fits its schema."""

from __future__ import annotations

import pytest
from pages import rules

from openai_phi.facts.controls import controls
from openai_phi.facts.data_files import load_yaml, schema_root, validator
from openai_phi.finding.rule import Rule

RULES = rules()


def test_the_file_fits_its_schema() -> None:
    data = load_yaml(schema_root() / "controls.yaml")
    assert [e.message for e in validator("controls.schema.json").iter_errors(data)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_every_citation_of_a_rule_is_a_control(rule: Rule) -> None:
    assert rule.law, "a rule cites what it rests on"
    assert [c for c in rule.law if c not in controls().by_citation] == []


def test_every_control_is_cited_or_stands_for_one_that_is() -> None:
    cited = {c for r in RULES for c in r.law}
    roles = controls().by_role.values()
    assert {c for own in roles for c in own} <= cited
    assert set(controls().by_citation) == cited | {c for own in roles for c in own.values()}


@pytest.mark.parametrize("framework", ["hipaa", "gdpr", "soc2"])
def test_every_framework_is_cited(framework: str) -> None:
    found = (c.framework.id for r in RULES for c in controls().of(r.law))
    assert framework in found


# the Security Standards Matrix, Appendix A to Subpart C of 45 CFR Part 164
ADDRESSABLE = """
308(a)(3)(ii)(A) 308(a)(3)(ii)(B) 308(a)(3)(ii)(C) 308(a)(4)(ii)(B) 308(a)(4)(ii)(C)
308(a)(5)(ii)(A) 308(a)(5)(ii)(B) 308(a)(5)(ii)(C) 308(a)(5)(ii)(D) 308(a)(7)(ii)(D) 308(a)(7)(ii)(E)
310(a)(2)(i) 310(a)(2)(ii) 310(a)(2)(iii) 310(a)(2)(iv) 310(d)(2)(iii) 310(d)(2)(iv)
312(a)(2)(iii) 312(a)(2)(iv) 312(c)(2) 312(e)(2)(i) 312(e)(2)(ii)
"""
REQUIRED = """
308(a)(1)(ii)(A) 308(a)(1)(ii)(B) 308(a)(1)(ii)(C) 308(a)(1)(ii)(D) 308(a)(2) 308(a)(4)(ii)(A)
308(a)(6)(ii) 308(a)(7)(ii)(A) 308(a)(7)(ii)(B) 308(a)(7)(ii)(C) 308(a)(8) 308(b)(3)
310(b) 310(c) 310(d)(2)(i) 310(d)(2)(ii) 312(a)(2)(i) 312(a)(2)(ii) 312(b) 312(d)
"""


def test_required_and_addressable_are_as_the_matrix_has_them() -> None:
    matrix = dict.fromkeys(ADDRESSABLE.split(), "addressable")
    matrix |= dict.fromkeys(REQUIRED.split(), "required")
    told = {
        c.citation.removeprefix("45 CFR 164."): c.asks
        for c in controls().by_citation.values()
        if c.citation.startswith(("45 CFR 164.308", "45 CFR 164.310", "45 CFR 164.312"))
    }
    assert told == {citation: matrix.get(citation, "standard") for citation in told}


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
    assert known["45 CFR 164.502(e)(1)(i)"].asks == "standard"


def test_an_unknown_citation_is_left_out_once_known_ones_come_once() -> None:
    found = controls().of(("SOC 2 CC9.2", "SOC 2 CC9.2", "made up"))
    assert [c.citation for c in found] == ["SOC 2 CC9.2"]


def test_identifiers_of_nist_stand_beside_every_paragraph_of_the_security_rule() -> None:
    known = controls()
    rule = (
        "45 CFR 164.308",
        "45 CFR 164.310",
        "45 CFR 164.312",
        "45 CFR 164.314",
        "45 CFR 164.316",
    )
    assert set(known.nist) == {c for c in known.by_citation if c.startswith(rule)}
    said = known.nist["45 CFR 164.312(e)(2)(ii)"]
    assert said == "800-66r2 164.312(e)(1); 800-53r5 SC-8, SC-13 (unconfirmed)"
