"""Who else gets what a resource sends, by its own settings and those that it takes from others."""

from __future__ import annotations

from dataclasses import dataclass, field

from openai_phi.facts.signatures import Signatures
from openai_phi.linking.taken_settings import TakenSettings
from openai_phi.observing.receivers import receivers
from openai_phi.words.observed import Receiver
from openai_phi.words.resources import Resource


@dataclass(frozen=True, kw_only=True)
class Receiving:
    """The receivers by resource: looked for where it is asked for, once."""

    names: Signatures
    taken: TakenSettings
    _known: dict[int, tuple[Receiver, ...]] = field(default_factory=dict, init=False, repr=False)

    def of(self, resource: Resource) -> tuple[Receiver, ...]:
        found = self._known.get(id(resource))
        if found is None:
            settings = self.taken.all_settings(resource)
            found = self._known[id(resource)] = receivers(self.names).find(resource, settings)
        return found
