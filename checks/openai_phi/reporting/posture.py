"""What one scan shows in sum: the verdict on each use, counts and the line that every report begins with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from openai_phi.facts.environments import environment_names
from openai_phi.finding.grouping import bare
from openai_phi.finding.results import Result
from openai_phi.scanning.outcome import gaps_of
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.found import alike
from openai_phi.words.observed import Workload
from openai_phi.words.verdict import Assured, Verdict

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
_WORST = (Verdict.NOT_COVERED, Verdict.UNPROVEN, Verdict.COVERED)


@dataclass(frozen=True)
class Judged:
    """One PHI workload with the assessments of its uses; its verdict is the worst of theirs."""

    workload: Workload
    assessments: tuple[Assessment, ...]
    words: str
    """The verdict as reports say it: a covered one always with what it rests on, a broken one with its plan."""
    environments: tuple[str, ...] = ()
    """The environments that it is deployed to; none where nothing tells any."""
    twins: tuple[Workload, ...] = ()
    """The workload as it is in each of them."""

    @property
    def verdict(self) -> Verdict:
        return min((a.verdict for a in self.assessments), key=_WORST.index)

    @property
    def assured(self) -> Assured:
        """The weakest that its covered uses rest on."""
        return reduce(Assured.with_other, (a.assured for a in self.assessments))


@dataclass(frozen=True)
class Posture:
    """The sums of one scan: the one count of workloads, uses, findings and environments that all formats show.

    A workload is one thing in all of its environments, with its worst verdict; a use is one way to one
    host with one verdict; a finding is one problem, whatever the number of places it is at.
    """

    judged: tuple[Judged, ...]
    unclassified: int
    failing: dict[str, int]
    exempt: dict[str, int]
    unread: int
    broken_rules: tuple[str, ...]
    gaps: tuple[str, ...]
    places: int = 0
    """What the findings stand for: resources, each in its environments."""
    unevaluated: int = 0
    """Settings of workloads that could not be evaluated."""

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments of the workloads, in the order in which a change goes through them."""
        rank = environment_names().rank
        found = {e for j in self.judged for e in j.environments}
        return tuple(sorted(found, key=lambda e: (rank(e), e)))

    @property
    def figures(self) -> dict[str, int]:
        """The counts by name, as every format shows them."""
        return {
            "workloads": len(self.judged),
            "covered": self.count(Verdict.COVERED),
            "not_covered": self.count(Verdict.NOT_COVERED),
            "unproven": self.count(Verdict.UNPROVEN),
            "uses": self.uses,
            "environments": len(self.environments),
            "findings": sum(self.failing.values()),
            "places": self.places,
            "exempt": sum(self.exempt.values()),
            "unclassified": self.unclassified,
            "unread": self.unread,
            "not_evaluated": self.unevaluated,
        }

    @property
    def uses(self) -> int:
        return sum(len(j.assessments) for j in self.judged)

    def count(self, verdict: Verdict) -> int:
        """How many PHI workloads have this verdict."""
        return sum(j.verdict is verdict for j in self.judged)

    @property
    def not_judged(self) -> tuple[str, ...]:
        """The laws that bear on a covered workload, and that no verdict speaks of."""
        covered = (j for j in self.judged if j.verdict is Verdict.COVERED)
        return tuple(sorted({law for j in covered for a in j.assessments for law in a.not_judged}))

    @property
    def complete(self) -> bool:
        """Whether everything that could matter was looked at."""
        return not (self.unread or self.broken_rules or self.gaps)

    @property
    def line(self) -> str:
        """One line that says how things stand, and never more than was shown."""
        laws = f"not judged: {', '.join(self.not_judged)}" if self.not_judged else ""
        parts = [self._workloads(), *([laws] if laws else []), self._findings()]
        if self.exempt:
            parts.append(f"{sum(self.exempt.values())} exempt")
        if self.unclassified:
            parts.append(f"{_count(self.unclassified, 'workload')} without a decision on PHI")
        if not self.complete:
            facts = [
                (self.unread, "thing", "unread"),
                (len(self.broken_rules), "rule", "broken"),
                (len(self.gaps), "step", "not made"),
            ]
            said = ", ".join(f"{_count(n, noun)} {what}" for n, noun, what in facts if n)
            parts.append(f"not everything was looked at: {said}")
        return "; ".join(parts) + "."

    def _workloads(self) -> str:
        if not self.judged:
            return "No workload was seen that handles PHI and uses a provider that is judged"
        counts = Counter(
            (_WORST.index(j.verdict), _held(j.verdict, j.assured)) for j in self.judged
        )
        said = ", ".join(f"{n} {_WORST[v].value}{held}" for (v, held), n in sorted(counts.items()))
        where = f" in {_count(len(self.environments), 'environment')}" if self.environments else ""
        head = f"{_count(len(self.judged), 'PHI workload')}{where}, {_count(self.uses, 'use')}"
        return f"{head}: {said}"

    def _findings(self) -> str:
        total = sum(self.failing.values())
        if not total:
            return "no findings"
        said = ", ".join(f"{n} {s.lower()}" for s, n in self.failing.items())
        places = f" in {self.places} places" if self.places > total else ""
        return f"{_count(total, 'finding')}{places} ({said})"


def posture(result: Result) -> Posture:
    """The sums of a result."""
    analysis = result.analysis
    judged = [_judged(result, twins) for twins in _twins(analysis.phi_workloads())]
    severities = Counter(f.severity for f in result.findings)
    return Posture(
        tuple(sorted((j for j in judged if j is not None), key=_worst_first)),
        len(_twins(w for w in analysis.estate.workloads if w.uses and w.undecided)),
        {s: severities[s] for s in SEVERITIES if severities[s]},
        dict(sorted(Counter(e.kind for e in result.exempt).items())),
        len(result.unread),
        tuple(r.rule.id for r in result.runs if r.error),
        result.gaps,
        sum(len(f.members) for f in result.findings),
        len(gaps_of(result)),
    )


def _twins(workloads: Iterable[Workload]) -> list[list[Workload]]:
    """The workloads, those together that are one in several environments."""
    names = environment_names()
    groups: dict[tuple[str, str, str], list[Workload]] = {}
    for workload in workloads:
        resource = workload.resource
        alone = resource.framework.startswith("terraform") and not resource.environments
        scope = resource.scope if alone else ""
        key = (scope, names.without(resource.file), bare(resource.id, resource.environments))
        groups.setdefault(key, []).append(workload)
    return list(groups.values())


def _judged(result: Result, twins: Sequence[Workload]) -> Judged | None:
    """One workload in all of its environments; of uses that are alike, one."""
    found = {_alike(a): a for w in reversed(twins) for a in reversed(result.analysis.of(w))}
    assessments = tuple(reversed(found.values()))
    if not assessments:
        return None
    weakest = min(assessments, key=lambda a: (_WORST.index(a.verdict), a.assurance))
    rank = environment_names().rank
    environments = {e for w in twins for e in w.resource.environments}
    return Judged(
        weakest.workload,
        assessments,
        said(result, weakest),
        tuple(sorted(environments, key=lambda e: (rank(e), e))),
        tuple(twins),
    )


def _alike(assessment: Assessment) -> tuple[object, ...]:
    """What two uses of one workload share that are told once."""
    use, environments = assessment.use, assessment.workload.resource.environments
    return (
        use.provider,
        use.host,
        use.endpoints,
        use.features,
        assessment.verdict,
        assessment.assurance,
        tuple(alike(b.reason) for b in assessment.broken),
        tuple(bare(alike(m.what), environments) for m in assessment.missing),
    )


def said(result: Result, assessment: Assessment) -> str:
    """The verdict on a use in words; a covered one says what it rests on, each which laws it does not speak of."""
    covered = assessment.verdict is Verdict.COVERED
    held = words(assessment.verdict, assessment.assured) if covered else result.verdict(assessment)
    laws = ", ".join(assessment.not_judged)
    return f"{held}; not judged: {laws}" if laws else held


def words(verdict: Verdict, assured: Assured) -> str:
    """A verdict in words; a covered one says what it rests on."""
    return f"covered, {assured.words}" if verdict is Verdict.COVERED else verdict.value


def _worst_first(judged: Judged) -> tuple[int, int, str, int, str]:
    resource = judged.workload.resource
    verdict = _WORST.index(judged.verdict)
    return verdict, judged.assured.weakest, resource.file, resource.line, resource.id


def _held(verdict: Verdict, assured: Assured) -> str:
    return f" ({assured.words})" if verdict is Verdict.COVERED else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
