"""The report `junit`: each rule a suite, each finding a failed case, each exempt one a skipped case."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as Xml

from openai_phi.finding.results import Result
from openai_phi.finding.rule_runs import RuleRun
from openai_phi.words.found import Exempt, Finding, Unread


def render(result: Result) -> str:
    """The XML of a result. What could not be looked at is an error, never a passed case.

    Its attributes are those that Jenkins' schema of JUnit knows. The time is that of the day that was
    judged, and each case takes none, so that the same result gives the same bytes.
    """
    root = Xml.Element("testsuites", name="openai-phi")
    for run in result.runs:
        exempt = [e for e in result.exempt if e.finding.rule == run.rule.id]
        failed = [f for f in result.findings if f.rule == run.rule.id]
        root.append(_suite(run, failed, exempt))
    root.append(_looked(result))
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(s.get(key, "0")) for s in root)))
    root.set("time", "0")
    for suite in root:
        suite.set("timestamp", f"{result.analysis.today.isoformat()}T00:00:00")
        for timed in (suite, *suite):
            timed.set("time", "0")
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, "unicode") + "\n"


def _suite(run: RuleRun, failed: list[Finding], exempt: list[Exempt]) -> Xml.Element:
    cases = []
    for finding in failed:
        case = _case(run, finding)
        word = "error" if run.error else "failure"
        told = Xml.SubElement(case, word, message=_clean(finding.message), type=finding.severity)
        told.text = _clean(_details(finding))
        cases.append(case)
    for each in exempt:
        case = _case(run, each.finding)
        Xml.SubElement(case, "skipped", message=_clean(each.say()))
        cases.append(case)
    if not cases:
        cases.append(Xml.Element("testcase", classname=run.rule.id, name=run.rule.name))
    return _counted(run.rule.id, cases)


def _looked(result: Result) -> Xml.Element:
    """One suite that says whether everything was looked at."""
    unread = sorted(result.unread, key=_order)
    wrong = [(f"{u.file}:{u.line}", u.reason) for u in unread]
    wrong += [("scan", g) for g in result.gaps]
    cases = []
    for name, reason in wrong:
        case = Xml.Element("testcase", classname="scan", name=_clean(name))
        Xml.SubElement(case, "error", message=_clean(reason), type="unread")
        cases.append(case)
    if not cases:
        cases.append(Xml.Element("testcase", classname="scan", name="everything was looked at"))
    return _counted("scan", cases)


def _order(unread: Unread) -> tuple[str, int, str]:
    return unread.file, unread.line, unread.reason


def _counted(name: str, cases: Iterable[Xml.Element]) -> Xml.Element:
    suite = Xml.Element("testsuite", name=name)
    suite.extend(cases)
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite)))
    return suite


def _case(run: RuleRun, finding: Finding) -> Xml.Element:
    built = f" in {', '.join(finding.environments)}" if finding.environments else ""
    at = f"{finding.place.file}:{finding.place.line}"
    return Xml.Element(
        "testcase",
        classname=run.rule.id,
        name=_clean(f"{finding.resource} at {at}{built}"),
        file=_clean(finding.place.file),
        line=str(finding.place.line),
    )


def _details(finding: Finding) -> str:
    trace = "\n".join(s.text for s in finding.trace)
    return f"{finding.place}\n\n{trace}\n\n{finding.remediation}\n"


def _clean(text: str) -> str:
    """Text without the characters that XML 1.0 has no way to write."""
    return "".join(c if _may_stand(ord(c)) else "\ufffd" for c in text)


def _may_stand(code: int) -> bool:
    return (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )
