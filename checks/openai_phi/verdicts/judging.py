"""Judges one use: each part of cover holds, is broken, or lacks its proof, and what follows of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from openai_phi.declared.declarations import Declarations
from openai_phi.facts.catalogue import Catalogue
from openai_phi.facts.signatures import Signatures, signatures
from openai_phi.reading.terraform.proofs import Proofs
from openai_phi.verdicts.assessment import Assessment
from openai_phi.verdicts.availability import availability
from openai_phi.verdicts.baa_cover import baa_cover
from openai_phi.verdicts.endpoint_cover import endpoint_cover, rows_of
from openai_phi.verdicts.fact_finding import FactFinder
from openai_phi.verdicts.feature_cover import feature_cover
from openai_phi.verdicts.parties import parties
from openai_phi.verdicts.retention_cover import controls, retention_cover
from openai_phi.verdicts.settings_cover import settings_cover
from openai_phi.verdicts.use_facts import Facts
from openai_phi.words.fixes import Actor
from openai_phi.words.observed import Assurance, Use, Workload
from openai_phi.words.verdict import Broken, Conjunct, Held, Missing, Outcome, Verdict

_OF_THE_CODE = frozenset(
    {Conjunct.ENDPOINT, Conjunct.FEATURE, Conjunct.GROUNDING, Conjunct.AVAILABILITY}
)
"""What the code itself shows to be broken, whatever a declaration file says."""
_OF_COMPLIANCE = frozenset({Conjunct.BAA, Conjunct.RETENTION})
"""What only compliance can assure more strongly."""


class Judge:
    """Judges uses against one set of declarations, one catalogue and one day."""

    def __init__(
        self,
        declarations: Declarations,
        catalogue: Catalogue,
        today: date,
        proofs: Proofs,
        names: Signatures | None = None,
    ) -> None:
        self._finder = FactFinder(declarations, catalogue, today, proofs, names or signatures())

    def assess(self, workload: Workload, use: Use) -> Assessment:
        """The verdict on one use of a workload that handles PHI."""
        return assess(workload, self._finder.facts(workload, use))


def assess(workload: Workload, facts: Facts) -> Assessment:
    """The verdict on one use of a workload, by what is known of it."""
    outcomes = outcomes_of(facts)
    result, assurance = verdict(outcomes, facts.minimum)
    missing = [o for o in outcomes if isinstance(o, Missing)]
    if result is Verdict.UNPROVEN and not missing:
        missing = [
            _too_weak(o, facts.minimum)
            for o in outcomes
            if isinstance(o, Held) and o.assurance < facts.minimum
        ]
    return Assessment(
        workload=workload,
        use=facts.use,
        verdict=result,
        assurance=assurance,
        broken=tuple(o for o in outcomes if isinstance(o, Broken)),
        missing=tuple(missing),
        held=tuple(o for o in outcomes if isinstance(o, Held)),
        project=facts.project,
        organization=facts.organization,
        endpoints=facts.endpoints,
        declared=facts.endpoints_declared,
        features=facts.features,
        features_closed=facts.features_closed is not Assurance.NONE,
        edition=facts.editions[-1] if facts.editions else None,
        controls=controls(facts, outcomes),
        deleted_after=facts.deleted_after,
        minimum=facts.minimum,
        not_judged=facts.laws_not_judged,
    )


def outcomes_of(facts: Facts) -> list[Outcome]:
    """What is known of each part of cover, in the order in which it is told."""
    found = [
        *_cover(facts),
        *parties(facts),
        *_without_edition(facts),
        *settings_cover(facts),
    ]
    if not facts.mistakes:
        return found
    first, at = facts.mistakes[0], facts.mistakes[0].place
    what = f"{at.file}:{at.line} is wrong ({first.message}), so nothing in it counts"
    return [
        *(o for o in found if isinstance(o, Broken) and o.conjunct in _OF_THE_CODE),
        Missing(conjunct=Conjunct.DECLARATION, what=what, who=Actor.OWNER, file=at.file),
    ]


def _cover(facts: Facts) -> list[Outcome]:
    """The parts of the agreement with the provider that answers, where that is known."""
    if not facts.provider_known or not facts.editions:
        return []
    rows = rows_of(facts)
    asked = facts.editions[-1].cover
    retention = [retention_cover(facts, rows)] if "retention" in asked else []
    parts: dict[str, list[Outcome]] = {
        "endpoint": endpoint_cover(facts),
        "baa": [baa_cover(facts)],
        "retention": retention,
        "availability": availability(facts, rows),
        "feature": feature_cover(facts, rows, retention),
    }
    return [o for part in asked for o in parts[part]]


def _without_edition(facts: Facts) -> list[Outcome]:
    """What is said of a known provider that no edition of the catalogue speaks of."""
    if not facts.provider_known or facts.editions:
        return []
    what = f"no catalogue edition says which endpoints of {facts.use.provider} an agreement covers"
    missing = Missing(conjunct=Conjunct.ENDPOINT, what=what, who=Actor.COMPLIANCE)
    return [baa_cover(facts), missing]


def verdict(outcomes: Iterable[Outcome], minimum: Assurance) -> tuple[Verdict, Assurance]:
    """Broken beats missing beats held; a covered verdict carries its weakest link's assurance."""
    items = list(outcomes)
    if any(isinstance(o, Broken) for o in items):
        return Verdict.NOT_COVERED, Assurance.NONE
    if not items or any(isinstance(o, Missing) for o in items):
        return Verdict.UNPROVEN, Assurance.NONE
    weakest = min(o.assurance for o in items if isinstance(o, Held))
    return (Verdict.COVERED if weakest >= minimum else Verdict.UNPROVEN), weakest


def towards(assessment: Assessment, endpoint: str) -> tuple[Verdict, Assurance]:
    """The verdict on a use towards one of its endpoints: what is wrong with another does not count."""
    others = {e for e in (*assessment.use.endpoints, *assessment.endpoints) if e != endpoint}
    broken = [
        b
        for b in assessment.broken
        if b.conjunct is not Conjunct.ENDPOINT or b.subject not in others
    ]
    if len(broken) == len(assessment.broken):
        return assessment.verdict, assessment.assurance
    return verdict([*broken, *assessment.missing, *assessment.held], assessment.minimum)


def _too_weak(held: Held, minimum: Assurance) -> Missing:
    what = f"{held.because}, but that is only {held.assurance.word} and the policy asks for {minimum.word}"
    who = Actor.COMPLIANCE if held.conjunct in _OF_COMPLIANCE else Actor.TEAM
    return Missing(conjunct=held.conjunct, what=what, who=who)
