"""What speaks of PHI at a resource: its own words, its namespace's, what it takes from others; not what is declared."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from openai_phi.linking.lookup import Lookup
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
    _known: dict[int, tuple[Evidence, ...]] = field(default_factory=dict, init=False, repr=False)

    def of(self, resource: Resource) -> tuple[Evidence, ...]:
        """What a resource says of itself, what its namespace does for certain, and the settings that it takes."""
        found = self._known.get(id(resource))
        if found is None:
            own = self.observer.phi(resource, resource.settings)
            said = (*own, *self._of_namespace(resource), *self._of_taken(resource))
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

    def _of_namespace(self, resource: Resource) -> list[Evidence]:
        return [
            replace(e, inherited=True, note=f"inherited from namespace {resource.namespace}")
            for space in self.lookup.namespace_of(resource)
            for e in self.observer.phi(space, space.settings)
            if e.confidence is not Confidence.SUSPECTED
        ]
