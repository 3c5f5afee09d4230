"""Turns assessments into findings: one cause, one finding, with its way, its reason and its fix."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.fixes import (
    ANYTHING,
    DAY,
    ENDPOINT,
    ORGANIZATION,
    PROJECT,
    SOME_DAY,
    SUBSCRIPTION,
    Actor,
    Addition,
    Blank,
    Declares,
    Fix,
    Scalar,
    Secret,
    Value,
    added,
    scalar,
)
from openai_phi.words.found import Finding
from openai_phi.words.observed import (
    PHI_CLASSES,
    Assurance,
    Evidence,
    Kind,
    Role,
    Step,
    Use,
    WeakSpot,
    Workload,
)
from openai_phi.words.places import Place
from openai_phi.words.verdict import Broken, Conjunct, Missing, Verdict

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis

_LINE = re.compile(r":\d+")
STOP = Fix(
    what="If this is deployed already: stop the flow and tell the privacy officer.",
    law="The disclosure is presumed a breach until assessed (45 CFR 164.402; a business associate: 164.410).",
)
Fixes = tuple[Fix, ...]


_CONJUNCTS = {
    Conjunct.ENDPOINT: "endpoint",
    Conjunct.BAA: "BAA",
    Conjunct.CREDENTIAL: "credential",
    Conjunct.RETENTION: "retention control",
    Conjunct.FEATURE: "feature",
    Conjunct.GROUNDING: "web grounding",
    Conjunct.AVAILABILITY: "general availability",
    Conjunct.PARTY: "party on the way",
    Conjunct.PRODUCT: "product",
    Conjunct.RECEIVER: "receiver",
    Conjunct.DECLARATION: "declaration",
    Conjunct.SETTINGS: "settings",
}


def trace_of(assessment: Assessment) -> tuple[Step, ...]:
    """The way from PHI to the endpoint, place by place, then what holds and what does not."""
    workload, use = assessment.workload, assessment.use
    lines = [Step(f"1. PHI: {_phi(e)}", e.place, Role.PHI) for e in _shown(workload.phi_evidence)]
    if not lines and workload.declaration is not None:
        place = workload.declaration.place
        lines.append(Step(f"1. PHI: declared at {place}", place, Role.PHI))
    resource = workload.resource
    built = f", as built by {resource.variant}" if resource.variant else ""
    said = f"2. handled by {workload.id} at {resource.file}:{resource.line}{built}"
    lines.append(Step(said, resource.place(), Role.WORKLOAD))
    lines += [Step(f"3. {step}", step.place, Role.CALL) for step in use.via]
    verb = "which forwards to" if use.via else "calls"
    said = f"{4 if use.via else 3}. {verb} {describe(use)} ({use.how})"
    lines.append(Step(said, _called_at(use), Role.CALL))
    lines += [Step(f"   {e.say()}", e.place) for e in _shown(use.evidence, 6)]
    lines += [Step(f"holds: {h.because} ({h.word})", None, Role.HOLDS) for h in assessment.held]
    for broken in assessment.broken:
        text = f"broken: {_CONJUNCTS[broken.conjunct]}: {broken.reason}"
        lines.append(Step(text, next(iter(broken.places), None), Role.BROKEN))
    lines += [Step(f"missing: {m.what}", None, Role.MISSING) for m in assessment.missing]
    return tuple(lines)


def _phi(evidence: Evidence) -> str:
    return evidence.fact() if evidence.kind is Kind.PHI else evidence.say()


def _called_at(use: Use) -> Place | None:
    """The place that names what a use calls: its host, else whatever shows the use first."""
    named = [e for e in use.evidence if e.kind is Kind.HOST and e.value == use.host]
    return next((e.place for e in [*named, *use.evidence]), None)


def _shown(evidence: Iterable[Evidence], most: int = 4) -> list[Evidence]:
    kept = [e for e in evidence if e.kind not in (Kind.NOT_PHI, Kind.OTHER_CLASS)]
    strong = [e for e in kept if e.confidence.value != "suspected"]
    return (strong or kept)[:most]


def describe(use: Use) -> str:
    """A use in a few words: host and endpoints."""
    host = use.host or f"an unknown host of {use.provider}"
    return f"{host} {', '.join(use.endpoints)}".rstrip()


def broken_findings(rule: Rule, analysis: Analysis, conjunct: Conjunct) -> Iterator[Finding]:
    """One finding for each conjunct of this kind that is known to be broken, at its workload."""
    seen: set[tuple[str, str, int, str, str]] = set()
    for assessment in analysis.assessments:
        for broken in assessment.broken:
            resource = assessment.workload.resource
            said = broken.subject if broken.conjunct is Conjunct.PRODUCT else broken.reason
            key = (resource.scope, resource.id, resource.handle, resource.variant, said)
            if broken.conjunct is conjunct and key not in seen:
                seen.add(key)
                yield _broken(rule, assessment, broken)


def _broken(rule: Rule, assessment: Assessment, broken: Broken) -> Finding:
    resource = assessment.workload.resource
    place = _place_of(assessment, broken)
    return rule.finding(
        resource.id,
        place,
        f"{resource.id} handles PHI and uses {describe(assessment.use)}: {broken.reason}.",
        fixes=_FIXES[broken.conjunct](assessment, broken),
        trace=trace_of(assessment),
        handle=resource.handle,
        end_line=max(resource.end_line, place.line),
        variant=resource.variant,
        cause=f"{broken.conjunct.value} {broken.subject}",
        changed_at=_changed_at(assessment, broken),
        said=broken.reason,
    )


def _changed_at(assessment: Assessment, broken: Broken) -> Place | None:
    """Where a person changes what is broken: where it was seen, or what names it, is written."""
    named = [
        e.place for e in assessment.use.evidence if broken.subject and e.value == broken.subject
    ]
    found = [p.changed_at for p in (*broken.places, *named) if p.line]
    return found[0] if found else None


def _place_of(assessment: Assessment, broken: Broken) -> Place:
    """The workload's place, with the line of the evidence where that lies in the same file."""
    resource = assessment.workload.resource
    places = [p for p in broken.places if p.file == resource.file and p.line]
    places += [
        e.place
        for e in assessment.use.evidence
        if broken.subject
        and e.value == broken.subject
        and e.place.file == resource.file
        and e.place.line
    ]
    return places[0] if places else Place(resource.file, resource.line)


def _fix_endpoint(assessment: Assessment, broken: Broken) -> Fixes:
    return (
        Fix(
            who=Actor.TEAM,
            what=f"stop sending PHI to {broken.subject}; use a covered endpoint (such as /v1/responses with "
            f"store: false, or /v1/embeddings), and take {broken.subject} out of what the workload may call.",
        ),
        Fix(
            who=Actor.COMPLIANCE,
            what="if the signed BAA's terms do cover it, record them (agreements[].terms) in "
            "openai-policy.yaml.",
        ),
        STOP,
    )


def _fix_retention(assessment: Assessment, broken: Broken) -> Fixes:
    project = broken.subject or "the project"
    setting = 'openai_project_data_retention.type = "zero_data_retention"'
    if broken.assurance is Assurance.ENFORCED and broken.places:
        what = (
            f"once OpenAI has approved it, set {setting} for {project} at {broken.places[0]}; what the "
            "policy says of a project does not count against what Terraform sets."
        )
        return (Fix(who=Actor.TEAM, what=what),)
    entry: dict[str, Value] = {
        "kind": "zdr",
        "provider": "openai",
        "projects": (broken.subject or PROJECT,),
        "approved_on": SOME_DAY,
    }
    return (
        Fix(
            who=Actor.COMPLIANCE,
            what=f"switch zero data retention on for {project} and record it in openai-policy.yaml:",
            additions=(added(Declares.POLICY, "agreements", entry),),
        ),
        Fix(who=Actor.TEAM, what=f"or set {setting} where Terraform owns it."),
    )


_CLUSTER = ("kubernetes", "helm", "kustomize")
"""The frameworks whose variables are written as a list of name and value."""
_DENY = "or deny it for the project with openai_project_hosted_tool_permissions in Terraform."


def _fix_feature(assessment: Assessment, broken: Broken, deny: str = _DENY) -> Fixes:
    at = f" at {broken.places[0].changed_at}" if broken.places else ""
    names = [
        e for e in assessment.use.evidence if e.kind is Kind.FEATURE and e.value == broken.subject
    ]
    listed = assessment.workload.resource.framework in _CLUSTER
    here = [e.name for e in names if listed and not e.place.written[0]]
    code = (f'  - {{name: {scalar(here[0])}, value: "false"}}',) if here else ()
    what = f"switch {broken.subject} off{at}{':' if code else '.'}"
    return (Fix(who=Actor.TEAM, what=what, code=code, after=deny),)


def _fix_grounding(assessment: Assessment, broken: Broken) -> Fixes:
    return (*_fix_feature(assessment, broken, deny=""), STOP)


def _fix_availability(assessment: Assessment, broken: Broken) -> Fixes:
    at = f" at {broken.places[0].changed_at}" if broken.places else ""
    return (
        Fix(
            who=Actor.TEAM,
            what=f"use what is generally available in the place of {broken.subject}{at}, and declare it "
            "in openai-compliance.yaml (models: […]).",
        ),
        Fix(
            who=Actor.COMPLIANCE,
            what="a preview is outside the terms until the provider releases it; keep PHI away from it.",
        ),
    )


def _fix_party(assessment: Assessment, broken: Broken) -> Fixes:
    return (
        Fix(who=Actor.TEAM, what=f"call the provider without {broken.subject} on the way."),
        Fix(
            who=Actor.COMPLIANCE,
            what="or, only if there is a signed agreement with who operates it, record it in "
            "openai-policy.yaml:",
            additions=broken.additions,
        ),
        STOP,
    )


def _fix_product(assessment: Assessment, broken: Broken) -> Fixes:
    what = (
        "use the API (https://api.openai.com/v1) with a key of a project that the BAA covers, and "
        f"take {broken.subject} out."
    )
    return (Fix(who=Actor.TEAM, what=what), STOP)


def _fix_receiver(assessment: Assessment, broken: Broken) -> Fixes:
    found = [r for r in assessment.use.receivers if r.party == broken.subject]
    names = ", ".join(e.name for r in found for e in r.evidence)
    return (
        Fix(
            who=Actor.TEAM,
            what=f"switch it off ({names}), keep prompts and answers out of it, or send it to a host of "
            "one's own.",
        ),
        Fix(
            who=Actor.COMPLIANCE,
            what="or, only if there is a signed agreement, record it in openai-policy.yaml:",
            additions=broken.additions,
        ),
        STOP,
    )


def _fix_baa(assessment: Assessment, broken: Broken) -> Fixes:
    return (Fix(who=Actor.COMPLIANCE, what="record the BAA in openai-policy.yaml."), STOP)


_FIXES = {
    Conjunct.ENDPOINT: _fix_endpoint,
    Conjunct.RETENTION: _fix_retention,
    Conjunct.FEATURE: _fix_feature,
    Conjunct.GROUNDING: _fix_grounding,
    Conjunct.AVAILABILITY: _fix_availability,
    Conjunct.BAA: _fix_baa,
    Conjunct.PARTY: _fix_party,
    Conjunct.PRODUCT: _fix_product,
    Conjunct.RECEIVER: _fix_receiver,
}


def missing_baa_findings(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding per organization and root whose BAA is not in force, listing its workloads."""
    groups: dict[tuple[str, str], list[tuple[Assessment, Broken]]] = defaultdict(list)
    for assessment in analysis.assessments:
        for broken in assessment.broken:
            if broken.conjunct is Conjunct.BAA:
                groups[(broken.subject, broken.reason)].append((assessment, broken))
    for (organization, reason), found in sorted(groups.items()):
        assessments = [a for a, _ in found]
        lines = _lacking(organization, assessments, analysis)
        yield _missing_baa(rule, organization, reason, assessments, lines)


def _lacking(
    organization: str, found: list[Assessment], analysis: Analysis
) -> tuple[Addition, ...]:
    """What a policy lacks of these assessments: of an organization whose projects it has, the agreements alone."""
    lines = policy_for(organization or ORGANIZATION, PROJECT, found)
    policy = analysis.declarations.policy
    known = policy and any(p.organization == organization for p in policy.projects.values())
    if not (organization and known):
        return lines
    open_ = {m.conjunct for a in found for m in a.missing}
    open_ |= {b.conjunct for a in found for b in a.broken}
    baa = [a for a in lines if a.section == "agreements"]
    return tuple(a for a in baa if Conjunct.RETENTION in open_ or not _is_zdr(a))


def _is_zdr(addition: Addition) -> bool:
    return dict(addition.entry).get("kind") == "zdr"


def _missing_baa(
    rule: Rule,
    organization: str,
    reason: str,
    found: list[Assessment],
    lines: tuple[Addition, ...],
) -> Finding:
    first = found[0]
    names = sorted({a.workload.id for a in found})
    who = f"organization {organization}" if organization else "the organization whose key is used"
    resource = first.workload.resource
    return rule.finding(
        resource.id,
        Place(resource.file, resource.line),
        f"PHI of {len(names)} workload(s) ({', '.join(names)}) reaches {describe(first.use)}, and no BAA is in "
        f"force for {who}: {reason}.",
        fixes=(
            Fix(
                who=Actor.COMPLIANCE,
                what="record the signed BAA in openai-policy.yaml (only if there is one):",
                additions=lines,
                whole=True,
            ),
            STOP,
        ),
        trace=(*trace_of(first), *map(also, found[1:])),
        handle=resource.handle,
        end_line=resource.end_line,
        cause=f"baa {organization}",
        said=f"no BAA is in force for {who}: {reason}",
        also=tuple(n for n in names if n != resource.id),
    )


def also(assessment: Assessment) -> Step:
    place = assessment.workload.resource.place()
    return Step(f"also: {assessment.workload.id} at {place}", place, Role.ALSO)


def policy_for(
    organization: Scalar, project: Scalar, found: Sequence[Assessment]
) -> tuple[Addition, ...]:
    """What a policy would say that settles these assessments, with blanks only people can fill."""
    editions = {a.edition.provider: a.edition for a in found if a.edition}
    by_product_terms = [e for _, e in sorted(editions.items()) if e.by_product_terms]
    whose = ANYTHING if isinstance(organization, Blank) else organization
    out = [
        _baa(e.provider, "subscriptions", whose, Blank(ANYTHING.shown, e.terms))
        for e in by_product_terms
    ]
    if out and all(e.by_product_terms for e in editions.values()):
        return tuple(out)
    found = [a for a in found if not (a.edition and a.edition.by_product_terms)]
    known = next((a.edition.terms for a in found if a.edition), ANYTHING.as_if)
    terms = Blank(ANYTHING.shown, known)
    own: dict[str, Value] = {
        "id": project,
        "organization": organization,
        "data": "phi",
        "retention": "zero_data_retention",
    }
    return (
        *out,
        _baa("openai", "organizations", organization, terms),
        _zdr(project),
        added(Declares.POLICY, "projects", own),
        *_credentials(project, found),
    )


def _baa(provider: str, whose: str, organization: Scalar, terms: Scalar) -> Addition:
    entry: dict[str, Value] = {
        "kind": "baa",
        "provider": provider,
        whose: (organization,),
        "terms": terms,
        "signed_on": DAY,
    }
    said = terms.as_if if isinstance(terms, Blank) else ""
    note = f"the terms that were signed, such as {said}" if said != ANYTHING.as_if else ""
    return added(Declares.POLICY, "agreements", entry, note)


def _credentials(project: Scalar, found: Sequence[Assessment]) -> list[Addition]:
    """Whose key each secret holds, those of Kubernetes first."""
    secrets = {(s.store, str(s.name)) for a in found for s in a.use.secrets}
    ordered = sorted(secrets, key=lambda s: (s[0] != "kubernetes", s))
    return [
        added(Declares.POLICY, "credentials", {"project": project, store: Secret(name)})
        for store, name in ordered
    ]


def content_in_logs(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding a workload and log of one's own that keeps prompts and answers."""
    seen: set[tuple[str, str, int, str, str]] = set()
    for assessment in analysis.assessments:
        resource = assessment.workload.resource
        for receiver in (r for r in assessment.use.receivers if r.kind == "logs" and r.known):
            key = (resource.scope, resource.id, resource.handle, resource.variant, receiver.party)
            if key in seen:
                continue
            seen.add(key)
            fact = receiver.evidence[0]
            here = fact.place if fact.place.file == resource.file else resource.place()
            yield rule.finding(
                resource.id,
                here,
                f"{resource.id} handles PHI, and {receiver.title} keeps {receiver.what}: "
                f"{fact.name} at {fact.place}.",
                fixes=(
                    Fix(
                        who=Actor.TEAM,
                        what=f"take {fact.name} at {fact.place.changed_at} out, or set it so that no content is kept.",
                    ),
                ),
                trace=(*trace_of(assessment), Step(fact.say(), fact.place)),
                handle=resource.handle,
                end_line=max(resource.end_line, here.line),
                variant=resource.variant,
                severity="MEDIUM",
                cause=f"log {receiver.party}",
                changed_at=fact.place.changed_at,
            )


def weak_spot_findings(
    rule: Rule, analysis: Analysis, kind: str, fix: Callable[[WeakSpot], Fixes]
) -> Iterator[Finding]:
    """One finding a PHI workload and weak spot of a kind, at its line where that is in the same file."""
    for workload in analysis.phi_workloads():
        resource = workload.resource
        found = analysis.of(workload)
        for spot in (s for s in workload.weak_spots if s.kind == kind and found):
            link = spot.link or spot.place
            place = link if link.file == resource.file and link.line else resource.place()
            yield rule.finding(
                resource.id,
                place,
                f"{resource.id} handles PHI and uses {describe(found[0].use)}: {spot.text}.",
                fixes=fix(spot),
                trace=(*trace_of(found[0]), Step(f"{kind}: {spot.text}", spot.place)),
                handle=resource.handle,
                end_line=max(resource.end_line, place.line),
                variant=resource.variant,
                cause=f"{kind} {_LINE.sub('', spot.text)}",
                said=spot.text,
                changed_at=spot.place.changed_at if spot.place.line else None,
            )


def unproven_findings(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """Exactly one finding a workload that lacks a proof, listing every proof that is missing."""
    by_workload: dict[tuple[str, str, str, int], list[Assessment]] = defaultdict(list)
    for assessment in analysis.assessments:
        if assessment.missing and assessment.verdict is not Verdict.COVERED:
            resource = assessment.workload.resource  # its variants are one workload
            key = (resource.scope, resource.id, resource.file, resource.line)
            by_workload[key].append(assessment)
    for found in by_workload.values():
        yield _unproven(rule, found, analysis)
    seen: set[tuple[str, str, str, int]] = set()
    for workload in analysis.estate.unseen:
        resource = workload.resource
        key = (resource.scope, resource.id, resource.file, resource.line)
        if key not in seen:
            seen.add(key)
            yield _unseen(rule, workload)


def _unseen(rule: Rule, workload: Workload) -> Finding:
    """A workload of which nobody knows whether it uses a provider."""
    resource = workload.resource
    gaps = [g for g in resource.gaps if g.speaks]
    steps = [Step(f"1. PHI: {_phi(e)}", e.place, Role.PHI) for e in _shown(workload.phi_evidence)]
    if not steps and workload.declaration is not None:
        place = workload.declaration.place
        steps.append(Step(f"1. PHI: declared at {place}", place, Role.PHI))
    said = f"2. handled by {workload.id} at {resource.file}:{resource.line}"
    steps.append(Step(said, resource.place(), Role.WORKLOAD))
    steps += [Step(f"missing: {g.say()}", g.place, Role.MISSING) for g in gaps]
    return rule.finding(
        resource.id,
        Place(resource.file, resource.line),
        f"{resource.id} handles PHI, and what fills its settings speaks of a provider and could not be "
        f"evaluated; missing: {'; '.join(g.say() for g in gaps)}.",
        fixes=tuple(Fix(who=Actor.TEAM, what=f"{g.say()}.") for g in gaps),
        trace=tuple(steps),
        handle=resource.handle,
        end_line=resource.end_line,
        variant=resource.variant,
        cause="unseen",
        lacks=tuple(g.say() for g in gaps),
    )


def _unproven(rule: Rule, found: list[Assessment], analysis: Analysis) -> Finding:
    workload = found[0].workload
    resource = workload.resource
    missing = list(dict.fromkeys(m for a in found for m in a.missing))
    said = "; ".join(m.what for m in missing)
    hosts = ", ".join(dict.fromkeys(describe(a.use) for a in found))
    return rule.finding(
        resource.id,
        Place(resource.file, resource.line),
        f"{resource.id} handles PHI and uses {hosts}, and cover is not shown; missing: {said}.",
        fixes=_unproven_fix(workload, found, missing, analysis),
        trace=tuple(line for a in found for line in trace_of(a)),
        handle=resource.handle,
        end_line=resource.end_line,
        variant=resource.variant,
        cause="unproven",
        changed_at=_key_at(found),
        environments=_deployed_to(found),
        lacks=tuple(m.what for m in missing),
        said=missing[0].what + (f", and {len(missing) - 1} more to show" if missing[1:] else ""),
    )


def _key_at(found: list[Assessment]) -> Place | None:
    """Where the key of a workload is written, by which people know whose it is; else what it calls."""
    wanted = (Kind.KEY, Kind.HOST, Kind.ENDPOINT)
    evidence = [e for a in found if not a.use.via for e in a.use.evidence if e.kind in wanted]
    named = sorted((e for e in evidence if e.place.line), key=lambda e: wanted.index(e.kind))
    return named[0].place.changed_at if named else None


def _deployed_to(found: list[Assessment]) -> tuple[str, ...]:
    """The environments of a workload with all of its variants."""
    return tuple(dict.fromkeys(e for a in found for e in a.workload.resource.environments))


def _unproven_fix(
    workload: Workload, found: list[Assessment], missing: list[Missing], analysis: Analysis
) -> Fixes:
    """What gives the proofs: only lines that are missing, with blanks for what nobody said."""
    fixes = [Fix(who=m.who, what=f"{m.what}.") for m in missing]
    parts = {m.conjunct for m in missing}
    if Conjunct.DECLARATION in parts:
        return tuple(fixes)
    policy = analysis.declarations.policy
    recorded = (
        sorted(p.id for p in policy.projects.values() if p.data is None or p.data in PHI_CLASSES)
        if policy
        else []
    )
    known = [a.use.project for a in found if a.use.project]
    declared = workload.declaration.project if workload.declaration else None
    blank = Blank(PROJECT.shown, recorded[0]) if recorded else PROJECT
    project: Scalar = declared or (known[0] if known else blank)
    entry = _entry(workload, found, parts, project, recorded=bool(recorded))
    if len(entry) > 2:
        note = "" if any(a.use.endpoints for a in found) else "those that it really calls"
        addition = added(Declares.COMPLIANCE, "workloads", entry, note)
        fixes.append(Fix(who=Actor.TEAM, additions=(addition,), whole=True))
    proofs = tuple(dict.fromkeys(a for m in missing for a in m.additions))
    if proofs:
        fixes.append(Fix(who=Actor.COMPLIANCE, additions=proofs, choice=True))
    if parts & {Conjunct.BAA, Conjunct.RETENTION}:
        if not recorded:
            lines = policy_for(ORGANIZATION, project, found)
        elif Conjunct.BAA in parts:  # whose key it is would tell all the rest
            lines = tuple(_credentials(project, found))
        else:
            lines = (_zdr(project),)
        if lines:
            fixes.append(Fix(who=Actor.COMPLIANCE, additions=lines, whole=True))
        else:
            what = "keep the key in a secret store, so that the policy's credentials: can say whose it is"
            fixes.append(Fix(who=Actor.TEAM, what=f"{what}."))
    return tuple(fixes)


def _zdr(project: Scalar) -> Addition:
    entry: dict[str, Value] = {
        "kind": "zdr",
        "provider": "openai",
        "projects": (project,),
        "approved_on": DAY,
    }
    return added(Declares.POLICY, "agreements", entry)


def _entry(
    workload: Workload,
    found: list[Assessment],
    parts: set[Conjunct],
    project: Scalar,
    *,
    recorded: bool,
) -> dict[str, Value]:
    """What the team would declare of a workload; where a policy binds keys to projects, only what is missing."""
    bound = all(a.edition and a.edition.by_product_terms for a in found)
    key: dict[str, Value] = {} if bound or recorded else {"project": project}
    if bound and Conjunct.BAA in parts:
        key = {"organization": SUBSCRIPTION}
    models: dict[str, Value] = {"models": (ANYTHING,)} if Conjunct.AVAILABILITY in parts else {}
    called = _called(found)
    if recorded and Conjunct.ENDPOINT not in parts and not models:
        called = {}
    return {"match": workload.id, "data": "phi", **key, **called, **models}


def _called(found: list[Assessment]) -> dict[str, Value]:
    """The endpoints and features that a workload would declare: those seen, without what is broken."""
    wrong = {b.subject for a in found for b in a.broken}
    endpoints = sorted({e for a in found for e in a.use.endpoints} - wrong - {"*"})
    features = sorted({f for a in found for f in a.use.features} - wrong)
    return {"endpoints": tuple(endpoints or [ENDPOINT]), "features": tuple(features)}


def claims_without_proof(analysis: Analysis) -> Iterator[tuple[Workload, list[Evidence]]]:
    """Workloads whose claims (ZDR, BAA, fewer endpoints) cover rests on, or that nothing supports."""
    for workload in analysis.phi_workloads():
        claims: list[Evidence] = []
        for assessment in analysis.of(workload):
            claims += _claims(assessment)
        unique = list(dict.fromkeys(claims))
        if unique:
            yield workload, unique


def _claims(assessment: Assessment) -> list[Evidence]:
    wanted = {Kind.ZDR_CLAIM: Conjunct.RETENTION, Kind.BAA_CLAIM: Conjunct.BAA}
    out = [
        e
        for e in assessment.use.evidence
        if e.kind in wanted and e.value == "true" and not _proven(assessment, wanted[e.kind])
    ]
    if assessment.verdict is Verdict.COVERED and assessment.assurance is Assurance.CLAIMED:
        out += [e for e in assessment.use.evidence if e.kind is Kind.ALLOWLIST]
    return out


def _proven(assessment: Assessment, conjunct: Conjunct) -> bool:
    """Whether something stronger than the workload's word holds this conjunct."""
    return any(h.conjunct is conjunct and h.assurance > Assurance.CLAIMED for h in assessment.held)
