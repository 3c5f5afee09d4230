"""The result of one scan over all frameworks: what every report and the exit code are made from."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from openai_phi.declared.declared_workloads import lowers_a_kind, named, speaks_of
from openai_phi.declared.exceptions import ExceptionEntry, below
from openai_phi.facts.catalogue import Catalogue
from openai_phi.finding.exceptions_applied import Exemptions
from openai_phi.finding.grouping import Grouping
from openai_phi.finding.rule import Rule
from openai_phi.finding.rule_runs import RuleRun, run_rule, run_rules
from openai_phi.verdicts.analysis import Analysis, Inputs, analyse, joined
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.found import Exempt, Finding, Unread


@dataclass(frozen=True)
class Result:
    """One scan, judged. `root` is the absolute folder; paths in findings are relative to it.

    `findings` are those that fail, `exempt` those that an exception or a skip takes out; `frameworks`
    are those that Checkov ran; `notes` what the reader of any report must know of how it was made;
    `gaps` what the scan did not do and no finding speaks of.
    """

    root: Path
    inputs: Inputs
    analysis: Analysis
    runs: tuple[RuleRun, ...]
    findings: tuple[Finding, ...]
    exempt: tuple[Exempt, ...] = ()
    frameworks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that ran, in the order of their ids."""
        return tuple(r.rule for r in self.runs)

    @property
    def catalogue(self) -> Catalogue:
        """The editions that it was judged by."""
        return self.inputs.catalogue

    @property
    def unread(self) -> tuple[Unread, ...]:
        """What could matter and was not read."""
        return tuple(u for u in self.analysis.unread if u.matters)

    def verdict(self, assessment: Assessment) -> str:
        """The verdict in words: what is broken stays so, also while a plan to mend it is accepted."""
        word = assessment.verdict.value
        resource = assessment.workload.resource
        plans = [
            (e.expires_on, "emergency" if e.kind == "emergency" else "plan")
            for e in self.exempt
            if e.plan and e.finding.speaks_for(resource.id, resource.file)
        ]
        until, kind = min(plans, default=("", ""))
        return f"{word} ({kind} until {until})" if plans else word

    @property
    def emergencies(self) -> tuple[Exempt, ...]:
        """What an emergency takes out: first in every report."""
        return tuple(e for e in self.exempt if e.kind == "emergency")

    def rule(self, ident: str) -> Rule:
        """A rule that ran, by its id. Raises KeyError."""
        return {r.id: r for r in self.rules}[ident]


def result_of(
    root: Path,
    collected: Sequence[Inputs],
    rules: Iterable[Rule],
    frameworks: Iterable[str] = (),
    notes: Iterable[str] = (),
    *,
    sees_all: bool = True,
) -> Result:
    """Joins what the frameworks gave, judges it once and runs every rule.

    `sees_all`: no framework was left out, so that an exception that matches nothing can be said to.
    Raises ValueError if nothing was read.
    """
    inputs = joined(collected)
    analysis = analyse(inputs)
    runs = run_rules(rules, analysis)
    if sees_all:
        analysis = replace(analysis, unmatched=_unmatched(analysis, runs))
        runs = tuple(run_rule(r.rule, analysis) if r.rule.of_findings else r for r in runs)
    grouping = Grouping(analysis)
    return Result(
        root,
        inputs,
        analysis,
        runs,
        grouping.findings(f for run in runs for f in run.findings),
        _emergencies_first(grouping.exempt(e for run in runs for e in run.exempt)),
        tuple(sorted(frameworks)),
        (
            *notes,
            *(_idle(inputs) if sees_all else ()),
            *(_needless(analysis, runs) if sees_all else ()),
            *_waiting(inputs),
        ),
    )


def _emergencies_first(exempt: Iterable[Exempt]) -> tuple[Exempt, ...]:
    return tuple(sorted(exempt, key=lambda e: e.kind != "emergency"))


def _waiting(inputs: Inputs) -> Iterator[str]:
    """What a change says of its own judge and does not count before it is merged."""
    trusted = inputs.declarations.sources.trusted
    for line in inputs.declarations.waiting if trusted else ():
        yield line.say(trusted.revision if trusted else "")


def _idle(inputs: Inputs) -> Iterator[str]:
    """What is declared of workloads that nothing read is called, as a slip of the pen makes it."""
    for file in inputs.declarations.files if inputs.resources else ():
        near = [r for r in inputs.resources if any(map(file.speaks_for, named(r).paths))]
        ids = sorted({r.id for r in near})
        elsewhere = {r.id for r in inputs.resources}
        for entry in file.workloads:
            if not any(speaks_of(entry, named(r)) for r in near):
                if any(lowers_a_kind(entry, (r.id, *r.aliases)) for r in near):
                    yield f"{entry.place} says {entry.data} of {entry.match}, a kind and no workload: it lowers nothing."
                    continue
                close = difflib.get_close_matches(entry.match, ids, 1, 0.8)
                if entry.match in elsewhere:
                    yield f"{entry.place} speaks of {entry.match} elsewhere than it is deployed (path, environments, folder)."
                    continue
                hint = f" Did you mean {close[0]}?" if close else ""
                yield f"{entry.place} speaks of {entry.match}, and nothing that was read is called so.{hint}"


def _unmatched(analysis: Analysis, runs: Sequence[RuleRun]) -> tuple[ExceptionEntry, ...]:
    """The exceptions that nothing needs; a correction at a resource that is there is only told."""
    return tuple(e for e in _matchless(analysis, runs) if not _not_needed(analysis, e))


def _needless(analysis: Analysis, runs: Sequence[RuleRun]) -> Iterator[str]:
    """The corrections of what is not found any more, at a resource that is there: they can be taken out."""
    for entry in _matchless(analysis, runs):
        if _not_needed(analysis, entry):
            yield f"{entry.place}: the correction of {entry.rule} for {entry.resource} is not needed: nothing is found there."


def _not_needed(analysis: Analysis, entry: ExceptionEntry) -> bool:
    """Whether an entry corrects a finding that is not made at a resource of its very name."""
    return entry.kind == "correction" and any(
        entry.resource in (r.id, *r.aliases) and below(r.file, entry.folder)
        for r in analysis.resources
    )


def _matchless(analysis: Analysis, runs: Sequence[RuleRun]) -> tuple[ExceptionEntry, ...]:
    """The exceptions that match none of the findings, as far as that is known.

    Not known: for a rule that broke, and below a folder in which something was not read.
    """
    broken = {r.rule.id for r in runs if r.error}
    exemptions = Exemptions(analysis)
    needed = {exemptions.settling(w.skip) for w in analysis.weakenings if w.skip}
    lost = [u.file for u in analysis.unread if u.matters]
    return tuple(
        e
        for e in exemptions.unmatched(f for run in runs for f in run.all)
        if e.rule not in broken
        and e not in needed
        and (e.unread or not any(below(file, e.folder) for file in lost))
    )
