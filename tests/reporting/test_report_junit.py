"""JUnit: a failed case a finding, a skipped one an exempt finding, an error for what was not looked at."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as Xml

from openai_phi.finding.results import Result
from openai_phi.finding.rule_runs import RuleRun
from openai_phi.reporting.report_junit import render
from openai_phi.words.fixes import Fix


def test_each_finding_is_a_failed_case_and_each_other_rule_a_passed_one(sample: Result) -> None:
    root = Xml.fromstring(render(sample))
    failed = [c for c in root.iter("testcase") if c.find("failure") is not None]
    assert [(c.get("classname"), c.get("file"), c.get("line")) for c in failed] == [
        (f.rule, f.place.file, str(f.place.line)) for f in sample.findings
    ]
    passed = {c.get("classname") for c in root.iter("testcase") if len(c) == 0}
    assert passed == {r.id for r in sample.rules} - {f.rule for f in sample.findings} | {"scan"}
    assert root.get("failures") == str(len(sample.findings))
    assert root.get("tests") == str(len(list(root.iter("testcase"))))
    told = failed[0].find("failure")
    assert told is not None
    assert "1. PHI: DataClassification=PHI" in (told.text or "")
    assert "Team: stop sending PHI" in (told.text or "")


def test_hostile_names_stay_text(hostile: Result) -> None:
    odd = replace(
        hostile.findings[0],
        resource="a\x00\x1b]]>\ud800<b/>",
        message="m\x00",
        fixes=(Fix(what="r\x00"),),
    )
    root = Xml.fromstring(render(replace(hostile, findings=(odd,))))
    assert {e.tag for e in root.iter()} == {
        "testsuites", "testsuite", "testcase", "failure", "skipped", "error",
    }  # fmt: skip
    (case,) = [c for c in root.iter("testcase") if c.find("failure") is not None]
    assert str(case.get("name")).startswith("a\ufffd\ufffd]]>\ufffd<b/> at ")
    (told,) = root.iter("failure")
    assert told.get("message") == "m\ufffd"
    assert str(told.text).endswith("r\ufffd\n")
    assert sum(int(s.get("skipped", "0")) for s in root) == 2


def test_what_was_not_looked_at_is_an_error(hostile: Result, sample: Result) -> None:
    root = Xml.fromstring(render(replace(hostile, gaps=("framework helm: left out",))))
    assert root.get("errors") == "2"
    broken = RuleRun(
        sample.rules[0], (replace(sample.findings[0], rule=sample.rules[0].id),), "KeyError"
    )
    result = replace(sample, runs=(broken, *sample.runs[1:]), findings=broken.findings)
    assert Xml.fromstring(render(result)).get("errors") == "1"


ATTRIBUTES = {  # of https://github.com/jenkinsci/xunit-plugin, junit-10.xsd
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, ()),
    "testsuite": (
        {
            "name",
            "tests",
            "failures",
            "errors",
            "skipped",
            "time",
            "timestamp",
            "hostname",
            "id",
            "package",
        },
        ("name",),
    ),
    "testcase": ({"name", "classname", "time", "file", "line", "status", "assertions"}, ("name",)),
    "failure": ({"type", "message"}, ()),
    "error": ({"type", "message"}, ()),
    "skipped": ({"type", "message"}, ()),
}


def test_it_holds_what_readers_of_junit_know(sample: Result, hostile: Result) -> None:
    for result in (sample, hostile):
        root = Xml.fromstring(render(result))
        for element in root.iter():
            known, needed = ATTRIBUTES[element.tag]
            assert set(element.attrib) <= known
            assert set(needed) <= set(element.attrib)
        suites = root.findall("testsuite")
        assert all(s.get("timestamp") == f"{result.analysis.today}T00:00:00" for s in suites)
        assert all(c.get("time") == "0" for c in root.iter("testcase"))
