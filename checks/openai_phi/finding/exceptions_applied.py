"""Takes findings out that a valid exception or a skip inline covers; they stay visible and counted."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from openai_phi.declared.exceptions import ExceptionEntry, Fault, FaultKind, Standing, below
from openai_phi.facts.written_names import fits
from openai_phi.verdicts.analysis import Analysis
from openai_phi.words.found import Exempt, Finding, Skip
from openai_phi.words.resources import Resource


class Exemptions:
    """What is exempt in one analysis. Build it once, ask it for each finding."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._resources: dict[str, list[Resource]] = defaultdict(list)
        for resource in analysis.resources:
            self._resources[resource.id].append(resource)
        declared = analysis.declarations
        nearest_first = sorted(declared.files, key=lambda f: (-len(f.folder), f.file))
        self._entries = [
            e for f in nearest_first if not declared.broken_for(f.file) for e in f.exceptions
        ]
        self._valid = [
            e for e in self._entries if e.standing is not Standing.WAITING and self.fault(e) is None
        ]

    def fault(self, entry: ExceptionEntry) -> Fault | None:
        """Why an exception does not hold here; None if it holds."""
        limits = self._analysis.declarations.limits_for(entry.place.file)
        found = self._since_the_first(entry).fault(self._analysis.today, limits)
        if found is None and entry.takes_in_others(self._every_name()):
            return entry.takes_in_whatever()
        if found is None and self._renews(entry):
            said = "an emergency is not renewed, and there was one before"
            return Fault(FaultKind.INVALID, said, "Accept what takes longer as a plan.")
        return found

    def _since_the_first(self, entry: ExceptionEntry) -> ExceptionEntry:
        """An entry with the first day on which any entry accepted the same."""
        alike = [e for e in self._entries if self._goes_on(e, entry)]
        days = [d for d in (e.first_accepted for e in alike) if d]
        return (
            replace(entry, first_accepted_on=str(min(days))) if len(alike) > 1 and days else entry
        )

    def _goes_on(self, one: ExceptionEntry, entry: ExceptionEntry) -> bool:
        """Whether two entries accept the same; of emergencies not where one was reviewed and this is another."""
        closed = one.reviewed(self._analysis.today) and one.incident != entry.incident
        return one.kind == entry.kind and self._alike(one, entry) and not (one.emergency and closed)

    def _alike(self, one: ExceptionEntry, other: ExceptionEntry) -> bool:
        """Whether two entries take out the same findings, wherever they stand and however they say it."""
        if one.same_cause(other):
            return True
        if (one.rule, one.unread) != (other.rule, other.unread) or one.unread:
            return False
        inside = below(one.folder, other.folder) or below(other.folder, one.folder)
        both = (fits(n, one.resource) and fits(n, other.resource) for n in self._every_name())
        return inside and any(both)

    def _renews(self, entry: ExceptionEntry) -> bool:
        """Whether an emergency follows on another for the same rule and resource."""
        return entry.emergency and any(
            self._goes_on(e, entry) and (e.approved_on, e.place) < (entry.approved_on, entry.place)
            for e in self._entries
        )

    def faults(self) -> Iterator[tuple[ExceptionEntry, Fault]]:
        """Every exception that does not hold. Of a file that is wrong, its mistakes speak."""
        for entry in self._entries:
            if entry.standing is Standing.OF_REVISION:
                continue
            found = self.fault(entry)
            over = entry.emergency and entry.reviewed(self._analysis.today)
            if found is not None and not (over and found.kind is FaultKind.EXPIRED):
                yield entry, found

    @property
    def valid(self) -> tuple[ExceptionEntry, ...]:
        """The exceptions that hold, those of the nearest file first."""
        return tuple(self._valid)

    def of(self, finding: Finding) -> Exempt | None:
        """Why a finding does not count; None if it does."""
        if not self._valid and not self._analysis.skips:
            return None
        entry = self._excepted(finding)
        if entry is not None:
            return Exempt(
                finding,
                entry.kind,
                entry.reason,
                entry.place,
                entry.approved_by,
                entry.expires_on,
                entry.ticket or entry.incident,
                entry.plan,
                entry.owner,
                entry.approved_on,
            )
        skip = next((s for s in self._analysis.skips if self._skips(s, finding)), None)
        return Exempt(finding, "skip", skip.reason, skip.place) if skip else None

    def excepts(self, rule: str, resource: str, file: str) -> ExceptionEntry | None:
        """The valid exception for a rule at a resource in a file."""
        names = self._names(resource, file)
        return next((e for e in self._valid if e.matches(rule, names, file)), None)

    def settling(self, skip: Skip) -> ExceptionEntry | None:
        """The valid exception that says the same as a skip inline."""
        return self.excepts(skip.rule, skip.resource, skip.place.file)

    def unmatched(self, findings: Iterable[Finding]) -> tuple[ExceptionEntry, ...]:
        """The valid exceptions that match none of these findings."""
        left = [e for e in self._valid if e.standing is Standing.COUNTS]
        for finding in findings:
            for ident in (finding.resource, *finding.also):
                names = self._names(ident, finding.place.file)
                left = [e for e in left if not e.matches(finding.rule, names, finding.place.file)]
        return tuple(left)

    def _excepted(self, finding: Finding) -> ExceptionEntry | None:
        """The exception of a finding; one that speaks for several resources needs one for each."""
        found = [
            self.excepts(finding.rule, ident, finding.place.file)
            for ident in (finding.resource, *finding.also)
        ]
        return found[0] if all(found) else None

    def _every_name(self) -> Iterator[str]:
        """The names of all resources, as declarations may call them."""
        for ident, resources in self._resources.items():
            yield ident
            for resource in resources:
                yield from resource.aliases

    def _named(self, ident: str, file: str) -> Sequence[Resource]:
        found = self._resources.get(ident, [])
        return [r for r in found if r.file == file] or found

    def _names(self, ident: str, file: str) -> tuple[str, ...]:
        """The names of a finding's resource, as declarations may call it."""
        more = {name for r in self._named(ident, file) for name in r.aliases}
        return tuple(sorted({ident, *more}))

    def _skips(self, skip: Skip, finding: Finding) -> bool:
        """Whether a skip stands in the resource that a finding hangs on."""
        if skip.rule != finding.rule or (skip.variant and skip.variant != finding.variant):
            return False
        if skip.resource == finding.resource and skip.place.file == finding.place.file:
            return True
        named = self._named(finding.resource, finding.place.file)
        return any(_within(skip, r) for r in named if r.framework == "terraform")


def _within(skip: Skip, resource: Resource) -> bool:
    """Whether a comment stands in a resource's block, or in the call of the module that it is in."""
    if resource.file == skip.place.file and resource.line < skip.place.line < resource.end_line:
        return True
    called = skip.resource.startswith("module.") and resource.id.startswith(f"{skip.resource}.")
    return called and (os.path.dirname(skip.place.file) or ".") == resource.scope
