"""Exceptions and unread entries of compliance files: what each takes out, and why one does not hold."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache

from openai_phi.declared.declaration_files import DeclarationFile, Entry, Mistake, parse_date
from openai_phi.declared.declared_limits import Limits
from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.written_names import fits, fits_any_name, is_pattern
from openai_phi.words.places import Place, show

SECTIONS = ("exceptions", "unread")
UNREAD_RULE = "OAI_SCAN_1"


@dataclass(frozen=True, kw_only=True)
class ExceptionFacts:
    """What law and practice ask of exceptions, from schemas/exceptions.yaml."""

    plan_rules: frozenset[str]
    """Rules that rest on a required standard: accepting one is a plan, and the verdict stays."""
    plan_days: int
    """How long a plan lasts at most."""
    addressable_rules: frozenset[str]
    """Rules that rest on an addressable specification: accepting one records why, and what instead."""
    never: frozenset[str]
    """Rules that no exception takes out."""
    due_rules: frozenset[str]
    """Rules that tell of a day that comes: they fail a scan only where that is asked for."""
    notice_days: int
    """How many days ahead a deadline is told."""
    short_notice_days: int
    """How many days ahead the end of an exception is told that lasts no longer than the notice."""
    assurance_days: int
    """After how many days the report on a provider's period is due for its successor."""
    longest_days: int
    """How long an exception lasts at most where the limits say nothing."""
    retirement_days: int
    """How many days ahead the end of an endpoint is told."""
    unproven_rules: frozenset[str]
    """Rules that say that cover is not shown: accepting one is followed in a ticket."""
    unproven_days: int
    """How long that lasts at most where the limits say nothing."""
    emergency_days: int
    """How many days after its approval an emergency ends at the latest."""
    emergency_never: frozenset[str]
    """Rules that no emergency takes out."""
    emergency_known: frozenset[str]
    """Rules that an emergency takes out only where the finding was there before the change."""
    beside: Mapping[str, str]
    """Rule of an addressable specification -> what must be met beside it."""


@lru_cache(maxsize=1)
def exception_facts() -> ExceptionFacts:
    """The shipped facts. Raises what `load_yaml` raises when the file is missing or wrong."""
    data = load_yaml(schema_root() / "exceptions.yaml")
    return ExceptionFacts(
        plan_rules=frozenset(data["plans"]["rules"]),
        plan_days=int(data["plans"]["days"]),
        addressable_rules=frozenset(data["addressable"]["rules"]),
        never=frozenset(data["never"]),
        due_rules=frozenset(data["due"]["rules"]),
        notice_days=int(data["due"]["notice_days"]),
        short_notice_days=int(data["due"]["short_notice_days"]),
        assurance_days=int(data["due"]["assurance_days"]),
        longest_days=int(data["longest"]["days"]),
        retirement_days=int(data["due"]["retirement_days"]),
        unproven_rules=frozenset(data["unproven"]["rules"]),
        unproven_days=int(data["unproven"]["days"]),
        emergency_days=int(data["emergency"]["days"]),
        emergency_never=frozenset(data["emergency"]["never"]),
        emergency_known=frozenset(data["emergency"]["known_before"]),
        beside=dict(data["addressable"]["beside"]),
    )


class FaultKind(Enum):
    """In what way an exception does not hold; the value is the word that findings say."""

    INVALID = "invalid"
    EXPIRED = "expired"
    UNAPPROVED = "unapproved"


class Standing(Enum):
    """Whether an entry counts while a change is judged beside a trusted revision."""

    COUNTS = "counts"
    WAITING = "waits for the merge"
    OF_REVISION = "is what the trusted revision says of it"


@dataclass(frozen=True)
class Fault:
    """Why an exception does not hold, in words, and what to do."""

    kind: FaultKind
    """In what way."""
    reason: str
    """Why, as half a sentence."""
    hint: str
    """What to do, as a sentence."""


@dataclass(frozen=True, kw_only=True)
class ExceptionEntry:
    """One entry of a compliance file that takes findings of a rule at a resource out."""

    rule: str
    """The rule; of an `unread` entry the one on what was not read."""
    resource: str
    """The pattern that names resources; of an `unread` entry the path relative to the scan root."""
    kind: str
    """`accepted`, `correction` or `emergency`, as written."""
    reason: str
    """Why, in the words of its owner."""
    place: Place
    """Where it stands."""
    folder: str = ""
    """The folder of its file, relative to the scan root; it speaks of nothing outside."""
    owner: str = ""
    """Who mends the cause."""
    ticket: str = ""
    """Where that is followed."""
    approved_by: str = ""
    """Who approved it."""
    approved_on: str = ""
    """The day of the approval, as written."""
    expires_on: str = ""
    """The last day that it holds, as written."""
    why_not: str = ""
    """Why the measure that the rule asks for is not reasonable."""
    equivalent_measure: str = ""
    """What is done instead."""
    proof: str = ""
    """Where it is shown that the finding is wrong."""
    unread: bool = False
    """Whether it is an `unread` entry."""
    first_accepted_on: str = ""
    """The day on which the finding was first accepted, as written; "" for `approved_on`."""
    incident: str = ""
    """Of an emergency: the incident that it belongs to."""
    reviewed_by: str = ""
    """Of an emergency that is over: who reviewed it."""
    reviewed_on: str = ""
    """Of an emergency that is over: the day of the review, as written."""
    faults: tuple[str, ...] = ()
    """What the schema finds wrong with it."""
    standing: Standing = Standing.COUNTS
    """Whether it counts."""

    @property
    def plan(self) -> bool:
        """Whether it does not excuse the finding but plans to mend it: the verdict stays."""
        return self.emergency or (
            self.kind == "accepted" and self.rule in exception_facts().plan_rules
        )

    @property
    def emergency(self) -> bool:
        """Whether it says that mending cannot be waited for."""
        return self.kind == "emergency"

    def reviewed(self, today: date) -> bool:
        """Whether somebody reviewed it after it was over: nothing is left to do about it."""
        done, ended = parse_date(self.reviewed_on), parse_date(self.expires_on)
        return bool(self.reviewed_by.strip() and done and ended and ended <= done <= today)

    @property
    def first_accepted(self) -> date | None:
        """The day from which its days count; None where no date is written."""
        days = (parse_date(d) for d in (self.first_accepted_on, self.approved_on))
        return min((d for d in days if d), default=None)

    def same_cause(self, other: ExceptionEntry) -> bool:
        """Whether another entry takes out the same findings, whatever its dates."""
        mine = (self.folder, self.rule, self.resource, self.unread)
        return mine == (other.folder, other.rule, other.resource, other.unread)

    @property
    def _addressable(self) -> bool:
        return self.kind == "accepted" and self.rule in exception_facts().addressable_rules

    @property
    def _takes_in_its_folder(self) -> bool:
        """Whether it is an unread entry for all of the file's own folder: by name, from above, by a pattern."""
        whatever = f"{self.folder}/{_WHATEVER}"
        return self.unread and (below(self.folder, self.resource) or fits(whatever, self.resource))

    def matches(self, rule: str, names: Sequence[str], file: str) -> bool:
        """Whether it speaks of a finding of a rule at a resource of one of these names, in this file."""
        if rule != self.rule or not below(file, self.folder):
            return False
        if self.unread:
            return below(file, self.resource) or fits(file, self.resource)
        return any(fits(n, self.resource) for n in names)

    def takes_in_others(self, names: Iterable[str]) -> bool:
        """Whether the pattern fits one of these names by its kind or namespace alone, and so any other there."""
        return not self.unread and any(fits_any_name(n, self.resource) for n in names)

    def fault(self, today: date, limits: Limits) -> Fault | None:
        """Why it does not hold on a day under limits; None if it holds."""
        return next(self._all_faults(today, limits), None)

    def _all_faults(self, today: date, limits: Limits) -> Iterator[Fault]:
        for said in self.faults:
            yield Fault(FaultKind.INVALID, said, "Correct the entry.")
        if self.rule in exception_facts().never:
            yield Fault(
                FaultKind.INVALID, f"no exception takes {self.rule} out", "Take the entry out."
            )
        if self._takes_in_its_folder or takes_in_anything(self.resource):
            yield self.takes_in_whatever()
        if self.rule == UNREAD_RULE and not self.unread and is_pattern(self.resource):
            yield Fault(
                FaultKind.INVALID,
                f"only the file's own name takes {self.rule} out",
                "Name the file.",
            )
        yield from self._dates(today)
        yield from self._approval(limits)
        yield from self._emergency() if self.emergency else self._length(today, limits)
        yield from self._contents()

    def _approval(self, limits: Limits) -> Iterator[Fault]:
        own = limits.emergency_approvers if self.emergency else ()
        approvers = own or limits.approvers
        if not approvers:
            yield Fault(FaultKind.UNAPPROVED, "no policy names approvers", _NAME_APPROVERS)
        elif self.approved_by not in approvers:
            who = (
                "those who may declare an emergency" if self.emergency else "the policy's approvers"
            )
            yield Fault(
                FaultKind.UNAPPROVED,
                f"{self.approved_by or 'nobody'} is none of {who}",
                f"Ask one of {', '.join(approvers)} to approve it, or take the entry out.",
            )

    def _emergency(self) -> Iterator[Fault]:
        facts = exception_facts()
        if self.rule in facts.emergency_never:
            said = f"no emergency takes {self.rule} out"
            yield Fault(FaultKind.INVALID, said, "Change the key, and take the entry out.")
        ends, since = parse_date(self.expires_on), self.first_accepted
        if ends and since and (ends - since).days > facts.emergency_days:
            latest = since + timedelta(days=facts.emergency_days)
            said = (
                f"an emergency lasts at most {24 * facts.emergency_days} hours and is not renewed"
            )
            yield Fault(
                FaultKind.INVALID,
                said,
                f"Let it expire by {latest}; what takes longer is accepted as a plan.",
            )
        if not self.incident.strip():
            yield Fault(FaultKind.INVALID, "an emergency needs its incident", "Add incident.")

    def takes_in_whatever(self) -> Fault:
        """The fault of an entry whose pattern names nothing in particular."""
        what = "path" if self.unread else "resource"
        return Fault(FaultKind.INVALID, f"its {what} takes in whatever comes later", _NAME_IT)

    def _dates(self, today: date) -> Iterator[Fault]:
        for name in ("approved_on", "expires_on"):
            text = getattr(self, name)
            if text and parse_date(text) is None:
                said = f"{name} {text} is no date, which counts as expired"
                yield Fault(FaultKind.EXPIRED, said, "Write YYYY-MM-DD.")
        expires, approved = parse_date(self.expires_on), parse_date(self.approved_on)
        if expires is None or expires < today:
            said = f"it expired on {expires}" if expires else "it has no date to expire on"
            yield Fault(FaultKind.EXPIRED, said, _REVIEW if self.emergency else _RENEW)
        if approved and approved > today:
            said = f"its approval is dated {approved}, which is not yet"
            yield Fault(FaultKind.UNAPPROVED, said, "Correct approved_on.")

    def _length(self, today: date, limits: Limits) -> Iterator[Fault]:
        expires, since = parse_date(self.expires_on), self.first_accepted or today
        if expires is None:
            return
        facts, max_days = exception_facts(), limits.max_exception_days
        if self.plan and (expires - since).days > facts.plan_days:
            yield Fault(
                FaultKind.INVALID,
                f"it lasts {(expires - since).days} days from the first; {self.rule} rests on a required "
                f"standard, so that accepting it is a plan of at most {facts.plan_days} days",
                f"Let it expire by {since + timedelta(days=facts.plan_days)}.",
            )
        since = parse_date(self.approved_on) or today
        days = (expires - since).days
        most = self._longest if max_days is None else max_days
        if days > most:
            limit = f"limits.max_exception_days is {max_days}"
            yield Fault(
                FaultKind.INVALID,
                f"it lasts {days} days, and "
                f"{limit if max_days is not None else f'none lasts more than {most}'}",
                f"Let it expire by {since + timedelta(days=most)}.",
            )

    @property
    def _unproven(self) -> bool:
        return self.kind == "accepted" and self.rule in exception_facts().unproven_rules

    @property
    def _longest(self) -> int:
        facts = exception_facts()
        return facts.unproven_days if self._unproven else facts.longest_days

    def _contents(self) -> Iterator[Fault]:
        if self._unproven and not self.ticket.strip():
            yield Fault(
                FaultKind.INVALID,
                f"accepting {self.rule} needs a ticket",
                "Add ticket: where cover is being shown.",
            )
        if self.plan and not self.emergency and not (self.owner.strip() and self.ticket.strip()):
            yield Fault(
                FaultKind.INVALID, "a plan needs an owner and a ticket", "Add owner and ticket."
            )
        recorded = self.why_not.strip() and self.equivalent_measure.strip()
        if self._addressable and not recorded:
            yield Fault(
                FaultKind.INVALID,
                f"{self.rule} rests on an addressable specification; accepting it must record why the "
                "measure is not reasonable and what is done instead (45 CFR 164.306(d)(3)); "
                f"{exception_facts().beside[self.rule]} must be met all the same",
                "Add why_not and equivalent_measure: how that is met otherwise.",
            )
        if self.kind == "correction" and not self.proof.strip():
            yield Fault(
                FaultKind.INVALID, "a correction needs its proof", "Add proof: where it is shown."
            )


_RENEW = "Mend the cause, or let it be approved anew."
_REVIEW = "Mend the cause, and record the review: reviewed_by and reviewed_on."
_WHATEVER = "\0"
"""A name that no file has: what fits it fits whatever comes later."""
_NAME_IT = "Name what was approved; a * stands beside at least three letters or digits of a name."
_WILDCARD = re.compile(r"[*?]|\[(?![\d\"'])[^\]]*\]")


def takes_in_anything(pattern: str, letters: int = 3) -> bool:
    """Whether a part of a pattern fits any name: it has a wildcard, and fewer letters than these beside it."""
    parts = [p for p in re.split(r"[./]", pattern) if _WILDCARD.search(p)]
    return any(sum(c.isalnum() for c in _WILDCARD.sub("", p)) < letters for p in parts)


_NAME_APPROVERS = "Compliance: name them in openai-policy.yaml (limits.approvers)."


def entries_of(file: DeclarationFile) -> tuple[ExceptionEntry, ...]:
    """The exceptions and unread entries of a compliance file, with what its schema finds wrong in each.

    Those mistakes are taken from the file's: an entry that is wrong does not hold, and breaks
    nothing else.
    """
    out: list[ExceptionEntry] = []
    for section in SECTIONS:
        for entry in file.entries(section):
            mine = _mistakes(file, show(entry.path))
            file.mistakes[:] = [m for m in file.mistakes if m not in mine]
            out.append(_exception(entry, mine))
    return tuple(out)


def _mistakes(file: DeclarationFile, at: str) -> list[Mistake]:
    paths = ((m, m.place.path) for m in file.mistakes)
    return [m for m, path in paths if path == at or path.startswith(f"{at}.")]


def _exception(entry: Entry, wrong: list[Mistake]) -> ExceptionEntry:
    folder = os.path.dirname(entry.place.file)
    unread = entry.path[0] == "unread"
    path = os.path.normpath(os.path.join(folder, entry.word("path"))).replace(os.sep, "/")
    dates = ("approved_on", "expires_on")
    return ExceptionEntry(
        rule=UNREAD_RULE if unread else entry.word("rule"),
        resource=path if unread else entry.word("resource"),
        kind="accepted" if unread else entry.word("kind"),
        reason=entry.word("reason"),
        place=entry.place,
        folder=folder,
        owner=entry.word("owner"),
        ticket=entry.word("ticket"),
        approved_by=entry.word("approved_by"),
        approved_on=entry.word("approved_on"),
        expires_on=entry.word("expires_on"),
        why_not=entry.word("why_not"),
        equivalent_measure=entry.word("equivalent_measure"),
        proof=entry.word("proof"),
        unread=unread,
        first_accepted_on=entry.word("first_accepted_on"),
        incident=entry.word("incident"),
        reviewed_by=entry.word("reviewed_by"),
        reviewed_on=entry.word("reviewed_on"),
        faults=tuple(m.message for m in sorted(wrong) if not m.place.path.endswith(dates)),
    )


def below(file: str, folder: str) -> bool:
    """Whether a file is a folder or lies in it; both relative to the scan root."""
    return folder in ("", ".") or file == folder or file.startswith(folder + "/")
