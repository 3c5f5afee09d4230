"""Agreements that a policy records, how each stands on a day, and which holds for whom."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum

from openai_phi.declared.declaration_files import Entry, parse_date
from openai_phi.words.places import Place

_DATES = ("signed_on", "approved_on", "reviewed_on", "expires_on")


class AgreementState(Enum):
    """How an agreement stands on a day, the best first; the value is the word that reports say."""

    IN_FORCE = "in_force"
    REVIEW_OVERDUE = "review_overdue"
    NOT_YET_SIGNED = "not_yet_signed"
    EXPIRED = "expired"
    MISSING = "missing"

    @property
    def holds(self) -> bool:
        """Whether it counts; one whose review is overdue does."""
        return self in (AgreementState.IN_FORCE, AgreementState.REVIEW_OVERDUE)


_BEST_FIRST = tuple(AgreementState)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How an agreement stands on a day, and why."""

    state: AgreementState
    """How it stands; `MISSING` where none is recorded."""
    reason: str
    """Why, in words that end a sentence."""
    agreement: Agreement | None = None
    """The agreement, if one is recorded."""

    @property
    def holds(self) -> bool:
        """Whether it counts."""
        return self.state.holds


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One agreement of the policy."""

    kind: str
    """What it is: `baa`, `zdr`, `modified_retention`, `dpa` …, as the schema names them."""
    provider: str
    """The provider or third party that it is with."""
    organizations: tuple[str, ...] = ()
    """The organizations or subscriptions that it holds for; empty: it names none."""
    projects: tuple[str, ...] = ()
    """The projects that it holds for; empty: it names none."""
    hosts: tuple[str, ...] = ()
    """The patterns of the hosts that it holds for; empty: it names none."""
    terms: str | None = None
    """Its terms of coverage, as the catalogue names them."""
    dates: Mapping[str, str]
    """Its dates as written, by name: `signed_on`, `approved_on`, `reviewed_on`, `expires_on`."""
    review_every: int | None = None
    """After how many days it is to be reviewed."""
    place: Place
    """Where it stands."""
    document: str = ""
    """The reference of the signed document."""
    id: str = ""
    """The name that other sections of the policy call it by, if it has one."""

    def standing(self, today: date) -> Standing:
        """How it stands on a day."""
        state, reason = self._state(today)
        return Standing(state=state, reason=reason, agreement=self)

    def standing_at(self, host: str, today: date) -> Standing:
        """How it stands on a day for a host: one that names hosts holds for those alone."""
        if self.hosts and not any(fnmatch.fnmatchcase(host, h) for h in self.hosts):
            reason = f"its agreement at {self.place} is for other hosts"
            return Standing(state=AgreementState.MISSING, reason=reason, agreement=self)
        state, why = self._state(today)
        said = f"its agreement at {self.place}"
        reason = f"{said} is in force" if state.holds else f"{said} does not hold: {why}"
        return Standing(state=state, reason=reason, agreement=self)

    def holds(self, today: date) -> bool:
        """Whether it counts on a day."""
        return self._state(today)[0].holds

    def serves(self, organization: str | None, host: str = "") -> bool:
        """Whether it holds for an organization at a host: it names that one, or none."""
        there = not self.hosts or any(fnmatch.fnmatchcase(host, h) for h in self.hosts)
        return there and (not self.organizations or organization in self.organizations)

    def _state(self, today: date) -> tuple[AgreementState, str]:
        for name, text in self.dates.items():
            if parse_date(text) is None:
                return AgreementState.EXPIRED, f"{name} {text} is no date"
        expires = parse_date(self.dates.get("expires_on"))
        if expires and expires < today:
            return AgreementState.EXPIRED, f"it expired on {expires}"
        since = parse_date(self.dates.get("signed_on") or self.dates.get("approved_on"))
        if since and since > today:
            return AgreementState.NOT_YET_SIGNED, f"it is dated {since}, which is not yet"
        reviewed = parse_date(self.dates.get("reviewed_on")) or since
        if reviewed and self.review_every:
            due = reviewed + timedelta(days=self.review_every)
            if due < today:
                return AgreementState.REVIEW_OVERDUE, f"its review was due on {due}"
        return AgreementState.IN_FORCE, "it is in force"


@dataclass(frozen=True, kw_only=True)
class AuditReport:
    """A report about a provider, with the last day of its period."""

    kind: str
    """What report it is, as `soc2_type2`."""
    provider: str
    """Whom it is about."""
    period_end: str
    """The last day of its period, as written."""
    place: Place
    """Where it is recorded."""


def agreement_of(entry: Entry) -> Agreement:
    """An agreement as the policy writes it."""
    every = entry.word("review_every").removesuffix("d")
    document = entry.data.get("document")
    return Agreement(
        kind=entry.word("kind"),
        provider=entry.word("provider"),
        organizations=(
            *(entry.words("organizations") or ()),
            *(entry.words("subscriptions") or ()),
        ),
        projects=entry.words("projects") or (),
        hosts=entry.words("hosts") or (),
        terms=entry.text("terms"),
        dates={k: entry.word(k) for k in _DATES if k in entry.data},
        review_every=int(every) if every.isdigit() else None,
        place=entry.place,
        document=str(document.get("reference", "")) if isinstance(document, dict) else "",
        id=entry.word("id"),
    )


def report_of(entry: Entry) -> AuditReport:
    """A report about a provider as the policy writes it."""
    return AuditReport(
        kind=entry.word("kind"),
        provider=entry.word("provider"),
        period_end=entry.word("period_end"),
        place=entry.place,
    )


def baa_of_organization(
    agreements: Iterable[Agreement],
    organization: str | None,
    provider: str,
    today: date,
    host: str = "",
) -> Standing:
    """How the BAA stands that holds for an organization at a host: the best of those that do."""
    found = sorted(
        (
            a.standing(today)
            for a in agreements
            if a.kind == "baa" and a.provider == provider and a.serves(organization, host)
        ),
        key=lambda s: (_BEST_FIRST.index(s.state), _place(s)),
    )
    if not found:
        who = f"organization {organization}" if organization else provider
        return Standing(state=AgreementState.MISSING, reason=f"the policy records no BAA for {who}")
    best = found[0]
    if best.state is AgreementState.IN_FORCE:
        return best
    return replace(best, reason=f"the BAA at {_place(best)} does not hold: {best.reason}")


def baa_of_party(
    agreements: Iterable[Agreement], host: str, names: Sequence[str], today: date
) -> Standing:
    """How the BAA with a third party stands: by its host, or by its name.

    An agreement that names hosts holds for those alone.
    """
    held = (a for a in agreements if a.kind == "baa" and _is_with(a, host, names))
    return _best_of((a.standing(today) for a in held), "the policy records no agreement with it")


def _best_of(standings: Iterable[Standing], otherwise: str) -> Standing:
    """The best of agreements with one party, with where it stands; what is said where there is none."""
    found = sorted(standings, key=lambda s: (not s.holds, _place(s)))
    if not found:
        return Standing(state=AgreementState.MISSING, reason=otherwise)
    best = found[0]
    said = f"its agreement at {_place(best)}"
    why = f"{said} is in force" if best.holds else f"{said} does not hold: {best.reason}"
    return replace(best, reason=why)


def called(agreements: Iterable[Agreement], name: str, today: date) -> Standing:
    """How the BAA with a party stands that a policy refers to: by its id, its document, or the party."""
    held = [a for a in agreements if a.kind == "baa"]
    found = (
        [a for a in held if name == a.id]
        or [a for a in held if name == a.document]
        or [a for a in held if name == a.provider]
    )
    return _best_of((a.standing(today) for a in found), f"the policy records no agreement {name}")


def _is_with(agreement: Agreement, host: str, names: Sequence[str]) -> bool:
    if agreement.hosts:
        return any(fnmatch.fnmatchcase(host, h) for h in agreement.hosts)
    return agreement.provider in names


def _place(standing: Standing) -> Place:
    return standing.agreement.place if standing.agreement else Place("", 0)
