"""The report `oscal`: assessment results in OSCAL 1.1, made with compliance-trestle's models."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from trestle.oscal.assessment_results import AssessmentResults

from openai_phi.declared.declaration_files import parse_date
from openai_phi.facts.controls import Control, controls
from openai_phi.facts.scope import scope
from openai_phi.facts.versions import version
from openai_phi.finding.results import Result
from openai_phi.reporting.inventory import as_text, of_result
from openai_phi.reporting.markdown_text import plain, prose
from openai_phi.reporting.posture import Judged, posture
from openai_phi.reporting.report_sarif import HOME, uri
from openai_phi.scanning import repository
from openai_phi.words.found import Exempt, Finding, Unread
from openai_phi.words.observed import Step
from openai_phi.words.places import Place
from openai_phi.words.verdict import Assured

OSCAL = "1.1.3"
NAMESPACE = uuid5(NAMESPACE_URL, "https://openai-phi.dev/oscal")
_DOCUMENT = 4000
Data = dict[str, Any]


def render(result: Result) -> str:
    """The assessment results as JSON text. Raises ModuleNotFoundError without the extra `oscal`."""
    made = AssessmentResults.model_validate(_Document(result).data())
    return str(made.oscal_serialize_json(pretty=True)) + "\n"


class _Document:
    """Collects the parts of one document; ids come from what they name, times from the day of the scan."""

    def __init__(self, result: Result) -> None:
        self._result = result
        self._time = f"{result.analysis.today.isoformat()}T00:00:00+00:00"
        self._seed = hashlib.sha256(as_text(of_result(result)).encode("utf-8", "backslashreplace"))
        self._prefix = repository.below(result.root)
        self._seen: Counter[str] = Counter()
        self._by_control: dict[Control, list[tuple[str, str]]] = {}
        self._items: dict[str, Data] = {}
        self._tool = _uuid("tool", version())

    def data(self) -> Data:
        made = self._assessment()
        return {
            "uuid": _uuid("document", self._seed.hexdigest()),
            "metadata": {
                "title": "How PHI reaches OpenAI endpoints",
                "last-modified": self._time,
                "version": version(),
                "oscal-version": OSCAL,
                "remarks": prose(scope()["notice"]),
            },
            "import-ap": {"href": f"#{_uuid('scope')}", "remarks": "The scope of the scan."},
            "results": [made],
            "back-matter": {"resources": self._resources()},
        }

    def _assessment(self) -> Data:
        result = self._result
        sums = posture(result)
        observations, risks = [], []
        for finding in result.findings:
            observations.append(self._observed(finding))
            risks.append(self._risk(finding, observations[-1]["uuid"], None))
        for exempt in result.exempt:
            observations.append(self._observed(exempt.finding))
            risks.append(self._risk(exempt.finding, observations[-1]["uuid"], exempt))
        observations += [self._judged(j) for j in sums.judged]
        observations += [self._unread(u) for u in sorted(result.unread, key=_unread_order)]
        out: Data = {
            "uuid": _uuid("result", self._seed.hexdigest()),
            "title": "Scan of declarations",
            "description": prose(sums.line),
            "start": self._time,
            "end": self._time,
            "props": self._made_by(),
            "local-definitions": {"components": [self._component()]},
            "reviewed-controls": self._reviewed(),
            "observations": observations,
            "risks": risks,
            "findings": [self._finding(c, found) for c, found in self._by_control.items()],
            "remarks": prose(" ".join([*result.notes, *result.gaps]), _DOCUMENT),
        }
        if self._items:
            out["local-definitions"]["inventory-items"] = list(self._items.values())
        return {k: v for k, v in out.items() if v}

    def _made_by(self) -> list[Data]:
        policy = self._result.analysis.declarations.policy
        facts = [("catalogue", f"{e.provider} {e.id}") for e in self._result.catalogue.editions]
        facts += [("framework", f) for f in self._result.frameworks]
        if policy is not None:
            facts.append(("policy-sha256", policy.digest))
        return _props(facts)

    def _component(self) -> Data:
        return {
            "uuid": self._tool,
            "type": "software",
            "title": "openai-phi",
            "description": "Judges declarations of infrastructure by agreements and a dated catalogue.",
            "props": _props([("version", version())]),
            "links": [{"href": HOME}],
            "status": {"state": "operational"},
        }

    def _reviewed(self) -> Data:
        cited = controls().of(c for r in self._result.rules for c in r.law)
        chosen = [{"control-id": c.token} for c in cited]
        return {
            "description": "The controls that the rules of this scan cite.",
            "control-selections": [{"include-controls": chosen}]
            if chosen
            else [{"include-all": {}}],
        }

    def _observed(self, finding: Finding) -> Data:
        return {
            "uuid": self._once("observation", finding.fingerprint),
            "title": prose(f"{finding.rule}: {finding.resource}", 300),
            "description": prose(finding.message, _DOCUMENT),
            "props": _props(
                [
                    ("rule", finding.rule),
                    ("severity", finding.severity.lower()),
                    ("fingerprint", finding.fingerprint),
                    ("variant", finding.variant),
                ]
            ),
            "methods": ["EXAMINE"],
            "types": ["finding"],
            "origins": self._origins(),
            "subjects": [self._subject(finding.resource, finding.place)],
            "relevant-evidence": self._evidence(finding),
            "collected": self._time,
        }

    def _evidence(self, finding: Finding) -> list[Data]:
        steps = [s for s in finding.trace if s.text.strip()]
        return [self._step(s) for s in steps or [Step(finding.message, finding.place)]]

    def _step(self, step: Step) -> Data:
        out: Data = {"description": prose(step.text, _DOCUMENT)}
        if step.place is not None and step.place.file:
            out = {"href": self._address(step.place), **out}
        return {**out, "props": _props([("role", step.role.value)])}

    def _address(self, place: Place) -> str:
        at = f"#L{place.line}" if place.line else ""
        return f"./{uri(repository.within(self._prefix, place.file))}{at}"

    def _subject(self, name: str, place: Place) -> Data:
        ident = _uuid("resource", f"{place.file}\0{name}")
        self._items.setdefault(
            ident,
            {
                "uuid": ident,
                "description": prose(name, _DOCUMENT),
                "props": _props([("file", place.file)]),
            },
        )
        return {"subject-uuid": ident, "type": "inventory-item", "title": prose(name, 300)}

    def _origins(self) -> list[Data]:
        return [{"actors": [{"type": "tool", "actor-uuid": self._tool}]}]

    def _risk(self, finding: Finding, observation: str, exempt: Exempt | None) -> Data:
        rule = {r.id: r for r in self._result.rules}.get(finding.rule)
        ident = self._once("risk", finding.fingerprint)
        if exempt is None:
            for control in controls().of(rule.law if rule else ()):
                self._by_control.setdefault(control, []).append((observation, ident))
        out: Data = {
            "uuid": ident,
            "title": prose(f"{finding.rule}: {finding.resource}", 300),
            "description": prose(finding.message, _DOCUMENT),
            "statement": prose(rule.why if rule else finding.message, _DOCUMENT),
            "props": _props([("severity", finding.severity.lower())]),
            "status": "open" if exempt is None else _STATUS.get(exempt.kind, "open"),
            "origins": self._origins(),
            "related-observations": [{"observation-uuid": observation}],
        }
        if finding.remediation:
            out["remediations"] = [_remediation(finding, ident)]
        return out if exempt is None else {**out, **self._deviation(exempt, out["props"])}

    def _deviation(self, exempt: Exempt, props: list[Data]) -> Data:
        facts = [
            ("exempt-as", exempt.kind),
            ("owner", exempt.owner),
            ("approved-by", exempt.approved_by),
            ("approved-on", exempt.approved_on),
            ("ticket", exempt.ticket),
            ("written-at", str(exempt.place)),
        ]
        out: Data = {"props": [*props, *_props(facts)]}
        until = parse_date(exempt.expires_on)
        if until is not None:
            out["deadline"] = f"{until.isoformat()}T00:00:00+00:00"
        if exempt.reason:
            out["mitigating-factors"] = [
                {
                    "uuid": self._once("factor", exempt.finding.fingerprint),
                    "description": prose(exempt.reason, _DOCUMENT),
                }
            ]
        return out

    def _judged(self, judged: Judged) -> Data:
        resource = judged.workload.resource
        held = [h for a in judged.assessments for h in a.held]
        said = list(dict.fromkeys(f"{h.because} ({h.word})" for h in held))
        return {
            "uuid": self._once("workload", f"{resource.file}\0{resource.id}\0{resource.variant}"),
            "title": prose(f"{resource.id}: {judged.words}", 300),
            "description": prose(
                f"{resource.id} handles PHI; its use is {judged.words}.", _DOCUMENT
            ),
            "props": _props([("verdict", judged.verdict.value), *_assured(judged)]),
            "methods": ["EXAMINE"],
            "types": ["control-objective"],
            "origins": self._origins(),
            "subjects": [self._subject(resource.id, resource.place())],
            "relevant-evidence": [
                {"href": self._address(resource.place()), "description": prose(text, _DOCUMENT)}
                for text in said or [judged.words]
            ],
            "collected": self._time,
        }

    def _unread(self, unread: Unread) -> Data:
        place = Place(unread.file, unread.line)
        return {
            "uuid": self._once("unread", f"{place}\0{unread.reason}"),
            "title": prose(f"Not read: {unread.file}", 300),
            "description": prose(unread.reason, _DOCUMENT),
            "methods": ["EXAMINE"],
            "types": ["not-read"],
            "origins": self._origins(),
            "relevant-evidence": [
                {"href": self._address(place), "description": prose(unread.reason, _DOCUMENT)}
            ],
            "collected": self._time,
        }

    def _finding(self, control: Control, found: Sequence[tuple[str, str]]) -> Data:
        return {
            "uuid": _uuid("finding", control.token),
            "title": prose(control.label, 300),
            "description": prose(
                f"{len(found)} finding(s) of this scan cite {control.citation}: {control.about}."
            ),
            "props": _props([("citation", control.citation), ("asks", control.asks)]),
            "links": [{"href": control.source, "rel": "reference"}],
            "origins": self._origins(),
            "target": {
                "type": "objective-id",
                "target-id": control.token,
                "title": prose(control.label, 300),
                "status": {"state": "not-satisfied", "reason": "fail"},
            },
            "related-observations": [{"observation-uuid": o} for o, _ in found],
            "related-risks": [{"risk-uuid": r} for _, r in found],
        }

    def _resources(self) -> list[Data]:
        lines = [*scope()["judged"], *(f"Not judged: {s}" for s in scope()["not_judged"])]
        plan: Data = {
            "uuid": _uuid("scope"),
            "title": "What a scan judges and what it does not",
            "description": prose(" ".join(lines), _DOCUMENT),
        }
        sources = [
            {"uuid": _uuid("source", f.id), "title": prose(f.title), "rlinks": [{"href": f.source}]}
            for f in controls().frameworks
        ]
        return [plan, *sources]

    def _once(self, kind: str, name: str) -> str:
        """An id that stays the same from scan to scan, and is new where a name comes again."""
        key = f"{kind}\0{name}"
        self._seen[key] += 1
        return _uuid(kind, name if self._seen[key] == 1 else f"{name}\0{self._seen[key]}")


_STATUS = {
    "accepted": "deviation-approved",
    "emergency": "deviation-approved",
    "correction": "closed",
    "skip": "open",
}
"""An inline skip is nobody's decision on record, so its risk stays open."""


def _remediation(finding: Finding, risk: str) -> Data:
    return {
        "uuid": _uuid("remediation", risk),
        "lifecycle": "recommendation",
        "title": prose(f"What to do about {finding.rule}"),
        "description": "  \n".join(prose(t) or "&#32;" for t in finding.remediation.split("\n")),
    }


def _assured(judged: Judged) -> list[tuple[str, str]]:
    covered = judged.verdict.value == "covered"
    found = judged.assured if covered else Assured()
    words = (
        ("assurance", found.weakest),
        ("agreement", found.agreement),
        ("settings", found.settings),
    )
    return [(name, assurance.word) for name, assurance in words]


def _props(facts: Iterable[tuple[str, str]]) -> list[Data]:
    said = ((name, plain(value)) for name, value in facts)
    return [{"name": n, "ns": "https://openai-phi.dev/oscal", "value": v} for n, v in said if v]


def _uuid(kind: str, name: str = "") -> str:
    text = f"{kind}\0{name}".encode("utf-8", "backslashreplace").decode("utf-8")
    return str(uuid5(NAMESPACE, text))


def _unread_order(unread: Unread) -> tuple[str, int, str]:
    return unread.file, unread.line, unread.reason
