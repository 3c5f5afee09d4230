"""What falls due soon, or was due: ends of agreements and endpoints, reviews, reports on providers, exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from openai_phi.declared.agreements import Agreement, AuditReport
from openai_phi.declared.declaration_files import parse_date
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.exceptions import ExceptionEntry, exception_facts
from openai_phi.words.places import Place


@dataclass(frozen=True)
class Deadline:
    """One thing that falls due on a day, where it is declared, and what to do by then."""

    place: Place
    day: date
    what: str
    todo: str
    notice: int

    def told(self, today: date) -> bool:
        """Whether it is near; what was due and goes on all the same stays so."""
        return self.day <= today + timedelta(self.notice) and (
            self.day >= today or self.todo in _GOES_ON
        )


def deadlines(
    declared: Declarations, valid: Iterable[ExceptionEntry], today: date
) -> tuple[Deadline, ...]:
    """What falls due within the days of notice, in order of its place. Also what was due and goes on.

    What has ended is told by the rules that it breaks.
    """
    policy = declared.policy
    found = [d for a in (policy.agreements if policy else ()) for d in _of_agreement(a)]
    found += [d for r in (policy.reports if policy else ()) for d in _of_report(r)]
    found += [d for e in valid for d in _of_exception(e)]
    return tuple(
        sorted((d for d in found if d.told(today)), key=lambda d: (d.place, d.day, d.what))
    )


_REVIEW = "Compliance: review it, and set reviewed_on."
_NEXT_REPORT = "Compliance: ask for the report on the next period, read it, and record it."
_GOES_ON = (_REVIEW, _NEXT_REPORT)


def _of_agreement(agreement: Agreement) -> Iterator[Deadline]:
    name = f"the {agreement.kind} with {agreement.provider}"
    expires = parse_date(agreement.dates.get("expires_on"))
    if expires:
        todo = "Compliance: renew it and record the new dates, or stop what rests on it."
        yield Deadline(agreement.place, expires, f"{name} ends", todo, _notice())
    since = parse_date(
        agreement.dates.get("reviewed_on")
        or agreement.dates.get("signed_on")
        or agreement.dates.get("approved_on")
    )
    if since and agreement.review_every:
        day = since + timedelta(days=agreement.review_every)
        yield Deadline(agreement.place, day, f"the review of {name} is due", _REVIEW, _notice())


def _of_report(report: AuditReport) -> Iterator[Deadline]:
    ended = parse_date(report.period_end)
    if ended:
        day = ended + timedelta(days=exception_facts().assurance_days)
        what = (
            f"the {report.kind} of {report.provider} (period to {ended}) is due for its successor"
        )
        yield Deadline(report.place, day, what, _NEXT_REPORT, _notice())


def _of_exception(entry: ExceptionEntry) -> Iterator[Deadline]:
    expires, approved = parse_date(entry.expires_on), parse_date(entry.approved_on)
    if expires:
        short = approved is not None and (expires - approved).days <= _notice()
        notice = exception_facts().short_notice_days if short else _notice()
        what = f"the exception from {entry.rule} for {entry.resource} ends"
        todo = "Team: mend the cause by then, or ask for a new approval."
        yield Deadline(entry.place, expires, what, todo, notice)


def _notice() -> int:
    return exception_facts().notice_days
