"""What requests and data of a workload pass in the cloud (domain names, listeners, stores), and which of it lets in what is not well protected."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.signatures import dotted
from openai_phi.words.observed import WeakSpot
from openai_phi.words.places import Place, show
from openai_phi.words.resources import Resource, Setting, Unknown, may_meet

_Pattern = re.Pattern[str]
_FARTHEST = 5
"""References from a workload to what stands before it."""
_SAYS_NO_DEFAULT = frozenset({"terraform_plan"})
"""Frameworks in which what is left out is unknown."""


@dataclass(frozen=True)
class Door:
    """A type of resource that is known to let in what is not well protected, and by which setting.

    `setting` is a path without list indices and `old` its values; without a `setting` every resource
    of the type is one. `absent`: leaving the setting out is as bad, `where` another says so (path=value).
    """

    types: _Pattern
    setting: _Pattern | None
    old: _Pattern | None
    says: str
    fix: str
    absent: bool = False
    where: _Pattern | None = None
    unless: _Pattern | None = None

    def spot(self, door: Resource, link: Place) -> WeakSpot | None:
        """The weak spot that a resource of this type is; None where that is not known."""
        said = [(dotted(door.within(s.path)), s) for s in door.settings]
        pairs = [f"{p}={'?' if isinstance(s.value, Unknown) else s.value}" for p, s in said]
        if self.unless and any(map(self.unless.fullmatch, pairs)):
            return None
        for path, setting in said:
            if self._is_old(path, setting):
                place = door.place_of(
                    setting.file, setting.line, show(setting.path), setting.written
                )
                text = f"{path} at {place.file}:{place.line} {self.says}, at {door.id}"
                return WeakSpot("transport", text, place, self.fix, link)
        asked = self.where is None or any(map(self.where.fullmatch, pairs))
        return self._left_out(door, link, [p for p, _ in said]) if asked else None

    def _is_old(self, path: str, setting: Setting) -> bool:
        named = self.setting is not None and self.setting.fullmatch(path) is not None
        plain = isinstance(setting.value, (str, bool, int, float))
        return named and plain and bool(self.old and self.old.fullmatch(str(setting.value)))

    def _left_out(self, door: Resource, link: Place, paths: list[str]) -> WeakSpot | None:
        if door.framework in _SAYS_NO_DEFAULT or door.unreadable or not door.settings:
            return None
        if self.setting is None:
            text = f"{door.id} at {door.place()} {self.says}"
        elif self.absent and not any(map(self.setting.fullmatch, paths)):
            name = self.setting.pattern.replace("\\", "")
            text = f"{door.id} at {door.place()}, which leaves {name} out, {self.says}"
        else:
            return None
        return WeakSpot("transport", text, door.place(), self.fix, link)


@dataclass(frozen=True)
class _Before:
    """A door that stands before another one: over a resource that both refer to."""

    door: _Pattern
    over: _Pattern
    first: _Pattern


@dataclass(frozen=True)
class _Doors:
    """The doors that are known, and what may lie between one and a workload."""

    doors: tuple[Door, ...]
    between: _Pattern
    before: tuple[_Before, ...]

    def passes(self, type_: str) -> bool:
        known = (self.between, *(b.over for b in self.before))
        return any(k.fullmatch(type_) for k in known) or self.is_door(type_)

    def leads_on(self, type_: str) -> bool:
        return self.between.fullmatch(type_) is not None

    def is_door(self, type_: str) -> bool:
        return any(d.types.fullmatch(type_) for d in self.doors)


class FrontDoors:
    """The doors among the resources of a scan, by what they lead to."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._known = front_doors()
        self._next: dict[int, list[tuple[Resource, Place]]] = defaultdict(list)
        types = {t for t in {r.type for r in resources} if self._known.passes(t)}
        passing = [r for r in resources if r.type in types]
        if not passing:
            return
        by_id: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resource in resources:
            by_id[resource.scope, resource.id].append(resource)
        chosen = {id(r) for r in passing}
        for one in resources:
            for ref in one.refs_by_address:
                for other in by_id.get((one.scope, ref.address), ()):
                    if chosen & {id(one), id(other)} and may_meet(one, other):
                        place = Place(one.file, ref.line or one.line, ref.path)
                        self._next[id(one)].append((other, place))
                        self._next[id(other)].append((one, place))

    def weak(self, resource: Resource) -> Iterator[WeakSpot]:
        """The weak spot of each door on the way to a workload that is known to accept old TLS."""
        for door, link in self._before(resource):
            for spec in self._known.doors:
                spot = spec.spot(door, link) if spec.types.fullmatch(door.type) else None
                if spot:
                    yield spot

    def _before(self, resource: Resource) -> Iterator[tuple[Resource, Place]]:
        """The doors that references lead to, each once with the first reference."""
        seen = {id(resource)}
        now: list[tuple[Resource, Place | None]] = [(resource, None)]
        for _ in range(_FARTHEST):
            following: list[tuple[Resource, Place | None]] = []
            for one, first in now:
                for other, place in self._next.get(id(one), ()):
                    link = first or place
                    if id(other) in seen:
                        continue
                    if self._known.is_door(other.type):
                        seen.add(id(other))
                        yield other, link
                        yield from ((door, link) for door in self._first(other, seen))
                    if self._known.leads_on(other.type):
                        seen.add(id(other))
                        following.append((other, link))
            now = following

    def _first(self, door: Resource, seen: set[int]) -> Iterator[Resource]:
        """The doors that stand before a door; of what they share, others may lead elsewhere."""
        for spec in self._known.before:
            if not spec.door.fullmatch(door.type):
                continue
            for shared in (o for o, _ in self._next[id(door)] if spec.over.fullmatch(o.type)):
                for first, _ in self._next[id(shared)]:
                    if spec.first.fullmatch(first.type) and id(first) not in seen:
                        seen.add(id(first))
                        yield first


def door_of(data: Mapping[str, Any]) -> Door:
    """A door as the data describes it."""
    return Door(
        _pattern(data["type"]),
        _optional(data.get("setting")),
        _optional(data.get("old")),
        data.get("says", "accepts TLS below 1.2"),
        data["fix"],
        bool(data.get("absent")),
        _optional(data.get("where")),
        _optional(data.get("unless")),
    )


@lru_cache(maxsize=1)
def front_doors() -> _Doors:
    """The shipped doors. Raises what `load_yaml` raises when the file is missing or wrong."""
    data = load_yaml(schema_root() / "signatures" / "transport.yaml")
    before = tuple(
        _Before(_pattern(b["door"]), _pattern(b["over"]), _pattern(b["first"]))
        for b in data["before"]
    )
    return _Doors(tuple(map(door_of, data["doors"])), _pattern("|".join(data["between"])), before)


def judges(type_: str) -> bool:
    """Whether a resource of this type may be a door, or lead to one."""
    return front_doors().passes(type_)


def _optional(text: str | None) -> _Pattern | None:
    return None if text is None else _pattern(text)


def _pattern(text: str) -> _Pattern:
    return re.compile(text, re.IGNORECASE | re.DOTALL)
