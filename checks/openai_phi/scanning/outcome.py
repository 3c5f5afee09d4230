"""What a scan comes to: what fails, what was known or allowed, what was not looked at, and the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from openai_phi.declared.exceptions import UNREAD_RULE, exception_facts
from openai_phi.facts.written_names import fits
from openai_phi.finding.results import Result
from openai_phi.scanning.baseline import Baseline
from openai_phi.words.found import Exempt, Finding, Unread
from openai_phi.words.places import Place
from openai_phi.words.resources import Gap, Resource
from openai_phi.words.verdict import Verdict

LEVELS = ("low", "medium", "high", "critical")
CLEAN, FINDINGS, INCOMPLETE, USAGE = 0, 1, 2, 64


@dataclass(frozen=True)
class Outcome:
    """The result as it is reported. `failing` decides about exit code 1, `not_looked` about 2."""

    result: Result
    failing: tuple[Finding, ...]
    not_looked: tuple[str, ...]
    allowed: tuple[Unread, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings, 2 could not look at everything, which outweighs."""
        if self.not_looked:
            return INCOMPLETE
        return FINDINGS if self.failing else CLEAN

    @property
    def word(self) -> str:
        return {CLEAN: "clean", FINDINGS: "findings", INCOMPLETE: "incomplete"}[self.exit_code]


def outcome_of(
    result: Result,
    *,
    allow: Sequence[str] = (),
    baseline: Baseline | None = None,
    level: str = "high",
    on_due: bool = False,
) -> Outcome:
    """The outcome of a result: what a pattern allows to stay unread and what a baseline holds do not fail.

    What falls due fails only `on_due`, whatever the level.
    """
    excepted = {
        e.finding.place.file
        for e in result.exempt
        if e.finding.rule == UNREAD_RULE and e.kind != "skip"
    }
    allowed = tuple(u for u in result.unread if u.file in excepted or _allows(allow, u.file))
    unread = [u for u in result.unread if u not in allowed]
    exempt = list(result.exempt)
    findings: list[Finding] = []
    for finding in result.findings:
        why = _exempt(finding, allow, baseline)
        if why is None:
            findings.append(finding)
        else:
            exempt.append(why)
    said = [g for g in result.gaps if not _left_out(g, allow)]
    not_looked = (*said, *(f"{u.file}: {u.reason}" for u in unread))
    shown = replace(result, findings=tuple(findings), exempt=tuple(exempt), gaps=tuple(said))
    due = exception_facts().due_rules
    failing = tuple(f for f in findings if (on_due if f.rule in due else at_least(f, level)))
    return Outcome(shown, failing, tuple(dict.fromkeys(not_looked)), allowed)


def at_least(finding: Finding, level: str) -> bool:
    """Whether a finding is of this severity or a higher one; one without a known severity always is."""
    severity = finding.severity.lower()
    return severity not in LEVELS or LEVELS.index(severity) >= LEVELS.index(level)


def _allows(patterns: Sequence[str], text: str) -> bool:
    return any(fits(text, p) for p in patterns)


def _left_out(gap: str, allow: Sequence[str]) -> bool:
    """Whether a gap is a framework that was left out on purpose; what broke is never allowed."""
    subject = gap.partition(":")[0]
    name = subject.removeprefix("framework ")
    return subject != name and _allows(allow, name)


def _exempt(finding: Finding, allow: Sequence[str], baseline: Baseline | None) -> Exempt | None:
    if finding.rule == UNREAD_RULE and _allows(allow, finding.place.file):
        return Exempt(finding, "allowed", "allowed to stay unread", Place("--allow-unread", 0))
    if baseline is not None and baseline.holds(finding):
        return Exempt(finding, "baseline", "known before", Place(baseline.file, 0))
    return None


@dataclass(frozen=True)
class Counts:
    """The figures of a summary."""

    workloads: int
    uses: int
    covered: dict[str, int]
    not_covered: int
    unproven: int
    excepted: int
    suppressed: int
    unread: int
    severities: dict[str, int]
    gaps: int = 0
    """Settings of workloads that could not be evaluated."""


def counts_of(outcome: Outcome) -> Counts:
    """The figures of an outcome; a workload's variants are uses of one workload."""
    result = outcome.result
    assessed = result.analysis.assessments
    covered = Counter(a.assured.words for a in assessed if a.verdict is Verdict.COVERED)
    kinds = Counter(e.kind for e in result.exempt)
    severities = Counter(f.severity.lower() for f in result.findings)
    return Counts(
        len({(w.resource.scope, w.id, w.resource.file) for w in result.analysis.phi_workloads()}),
        len(assessed),
        dict(sorted(covered.items())),
        sum(a.verdict is Verdict.NOT_COVERED for a in assessed),
        sum(a.verdict is Verdict.UNPROVEN for a in assessed),
        kinds["accepted"] + kinds["correction"],
        sum(n for k, n in kinds.items() if k not in ("accepted", "correction")),
        len(result.unread),
        {s: severities[s] for s in reversed(LEVELS) if severities[s]},
        len(gaps_of(result)),
    )


def gaps_of(result: Result) -> tuple[tuple[Resource, Gap], ...]:
    """What could not be evaluated of any workload, each once, whatever its variant."""
    found = {
        (r.scope, r.id, r.file, g.path, g.reason): (r, g)
        for r in result.analysis.resources
        for g in r.gaps
    }
    return tuple(found[key] for key in sorted(found))
