"""What of a cluster requests pass on the way to a workload (Ingress, Gateway, Service), and which of it accepts old TLS."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.signatures import dotted
from openai_phi.linking.addresses import AddressBook
from openai_phi.observing.cloud_ingress import Door, door_of
from openai_phi.words.observed import WeakSpot
from openai_phi.words.resources import Resource, may_meet

_Pattern = re.Pattern[str]


@dataclass(frozen=True)
class _Router:
    """A type of object that leads to services and takes its TLS from another: which it names, or its class."""

    type: str
    setting: _Pattern
    value: _Pattern | None

    def takes(self, router: Resource, door: Resource) -> bool:
        """Whether a router takes its TLS from a door of its scope."""
        if router.type != self.type or router.scope != door.scope or not may_meet(router, door):
            return False
        said = [str(s.value) for s in router.settings if self.setting.fullmatch(dotted(s.path))]
        if self.value is not None:
            return any(map(self.value.fullmatch, said))
        return any(name in (door.name, f"{door.namespace}/{door.name}") for name in said)


@dataclass(frozen=True)
class _Data:
    doors: tuple[tuple[Door, _Router | None], ...]
    backends: _Pattern


class ClusterIngress:
    """The doors among the objects of a cluster, by the workload that they lead to."""

    def __init__(self, resources: Sequence[Resource], book: AddressBook) -> None:
        self._book = book
        self._known = _data()
        self._before: dict[int, list[WeakSpot]] = defaultdict(list)
        types = {r.type for _, r in self._known.doors if r}
        routers = [r for r in resources if r.settings and r.type in types]
        for spec, router in self._known.doors:
            for door in (r for r in resources if r.settings and spec.types.fullmatch(r.type)):
                spot = spec.spot(door, door.place())
                leading = [r for r in routers if router and router.takes(r, door)]
                for lead in (leading if router else [door]) if spot else ():
                    for target in self._behind(lead):
                        self._before[id(target)] += [spot] if spot else []

    def weak(self, resource: Resource) -> Iterator[WeakSpot]:
        """The weak spot of each door that leads to a workload."""
        place = resource.place()
        for spot in self._before.get(id(resource), ()):
            yield WeakSpot(spot.kind, spot.text, spot.place, spot.fix, place)

    def _behind(self, router: Resource) -> Iterator[Resource]:
        """The workloads behind the services that an object leads to, or behind a service itself."""
        hosts = [router.name] if router.type == "Service" else self._backends(router)
        for host in hosts:
            found = self._book.resolve(router, host)
            yield from found[0] if found else ()

    def _backends(self, router: Resource) -> list[str]:
        named = (s.value for s in router.settings if self._known.backends.fullmatch(dotted(s.path)))
        return list(dict.fromkeys(v for v in named if isinstance(v, str)))


@lru_cache(maxsize=1)
def _data() -> _Data:
    data = load_yaml(schema_root() / "signatures" / "transport.yaml")
    doors = tuple((door_of(d), _router(d.get("routers"))) for d in data["cluster_doors"])
    return _Data(doors, re.compile(data["backends"]))


def _router(data: dict[str, Any] | None) -> _Router | None:
    if data is None:
        return None
    value = re.compile(data["value"], re.IGNORECASE) if "value" in data else None
    return _Router(data["type"], re.compile(data["setting"]), value)
