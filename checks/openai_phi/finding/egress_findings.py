"""Findings about egress: not restricted, wider than what is declared, or narrower than that."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.findings import trace_of
from openai_phi.finding.rule import Rule
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.fixes import Actor, Fix, scalar
from openai_phi.words.found import Finding
from openai_phi.words.observed import Evidence, Step, VoidProof, Workload
from openai_phi.words.resources import Resource
from openai_phi.words.verdict import Conjunct

if TYPE_CHECKING:
    from openai_phi.observing.egress import Allowance
    from openai_phi.verdicts.analysis import Analysis


def unrestricted(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding a PHI workload that may reach any address, where that is asked or policies select it."""
    for workload, found in _judged(analysis):
        resource = workload.resource
        open_ = [p for p in workload.limited_by if p.lets_out]
        asked = analysis.declarations.limits_for(resource.file).restrict_egress
        if open_:
            names = ", ".join(f"{p.id} at {p.file}:{p.line}" for p in open_)
            said = f"{names} limits what it may reach, and lets it reach any address too"
            steps = [Step(f"egress: {p.id} at {p.place()}", p.place()) for p in open_]
        elif asked and not workload.limited_by and not _around(analysis, resource):
            said = "nothing in the code restricts what it may reach, which the policy asks for"
            steps = []
        else:
            continue
        yield rule.finding(
            resource.id,
            resource.place(),
            f"{resource.id} handles PHI, and {said}.",
            fixes=(_restrict(found),),
            trace=(*trace_of(found[0]), *steps),
            handle=resource.handle,
            end_line=resource.end_line,
            variant=resource.variant,
            cause="egress",
        )


def _judged(analysis: Analysis) -> Iterator[tuple[Workload, list[Assessment]]]:
    """PHI workloads with the assessments of their uses, gateways of others left to their callers."""
    for workload in analysis.phi_workloads():
        found = list(analysis.of(workload))
        if found:
            yield workload, found


def _around(analysis: Analysis, resource: Resource) -> bool:
    """Whether egress rules of the same scope, which select no pods, restrict everything in it."""
    return any(
        r.restricts
        and r.resource.selects is None
        and r.resource.scope == resource.scope
        and r.resource.namespace in (None, resource.namespace)
        for r in analysis.estate.egress
    )


def _restrict(found: list[Assessment]) -> Fix:
    hosts = sorted({a.use.through[0] if a.use.through else a.use.host or "…" for a in found})
    resource = found[0].workload.resource
    if not resource.labels:
        what = f"let the network reach {', '.join(hosts)} and nothing else."
        return Fix(who=Actor.TEAM, what=what)
    labels = ", ".join(f"{scalar(k)}: {scalar(v)}" for k, v in resource.labels)
    names = ", ".join(f"{{matchName: {scalar(h)}}}" for h in hosts)
    return Fix(
        who=Actor.TEAM,
        what="let it reach what is declared and nothing else, for example:",
        code=(
            "apiVersion: cilium.io/v2",
            "kind: CiliumNetworkPolicy",
            f"metadata: {{name: {scalar(resource.name + '-egress')}}}",
            "spec:",
            f"  endpointSelector: {{matchLabels: {{{labels}}}}}",
            "  egress:",
            f"    - toFQDNs: [{names}]",
        ),
    )


def wider(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """What egress rules or a gateway let a PHI workload reach beyond what is declared."""
    for workload, found in _judged(analysis):
        allowances = _allowances(analysis, workload)
        lost = any(_host_lost(a, allowances) for a in found)  # which is what is said of it
        for allowed in allowances:
            more = "" if lost else _more_hosts(allowed, found)
            more = more or _more_paths(allowed, found)
            if more:
                said = f"{allowed.evidence.value} at {_at(allowed.evidence)} lets it reach {more}"
                yield _at_workload(rule, workload, found, said, allowed.evidence)
        yield from _wider_gateways(rule, workload, found)


def _allowances(analysis: Analysis, workload: Workload) -> list[Allowance]:
    """What the policies that select a workload allow of the hosts that we know."""
    ids = {id(p) for p in workload.limited_by}
    return [a for r in analysis.estate.egress if id(r.resource) in ids for a in r.allowed]


def _more_hosts(allowed: Allowance, found: list[Assessment]) -> str:
    """What a rule allows of hosts that none of the uses calls; empty if that is all it allows."""
    called = {h for a in found for h in (a.use.host, *a.use.through) if h}
    if allowed.host in called or any(a.use.host is None for a in found):
        return ""
    named = ", ".join(sorted(called))
    if "*" in allowed.host or allowed.host.startswith("."):
        return f"every host of {allowed.host}, and it calls {named}"
    return f"{allowed.host}, and it calls {named}"


def _more_paths(allowed: Allowance, found: list[Assessment]) -> str:
    """The endpoints that a rule allows and nobody declares; those known to be uncovered are said elsewhere."""
    mine = [a for a in found if a.use.host == allowed.host and a.declared is not None]
    if not mine or not allowed.paths:
        return ""
    declared = {e for a in mine for e in a.declared or ()}
    broken = {b.subject for a in mine for b in a.broken if b.conjunct is Conjunct.ENDPOINT}
    more = sorted(set(allowed.paths) - declared - broken)
    return (
        f"{', '.join(more)}, and {', '.join(sorted(declared)) or 'no endpoint'} is declared"
        if more
        else ""
    )


def _wider_gateways(rule: Rule, workload: Workload, found: list[Assessment]) -> Iterator[Finding]:
    """Endpoints that a gateway on the way serves, beyond what is declared for its caller."""
    for assessment in found:
        use = assessment.use
        if not use.through or assessment.declared is None:
            continue
        broken = {b.subject for b in assessment.broken if b.conjunct is Conjunct.ENDPOINT}
        more = sorted(set(use.endpoints) - set(assessment.declared) - broken)
        if more:
            said = (
                f"the gateway {use.through[-1]} lets it reach {', '.join(more)} of {use.host}, and "
                f"{', '.join(assessment.declared) or 'no endpoint'} is declared"
            )
            yield _at_workload(rule, workload, [assessment], said, None)


def unreachable(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """What is declared and nothing in the network lets the workload reach."""
    for workload, found in _judged(analysis):
        void = [p for p in workload.void_proofs if any(_calls(a, p.host) for a in found)]
        if void:
            yield _bounds_nothing(rule, workload, found, void)
            continue
        apart = next(filter(None, (_excluding(analysis, workload, a) for a in found)), None)
        if apart:
            said, fact = apart
            yield _at_workload(rule, workload, found, said, fact)
            continue
        allowances = _allowances(analysis, workload)
        if not allowances or any(p.lets_out for p in workload.limited_by):
            continue
        for assessment in found:
            said = _out_of_reach(assessment, allowances)
            if said:
                yield _at_workload(rule, workload, [assessment], said, allowances[0].evidence)


def _excluding(
    analysis: Analysis, workload: Workload, assessment: Assessment
) -> tuple[str, Evidence] | None:
    """Two kinds of rules around a workload of which one lets through what the other does not.

    Rules of one kind add up. What passes several kinds must be let through by each: where one names the host and
    another only other hosts, or both only paths that the other leaves out, neither proves where requests go.
    A mere list of hosts, which may be one of what is denied, is none of them.
    """
    host = assessment.use.host
    if not host or assessment.use.through:
        return None
    kinds: dict[str, list[Allowance]] = {}
    for each in analysis.estate.egress:
        allows = any(
            k.deny or k.block == "egress" for k in analysis.names.egress(each.resource.type)
        )
        if each.restricts and allows and _applies(each.resource, workload.resource):
            kinds.setdefault(each.resource.type, []).extend(each.allowed)
    return _apart_by_host(kinds, host) or _apart_by_paths(kinds, host)


def _apart_by_host(kinds: dict[str, list[Allowance]], host: str) -> tuple[str, Evidence] | None:
    letting = {t: [a for a in found if _covers(a.host, host)] for t, found in kinds.items()}
    first = next(((t, found[0]) for t, found in letting.items() if found), None)
    other = next((t for t, found in letting.items() if not found), None)
    if first is None or other is None:
        return None
    fact = kinds[other][0].evidence
    named = ", ".join(sorted({a.host for a in kinds[other]}))
    said = f"{first[0]} at {_at(first[1].evidence)} lets it reach {host}, and {other} at {_at(fact)} {named} alone"
    return f"{said}: the two exclude each other", fact


def _apart_by_paths(kinds: dict[str, list[Allowance]], host: str) -> tuple[str, Evidence] | None:
    found = [(t, [a for a in each if _covers(a.host, host)]) for t, each in kinds.items()]
    whole = [(t, each) for t, each in found if each and all(a.paths for a in each)]
    for (type_, ours), (other, theirs) in itertools.combinations(whole, 2):
        mine, other_paths = ({p for a in each for p in a.paths} for each in (ours, theirs))
        if not mine & other_paths:
            fact = theirs[0].evidence
            said = f"{type_} at {_at(ours[0].evidence)} lets it reach {', '.join(sorted(mine))} of {host}, "
            said += f"and {other} at {_at(fact)} {', '.join(sorted(other_paths))} alone"
            return f"{said}: the two exclude each other", fact
    return None


def _applies(rule: Resource, resource: Resource) -> bool:
    """Whether a rule holds for a workload: it selects its pods, or selects none and lies around it."""
    from openai_phi.linking.addresses import selected

    if rule.selects is not None:
        return selected(rule, resource)
    return rule.scope == resource.scope and rule.namespace in (None, resource.namespace)


def _calls(assessment: Assessment, host: str) -> bool:
    return assessment.use.host is not None and _covers(host, assessment.use.host)


def _bounds_nothing(
    rule: Rule, workload: Workload, found: list[Assessment], void: list[VoidProof]
) -> Finding:
    """A rule that names paths, of which nothing follows: what it names may be out of reach, or all within."""
    resource = workload.resource
    said = "; ".join(f"the rule at {p.place.file}:{p.place.line}: {p.why}" for p in void)
    return rule.finding(
        resource.id,
        resource.place(),
        f"{resource.id} handles PHI, and a network rule names paths of {void[0].host} that it does not "
        f"bound it to, so that it proves nothing: {said}.",
        fixes=(
            Fix(
                who=Actor.TEAM,
                what="terminate and originate TLS in the rule, name literal paths and POST, deny the rest by "
                "default, deny nothing of the host, and keep the pod out of its machine's network; or take the "
                "paths out of the rule.",
            ),
        ),
        trace=(*trace_of(found[0]), *(Step(f"egress: {p.why}", p.place) for p in void)),
        handle=resource.handle,
        end_line=resource.end_line,
        variant=resource.variant,
        cause="path rule bounds nothing",
    )


def _out_of_reach(assessment: Assessment, allowed: list[Allowance]) -> str:
    host = assessment.use.host
    if not host or assessment.use.through or not assessment.declared:
        return ""
    mine = [a for a in allowed if _covers(a.host, host)]
    if _host_lost(assessment, allowed):
        named = ", ".join(sorted({a.host for a in allowed}))
        return f"the network lets it reach {named} alone, and not {host}, which it calls"
    if any(not a.paths for a in mine):
        return ""
    paths = {p for a in mine for p in a.paths}
    lost = sorted(set(assessment.declared) - paths)
    return (
        f"{', '.join(lost)} is declared, and the network lets it reach {', '.join(sorted(paths))} alone"
        if lost
        else ""
    )


def _host_lost(assessment: Assessment, allowed: list[Allowance]) -> bool:
    """Whether rules that name hosts leave out the one that a use calls itself."""
    host = assessment.use.host
    if not host or assessment.use.through or not assessment.declared or not allowed:
        return False
    return not any(_covers(a.host, host) for a in allowed)


def _covers(pattern: str, host: str) -> bool:
    rest = pattern.lstrip("*").lstrip(".")
    return host == rest if rest == pattern else host.endswith("." + rest)


def _at(fact: Evidence) -> str:
    return f"{fact.place.file}:{fact.place.line}"


def _at_workload(
    rule: Rule, workload: Workload, found: list[Assessment], said: str, fact: Evidence | None
) -> Finding:
    resource = workload.resource
    more = () if fact is None else (Step(fact.say(), fact.place),)
    where = f"at {_at(fact)}" if fact else "in the gateway's configuration"
    return rule.finding(
        resource.id,
        resource.place(),
        f"{resource.id} handles PHI, and {said}.",
        fixes=(
            Fix(
                who=Actor.TEAM,
                what=f"let the rule {where} allow just what is declared, or declare what is really used in "
                "openai-compliance.yaml (workloads[].endpoints).",
            ),
        ),
        trace=(*trace_of(found[0]), *more),
        handle=resource.handle,
        end_line=resource.end_line,
        variant=resource.variant,
        cause=said.split(" at ")[0],
    )
