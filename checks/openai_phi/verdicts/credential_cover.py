"""Whether it is shown of each key of a use whose it is."""

from __future__ import annotations

from collections.abc import Iterator

from openai_phi.verdicts.use_facts import Binding, Facts, Word
from openai_phi.words.fixes import (
    PROJECT,
    SUBSCRIPTION,
    Actor,
    Addition,
    Blank,
    Declares,
    Scalar,
    Value,
    added,
)
from openai_phi.words.fixes import Secret as Named
from openai_phi.words.observed import Assurance, Evidence
from openai_phi.words.resources import SecretRef
from openai_phi.words.verdict import Conjunct, Held, Missing, Outcome

_ASSURED = {
    Word.POLICY: Assurance.ATTESTED,
    Word.GATEWAY: Assurance.ATTESTED,
    Word.DELEGATED: Assurance.ATTESTED,
    Word.CODE: Assurance.ENFORCED,
    Word.CLAIM: Assurance.CLAIMED,
}


def credential_cover(facts: Facts) -> list[Outcome]:
    """What is known of each key: whose it is and by whose word, or that nothing that counts says it."""
    if facts.conflict:
        said = "; ".join(f"{project} by {where}" for project, where in facts.conflict.items())
        what = f"which project the key belongs to, as more than one is named: {said}"
        return [Missing(conjunct=Conjunct.CREDENTIAL, what=what, who=Actor.TEAM)]
    held: list[Outcome] = [_held(b) for b in facts.bindings]
    if facts.by_product_terms:
        return held or list(_subscription(facts))
    if facts.minimum <= Assurance.CLAIMED and facts.claims:
        keys: tuple[Evidence | None, ...] = facts.unbound or (() if held else (None,))
        owner = facts.claims[0][0]
        return held + [_held(Binding(owner=owner, by=Word.CLAIM, key=k)) for k in keys]
    if not facts.has_policy:
        return held
    once = {key.secrets or (key,): key for key in reversed(facts.unbound)}
    held += [_unbound(key, facts) for key in reversed(once.values())]
    return held or [_unseen(facts)]


def _held(binding: Binding) -> Held:
    return Held(
        conjunct=Conjunct.CREDENTIAL, assurance=_ASSURED[binding.by], because=_because(binding)
    )


def _because(binding: Binding) -> str:
    """Which key, whose it is, and by whose word."""
    which = key_in_words(binding.key) if binding.key else "the key"
    whose = f"{which} is of {binding.owner}"
    if binding.by is Word.CODE:
        return f"{whose}, whose service account made it"
    if binding.by is Word.GATEWAY:
        return f"the key that the gateway sends is of {binding.owner}, as {binding.place} says"
    if binding.by is Word.DELEGATED:
        accepted = f", which {binding.accepted_at} accepts" if binding.accepted_at else ""
        return f"{whose}, as {binding.place} says{accepted} (delegated)"
    if binding.by is Word.CLAIM:
        return f"the team or the workload says that {whose}"
    return f"{whose}, as {binding.place} says"


def key_in_words(key: Evidence) -> str:
    """A key for people: its name, where it comes from, and where that stands."""
    source = f" from {' or '.join(map(_in_words, key.secrets))}" if key.secrets else ""
    return f"{key.name}{source} at {key.place.file}:{key.place.line}"


def _in_words(secret: SecretRef) -> str:
    filled = ", ".join(map(str, secret.filled_from))
    return f"{secret} (filled from {filled})" if filled else str(secret)


def _unbound(key: Evidence, facts: Facts) -> Missing:
    what = f"which organization and project {key_in_words(key)} belongs to is not recorded"
    hidden = not key.secrets and key.value != "literal"
    lines = [
        _line(facts, {s.store: Named(str(s.name))})
        for held in key.secrets
        for s in held.filled_from or (held,)
    ]
    lines += [_line(facts, _injected(facts))] if hidden else []
    return _missing(what + _claimed(facts), facts, lines)


def _unseen(facts: Facts) -> Missing:
    what = "which organization and project the key belongs to is not recorded"
    return _missing(what + _claimed(facts), facts, [_line(facts, _injected(facts))])


def _claimed(facts: Facts) -> str:
    said = [f"{where} alone says {project}" for project, where in facts.claims[:1]]
    return f": {said[0]}" if said else ""


def _missing(what: str, facts: Facts, lines: list[Addition]) -> Missing:
    """What is missing, with the lines to add where the policy has the project that they speak of."""
    claimed = [p for p, _ in facts.claims]
    known = bool(facts.projects) and all(p in facts.projects for p in claimed)
    return Missing(
        conjunct=Conjunct.CREDENTIAL,
        what=what,
        who=Actor.COMPLIANCE,
        additions=tuple(dict.fromkeys(lines)) if known else (),
    )


def _line(facts: Facts, names: dict[str, Value]) -> Addition:
    """A line of the policy's credentials, for the project that is named, else for one to fill in."""
    first = facts.projects[0] if facts.projects else PROJECT.as_if
    project: Scalar = facts.claims[0][0] if facts.claims else Blank(PROJECT.shown, first)
    return added(Declares.POLICY, "credentials", {"project": project, **names})


def _injected(facts: Facts) -> dict[str, Value]:
    return {"key": "injected", "workload": Named(facts.names[0] if facts.names else "")}


def _subscription(facts: Facts) -> Iterator[Missing]:
    """That the policy does not say in which subscription a host lies, where agreements are for some."""
    if not (facts.has_policy and facts.asks_for_organization):
        return
    host, claimed = facts.use.host or "", facts.organization
    alone = f": only the team or the workload says {claimed}" if claimed else ""
    what = f"which subscription the key belongs to is not recorded{alone}"
    whose: Scalar = claimed or SUBSCRIPTION
    line = added(Declares.POLICY, "credentials", {"subscription": whose, "host": Named(host)})
    yield Missing(
        conjunct=Conjunct.CREDENTIAL,
        what=what,
        who=Actor.COMPLIANCE,
        additions=(line,) if host else (),
    )
