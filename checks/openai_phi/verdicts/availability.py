"""Whether what a use calls is generally available, where previews are outside the agreement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openai_phi.facts.catalogue import Availability, Edition
from openai_phi.verdicts.endpoint_cover import Listed
from openai_phi.verdicts.use_facts import Facts
from openai_phi.words.fixes import Actor
from openai_phi.words.observed import Assurance, Confidence, Evidence, Kind, Use
from openai_phi.words.places import Place
from openai_phi.words.verdict import Broken, Conjunct, Held, Missing, Outcome


@dataclass(frozen=True)
class Model:
    """A model that a use calls, what says so, and how surely."""

    name: str
    version: str
    assurance: Assurance
    places: tuple[Place, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}".rstrip()


def availability(facts: Facts, rows: Sequence[Listed]) -> list[Outcome]:
    """Each model, endpoint and feature of a use: generally available, a preview, or not settled."""
    edition = facts.editions[-1]
    if edition.availability is None:
        return []
    out: list[Outcome] = [*_previews(rows, edition, facts.features)]
    models, what = models_of(facts.use, facts.models)
    if not models:
        out.append(_missing(what, Actor.TEAM))
    for model in models:
        out.append(_of_model(model, edition.availability, edition))
    return out


def _previews(
    rows: Sequence[Listed], edition: Edition, features: Sequence[str]
) -> Iterator[Broken]:
    for listed, row in rows:
        if listed is edition and row.preview:
            yield _preview(row.endpoint, edition)
    for name in features:
        feature = edition.feature(name)
        if feature and feature.preview:
            yield _preview(feature.id, edition)


def _preview(subject: str, edition: Edition, places: tuple[Place, ...] = ()) -> Broken:
    said = f"{subject} is a preview, which the terms leave out (edition {edition.id})"
    return Broken(conjunct=Conjunct.AVAILABILITY, reason=said, subject=subject, places=places)


def _of_model(model: Model, known: Availability, edition: Edition) -> Outcome:
    if known.is_preview(model.name, model.version):
        return _preview(f"model {model}", edition, model.places)
    if known.is_available(model.name, model.version):
        because = f"model {model} is generally available"
        return Held(conjunct=Conjunct.AVAILABILITY, assurance=model.assurance, because=because)
    what = (
        f"whether model {model} is generally available is not settled by the edition {edition.id}"
    )
    return _missing(what, Actor.COMPLIANCE)


def _missing(what: str, who: Actor) -> Missing:
    return Missing(conjunct=Conjunct.AVAILABILITY, what=what, who=who)


def models_of(use: Use, declared: tuple[str, ...] | None) -> tuple[list[Model], str]:
    """The models that a use calls, or what is not known of them."""
    out = _deployed(use)
    if declared is not None:
        out += [Model(*_split(text), Assurance.ATTESTED) for text in declared]
    known = {m.name for m in out}
    out += [
        Model(name, "", Assurance.CLAIMED, tuple(e.place for e in said))
        for name in use.models
        for said in [_named(use, name)]
        if name not in known and said
    ]
    out = list(dict.fromkeys(out))
    called = f" behind the deployment {', '.join(use.deployments)}" if use.deployments else ""
    return out, f"which model is{called or ' called'} is not known: declare the models in use"


def _split(text: str) -> tuple[str, str]:
    name, _, version = text.strip().partition(" ")
    return name, version


def _named(use: Use, model: str) -> list[Evidence]:
    """What names a model; a name that may be of another program's does not count."""
    return [
        e
        for e in use.evidence
        if e.kind is Kind.MODEL and e.value == model and e.confidence is not Confidence.SUSPECTED
    ]


def _deployed(use: Use) -> list[Model]:
    """The models of the account's deployments that the use names, or of the only one there is."""
    served = list(use.account.deployments) if use.account else []
    names = set(use.deployments)
    if names - {d.name for d in served} or (not names and len(served) > 1):
        return []
    return [
        Model(d.model, d.version, Assurance.ENFORCED, (d.resource.place(),))
        for d in served
        if d.model and (d.name in names or not names)
    ]


def preview_api_versions(use: Use, edition: Edition) -> list[Evidence]:
    """Evidence of API versions that are previews."""
    known = edition.availability
    if known is None:
        return []
    return [
        e
        for e in use.evidence
        if e.kind is Kind.API_VERSION and known.preview_api_versions.fullmatch(e.value)
    ]
