"""Findings about what nothing tells of PHI workloads, where the policy asks for that: destinations, settings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.words.destinations import Destination
from openai_phi.words.fixes import ANYTHING, Actor, Declares, Fix, added
from openai_phi.words.found import Finding
from openai_phi.words.observed import PhiStatus, Role, Step, Workload
from openai_phi.words.resources import Gap

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis

_ASKED = ("new", "fail")
UNACCOUNTED, GAPS = "unaccounted", "gaps"
"""What the causes of these findings begin with: the limit by which the policy asks for them."""


def unaccounted_findings(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """Destinations of PHI workloads that nothing accounts for, what is a use left out.

    One finding a workload; where only what is new is asked for, one for each destination.
    """
    seen: set[tuple[str, str, str, int]] = set()
    for workload in analysis.estate.accounted():
        resource = workload.resource
        key = (resource.scope, resource.id, resource.file, resource.line)
        asked = analysis.declarations.limits_for(resource.file).unaccounted
        lost = [d for d in workload.unaccounted if not d.carries]
        if asked in _ASKED and key not in seen and lost:
            seen.add(key)
            each = [[d] for d in lost] if asked == "new" else [lost]
            for some in each:
                cause = f"{UNACCOUNTED}: {some[0].name}" if asked == "new" else UNACCOUNTED
                yield _finding(rule, workload, some, cause)


def gap_findings(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """What could not be evaluated of PHI workloads, what decides a use left out: one finding for each."""
    judged = {id(a.workload.resource) for a in analysis.assessments}
    judged |= {id(w.resource) for w in analysis.estate.unseen}
    seen: set[tuple[str, str, str]] = set()
    for workload in (*analysis.estate.workloads, *analysis.estate.silent):
        resource = workload.resource
        asked = analysis.declarations.limits_for(resource.file).gaps in _ASKED
        if not asked or workload.phi is not PhiStatus.PHI or id(resource) in judged:
            continue
        for gap in resource.gaps:
            key = (resource.scope, resource.id, gap.path)
            if key not in seen:
                seen.add(key)
                yield _gap(rule, workload, gap)


def _gap(rule: Rule, workload: Workload, gap: Gap) -> Finding:
    resource = workload.resource
    return rule.finding(
        resource.id,
        resource.place(),
        f"{resource.id} handles PHI, and of its settings could not be evaluated: {gap.say()}.",
        fixes=(Fix(who=Actor.TEAM, what=f"{gap.say()}."),),
        trace=(Step(f"missing: {gap.say()}", gap.place, Role.MISSING),),
        handle=resource.handle,
        end_line=resource.end_line,
        variant=resource.variant,
        cause=f"{GAPS}: {gap.path}",
    )


def _finding(rule: Rule, workload: Workload, lost: Sequence[Destination], cause: str) -> Finding:
    resource = workload.resource
    named = ", ".join(f"{d.name} ({d.said_by} at {d.place.file}:{d.place.line})" for d in lost)
    entries = tuple(
        added(Declares.POLICY, "destinations", {"host": d.name, "reason": ANYTHING}) for d in lost
    )
    return rule.finding(
        resource.id,
        resource.place(),
        f"{resource.id} handles PHI, and where it sends to is not accounted for: {named}.",
        fixes=(
            Fix(
                who=Actor.COMPLIANCE,
                what="say what each is; with agreement: instead of reason: where PHI may go there.",
                additions=entries,
            ),
        ),
        trace=tuple(
            Step(f"missing: what {d.name} is: {d.reason}", d.place, Role.MISSING) for d in lost
        ),
        handle=resource.handle,
        end_line=resource.end_line,
        variant=resource.variant,
        cause=cause,
    )
