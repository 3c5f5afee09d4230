"""The inventory: one JSON document of everything that a scan saw, judged and could not read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from openai_phi.finding.results import Result
from openai_phi.linking.estate import Marked
from openai_phi.reporting.accounted_rows import data_of
from openai_phi.reporting.posture import posture
from openai_phi.verdicts.analysis import Analysis, Inputs, analyse
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.found import Exempt, Finding
from openai_phi.words.observed import Evidence, Step, Use, Workload
from openai_phi.words.places import Place
from openai_phi.words.resources import Gap, Resource

VERSION = 1
SCHEMA = "https://openai-phi.dev/schemas/openai-phi-inventory.schema.json"


def of_result(result: Result) -> dict[str, Any]:
    """The document of a whole scan: with what fails, what is exempt, and how it was made."""
    return {
        **inventory(result.inputs, result.analysis),
        "counts": posture(result).figures,
        "frameworks": list(result.frameworks),
        "notes": list(result.notes),
        "gaps": list(result.gaps),
        "rules": [
            {"id": r.rule.id, "title": r.rule.flags, "severity": r.rule.severity, "error": r.error}
            for r in result.runs
        ],
        "findings": [_finding(f) for f in result.findings],
        "exempt": [_exempt(e) for e in result.exempt],
    }


def inventory(inputs: Inputs, analysis: Analysis | None = None) -> dict[str, Any]:
    """The document for these inputs, as plain data. Its form: openai-phi-inventory.schema.json."""
    analysis = analysis or analyse(inputs)
    others = analysis.linked.others(analysis.estate, inputs.declarations)
    workloads = [_workload(w, analysis) for w in analysis.estate.workloads]
    workloads += [_workload(w, analysis) for w in others.silent]
    return {
        "$schema": SCHEMA,
        "version": VERSION,
        "date": analysis.today.isoformat(),
        "catalogue": sorted(f"{e.provider} {e.id}" for e in inputs.catalogue.editions),
        "workloads": sorted(workloads, key=_key),
        "without_workload": _marked(
            Marked(resource=o.resource, evidence=o.evidence) for o in analysis.estate.orphans
        ),
        "marked": _marked(others.marked),
        "keys": _marked(
            Marked(resource=o.resource, evidence=o.evidence) for o in analysis.estate.keys
        ),
        "egress": _marked(
            Marked(resource=r.resource, evidence=r.evidence) for r in analysis.estate.egress
        ),
        "mistakes": [
            {"file": m.place.file, "line": m.place.line, "message": m.message}
            for m in sorted(
                analysis.mistakes, key=lambda m: (m.place.file, m.place.line, m.message)
            )
        ],
        "unread": [
            {
                "file": u.file,
                "line": u.line,
                "reason": u.reason,
                "matters": u.matters,
                "signature": u.signature,
            }
            for u in sorted(analysis.unread, key=lambda u: (u.file, u.line, u.reason))
        ],
    }


def as_text(document: dict[str, Any]) -> str:
    """The document as JSON text: the same bytes for the same document."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    out: dict[str, Any] = {
        "rule": finding.rule,
        "severity": finding.severity,
        "resource": finding.resource,
        **_place(finding.place),
        "end_line": max(finding.end_line, finding.place.line),
        "message": finding.message,
        "remediation": finding.remediation,
        "fingerprint": finding.fingerprint,
        "fingerprint_v2": finding.fingerprint_v2,
        "environments": list(finding.environments),
        "each": [
            {
                "fingerprint": m.fingerprint,
                "resource": m.resource,
                "environments": list(m.environments),
                **_place(m.place),
            }
            for m in finding.members
        ],
        "trace": [_step(s) for s in finding.trace],
    }
    if finding.variant:
        out["variant"] = finding.variant
    return out


def _step(step: Step) -> dict[str, Any]:
    place = {} if step.place is None else _place(step.place)
    return {"role": step.role.value, "text": step.text, **place}


def _exempt(exempt: Exempt) -> dict[str, Any]:
    return {
        "kind": exempt.kind,
        "plan": exempt.plan,
        "reason": exempt.reason,
        "owner": exempt.owner,
        "approved_by": exempt.approved_by,
        "approved_on": exempt.approved_on,
        "expires_on": exempt.expires_on,
        "ticket": exempt.ticket,
        **_place(exempt.place),
        "finding": _finding(exempt.finding),
    }


def _key(item: dict[str, Any]) -> tuple[str, int, str, str]:
    return item["file"], item["line"], item["id"], item.get("variant", "")


def _resource(resource: Resource) -> dict[str, Any]:
    out: dict[str, Any] = {
        "id": resource.id,
        "type": resource.type,
        "framework": resource.framework,
        "scope": resource.scope if not resource.scope.startswith("/") else "",
        "file": resource.file,
        "line": resource.line,
    }
    if resource.variant:
        out["variant"] = resource.variant
    if resource.environments:
        out["environments"] = list(resource.environments)
    return out


def _workload(workload: Workload, analysis: Analysis) -> dict[str, Any]:
    assessed = {id(a.use): a for a in analysis.of(workload)}
    return {
        **_resource(workload.resource),
        "phi": {
            "status": workload.phi.value,
            "evidence": _evidence(workload.phi_evidence),
            "contradicted_by": _evidence(workload.contradiction),
        },
        "uses": [_use(u, assessed.get(id(u))) for u in workload.uses],
        "egress": _evidence(workload.egress),
        **data_of(workload),
        **({"gaps": [_gap(g) for g in workload.resource.gaps]} if workload.resource.gaps else {}),
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        **_place(gap.place),
        "path": gap.path,
        "reason": gap.reason,
        "closes": gap.closes,
        "speaks": gap.speaks,
    }


def _use(use: Use, assessment: Assessment | None) -> dict[str, Any]:
    out: dict[str, Any] = {
        "provider": use.provider,
        "host": use.host,
        "how": use.how,
        "through": list(use.through),
        "receivers": [
            {
                "party": r.party,
                "what": r.what,
                "host": r.host,
                "kind": r.kind,
                "known": r.known,
                "evidence": _evidence(r.evidence),
            }
            for r in use.receivers
        ],
        "endpoints": list(use.endpoints),
        "endpoints_closed_by": use.closed.word,
        "models": list(use.models),
        "features": list(use.features),
        "project": use.project,
        "organization": use.organization,
        "secrets": [str(s) for s in use.secrets],
        "evidence": _evidence(use.evidence),
    }
    if assessment is not None:
        out["verdict"] = assessment.verdict.value
        out["assurance"] = assessment.assurance.word
        out["agreement"] = assessment.assured.agreement.word
        out["settings"] = assessment.assured.settings.word
        if assessment.not_judged:
            out["not_judged"] = list(assessment.not_judged)
        out["reasons"] = [
            *(
                {"is": "broken", "part": b.conjunct.value, "why": b.reason}
                for b in assessment.broken
            ),
            *(
                {"is": "missing", "part": m.conjunct.value, "why": m.what}
                for m in assessment.missing
            ),
            *(
                {
                    "is": "holds",
                    "part": h.conjunct.value,
                    "why": h.because,
                    "assurance": h.word,
                }
                for h in assessment.held
            ),
        ]
    return out


def _marked(items: Iterable[Marked]) -> list[dict[str, Any]]:
    found = [{**_resource(m.resource), "evidence": _evidence(m.evidence)} for m in items]
    return sorted(found, key=lambda i: (*_key(i), json.dumps(i["evidence"], sort_keys=True)))


def _evidence(items: Sequence[Evidence]) -> list[dict[str, Any]]:
    out = []
    for item in dict.fromkeys(items):
        fact: dict[str, Any] = {
            "kind": item.kind.value,
            "name": item.name,
            "value": item.value,
            "confidence": item.confidence.value,
            **_place(item.place),
        }
        if item.provider:
            fact["provider"] = item.provider
        if item.note:
            fact["note"] = item.note
        if item.inherited:
            fact["inherited"] = True
        out.append(fact)
    return sorted(
        out, key=lambda e: (e["file"], e["line"], e["path"], json.dumps(e, sort_keys=True))
    )


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "path": place.path}
