"""What speaks of PHI at a resource: its own words, its namespace's, what it takes from others; not what is declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from openai_phi.facts.signatures import Signatures
from openai_phi.linking.lookup import OBJECTS, Lookup
from openai_phi.linking.taken_settings import TakenSettings
from openai_phi.observing.observer import Observer
from openai_phi.words.observed import Confidence, Evidence, Kind
from openai_phi.words.resources import Resource


@dataclass(frozen=True, kw_only=True)
class PhiEvidence:
    """The evidence of PHI by resource: looked for where it is asked for, once."""

    lookup: Lookup
    observer: Observer
    taken: TakenSettings
    runs: Mapping[int, Sequence[Resource]] = field(default_factory=dict)
    """Program -> what runs it: the account that its pods have, a rollout that takes its template."""
    _known: dict[int, tuple[Evidence, ...]] = field(default_factory=dict, init=False, repr=False)

    def of(self, resource: Resource) -> tuple[Evidence, ...]:
        """What a resource says of itself, what its namespace does for certain, and the settings that it takes."""
        found = self._known.get(id(resource))
        if found is None:
            own = self.observer.phi(resource, resource.settings)
            around = (*self._of_namespace(resource), *self._of_runners(resource))
            said = (*own, *around, *self._of_taken(resource))
            found = self._known[id(resource)] = tuple(dict.fromkeys(said))
        return found

    def sure(self, resource: Resource) -> Evidence | None:
        """What says for sure that a resource holds PHI."""
        certain = (e for e in self.of(resource) if e.confidence is not Confidence.SUSPECTED)
        return next((e for e in certain if e.kind is Kind.PHI), None)

    def of_source(self, resource: Resource, *, keeps: bool) -> Evidence | None:
        """What says for sure that PHI is read from a resource: of a program that keeps none, its own word alone."""
        for each in self.of(resource):
            sure = each.kind is Kind.PHI and each.confidence is not Confidence.SUSPECTED
            if sure and (keeps or not each.inherited):
                return each
        return None

    def _of_taken(self, resource: Resource) -> tuple[Evidence, ...]:
        taken = self.taken.of(resource).settings
        return self.observer.phi(resource, taken) if taken else ()

    def _of_runners(self, resource: Resource) -> list[Evidence]:
        return [
            replace(e, inherited=True, note=f"inherited from {runner.type} {runner.name}")
            for runner in self.runs.get(id(resource), ())
            for e in self.observer.phi(runner, runner.settings)
            if e.confidence is not Confidence.SUSPECTED
        ]

    def _of_namespace(self, resource: Resource) -> list[Evidence]:
        return [
            replace(e, inherited=True, note=f"inherited from namespace {resource.namespace}")
            for space in self.lookup.namespace_of(resource)
            for e in self.observer.phi(space, space.settings)
            if e.confidence is not Confidence.SUSPECTED
        ]


_ACCOUNT = frozenset({"serviceAccountName", "serviceAccount", "service_account_name"})


def runners(
    resources: Iterable[Resource], lookup: Lookup, names: Signatures
) -> dict[int, list[Resource]]:
    """Program -> the account that its pods have, and what runs its template: a rollout, a group of machines."""
    out: dict[int, list[Resource]] = defaultdict(list)
    for resource in resources:
        if names.makes_machines(resource.type):
            for ref in resource.refs_by_address:
                for template in lookup.at(resource, ref.address):
                    if names.is_machine_template(template.type):
                        out[id(template)].append(resource)
        for program in _run_by_reference(resource, lookup):
            out[id(program)].append(resource)
        if names.sort(resource.type) == "workload":
            out[id(resource)] += _accounts(resource, lookup, names)
    return {program: found for program, found in out.items() if found}


def _run_by_reference(resource: Resource, lookup: Lookup) -> list[Resource]:
    """What an object says that it runs in place of a template of its own."""
    ref = {
        s.path[2]: s.value for s in resource.settings if s.path[:2] == _RUNS and len(s.path) == 3
    }
    kind, name = ref.get("kind"), ref.get("name")
    known = isinstance(kind, str) and isinstance(name, str)
    return lookup.find(resource, str(kind), str(name)) if known else []


_RUNS = ("spec", "workloadRef")


def _accounts(resource: Resource, lookup: Lookup, names: Signatures) -> Iterator[Resource]:
    if resource.framework not in OBJECTS:
        for ref in resource.refs_by_address:
            yield from (t for t in lookup.at(resource, ref.address) if names.is_pod_account(t.type))
        return
    named = [s.value for s in resource.settings if s.name in _ACCOUNT and isinstance(s.value, str)]
    for name in dict.fromkeys(named or ["default"]):
        yield from lookup.find(resource, "ServiceAccount", name)
