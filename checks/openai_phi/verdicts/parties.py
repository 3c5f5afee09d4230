"""Judges the parties that PHI passes: gateways, proxies, other products, and who else receives it.

Who decrypts or stores needs an agreement; who only transmits does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from openai_phi.verdicts.destination_cover import destination_cover
from openai_phi.verdicts.use_facts import (
    Agreed,
    Facts,
    GatewayFacts,
    ProviderKind,
    ProxyFacts,
    ReceiverFacts,
)
from openai_phi.words.fixes import (
    ANYTHING,
    DAY,
    PROJECT,
    Actor,
    Addition,
    Declares,
    Scalar,
    Value,
    added,
)
from openai_phi.words.observed import Assurance, Evidence, Kind, Use
from openai_phi.words.places import Place
from openai_phi.words.verdict import Broken, Conjunct, Held, Missing, Outcome

_LOCAL = frozenset({"localhost", "127.0.0.1"})
_OF_ANOTHER_PRODUCT = (ProviderKind.OTHER_PRODUCT, ProviderKind.NEVER)


def parties(facts: Facts) -> list[Outcome]:
    """What each party on the way is known to be; all of it held, if there is nothing to say."""
    out = [_gateway(g, facts) for g in facts.gateways]
    out += _end(facts)
    out += _proxies(facts)
    out += [_receiver(r, facts) for r in facts.receivers]
    return list(dict.fromkeys(out))


# -- gateways and the host that is called ------------------------------------------------------


def _gateway(gateway: GatewayFacts, facts: Facts) -> Outcome:
    if gateway.own_account:
        return _with_own_account(gateway, facts)
    if not gateway.operator:
        return _held(f"gateway {gateway.host} is one's own, as {gateway.place} says")
    if not gateway.terminates_tls and not gateway.third_party:
        said = f"{gateway.operator} at {gateway.host} only transmits, as {gateway.place} says"
        return _held(said)
    return _agreement(gateway.host, gateway.operator, gateway.agreed, facts)


def _with_own_account(gateway: GatewayFacts, facts: Facts) -> Outcome:
    """A vendor whose own account with a provider is used: our agreement with it must reach that one too."""
    if not gateway.operator:
        what = (
            f"who operates {gateway.host}, whose own account with the provider is used, is not recorded "
            f"at {gateway.place}"
        )
        return Missing(conjunct=Conjunct.PARTY, what=what, who=Actor.COMPLIANCE)
    found = _agreement(gateway.host, gateway.operator, gateway.agreed, facts)
    if not isinstance(found, Held):
        return found
    if not gateway.subcontractors_bound:
        what = (
            f"that the agreement with {gateway.operator}, whose own account with the provider is used, "
            f"binds its subcontractors (subcontractors: bound at {gateway.place})"
        )
        return Missing(conjunct=Conjunct.PARTY, what=what, who=Actor.COMPLIANCE)
    return _held(
        f"{found.because}; it uses its own account, and its subcontractors are bound, as "
        f"{gateway.place} says"
    )


def _agreement(host: str, operator: str, agreed: Agreed, facts: Facts) -> Outcome:
    if agreed.holds:
        return _held(f"{operator} at {host} decrypts it, and {agreed.reason}")
    addition = agreement_with(operator, host)
    if not facts.has_policy:
        what = f"an agreement with {operator}, a third party that decrypts it at {host}"
        return _missing(what, addition)
    return Broken(
        conjunct=Conjunct.PARTY,
        reason=f"it passes {operator} at {host}, a third party that decrypts it, and {agreed.reason}",
        subject=host,
        additions=(addition,),
    )


def _end(facts: Facts) -> Iterator[Outcome]:
    """The host that is called: the provider's, or a party's of which too little is known."""
    use, kind = facts.use, facts.host.kind
    if any(g.forwards_to or g.own_account for g in facts.gateways):
        return
    own = next((g for g in facts.gateways if g.answers_itself), None)
    if own and kind is ProviderKind.OWN:
        yield _held(f"{own.host} answers itself and forwards nothing, as {own.place} says")
    elif (declared := destination_cover(facts)) is not None:
        yield declared
    elif use.host is None:
        what = f"the host that is called is not known ({use.how})"
        yield Missing(conjunct=Conjunct.PARTY, what=what, who=Actor.TEAM)
    elif kind in _OF_ANOTHER_PRODUCT:
        yield _product(use.host, facts)
    elif kind is ProviderKind.API:
        said = f"{use.host} is reached {_way(use)}" if use.via else f"calls {use.host} itself"
        because = f"{said}, {use.how}"
        yield Held(
            conjunct=Conjunct.PARTY, assurance=Assurance.ENFORCED, because=because, fact=True
        )
    else:
        yield from _unknown_gateway(use.host, facts)


def _unknown_gateway(host: str, facts: Facts) -> Iterator[Outcome]:
    third_party = facts.host.kind is ProviderKind.THIRD_PARTY
    if third_party and not facts.gateways:
        found = _agreement(host, facts.host.operator, facts.host.agreed, facts)
        yield found
        if not isinstance(found, Held):
            return
    operated = "" if third_party or facts.gateways else ", and who operates it,"
    which = f"what the gateway {host}"
    if facts.use.unseen:
        which = f"where this goes is not known: it calls a service that is not in this scan: {host}, and what that"
    if facts.use.foreign:
        which = f"a key that the policy binds to a provider is sent to {host}, another vendor's; what that"
    addition = _own_gateway(host, forwards_to="openai", project=PROJECT)
    yield _missing(f"{which} forwards to{operated} is not recorded", addition)


def _product(host: str, facts: Facts) -> Outcome:
    title, agreed = facts.host.title, facts.host.agreed
    never = facts.host.kind is ProviderKind.NEVER
    if agreed.holds and not never:
        what = f"{host} is {title}; {agreed.reason}, but no catalogue edition says what it covers"
        return Missing(conjunct=Conjunct.PRODUCT, what=what, who=Actor.COMPLIANCE)
    use = facts.use
    return Broken(
        conjunct=Conjunct.PRODUCT,
        reason=f"{host} is used on {title}"
        if never
        else f"{host} is {title}, which the API's agreement does not reach",
        subject=host,
        places=tuple(
            e.place for e in use.evidence if e.value == host or e.provider == use.provider
        ),
    )


def _way(use: Use) -> str:
    return (
        f"through {', '.join(use.through)}, of the same estate" if use.through else "by a service"
    )


# -- proxies -----------------------------------------------------------------------------------


def _proxies(facts: Facts) -> Iterator[Outcome]:
    """Proxies before an authority of their own: such a one decrypts; any other only transmits."""
    own = [e for e in facts.use.evidence if e.kind is Kind.OWN_CA]
    if own and not _goes_past(facts.use):
        for proxy in facts.proxies:
            if proxy.seen.value not in _LOCAL:
                yield _proxy(proxy, own[0], facts)


def _proxy(proxy: ProxyFacts, authority: Evidence, facts: Facts) -> Outcome:
    if proxy.gateway:
        return _gateway(proxy.gateway, facts)
    seen = proxy.seen
    which = seen.value or f"that {seen.name} names, which cannot be read,"
    what = (
        f"who operates the proxy {which} at {_at(seen.place)}; it can decrypt, as {authority.name} at "
        f"{_at(authority.place)} trusts an authority of its own"
    )
    return _missing(what, _own_gateway(seen.value or ANYTHING))


def _goes_past(use: Use) -> bool:
    """Whether the host that is called is among those that are not sent through a proxy."""
    host = use.host or ""
    listed = [w for e in use.evidence if e.kind is Kind.NO_PROXY for w in _words(e)]
    return any(host == w.lstrip("*.") or host.endswith("." + w.lstrip("*.")) for w in listed)


def _words(item: Evidence) -> list[str]:
    return [w for w in (p.strip() for p in item.value.split(",")) if w.lstrip("*.")]


# -- receivers ---------------------------------------------------------------------------------


def _receiver(known: ReceiverFacts, facts: Facts) -> Outcome:
    receiver, agreed = known.receiver, known.agreed
    at = f" at {receiver.host}" if receiver.host else ""
    whom = f"{receiver.title}{at}"
    if agreed.holds:
        return _received(f"{whom} receives {receiver.what}, and {agreed.reason}")
    shown = receiver.evidence[0]
    said = f"{whom} receives {receiver.what} ({shown.name} at {_at(shown.place)})"
    if known.own_at:
        return _received(f"{said}, which is one's own, as {known.own_at} says")
    if not receiver.known:
        return _not_shown(known, f"{said}, and whether that is a third party is not known")
    if receiver.kind == "unsettled":
        return _not_shown(known, f"{said}, and {agreed.reason}")
    if not facts.has_policy:
        return _not_shown(known, f"an agreement with {receiver.party}: {said}")
    return Broken(
        conjunct=Conjunct.RECEIVER,
        reason=f"{said}, and {agreed.reason}",
        subject=receiver.party,
        places=tuple(e.place for e in receiver.evidence),
        additions=(_agreement_with(known),),
    )


def _received(because: str) -> Held:
    return Held(conjunct=Conjunct.RECEIVER, assurance=Assurance.ATTESTED, because=because)


def _not_shown(known: ReceiverFacts, what: str) -> Missing:
    return Missing(
        conjunct=Conjunct.RECEIVER,
        what=what,
        who=Actor.COMPLIANCE,
        additions=(_agreement_with(known),),
    )


def _agreement_with(known: ReceiverFacts) -> Addition:
    return agreement_with(known.receiver.party, known.receiver.host or ANYTHING)


# -- words -------------------------------------------------------------------------------------


def agreement_with(party: str, host: Scalar) -> Addition:
    """What a policy says of an agreement with a third party, its date left to fill in."""
    entry: dict[str, Value] = {
        "kind": "baa",
        "provider": party,
        "hosts": (host,),
        "signed_on": DAY,
    }
    return added(Declares.POLICY, "agreements", entry)


def _own_gateway(host: Scalar, **more: Scalar) -> Addition:
    """What a policy says of a gateway of one's own."""
    return added(Declares.POLICY, "gateways", {"host": host, "operated_by": "self", **more})


def _at(place: Place) -> str:
    return str(Place(place.file, place.line))


def _held(because: str) -> Held:
    return Held(conjunct=Conjunct.PARTY, assurance=Assurance.ATTESTED, because=because)


def _missing(what: str, addition: Addition) -> Missing:
    return Missing(conjunct=Conjunct.PARTY, what=what, who=Actor.COMPLIANCE, additions=(addition,))
