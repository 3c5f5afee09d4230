"""What a policy or a compliance file asks at least: limits, and parameters of rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from openai_phi.declared.declaration_files import Entry
from openai_phi.words.observed import Assurance

SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
"""The severities of findings, the least first."""
_ASSURANCES = {a.word: a for a in Assurance if a is not Assurance.NONE}


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What a policy or a compliance file asks of rules: a severity at least, and what counts as PHI."""

    severity: tuple[tuple[str, str], ...] = ()
    """Rule and the severity that its findings have at least."""
    suspected_is_phi: bool = False
    """Whether names that only suggest PHI make a workload one that handles it."""


@dataclass(frozen=True, kw_only=True)
class Tightening:
    """What a compliance file asks of limits; None where it says nothing."""

    coverage: str | None = None
    """How an endpoint counts that nobody settled: `strict`."""
    minimum_assurance: Assurance | None = None
    """What a verdict must rest on at least."""
    max_retention_days: int | None = None
    """For how many days content may be kept at most."""
    max_exception_days: int | None = None
    """For how many days an exception may last at most."""
    restrict_egress: bool = False
    """Whether it asks that workloads with PHI reach nothing but what is declared."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits in force."""

    coverage: str | None = None
    """How an endpoint counts that nobody settled; None: as the terms of the agreement say."""
    minimum_assurance: Assurance = Assurance.ATTESTED
    """What a verdict must rest on at least."""
    max_retention_days: int | None = None
    """For how many days content may be kept at most; None: any number."""
    max_exception_days: int | None = None
    """For how many days an exception may last at most; None: what the shipped facts say."""
    old_findings_until: str = ""
    """The last day on which findings may pass that a change did not make, as written; empty: no end."""
    approvers: tuple[str, ...] = ()
    """Who may approve exceptions."""
    emergency_approvers: tuple[str, ...] = ()
    """Who may declare an emergency; empty: the approvers."""
    may_stay_unread: tuple[str, ...] = ()
    """What an `unread` entry may leave out without the scan being incomplete."""
    regions: tuple[str, ...] = ()
    """The regions that content may be processed in; empty: any."""
    restrict_egress: bool = False
    """Whether workloads with PHI must be kept from reaching what is not declared."""
    unaccounted: str = "show"
    """Whether a destination of which nothing tells, and that no request could go to, is shown or fails."""
    gaps: str = "show"
    """Whether what could not be evaluated of a workload with PHI, and decides no use, is shown or fails."""

    def tightened(self, asked: Tightening) -> Limits:
        """These limits with what a nearer file asks; nothing is loosened."""
        return replace(
            self,
            coverage=asked.coverage or self.coverage,
            minimum_assurance=max(
                self.minimum_assurance, asked.minimum_assurance or Assurance.NONE
            ),
            max_retention_days=_least(self.max_retention_days, asked.max_retention_days),
            max_exception_days=_least(self.max_exception_days, asked.max_exception_days),
            restrict_egress=self.restrict_egress or asked.restrict_egress,
        )

    def loosened_by(self, asked: Tightening) -> Iterator[tuple[str, str, str]]:
        """What a nearer file would loosen: the name of the limit, what is in force, what it says."""
        now, wanted = self.minimum_assurance, asked.minimum_assurance
        if wanted is not None and wanted < now:
            yield "minimum_assurance", now.word, wanted.word
        for name, most, days in (
            ("max_retention_days", self.max_retention_days, asked.max_retention_days),
            ("max_exception_days", self.max_exception_days, asked.max_exception_days),
        ):
            if most is not None and days is not None and days > most:
                yield name, str(most), str(days)


NO_POLICY = Limits(minimum_assurance=Assurance.CLAIMED)
"""Where no policy is: what a workload and its team say is all there is."""
LACKS_POLICY = Limits()
"""Where a policy is asked for and none is: nothing is covered by what a workload and its team say."""


def _least(one: int | None, other: int | None) -> int | None:
    return min((n for n in (one, other) if n is not None), default=None)


def limits_of_policy(entry: Entry) -> Limits:
    """The `limits` of a policy; without a word, a verdict must rest on an attestation."""
    region = (entry.word("region"),) if "region" in entry.data else ()
    return Limits(
        coverage=entry.text("coverage"),
        minimum_assurance=_assurance(entry) or Assurance.ATTESTED,
        max_retention_days=entry.number("max_retention_days"),
        max_exception_days=entry.number("max_exception_days"),
        old_findings_until=entry.word("old_findings_until"),
        approvers=entry.words("approvers") or (),
        emergency_approvers=entry.words("emergency_approvers") or (),
        may_stay_unread=entry.words("may_stay_unread") or (),
        regions=(*(entry.words("regions") or ()), *region),
        restrict_egress=entry.is_on("restrict_egress"),
        unaccounted=entry.word("unaccounted", "show"),
        gaps=entry.word("gaps", "show"),
    )


def tightening_of(entry: Entry) -> Tightening:
    """The `limits` of a compliance file."""
    return Tightening(
        coverage=entry.text("coverage"),
        minimum_assurance=_assurance(entry),
        max_retention_days=entry.number("max_retention_days"),
        max_exception_days=entry.number("max_exception_days"),
        restrict_egress=entry.is_on("restrict_egress"),
    )


def _assurance(entry: Entry) -> Assurance | None:
    return _ASSURANCES.get(entry.word("minimum_assurance"))


def parameters_of(entry: Entry) -> Parameters:
    """The `parameters` of a policy or a compliance file."""
    severity = entry.data.get("severity")
    asked = severity.items() if isinstance(severity, dict) else ()
    return Parameters(
        severity=tuple((str(r), str(s)) for r, s in asked if s in SEVERITIES),
        suspected_is_phi=entry.data.get("phi") == "suspected",
    )
