"""Judges the parties that PHI passes: gateways, proxies, other products, and who else receives it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from openai_phi.declared.declarations import HOLDS, Declarations, Gateway
from openai_phi.facts.signatures import Signatures
from openai_phi.facts.written_names import scalar
from openai_phi.words.observed import Assurance, Evidence, Kind, Receiver, Use
from openai_phi.words.places import Place
from openai_phi.words.verdict import Broken, Conjunct, Held, Missing

Outcome = Held | Broken | Missing
_NOWHERE = "none"
"""What a gateway forwards to that is itself a model of one's own."""
_PROVIDERS = ("api", "third_party", "other_product", "never")
_OWN = ("self", "")


class Parties:
    """Judges parties against one set of declarations on one day.

    Who decrypts or stores needs an agreement; who only transmits does not.
    """

    def __init__(self, declarations: Declarations, names: Signatures, today: date) -> None:
        self._declared = declarations
        self._names = names
        self._today = today

    def gateway(self, use: Use) -> Gateway | None:
        """What the policy says of the gateway that a use passes, or of the host it calls."""
        return next(iter(self._declared_gateways(use)), None)

    def forwards_to(self, use: Use) -> str:
        """The provider that the gateway of a use forwards to, as the policy says; empty if to none."""
        gateway = self.gateway(use)
        return gateway.forwards_to if gateway and gateway.forwards_to != _NOWHERE else ""

    def knows(self, use: Use) -> bool:
        """Whether it is known which provider answers in the end, so that the rest can be judged."""
        if self.forwards_to(use):
            return True
        return use.host is not None and self._kind(use) == "api"

    def outcomes(self, use: Use) -> list[Outcome]:
        """What each party on the way is known to be; all of it held, if there is nothing to say."""
        declared = self._declared_gateways(use)
        out = [self._of_gateway(g) for g in declared]
        out += self._end(use, declared)
        out += self._proxies(use)
        out += [
            self._receiver(r)
            for r in use.receivers
            if r.kind != "logs" and not self._is_host(r, use)
        ]
        return list(dict.fromkeys(out))

    def _kind(self, use: Use) -> str:
        return self._names.kind_of(use.provider)

    def _declared_gateways(self, use: Use) -> list[Gateway]:
        hosts = [*use.through, *([use.host] if use.host else [])]
        return [g for g in map(self._declared.gateway, dict.fromkeys(hosts)) if g]

    def _of_gateway(self, gateway: Gateway) -> Outcome:
        known = self._names.operator_of(gateway.host) if self._is_third_party(gateway.host) else ""
        operator = known if gateway.operated_by in _OWN else gateway.operated_by
        at = f"{gateway.place[0]}:{gateway.place[1]}"
        if operator in _OWN:
            return _held(f"gateway {gateway.host} is one's own, as {at} says")
        if not gateway.terminates_tls and not known:
            return _held(f"{operator} at {gateway.host} only transmits, as {at} says")
        return self._agreement(gateway.host, operator)

    def _is_third_party(self, host: str) -> bool:
        found = self._names.host(host)
        return found is not None and self._names.kind_of(found.provider) == "third_party"

    def _agreement(self, host: str, operator: str) -> Outcome:
        state, _, reason = self._declared.party(host, (operator,), self._today)
        if state in HOLDS:
            return _held(f"{operator} at {host} decrypts it, and {reason}")
        paste = agreement_yaml(operator, host)
        if self._declared.policy is None:
            what = f"an agreement with {operator}, a third party that decrypts it at {host}"
            return Missing(Conjunct.PARTY, what, "compliance", paste)
        said = f"it passes {operator} at {host}, a third party that decrypts it, and {reason}"
        return Broken(Conjunct.PARTY, said, host, paste=paste)

    def _end(self, use: Use, declared: list[Gateway]) -> Iterator[Outcome]:
        """The host that is called: the provider's, or a party's of which too little is known."""
        kind = self._kind(use)
        if any(g.forwards_to not in ("", _NOWHERE) for g in declared):
            return
        own = next((g for g in declared if g.forwards_to == _NOWHERE), None)
        if own and kind not in _PROVIDERS:
            at = f"{own.place[0]}:{own.place[1]}"
            yield _held(f"{own.host} answers itself and forwards nothing, as {at} says")
        elif use.host is None:
            what = f"the host that is called is not known ({use.how})"
            yield Missing(Conjunct.PARTY, what, "team")
        elif kind in ("other_product", "never"):
            yield self._product(use, use.host, never=kind == "never")
        elif kind == "api":
            said = (
                f"calls {use.host} itself" if not use.via else f"{use.host} is reached {_way(use)}"
            )
            yield Held(Conjunct.PARTY, Assurance.ENFORCED, f"{said}, {use.how}")
        else:
            third_party = kind == "third_party"
            yield from self._unknown_gateway(use.host, declared, third_party, use.unseen)

    def _unknown_gateway(
        self, host: str, declared: list[Gateway], third_party: bool, unseen: bool
    ) -> Iterator[Outcome]:
        if third_party and not declared:
            found = self._agreement(host, self._names.operator_of(host))
            yield found
            if not isinstance(found, Held):
                return
        operated = "" if third_party or declared else ", and who operates it,"
        paste = f"gateways:\n  - {{host: {scalar(host)}, operated_by: self, forwards_to: openai, project: proj_…}}"
        which = f"a service that is not in this scan: {host}, and what that" if unseen else ""
        which = f"it calls {which}" if which else f"what the gateway {host}"
        what = f"{which} forwards to{operated} is not recorded"
        yield Missing(Conjunct.PARTY, what, "compliance", paste)

    def _product(self, use: Use, host: str, *, never: bool) -> Outcome:
        title = self._names.titles[use.provider]
        if never:
            return Broken(Conjunct.PRODUCT, f"{host} is used on {title}", host, _places(use, host))
        state, _, reason = self._declared.party(host, (use.provider,), self._today)
        if state in HOLDS:
            what = f"{host} is {title}; {reason}, but no catalogue edition says what it covers"
            return Missing(Conjunct.PRODUCT, what, "compliance")
        said = f"{host} is {title}, which the API's agreement does not reach"
        return Broken(Conjunct.PRODUCT, said, host, _places(use, host))

    # -- proxies -----------------------------------------------------------------------------

    def _proxies(self, use: Use) -> Iterator[Outcome]:
        """Proxies before an authority of their own: such a one decrypts; any other only transmits."""
        own = [e for e in use.evidence if e.kind is Kind.OWN_CA]
        if not own or _goes_past(use):
            return
        for item in (e for e in use.evidence if e.kind is Kind.PROXY):
            gateway = self._declared.gateway(item.value) if item.value else None
            if item.value in _LOCAL:
                continue
            if gateway:
                yield self._of_gateway(gateway)
                continue
            which = item.value or f"that {item.name} names, which cannot be read,"
            paste = f"gateways:\n  - {{host: {scalar(item.value or '…')}, operated_by: self}}"
            what = (
                f"who operates the proxy {which} at {_at(item.place)}; it can decrypt, as {own[0].name} at "
                f"{_at(own[0].place)} trusts an authority of its own"
            )
            yield Missing(Conjunct.PARTY, what, "compliance", paste)

    # -- receivers ---------------------------------------------------------------------------

    def _is_host(self, receiver: Receiver, use: Use) -> bool:
        """Whether a receiver is the gateway that is judged already."""
        return bool(use.host) and self._names.operator_of(use.host or "") == receiver.party

    def _receiver(self, receiver: Receiver) -> Outcome:
        at = f" at {receiver.host}" if receiver.host else ""
        whom = f"{receiver.title}{at}"
        paste = agreement_yaml(receiver.party, receiver.host or "…")
        state, _, reason = self._declared.party(receiver.host, (receiver.party,), self._today)
        if state in HOLDS:
            return Held(
                Conjunct.RECEIVER,
                Assurance.ATTESTED,
                f"{whom} receives {receiver.what}, and {reason}",
            )
        shown = receiver.evidence[0]
        said = f"{whom} receives {receiver.what} ({shown.name} at {_at(shown.place)})"
        gateway = self._declared.gateway(receiver.host) if not receiver.known else None
        if gateway and gateway.operated_by in _OWN:
            because = f"{said}, which is one's own, as {gateway.place[0]}:{gateway.place[1]} says"
            return Held(Conjunct.RECEIVER, Assurance.ATTESTED, because)
        if not receiver.known or receiver.kind == "unsettled":
            why = "whether that is a third party is not known" if not receiver.known else reason
            return Missing(Conjunct.RECEIVER, f"{said}, and {why}", "compliance", paste)
        if self._declared.policy is None:
            return Missing(
                Conjunct.RECEIVER,
                f"an agreement with {receiver.party}: {said}",
                "compliance",
                paste,
            )
        places = tuple(e.place for e in receiver.evidence)
        return Broken(Conjunct.RECEIVER, f"{said}, and {reason}", receiver.party, places, paste)


def agreement_yaml(party: str, host: str) -> str:
    """The lines of a policy that record an agreement with a third party, its date left to fill in."""
    return f"agreements:\n  - {{kind: baa, provider: {party}, hosts: [{scalar(host)}], signed_on: YYYY-MM-DD}}"


_LOCAL = frozenset({"localhost", "127.0.0.1"})


def _at(place: Place) -> str:
    return str(Place(place.file, place.line))


def _held(because: str) -> Held:
    return Held(Conjunct.PARTY, Assurance.ATTESTED, because)


def _way(use: Use) -> str:
    return (
        f"through {', '.join(use.through)}, of the same estate" if use.through else "by a service"
    )


def _places(use: Use, host: str) -> tuple[Place, ...]:
    return tuple(e.place for e in use.evidence if e.value == host or e.provider == use.provider)


def _goes_past(use: Use) -> bool:
    """Whether the host that is called is among those that are not sent through a proxy."""
    host = use.host or ""
    listed = [w for e in use.evidence if e.kind is Kind.NO_PROXY for w in _words(e)]
    return any(host == w.lstrip("*.") or host.endswith("." + w.lstrip("*.")) for w in listed)


def _words(item: Evidence) -> list[str]:
    return [w for w in (p.strip() for p in item.value.split(",")) if w.lstrip("*.")]
