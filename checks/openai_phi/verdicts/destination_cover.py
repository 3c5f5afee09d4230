"""Whether the policy settles a destination that a provider's requests could go to and that nothing else shows."""

from __future__ import annotations

from openai_phi.verdicts.use_facts import Facts
from openai_phi.words.fixes import Actor
from openai_phi.words.observed import Assurance
from openai_phi.words.verdict import Conjunct, Held, Missing


def destination_cover(facts: Facts) -> Held | Missing | None:
    """What the policy says of where an unseen use goes; None where it says nothing.

    An agreement in force settles it, and a model server of one's own that answers itself. A reason does not,
    nor that the host lies inside: what is there may pass requests on.
    """
    found = facts.destination
    if found is None or not facts.use.unseen:
        return None
    if found.answers_itself:
        return _held(f"{found.host} is a model server of one's own, as {found.place} says")
    if found.agreed is not None and found.agreed.holds:
        return _held(f"{found.host} is declared at {found.place}, and {found.agreed.reason}")
    why = "gives no agreement, and a provider's requests could go there"
    if found.agreed is not None:
        why = f"names an agreement, and {found.agreed.reason}"
    what = f"where what it sends to {found.host} goes is not known: {found.place} {why}"
    return Missing(conjunct=Conjunct.PARTY, what=what, who=Actor.COMPLIANCE)


def _held(because: str) -> Held:
    return Held(conjunct=Conjunct.PARTY, assurance=Assurance.ATTESTED, because=because)
