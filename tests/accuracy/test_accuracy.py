"""Every label is found, no look-alike is reported, and every row of the checklist has its cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from accuracy.accuracy import CASES, HERE, LABELS, Label, labels, measure, reported
from openai_phi.reporting.inventory import of_result
from openai_phi.scanning.scan import judge

ROWS = yaml.load((HERE / "rows.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)

OPEN: set[str] = set()
"""Rows without a case so far; one that gets its case must leave this list."""


@pytest.fixture(scope="module")
def found() -> Iterator[Any]:
    """What one scan of all cases reports."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_PHI_TODAY", "2026-11-20")
        patch.delenv("OPENAI_PHI_POLICY", raising=False)
        yield reported(of_result(judge(str(CASES))))


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each row of the checklist with its name."""
    for part, some in ROWS.items():
        yield from ((f"{part}.{name}", row) for name, row in some.items())


def around(label: Label) -> str:
    """The line that a label speaks of, below the few that say what it stands in."""
    text = (CASES / label.spot.file).read_text(encoding="utf-8")
    return "\n".join(text.splitlines()[max(label.spot.line - 12, 0) : label.spot.line])


def test_recall_and_false_alarms(found: Any) -> None:
    result = measure(found, labels())
    print(f"\n{result.table()}")
    assert result.missed == ()
    assert result.hinted == ()
    assert result.false_alarms == ()


def test_a_wrong_label_is_seen(found: Any) -> None:
    """The harness itself: a line that nothing reports, a hint that must be firm, an unlabelled report."""
    wanted = labels()
    firm = next(x for x in wanted if x.expect == "yes")
    moved = replace(firm, spot=replace(firm.spot, line=firm.spot.line + 10_000))
    assert measure(found, [*wanted, moved]).missed == (moved,)
    without = measure(found, [x for x in wanted if x.spot != firm.spot])
    assert without.false_alarms == (firm.spot,)
    assert measure({**found, firm.spot: False}, wanted).hinted == (firm,)
    denied = [replace(x, expect="no") if x.spot == firm.spot else x for x in wanted]
    assert measure(found, denied).false_alarms == (firm.spot,)


def test_a_label_must_hold_its_text(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "names.yaml").write_text(
        "- {file: openai.yaml, line: 1, kind: use, expect: 'yes', text: OPENAI_API_KEY}\n"
    )
    monkeypatch.setattr("accuracy.accuracy.LABELS", tmp_path)
    with pytest.raises(ValueError, match="does not hold"):
        labels()


@pytest.mark.parametrize(("name", "row"), list(rows()), ids=[name for name, _ in rows()])
def test_every_row_has_a_case(
    name: str, row: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    if name in OPEN:
        request.applymarker(pytest.mark.xfail(strict=True, reason="nothing reads it yet"))
    assert row["says"].endswith(".")
    assert row["cases"], f"{name} has no case"
    held = [around(x) for x in labels(row["cases"])]
    assert held, f"{name} has no label"
    missing = [s for s in row.get("spellings", ()) if not any(s in lines for lines in held)]
    assert missing == []


def test_every_case_is_in_a_row() -> None:
    named = {case for _, row in rows() for case in row["cases"]}
    assert {p.name for p in CASES.iterdir()} == named
    assert {p.stem for p in LABELS.glob("*.yaml")} == named
