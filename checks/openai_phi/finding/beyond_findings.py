"""Findings about what code asks for beyond what the policy and the team allow: endpoints and models.

Of features that are on, and of projects that keys do not belong to, the rules about cover and retention speak.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from openai_phi.declared.vocabulary import CatalogueWords
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.finding.rule import Rule
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.fixes import Actor, Fix
from openai_phi.words.found import Finding
from openai_phi.words.observed import Confidence, Evidence, Kind, steps
from openai_phi.words.places import Place

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis

_Allowed = tuple[Sequence[str], Place]


def beyond_findings(rule: Rule, analysis: Analysis) -> Iterator[Finding]:
    """One finding for each thing that a workload with PHI asks for and that nothing allows it."""
    words = CatalogueWords(load_catalogue())
    told: set[tuple[str, str, str, str]] = set()
    for assessment in analysis.assessments:
        broken = {b.subject for b in assessment.broken}
        for item, name, allowed in _beyond(assessment, analysis, words):
            resource = assessment.workload.resource
            key = (resource.scope, resource.id, resource.variant, name)
            if name not in broken and key not in told:
                told.add(key)
                yield _finding(rule, assessment, item, name, allowed)


def _beyond(
    assessment: Assessment, analysis: Analysis, words: CatalogueWords
) -> Iterator[tuple[Evidence, str, _Allowed]]:
    for allowed in _lists(assessment, analysis, "endpoints"):
        inside = {words.endpoint(w) or w for w in allowed[0]}
        for item in _asked(assessment, Kind.ENDPOINT):
            name = words.endpoint(item.value) or item.value
            if name not in inside and "*" not in name:
                yield item, name, allowed
    for allowed in _lists(assessment, analysis, "models"):
        named = [w.split()[0] for w in allowed[0] if w.split()]
        for item in _asked(assessment, Kind.MODEL):
            if item.provider and not any(_is_version(item.value, n) for n in named):
                yield item, item.value, allowed


def _is_version(model: str, named: str) -> bool:
    """Whether a model is the one that is named, or a version of it: its name with a date."""
    bare = model.rpartition("/")[2]
    return bare == named or (bare.startswith(f"{named}-") and bare[len(named) + 1 :][:2].isdigit())


def _lists(assessment: Assessment, analysis: Analysis, key: str) -> Iterator[_Allowed]:
    """What the policy allows the project, and what the team says of the workload, where they list it."""
    project = analysis.declarations.project(assessment.project) if assessment.project else None
    for said in (project, assessment.workload.declaration):
        listed = getattr(said, key, None) if said is not None else None
        if said is not None and listed is not None:
            yield listed, said.place


def _asked(assessment: Assessment, kind: Kind) -> list[Evidence]:
    """What the code of a workload asks for in as many words."""
    found = (e for e in assessment.use.evidence if e.kind is kind and not e.inherited)
    return [
        e for e in found if e.confidence is not Confidence.SUSPECTED and e.value and e.place.line
    ]


def _finding(
    rule: Rule, assessment: Assessment, item: Evidence, name: str, allowed: _Allowed
) -> Finding:
    resource = assessment.workload.resource
    at = f"{item.place.file}:{item.place.line}"
    listed = ", ".join(allowed[0]) or "none"
    return rule.finding(
        resource.id,
        Place(resource.file, resource.line),
        f"{resource.id} handles PHI and asks for {name} at {at}, beyond what {allowed[1]} allows: {listed}.",
        cause=f"beyond {name}",
        fixes=(
            Fix(
                who=Actor.TEAM,
                what=f"take it out at {at}, or have {name} allowed at {allowed[1]}. What code asks for widens nothing.",
            ),
        ),
        trace=steps((item,)),
        handle=resource.handle,
        end_line=resource.end_line,
        variant=resource.variant,
    )
