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
from openai_phi.verdicts.credential_cover import credential_cover
from openai_phi.verdicts.endpoint_cover import endpoint_cover, rows_of
from openai_phi.verdicts.fact_finding import FactFinder
from openai_phi.verdicts.feature_cover import feature_cover
from openai_phi.verdicts.parties import parties
from openai_phi.verdicts.retention_cover import controls, retention_cover
from openai_phi.verdicts.settings_cover import settings_cover
from openai_phi.verdicts.use_facts import Facts
from openai_phi.words.fixes import Actor
from openai_phi.words.observed import Assurance, Use, Workload
from openai_phi.words.verdict import Assured, Broken, Conjunct, Held, Missing, Outcome, Verdict

_OF_THE_CODE = frozenset(
    {Conjunct.ENDPOINT, Conjunct.FEATURE, Conjunct.GROUNDING, Conjunct.AVAILABILITY}
)
"""What the code itself shows to be broken, whatever a declaration file says."""
_OF_COMPLIANCE = frozenset({Conjunct.BAA, Conjunct.RETENTION, Conjunct.CREDENTIAL})
"""What only compliance can assure more strongly."""


_AGREEMENTS = frozenset(
    {Conjunct.BAA, Conjunct.PARTY, Conjunct.RECEIVER, Conjunct.PRODUCT, Conjunct.DECLARATION}
)
"""What is a contract, or somebody's place in it; the other parts are settings."""
_CONTRACT = Assurance.ATTESTED
"""The best that a contract can be."""


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
    result, assured = verdict(outcomes, facts.minimum)
    missing = [o for o in outcomes if isinstance(o, Missing)]
    if result is Verdict.UNPROVEN and not missing:
        missing = [
            _too_weak(o, facts.minimum)
            for o in outcomes
            if isinstance(o, Held) and o.assurance < _asked(o, facts.minimum)
        ]
    return Assessment(
        workload=workload,
        use=facts.use,
        verdict=result,
        assured=assured,
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
        *_keys(facts),
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


def _keys(facts: Facts) -> list[Outcome]:
    """Whose the keys are, where a provider answers with whom agreements are for somebody's keys."""
    if (
        not facts.provider_known
        or facts.of_vendor
        or (facts.limited_data_set and facts.data_use_agreed)
    ):
        return []
    return credential_cover(facts)


def _cover(facts: Facts) -> list[Outcome]:
    """The parts of the agreement with the provider that answers, where that is known."""
    if not facts.provider_known or not facts.editions or facts.of_vendor:
        return []
    rows = rows_of(facts)
    asked = facts.editions[-1].cover
    retention = (
        [retention_cover(facts, rows)] if "retention" in asked and _whose_is_known(facts) else []
    )
    parts: dict[str, list[Outcome]] = {
        "endpoint": endpoint_cover(facts),
        "baa": _baa(facts),
        "retention": retention,
        "availability": availability(facts, rows),
        "feature": feature_cover(facts, rows, retention),
    }
    return [o for part in asked for o in parts[part]]


def _without_edition(facts: Facts) -> list[Outcome]:
    """What is said of a known provider that no edition of the catalogue speaks of."""
    if not facts.provider_known or facts.editions or facts.of_vendor:
        return []
    what = f"no catalogue edition says which endpoints of {facts.use.provider} an agreement covers"
    missing = Missing(conjunct=Conjunct.ENDPOINT, what=what, who=Actor.COMPLIANCE)
    return [*_baa(facts), missing]


def _baa(facts: Facts) -> list[Outcome]:
    found = baa_cover(facts)
    return [found] if found else []


def _whose_is_known(facts: Facts) -> bool:
    """Whether a project is known whose control is asked about, or the policy has none that it could be."""
    return facts.project is not None or not (facts.has_policy and facts.projects)


def verdict(outcomes: Iterable[Outcome], minimum: Assurance) -> tuple[Verdict, Assured]:
    """Broken beats missing beats held; a covered verdict says what its agreements and its settings rest on.

    Each by its weakest link; an agreement, which is a contract, is attested at best.
    """
    items = list(outcomes)
    if any(isinstance(o, Broken) for o in items):
        return Verdict.NOT_COVERED, Assured()
    if not items or any(isinstance(o, Missing) for o in items):
        return Verdict.UNPROVEN, Assured()
    held = [o for o in items if isinstance(o, Held) and not o.fact]
    agreement = _weakest(o.assurance for o in held if o.conjunct in _AGREEMENTS)
    of_settings = [o.assurance for o in held if o.conjunct not in _AGREEMENTS]
    settings = min(of_settings, default=min(agreement, _CONTRACT))
    enough = all(o.assurance >= _asked(o, minimum) for o in held)
    assured = Assured(agreement=min(agreement, _CONTRACT), settings=settings)
    return (Verdict.COVERED if enough else Verdict.UNPROVEN), assured


def _weakest(found: Iterable[Assurance]) -> Assurance:
    """The weakest; where all are facts nothing is left to assure."""
    return min(found, default=Assurance.ENFORCED)


def _asked(held: Held, minimum: Assurance) -> Assurance:
    """What a part must rest on: the minimum, which speaks of settings, and no more than a contract can."""
    if held.fact:
        return Assurance.NONE
    return min(minimum, _CONTRACT) if held.conjunct in _AGREEMENTS else minimum


def towards(assessment: Assessment, endpoint: str) -> tuple[Verdict, Assured]:
    """The verdict on a use towards one of its endpoints: what is wrong with another does not count."""
    others = {e for e in (*assessment.use.endpoints, *assessment.endpoints) if e != endpoint}
    broken = [
        b
        for b in assessment.broken
        if b.conjunct is not Conjunct.ENDPOINT or b.subject not in others
    ]
    if len(broken) == len(assessment.broken):
        return assessment.verdict, assessment.assured
    return verdict([*broken, *assessment.missing, *assessment.held], assessment.minimum)


def _too_weak(held: Held, minimum: Assurance) -> Missing:
    what = f"{held.because}, but that is only {held.assurance.word} and the policy asks for {minimum.word}"
    who = Actor.COMPLIANCE if held.conjunct in _OF_COMPLIANCE else Actor.TEAM
    return Missing(conjunct=held.conjunct, what=what, who=who)
