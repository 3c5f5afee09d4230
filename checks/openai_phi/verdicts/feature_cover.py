"""Whether a feature that agreements exclude is on, and whether what the endpoints' rows ask is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from openai_phi.facts.catalogue import Condition, Edition, Feature
from openai_phi.verdicts.endpoint_cover import Listed
from openai_phi.verdicts.retention_cover import ZERO, zero
from openai_phi.verdicts.use_facts import Facts, Tool
from openai_phi.words.fixes import Actor
from openai_phi.words.observed import Assurance, Kind
from openai_phi.words.verdict import Broken, Conjunct, Held, Missing, Outcome


def feature_cover(
    facts: Facts, rows: Sequence[Listed], retention: Sequence[Outcome]
) -> list[Outcome]:
    """What is known of each feature and condition, given what is known of the retention control."""
    out = list(_features(facts))
    on = {o.subject for o in out if isinstance(o, Broken)}
    conditions = {(e.id, r): (e, e.conditions[r]) for e, row in rows for r in row.requires}
    for _, (edition, condition) in sorted(conditions.items(), key=lambda i: i[0]):
        settled = "zdr" in condition.met_by and bool(retention)
        # without the control that is what is missing, and it is said once
        if condition.broken_by_feature not in on and not settled:
            out.extend(_condition(condition, edition, facts))
    return list(dict.fromkeys(out))


def _features(facts: Facts) -> Iterator[Outcome]:
    for edition in facts.editions:
        for name in facts.features:
            tool = facts.tools.get(name)
            feature = edition.feature(name)
            if tool and not tool.allowed:
                yield _denied(name, tool)
            elif feature:
                yield from _feature(feature, facts)
            elif edition is facts.editions[-1]:  # an older one says nothing of what came later
                yield _missing(
                    f"feature {name} is not in the edition {edition.id}", Actor.COMPLIANCE
                )


def _feature(feature: Feature, facts: Facts) -> Iterator[Outcome]:
    if feature.covered == "with_zdr":
        yield from _zero_throughout(feature, facts)
    elif feature.covered == "no":
        yield _excluded(feature, facts)
    elif feature.covered == "unknown":
        what = f"whether an agreement covers {feature.id} is not settled: {feature.note}"
        yield _missing(what, Actor.COMPLIANCE)


def _excluded(feature: Feature, facts: Facts, more: str = "") -> Broken:
    seen = (Kind.FEATURE, Kind.FEATURE_LIST)
    return Broken(
        conjunct=Conjunct(feature.breaks),
        reason=f"{feature.id} is on and excluded: {feature.note}{more}",
        subject=feature.id,
        places=tuple(e.place for e in facts.use.evidence if e.kind in seen and e.value),
    )


def _zero_throughout(feature: Feature, facts: Facts) -> Iterator[Outcome]:
    """What asks for zero data retention of the project and of its organization."""
    set_for_all = facts.organizations_set
    other = [p for p in set_for_all if p.type not in ZERO]
    if not zero(facts):
        yield _excluded(feature, facts)
    elif other and len(other) == len(set_for_all):
        set_to = f"Terraform sets {other[0].type} for the organization at {other[0].place}"
        yield _excluded(feature, facts, f"; {set_to}")
    elif other or not (set_for_all or facts.zero_organization):
        what = (
            f"that zero data retention is on for the organization as a whole is not recorded, "
            f"which {feature.id} asks for besides that of the project"
        )
        yield _missing(what, Actor.COMPLIANCE)


def _condition(condition: Condition, edition: Edition, facts: Facts) -> Iterator[Outcome]:
    """What is known of a condition that neither a feature breaks nor the retention control meets."""
    models = (*facts.use.models, *(facts.models or ()))
    wrong = condition.wrong_models(models)
    feature = condition.broken_by_feature or ""
    tool = facts.tools.get(feature)
    if wrong:
        model = wrong[0]
        yield Broken(
            conjunct=Conjunct.FEATURE,
            reason=f"model {model} is used, against the condition {condition.id} of the edition {edition.id}",
            subject=model,
            places=tuple(e.place for e in facts.use.evidence if e.value == model),
        )
    elif tool and not tool.allowed:
        yield _denied(feature, tool)
    elif facts.features_closed is not Assurance.NONE and "features" in condition.met_by:
        because = f"the declared features show {condition.description}"
        yield _held(facts.features_closed, because)
    elif not condition.is_shown(facts.use.models, facts.models or ()):
        declared = "features" if "features" in condition.met_by else "models"
        what = f"{condition.description} is not shown: declare the {declared} in use"
        yield _missing(what, Actor.TEAM)


def _denied(feature: str, tool: Tool) -> Held:
    """A feature that the project does not permit cannot be on, whatever the workload asks for."""
    because = f"Terraform switches {feature} off for the project at {tool.place}"
    return _held(Assurance.ENFORCED, because)


def _held(assurance: Assurance, because: str) -> Held:
    return Held(conjunct=Conjunct.FEATURE, assurance=assurance, because=because)


def _missing(what: str, who: Actor) -> Missing:
    return Missing(conjunct=Conjunct.FEATURE, what=what, who=who)
