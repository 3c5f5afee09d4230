"""Exceptions: every way in which one holds or does not, what it takes out, and what it leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pages import rules

from inprocess import RUNNERS, reports
from openai_phi.declared.declared_limits import Limits
from openai_phi.declared.exceptions import ExceptionEntry, FaultKind, exception_facts
from openai_phi.facts.controls import controls
from openai_phi.finding.results import Result, result_of
from openai_phi.plugin import bridge
from openai_phi.words.found import Exempt
from openai_phi.words.places import Place

TODAY = date(2026, 11, 20)
APPROVER = "compliance@clinic.example"
VALID = ExceptionEntry(
    rule="OAI_COVERAGE_9", resource="Deployment.a.notes*", kind="accepted", reason="why", place=Place("openai-compliance.yaml", 3),
    owner="team@clinic.example", ticket="T-1", approved_by=APPROVER,
    approved_on="2026-11-01", expires_on="2026-12-31",
)  # fmt: skip
PLAN = replace(VALID, rule="OAI_COVERAGE_1", expires_on="2026-12-01")
ADDRESSABLE = replace(VALID, rule="OAI_STORAGE_1")
EMERGENCY = replace(
    PLAN, kind="emergency", incident="INC-7", ticket="", owner="",
    approved_on="2026-11-19", expires_on="2026-11-22",
)  # fmt: skip

# entry, days that the policy allows -> the kind of fault, or "" if it holds
STATES: dict[str, tuple[ExceptionEntry, int | None, str]] = {
    "holds": (VALID, None, ""),
    "last day": (replace(VALID, expires_on="2026-11-20"), None, ""),
    "day after": (replace(VALID, expires_on="2026-11-19"), None, "expired"),
    "no date to expire": (replace(VALID, expires_on=""), None, "expired"),
    "expires on no date": (replace(VALID, expires_on="2026-02-30"), None, "expired"),
    "approved on no date": (replace(VALID, approved_on="soon"), None, "expired"),
    "approved tomorrow": (replace(VALID, approved_on="2026-11-21"), None, "unapproved"),
    "approved by another": (replace(VALID, approved_by="me@clinic.example"), None, "unapproved"),
    "approved by nobody": (replace(VALID, approved_by=""), None, "unapproved"),
    "as long as allowed": (VALID, 60, ""),
    "a day too long": (VALID, 59, "invalid"),
    "schema": (replace(VALID, faults=("lacks owner",)), None, "invalid"),
    "of an exception's own rule": (replace(VALID, rule="OAI_DECLARATION_5"), None, "invalid"),
    "plan of 30 days": (PLAN, None, ""),
    "plan of 31 days": (replace(PLAN, expires_on="2026-12-02"), None, "invalid"),
    "plan without ticket": (replace(PLAN, ticket=" "), None, "invalid"),
    "plan without owner": (replace(PLAN, owner=""), None, "invalid"),
    "plan renewed within its days": (
        replace(PLAN, first_accepted_on="2026-10-25", expires_on="2026-11-24"), None, "",
    ),
    "plan renewed beyond its days": (
        replace(PLAN, first_accepted_on="2026-10-25", expires_on="2026-11-25"), None, "invalid",
    ),
    "plan that moves its first day": (
        replace(PLAN, first_accepted_on="2026-11-15", expires_on="2026-12-02"), None, "invalid",
    ),
    "unproven for a quarter": (replace(VALID, expires_on="2027-01-30"), None, ""),
    "unproven for longer": (replace(VALID, expires_on="2027-01-31"), None, "invalid"),
    "unproven as long as the policy says": (replace(VALID, expires_on="2027-01-31"), 91, ""),
    "unproven without ticket": (replace(VALID, ticket=""), None, "invalid"),
    "another rule without ticket": (
        replace(VALID, rule="OAI_EGRESS_1", ticket="", expires_on="2027-10-01"), None, "",
    ),
    "what was not read, by a pattern": (
        replace(VALID, rule="OAI_SCAN_1", resource="charts/legacy*"), None, "invalid",
    ),
    "what was not read, by its name": (
        replace(VALID, rule="OAI_SCAN_1", resource="charts/legacy/a.yaml"), None, "",
    ),
    "emergency": (EMERGENCY, None, ""),
    "emergency, a day longer": (replace(EMERGENCY, expires_on="2026-11-23"), None, "invalid"),
    "emergency from an earlier first day": (
        replace(EMERGENCY, first_accepted_on="2026-11-18"), None, "invalid",
    ),
    "emergency without its incident": (replace(EMERGENCY, incident=" "), None, "invalid"),
    "emergency for a literal key": (replace(EMERGENCY, rule="OAI_SECRET_1"), None, "invalid"),
    "emergency that is over": (
        replace(EMERGENCY, approved_on="2026-11-16", expires_on="2026-11-19"), None, "expired",
    ),
    "correction of a required standard": (
        replace(PLAN, kind="correction", proof="LEGAL-4", expires_on="2026-12-31"), None, "",
    ),
    "correction without proof": (replace(VALID, kind="correction"), None, "invalid"),
    "addressable without why": (ADDRESSABLE, None, "invalid"),
    "addressable with why alone": (replace(ADDRESSABLE, why_not="x"), None, "invalid"),
    "addressable with both": (
        replace(ADDRESSABLE, why_not="x", equivalent_measure="y"), None, "",
    ),
    "unread without a day of approval": (
        replace(VALID, rule="OAI_SCAN_1", unread=True, approved_on=""), 41, "",
    ),
    "unread for too long from today": (
        replace(VALID, rule="OAI_SCAN_1", unread=True, approved_on=""), 40, "invalid",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STATES)
def test_state_of_an_exception(case: str) -> None:
    entry, days, kind = STATES[case]
    found = entry.fault(TODAY, Limits(approvers=(APPROVER,), max_exception_days=days))
    assert (found.kind.value if found else "") == kind


def test_without_approvers_none_is_valid() -> None:
    found = VALID.fault(TODAY, Limits())
    assert found
    assert found.kind is FaultKind.UNAPPROVED


def test_an_emergency_is_for_those_whom_the_policy_lists_for_it() -> None:
    listed = Limits(approvers=("a@clinic.example",), emergency_approvers=(APPROVER,))
    assert EMERGENCY.fault(TODAY, listed) is None
    fault = VALID.fault(TODAY, listed)
    assert fault
    assert fault.kind is FaultKind.UNAPPROVED


@pytest.mark.parametrize("rule", sorted(exception_facts().plan_rules))
def test_accepting_a_required_standard_is_a_plan(rule: str) -> None:
    assert replace(VALID, rule=rule).plan
    assert not replace(VALID, rule=rule, kind="correction").plan


def test_rules_that_cite_an_addressable_paragraph_are_known_as_such() -> None:
    """A rule that cites one belongs into `addressable.rules` of schemas/exceptions.yaml, and no other."""
    known = controls().by_citation
    cite = {r.id for r in rules() if any(known[c].asks == "addressable" for c in r.law)}
    assert cite == exception_facts().addressable_rules


@pytest.mark.parametrize(
    ("pattern", "file", "fits"),
    [
        ("Deployment.a.x", "sub/a.yaml", True),
        ("Deployment.a.*", "sub/a.yaml", True),
        ("x", "sub/a.yaml", True),
        ("Deployment.x", "sub/a.yaml", True),
        ("Deployment.b.x", "sub/a.yaml", False),
        ("Deployment.a.x", "other/a.yaml", False),
        ("Deployment.a.x", "subway/a.yaml", False),
    ],
)
def test_it_matches_as_workloads_do_and_below_its_folder(
    pattern: str, file: str, fits: bool
) -> None:
    entry = replace(VALID, resource=pattern, folder="sub")
    names = ("Deployment.a.x", "Deployment.x", "x")
    assert entry.matches("OAI_COVERAGE_9", names, file) is fits
    assert not entry.matches("OAI_COVERAGE_4", names, file)


def test_an_unread_entry_is_a_path() -> None:
    entry = replace(VALID, rule="OAI_SCAN_1", resource="charts/old", unread=True)
    files = ("charts/old/Chart.yaml", "charts/old", "charts/older/Chart.yaml")
    assert [entry.matches("OAI_SCAN_1", (), f) for f in files] == [True, True, False]


# -- through the runners -----------------------------------------------------------------------------

POLICY = f"""version: 1
agreements:
  - {{kind: baa, provider: openai, organizations: [org-a], terms: openai-baa-2026-10, signed_on: 2026-10-07}}
projects:
  - {{id: proj_a, organization: org-a, retention: none, delegated_to: ["**"]}}
limits: {{approvers: [{APPROVER}]}}
"""
NOTES = """apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: a, labels: {data-classification: phi}MORE}
spec:
  template:
    spec:
      containers:
        - name: app
          env:
            - {name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: openai, key: key}}}
"""
DECLARED = "version: 1\nworkloads:\n  - {match: '*', data: phi, project: proj_a, endpoints: [/v1/ENDPOINT], features: []}\n"


def compliance(*exceptions: str, endpoint: str = "responses") -> str:
    return DECLARED.replace("ENDPOINT", endpoint) + "exceptions:\n" + "\n".join(exceptions) + "\n"


def accepted(rule: str, resource: str, until: str = "2026-12-01", more: str = "") -> str:
    return (
        f"  - {{rule: {rule}, resource: {resource}, kind: accepted, reason: it ends, owner: o, ticket: T-1, "
        f"approved_by: {APPROVER}, approved_on: 2026-11-10, expires_on: {until}{more}}}"
    )


def notes(name: str = "notes", more: str = "") -> str:
    return NOTES.replace("NAME", name).replace("MORE", more)


def result(folder: Path) -> Result:
    """The result over all of the usual frameworks."""
    bridge.collected = []
    try:
        reports(folder)
        return result_of(folder, bridge.collected, bridge.published(), RUNNERS)
    finally:
        bridge.collected = None


def failing(found: Result) -> list[str]:
    return sorted(f"{f.rule} {f.resource}" for f in found.findings)


def exempt(found: Result) -> list[tuple[str, str, str]]:
    return sorted((e.finding.rule, e.kind, f"{e.place.file}:{e.place.line}") for e in found.exempt)


def declared(folder: Path, text: str, *names: str, policy: str = POLICY) -> Path:
    for name in names or ("notes",):
        (folder / f"{name}.yaml").write_text(notes(name))
    (folder / "openai-policy.yaml").write_text(policy)
    (folder / "openai-compliance.yaml").write_text(text)
    return folder


def test_what_is_excepted_is_skipped_and_exempt(tmp_path: Path) -> None:
    text = compliance(accepted("OAI_COVERAGE_3", "notes", "2026-12-10"))
    declared(tmp_path, text)
    assert failing(result(tmp_path)) == []
    assert exempt(result(tmp_path)) == [("OAI_COVERAGE_3", "accepted", "openai-compliance.yaml:5")]
    skipped = [r for report in reports(tmp_path) for r in report.skipped_checks]
    (record,) = [r for r in skipped if r.check_id == "OAI_COVERAGE_3"]
    comment = record.check_result["suppress_comment"]
    assert comment == (
        f"not covered (plan until 2026-12-10): it ends (approved by {APPROVER}, T-1) "
        "at openai-compliance.yaml:5"
    )


def test_an_accepted_finding_on_a_required_standard_is_a_plan_and_the_verdict_stays(
    tmp_path: Path,
) -> None:
    text = compliance(accepted("OAI_COVERAGE_1", "notes"), endpoint="conversations")
    found = result(declared(tmp_path, text, policy=POLICY.replace("none", "zero_data_retention")))
    assert failing(found) == []
    (why,) = found.exempt
    assert why.plan
    assert why.say().startswith("not covered (plan until 2026-12-01): it ends")
    assert [found.verdict(a) for a in found.analysis.assessments] == [
        "not covered (plan until 2026-12-01)"
    ]


def test_a_finding_that_speaks_for_several_needs_an_exception_for_each(tmp_path: Path) -> None:
    policy = POLICY.replace("org-a], terms", "org-b], terms").replace("none", "zero_data_retention")
    one = compliance(accepted("OAI_COVERAGE_2", "x"))
    assert failing(result(declared(tmp_path, one, "x", "y", policy=policy))) == [
        "OAI_COVERAGE_2 Deployment.a.x"
    ]
    both = compliance(accepted("OAI_COVERAGE_2", "x"), accepted("OAI_COVERAGE_2", "y"))
    found = result(declared(tmp_path, both, "x", "y", policy=policy))
    assert failing(found) == []
    assert [e.finding.also for e in found.exempt] == [("Deployment.a.y",)]


def test_one_that_matches_nothing_is_told_by_a_scan_that_sees_all(tmp_path: Path) -> None:
    text = compliance(
        accepted("OAI_COVERAGE_3", "notes", "2026-12-10"), accepted("OAI_COVERAGE_4", "notes")
    )
    folder = declared(tmp_path, text)
    assert [(f.rule, f.place.line) for f in result(folder).findings] == [("OAI_DECLARATION_5", 6)]
    assert "matches no finding" in result(folder).findings[0].message
    plain = [r.check_id for report in reports(folder) for r in report.failed_checks]
    assert plain == []


def test_it_is_not_told_where_something_was_not_read(tmp_path: Path) -> None:
    text = compliance(accepted("OAI_COVERAGE_4", "notes"), accepted("OAI_COVERAGE_3", "notes"))
    folder = declared(tmp_path, text)
    (folder / "broken.yaml").write_text(notes("broken") + "\t: [OPENAI_API_KEY\n")
    assert failing(result(folder)) == ["OAI_SCAN_1 broken.yaml"]


def test_what_is_wrong_with_an_exception_breaks_nothing_else(tmp_path: Path) -> None:
    text = compliance(accepted("OAI_COVERAGE_3", "notes", "2026-12-10", ", foo: 1"))
    found = result(declared(tmp_path, text))
    assert failing(found) == [
        "OAI_COVERAGE_3 Deployment.a.notes",
        "OAI_DECLARATION_5 openai-compliance.yaml",
    ]
    assert "unknown key foo" in found.findings[-1].message


def test_an_exception_of_a_wrong_file_or_policy_does_not_hold(tmp_path: Path) -> None:
    text = compliance(accepted("OAI_COVERAGE_3", "notes", "2026-12-10"))
    wrong_file = result(declared(tmp_path, text + "nonsense: 1\n"))
    assert "OAI_DECLARATION_1 openai-compliance.yaml" in failing(wrong_file)
    assert wrong_file.exempt == ()
    wrong_policy = result(declared(tmp_path, text, policy=POLICY + "nonsense: 1\n"))
    assert "OAI_DECLARATION_1 openai-policy.yaml" in failing(wrong_policy)
    assert wrong_policy.exempt == ()


def test_unread_takes_out_what_was_not_read(tmp_path: Path) -> None:
    entry = (
        f"unread:\n  - {{path: old, reason: it goes, approved_by: {APPROVER}, expires_on: UNTIL}}\n"
    )
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "broken.yaml").write_text(notes("broken") + "\t: [OPENAI_API_KEY\n")
    text = compliance(accepted("OAI_COVERAGE_3", "notes")) + entry
    found = result(declared(tmp_path, text.replace("UNTIL", "2026-12-31")))
    assert failing(found) == []
    assert ("OAI_SCAN_1", "accepted", "openai-compliance.yaml:7") in exempt(found)
    found = result(declared(tmp_path, text.replace("UNTIL", "2026-11-01")))
    assert failing(found) == [
        "OAI_DECLARATION_5 openai-compliance.yaml",
        "OAI_SCAN_1 old/broken.yaml",
    ]


def test_what_breaks_a_rule_is_never_exempt(tmp_path: Path) -> None:
    from openai_phi.finding.rule_runs import run_rule

    text = compliance(*(accepted(r.id, "'*'") for r in rules()))
    analysis = result(declared(tmp_path, text)).analysis
    rule = next(r for r in rules() if r.id == "OAI_COVERAGE_3")
    rule.judge = lambda analysis: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    run = run_rule(rule, analysis)
    assert (run.error, len(run.findings), run.exempt) == ("ZeroDivisionError", 1, ())


def test_a_skip_says_its_own_reason() -> None:
    assert Exempt(None, "skip", "tested by hand", None).say() == "tested by hand"  # type: ignore[arg-type]


# -- skips inline --------------------------------------------------------------------------------


def test_a_skip_inline_is_exempt_and_weakens_the_gate_until_an_exception_says_so(
    tmp_path: Path,
) -> None:
    text = compliance(accepted("OAI_COVERAGE_3", "other"))
    folder = declared(tmp_path, text)
    (folder / "notes.yaml").write_text(
        notes(more=", annotations: {checkov.io/skip1: OAI_COVERAGE_3=we know}")
    )
    found = result(folder)
    assert exempt(found) == [("OAI_COVERAGE_3", "skip", "notes.yaml:3")]
    assert found.exempt[0].say() == "we know"
    assert failing(found) == [
        "OAI_DECLARATION_5 openai-compliance.yaml",
        "OAI_SCAN_2 Deployment.a.notes",
    ]
    plain = [(r.check_id, r.check_result["suppress_comment"]) for p in reports(folder) for r in p.skipped_checks]  # fmt: skip
    assert plain == [("OAI_COVERAGE_3", "we know")]
    declared(tmp_path, text.replace("other", "Deployment.a.notes"))
    (folder / "notes.yaml").write_text(
        notes(more=", annotations: {checkov.io/skip1: OAI_COVERAGE_3=we know}")
    )
    found = result(folder)
    assert (failing(found), [e.kind for e in found.exempt]) == ([], ["accepted"])


LAMBDA = """resource "aws_lambda_function" "notes" {
  # checkov:skip=OAI_COVERAGE_9:in a comment
  tags = { DataClassification = "PHI" }
  environment { variables = { OPENAI_API_KEY = var.key } }
}
"""


def test_a_comment_in_terraform_skips_its_block_and_what_a_module_holds(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "main.tf").write_text(
        LAMBDA + 'module "m" {\n  # checkov:skip=OAI_COVERAGE_9:in the call\n  source = "./m"\n}\n'
    )
    (tmp_path / "m" / "main.tf").write_text(LAMBDA.replace("  # checkov:skip", "  # was skip"))
    found = result(tmp_path)
    assert sorted((e.finding.resource, e.reason) for e in found.exempt) == [
        ("aws_lambda_function.notes", "in a comment"),
        ("module.m.aws_lambda_function.notes", "in the call"),
    ]
    assert [f.resource for f in found.findings if f.rule == "OAI_SCAN_2"] == [
        "aws_lambda_function.notes",
        "module.m",
    ]
    skipped = [(r.check_id, r.resource) for p in reports(tmp_path) for r in p.skipped_checks]
    assert sorted(skipped) == [
        ("OAI_COVERAGE_9", "aws_lambda_function.notes"),
        ("OAI_COVERAGE_9", "module.m.aws_lambda_function.notes"),
    ]


@pytest.mark.parametrize("wide", ["'*'", "'Deployment.*'", "'**/*'", "'no*'", "'[a-z]*'"])
def test_an_exception_for_whatever_comes_later_does_not_hold(tmp_path: Path, wide: str) -> None:
    declared(tmp_path, compliance(accepted("OAI_COVERAGE_3", wide)))
    assert failing(result(tmp_path)) == [
        "OAI_COVERAGE_3 Deployment.a.notes",
        "OAI_DECLARATION_5 openai-compliance.yaml",
    ]
    declared(tmp_path, compliance(accepted("OAI_COVERAGE_3", "'Deployment.note*'")))
    assert failing(result(tmp_path)) == []


@pytest.mark.parametrize("path", [".", "'*'", "./", "'*.yaml'"])
def test_what_need_not_be_read_is_named(tmp_path: Path, path: str) -> None:
    text = f"{DECLARED}unread:\n  - {{path: {path}, reason: r, approved_by: {APPROVER}, expires_on: 2026-12-01}}\n"
    declared(tmp_path, text.replace("ENDPOINT", "responses"))
    assert "OAI_DECLARATION_5 openai-compliance.yaml" in failing(result(tmp_path))


def test_no_exception_is_for_ever_where_the_policy_sets_no_limit(tmp_path: Path) -> None:
    policy = POLICY.replace(", max_exception_days: 90", "")
    declared(tmp_path, compliance(accepted("OAI_COVERAGE_3", "notes", "2031-01-01")), policy=policy)
    assert "OAI_DECLARATION_5 openai-compliance.yaml" in failing(result(tmp_path))


@pytest.mark.parametrize(
    "said", ["workloads:\n  - {match: '*', data: none}\n", "deidentifiers: ['*']\n"]
)
def test_no_file_declares_away_whatever_comes_later(tmp_path: Path, said: str) -> None:
    declared(tmp_path, f"version: 1\n{said}")
    assert any(f.startswith("OAI_DECLARATION_1") for f in failing(result(tmp_path)))


def test_every_rule_of_known_broken_cover_is_a_plan_and_unproven_cover_is_none() -> None:
    """What says that cover is broken and cites a required standard of 164.502(e) cannot be accepted for a year."""
    required = ("45 CFR 164.502(e)(1)(i)", "45 CFR 164.308(b)(1)")
    broken = {r.id for r in rules() if any(c in r.law for c in required)}
    assert exception_facts().plan_rules >= broken - {"OAI_COVERAGE_8", "OAI_DECLARATION_6"}
    assert "OAI_COVERAGE_9" not in exception_facts().plan_rules
    assert not replace(VALID, rule="OAI_COVERAGE_9").plan


def test_an_addressable_specification_excuses_no_standard() -> None:
    known = controls().by_citation
    beside = exception_facts().beside
    assert set(beside) == exception_facts().addressable_rules
    for rule, citation in beside.items():
        assert known[citation].asks in ("standard", "required")
        fault = replace(VALID, rule=rule).fault(TODAY, Limits(approvers=(APPROVER,)))
        assert fault
        assert f"{citation} must be met all the same" in fault.reason
