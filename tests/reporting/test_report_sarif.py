"""SARIF: valid, with the way of PHI as a code flow, and nothing in it that a viewer would take as its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from scan import ROOT

from openai_phi.finding.results import Result
from openai_phi.finding.rule_runs import RuleRun
from openai_phi.reporting.report_sarif import render, uri, ways
from openai_phi.words.found import Exempt
from openai_phi.words.observed import Role, Step
from openai_phi.words.places import Place

SCHEMA = json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def run_of(result: Result) -> dict[str, Any]:
    log = json.loads(render(result))
    assert [f"{list(e.absolute_path)}: {e.message}" for e in VALIDATOR.iter_errors(log)] == []
    (run,) = log["runs"]
    return dict(run)


@pytest.fixture(scope="module")
def run(sample: Result) -> dict[str, Any]:
    return run_of(sample)


def test_each_finding_is_a_result_of_a_rule_that_ran(sample: Result, run: dict[str, Any]) -> None:
    rules = run["tool"]["driver"]["rules"]
    assert [r["id"] for r in rules] == [r.id for r in sample.rules]
    assert [r["ruleId"] for r in run["results"]] == [f.rule for f in sample.findings]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in run["results"])
    assert [r["partialFingerprints"]["openaiPhi/v1"] for r in run["results"]] == [
        f.fingerprint for f in sample.findings
    ]


def test_the_workload_is_the_location_with_line_and_column(run: dict[str, Any]) -> None:
    (intake,) = [r for r in run["results"] if r["ruleId"] == "OAI_COVERAGE_1"]
    (location,) = intake["locations"]
    physical = location["physicalLocation"]
    assert physical["artifactLocation"] == {
        "uri": "sample_infra/terraform/intake.tf",
        "uriBaseId": "SRCROOT",
    }
    lines = (ROOT / "sample_infra/terraform/intake.tf").read_text("utf-8").splitlines()
    line, column = physical["region"]["startLine"], physical["region"]["startColumn"]
    assert lines[line - 1][column - 1 :].startswith("OPENAI_BASE_URL")
    assert physical["region"]["endLine"] > line
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "aws_lambda_function.intake"
    assert "/v1/conversations" in intake["message"]["text"]
    assert "Team: stop sending PHI" in intake["message"]["text"]


def test_the_code_flow_goes_from_phi_to_the_endpoint(run: dict[str, Any]) -> None:
    (intake,) = [r for r in run["results"] if r["ruleId"] == "OAI_COVERAGE_1"]
    ((flow,),) = [f["threadFlows"] for f in intake["codeFlows"]]
    steps = [
        (
            s["kinds"][0],
            s["location"]["physicalLocation"]["artifactLocation"]["uri"].rpartition("/")[2],
            s["location"]["physicalLocation"]["region"]["startLine"],
        )
        for s in flow["locations"]
    ]
    assert steps == [("phi", "main.tf", 7), ("workload", "intake.tf", 2), ("call", "intake.tf", 11)]
    related = {r["physicalLocation"]["region"]["startLine"] for r in intake["relatedLocations"]}
    assert {7, 2, 10, 11} <= related


def test_rules_carry_help_severity_and_controls(run: dict[str, Any]) -> None:
    rules = {r["id"]: r for r in run["tool"]["driver"]["rules"]}
    rule = rules["OAI_COVERAGE_1"]
    assert rule["properties"]["security-severity"] == "9.5"
    assert "45 CFR 164.502(e)(1)(i)" in rule["properties"]["tags"]
    assert "hipaa" in rule["properties"]["tags"]
    assert "](https://www.ecfr.gov/current/title-45/section-164.502)" in rule["help"]["markdown"]
    assert all(len(r["properties"]["tags"]) <= 20 for r in rules.values())


def test_a_finding_of_another_severity_has_a_rule_with_that_score(sample: Result) -> None:
    first = sample.findings[0]
    milder = replace(first, severity="LOW")
    made = run_of(replace(sample, findings=(first, milder)))
    rules = made["tool"]["driver"]["rules"]
    own, other = made["results"]
    assert (own["ruleId"], other["ruleId"]) == (first.rule, f"{first.rule}/low")
    assert [rules[r["ruleIndex"]]["id"] for r in (own, other)] == [first.rule, f"{first.rule}/low"]
    scores = [rules[r["ruleIndex"]]["properties"]["security-severity"] for r in (own, other)]
    assert scores == ["9.5", "3.0"]
    assert other["level"] == rules[other["ruleIndex"]]["defaultConfiguration"]["level"] == "note"


def test_exempt_findings_are_suppressed_with_their_reason(hostile: Result) -> None:
    results = run_of(hostile)["results"]
    suppressed = [r["suppressions"][0] for r in results if r["suppressions"]]
    assert [s["kind"] for s in suppressed] == ["external", "inSource"]
    assert suppressed[0]["justification"].startswith("accepted until 2026-12-31: ")
    assert suppressed[0]["location"]["physicalLocation"]["region"]["startLine"] == 3
    assert len(results) == len(hostile.findings) + 2


def test_what_was_not_read_and_what_broke_are_notifications(hostile: Result) -> None:
    invocation = run_of(hostile)["invocations"][0]
    assert invocation["executionSuccessful"] is False
    first, *_ = invocation["toolExecutionNotifications"]
    assert first["level"] == "error"
    artifact = first["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uri"].endswith("charts/%3Cb%3E%7Cx.yaml")


def test_a_scan_that_read_everything_was_successful(sample: Result, run: dict[str, Any]) -> None:
    assert run["invocations"][0]["executionSuccessful"] is True
    broken = replace(sample, runs=(RuleRun(sample.rules[0], (), "KeyError"), *sample.runs[1:]))
    invocation = run_of(broken)["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert [n["descriptor"]["id"] for n in invocation["toolExecutionNotifications"]] == [
        "rule-broke"
    ]


def test_hostile_names_become_no_link_and_no_placeholder(hostile: Result) -> None:
    run = run_of(hostile)
    text = run["results"][0]["message"]["text"]
    assert "\\[a\\](javascript" in text
    assert "{{0}}" in text
    location = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == "sample_infra/a%20b/%2541%23%3F%3Cx%3E%7C%60.tf"


def test_no_code_is_in_it(sample: Result, leaky: Result) -> None:
    for result in (sample, leaky):
        text = render(result)
        assert '"snippet"' not in text
        assert '"contents"' not in text


@pytest.mark.parametrize(
    ("file", "expected"),
    [("a/b.tf", "a/b.tf"), ("c:d e.tf", "c%3Ad%20e.tf"), ("ü/%.tf", "%C3%BC/%25.tf"), ("", ".")],
)
def test_paths_are_percent_encoded(file: str, expected: str) -> None:
    assert uri(file) == expected


def test_ways_of_two_uses_are_two_flows() -> None:
    def step(role: Role, line: int) -> Step:
        return Step(f"{role.value} {line}", Place("a.tf", line) if line else None, role)

    trace = [
        step(Role.PHI, 1), step(Role.PHI, 2), step(Role.WORKLOAD, 3), step(Role.CALL, 4),
        step(Role.EVIDENCE, 5), step(Role.HOLDS, 0),
        step(Role.PHI, 1), step(Role.WORKLOAD, 3), step(Role.CALL, 0), step(Role.CALL, 8),
        step(Role.ALSO, 9),
    ]  # fmt: skip
    found = [[s.place.line for s in way if s.place] for way in ways(trace)]
    assert found == [[1, 2, 3, 4], [1, 3, 8]]


def test_a_trace_without_a_way_has_no_flow(sample: Result) -> None:
    bare = replace(sample.findings[0], trace=(Step("nothing"),))
    result = run_of(
        replace(sample, findings=(bare,), exempt=(Exempt(bare, "skip", "", bare.place),))
    )
    assert all("codeFlows" not in r and "relatedLocations" not in r for r in result["results"])
