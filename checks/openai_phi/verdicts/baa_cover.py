"""Whether a BAA is in force for the organization of a use."""

from __future__ import annotations

from openai_phi.declared.agreements import AgreementState
from openai_phi.facts.catalogue import Edition
from openai_phi.verdicts.use_facts import Facts
from openai_phi.words.fixes import Actor
from openai_phi.words.observed import Assurance
from openai_phi.words.verdict import Broken, Conjunct, Held, Missing, Outcome


def baa_cover(facts: Facts) -> Outcome | None:
    """What is known of the BAA: by the policy, else by what the workload claims.

    None where it cannot be known whose must be in force, which is told of the key.
    """
    if facts.conflict:
        return None
    if facts.limited_data_set and facts.data_use_agreed:
        because = "a data use agreement is in force, and the data is a limited data set alone"
        return _held(Assurance.ATTESTED, f"{because} (45 CFR 164.504(e)(3)(iv))")
    terms = _product_terms(facts)
    if not facts.has_policy:
        return _claimed(facts, terms)
    if facts.organization is None and facts.asks_for_organization:
        if terms or facts.project is None:
            return None
        what = f"which organization project {facts.project} belongs to is not recorded"
        return _missing(what, Actor.COMPLIANCE)
    if facts.baa.holds:
        note = "" if facts.baa.state is AgreementState.IN_FORCE else ", its review is overdue"
        at = f" at {facts.baa.place}" if facts.baa.place else ""
        return _held(Assurance.ATTESTED, f"BAA is in force{note}{at}")
    if facts.baa.state is AgreementState.MISSING and terms:
        return _unattested(terms, facts.organization)
    return _broken(facts.baa.reason, facts)


def _product_terms(facts: Facts) -> Edition | None:
    """The newest edition where the agreement is part of terms that hold anyway."""
    newest = facts.editions[-1] if facts.editions else None
    return newest if newest and newest.by_product_terms else None


def _claimed(facts: Facts, terms: Edition | None) -> Outcome:
    claim = facts.use.baa_claim
    if claim is True:
        return _held(Assurance.CLAIMED, "the workload says that a BAA is signed")
    if claim is None and terms:
        return _unattested(terms)
    if claim is False:
        return _broken("the workload says that none is signed", facts)
    return _broken("no policy records a BAA", facts)


def _unattested(edition: Edition, organization: str | None = None) -> Missing:
    whom = f" for {organization}" if organization else ""
    what = (
        f"that the product terms, which include the BAA, hold{whom} is not attested "
        f"(an agreement of kind baa with {edition.provider})"
    )
    return _missing(what, Actor.COMPLIANCE)


def _held(assurance: Assurance, because: str) -> Held:
    return Held(conjunct=Conjunct.BAA, assurance=assurance, because=because)


def _broken(reason: str, facts: Facts) -> Broken:
    return Broken(conjunct=Conjunct.BAA, reason=reason, subject=facts.organization or "")


def _missing(what: str, who: Actor) -> Missing:
    return Missing(conjunct=Conjunct.BAA, what=what, who=who)
