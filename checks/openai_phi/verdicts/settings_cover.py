"""Whether what could not be evaluated of a program's settings could say where a use goes, and with which key."""

from __future__ import annotations

from openai_phi.verdicts.use_facts import Facts
from openai_phi.words.fixes import Actor
from openai_phi.words.observed import Evidence, Kind, Use
from openai_phi.words.resources import Gap
from openai_phi.words.verdict import Conjunct, Missing


def settings_cover(facts: Facts) -> list[Missing]:
    """Each gap of the workload's settings that speaks of a provider, or could decide the use."""
    keyless = bool(facts.editions) and facts.editions[-1].by_product_terms
    return [
        Missing(conjunct=Conjunct.SETTINGS, what=gap.say(), who=Actor.TEAM)
        for gap in facts.gaps
        if gap.speaks or may_lead_elsewhere(gap, facts.use, keyless=keyless)
    ]


def may_lead_elsewhere(gap: Gap, use: Use, *, keyless: bool = False) -> bool:
    """Whether what was not evaluated could hold a use's base address or its key.

    Not where both are written beside it so that nothing in it can override them, in another program,
    nor in who only calls what uses the provider.
    """
    groups = {e.group for e in use.evidence} - {""}
    if use.via or (gap.group and groups and gap.group not in groups):
        return False
    written = [e for e in use.evidence if not _could_hold(gap, e)]
    base = any(e.kind is Kind.HOST and e.value == use.host for e in written)
    key = keyless or any(e.kind is Kind.KEY and e.value != "none" for e in written)
    return not (base and key)


def _could_hold(gap: Gap, item: Evidence) -> bool:
    """Whether what shows this could be overridden, or stand, in what is unknown."""
    path = item.place.path
    inside = path == gap.path or path.startswith((f"{gap.path}.", f"{gap.path}["))
    return inside and item.name not in gap.sure
