"""Accounts for all that a workload names: each destination and each credential ends in exactly one state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from openai_phi.declared.declarations import Declarations
from openai_phi.declared.declared_destinations import MODEL_SERVER
from openai_phi.facts.destination_words import DestinationWords
from openai_phi.facts.signatures import Signatures
from openai_phi.linking.addresses import AddressBook
from openai_phi.linking.named_hosts import NamedHost, named_hosts
from openai_phi.linking.taken_settings import TakenSettings
from openai_phi.observing.receivers import receivers
from openai_phi.words.destinations import Destination, Sort, State
from openai_phi.words.observed import Evidence, Kind, Use
from openai_phi.words.places import show
from openai_phi.words.resources import Resource, Setting

_UNREAD = "(cannot be read)"
_Said = tuple[State, str]


@dataclass(frozen=True, kw_only=True)
class Accounting:
    """What it takes to account for the workloads of one scan."""

    names: Signatures
    words: DestinationWords
    taken: TakenSettings
    book: AddressBook
    _named: dict[int, tuple[NamedHost, ...]] = field(default_factory=dict, init=False, repr=False)

    def of(
        self, resource: Resource, uses: Sequence[Use], declarations: Declarations
    ) -> tuple[Destination, ...]:
        """All that a workload names, by place: hosts once each, then credentials."""
        settings = self.taken.all_settings(resource)
        found = {d.name: d for d in self._destinations(resource, settings, uses, declarations)}
        held = {d.name: d for d in self._credentials(resource, settings, uses, declarations)}
        return (*sorted(found.values(), key=_order), *sorted(held.values(), key=_order))

    def _hosts(self, resource: Resource, settings: Sequence[Setting]) -> tuple[NamedHost, ...]:
        known = self._named.get(id(resource))
        if known is None:
            known = self._named[id(resource)] = named_hosts(settings, self.words)
        return known

    # -- destinations ------------------------------------------------------------------------

    def _destinations(
        self,
        resource: Resource,
        settings: Sequence[Setting],
        uses: Sequence[Use],
        declarations: Declarations,
    ) -> Iterator[Destination]:
        used = {u.host: u for u in uses if u.host}
        seen: set[str] = set()
        for named in self._hosts(resource, settings):
            label = named.host or f"{named.name} {_UNREAD}"
            if label in seen:
                continue
            seen.add(label)
            use = used.get(named.host)
            state, reason = self._state(resource, named.host, use, declarations)
            yield Destination(
                place=named.place_in(resource),
                name=self.names.masked(label),
                sort=Sort.DESTINATION,
                said_by=self.names.masked(named.name),
                state=state,
                reason=reason,
                carries=_carries(named, uses) if state is State.UNACCOUNTED else False,
            )
        for use in uses:
            if use.host and use.host not in seen and not use.via:
                seen.add(use.host)
                yield self._of_use(resource, use, declarations)

    def _of_use(self, resource: Resource, use: Use, declarations: Declarations) -> Destination:
        """The destination of a use that no setting names: the default of an SDK, an account."""
        host = use.host or ""
        fact = next((e for e in use.evidence if e.value == host), use.evidence[0])
        state, reason = self._state(resource, host, use, declarations)
        return Destination(
            place=fact.place,
            name=host,
            sort=Sort.DESTINATION,
            said_by=fact.name,
            state=state,
            reason=reason,
            carries=state is State.UNACCOUNTED,
        )

    def _state(
        self, resource: Resource, host: str, use: Use | None, declarations: Declarations
    ) -> _Said:
        """The one state of a host, and why."""
        said = self._declared(host, declarations)
        if said and (use is None or _settles(host, declarations)):
            return said
        if use is not None and not use.unseen:
            return State.JUDGED, f"a use of {use.provider}: {use.how}"
        known = self.names.host(host) if host else None
        if known is not None and known.provider:
            return (
                State.JUDGED,
                f"a host of {self.names.titles.get(known.provider, known.provider)}",
            )
        if use is not None or not host:
            return State.UNACCOUNTED, "where this goes is not known"
        return self._vendor(host) or self._inside(resource, host) or _NOBODY

    def _declared(self, host: str, declarations: Declarations) -> _Said | None:
        gateway = declarations.gateway(host)
        if gateway is not None:
            return State.DECLARED, f"a gateway, as {gateway.place} says"
        found = declarations.destination(host)
        if found is None:
            return None
        own = found.kind == MODEL_SERVER
        state = State.OWN_MODEL if own else State.DECLARED
        return state, f"{found.place} says so" + (f": {found.reason}" if found.reason else "")

    def _vendor(self, host: str) -> _Said | None:
        vendor = self.names.vendor_of(host)
        if vendor:
            return State.OTHER_VENDOR, f"{vendor} serves models of its own there"
        party = receivers(self.names).party_of(host)
        return (State.OTHER_VENDOR, f"{party}'s own host") if party else None

    def _inside(self, resource: Resource, host: str) -> _Said | None:
        """What a host inside leads to, where that is seen."""
        if self.book.is_local(host):
            return State.INSIDE, "the same pod or machine"
        found = self.book.resolve(resource, host)
        if found is None:
            return None
        targets, external = found
        if not targets:
            return self._vendor(external) or (State.INSIDE, f"stands for {external}")
        served = [t for t in targets if self._serves_models(t)]
        first = served[0] if served else targets[0]
        state = State.OWN_MODEL if served else State.INSIDE
        return state, f"{first.id} at {first.place()}"

    def _serves_models(self, target: Resource) -> bool:
        return any(self.names.is_model_server_image(image) for image, _ in target.images)

    # -- credentials -------------------------------------------------------------------------

    def _credentials(
        self,
        resource: Resource,
        settings: Sequence[Setting],
        uses: Sequence[Use],
        declarations: Declarations,
    ) -> Iterator[Destination]:
        keys = dict.fromkeys(
            e for u in uses for e in u.evidence if e.kind is Kind.KEY and e.value != "none"
        )
        told = {(k.place.file, k.place.line) for k in keys}
        for setting in settings:
            place = resource.place_of(setting.file, setting.line, show(setting.path))
            if setting.secret and (place.file, place.line) not in told:
                other = self.names.holds_of_another(setting.name)
                yield Destination(
                    place=place,
                    name=str(setting.secret),
                    sort=Sort.CREDENTIAL,
                    said_by=setting.name,
                    state=State.OTHER_VENDOR if other else State.UNACCOUNTED,
                    reason="named for another service" if other else "whose it is, nothing tells",
                )
        for key in keys:
            yield _of_key(key, declarations)


def _settles(host: str, declarations: Declarations) -> bool:
    """Whether what the policy says of a host settles it also where a provider's requests could go there."""
    found = declarations.destination(host)
    return found is None or bool(found.agreement) or found.kind == MODEL_SERVER


def _of_key(key: Evidence, declarations: Declarations) -> Destination:
    """A key of a use: whose it is, its verdict says."""
    lines = [c for s in key.secrets for c in declarations.credentials_of(s)]
    bound = f", which {lines[0].place} binds to {lines[0].project}" if lines else ""
    named = ", ".join(map(str, key.secrets)) or f"{key.name} ({key.value})"
    return Destination(
        place=key.place,
        name=named,
        sort=Sort.CREDENTIAL,
        said_by=key.name,
        state=State.JUDGED,
        reason=f"a key of {key.provider or 'a provider'}{bound}",
    )


def _carries(named: NamedHost, uses: Sequence[Use]) -> bool:
    """Whether requests could go to a host that nothing accounts for: the uses say so, or what cannot be read."""
    if named.host:
        return any(u.unseen and u.host == named.host for u in uses)
    return bool(named.speaks) and any(u.unseen and u.host is None for u in uses)


def _order(item: Destination) -> tuple[str, int, str]:
    return item.place.file, item.place.line, item.name


_NOBODY: _Said = (State.UNACCOUNTED, "nothing in the scan or the policy says what it is")
