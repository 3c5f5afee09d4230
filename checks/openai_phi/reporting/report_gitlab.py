"""The report `gitlab`: findings for the code quality widget of GitLab's merge requests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from openai_phi.finding.results import Result
from openai_phi.scanning import repository

_SEVERITIES = {"CRITICAL": "blocker", "HIGH": "critical", "MEDIUM": "major", "LOW": "minor"}


def render(result: Result) -> str:
    """The list that GitLab reads as `artifacts:reports:codequality`; what was not looked at blocks too.

    Paths are those of the repository, also where a folder within it is scanned.
    """
    issues, prefix = list(_issues(result)), repository.below(result.root)
    for issue in issues:
        issue["location"]["path"] = repository.within(prefix, issue["location"]["path"])
    return json.dumps(issues, indent=1, sort_keys=True) + "\n"


def _issues(result: Result) -> Iterator[dict[str, Any]]:
    told: set[str] = set()
    for finding in result.findings:
        known_as = finding.fingerprint_v2
        if known_as in told:
            known_as = finding.fingerprint
        told.add(known_as)
        where = f" (in {', '.join(finding.environments)})" if finding.environments else ""
        yield _issue(
            finding.rule,
            f"{finding.message}{where}",
            _SEVERITIES.get(finding.severity, "info"),
            known_as,
            finding.place.file,
            finding.place.line,
        )
    for unread in sorted(result.unread, key=lambda u: (u.file, u.line, u.reason)):
        known = hashlib.sha256(
            f"{unread.file}\0{unread.reason}".encode("utf-8", "backslashreplace")
        )
        said = f"not looked at: {unread.reason}"
        yield _issue("scan", said, "blocker", known.hexdigest()[:32], unread.file, unread.line)
    for gap in result.gaps:
        known = hashlib.sha256(gap.encode("utf-8", "backslashreplace"))
        yield _issue("scan", f"not looked at: {gap}", "blocker", known.hexdigest()[:32], ".", 1)


def _issue(rule: str, said: str, severity: str, known: str, file: str, line: int) -> dict[str, Any]:
    return {
        "check_name": rule,
        "description": said,
        "severity": severity,
        "fingerprint": known,
        "location": {"path": file, "lines": {"begin": max(line, 1)}},
    }
