"""The report `sarif`: SARIF 2.1.0 with the way from PHI to the endpoint as a code flow, never with code."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from openai_phi.facts.controls import controls
from openai_phi.facts.versions import version
from openai_phi.finding.results import Result
from openai_phi.finding.rule import Rule
from openai_phi.scanning import repository
from openai_phi.words.found import Exempt, Finding, Unread
from openai_phi.words.observed import Role, Step
from openai_phi.words.places import Place

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
HOME = "https://github.com/openai-phi/openai-phi"
BASE = "SRCROOT"
LEVELS = {"CRITICAL": "error", "HIGH": "error", "MEDIUM": "warning", "LOW": "note"}
SCORES = {"CRITICAL": "9.5", "HIGH": "8.0", "MEDIUM": "5.5", "LOW": "3.0"}
_WAY = (Role.PHI, Role.WORKLOAD, Role.CALL)
_MOST_BYTES = 10_000_000


def render(result: Result) -> str:
    """The SARIF log of a result, as JSON text."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_Run(result).document()]}
    return json.dumps(log, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


class _Run:
    """Makes the one run of a log."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self._rules = _descriptors(result)
        self._index = {r["id"]: i for i, r in enumerate(self._rules)}
        self._places = _Places(result.root)

    def document(self) -> dict[str, Any]:
        result = self._result
        return {
            "automationDetails": {"id": "openai-phi/"},
            "columnKind": "unicodeCodePoints",
            "invocations": [self._invocation()],
            "originalUriBaseIds": {
                BASE: {"description": {"text": "The root of the repository, else the folder."}}
            },
            "results": [
                *(self._result_of(f, []) for f in result.findings),
                *(self._result_of(e.finding, [self._suppression(e)]) for e in result.exempt),
            ],
            "tool": {
                "driver": {
                    "name": "openai-phi",
                    "informationUri": HOME,
                    "semanticVersion": version(),
                    "rules": self._rules,
                }
            },
        }

    def _result_of(self, finding: Finding, suppressions: list[dict[str, Any]]) -> dict[str, Any]:
        ident = _ident(self._result, finding)
        out: dict[str, Any] = {
            "ruleId": ident,
            "level": LEVELS.get(finding.severity, "error"),
            "message": {"text": _text(_message(finding))},
            "locations": [self._main(finding)],
            "partialFingerprints": {
                "openaiPhi/v1": finding.fingerprint,
                "openaiPhi/v2": finding.fingerprint_v2,
            },
            "suppressions": suppressions,
            "properties": {
                "resource": finding.resource,
                "severity": finding.severity,
                "environments": list(finding.environments),
                "each": [
                    {
                        "fingerprint": m.fingerprint,
                        "resource": m.resource,
                        "environments": list(m.environments),
                    }
                    for m in finding.members
                ],
                **({"variant": finding.variant} if finding.variant else {}),
            },
        }
        if ident in self._index:
            out["ruleIndex"] = self._index[ident]
        related = self._related(finding.trace)
        if related:
            out["relatedLocations"] = related
        flows = [self._flow(way) for way in ways(finding.trace)]
        if flows:
            out["codeFlows"] = flows
        return out

    def _main(self, finding: Finding) -> dict[str, Any]:
        location = self._places.location(finding.place, finding.end_line)
        named = {"fullyQualifiedName": finding.resource, "kind": "resource"}
        return {**location, "logicalLocations": [named]}

    def _related(self, trace: Sequence[Step]) -> list[dict[str, Any]]:
        said: dict[Place, list[str]] = {}
        for step in trace:
            if step.place is not None and step.place.file:
                said.setdefault(step.place, []).append(step.text.strip())
        return [
            {"id": i, **self._places.location(place), "message": {"text": _text("\n".join(lines))}}
            for i, (place, lines) in enumerate(said.items(), 1)
        ]

    def _flow(self, way: Sequence[Step]) -> dict[str, Any]:
        locations = [
            {
                "executionOrder": i,
                "importance": "essential",
                "kinds": [step.role.value],
                "location": {
                    **self._places.location(step.place or Place("", 0)),
                    "message": {"text": _text(step.text.strip())},
                },
            }
            for i, step in enumerate(way, 1)
        ]
        return {
            "message": {"text": "The way of PHI to the endpoint."},
            "threadFlows": [{"locations": locations}],
        }

    def _suppression(self, exempt: Exempt) -> dict[str, Any]:
        out: dict[str, Any] = {
            "kind": "inSource" if exempt.kind == "skip" else "external",
            "status": "accepted",
            "justification": exempt.say(),
        }
        if exempt.place.line:
            out["location"] = self._places.location(exempt.place)
        return out

    def _invocation(self) -> dict[str, Any]:
        result = self._result
        broken = [r for r in result.runs if r.error]
        notes = [self._unread(u) for u in sorted(result.analysis.unread, key=_unread_order)]
        notes += [
            {
                "level": "error",
                "descriptor": {"id": "rule-broke"},
                "message": {"text": f"{r.rule.id} raised {r.error} and judged nothing."},
                "associatedRule": {"id": r.rule.id, "index": self._index[r.rule.id]},
            }
            for r in broken
        ]
        notes += [
            {"level": "error", "descriptor": {"id": "gap"}, "message": {"text": _text(g)}}
            for g in result.gaps
        ]
        notes += [
            {"level": "note", "descriptor": {"id": "note"}, "message": {"text": _text(n)}}
            for n in result.notes
        ]
        return {
            "executionSuccessful": not (broken or result.unread or result.gaps),
            "toolExecutionNotifications": notes,
            "properties": {"frameworks": list(result.frameworks)},
        }

    def _unread(self, unread: Unread) -> dict[str, Any]:
        effect = "it could matter" if unread.matters else "nothing in it matters to this scan"
        return {
            "level": "error" if unread.matters else "note",
            "descriptor": {"id": "unread"},
            "message": {"text": _text(f"Could not be read: {unread.reason}; {effect}.")},
            "locations": [self._places.location(Place(unread.file, unread.line))],
        }


class _Places:
    """Turns places into SARIF's locations, as seen from the repository's root."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._prefix = repository.below(root)
        self._lines: dict[str, list[str]] = {}

    def location(self, place: Place, end_line: int = 0) -> dict[str, Any]:
        """A physical location; without a region where the line is not known."""
        file = repository.within(self._prefix, place.file)
        artifact = {"uri": uri(file)}
        if not file.startswith(("../", "/")):
            artifact["uriBaseId"] = BASE
        physical: dict[str, Any] = {"artifactLocation": artifact}
        if place.line > 0:
            column = self._column(place)
            region = {"startLine": place.line, "startColumn": column}
            if end_line > place.line:
                region["endLine"] = end_line
            physical["region"] = region
        return {"physicalLocation": physical}

    def _column(self, place: Place) -> int:
        """The column of the path's last name in the line, else of the first thing in it."""
        if place.file not in self._lines:
            self._lines[place.file] = _lines(self._root / place.file)
        lines = self._lines[place.file]
        if place.line > len(lines):
            return 1
        line = lines[place.line - 1]
        name = re.split(r"[.\[\]]", place.path.rstrip("]"))[-1]
        at = line.find(name) if name else -1
        return (at if at >= 0 else len(line) - len(line.lstrip())) + 1


def _lines(file: Path) -> list[str]:
    """A file's lines; nothing of them is shown, only where something stands in them."""
    try:
        if not file.is_file() or file.stat().st_size > _MOST_BYTES:
            return []
        return file.read_text(encoding="utf-8", errors="replace").split("\n")
    except (OSError, ValueError):
        return []


def ways(trace: Iterable[Step]) -> list[list[Step]]:
    """The ways of PHI in a trace: its steps with a place from PHI to the call, one list a way."""
    out: list[list[Step]] = []
    before: Role | None = None
    for step in trace:
        if step.role not in _WAY:
            before = step.role
            continue
        begins = before not in _WAY or (before is Role.CALL and step.role is not Role.CALL)
        if begins and not (step.role is Role.CALL and out):
            out.append([])
        before = step.role
        if step.place is not None and step.place.file:
            out[-1].append(step)
    return [way for way in out if way]


def uri(file: str) -> str:
    """A relative path as a URI reference: percent-encoded, and its first segment no scheme."""
    text = quote(os.fsencode(file), safe="/!$&'()*+,;=@~-._")
    return text or "."


def _message(finding: Finding) -> str:
    built = f" In {', '.join(finding.environments)}." if finding.environments else ""
    fix = f"\n\n{finding.remediation}" if finding.remediation else ""
    return f"{finding.message}{built}{fix}"


def _text(text: str) -> str:
    """A text as a message: what would be a link or a placeholder stays text."""
    quiet = re.sub(r"\[([^\[\]]*)\]\(", r"\\[\1\\](", text)
    return re.sub(r"\{(\d+)\}", r"{{\1}}", quiet)


def _ident(result: Result, finding: Finding) -> str:
    """A finding's rule; below it the severity, where it is not the rule's own."""
    own = {r.id: r.severity for r in result.rules}.get(finding.rule, finding.severity)
    same = finding.severity in (own, "") or finding.severity not in SCORES
    return finding.rule if same else f"{finding.rule}/{finding.severity.lower()}"


def _descriptors(result: Result) -> list[dict[str, Any]]:
    """The rules, then each again with another severity that its findings have.

    Code scanning takes the severity of an alert from its rule alone.
    """
    rules = {r.id: r for r in result.rules}
    found = (*result.findings, *(e.finding for e in result.exempt))
    more = {(f.rule, f.severity) for f in found if _ident(result, f) != f.rule}
    return [
        *(_rule(r, r.id, r.severity) for r in result.rules),
        *(_rule(rules[i], f"{i}/{s.lower()}", s) for i, s in sorted(more)),
    ]


def _rule(rule: Rule, ident: str, severity: str) -> dict[str, Any]:
    cited = controls().of(rule.law)
    law = "\n".join(f"- [{c.label}]({c.source})" for c in cited)
    return {
        "id": ident,
        "name": type(rule).__name__,
        "shortDescription": {"text": f"{rule.flags}."},
        "fullDescription": {"text": rule.why},
        "help": {
            "text": f"{rule.why}\n\n" + "\n".join(c.label for c in cited),
            "markdown": f"**{rule.flags}.**\n\n{rule.why}\n\n{law}\n\n[The rule's page]({rule.page})",
        },
        "helpUri": rule.page,
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "precision": "high",
            "problem.severity": LEVELS[severity].replace("note", "recommendation"),
            "security-severity": SCORES[severity],
            "tags": ["security", *sorted({c.framework.id for c in cited}), *rule.law],
        },
    }


def _unread_order(unread: Unread) -> tuple[bool, str, int, str]:
    return not unread.matters, unread.file, unread.line, unread.reason
