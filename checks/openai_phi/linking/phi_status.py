"""Whether a workload handles PHI: by its evidence, by the data that it reaches, by what is declared of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from openai_phi.declared.declarations import Declarations
from openai_phi.declared.declared_workloads import all_made_up, named
from openai_phi.facts.environments import environment_names
from openai_phi.linking.data_reached import DataReached
from openai_phi.linking.named_sources import NamedSources
from openai_phi.linking.phi_evidence import PhiEvidence
from openai_phi.words.observed import PHI_CLASSES, Confidence, Evidence, Kind, PhiStatus
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource
from openai_phi.words.workload_declarations import WorkloadDeclaration

_LOWERS = frozenset({"none", "synthetic", "deidentified"})


@dataclass(frozen=True, kw_only=True)
class Classified:
    """What is known of PHI at one workload."""

    status: PhiStatus
    evidence: tuple[Evidence, ...]
    """All that speaks for or against it, and of personal data."""
    against: tuple[Evidence, ...]
    """What contradicts its declaration."""
    declaration: WorkloadDeclaration | None


@dataclass(frozen=True, kw_only=True)
class PhiStatuses:
    """Tells of each workload of a scan whether it handles PHI, by one set of declarations."""

    evidence: PhiEvidence
    data: DataReached
    sources: NamedSources
    declarations: Declarations
    shared: frozenset[str] = frozenset()
    """Files that are deployed to several environments: a base, a module, a chart."""

    def of(self, resource: Resource) -> Classified:
        """What is known of a workload."""
        said = (
            *self.evidence.of(resource),
            *self._by_data(resource),
            *self._by_source(resource),
        )
        found = tuple(dict.fromkeys(said))
        declared = self._declared(resource)
        status, against = self._status(resource, found, declared)
        return Classified(
            status=status,
            evidence=found,
            against=against,
            declaration=declared,
        )

    def ends(self, resource: Resource) -> bool:
        """Whether what a workload passes on is declared to be PHI no more."""
        return self.declarations.deidentifies(resource.file, resource.aliases)

    def _by_data(self, resource: Resource) -> list[Evidence]:
        """PHI that reaches a workload with data: what is marked, or what others with PHI share."""
        out: list[Evidence] = []
        for reached in self.data.of(resource):
            store = reached.store
            marked = self.evidence.sure(store)
            if marked:
                note = f"{store.id} is marked at {marked.place}"
                out += [marked, _refers(store, reached.link, note)]
                continue
            other = next(self._sharing(store, resource), None) if reached.shared else None
            if other is not None:
                note = f"{other.id} at {other.place()} handles PHI and refers to it too"
                out.append(replace(_refers(store, reached.link, note), inherited=True))
        return out

    def _by_source(self, resource: Resource) -> Iterator[Evidence]:
        """PHI of the servers and stores that a workload reads from by name."""
        for source in self.sources.of(resource):
            target = source.target
            if self.ends(target):
                continue
            declared = self._declared(target)
            marked = self.evidence.of_source(target, keeps=source.keeps)
            if declared is not None and declared.data in PHI_CLASSES:
                note = f"{target.id} is declared to handle PHI at {declared.place}"
                yield _reads(target, source.link, note)
            elif marked and (declared is None or declared.data not in _LOWERS):
                note = f"{target.id} is marked at {marked.place}"
                yield marked
                yield replace(_reads(target, source.link, note), inherited=marked.inherited)

    def _sharing(self, store: Resource, resource: Resource) -> Iterator[Resource]:
        """Other workloads that handle PHI and refer to the same data; what passes one is no PHI after it."""
        for other in self.data.sharing(store):
            if other is resource or self.ends(other) or _has_its_own(other, resource, store):
                continue
            if self._is_phi(other):
                yield other

    def _is_phi(self, resource: Resource) -> bool:
        """Whether a workload handles PHI by what is said of itself or of the data that it refers to."""
        phi = [*self.evidence.of(resource)]
        phi += [e for r in self.data.of(resource) for e in [self.evidence.sure(r.store)] if e]
        return self._status(resource, phi, self._declared(resource))[0] is PhiStatus.PHI

    def _declared(self, resource: Resource) -> WorkloadDeclaration | None:
        return self.declarations.workload(named(resource))

    def _status(
        self,
        resource: Resource,
        phi: Sequence[Evidence],
        declared: WorkloadDeclaration | None,
    ) -> tuple[PhiStatus, tuple[Evidence, ...]]:
        positive = [
            e for e in phi if e.kind is Kind.PHI and e.confidence is not Confidence.SUSPECTED
        ]
        suspected = any(e.kind is Kind.PHI and e.confidence is Confidence.SUSPECTED for e in phi)
        if declared is not None and declared.data in _LOWERS:
            own = (e for e in positive if not e.inherited)
            against = tuple(e for e in own if not self._says_it_of_all(resource, e, declared))
            return (PhiStatus.PHI, against) if against else (PhiStatus.NOT_PHI, ())
        if declared is not None and declared.data in PHI_CLASSES:
            return PhiStatus.PHI, ()
        if positive or (suspected and self.declarations.suspected_is_phi(resource.file)):
            return PhiStatus.PHI, ()
        if declared is not None and declared.data == "personal_eu":
            return PhiStatus.NOT_PHI, ()
        if suspected:
            return PhiStatus.SUSPECTED, ()  # its own word that it is none does not outweigh that
        denied = any(e.kind is Kind.NOT_PHI for e in phi)
        no_phi = denied and self.declarations.policy is None
        return (PhiStatus.NOT_PHI if no_phi else PhiStatus.UNCLASSIFIED), ()

    def _says_it_of_all(
        self, resource: Resource, evidence: Evidence, declared: WorkloadDeclaration
    ) -> bool:
        """Whether a label speaks of all environments, from which a declaration takes one that treats nobody.

        It stands in what several share and tells none of them; the environment is one by its own folder or values.
        """
        told = environment_names().of_path
        own = told(resource.variant) or told(resource.scope)
        return (
            evidence.confidence is Confidence.DECLARED
            and all_made_up(declared.data, (own, *resource.environments))
            and resource.file in self.shared
            and not told(evidence.place.changed_at.file)
        )


def shared_files(resources: Iterable[Resource]) -> frozenset[str]:
    """The files of resources that are deployed to several environments."""
    found: dict[str, set[str]] = {}
    for resource in resources:
        found.setdefault(resource.file, set()).update(resource.environments)
    return frozenset(file for file, environments in found.items() if len(environments) > 1)


def _has_its_own(other: Resource, resource: Resource, store: Resource) -> bool:
    """Whether two are instances of one program of a module that has a store for each of its instances."""
    module, called, _ = resource.id.rpartition("module.")
    name = store.id.removeprefix(module + called).partition(".")[0]
    inside = called and store.id.startswith(f"{module}{called}{name}.")
    return bool(
        inside and other.id == resource.id and resource.id.startswith(f"{module}{called}{name}.")
    )


def personal_data(
    evidence: Iterable[Evidence], declared: WorkloadDeclaration | None
) -> tuple[Place, ...]:
    """Where a workload is said to handle personal data of the EU."""
    places = [e.place for e in evidence if e.kind is Kind.PERSONAL_EU]
    if declared is not None and declared.personal_eu:
        places.append(declared.place)
    return tuple(dict.fromkeys(places))


def _reads(target: Resource, place: Place, note: str) -> Evidence:
    return Evidence(Kind.PHI, target.id, place, Confidence.STRUCTURAL, "reads from", note=note)


def _refers(target: Resource, place: Place, note: str) -> Evidence:
    return Evidence(Kind.PHI, target.id, place, Confidence.STRUCTURAL, "refers to", note=note)
