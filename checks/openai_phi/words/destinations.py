"""The words of accounting: where a workload sends to and by which credentials, each in exactly one state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from openai_phi.words.places import Place


class State(Enum):
    """What is known of a destination or a credential."""

    JUDGED = "judged"
    """A provider's, or a gateway to one: a use, which has a verdict of its own."""
    INSIDE = "inside"
    """What answers there is seen."""
    OTHER_VENDOR = "another vendor"
    """A known vendor's, with a source."""
    DECLARED = "declared"
    """The policy says what it is."""
    OWN_MODEL = "own model server"
    """A model server of one's own, seen or declared."""
    UNACCOUNTED = "unaccounted"
    """Nothing tells."""


class Sort(Enum):
    """What is accounted for."""

    DESTINATION = "destination"
    CREDENTIAL = "credential"


@dataclass(frozen=True, kw_only=True)
class Destination:
    """One host or credential that a workload names, with its state and the reason."""

    place: Place
    """Where it stands first."""
    name: str
    """The host, or the reference to the secret; never a secret's value."""
    sort: Sort
    said_by: str
    """The setting that names it."""
    state: State
    reason: str
    """Why the state is that, in words for people."""
    carries: bool = False
    """Whether a provider's requests could go there."""

    @property
    def lost(self) -> bool:
        """Whether it is a destination of which nothing tells."""
        return self.sort is Sort.DESTINATION and self.state is State.UNACCOUNTED
