"""Every rule has examples that are bad, good and unknown; each folder reports just what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from book import books, statements
from pages import DOCS, README, pages, readme, rules
from snapshots import said

from inprocess import found
from openai_phi.facts.data_files import load_yaml, schema_root, validator

EXAMPLES = Path(__file__).resolve().parent.parent / "rules"
EXPECTED: dict[str, list[str]] = yaml.safe_load((EXAMPLES / "expected.yaml").read_text())


@pytest.mark.parametrize("example", sorted(EXPECTED))
def test_example_reports_just_this_in_these_words(example: str) -> None:
    records = found(EXAMPLES / example)
    assert sorted(f"{r.check_id} {r.resource}" for r in records) == sorted(EXPECTED[example])
    file = EXAMPLES / f"{example}.txt"
    written = file.read_text(encoding="utf-8") if file.exists() else ""
    assert said(records) == written, f"run: python scripts/snapshots.py {example.split('/')[0]}"


def test_nothing_is_kept_of_what_an_example_once_said() -> None:
    kept = {str(f.relative_to(EXAMPLES).with_suffix("")) for f in EXAMPLES.glob("*/*.txt")}
    assert kept == {example for example, findings in EXPECTED.items() if findings}


def test_every_rule_has_examples_of_each_kind() -> None:
    names = {f"{r.name}/{kind}" for r in rules() for kind in ("bad", "good", "unknown")}
    assert names == set(EXPECTED)


def test_bad_examples_show_their_own_rule_and_good_ones_nothing() -> None:
    for rule in rules():
        assert any(e.startswith(f"{rule.id} ") for e in EXPECTED[f"{rule.name}/bad"])
        assert EXPECTED[f"{rule.name}/good"] == []


def test_pages_are_what_their_sources_say() -> None:
    on_disk = {f.name: f.read_text(encoding="utf-8") for f in DOCS.glob("*.md")}
    assert on_disk == pages(), "run: python scripts/pages.py"
    text = README.read_text(encoding="utf-8")
    assert readme(text) == text, "run: python scripts/pages.py"


def test_the_book_is_what_its_sources_say() -> None:
    for path, text in books().items():
        assert path.read_text(encoding="utf-8") == text, "run: python scripts/pages.py"


def test_statements_fit_their_schema_and_name_rules_that_are_there() -> None:
    data = load_yaml(schema_root() / "terms.yaml")
    assert list(validator("terms.schema.json").iter_errors(data)) == []
    known = {r.id for r in rules()}
    assert {r for s in statements() for r in s["rules"]} <= known
    ids = [s["id"] for s in statements()]
    assert len(ids) == len(set(ids))


# what a privacy review asks of each provider's terms
ASKED = """
openai training thirty-days zdr access files fine-tuning baa dpa soc2 at-rest in-transit residency
openai web-search mcp psp minimum-necessary legal-hold
azure training abuse-monitoring access state fine-tuning baa dpa soc2 at-rest in-transit skus
azure grounding mcp previews
"""


def test_every_statement_that_a_review_asks_about_is_there() -> None:
    asked = {f"{p}-{t}" for p, *topics in map(str.split, ASKED.split("\n")[1:-1]) for t in topics}
    assert asked <= {s["id"] for s in statements()}


@pytest.mark.parametrize("rule", rules(), ids=lambda r: r.id)
def test_form_of_a_rule(rule: object) -> None:
    from openai_phi.finding.rule import Rule

    assert isinstance(rule, Rule)
    assert rule.severity in ("LOW", "MEDIUM", "HIGH", "CRITICAL")
    assert rule.title.startswith("Ensure that ")
    assert rule.why.endswith(".")
    assert rule.law
    assert rule.prove.endswith(".")
    assert rule.page.endswith(f"/docs/rules/{rule.name}.md")
