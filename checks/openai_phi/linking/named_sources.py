"""What a workload reads from by name: servers and databases by their host, topics, queues and buckets by their own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.signatures import Signatures, canonical, dotted
from openai_phi.linking.addresses import AddressBook, hosts_in
from openai_phi.linking.taken_settings import TakenSettings
from openai_phi.words.places import Place, show
from openai_phi.words.resources import Resource, Setting, may_meet

_Pattern = re.Pattern[str]
_BARE = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9-]+){0,4}", re.IGNORECASE)
_PARTED = re.compile(r"[,;\s/]+")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Something that a workload names and reads from, and where it does."""

    target: Resource
    link: Place
    keeps: bool
    """Whether it is a store or a database, and not a program that answers out of one."""


@dataclass(frozen=True, kw_only=True)
class _Named:
    """Resources that go by a name of their own: its path, and where others write it."""

    types: _Pattern
    name: _Pattern
    written: _Pattern
    """What follows the name in a host, or what a setting is called that holds it."""


@dataclass(frozen=True, kw_only=True)
class _Data:
    hosts: _Pattern
    not_hosts: _Pattern
    keepers: _Pattern
    programs: _Pattern
    servers: tuple[_Named, ...]
    named: tuple[_Named, ...]


class NamedSources:
    """Finds what workloads read from by name, among the resources of one scan."""

    def __init__(
        self,
        resources: Sequence[Resource],
        names: Signatures,
        *,
        book: AddressBook,
        taken: TakenSettings,
    ) -> None:
        self._names = names
        self._book = book
        self._taken = taken
        self._known = _data()
        self._servers = _by_scope(resources, self._known.servers)
        self._stores = _by_scope(resources, self._known.named)
        self._found: dict[int, tuple[Source, ...]] = {}

    def of(self, resource: Resource) -> tuple[Source, ...]:
        """What a workload reads from, each once: the first place that names it."""
        found = self._found.get(id(resource))
        if found is None:
            by_target: dict[int, Source] = {}
            if self._names.sort(resource.type) == "workload":
                for source in self._all(resource):
                    by_target.setdefault(id(source.target), source)
            found = self._found[id(resource)] = tuple(by_target.values())
        return found

    def _all(self, resource: Resource) -> Iterator[Source]:
        for setting in self._taken.all_settings(resource):
            if setting.role not in ("marker", "document"):
                yield from self._by_setting(resource, setting)
        for call in self._book.referred(resource):
            told = self._is_told(resource, call.name)
            for target in call.targets:
                if told or self._keeps(target):
                    yield Source(target=target, link=call.place, keeps=self._keeps(target))

    def _is_told(self, resource: Resource, path: str) -> bool:
        """Whether a reference at this path is a setting of a program that is named for what it reads."""
        *within, name = re.split(r"[.\[\]]+", path.rstrip("]"))
        told = any(self._names.holds_settings(resource.type, step) for step in within)
        return told and self._known.not_hosts.fullmatch(canonical(name)) is None

    def _by_setting(self, resource: Resource, setting: Setting) -> Iterator[Source]:
        place = resource.place_of(setting.file, setting.line, show(setting.path), setting.written)
        name = canonical(setting.name)
        takes = self._known.not_hosts.fullmatch(name) is not None
        for host in dict.fromkeys((*hosts_in(setting), *self._bare(name, setting))):
            for target in self._answering(resource, host):
                keeps = self._keeps(target)
                relays = takes or self._relays(host) or self._relays(target.name)
                if target is not resource and (keeps or not relays):
                    yield Source(target=target, link=place, keeps=keeps)
        for spec, own, store in self._stores.get(resource.scope, ()):
            value = setting.value
            if not (isinstance(value, str) and own in value and own in _PARTED.split(value)):
                continue
            if spec.written.fullmatch(name) and may_meet(store, resource):
                yield Source(target=store, link=place, keeps=True)

    def _bare(self, name: str, setting: Setting) -> Iterator[str]:
        """A host that stands alone, in a setting that is named for one."""
        named = isinstance(setting.value, str) and self._known.hosts.fullmatch(name)
        if named and _BARE.fullmatch(setting.value):
            yield setting.value.lower()

    def _answering(self, resource: Resource, host: str) -> Iterator[Resource]:
        """What answers at a host: the service itself, what is behind it, a release of its name."""
        service = self._book.service(resource, host)
        if service is not None:
            yield service
        found = self._book.resolve(resource, host)
        yield from found[0] if found else ()
        first = host.partition(".")[0]
        for spec, own, server in self._servers.get(resource.scope, ()):
            same = first.startswith(own) and spec.written.fullmatch(first[len(own) :])
            if same and may_meet(server, resource):
                yield server

    def _relays(self, name: str) -> bool:
        """Whether what is called so passes requests on to a model, or is one: its answers are no records."""
        return self._names.is_gateway_name(name) or self._names.is_model_server(name)

    def _keeps(self, target: Resource) -> bool:
        """Whether something is a store of its own nature: a database, software that keeps PHI, a service's name."""
        images = [image for image, _ in target.images]
        return (
            target.type.partition(".")[0] == "Service"
            or self._known.keepers.fullmatch(target.type) is not None
            or any(self._known.programs.fullmatch(i) or self._names.is_phi_image(i) for i in images)
        )


def _by_scope(
    resources: Sequence[Resource], specs: Sequence[_Named]
) -> Mapping[str, Sequence[tuple[_Named, str, Resource]]]:
    """The resources that go by a name of their own, each with it, by scope."""
    found: dict[str, list[tuple[_Named, str, Resource]]] = defaultdict(list)
    for resource in resources:
        for spec in specs:
            for own in _own_names(resource, spec):
                found[resource.scope].append((spec, own, resource))
    return dict(found)


def _own_names(resource: Resource, spec: _Named) -> dict[str, None]:
    if not spec.types.fullmatch(resource.type):
        return {}
    said = (
        s.value
        for s in resource.settings
        if isinstance(s.value, str) and spec.name.fullmatch(dotted(resource.within(s.path)))
    )
    return dict.fromkeys(value for value in said if value)


@lru_cache(maxsize=1)
def _data() -> _Data:
    data: dict[str, Any] = load_yaml(schema_root() / "signatures" / "storage.yaml")
    sources = data["sources"]

    def pattern(text: str) -> _Pattern:
        return re.compile(text, re.IGNORECASE)

    def named(spec: Mapping[str, str], written: str) -> _Named:
        return _Named(
            types=pattern(spec["type"]),
            name=pattern(spec["name"]),
            written=pattern(spec[written]),
        )

    return _Data(
        hosts=pattern(sources["hosts"]),
        not_hosts=pattern(sources["not_hosts"]),
        keepers=pattern(sources["keepers"]),
        programs=pattern(data["programs"]),
        servers=tuple(named(s, "host") for s in sources["servers"]),
        named=tuple(named(s, "setting") for s in sources["named"]),
    )
