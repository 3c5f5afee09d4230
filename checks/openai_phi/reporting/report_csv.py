"""The report `csv`: one row a finding, exempt finding and unread file, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from openai_phi.finding.results import Result
from openai_phi.words.found import Exempt, Finding

COLUMNS = (
    "status", "rule", "severity", "title", "resource", "variant", "environments", "file", "line", "message", "trace",
    "remediation", "law", "fingerprint", "reason", "owner", "approved_by", "approved_on", "expires_on",
    "ticket",
)  # fmt: skip
_BREAKS = ("\t", "\r", "\n")
_FORMULA = tuple("=+-@＝＋－＠|%")


def render(result: Result) -> str:
    """The rows with a header, as RFC 4180 has it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for row in _rows(result):
        writer.writerow({k: guarded(v) for k, v in row.items()})
    return out.getvalue()


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, and no terminal for a command."""
    clean = "".join(c if c.isprintable() or c in _BREAKS else "\ufffd" for c in text)
    runs = clean.startswith(_BREAKS) or clean.lstrip().startswith(_FORMULA)
    return f"'{clean}" if runs else clean


def _rows(result: Result) -> Iterator[dict[str, str]]:
    for finding in result.findings:
        yield {"status": "fails", **_finding(result, finding)}
    for exempt in result.exempt:
        yield {"status": exempt.kind, **_finding(result, exempt.finding), **_reason(exempt)}
    for unread in sorted(result.unread, key=lambda u: (u.file, u.line, u.reason)):
        yield {
            "status": "unread",
            "file": unread.file,
            "line": str(unread.line),
            "message": unread.reason,
        }
    for gap in result.gaps:
        yield {"status": "not looked at", "message": gap}


def _finding(result: Result, finding: Finding) -> dict[str, str]:
    rule = {r.id: r for r in result.rules}.get(finding.rule)
    return {
        "rule": finding.rule,
        "severity": finding.severity.lower(),
        "title": rule.flags if rule else "",
        "resource": finding.resource,
        "variant": finding.variant,
        "environments": ", ".join(finding.environments),
        "file": finding.place.file,
        "line": str(finding.place.line),
        "message": finding.message,
        "trace": "\n".join(s.text for s in finding.trace),
        "remediation": finding.remediation,
        "law": "; ".join(finding.law or (rule.law if rule else ())),
        "fingerprint": finding.fingerprint,
    }


def _reason(exempt: Exempt) -> dict[str, str]:
    return {
        "reason": exempt.reason,
        "owner": exempt.owner,
        "approved_by": exempt.approved_by,
        "approved_on": exempt.approved_on,
        "expires_on": exempt.expires_on,
        "ticket": exempt.ticket,
    }
