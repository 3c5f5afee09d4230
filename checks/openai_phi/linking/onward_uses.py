"""Workloads with the uses of what they call: a gateway is judged by what it forwards to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from openai_phi.facts.signatures import Signatures
from openai_phi.linking.addresses import AddressBook
from openai_phi.linking.call_paths import CallPaths, Onward, Passed, told
from openai_phi.linking.calls import Call
from openai_phi.linking.network_policies import NetworkPolicies
from openai_phi.linking.own_uses import OwnUses
from openai_phi.linking.phi_status import PhiStatuses
from openai_phi.linking.receiving import Receiving
from openai_phi.linking.taken_settings import TakenSettings
from openai_phi.words.observed import PhiStatus, Workload
from openai_phi.words.resources import Resource


@dataclass(frozen=True, kw_only=True)
class OnwardUses:
    """Workloads with all of their uses, and what the content of those with PHI passes on its way."""

    workloads: tuple[Workload, ...]
    passed: Mapping[int, tuple[Passed, ...]]

    def passed_by(self, workload: Workload) -> tuple[Passed, ...]:
        """What a workload's content passes."""
        return self.passed.get(id(workload.resource), ())


@dataclass(frozen=True, kw_only=True)
class Callers:
    """What it takes to follow calls through one scan."""

    names: Signatures
    taken: TakenSettings
    book: AddressBook
    policies: NetworkPolicies
    receiving: Receiving
    own: OwnUses

    def follow(self, workloads: Iterable[Workload], statuses: PhiStatuses) -> OnwardUses:
        """These workloads, and those with PHI that use a provider only through others."""
        workloads = tuple(workloads)
        if self.book.empty:
            return OnwardUses(workloads=_that_matter(workloads), passed={})
        paths = CallPaths(
            book=self.book,
            names=self.names,
            using={id(w.resource): w.uses for w in workloads},
            calls=self._calls,
            receivers=self.receiving.of,
            ends=statuses.ends,
        )
        passed: dict[int, tuple[Passed, ...]] = {}
        found: list[Workload] = []
        for workload, onward in self._all(workloads, paths, statuses):
            if workload.phi is PhiStatus.PHI:
                passed[id(workload.resource)] = onward.passed
            uses = told(onward.uses, self.receiving.of(workload.resource))
            if uses:
                found.append(replace(workload, uses=uses))
        relays = {id(p.resource) for each in passed.values() for p in each}
        marked = (replace(w, relay=True) if id(w.resource) in relays else w for w in found)
        return OnwardUses(workloads=_that_matter(marked), passed=passed)

    def _all(
        self, workloads: tuple[Workload, ...], paths: CallPaths, statuses: PhiStatuses
    ) -> Iterable[tuple[Workload, Onward]]:
        for workload in workloads:
            yield workload, paths.onward(workload.resource, workload.uses)
        using = {id(w.resource) for w in workloads}
        for resource in self.own.programs:
            caller = None if id(resource) in using else self._caller(resource, statuses)
            onward = paths.onward(resource, ()) if caller else Onward(uses=())
            if caller and onward.uses:
                yield caller, onward

    def _calls(self, resource: Resource) -> list[Call]:
        return self.book.calls(resource, self.taken.all_settings(resource))

    def _caller(self, resource: Resource, statuses: PhiStatuses) -> Workload | None:
        """A workload without a use of its own that may call others; without PHI it is no matter."""
        if not resource.refs and not self.book.calls(resource, resource.settings):
            return None
        known = statuses.of(resource)
        if known.status is not PhiStatus.PHI:
            return None
        return Workload(
            resource=resource,
            phi=known.status,
            phi_evidence=known.evidence,
            uses=(),
            declaration=known.declaration,
            contradiction=known.against,
            limited_by=self.policies.limiting(resource),
        )


def _that_matter(workloads: Iterable[Workload]) -> tuple[Workload, ...]:
    """Workloads without uses of what nobody sees, which only PHI makes a matter."""
    out: list[Workload] = []
    for workload in workloads:
        phi = workload.phi is PhiStatus.PHI
        uses = tuple(u for u in workload.uses if phi or not u.unseen)
        if uses:
            out.append(replace(workload, uses=uses) if uses != workload.uses else workload)
    return tuple(out)
