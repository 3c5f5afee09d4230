"""Findings about where content of PHI and of personal data of the EU goes, and the agreement for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from openai_phi.finding.findings import also, describe, trace_of
from openai_phi.finding.rule import Rule
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.fixes import ANYTHING, DAY, Actor, Declares, Fix, Value, added
from openai_phi.words.found import Finding
from openai_phi.words.observed import Deployment, Step
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource

if TYPE_CHECKING:
    from openai_phi.reading.terraform.proofs import GeographyProof
    from openai_phi.verdicts.analysis import Analysis

_DECLARED = "limits.regions of openai-policy.yaml"


def outside_region(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding a host, a project or a deployment that is bound to another region, or to none."""
    assessments = analysis.judged()
    yield from _hosts(rule, analysis, assessments)
    yield from _projects(rule, analysis, assessments)
    yield from _deployments(rule, analysis, assessments)
    yield from _accounts(rule, analysis, assessments)


def _allowed(analysis: Analysis, assessment: Assessment) -> tuple[frozenset[str], str]:
    """The regions declared for a use, and where: the policy's limits, else its project's geography."""
    from openai_phi.facts.regions import regions_of_names, selects_per_request

    limits = analysis.declarations.limits_for(assessment.workload.resource.file)
    if limits.regions:
        return regions_of_names(limits.regions), _DECLARED
    project = analysis.declarations.project(assessment.project) if assessment.project else None
    if project and project.geography and not selects_per_request(project.geography):
        return regions_of_names([project.geography]), f"project {project.id} at {project.place}"
    return frozenset(), ""


def _hosts(rule: Rule, analysis: Analysis, found: Sequence[Assessment]) -> Iterator[Finding]:
    from openai_phi.facts.regions import ANYWHERE, hosts_of_regions, region_of_host

    seen: set[tuple[str, str, str]] = set()
    for assessment in found:
        resource, host = assessment.workload.resource, assessment.use.host or ""
        allowed, where = _allowed(analysis, assessment)
        region = region_of_host(host)
        unbound = region == ANYWHERE and not _geographies(analysis, assessment)
        wrong = region not in (*allowed, "", ANYWHERE) or (unbound and where == _DECLARED)
        key = (resource.scope, resource.id, host)
        if not allowed or not wrong or key in seen:
            continue
        seen.add(key)
        bound = "is bound to no region" if region == ANYWHERE else f"is bound to {region}"
        yield _at(
            rule,
            resource,
            f"{resource.id} sends its data to {describe(assessment.use)}, which {bound}; declared is "
            f"{_said(allowed)} ({where}).",
            (
                Fix(
                    who=Actor.TEAM,
                    what=f"call the host of the region ({', '.join(hosts_of_regions(allowed))}) with the "
                    "key of a project of it.",
                ),
                Fix(
                    who=Actor.COMPLIANCE,
                    what="record the project's geography in openai-policy.yaml (projects[].geography).",
                ),
            ),
            trace_of(assessment),
            f"host {host}",
        )


def _geographies(analysis: Analysis, assessment: Assessment) -> list[GeographyProof]:
    """What says where the project of a use stores: Terraform, or the policy."""
    from openai_phi.reading.terraform.proofs import GeographyProof

    known = analysis.declarations.project(assessment.project) if assessment.project else None
    names = {assessment.project, known.terraform if known else None}
    out = [g for g in analysis.proofs.geographies if g.project in names]
    if known and known.geography:
        out.append(GeographyProof(known.id, known.geography, known.place))
    return out


def _projects(rule: Rule, analysis: Analysis, found: Sequence[Assessment]) -> Iterator[Finding]:
    from openai_phi.facts.regions import is_selected, region_of_name, selects_per_request

    groups: dict[tuple[str, Place], list[tuple[Assessment, GeographyProof]]] = defaultdict(list)
    for assessment in found:
        allowed, _ = _allowed(analysis, assessment)
        for said in _geographies(analysis, assessment):
            if allowed and region_of_name(said.geography) not in allowed:
                groups[(said.project, said.place)].append((assessment, said))
    for users in groups.values():
        first, said = users[0]
        allowed, where = _allowed(analysis, first)
        resource = said.resource or first.workload.resource
        if selects_per_request(said.geography):
            others = [(a, s) for a, s in users if not is_selected(a.use.host or "")]
            if not others:
                yield from _asks_for_switch(rule, analysis, [a for a, _ in users], said)
                continue
            users, (first, said) = others, others[0]
        yield _at(
            rule,
            resource,
            f"Project {said.project}, which {_names([a for a, _ in users])} uses, stores in "
            f"{region_of_name(said.geography)} (at {said.place}); declared is {_said(allowed)} ({where}).",
            (
                Fix(
                    who=Actor.TEAM,
                    what="use a project of the region; a project's region is fixed when it is created.",
                ),
                Fix(who=Actor.COMPLIANCE, what="or correct what is declared."),
            ),
            (*trace_of(first), *(also(a) for a, _ in users[1:])),
            f"project {said.project}",
            said.place,
        )


def _asks_for_switch(
    rule: Rule, analysis: Analysis, users: list[Assessment], said: GeographyProof
) -> Iterator[Finding]:
    """A Global project whose requests select their region by the host: only where its switch is recorded on."""
    first = users[0]
    project = analysis.declarations.project(first.project) if first.project else None
    if project and project.per_request_residency:
        return
    hosts = ", ".join(sorted({a.use.host or "" for a in users}))
    yield _at(
        rule,
        said.resource or first.workload.resource,
        f"Project {said.project}, which {_names(users)} uses, is Global (at {said.place}), and {hosts} selects the "
        "region of each request only where per-request data residency is on for the project, which is not recorded.",
        (
            Fix(
                who=Actor.COMPLIANCE,
                what="see that per-request data residency was enabled when the project was made, and record it in "
                "openai-policy.yaml (projects[].per_request_residency: true); or use a project of the region.",
            ),
        ),
        (*trace_of(first), *(also(a) for a in users[1:])),
        f"project {said.project}",
        said.place,
    )


def _deployments(rule: Rule, analysis: Analysis, found: Sequence[Assessment]) -> Iterator[Finding]:
    from openai_phi.facts.regions import region_of_deployment

    groups: dict[int, list[tuple[Assessment, Deployment, str]]] = defaultdict(list)
    for assessment in found:
        account, allowed = assessment.use.account, _allowed(analysis, assessment)[0]
        for deployment in account.deployments if account and allowed else ():
            named = assessment.use.deployments
            region = region_of_deployment(account, deployment) if account else ""
            if (deployment.name in named or not named) and region not in (*allowed, ""):
                groups[id(deployment)].append((assessment, deployment, region))
    for users in groups.values():
        first, deployment, region = users[0]
        allowed, where = _allowed(analysis, first)
        resource = deployment.resource
        yield _at(
            rule,
            resource,
            f"{resource.id}, which {_names([a for a, _, _ in users])} uses, runs in {region} (SKU "
            f"{deployment.sku}); declared is {_said(allowed)} ({where}).",
            (
                Fix(
                    who=Actor.TEAM,
                    what="deploy it with a SKU that stays in the region (Standard, ProvisionedManaged, or "
                    f"DataZoneStandard for a zone) at {resource.place()}.",
                ),
            ),
            (*trace_of(first), *(also(a) for a, _, _ in users[1:])),
            f"sku {deployment.name}",
        )


def _accounts(rule: Rule, analysis: Analysis, found: Sequence[Assessment]) -> Iterator[Finding]:
    """Accounts that keep what is stored elsewhere, unless a deployment of theirs says it already."""
    from openai_phi.facts.regions import region_of_account, region_of_deployment

    groups: dict[int, list[Assessment]] = defaultdict(list)
    for assessment in found:
        account, allowed = assessment.use.account, _allowed(analysis, assessment)[0]
        if not account or not allowed or region_of_account(account) in (*allowed, ""):
            continue
        runs = {region_of_deployment(account, d) for d in account.deployments}
        if runs <= {*allowed, ""}:
            groups[id(account)].append(assessment)
    for users in groups.values():
        first = users[0]
        account = first.use.account
        if account:
            allowed, where = _allowed(analysis, first)
            yield _at(
                rule,
                account.resource,
                f"{account.resource.id}, which {_names(users)} uses, stores in "
                f"{region_of_account(account)} ({account.location}); declared is {_said(allowed)} ({where}).",
                (
                    Fix(
                        who=Actor.TEAM,
                        what="use an account of the region; an account's region is fixed when it is created.",
                    ),
                ),
                (*trace_of(first), *map(also, users[1:])),
                "account",
            )


def _names(found: Sequence[Assessment]) -> str:
    return ", ".join(sorted({a.workload.id for a in found}))


def _said(regions: frozenset[str]) -> str:
    return ", ".join(sorted(regions))


def _at(
    rule: Rule,
    resource: Resource,
    message: str,
    fixes: tuple[Fix, ...],
    trace: tuple[Step, ...],
    cause: str,
    place: Place | None = None,
) -> Finding:
    here = place if place and place.file == resource.file else resource.place()
    return rule.finding(
        resource.id,
        here,
        message,
        fixes=fixes,
        trace=trace,
        handle=resource.handle,
        end_line=max(resource.end_line, here.line),
        variant=resource.variant,
        cause=cause,
        changed_at=place.changed_at if place and place.line else None,
    )


def without_dpa(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding a provider and organization that personal data of the EU goes to without a DPA."""
    groups: dict[tuple[str, str], list[Assessment]] = defaultdict(list)
    for assessment in analysis.judged():
        provider = assessment.edition.provider if assessment.edition else assessment.use.provider
        organization = assessment.organization
        if assessment.workload.personal_eu and not analysis.declarations.agreed(
            "dpa", provider, organization, analysis.today
        ):
            groups[(provider, organization or "")].append(assessment)
    for (provider, organization), found in sorted(groups.items()):
        first = found[0]
        resource = first.workload.resource
        whose = f" for organization {organization}" if organization else ""
        dpa: dict[str, Value] = {
            "kind": "dpa",
            "provider": provider,
            "organizations": (organization or ANYTHING,),
            "signed_on": DAY,
        }
        yield _at(
            rule,
            resource,
            f"Personal data of the EU of {_names(found)} goes to {describe(first.use)}, and no data "
            f"processing agreement with {provider}{whose} is in force.",
            (
                Fix(
                    who=Actor.COMPLIANCE,
                    what="record it in openai-policy.yaml (only if there is one):",
                    additions=(added(Declares.POLICY, "agreements", dpa),),
                ),
            ),
            (
                *(Step(f"personal data of the EU: {p}", p) for p in first.workload.personal_eu),
                *trace_of(first),
                *map(also, found[1:]),
            ),
            f"dpa {provider} {organization}",
        )
