"""Findings about destinations of PHI workloads of which nothing tells, where the policy asks for that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.words.fixes import ANYTHING, Actor, Declares, Fix, added
from openai_phi.words.found import Finding
from openai_phi.words.observed import Role, Step, Workload

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis


def unaccounted_findings(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding a PHI workload with destinations that nothing accounts for, what is a use left out."""
    seen: set[tuple[str, str, str, int]] = set()
    for workload in analysis.estate.accounted():
        resource = workload.resource
        key = (resource.scope, resource.id, resource.file, resource.line)
        asked = analysis.declarations.limits_for(resource.file).unaccounted == "fail"
        if asked and key not in seen and any(not d.carries for d in workload.unaccounted):
            seen.add(key)
            yield _finding(rule, workload)


def _finding(rule: Rule, workload: Workload) -> Finding:
    resource = workload.resource
    lost = [d for d in workload.unaccounted if not d.carries]
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
        cause="unaccounted",
    )
