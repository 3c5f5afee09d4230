"""Limited data sets, records under 42 CFR Part 2 and psychotherapy notes are PHI; an agreement for the first is enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic import COMPLIANCE, POLICY, WORKLOAD
from command import started
from openai_phi.facts.signatures import signatures
from openai_phi.scanning.scan import Options, scan_folder

DUA = "  - {kind: dua, provider: openai, organizations: [org-clinic], signed_on: 2026-10-07}\n"
NO_BAA = POLICY[: POLICY.index("  - {kind: baa")]


def _rules(folder: Path, data: str, policy: str) -> set[str]:
    (folder / "app.yaml").write_text(
        WORKLOAD.replace(", labels: {data-classification: phi}", ""), encoding="utf-8"
    )
    said = COMPLIANCE.replace("data: phi", f"data: {data}")
    (folder / "openai-compliance.yaml").write_text(said, encoding="utf-8")
    (folder / "openai-policy.yaml").write_text(policy, encoding="utf-8")
    found = scan_folder(Options(str(folder), today="2026-11-27")).findings
    return {f.rule for f in found if f.rule.startswith(("OAI_COVERAGE", "OAI_DECLARATION_1"))}


@pytest.mark.parametrize(
    ("data", "policy", "rules"),
    [
        ("limited_data_set", NO_BAA + DUA, set()),
        ("limited_data_set", NO_BAA.replace("agreements:", "agreements: []"), {"OAI_COVERAGE_2"}),
        ("limited_data_set", POLICY, set()),
        ("phi", NO_BAA + DUA, {"OAI_COVERAGE_2"}),
        ("[phi, limited_data_set]", NO_BAA + DUA, {"OAI_COVERAGE_2"}),
        ("part2", NO_BAA + DUA, {"OAI_COVERAGE_2"}),
        ("psychotherapy_notes", NO_BAA + DUA, {"OAI_COVERAGE_2"}),
        ("part2", POLICY, set()),
        ("limited_data_set", NO_BAA + DUA.replace("2026-10-07}", "2026-10-07, expires_on: 2026-11-01}"), {"OAI_COVERAGE_2"}),
    ],
)  # fmt: skip
def test_what_covers_each_class(tmp_path: Path, data: str, policy: str, rules: set[str]) -> None:
    assert _rules(tmp_path, data, policy) == rules


@pytest.mark.parametrize("value", ["part2", "psychotherapy_notes", "limited_data_set"])
def test_a_workload_says_them_of_itself(value: str) -> None:
    marker = signatures().marker("openai-compliance/data", value)
    assert marker
    assert marker.says_phi


@pytest.mark.parametrize(
    ("data", "laws", "first"),
    [
        ("phi", "", "COVERED, agreement attested, settings attested  "),
        ("part2", "", "COVERED, agreement attested, settings attested; not judged: 42 CFR Part 2  "),
        ("psychotherapy_notes", "", "COVERED, agreement attested, settings attested; not judged: 45 CFR 164.508(a)(2)  "),
        ("phi", "laws_not_judged: [Cal. Civ. Code 56]\n", "COVERED, agreement attested, settings attested; not judged: Cal. Civ. Code 56  "),
    ],
)  # fmt: skip
def test_what_is_not_judged_stands_beside_the_verdict(
    tmp_path: Path, data: str, laws: str, first: str
) -> None:
    _rules(tmp_path, data, POLICY + laws)
    lines = started("scan", tmp_path, "--verbose", COLUMNS="200").out.splitlines()
    assert [x for x in lines if x.startswith(f"{first}Deployment.clinic.notes")]
    screen = started("scan", tmp_path).out.splitlines()[0]
    rest = first.strip().partition("; ")[2]
    assert screen.startswith(
        "COVERED   the one PHI workload is covered" + (f"; {rest}" if rest else "  ")
    )


@pytest.mark.parametrize(
    ("format", "said"),
    [
        (
            "markdown",
            "1 covered (agreement attested, settings attested); not judged: 42 CFR Part 2; no findings",
        ),
        (
            "oscal",
            "1 covered (agreement attested, settings attested); not judged: 42 CFR Part 2; no findings",
        ),
        (
            "html",
            "are shown to be covered, agreement attested, settings attested; not judged: 42 CFR Part 2",
        ),
        ("json", '"not_judged": [\n        "42 CFR Part 2"'),
        ("evidence", "covered, agreement attested, settings attested; not judged: 42 CFR Part 2"),
        ("html", "Not judged: 42 CFR Part 2"),
        ("markdown", "covered, agreement attested, settings attested; not judged: 42 CFR Part 2"),
        ("oscal", "covered, agreement attested, settings attested; not judged: 42 CFR Part 2"),
    ],
)
def test_every_report_that_has_a_verdict_names_what_is_not_judged(
    tmp_path: Path, format: str, said: str
) -> None:
    _rules(tmp_path, "part2", POLICY)
    out = started("scan", tmp_path, "-f", format, "-o", "-").out
    assert "".join(said.split()) in "".join(out.split())
    _rules(tmp_path, "phi", POLICY)
    out = started("scan", tmp_path, "-f", format, "-o", "-").out
    assert "42 CFR Part 2" not in out
