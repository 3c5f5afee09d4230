"""What a scan comes to: what fails, what was known or allowed, what was not looked at, and the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from openai_phi.declared.declaration_files import parse_date
from openai_phi.declared.exceptions import UNREAD_RULE, exception_facts
from openai_phi.facts.written_names import fits
from openai_phi.finding.grouping import only
from openai_phi.finding.results import Result
from openai_phi.scanning.baseline import Baseline
from openai_phi.words.found import Exempt, Finding, Unread
from openai_phi.words.places import Place
from openai_phi.words.resources import Gap, Resource

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
    new: Sequence[Finding] | None = None,
) -> Outcome:
    """The outcome of a result: what a pattern allows to stay unread and what a baseline holds do not fail.

    Of `new`, where it is given, only these fail, until the policy's date for the others has passed.

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
        why = _exempt(finding, allow)
        known = [m for m in finding.members if baseline is not None and baseline.holds(m)]
        left = [m for m in finding.members if m not in known]
        if why is not None:
            exempt.append(why)
        elif baseline is not None and known:
            at = Place(baseline.file, 0)
            exempt.append(Exempt(only(finding, known), "baseline", "known before", at))
        if why is None and left:
            findings.append(only(finding, left))
    said = [g for g in result.gaps if not _left_out(g, allow)]
    not_looked = (*said, *(f"{u.file}: {u.reason}" for u in unread))
    shown = replace(result, findings=tuple(findings), exempt=tuple(exempt), gaps=tuple(said))
    due = exception_facts().due_rules
    failing = tuple(f for f in findings if (on_due if f.rule in due else at_least(f, level)))
    if new is not None and not old_fail_too(result):
        ids = {id(m) for f in new for m in f.members}
        failing = tuple(f for f in failing if any(id(m) in ids for m in f.members))
    return Outcome(shown, failing, tuple(dict.fromkeys(not_looked)), allowed)


def old_fail_too(result: Result) -> bool:
    """Whether the policy's last day has passed on which findings may pass that a change did not make."""
    policy = result.analysis.declarations.policy
    said = policy.limits.old_findings_until if policy else ""
    last = parse_date(said)
    return bool(said) and (last is None or last < result.analysis.today)


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


def _exempt(finding: Finding, allow: Sequence[str]) -> Exempt | None:
    if finding.rule == UNREAD_RULE and _allows(allow, finding.place.file):
        return Exempt(finding, "allowed", "allowed to stay unread", Place("--allow-unread", 0))
    return None


def gaps_of(result: Result) -> tuple[tuple[Resource, Gap], ...]:
    """What could not be evaluated of any workload, each once, whatever its variant."""
    found = {
        (r.scope, r.id, r.file, g.path, g.reason): (r, g)
        for r in result.analysis.resources
        for g in r.gaps
    }
    return tuple(found[key] for key in sorted(found))
