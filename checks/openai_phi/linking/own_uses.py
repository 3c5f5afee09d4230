"""What each resource uses by itself, whoever calls it and whatever is declared: uses, stores, literal keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from openai_phi.facts.catalogue import Catalogue
from openai_phi.facts.destination_words import DestinationWords, Speaks
from openai_phi.facts.routes import routes
from openai_phi.facts.signatures import Signatures
from openai_phi.linking.accounts import Accounts
from openai_phi.linking.addresses import AddressBook, hosts_in
from openai_phi.linking.call_paths import told
from openai_phi.linking.estate import Orphan, order
from openai_phi.linking.fixed_names import fixed_names
from openai_phi.linking.key_secrets import KeySecrets
from openai_phi.linking.key_sources import KeySources
from openai_phi.linking.named_hosts import named_hosts
from openai_phi.linking.network_policies import NetworkPolicies
from openai_phi.linking.receiving import Receiving
from openai_phi.linking.taken_settings import TakenSettings
from openai_phi.observing.observer import Observer
from openai_phi.observing.uses import Seen, build_uses, distinct
from openai_phi.words.observed import Confidence, Evidence, HostRole, Kind, Receiver, Use
from openai_phi.words.resources import Resource, Setting, Unknown


@dataclass(frozen=True, kw_only=True)
class Using:
    """A resource that uses a provider itself, and what network policies say of its egress."""

    resource: Resource
    uses: tuple[Use, ...]
    egress: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True)
class OwnUses:
    """What the resources of a scan use by themselves."""

    using: tuple[Using, ...]
    programs: tuple[Resource, ...]
    """All workloads, by their type: those that use no provider may still call one that does."""
    orphans: tuple[Orphan, ...]
    """Stores that speak of a provider and that nobody is seen to read."""
    keys: tuple[Orphan, ...]
    """Resources that hold a literal key."""
    read: frozenset[int]
    """What somebody is seen to read."""


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What one resource gives: a use, a store, literal keys, and what it reads."""

    using: Using | None = None
    store: Orphan | None = None
    keys: tuple[Evidence, ...] = ()
    read: tuple[Resource, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Look:
    """What it takes to see what a resource uses."""

    names: Signatures
    catalogue: Catalogue
    observer: Observer
    taken: TakenSettings
    sources: KeySources
    secrets: KeySecrets
    book: AddressBook
    accounts: Accounts
    policies: NetworkPolicies
    receiving: Receiving
    words: DestinationWords

    def over(self, resources: Sequence[Resource]) -> OwnUses:
        """All that these resources use by themselves, in their order."""
        seen = [(r, self._seen(r)) for r in resources]
        read = frozenset(id(r) for _, each in seen for r in each.read)
        stores = (each.store for _, each in seen if each.store)
        held = (Orphan(resource=r, evidence=each.keys) for r, each in seen if each.keys)
        return OwnUses(
            using=tuple(each.using for _, each in seen if each.using),
            programs=tuple(r for r in resources if self.names.sort(r.type) == "workload"),
            orphans=_sorted(s for s in stores if id(s.resource) not in read),
            keys=_sorted(held),
            read=read,
        )

    def _seen(self, resource: Resource) -> _Seen:
        sort = self.names.sort(resource.type)
        stored = self.observer.store(resource)
        if stored or sort == "store":
            return self._store(resource, stored)
        apart = sort == "ignored" or bool(self.names.egress(resource.type))
        if apart and not self.names.calls(resource.type):
            return _NOTHING
        return self._program(resource, known=sort == "workload")

    def _store(self, resource: Resource, stored: Sequence[Evidence]) -> _Seen:
        evidence = (*stored, *self.observer.observe(resource, resource.settings))
        keys = _literal(evidence)
        speaks = stored or any(_is_use(e) for e in evidence)
        if resource.type == "terraform_value" or not speaks:
            return _Seen(keys=keys)
        return _Seen(store=Orphan(resource=resource, evidence=evidence), keys=keys)

    def _program(self, resource: Resource, *, known: bool) -> _Seen:
        taken = self.taken.of(resource)
        read = list(taken.read)
        settings = [*_own(resource, taken.settings), *taken.settings]
        settings = list(_addressed(settings, self.names))
        evidence = self.observer.observe(resource, settings)
        if known:
            keys = self.sources.keys(resource)
            read += [k.read for k in keys if k.read]
            evidence = (*evidence, *(k.evidence for k in keys))
            evidence = (*evidence, *self.accounts.evidence(resource, evidence))
        evidence = self.secrets.named(resource, settings, evidence)
        evidence = (*evidence, *self._carrying(resource, settings, evidence))
        receivers = self.receiving.of(resource)
        uses = self._uses(resource, settings, evidence) if evidence else ()
        uses = tuple(u for u in uses if not self._is_beside(u, receivers))
        uses = self._elsewhere(settings, uses)
        if not uses:
            return _Seen(read=tuple(read))
        uses = self.accounts.attach(resource, uses)
        read += [u.account.resource for u in uses if u.account]
        elsewhere = {(s.file, s.line) for s in taken.settings}
        shown = [e for u in uses if not u.unseen for e in u.evidence]
        egress, uses = self.policies.bound(resource, uses)
        return _Seen(
            using=Using(
                resource=resource,
                uses=told(uses, receivers),
                egress=egress,
            ),
            keys=_literal(e for e in shown if (e.place.file, e.place.line) not in elsewhere),
            read=tuple(read),
        )

    def _carrying(
        self, resource: Resource, settings: Sequence[Setting], evidence: Sequence[Evidence]
    ) -> Iterator[Evidence]:
        """The hosts that a provider's requests could go to by the words around them."""
        said = {
            (e.place.file, e.place.line) for e in evidence if e.kind is Kind.HOST and e.provider
        }
        for named in named_hosts(settings, self.words):
            known = self.names.host(named.host) if named.host else None
            place = named.place_in(resource)
            told = not named.host and (place.file, place.line) in said
            skip = named.speaks is Speaks.OF_NOTHING or told or (known and known.provider)
            if skip or self.names.supporting(named.name) in _ON_THE_WAY:
                continue
            yield Evidence(
                Kind.HOST,
                named.host,
                place,
                Confidence.STRUCTURAL,
                named.name,
                "",
                named.group,
                "" if named.host else "cannot be read",
                role=_ROLES[named.speaks],
            )

    def _uses(
        self, resource: Resource, settings: Sequence[Setting], evidence: Sequence[Evidence]
    ) -> tuple[Use, ...]:
        found = build_uses(
            evidence,
            self.names,
            self.catalogue,
            lambda host, group: self._seen_of(resource, settings, host, group),
        )
        return tuple(replace(u, answered=self._is_answered(resource, u)) for u in found)

    def _elsewhere(self, settings: Sequence[Setting], uses: tuple[Use, ...]) -> tuple[Use, ...]:
        """The uses with where their host leads, of whose name the program's machine is told another address."""
        fixed = {f.host: f for f in fixed_names(settings, self.names)} if uses else {}
        if not fixed:
            return uses
        out = []
        for use in uses:
            told = fixed.get(use.host or "")
            if told is not None:
                how = f"where {told.setting.name} sends what is addressed to {told.host}"
                use = replace(use, provider="gateway", host=told.ip, how=how, unseen=True)
            out.append(use)
        return distinct(out)

    def _is_beside(self, use: Use, receivers: Sequence[Receiver]) -> bool:
        """Whether a gateway that is declared is only named as a proxy, or as who receives telemetry."""
        if not (use.host and self.names.is_declared_gateway(use.host)):
            return False
        beside = {e.place for e in use.evidence if e.kind is Kind.PROXY}
        beside |= {e.place for r in receivers for e in r.evidence}
        named = [e for e in use.evidence if e.kind is Kind.HOST and e.value == use.host]
        return all(e.place in beside for e in named)

    def _is_answered(self, resource: Resource, use: Use) -> bool:
        """Whether what a gateway passes requests to is shown by what runs there."""
        if use.provider != "gateway" or use.unseen or not use.host:
            return False
        found = self.book.resolve(resource, use.host)
        targets = found[0] if found else ()
        return bool(targets) and all(map(self._answers, targets))

    def _seen_of(
        self, resource: Resource, settings: Sequence[Setting], host: str, group: str
    ) -> Seen:
        """What is seen of a host from a part of a resource, and of what the workloads there do."""
        seen = self.book.seen(resource, host)
        found = self.book.resolve(resource, host) if seen is Seen.ANSWERED else None
        if found is None and self.book.is_local(host):
            beside = [s for s in settings if s.group != group]
            if self._shows(resource, beside):
                return Seen.ANSWERED
            return Seen.NOTHING if len(resource.images) > 1 else Seen.SILENT
        if found and found[0] and not any(self._answers(t) for t in found[0]):
            return Seen.OUTSIDE if any(map(self._sends_out, found[0])) else Seen.SILENT
        return seen

    def _sends_out(self, target: Resource) -> bool:
        """Whether a workload passes on what it gets, to a host of the Internet that nothing accounts for."""
        if not any(routes().forwards(image) for image, _ in target.images):
            return False
        hosts = {h for s in self.taken.all_settings(target) for h in hosts_in(s)}
        return any(self.book.public(target, h) for h in sorted(hosts))

    def _answers(self, target: Resource, hops: int = 3) -> bool:
        """Whether a workload shows what it does with requests, itself or by what it calls."""
        settings = self.taken.all_settings(target)
        if self.names.is_model_server(target.name) or self._shows(target, settings):
            return True
        calls = self.book.calls(target, settings) if hops else ()
        return any(self._answers(t, hops - 1) for c in calls for t in c.targets if t is not target)

    def _shows(self, resource: Resource, settings: Iterable[Setting]) -> bool:
        """Whether images are model servers, or settings name a vendor or a server that is known."""
        if any(self.names.is_model_server_image(image) for image, _ in resource.images):
            return True
        return any(self.names.is_accelerator(s.name) or self._names_one(s) for s in settings)

    def _names_one(self, setting: Setting) -> bool:
        for host in hosts_in(setting):
            known = self.names.host(host)
            if (known and known.provider) or self.names.is_other_vendor(host):
                return True
            if self.names.is_inside(host) and self.names.is_model_server(host):
                return True
        return self.names.gateway_model(setting.path, str(setting.value)) != ""


_NOTHING = _Seen()
_ROLES = {Speaks.OF_A_MODEL: HostRole.MODEL, Speaks.OF_A_PROVIDER: HostRole.CARRIER}
_ON_THE_WAY = ("proxy", "no_proxy", "own_ca")
"""The roles of names that say what requests pass, not where they go."""


def _own(resource: Resource, taken: Iterable[Setting]) -> Iterator[Setting]:
    """A resource's own settings but for variables whose value was found where they refer to."""
    resolved = {(s.name, s.group) for s in taken if s.role == "env"}
    for setting in resource.settings:
        unknown = isinstance(setting.value, Unknown) and setting.secret is None
        if not (unknown and (setting.name, setting.group) in resolved):
            yield setting


def _literal(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The literal keys among evidence, each once."""
    return tuple(dict.fromkeys(e for e in evidence if e.kind is Kind.KEY and e.value == "literal"))


def _is_use(item: Evidence) -> bool:
    if item.kind is Kind.HOST:
        return item.provider != "" and (item.value != "" or item.role is not HostRole.NO_URL)
    return item.kind is Kind.KEY and item.value != "none"


def _sorted(orphans: Iterable[Orphan]) -> tuple[Orphan, ...]:
    return tuple(sorted(orphans, key=lambda o: order(o.resource)))


def _addressed(settings: Sequence[Setting], names: Signatures) -> Iterator[Setting]:
    """Settings in which a variable that stands for a whole value is the address that the program gives it."""
    given: dict[str, set[str]] = {}
    for setting in settings:
        if setting.role == "env" and isinstance(setting.value, str) and "://" in setting.value:
            given.setdefault(setting.name, set()).add(setting.value)
    for setting in settings:
        asked = isinstance(setting.value, str) and setting.role != "env"
        variable = names.filling_variable(setting.value) if given and asked else ""
        known = given.get(variable, set())
        whole = str(setting.value).rstrip("}\"' ").endswith(variable)
        if len(known) == 1 and whole:
            yield replace(setting, value=next(iter(known)))
        else:
            yield setting
