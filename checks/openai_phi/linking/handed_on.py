"""Which data comes to a workload over others: subscriptions, notifications, rules of a bus, parameters, what its role is granted."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openai_phi.facts.signatures import Signatures
from openai_phi.linking.lookup import Lookup
from openai_phi.words.places import Place
from openai_phi.words.references import ByAddress
from openai_phi.words.resources import Resource, may_meet

_FARTHEST = 6
_STEPS = re.compile(r"[.\[\]]+")


@dataclass(frozen=True, kw_only=True)
class Handed:
    """Data, or a statement that names a store of it, and the reference to it on the way."""

    store: Resource
    link: Place
    moved: bool
    """Whether the data itself is handed on, and not only a way to it granted."""


@dataclass(frozen=True, kw_only=True)
class _At:
    """Something on the way from a workload."""

    node: Resource
    link: Place
    moved: bool
    depth: int


class HandedOn:
    """Follows references of one scan from a workload to data."""

    def __init__(self, resources: Sequence[Resource], lookup: Lookup, names: Signatures) -> None:
        self._lookup = lookup
        self._names = names
        self._types = {t for t in {r.type for r in resources} if names.is_on_the_way(t)}
        self._referring: dict[tuple[str, str], list[tuple[Resource, ByAddress]]] = defaultdict(list)
        for resource in resources if self._types else ():
            if resource.type in self._types:
                for ref in resource.refs_by_address:
                    self._referring[(resource.scope, ref.address)].append((resource, ref))

    def to(self, workload: Resource) -> Iterator[Handed]:
        """What comes to a workload, each once; what it refers to itself is not asked."""
        if not self._types:
            return
        seen = {id(workload)}
        todo = deque(self._next(_At(node=workload, link=workload.place(), moved=True, depth=0)))
        while todo:
            at = todo.popleft()
            if id(at.node) in seen or not may_meet(at.node, workload):
                continue
            seen.add(id(at.node))
            if self._holds(at.node):
                yield Handed(store=at.node, link=at.link, moved=at.moved)
            if at.depth < _FARTHEST:
                todo.extend(self._next(at))

    def _holds(self, node: Resource) -> bool:
        """Whether something is data, or a statement that names stores of PHI."""
        names = self._names
        if names.carries_data(node.type):
            return True
        return node.type in self._types and any(
            names.is_phi_statement(s.name, str(s.value)) for s in node.settings
        )

    def _next(self, at: _At) -> Iterator[_At]:
        """What hands something to what was reached, and what that leads on to."""
        names, node = self._names, at.node
        leads = names.leads_on(node.type) or names.is_identity(node.type)
        if at.depth == 0 or leads or names.grants(node.type):
            for ref in node.refs_by_address if names.hands(node.type) is None or leads else ():
                yield from self._led(at, node, ref, start=at.depth == 0)
        for giver, ref in self._referring.get((node.scope, node.id), ()):
            if giver is not node:
                yield from self._given(at, giver, ref)

    def _led(self, at: _At, node: Resource, ref: ByAddress, *, start: bool) -> Iterator[_At]:
        """What a reference leads on to; a workload's own references to data are not asked here."""
        if not self._names.gives(_plain(ref.path)) and not start:
            return
        if not node.allows(tuple(_path(ref.path))) and not start:
            return
        for target in self._lookup.at(node, ref.address):
            on = self._names.leads_on(target.type) or self._names.is_identity(target.type)
            if on or (not start and self._names.carries_data(target.type)):
                moved = at.moved and not self._names.is_identity(target.type)
                link = Place(node.file, ref.line or node.line, ref.path)
                yield _At(node=target, link=link, moved=moved, depth=at.depth + 1)

    def _given(self, at: _At, giver: Resource, ref: ByAddress) -> Iterator[_At]:
        """What comes from what refers to something that was reached, as what gets it or is granted it."""
        hands = self._names.hands(giver.type)
        link = Place(giver.file, ref.line or giver.line, ref.path)
        if hands is not None and hands[0].fullmatch(_plain(ref.path)):
            if hands[1]:
                yield _At(node=giver, link=link, moved=at.moved, depth=at.depth + 1)
                return
            for other in giver.refs_by_address:
                if not hands[0].fullmatch(_plain(other.path)):
                    yield from self._from(at, giver, other, moved=at.moved)
        elif self._names.grants(giver.type) and (
            at.depth == 0 or self._names.is_identity(at.node.type)
        ):
            yield _At(node=giver, link=link, moved=False, depth=at.depth + 1)

    def _from(self, at: _At, giver: Resource, ref: ByAddress, *, moved: bool) -> Iterator[_At]:
        if not self._names.gives(_plain(ref.path)):
            return
        link = Place(giver.file, ref.line or giver.line, ref.path)
        for target in self._lookup.at(giver, ref.address):
            if self._names.carries_data(target.type) or self._names.leads_on(target.type):
                yield _At(node=target, link=link, moved=moved, depth=at.depth + 1)


def _plain(path: str) -> str:
    """A path without indices."""
    return ".".join(s for s in _STEPS.split(path) if s and not s.isdigit())


def _path(path: str) -> Iterator[str | int]:
    """The steps of a path that stands as text."""
    return (int(s) if s.isdigit() else s for s in _STEPS.split(path) if s)
