"""Findings about what PHI shares with other work: keys, projects, and models that were tuned on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.findings import also, trace_of
from openai_phi.finding.rule import Rule
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.fixes import Actor, Fix
from openai_phi.words.found import Finding
from openai_phi.words.observed import (
    Evidence,
    Kind,
    PhiStatus,
    Role,
    Step,
    Workload,
    steps,
)
from openai_phi.words.places import Place

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis


def admin_keys(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding a workload that holds an admin key, unless administering is what it is there for."""
    for workload in analysis.estate.workloads:
        resource = workload.resource
        keys = list(
            dict.fromkeys(
                e
                for use in workload.uses
                if not use.via
                for e in use.evidence
                if e.kind is Kind.KEY and e.value != "none" and e.admin
            )
        )
        if not keys or analysis.names.administers(resource.type):
            continue
        names = ", ".join(sorted({e.name for e in keys}))
        place = _near(keys, resource.place())
        yield rule.finding(
            resource.id,
            place,
            f"{resource.id} holds a key that administers the whole organization ({names}).",
            fixes=(
                Fix(
                    who=Actor.TEAM,
                    what=f"take it out at {place}, and give the workload the key of a service account of its "
                    "project (OPENAI_API_KEY); keep the admin key where the organization is managed.",
                ),
                Fix(
                    what="If the workload is deployed already: revoke the admin key and make a new one."
                ),
            ),
            trace=steps(keys),
            handle=resource.handle,
            end_line=max(resource.end_line, place.line),
            variant=resource.variant,
            cause="admin key",
            changed_at=keys[0].place.changed_at,
        )


def _near(evidence: list[Evidence], otherwise: Place) -> Place:
    """The first place in the workload's own file."""
    return next((e.place for e in evidence if e.place.file == otherwise.file), otherwise)


def shared_keys(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding a project or key that PHI and other work share; only where both are known."""
    clear = [a for a in analysis.others if a.workload.phi is PhiStatus.NOT_PHI]
    told: set[frozenset[int]] = set()
    for what in (_projects, _credentials):
        phi, other = what(analysis.assessments), what(clear)
        for name in sorted(set(phi) & set(other)):
            both = frozenset(id(a.workload) for a in (*phi[name], *other[name]))
            if any(both <= known for known in told):
                continue
            told.add(both)
            yield _shared(rule, name[-1], phi[name], other[name])


_Groups = dict[tuple[str, ...], list[Assessment]]


def _projects(found: tuple[Assessment, ...] | list[Assessment]) -> _Groups:
    groups: _Groups = defaultdict(list)
    for assessment in found:
        if assessment.project:
            groups[(f"project {assessment.project}",)].append(assessment)
    return groups


def _credentials(found: tuple[Assessment, ...] | list[Assessment]) -> _Groups:
    """By the secret that the key comes from, within one scope: elsewhere its name is another secret."""
    groups: _Groups = defaultdict(list)
    for assessment in found:
        for secret in assessment.use.secrets:
            groups[(assessment.workload.resource.scope, f"the key in {secret}")].append(assessment)
    return groups


def _shared(rule: Rule, name: str, phi: list[Assessment], other: list[Assessment]) -> Finding:
    first = phi[0]
    resource = first.workload.resource
    return rule.finding(
        resource.id,
        resource.place(),
        f"{name[:1].upper()}{name[1:]} serves PHI ({_names(phi)}) and other work ({_names(other)}).",
        fixes=(
            Fix(
                who=Actor.COMPLIANCE,
                what="make a project of its own for PHI, with its own retention control and key, and "
                "record both in openai-policy.yaml (projects, credentials).",
            ),
            Fix(who=Actor.TEAM, what=f"give {_names(other)} the key of another project."),
        ),
        trace=(*trace_of(first), *map(also, [*phi[1:], *other])),
        handle=resource.handle,
        end_line=resource.end_line,
        variant=resource.variant,
        cause=f"shared {name}",
    )


def _names(found: list[Assessment]) -> str:
    return ", ".join(sorted({a.workload.id for a in found}))


# -- models ------------------------------------------------------------------------------------------


def tuned(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """PHI that goes into a model or into tests of one, and other workloads that use such a model."""
    tuning: dict[int, tuple[Assessment, str]] = {}
    for assessment in analysis.assessments:
        wrong = {b.subject for b in assessment.broken}
        edition = assessment.edition
        rows = [edition.lookup(e) for e in assessment.endpoints] if edition else []
        into = {r.purpose: r.endpoint for r in rows if r and r.purpose and r.endpoint not in wrong}
        if "tuning" in {r.purpose for r in rows if r}:
            tuning.setdefault(id(assessment.workload), (assessment, _suffix(assessment.workload)))
        if into:
            yield _into_a_model(rule, assessment, into)
    for workload in analysis.estate.workloads:
        if workload.phi is not PhiStatus.PHI:
            yield from _elsewhere(rule, workload, list(tuning.values()))


def _into_a_model(rule: Rule, assessment: Assessment, into: dict[str, str]) -> Finding:
    resource = assessment.workload.resource
    named = " and ".join(f"{purpose} ({endpoint})" for purpose, endpoint in sorted(into.items()))
    return rule.finding(
        resource.id,
        resource.place(),
        f"{resource.id} handles PHI and sends it into {named}.",
        fixes=(
            Fix(
                who=Actor.TEAM,
                what="tune and evaluate with de-identified or synthetic data, and declare it "
                "(data: deidentified, with its method).",
            ),
            Fix(
                who=Actor.COMPLIANCE,
                what="where PHI is needed, whoever may call the model sees what it learned; record the "
                "decision as an exception with its reason.",
            ),
        ),
        trace=trace_of(assessment),
        handle=resource.handle,
        end_line=resource.end_line,
        variant=resource.variant,
        cause=f"into {named}",
    )


def _suffix(workload: Workload) -> str:
    """The name that a tuning job gives its models."""
    found = [s.value for s in workload.resource.settings if s.path == ("suffix",)]
    return found[0] if found and isinstance(found[0], str) else ""


def _elsewhere(
    rule: Rule, workload: Workload, tuning: list[tuple[Assessment, str]]
) -> Iterator[Finding]:
    """A workload that uses a model tuned on PHI: by reference to its job, or by its name's suffix."""
    resource = workload.resource
    models = [m.split(":") for use in workload.uses for m in use.models if m.startswith("ft:")]
    named = {parts[3] for parts in models if len(parts) > 3 and parts[3]}
    for assessment, suffix in tuning:
        job = assessment.workload.resource
        refers = job.scope == resource.scope and any(
            r.address == job.id for r in resource.refs_by_address
        )
        if not refers and not (suffix and suffix in named):
            continue
        yield rule.finding(
            resource.id,
            resource.place(),
            f"{resource.id} uses a model that {job.id} tunes on PHI, and is not known to handle PHI itself.",
            fixes=(
                Fix(
                    who=Actor.TEAM,
                    what="use a model that was not tuned on PHI, or declare the workload (data: phi) in "
                    "openai-compliance.yaml, so that it is judged as one.",
                ),
            ),
            trace=(
                *trace_of(assessment),
                Step(
                    f"its model is used by {resource.id} at {resource.place()}",
                    resource.place(),
                    Role.ALSO,
                ),
            ),
            handle=resource.handle,
            end_line=resource.end_line,
            variant=resource.variant,
            cause=f"tuned by {job.id}",
        )
