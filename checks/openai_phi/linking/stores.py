"""Where a workload's data is kept: stores, volumes and their classes, databases that it calls; which is not encrypted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.signatures import Signatures, canonical, dotted
from openai_phi.linking.addresses import AddressBook, hosts_in
from openai_phi.linking.data_reached import DataReached
from openai_phi.observing.transport_security import Storage, storage
from openai_phi.words.observed import WeakSpot
from openai_phi.words.places import Place, show
from openai_phi.words.resources import Resource, Setting, may_meet

_FARTHEST = 4
"""Steps from a store to what its data ends up on."""
_Pattern = re.Pattern[str]


@dataclass(frozen=True)
class _KeptOn:
    """What keeps its data on something else: which setting names that, or that it refers to it."""

    types: _Pattern
    setting: _Pattern | None
    to: _Pattern


@dataclass(frozen=True)
class _Served:
    """An object whose operator serves it under names of its own, hosts and secrets."""

    types: _Pattern
    host: _Pattern
    secret: _Pattern


@dataclass(frozen=True)
class _Data:
    kept_on: tuple[_KeptOn, ...]
    said_by: tuple[tuple[_Pattern, _Pattern], ...]
    claims: _Pattern
    claims_within: _Pattern
    named: _Pattern
    default_class: _Pattern
    programs: _Pattern
    host_names: _Pattern
    served: tuple[_Served, ...]


class Stores:
    """The stores among the resources of a scan."""

    def __init__(
        self,
        resources: Sequence[Resource],
        names: Signatures,
        book: AddressBook,
        data: DataReached,
    ) -> None:
        self._storage: Storage = storage(names)
        self._names = names
        self._book = book
        self._data = data
        self._known = _data()
        self._by_id: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        self._by_scope: dict[str, list[Resource]] = defaultdict(list)
        self._said_by: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resource in resources:
            self._by_id[resource.scope, resource.id].append(resource)
            if self._is_named(resource):
                self._by_scope[resource.scope].append(resource)
            for ref in resource.refs_by_address if self._speaks(resource.type) else ():
                self._said_by[resource.scope, ref.address].append(resource)

    def weak(self, resource: Resource, settings: Sequence[Setting]) -> Iterator[WeakSpot]:
        """A weak spot for each place that a workload's data is kept at and that is not encrypted."""
        firsts = [*self._reached(resource), *self._called(resource, settings)]
        firsts += [
            (Place(resource.file, ref.line or resource.line, ref.path), target)
            for ref in resource.refs_by_address
            for target in self._by_id.get((resource.scope, ref.address), ())
            if self._storage.judges(target.type) and may_meet(target, resource)
        ]
        ways = [("", link, chain) for link, first in firsts for chain in self._chains((first,))]
        for link, first in self._next(resource):
            ways += [("a volume of it, kept on ", link, chain) for chain in self._chains((first,))]
        seen: set[tuple[int, int]] = set()
        kept_on = {id(chain[-1]) for _, _, chain in ways if len(chain) > 1}
        for how, link, chain in ways:
            ends = id(chain[0]), id(chain[-1])
            told = ends in seen or (len(chain) == 1 and id(chain[0]) in kept_on)
            said = None if told else self._storage.open(chain[-1])
            seen.add(ends)
            if said:
                text = ", kept on ".join(f"{r.id} at {r.file}:{r.line}" for r in chain)
                place = chain[-1].place()
                yield WeakSpot("storage", f"{how}{text}, {said[0]}", place, said[1], link)

    def _chains(self, chain: tuple[Resource, ...]) -> Iterator[tuple[Resource, ...]]:
        yield chain
        if len(chain) > _FARTHEST:
            return
        last = chain[-1]
        for target in self._said_by.get((last.scope, last.id), ()):
            if may_meet(target, last) and target not in chain:
                yield (*chain, target)
        for _, target in (*self._next(last), *self._claimed(last)):
            if target not in chain:
                yield from self._chains((*chain, target))

    def _claimed(self, store: Resource) -> Iterator[tuple[Place, Resource]]:
        """The claims that a program mounts."""
        return (
            (place, t) for place, t in self._reached(store) if self._known.claims.fullmatch(t.type)
        )

    def _reached(self, resource: Resource) -> Iterator[tuple[Place, Resource]]:
        return ((r.link, r.store) for r in self._data.of(resource))

    def _next(self, store: Resource) -> Iterator[tuple[Place, Resource]]:
        """What a store, or a volume that a program claims, is kept on."""
        for spec in (s for s in self._known.kept_on if s.types.fullmatch(store.type)):
            if spec.setting is None:
                for ref in store.refs_by_address:
                    place = Place(store.file, ref.line or store.line, ref.path)
                    for target in self._by_id.get((store.scope, ref.address), ()):
                        if spec.to.fullmatch(target.type) and may_meet(target, store):
                            yield place, target
                continue
            for setting in store.settings:
                if spec.setting.fullmatch(dotted(store.within(setting.path))):
                    place = store.place_of(
                        setting.file, setting.line, show(setting.path), setting.written
                    )
                    for target in self._by_scope.get(store.scope, ()):
                        same = spec.to.fullmatch(target.type) and target.name == setting.value
                        if same and may_meet(target, store):
                            yield place, target
        yield from self._default(store)

    def _default(self, store: Resource) -> Iterator[tuple[Place, Resource]]:
        """The default class of the scope, for a claim that names none."""
        paths = [dotted(store.within(s.path)) for s in store.settings]
        within = any(map(self._known.claims_within.fullmatch, paths))
        if not within and not self._known.claims.fullmatch(store.type):
            return
        if any(map(self._known.named.fullmatch, paths)):
            return
        for target in self._by_scope.get(store.scope, ()):
            said = (f"{dotted(s.path)}={s.value}" for s in target.settings)
            if any(map(self._known.default_class.fullmatch, said)) and may_meet(target, store):
                yield store.place(), target

    def _called(
        self, resource: Resource, settings: Sequence[Setting]
    ) -> Iterator[tuple[Place, Resource]]:
        """The databases, caches and vector stores that a workload calls by name."""
        for setting in settings:
            if setting.role in ("marker", "document"):
                continue
            place = resource.place_of(
                setting.file, setting.line, show(setting.path), setting.written
            )
            hosts = [*hosts_in(setting), *self._bare(setting)]
            for host in hosts:
                found = self._book.resolve(resource, host)
                for target in found[0] if found else ():
                    if any(self._known.programs.fullmatch(i) for i, _ in target.images):
                        yield place, target
            for target in self._by_scope.get(resource.scope, ()):
                if may_meet(target, resource) and self._serves(target, setting, hosts):
                    yield place, target

    def _bare(self, setting: Setting) -> Iterator[str]:
        """A host that stands alone, in a setting that is named for one."""
        named = self._known.host_names.fullmatch(canonical(setting.name))
        if named and isinstance(setting.value, str) and _BARE.fullmatch(setting.value):
            yield setting.value.lower()

    def _serves(self, target: Resource, setting: Setting, hosts: Sequence[str]) -> bool:
        for spec in (s for s in self._known.served if s.types.fullmatch(target.type)):
            names = [h.partition(".")[0] for h in hosts]
            if any(_ending(target.name, n, spec.host) for n in names):
                return True
            secret = setting.secret.name.partition("#")[0] if setting.secret else ""
            if _ending(target.name, secret.rpartition("/")[2], spec.secret):
                return True
        return False

    def _speaks(self, type_: str) -> bool:
        return any(types.fullmatch(type_) for types, _ in self._known.said_by)

    def _is_named(self, resource: Resource) -> bool:
        known = (
            *(s.to for s in self._known.kept_on if s.setting),
            *(s.types for s in self._known.served),
        )
        return any(k.fullmatch(resource.type) for k in known)


_BARE = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9-]+){0,4}", re.IGNORECASE)


def _ending(name: str, whole: str, ending: _Pattern) -> bool:
    """Whether a name is another's with one of these endings."""
    return whole.startswith(name) and ending.fullmatch(whole[len(name) :]) is not None


@lru_cache(maxsize=1)
def _data() -> _Data:
    data: dict[str, Any] = load_yaml(schema_root() / "signatures" / "storage.yaml")

    def pattern(text: str | None) -> _Pattern | None:
        return None if text is None else re.compile(text, re.IGNORECASE)

    def sure(text: str) -> _Pattern:
        return re.compile(text, re.IGNORECASE)

    return _Data(
        tuple(
            _KeptOn(sure(k["type"]), pattern(k.get("setting")), sure(k["to"]))
            for k in data["kept_on"]
        ),
        tuple((sure(s["type"]), sure(s["of"])) for s in data["said_by"]),
        sure(data["claims"]),
        sure(data["claims_within"]),
        sure("|".join(k["setting"] for k in data["kept_on"] if "setting" in k)),
        sure(data["default_class"]),
        sure(data["programs"]),
        sure(data["host_names"]),
        tuple(_Served(sure(s["type"]), sure(s["host"]), sure(s["secret"])) for s in data["served"]),
    )
