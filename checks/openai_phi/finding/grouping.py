"""One problem, one finding: the same cause in several environments, roots, variants or callers becomes one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from openai_phi.facts.environments import ANY, environment_names
from openai_phi.verdicts.analysis import Analysis
from openai_phi.words.fixes import Addition, Fix
from openai_phi.words.found import Exempt, Finding, alike
from openai_phi.words.observed import Role, Step
from openai_phi.words.resources import Resource

_SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
_MODULES = re.compile(r"^(?:module\.[^.]+\.)+")


class Grouping:
    """Tells which findings of one analysis are one problem, and in which environments that is."""

    def __init__(self, analysis: Analysis) -> None:
        self._resources: dict[str, list[Resource]] = defaultdict(list)
        for resource in analysis.resources:
            self._resources[resource.id].append(resource)

    def findings(self, found: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings, each problem once, in the order of their first."""
        return grouped(map(self.placed, found))

    def exempt(self, found: Iterable[Exempt]) -> tuple[Exempt, ...]:
        """What is exempt, each problem once for each exception or skip that takes it out."""
        groups: dict[tuple[object, ...], list[Exempt]] = {}
        for each in found:
            member = self.placed(each.finding)
            key = (each.kind, each.place if each.kind != "skip" else "", *_key(member))
            groups.setdefault(key, []).append(replace(each, finding=member))
        return tuple(
            replace(same[0], finding=one_of([e.finding for e in same])) for same in groups.values()
        )

    def placed(self, finding: Finding) -> Finding:
        """A finding with its environments, and the name of its workload that twins share."""
        resource = self._of(finding)
        idents = (finding.resource, *finding.also)
        environments = finding.environments or (
            resource.environments
            if resource and not finding.also
            else tuple(
                sorted({e for i in idents for r in self._resources[i] for e in r.environments})
            )
        )
        if not environments:
            told = environment_names().of_path(finding.place.file)
            environments = (told,) if told else ()
        workload = _workload(finding, resource, environments)
        own = resource is not None and resource.file == finding.place.file
        known_as = resource.known_as if resource is not None and own else ""
        return replace(finding, environments=environments, workload=workload, known_as=known_as)

    def _of(self, finding: Finding) -> Resource | None:
        """The resource that a finding is at: of twins the one of its variant and vertex."""
        found = self._resources.get(finding.resource, [])

        def near(resource: Resource) -> tuple[bool, bool, bool]:
            return (
                resource.file == finding.place.file,
                resource.variant == finding.variant,
                resource.handle == finding.handle,
            )

        return max(found, key=near, default=None)


def grouped(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Placed findings, each problem once, in the order of their first."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in found:
        groups.setdefault(_key(finding), []).append(finding)
    return tuple(one_of(part) for same in groups.values() for part in _by_lacks(same))


def _by_lacks(same: Sequence[Finding]) -> list[list[Finding]]:
    """Findings of one workload apart where neither lacks all that the other does; who lacks most is the first."""
    out: list[list[Finding]] = []
    for finding in sorted(same, key=lambda f: -len(f.lacks)):
        lacks = _lacks(finding)
        within = (part for part in out if lacks <= _lacks(part[0]))
        part = next(within, None)
        if part is None:
            out.append([finding])
        else:
            part.append(finding)
    return out


def _lacks(finding: Finding) -> frozenset[str]:
    """What a finding says is missing, in words that are the same in every environment."""
    return frozenset(bare(alike(text), finding.environments) for text in finding.lacks)


def one_of(same: Sequence[Finding]) -> Finding:
    """The finding that stands for these, each of which is one of a resource in an environment."""
    first = same[0]
    environments = tuple(dict.fromkeys(e for f in same for e in f.environments))
    names = dict.fromkeys(n for f in same for n in (f.resource, *f.also))
    variants = {f.variant for f in same}
    spot = first.changed_at or first.place
    return replace(
        first,
        place=spot,
        severity=max((f.severity for f in same), key=_rank),
        fixes=_fixes(same),
        trace=(*first.trace, *_others(same)),
        end_line=first.end_line if spot.file == first.place.file else spot.line,
        variant=first.variant if len(variants) == 1 else "",
        also=tuple(n for n in names if n != first.resource),
        environments=tuple(sorted(environments, key=_environment_order)),
        each=tuple(same),
    )


def only(finding: Finding, members: Sequence[Finding]) -> Finding:
    """The same problem in fewer environments."""
    return finding if len(members) == len(finding.members) else one_of(members)


def _key(finding: Finding) -> tuple[object, ...]:
    """What two findings share that are one problem: rule, workload and cause."""
    return finding.rule, finding.workload, bare(alike(finding.cause), finding.environments)


def _workload(finding: Finding, resource: Resource | None, environments: Sequence[str]) -> str:
    """A file and a name that are the same in every environment."""
    names = environment_names()
    spot = finding.changed_at or finding.place
    name = finding.resource
    if resource is not None:
        inside = spot.file == resource.file and not finding.lacks
        name = _MODULES.sub("", resource.id) if inside else resource.id
        if resource.namespace:
            name = f"{resource.type}.{resource.name}"
    file = resource.file if resource is not None and spot.file == resource.file else spot.file
    if resource is not None and resource.framework in ("kubernetes", "helm", "kustomize"):
        file = resource.file
    return f"{names.without(file)} {bare(name, environments)}"


def bare(text: str, environments: Sequence[str]) -> str:
    """A text without the words of its own environments."""
    words = {w for e in environments for w in environment_names().telling(e)}
    parts = re.split(r"([^A-Za-z0-9]+)", text)
    return "".join(ANY if p.lower() in words else p for p in parts)


def _fixes(same: Sequence[Finding]) -> tuple[Fix, ...]:
    """What mends them all, each thing once wherever it is; what is added to one list is added together."""
    out: dict[tuple[object, ...], Fix] = {}
    for environments, fix in ((f.environments, fix) for f in same for fix in f.fixes):
        words = tuple(bare(alike(t), environments) for t in (fix.what, fix.after))
        key = (fix.who, *words, fix.code, fix.choice, fix.whole, fix.law)
        known = out.get(key)
        more = fix.additions if known is None else (*known.additions, *fix.additions)
        out[key] = replace(known or fix, additions=_by_section(dict.fromkeys(more)))
    return tuple(out.values())


def _by_section(additions: Iterable[Addition]) -> tuple[Addition, ...]:
    """Additions with those of a list of a file together, each list where its first stands."""
    groups: dict[tuple[object, str], list[Addition]] = {}
    for addition in additions:
        groups.setdefault((addition.file, addition.section), []).append(addition)
    return tuple(a for group in groups.values() for a in group)


def _others(same: Sequence[Finding]) -> Iterable[Step]:
    """Where else it is."""
    seen = {same[0].changed_at or same[0].place}
    for other in same[1:]:
        spot = other.changed_at or other.place
        if spot not in seen:
            seen.add(spot)
            where = f" ({', '.join(other.environments)})" if other.environments else ""
            yield Step(f"also: {other.resource}{where} at {spot}", spot, Role.ALSO)


def _rank(severity: str) -> int:
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)


def _environment_order(name: str) -> tuple[int, str]:
    """Environments as they follow each other, those of no known word by name."""
    return environment_names().rank(name), name
