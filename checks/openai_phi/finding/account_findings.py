"""Findings about accounts of a provider: what stands open, what is watched, what is only a preview."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.findings import also, describe, trace_of
from openai_phi.finding.rule import Rule
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.fixes import DAY, Actor, Declares, Fix, Value, added
from openai_phi.words.found import Finding
from openai_phi.words.verdict import Conjunct

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis


def preview_api_findings(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding a workload that calls a preview of the API, where nothing else of it is a preview."""
    from openai_phi.verdicts.availability import preview_api_versions

    seen: set[tuple[str, str, str]] = set()
    for assessment in analysis.assessments:
        if assessment.edition is None or _breaks(assessment, Conjunct.AVAILABILITY):
            continue
        for item in preview_api_versions(assessment.use, assessment.edition):
            resource = assessment.workload.resource
            key = (resource.scope, resource.id, item.value)
            if key not in seen:
                seen.add(key)
                yield rule.finding(
                    resource.id,
                    item.place if item.place.file == resource.file else resource.place(),
                    f"{resource.id} handles PHI and calls {describe(assessment.use)} by the API version "
                    f"{item.value}, which is a preview.",
                    fixes=(
                        Fix(
                            who=Actor.TEAM,
                            what="call a version that is generally available (the newest without "
                            f"-preview, or v1), at {item.place.changed_at}.",
                        ),
                    ),
                    trace=trace_of(assessment),
                    handle=resource.handle,
                    end_line=max(resource.end_line, item.place.line),
                    severity="LOW",
                    cause=f"api version {item.value}",
                )


def _breaks(assessment: Assessment, conjunct: Conjunct) -> bool:
    return any(b.conjunct is conjunct for b in assessment.broken)


def monitored(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding an account (or host) whose monitoring for abuse is not known to be modified."""
    groups: dict[tuple[str, str], list[Assessment]] = defaultdict(list)
    for assessment in analysis.assessments:
        edition = assessment.edition
        if edition and edition.monitoring and "logs" not in assessment.controls:
            where = assessment.use.host or "an unknown host"
            groups[(assessment.workload.resource.scope, where)].append(assessment)
    for (_, host), found in sorted(groups.items()):
        first = found[0]
        at = first.use.account.resource if first.use.account else first.workload.resource
        known = first.edition.monitoring if first.edition else None
        provider = first.edition.provider if first.edition else first.use.provider
        if known:
            names = ", ".join(sorted({a.workload.id for a in found}))
            approved: dict[str, Value] = {
                "kind": known.control,
                "provider": provider,
                "approved_on": DAY,
            }
            yield rule.finding(
                at.id,
                at.place(),
                f"PHI of {names} goes to {host}, where {known.note}: no approval of "
                f"{known.control.replace('_', ' ')} is recorded.",
                fixes=(
                    Fix(
                        who=Actor.COMPLIANCE,
                        what="apply for it, and record the approval in openai-policy.yaml:",
                        additions=(added(Declares.POLICY, "agreements", approved),),
                        after=f"What is set can be read back with: {known.read_back}",
                    ),
                ),
                trace=(*trace_of(first), *map(also, found[1:])),
                handle=at.handle,
                end_line=at.end_line,
                cause=f"monitoring {host}",
            )


_OPEN = {
    "public_network": "may be called from any network",
    "local_auth": "accepts its keys (local authentication)",
}


def open_accounts(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding for each way in which an account that PHI is sent to stands open."""
    for account, found in analysis.by_account():
        for name, fact in (
            ("public_network", account.public_network),
            ("local_auth", account.local_auth),
        ):
            if not fact.value:
                continue
            resource = account.resource
            names = ", ".join(sorted({a.workload.id for a in found}))
            why = (
                "as the code sets it" if fact.said else "the default, as the code sets nothing else"
            )
            yield rule.finding(
                resource.id,
                fact.place if fact.place.file == resource.file else resource.place(),
                f"{resource.id} receives PHI of {names} and {_OPEN[name]} ({why}).",
                fixes=(
                    Fix(
                        who=Actor.TEAM,
                        what=f"set at {resource.place()}:",
                        code=(f"  {account.fix[name]}",),
                    ),
                ),
                trace=(*trace_of(found[0]), *map(also, found[1:])),
                handle=resource.handle,
                end_line=resource.end_line,
                cause=name,
            )
