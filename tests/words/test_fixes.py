"""A fix as data: how it is told, and what its additions are once their blanks are filled in."""

from __future__ import annotations

import pytest
import yaml

from openai_phi.words.fixes import (
    ANYTHING,
    DAY,
    ORGANIZATION,
    PROJECT,
    SOME_DAY,
    Actor,
    Declares,
    Fix,
    Secret,
    Value,
    added,
    scalar,
)


@pytest.mark.parametrize(
    "text",
    [
        "Deployment.clinic.notes", "Microsoft.Web/sites.[parameters('name')]", 'f["night"]', "a, b", "{a: b}",
        "x # y", "- x", "a: b", "host:8443", "*", "&a", "!t", "%", "@x", "", " x ", "Null", "12", "1e3", "2026-01-01",
        "a\nb", 'say "x"', "é\u2028", "/v1/responses", "…", ".checkov.yaml", ".inf", ".5",
    ],
)  # fmt: skip
def test_what_is_pasted_is_read_as_the_same_text(text: str) -> None:
    line = f"- {{match: {scalar(text)}, data: none}}"
    assert len(line.splitlines()) == 1
    assert yaml.safe_load(line) == [{"match": text, "data": "none"}]


AGREEMENT: dict[str, Value] = {
    "kind": "baa",
    "organizations": (ORGANIZATION,),
    "terms": ANYTHING,
    "signed_on": DAY,
    "approved_on": SOME_DAY,
}
KEY: dict[str, Value] = {"project": PROJECT, "kubernetes": Secret("clinic/key")}
POLICY = (
    added(Declares.POLICY, "agreements", AGREEMENT),
    added(Declares.POLICY, "agreements", {"kind": "yes"}, "or no"),
    added(Declares.POLICY, "credentials", KEY),
)
LINES = [
    "agreements:",
    "  - {kind: baa, organizations: [org-…], terms: …, signed_on: YYYY-MM-DD, approved_on: …}",
    '  - {kind: "yes"}   # or no',
    "credentials:",
    '  - {project: proj_…, kubernetes: "clinic/key"}',
]


@pytest.mark.parametrize(
    ("fix", "lines"),
    [
        (Fix(what="Stop the flow."), ["Stop the flow."]),
        (Fix(who=Actor.TEAM, what="stop it."), ["Team: stop it."]),
        (Fix(who=Actor.TEAM, what="set:", code=("  a: 1",), after="Look."), ["Team: set:", "  a: 1", "Look."]),
        (Fix(who=Actor.COMPLIANCE, additions=POLICY), ["Compliance, in openai-policy.yaml:", *LINES]),
        (
            Fix(who=Actor.COMPLIANCE, additions=POLICY, choice=True),
            ["Compliance, in openai-policy.yaml, what is true of these:", *LINES],
        ),
        (
            Fix(who=Actor.COMPLIANCE, what="record it:", additions=POLICY, whole=True),
            ["Compliance: record it:", "version: 1", *LINES],
        ),
    ],
)  # fmt: skip
def test_a_fix_is_told_line_by_line(fix: Fix, lines: list[str]) -> None:
    assert list(fix.lines()) == lines


def test_additions_are_the_same_as_data_and_as_lines() -> None:
    filled = [a.as_if("2026-11-20") for a in POLICY]
    assert filled == [
        {
            "kind": "baa",
            "organizations": ["org-blank"],
            "terms": "x",
            "signed_on": "2026-11-20",
            "approved_on": "2026-11-20",
        },
        {"kind": "yes"},
        {"project": "proj_blank", "kubernetes": "clinic/key"},
    ]
    told = yaml.load("\n".join(Fix(additions=POLICY, whole=True).yaml()), Loader=yaml.BaseLoader)
    written = [*told["agreements"], *told["credentials"]]
    assert [list(e) for e in written] == [list(e) for e in filled]
    assert written[1:] == [{"kind": "yes"}, {"project": "proj_…", "kubernetes": "clinic/key"}]
