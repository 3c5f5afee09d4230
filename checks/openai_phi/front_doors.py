"""What requests and data of a workload pass in the cloud (domain names, listeners, stores), and which of it accepts old TLS."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from openai_phi.data_files import load_yaml, schema_root
from openai_phi.model import Place, Resource, WeakSpot, may_meet, show

_Pattern = re.Pattern[str]
_FARTHEST = 5
"""References from a workload to what stands before it."""


@dataclass(frozen=True)
class _Door:
    """A type of resource with the setting that says which TLS it accepts, and its old values."""

    types: _Pattern
    setting: _Pattern
    old: _Pattern
    fix: str


@dataclass(frozen=True)
class _Doors:
    """The doors that are known, and what may lie between one and a workload."""

    doors: tuple[_Door, ...]
    between: _Pattern

    def passes(self, type_: str) -> bool:
        return self.between.fullmatch(type_) is not None or self.is_door(type_)

    def is_door(self, type_: str) -> bool:
        return any(d.types.fullmatch(type_) for d in self.doors)


class FrontDoors:
    """The doors among the resources of a scan, by what they lead to."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._known = front_doors()
        self._next: dict[int, list[tuple[Resource, Place]]] = defaultdict(list)
        passing = [r for r in resources if self._known.passes(r.type)]
        if not passing:
            return
        by_id: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resource in resources:
            by_id[resource.scope, resource.id].append(resource)
        chosen = {id(r) for r in passing}
        for one in resources:
            for ref in one.refs:
                for other in by_id.get((one.scope, ref.target), ()):
                    if chosen & {id(one), id(other)} and may_meet(one, other):
                        place = Place(one.file, ref.line or one.line, ref.path)
                        self._next[id(one)].append((other, place))
                        self._next[id(other)].append((one, place))

    def weak(self, resource: Resource) -> Iterator[WeakSpot]:
        """The weak spot of each door on the way to a workload that is known to accept old TLS."""
        for door, link in self._before(resource):
            for spec in self._known.doors:
                if spec.types.fullmatch(door.type):
                    yield from _spots(door, spec, link)

    def _before(self, resource: Resource) -> Iterator[tuple[Resource, Place]]:
        """The doors that references lead to, each once with the first reference; none past a door."""
        seen = {id(resource)}
        now: list[tuple[Resource, Place | None]] = [(resource, None)]
        for _ in range(_FARTHEST):
            following: list[tuple[Resource, Place | None]] = []
            for one, first in now:
                for other, place in self._next.get(id(one), ()):
                    if id(other) in seen or not self._known.passes(other.type):
                        continue
                    seen.add(id(other))
                    if self._known.is_door(other.type):
                        yield other, first or place
                    else:
                        following.append((other, first or place))
            now = following


def _spots(door: Resource, spec: _Door, link: Place) -> Iterator[WeakSpot]:
    for setting in door.settings:
        path = ".".join(s for s in door.within(setting.path) if isinstance(s, str))
        plain = isinstance(setting.value, (str, bool, int, float))
        if plain and spec.setting.fullmatch(path) and spec.old.fullmatch(str(setting.value)):
            place = door.place_of(setting.file, setting.line, show(setting.path))
            said = f"{path} at {place.file}:{place.line} accepts TLS below 1.2, at {door.id}"
            yield WeakSpot("transport", said, place, spec.fix, link)
            return


@lru_cache(maxsize=1)
def front_doors() -> _Doors:
    """The shipped doors. Raises what `load_yaml` raises when the file is missing or wrong."""
    data = load_yaml(schema_root() / "signatures" / "transport.yaml")
    doors = tuple(
        _Door(_pattern(d["type"]), _pattern(d["setting"]), _pattern(d["old"]), d["fix"])
        for d in data["doors"]
    )
    return _Doors(doors, _pattern(data["between"]))


def judges(type_: str) -> bool:
    """Whether a resource of this type may be a door, or lead to one."""
    return front_doors().passes(type_)


def _pattern(text: str) -> _Pattern:
    return re.compile(text, re.IGNORECASE)
