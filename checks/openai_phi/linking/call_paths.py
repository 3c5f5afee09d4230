"""Call paths of what a workload sends: over services of the estate to what calls a provider in the end."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from openai_phi.facts.signatures import Signatures
from openai_phi.linking.addresses import AddressBook
from openai_phi.linking.calls import Call
from openai_phi.observing.uses import distinct
from openai_phi.words.observed import (
    Assurance,
    Confidence,
    Evidence,
    Kind,
    Receiver,
    Role,
    Step,
    Use,
)
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource


@dataclass(frozen=True, kw_only=True)
class Passed:
    """A workload that content passes on its way to a provider, and where the first call to it stands."""

    resource: Resource
    link: Place


@dataclass(frozen=True, kw_only=True)
class Onward:
    """The uses of a workload with those of what it calls, and the workloads on the way."""

    uses: tuple[Use, ...]
    passed: tuple[Passed, ...] = ()


@dataclass
class _Walk:
    """What is reached from one call: each workload once, by a shortest way."""

    ways: dict[int, tuple[Resource, tuple[Step, ...], tuple[str, ...]]] = field(
        default_factory=dict
    )
    onward: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    hosts: dict[tuple[int, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    found: list[tuple[int, Use]] = field(default_factory=list)

    def leading(self) -> set[int]:
        """Those of what was reached from which a provider is reached."""
        known = {node for node, _ in self.found}
        while True:
            more = {node for node, after in self.onward.items() if after & known} - known
            if not more:
                return known
            known |= more

    def answered(self, node: int, use: Use, leading: set[int]) -> bool:
        """Whether what a gateway's name leads to was reached itself, and need not be asked about."""
        gateway = use.provider == "gateway" and use.host
        return bool(gateway and self.hosts.get((node, use.host or ""), set()) & leading)


class CallPaths:
    """Follows calls through one estate. `using` are the workloads that use a provider themselves."""

    def __init__(
        self,
        *,
        book: AddressBook,
        names: Signatures,
        using: Mapping[int, tuple[Use, ...]],
        calls: Callable[[Resource], list[Call]],
        receivers: Callable[[Resource], tuple[Receiver, ...]],
        ends: Callable[[Resource], bool],
    ) -> None:
        self._book = book
        self._names = names
        self._using = using
        self._read_calls = calls
        self._receivers = receivers
        self._ends = ends
        self._calls: dict[int, list[Call]] = {}

    def onward(self, resource: Resource, own: Sequence[Use]) -> Onward:
        """A workload's own uses, those through services of the estate in the place of unknown gateways."""
        answers: dict[str, list[Use]] = {}
        passed: dict[int, Passed] = {}
        kept, redirected = self._redirected(resource, own)
        for call in (*self._calls_of(resource), *redirected):
            uses, behind = self._behind(call, resource)
            answers.setdefault(call.host, []).extend(uses)
            for each in behind:
                passed.setdefault(id(each), Passed(resource=each, link=call.place))
        named = {u.host: u for u in own if u.provider == "gateway" and answers.get(u.host or "")}
        found = [u for u in kept if u.host not in named and not u.answered]
        for host, uses in answers.items():
            found.extend(_as_asked(use, named.get(host)) for use in uses)
        return Onward(uses=distinct(found), passed=tuple(passed.values()))

    def _calls_of(self, resource: Resource) -> list[Call]:
        found = self._calls.get(id(resource))
        if found is None:
            found = self._calls[id(resource)] = self._read_calls(resource)
        return found

    def _redirected(self, resource: Resource, own: Iterable[Use]) -> tuple[list[Use], list[Call]]:
        """A workload's uses, and calls in the place of those whose host the mesh sends elsewhere."""
        kept: list[Use] = []
        calls: list[Call] = []
        for use in own:
            targets = self._book.redirected(resource, use.host or "")
            if not targets:
                kept.append(use)
            for host in targets:
                known = self._names.host(host)
                resolved = self._book.resolve(resource, host)
                if host == use.host or (known and known.provider):
                    kept.append(use)
                elif resolved:
                    calls.append(_redirection(resource, host, *resolved))
                elif self._book.unseen(resource, host):
                    how = f"where a VirtualService sends what is addressed to {use.host}"
                    kept.append(replace(use, provider="gateway", host=host, how=how, unseen=True))
        return kept, calls

    def _behind(self, first: Call, start: Resource) -> tuple[list[Use], list[Resource]]:
        """The uses that a call leads to, with the way in each, and the workloads that lead there."""
        if first.external:
            return self._alias(first), []
        walk = _Walk()
        queue: deque[tuple[Call, int]] = deque([(first, 0)])
        while queue:
            call, origin = queue.popleft()
            _, via, through = walk.ways.get(origin, (start, (), ()))
            if call.external:
                walk.found += [
                    (origin, replace(u, via=(*via, *u.via), through=through))
                    for u in self._alias(call)
                ]
            for target in call.targets:
                if target is start or self._ends(target):
                    continue
                walk.onward[origin].add(id(target))
                walk.hosts[(origin, call.host)].add(id(target))
                if id(target) not in walk.ways:
                    way = (*via, _step(call, target)), (*through, call.host)
                    walk.ways[id(target)] = (target, *way)
                    queue.extend((c, id(target)) for c in self._entered(target, walk))
        return self._arrived(walk)

    def _entered(self, target: Resource, walk: _Walk) -> list[Call]:
        """Notes the uses of what is reached; the calls that lead on from it."""
        _, via, through = walk.ways[id(target)]
        kept, redirected = self._redirected(target, self._using.get(id(target), ()))
        walk.found += [(id(target), replace(u, via=via, through=through)) for u in kept]
        return [*self._calls_of(target), *redirected]

    def _arrived(self, walk: _Walk) -> tuple[list[Use], list[Resource]]:
        leading = walk.leading()
        passed = [way[0] for node, way in walk.ways.items() if node in leading]
        receivers = [r for each in passed for r in self._receivers(each)]
        uses = [u for node, u in walk.found if not walk.answered(node, u, leading)]
        return list(told(uses, receivers)), passed

    def _alias(self, call: Call) -> list[Use]:
        host = self._names.host(call.external)
        if host is None or not host.provider:
            return []
        name = f"calls {call.host} at {call.place}, a service that stands for {call.external}"
        fact = Evidence(
            Kind.HOST,
            host.host,
            call.place,
            Confidence.STRUCTURAL,
            call.name,
            host.provider,
            call.group,
        )
        via = (Step(name, call.place, Role.CALL),)
        return [Use(host.provider, host.host, (fact,), how=name, via=via)]


def _redirection(
    resource: Resource, host: str, targets: tuple[Resource, ...], external: str
) -> Call:
    """A call that the mesh makes of another one."""
    place = resource.place("VirtualService")
    return Call(host=host, place=place, name=host, group="", targets=targets, external=external)


def _step(call: Call, target: Resource) -> Step:
    said = f"calls {call.host} at {call.place}"
    what = "" if call.host == target.id else f"{target.id} "
    return Step(f"{said}, which is {what}at {target.place()}", call.place, Role.CALL)


def told(uses: Iterable[Use], receivers: Sequence[Receiver]) -> tuple[Use, ...]:
    """Uses whose content goes to these receivers too."""
    return tuple(
        replace(u, receivers=tuple(dict.fromkeys((*u.receivers, *receivers)))) for u in uses
    )


def _as_asked(use: Use, asked: Use | None) -> Use:
    """A gateway's use, with what its caller says of the requests that it sends there."""
    if asked is None:
        return use
    bounded = max(use.closed, asked.closed) is not Assurance.NONE
    narrow = use.endpoints if use.closed >= asked.closed else asked.endpoints
    both = tuple(sorted({*use.endpoints, *asked.endpoints}))
    return replace(
        use,
        endpoints=narrow if bounded else both,
        closed=max(use.closed, asked.closed),
        models=tuple(sorted({*use.models, *asked.models})),
        features=tuple(sorted({*use.features, *asked.features})),
        evidence=tuple(dict.fromkeys((*asked.evidence, *use.evidence))),
    )
