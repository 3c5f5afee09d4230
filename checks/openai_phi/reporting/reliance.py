"""Which agreements a verdict relies on, and what of agreements, editions and exceptions falls due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from openai_phi.declared.agreements import Agreement
from openai_phi.declared.declaration_files import parse_date
from openai_phi.declared.declarations import Declarations
from openai_phi.facts.catalogue import Edition
from openai_phi.finding.results import Result
from openai_phi.verdicts.assessment import Assessment

SOON = 90
"""Days ahead that a report looks for what falls due."""


@dataclass(frozen=True)
class Due:
    """Something with a day on which it stops to hold: what, when, in how many days, where it stands."""

    what: str
    on: date
    days: int
    place: str


def relied_on(assessment: Assessment, declared: Declarations, today: date) -> tuple[Agreement, ...]:
    """The agreements of the policy that speak of a use's organization and project, in force or not."""
    found: list[Agreement] = []
    if assessment.edition is not None:
        provider = assessment.edition.provider
        if assessment.organization is not None or provider != "openai":
            baa = declared.baa(assessment.organization, provider, today).agreement
            found += [baa] if baa else []
    if assessment.project is not None and declared.policy is not None:
        where = declared.retention(assessment.project, today).place
        found += [a for a in declared.policy.agreements if a.place == where]
        modified = declared.modified_retention(assessment.project, today)
        found += [modified] if modified else []
    for host in dict.fromkeys((*assessment.use.through, assessment.use.host or "")):
        gateway = declared.gateway(host)
        if gateway and gateway.operated_by not in ("", "self"):
            named = gateway.agreement
            standing = (
                declared.agreement_called(named, today)
                if named
                else declared.party(host, (gateway.operated_by,), today)
            )
            baa = standing.agreement
            found += [baa] if baa else []
    return tuple({a.place: a for a in found}.values())


def review_due(agreement: Agreement) -> date | None:
    """The day by which an agreement is to be reviewed again; None where the policy asks for none."""
    dates = agreement.dates
    since = dates.get("reviewed_on") or dates.get("signed_on") or dates.get("approved_on")
    last = parse_date(since)
    return (
        last + timedelta(days=agreement.review_every) if last and agreement.review_every else None
    )


def editions_used(result: Result) -> tuple[Edition, ...]:
    """The editions that verdicts rest on: those of the uses, and the policy's choice."""
    policy = result.analysis.declarations.policy
    used = {(e.provider, e.id) for a in result.analysis.assessments for e in [a.edition] if e}
    if policy and policy.edition:
        used |= {(p, policy.edition) for p, _ in set(used)}
    return tuple(e for e in result.catalogue.editions if (e.provider, e.id) in used)


def falls_due(result: Result, within: int = SOON) -> tuple[Due, ...]:
    """What stopped to hold, or does within so many days, the earliest first."""
    today = result.analysis.today
    found = [
        Due(what, on, (on - today).days, place)
        for what, on, place in (*_agreements(result), *_editions(result), *_exceptions(result))
        if on is not None and (on - today).days <= within
    ]
    return tuple(sorted(found, key=lambda d: (d.on, d.what, d.place)))


_Item = tuple[str, date | None, str]


def _agreements(result: Result) -> Iterator[_Item]:
    policy = result.analysis.declarations.policy
    for agreement in policy.agreements if policy else ():
        name = f"{agreement.kind} with {agreement.provider}"
        place = str(agreement.place)
        yield f"{name} expires", parse_date(agreement.dates.get("expires_on")), place
        yield f"{name} is to be reviewed", review_due(agreement), place


def _editions(result: Result) -> Iterator[_Item]:
    for edition in editions_used(result):
        name = f"edition {edition.id} of the catalogue for {edition.provider} is to be reviewed"
        yield name, parse_date(edition.review_by), "catalogue"


def _exceptions(result: Result) -> Iterator[_Item]:
    for exempt in result.exempt:
        name = f"exception for {exempt.finding.rule} at {exempt.finding.resource} expires"
        yield name, parse_date(exempt.expires_on or None), str(exempt.place)
