"""Whether the endpoints of a use are covered, and whether something bounds the workload to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from openai_phi.facts.catalogue import ALL, Edition, Row, standing
from openai_phi.verdicts.use_facts import Facts
from openai_phi.words.fixes import Actor
from openai_phi.words.observed import Assurance
from openai_phi.words.verdict import Broken, Conjunct, Held, Missing, Outcome

Listed = tuple[Edition, Row]
"""A row of an endpoint in use, with its edition."""


def rows_of(facts: Facts) -> list[Listed]:
    """The rows of the endpoints that are judged, the policy's edition first."""
    return [listed for endpoint in _judged(facts) for listed in _rows(endpoint, facts.editions)]


def endpoint_cover(facts: Facts) -> list[Outcome]:
    """What is known of each endpoint, and of what bounds the use to these; needs an edition."""
    out = list(_each(facts))
    if facts.endpoints_closed is Assurance.NONE:
        what = (
            "which endpoints are used is not declared"
            if not facts.endpoints
            else (f"nothing bounds the workload to {', '.join(facts.endpoints)}")
        )
        out.append(_missing(what, Actor.TEAM))
    elif not any(isinstance(o, Broken | Missing) for o in out):
        named = ", ".join(facts.endpoints) or "no endpoint"
        out.append(_held(facts.endpoints_closed, f"is bounded to {named}"))
    return out


def _each(facts: Facts) -> Iterator[Outcome]:
    rule = facts.editions[-1].coverage_rule or facts.rule
    judged = set(_judged(facts))
    for endpoint in facts.endpoints:
        if endpoint == ALL:
            yield _missing("every endpoint is allowed; name those that are used", Actor.TEAM)
        elif endpoint in judged:
            yield _ended(endpoint, facts) or _standing(endpoint, rule, facts.editions)


def _judged(facts: Facts) -> list[str]:
    """The endpoints that may see what users send."""
    newest = facts.editions[-1]
    return [e for e in facts.endpoints if e != ALL and not newest.has_no_customer_content(e)]


def _rows(endpoint: str, editions: Sequence[Edition]) -> list[Listed]:
    return [(e, row) for e in editions for row in [e.lookup(endpoint)] if row is not None]


def _ended(endpoint: str, facts: Facts) -> Broken | None:
    """That the provider has shut the endpoint down, if it has."""
    ended = facts.ended.get(endpoint)
    if ended is None:
        return None
    said = f"{endpoint}: the provider shut it down on {ended[0]} ({ended[1]})"
    return Broken(conjunct=Conjunct.ENDPOINT, reason=said, subject=endpoint)


def _standing(endpoint: str, rule: str, editions: Sequence[Edition]) -> Outcome:
    """The worst that the editions say of an endpoint under the rule."""
    states = [(*standing(row, rule), edition) for edition, row in _rows(endpoint, editions)]
    for state, reason, edition in states:
        if state == "not_covered":
            said = f"{endpoint}: {reason} (edition {edition.id}, rule {rule})"
            return Broken(conjunct=Conjunct.ENDPOINT, reason=said, subject=endpoint)
    for state, reason, edition in states:
        if state == "unknown":
            what = f"whether an agreement covers {endpoint} is not settled: {reason} (edition {edition.id})"
            return _missing(what, Actor.COMPLIANCE)
    silent = [e.id for e in editions if e.lookup(endpoint) is None]
    if silent:
        what = (
            f"{endpoint} is not in the edition {silent[-1]} of the catalogue, "
            "so no agreement is known to cover it"
        )
        return _missing(what, Actor.COMPLIANCE)
    because = f"{endpoint} is covered by the edition {editions[-1].id}, rule {rule}"
    return replace(_held(Assurance.ENFORCED, because), fact=True)


def _missing(what: str, who: Actor) -> Missing:
    return Missing(conjunct=Conjunct.ENDPOINT, what=what, who=who)


def _held(assurance: Assurance, because: str) -> Held:
    return Held(conjunct=Conjunct.ENDPOINT, assurance=assurance, because=because)
