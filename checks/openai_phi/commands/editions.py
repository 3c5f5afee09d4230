"""Compares editions of the catalogue: what changed between two, and what that changes for one scan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from openai_phi.facts.catalogue import Catalogue, Edition, Row, standing
from openai_phi.finding.findings import describe
from openai_phi.finding.results import Result
from openai_phi.verdicts.analysis import analyse
from openai_phi.verdicts.assessment import Assessment

_FIELDS = ("zdr", "baa_listed", "abuse_logs", "state", "requires", "retired_on", "preview")


class NoEdition(Exception):
    """An edition that is not in the catalogue; the message lists those that are."""


@dataclass(frozen=True)
class Difference:
    """One endpoint or feature that two editions say different things of."""

    name: str
    changes: tuple[str, ...]


def edition_named(catalogue: Catalogue, name: str) -> Edition:
    """The edition of this name: `2026-10` (of OpenAI), or `azure-openai/2026-10`. Raises `NoEdition`."""
    provider, _, ident = name.rpartition("/")
    found = [
        e for e in catalogue.editions if e.id == ident and e.provider == (provider or "openai")
    ]
    found = found or [e for e in catalogue.editions if not provider and e.id == ident]
    if not found:
        known = ", ".join(f"{e.provider}/{e.id}" for e in catalogue.editions)
        raise NoEdition(f"there is no edition {name}; there are {known}")
    return found[0]


def differences(old: Edition, new: Edition) -> Iterator[Difference]:
    """What differs, endpoint by endpoint, then feature by feature."""
    for endpoint in sorted({*old.rows, *new.rows}):
        changes = tuple(_of_rows(old.rows.get(endpoint), new.rows.get(endpoint)))
        if changes:
            yield Difference(endpoint, changes)
    for ident in sorted({*old.features, *new.features}):
        before, after = old.features.get(ident), new.features.get(ident)
        said = (before.covered if before else "not named", after.covered if after else "not named")
        if said[0] != said[1]:
            yield Difference(f"feature {ident}", (f"covered: {said[0]} -> {said[1]}",))


def _of_rows(old: Row | None, new: Row | None) -> Iterator[str]:
    if new is None:
        yield "no longer listed"
    elif old is None:
        yield f"new; zdr: {new.zdr}, on the list: {new.baa_listed or 'no list'}"
    else:
        for name in _FIELDS:
            before, after = getattr(old, name), getattr(new, name)
            if before != after:
                yield f"{name.replace('_', ' ')}: {_word(before)} -> {_word(after)}"


def _word(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nothing"
    return {None: "-", True: "yes", False: "no"}.get(value, str(value))  # type: ignore[call-overload, no-any-return]


def standings(edition: Edition, endpoint: str) -> dict[str, str]:
    """Coverage rule -> how an endpoint stands under it, in words."""
    row = edition.rows[endpoint]
    rules = ("product-terms",) if edition.by_product_terms else ("zdr-eligible", "listed", "strict")
    return {rule: standing(row, rule)[0].replace("_", " ") for rule in rules}


def on_result(result: Result, old: Edition, new: Edition) -> list[str]:
    """What judging by one edition instead of the other changes for the uses of a scan."""
    before, after = _judged(result, old), _judged(result, new)
    lines = []
    for key in sorted({*before, *after}):
        was, now = before.get(key), after.get(key)
        if was and now and _said(was) != _said(now):
            why = "; ".join([b.reason for b in now.broken] + [m.what for m in now.missing])
            place = now.workload.resource.place()
            change = f"{_said(was)} -> {_said(now)}"
            lines.append(f"{key[0]} ({place}) {key[2]}: {change}" + (f": {why}" if why else ""))
    return lines


def _said(assessment: Assessment) -> str:
    return assessment.verdict.value


def _judged(result: Result, edition: Edition) -> dict[tuple[str, str, str], Assessment]:
    """The assessments as they are where this is the only edition of its provider."""
    others = [e for e in result.catalogue.editions if e.provider != edition.provider]
    catalogue = replace(result.catalogue, editions=(*others, edition))
    declared = result.inputs.declarations
    if declared.policy is not None:
        declared = replace(declared, policy=replace(declared.policy, edition=None))
    analysis = analyse(replace(result.inputs, catalogue=catalogue, declarations=declared))
    return {
        (a.workload.id, a.workload.resource.file, describe(a.use)): a for a in analysis.assessments
    }
