"""Which data a resource reaches: the stores, queues, streams and volumes that it refers to or is connected to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from openai_phi.facts.signatures import Signatures
from openai_phi.linking.handed_on import HandedOn
from openai_phi.linking.lookup import Lookup
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource


@dataclass(frozen=True, kw_only=True)
class Reached:
    """Something with data, and where the reference to it stands."""

    store: Resource
    link: Place
    shared: bool
    """Whether the reference is to data that others may refer to as well, not to the program's own code."""


@dataclass(frozen=True, kw_only=True)
class DataReached:
    """The data that each resource of a scan reaches, and the workloads that share a store."""

    by_resource: Mapping[int, Sequence[Reached]]
    by_store: Mapping[int, Sequence[Resource]]

    def of(self, resource: Resource) -> Sequence[Reached]:
        """What a resource reaches."""
        return self.by_resource.get(id(resource), ())

    def sharing(self, store: Resource) -> Sequence[Resource]:
        """The workloads that refer to a store's data."""
        return self.by_store.get(id(store), ())


def data_reached(resources: Sequence[Resource], lookup: Lookup, names: Signatures) -> DataReached:
    """The data that these resources reach."""
    connectors: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for resource in resources:
        for ref in resource.refs_by_address if names.connects(resource.type) else ():
            connectors[(resource.scope, ref.address)].append(resource)
    carrying = {t for t in {r.type for r in resources} if names.carries_data(t)}
    handed = HandedOn(resources, lookup, names)
    reached: dict[int, tuple[Reached, ...]] = {}
    sharers: dict[int, list[Resource]] = defaultdict(list)
    for resource in resources:
        connected = connectors.get((resource.scope, resource.id), ())
        is_program = names.sort(resource.type) == "workload"
        found = tuple(_reached((resource, *connected), lookup, names, carrying))
        if is_program:
            known = {id(each.store) for each in found}
            found += tuple(
                Reached(store=h.store, link=h.link, shared=h.moved)
                for h in handed.to(resource)
                if id(h.store) not in known
            )
        if found:
            reached[id(resource)] = found
        if is_program:
            for each in found:
                if each.shared:
                    sharers[id(each.store)].append(resource)
    return DataReached(by_resource=reached, by_store=dict(sharers))


def _reached(
    referring: Sequence[Resource], lookup: Lookup, names: Signatures, carrying: set[str]
) -> Iterable[Reached]:
    for each in referring:
        for ref in each.refs:
            for target in lookup.referred(each, ref):
                if target.type in carrying:
                    link = Place(each.file, ref.line or each.line, ref.path)
                    yield Reached(store=target, link=link, shared=names.is_shared(ref.path))
