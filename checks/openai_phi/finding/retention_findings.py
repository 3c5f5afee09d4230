"""Findings about how long a provider keeps what a PHI workload sends, and what makes it keep more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from openai_phi.finding.findings import describe, trace_of
from openai_phi.finding.rule import Rule
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.fixes import ANYTHING, Actor, Declares, Fix, Value, added
from openai_phi.words.found import Finding
from openai_phi.words.observed import Evidence, Kind, Role, Step
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource
from openai_phi.words.verdict import Conjunct

if TYPE_CHECKING:
    from openai_phi.facts.catalogue import Kept, Row
    from openai_phi.reading.terraform.proofs import ToolProof
    from openai_phi.verdicts.analysis import Analysis

_STORED = "stored_responses"


def kept_findings(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding a workload that uses endpoints which keep content until somebody deletes it."""
    for assessment in _once(analysis):
        kept = [
            row.endpoint
            for row in _rows(assessment)
            if row.state.until_deleted and not row.state_if_stored
        ]
        if not kept or _expires(assessment) is not None:
            continue
        names = ", ".join(kept)
        days: dict[str, Value] = {"match": assessment.workload.id, "retention_days": ANYTHING}
        may = " with expires_after" if any(r.expires_after for r in _rows(assessment)) else ""
        yield _at_workload(
            rule,
            assessment,
            f"has what it sends to {names} kept until somebody deletes it, and nothing says when",
            (
                Fix(
                    who=Actor.TEAM,
                    what=f"set when it ends in the code{may}, or delete it by a job, and declare the days in "
                    "openai-compliance.yaml:",
                    additions=(added(Declares.COMPLIANCE, "workloads", days),),
                ),
                Fix(
                    who=Actor.COMPLIANCE,
                    what="or declare them for the project in openai-policy.yaml (projects[].retention_days).",
                ),
            ),
            f"kept {names}",
        )


def stored_findings(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding for each request setting that is on and keeps content, unless a control undoes it."""
    for assessment in _once(analysis):
        edition = assessment.edition
        if edition is None or "state" in assessment.controls:
            continue
        for name in assessment.features:
            feature = edition.feature(name)
            if feature is None or not feature.keeps or _breaks(assessment, feature.id):
                continue
            said = [e for e in _features(assessment) if e.value in (name, feature.id)]
            control = (
                "" if "retention" not in edition.cover else ", and zero data retention is not shown"
            )
            yield _at_workload(
                rule,
                assessment,
                f"uses {describe(assessment.use)} with {feature.id} on{control}: {feature.note}",
                (
                    Fix(
                        who=Actor.TEAM,
                        what=f"switch {feature.id} off{_at(said)} (store: false, background: false).",
                    ),
                    *((_SHOW_CONTROL,) if control else ()),
                ),
                f"feature {feature.id}",
                said,
            )


def too_long_findings(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding a workload whose content is kept for more days than is declared as the most."""
    for assessment in _once(analysis):
        resource = assessment.workload.resource
        most = analysis.declarations.limits_for(resource.file).max_retention_days
        if most is None:
            continue
        times = {t for row in _rows(assessment) for t in _times(row, assessment)}
        long = sorted((t for t in times if _longer(t[0], most)), key=_by_days)
        if long:
            kept, endpoint, why = long[-1]
            known = f"for {kept}" if kept.days else str(kept)
            also = f" (and {len(long) - 1} more)" if len(long) > 1 else ""
            yield _at_workload(
                rule,
                assessment,
                f"has what it sends to {endpoint} kept {known}{also}, {why}; the declared "
                f"maximum is {most}",
                (_SHORTER[why], _OR_RAISE if kept.days else _OR_ASK),
                f"retention {endpoint}",
            )


_SHOW_CONTROL = Fix(
    who=Actor.COMPLIANCE,
    what="or show zero data retention of the project, which forces it, in openai-policy.yaml.",
)
_LOGS = "as logs for abuse monitoring, which no shown control ends"
_STATE = "as state of the endpoint"
_IF_STORED = "as nothing shows that requests do not store"
_SHORTER = {
    _LOGS: Fix(
        who=Actor.COMPLIANCE,
        what="record the control that ends them (zero data retention, modified abuse "
        "monitoring) in openai-policy.yaml.",
    ),
    _STATE: Fix(
        who=Actor.TEAM,
        what="set when it ends in the code (expires_after), or delete it earlier and declare "
        "the days (retention_days).",
    ),
    _IF_STORED: Fix(
        who=Actor.TEAM,
        what="set store: false, and declare the features in use (features: []).",
    ),
}


_OR_RAISE = Fix(
    who=Actor.COMPLIANCE,
    what="or raise limits.max_retention_days in openai-policy.yaml.",
)
_OR_ASK = Fix(
    who=Actor.COMPLIANCE,
    what="no page says how long; ask the provider, or use another endpoint.",
)


def _longer(kept: Kept, most: int) -> bool:
    """Whether content may be kept for more days than that: a time that is not known may be any."""
    return kept.days is None or kept.days > most


def _by_days(time: tuple[Kept, str, str]) -> tuple[int, str, str]:
    """An order in which the longest known time comes last."""
    kept, endpoint, why = time
    return kept.days or 0, endpoint, why


def _times(row: Row, assessment: Assessment) -> Iterator[tuple[Kept, str, str]]:
    """How long an endpoint keeps content at most, and why; without what the rule on deletion says."""
    if not row.abuse_logs.nothing and "logs" not in assessment.controls:
        yield row.abuse_logs, row.endpoint, _LOGS
    if row.state_if_stored and "state" in assessment.controls:
        return
    if row.state_if_stored and assessment.features_closed and _STORED not in assessment.features:
        return
    kept = row.state
    if kept.until_deleted:
        days = _expires(assessment)
        kept = replace(kept, days=days or 0, until_deleted=False)
    if not kept.nothing:
        yield kept, row.endpoint, _IF_STORED if row.state_if_stored else _STATE


def _rows(assessment: Assessment) -> list[Row]:
    """The catalogue's rows of what a use calls, without those that are a finding already."""
    wrong = {b.subject for b in assessment.broken if b.conjunct is Conjunct.ENDPOINT}
    edition = assessment.edition
    found = [edition.lookup(e) for e in assessment.endpoints if e not in wrong] if edition else []
    return [row for row in found if row]


def _expires(assessment: Assessment) -> int | None:
    """Days after which what is stored ends: in the code, else as declared; 0 if in the code, unknown."""
    said = [e.value for e in assessment.use.evidence if e.kind is Kind.EXPIRY]
    if said:
        return max(int(v or 0) for v in said)
    return assessment.deleted_after


def _once(analysis: Analysis) -> list[Assessment]:
    """The assessments, of the variants of one workload and use the first."""
    out: dict[tuple[object, ...], Assessment] = {}
    for assessment in analysis.assessments:
        resource, use = assessment.workload.resource, assessment.use
        key = (
            resource.scope,
            resource.id,
            resource.file,
            use.host,
            assessment.endpoints,
            use.features,
        )
        out.setdefault(key, assessment)
    return list(out.values())


def _features(assessment: Assessment) -> list[Evidence]:
    return [e for e in assessment.use.evidence if e.kind in (Kind.FEATURE, Kind.FEATURE_LIST)]


def _breaks(assessment: Assessment, subject: str) -> bool:
    return any(b.subject == subject for b in assessment.broken)


def _at(said: list[Evidence]) -> str:
    return f" at {said[0].place}" if said else ""


def _at_workload(
    rule: Rule,
    assessment: Assessment,
    what: str,
    fixes: tuple[Fix, ...],
    cause: str,
    said: list[Evidence] | None = None,
) -> Finding:
    resource = assessment.workload.resource
    near = [e.place for e in said or () if e.place.file == resource.file and e.place.line]
    place = near[0] if near else resource.place()
    return rule.finding(
        resource.id,
        place,
        f"{resource.id} handles PHI and {what}.",
        fixes=fixes,
        trace=trace_of(assessment),
        handle=resource.handle,
        end_line=max(resource.end_line, place.line),
        variant=resource.variant,
        cause=cause,
        changed_at=next((e.place.changed_at for e in said or () if e.place.line), None),
    )


# -- hosted tools ------------------------------------------------------------------------------------


def permitted_tools(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding a PHI project for which Terraform permits hosted tools.

    It sits at the resource that permits them; where that is not part of what is judged, at the first
    workload that uses the project, unless the policy marks the project, so that its own scan says it.
    """
    for proof in analysis.proofs.tools:
        users, marked = _users(analysis, proof)
        said = {b.subject for a in users for b in a.broken}  # one that is on is a finding already
        allowed = sorted(f for f, on in proof.allowed.items() if on and f not in said)
        if not allowed or not (users or marked):
            continue
        if proof.resource is not None:
            yield _permitted(rule, proof, proof.resource, allowed, users, marked)
        elif users and not marked:
            yield _permitted(rule, proof, users[0].workload.resource, allowed, users, marked)


def _users(analysis: Analysis, proof: ToolProof) -> tuple[list[Assessment], Place | None]:
    """The PHI uses of a project, and where the policy says that it is for PHI."""
    known = analysis.declarations.project(proof.project)
    names = {proof.project, known.id if known else proof.project}
    users = [a for a in analysis.assessments if a.project in names]
    place = known.place if known and known.data == "phi" else None
    return users, place


def _permitted(
    rule: Rule,
    proof: ToolProof,
    resource: Resource,
    allowed: list[str],
    users: list[Assessment],
    marked: Place | None,
) -> Finding:
    names = sorted({a.workload.id for a in users})
    why = f"whose PHI {', '.join(names)} sends" if names else f"which is for PHI ({marked})"
    steps = [Step(f"hosted tools are permitted at {proof.place}", proof.place)]
    if marked:
        steps.append(Step(f"the project is for PHI at {marked}", marked, Role.PHI))
    by_place = {a.workload.id: a.workload.resource.place() for a in users}
    steps += [Step(f"used by {n} at {p}", p, Role.WORKLOAD) for n, p in sorted(by_place.items())]
    return rule.finding(
        resource.id,
        proof.place if proof.place.file == resource.file else resource.place(),
        f"Project {proof.project}, {why}, may use hosted tools: {', '.join(allowed)}.",
        fixes=(
            Fix(
                who=Actor.TEAM,
                what=f"set those that are not needed to false at {proof.place} "
                "(web_search_enabled, mcp_enabled, code_interpreter_enabled, file_search_enabled, "
                "image_generation_enabled).",
            ),
        ),
        trace=tuple(steps),
        handle=resource.handle,
        end_line=resource.end_line,
        cause=f"tools {proof.project}",
    )
