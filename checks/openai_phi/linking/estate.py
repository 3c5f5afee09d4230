"""The estate of one scan: workloads with their PHI and their uses, what nobody reads, accounts, keys."""

from __future__ import annotations

from dataclasses import dataclass

from openai_phi.observing.egress import EgressRule
from openai_phi.words.observed import Account, Evidence, Workload
from openai_phi.words.resources import Resource


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """A resource that declares OpenAI use with no visible reader: a key store, a parameter."""

    resource: Resource
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A resource with evidence of PHI or of an agreement that is no workload of its own."""

    resource: Resource
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True)
class Estate:
    """What one scan holds, each part in the order of its place."""

    workloads: tuple[Workload, ...]
    """Workloads that use a provider."""
    orphans: tuple[Orphan, ...]
    """Uses without a workload."""
    egress: tuple[EgressRule, ...]
    """The network rules that name a provider's host."""
    keys: tuple[Orphan, ...]
    """Resources that hold a literal key, with the evidence of it."""
    accounts: tuple[Account, ...]
    """Accounts of a provider that the code declares, whoever calls them."""
    silent: tuple[Workload, ...] = ()
    """Workloads with PHI that use no provider and send somewhere, or of which something is not known."""
    unseen: tuple[Workload, ...] = ()
    """Workloads with PHI and without a use of which what was not evaluated speaks of a provider."""

    def accounted(self) -> tuple[Workload, ...]:
        """The workloads with PHI whose destinations are accounted for, by place."""
        found = (w for w in (*self.workloads, *self.silent) if w.destinations)
        return tuple(sorted(found, key=lambda w: order(w.resource)))


@dataclass(frozen=True, kw_only=True)
class Others:
    """What an inventory lists besides the estate."""

    silent: tuple[Workload, ...]
    """Workloads that use no provider."""
    marked: tuple[Marked, ...]
    """Whatever else is marked, and what stores hold of a provider."""


def order(resource: Resource) -> tuple[str, int, str]:
    """What the resources of an estate are sorted by."""
    return resource.file, resource.line, resource.id
