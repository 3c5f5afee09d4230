"""The first screen of a scan: the verdict, each cause once with its environments, place and fix, what to read next."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from openai_phi.finding.results import Result
from openai_phi.reporting.accounted_rows import line_of
from openai_phi.reporting.meanings import ASSURANCE
from openai_phi.reporting.posture import SEVERITIES, Posture, posture
from openai_phi.scanning.outcome import Outcome, gaps_of
from openai_phi.scanning.revisions import Change
from openai_phi.text.redaction import Redactor
from openai_phi.words.fixes import Actor, Fix
from openai_phi.words.found import Finding
from openai_phi.words.observed import Assurance
from openai_phi.words.places import Place
from openai_phi.words.verdict import Verdict

Style = Callable[[str, str], str]
"""(text, what it is) -> the text with colour; what it is: a verdict, a severity, `dim` or `bold`."""
Link = Callable[[str, Place], str]
"""(text, the place that it names) -> the text, as a link where the terminal has links."""
MOST = 60
"""Lines of it at most."""
_INDENT = 10
_TAIL = 12
"""Lines that are kept for what stands below the causes."""
_SHOWN = 2
"""Workloads of a cause that are named."""
_LISTED = 5
"""Things of a list that are named."""


@dataclass(frozen=True)
class Problem:
    """One cause on the screen: what is wrong, and its findings, each at a workload."""

    wrong: str
    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        return self.findings[0]

    @property
    def environments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(e for f in self.findings for e in f.environments))


def problems_of(findings: Sequence[Finding]) -> list[Problem]:
    """What is wrong, the severest first, then what is at most workloads."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        key = (finding.severity, finding.rule, finding.wrong)
        groups.setdefault(key, []).append(finding)
    found = [
        Problem(key[2], tuple(sorted(same, key=lambda f: -len(f.members))))
        for key, same in groups.items()
    ]
    return sorted(found, key=lambda p: (_rank(p.first), -len(p.findings), p.first.rule, p.wrong))


def _rank(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity) if finding.severity in SEVERITIES else -1


def render(
    outcome: Outcome,
    change: Change | None = None,
    style: Style = lambda text, _: text,
    width: int = 100,
    link: Link = lambda text, _: text,
) -> str:
    """The screen. Nothing in it can steer a terminal."""
    page = _Screen(outcome, posture(outcome.result), style, max(60, width), link)
    page.verdict()
    if change is not None:
        page.changed(change)
    page.problems(change)
    page.below()
    return "\n".join(page.lines) + "\n"


class _Screen:
    """Lines in the making."""

    def __init__(
        self, outcome: Outcome, sums: Posture, style: Style, width: int, link: Link
    ) -> None:
        self.lines: list[str] = []
        self._outcome, self._sums, self._style, self._width = outcome, sums, style, width
        self._link = link
        self._shapes = Redactor(outcome.result.inputs.names).shapes
        self._told: set[str] = set()

    def _safe(self, text: str) -> str:
        """A text on one line that cannot steer a terminal and holds no key."""
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
        return self._shapes(shown)

    def _line(
        self, left: str, text: str, right: str = "", kind: str = "", bold: bool = False
    ) -> None:
        """A word in a column of its own, a text, and what stands at the right end."""
        text, right = self._safe(text), self._safe(right)
        room = self._width - max(_INDENT, len(left) + 2)
        gap = " " * max(2, room - len(text) - len(right)) if right else ""
        word = self._style(left.ljust(_INDENT - 2), kind) if left else " " * (_INDENT - 2)
        shown = self._style(text, "bold") if bold else text
        self.lines.append(
            f"{word}  {shown}{gap}{self._style(right, 'dim') if right else ''}".rstrip()
        )

    def _wrapped(self, left: str, text: str, right: str, kind: str, most: int) -> None:
        """The same over several lines; the right end stands in the first."""
        room = self._width - _INDENT - (len(right) + 2 if right else 0)
        parts = textwrap.wrap(self._safe(text), max(30, room), break_on_hyphens=False) or [""]
        if parts[most:]:
            parts = [*parts[: most - 1], parts[most - 1][: room - 2] + " …"]
        for index, part in enumerate(parts):
            self._line(left if not index else "", part, right if not index else "", kind)

    # -- the verdict -----------------------------------------------------------------------

    def verdict(self) -> None:
        word, said, kind = verdict_of(self._outcome, self._sums)
        self._line(word, said, _judged_by(self._outcome.result), kind)
        for exempt in self._outcome.result.emergencies:
            self._wrapped("EMERGENCY", exempt.alarm, "", "critical", 3)
        for text in self._outcome.not_looked[:_LISTED]:
            self._wrapped("unread", text, "", "incomplete", 2)
        more = len(self._outcome.not_looked) - _LISTED
        if self._outcome.not_looked:
            rest = f"{more} more: --verbose. " if more > 0 else ""
            self._line("", f"{rest}Mend it, or name it with --allow-unread PATTERN.")
        self.lines.append("")

    def changed(self, change: Change) -> None:
        """What a change did: new, worse, mended, and in one line what was there before."""
        before = len(self._outcome.result.findings) - len(change.new)
        said = [(len(change.new), "new"), (len(change.lost), "worse"), (len(change.gone), "mended")]
        counts = ", ".join(f"{n} {word}" for n, word in said)
        self._line("CHANGE", f"since {change.revision}: {counts}", "", "bold")
        for (workload, _, host, endpoint), now in change.lost[:_LISTED]:
            self._line("worse", f"{workload} to {host} {endpoint} was covered and is {now}")
        for finding in change.gone[:_LISTED]:
            self._line("mended", f"{finding.wrong}", finding.rule, "covered")
        self._line("before", f"{_count(max(before, 0), 'finding')} that this change did not make")
        self.lines.append("")

    # -- what is wrong ---------------------------------------------------------------------

    def problems(self, change: Change | None) -> None:
        """Every severe cause, whole while there is room and else in two lines; of the others how many."""
        found = problems_of(change.new if change is not None else self._outcome.result.findings)
        severe = [p for p in found if p.first.severity not in ("MEDIUM", "LOW")] or found[:3]
        room = MOST - _TAIL - len(self.lines)
        short = [self._short(p) for p in severe]
        shown = 0
        while shown < len(short) and sum(map(len, short[: shown + 1])) <= room:
            shown += 1
        left = room - sum(map(len, short[:shown]))
        for problem, lines in zip(severe[:shown], short, strict=False):
            whole = self._whole(problem) if left > 0 else lines
            if len(whole) - len(lines) > left:
                whole, left = lines, 0
            left -= len(whole) - len(lines)
            self.lines += whole
        if any(_discloses(p.first) for p in severe[:shown]):
            self._line("", "Deployed already? Stop the flow and tell the privacy officer.")
        self._counted([p for p in found if p not in severe[:shown]])
        if found:
            self.lines.append("")

    def _counted(self, rest: Sequence[Problem]) -> None:
        for severity in SEVERITIES:
            left = [p for p in rest if p.first.severity == severity]
            if left:
                rules = ", ".join(dict.fromkeys(p.first.rule for p in left))
                said = f"{_count(len(left), 'cause')}: {rules}"
                self._line(severity, said, "--verbose", severity.lower())

    def _short(self, problem: Problem) -> list[str]:
        """A cause in two lines: what is wrong, and where."""
        kept, self.lines = self.lines, []
        first = problem.first
        self._head(problem, 1)
        more = f" and {len(problem.findings) - 1} more" if problem.findings[1:] else ""
        self._line("", f"{_at(first.place)}{more}", "  ".join(problem.environments))
        self._link_last(first.place)
        lines, self.lines = self.lines, kept
        return lines

    def _head(self, problem: Problem, most: int) -> None:
        first = problem.first
        more = f"  {len(problem.findings)} workloads" if problem.findings[1:] else ""
        word = first.severity.lower()
        self._wrapped(first.severity, problem.wrong, f"{first.rule}{more}", word, most)

    def _link_last(self, place: Place) -> None:
        at = self._safe(_at(place))
        self.lines[-1] = self.lines[-1].replace(at, self._link(at, place), 1)

    def _whole(self, problem: Problem) -> list[str]:
        """A cause with its workloads, one place, and what each actor does."""
        kept, self.lines = self.lines, []
        first = problem.first
        self._head(problem, 2)
        names = list(dict.fromkeys(f.resource for f in problem.findings))
        left = len(names) - _SHOWN
        also = f", {left} more" if left > 0 else ""
        where = "  ".join(problem.environments)
        room = self._width - _INDENT - len(where) - len(also) - 2
        self._line("", _cut(", ".join(names[:_SHOWN]), room) + also, where)
        self._line("", _at(first.place), _name(first.place))
        self._link_last(first.place)
        for act in self._acts(problem):
            self._line("", _cut(act, self._width - _INDENT))
        lines, self.lines = self.lines, kept
        return lines

    def _acts(self, problem: Problem) -> Iterator[str]:
        """At most one line an actor; one that was told already is not told again."""
        done: set[Actor | None] = set()
        for fix in problem.first.fixes:
            said = "" if _stops(fix) else act_of(fix, problem.first)
            if said and fix.who not in done:
                done.add(fix.who)
                if said not in self._told:
                    self._told.add(said)
                    yield said

    # -- the rest --------------------------------------------------------------------------

    def below(self) -> None:
        result, sums = self._outcome.result, self._sums
        held = [j for j in sums.judged if j.verdict is Verdict.COVERED]
        if held:
            agreed = Counter(j.assured.agreement for j in held)
            settings = Counter(j.assured.settings for j in held)
            rests = f"agreement {_each(agreed)}; settings {_each(settings)}"
            self._wrapped("covered", f"{_count(len(held), 'workload')}, {rests}", "", "covered", 2)
        accounted = line_of(result.analysis)
        if accounted:
            self._wrapped("sends to", accounted, "", "", 2)
        exempt = sum(sums.exempt.values())
        if exempt:
            kinds = ", ".join(f"{n} {k}" for k, n in sums.exempt.items())
            self._line("exempt", f"{_count(exempt, 'finding')}: {kinds}", "--verbose")
        if sums.unevaluated:
            resource, gap = gaps_of(result)[0]
            said = f"{sums.unevaluated} not evaluated: {resource.id}: {gap.say()}"
            self._wrapped("unknown", said, "--verbose", "", 2)
        for note in result.notes[:2]:
            self._wrapped("note", note, "", "dim", 2)
        found = problems_of(result.findings)
        explain = f"openai-phi explain {found[0].first.rule} · " if found else ""
        self._line("next", f"{explain}scan --verbose · scan -f html -o report.html")
        self._wrapped("", sums.line, "", "dim", 4)
        word = self._outcome.word.upper()
        below = len(result.findings) - len(self._outcome.failing)
        said = f"{below} of them do not fail; " if below and result.findings else ""
        self._line(word, f"{_count(len(result.findings), 'finding')}; {said}exit {self._outcome.exit_code}",
                   "", self._outcome.word)  # fmt: skip


def verdict_of(outcome: Outcome, sums: Posture) -> tuple[str, str, str]:
    """The verdict of a scan: a word, one line, and how it is coloured."""
    broken, unproven = sums.count(Verdict.NOT_COVERED), sums.count(Verdict.UNPROVEN)
    total = _count(len(sums.judged), "PHI workload")
    if broken:
        verb = "lacks" if unproven == 1 else "lack"
        more = f", {unproven} more {verb} proof" if unproven else ""
        said = f"{broken} of {total} can send PHI outside the BAA{more}"
        return "NOT COVERED", said, "not covered"
    if outcome.not_looked:
        count = _count(len(outcome.not_looked), "thing")
        return "INCOMPLETE", f"{count} that could matter could not be looked at", "incomplete"
    if unproven:
        verb = "is" if unproven == 1 else "are"
        return "UNPROVEN", f"{unproven} of {total} {verb} not shown to be covered", "unproven"
    if not sums.judged:
        said = "no workload was seen that handles PHI and uses a provider"
        return (
            ("FINDINGS", f"{said}; see below", "findings")
            if outcome.failing
            else ("CLEAN", said + outcome.left_out, "clean")
        )
    said = f"{total}, all covered" if len(sums.judged) > 1 else "the one PHI workload is covered"
    said += f"; not judged: {', '.join(sums.not_judged)}" if sums.not_judged else ""
    if outcome.failing:
        return "FINDINGS", f"{said}, but not all else is well", "findings"
    return "COVERED", said + outcome.left_out, "covered"


def act_of(fix: Fix, finding: Finding) -> str:
    """What somebody does, on one line; empty where it only repeats what is wrong."""
    who = f"{fix.who.value}: " if fix.who else ""
    if fix.additions:
        first = fix.additions[0]
        more = f"  (+ {_count(len(fix.additions) - 1, 'line')})" if fix.additions[1:] else ""
        signed = "if that is signed, " if first.section == "agreements" else ""
        line = first.line.strip().removeprefix("- ").partition("   # ")[0]
        return f"{who}{signed}{first.section}: - {line}{more}"
    what = fix.what.rstrip(".")
    if not what or what.lower() in finding.message.lower():
        return ""
    return who + what.partition("; ")[0].partition(", and ")[0].rstrip(":")


def _stops(fix: Fix) -> bool:
    return fix.who is None and "privacy officer" in fix.what


def _discloses(finding: Finding) -> bool:
    """Whether what is wrong may have disclosed PHI already."""
    return any(_stops(fix) for fix in finding.fixes)


def _judged_by(result: Result) -> str:
    policy = result.analysis.declarations.policy
    return policy.file if policy else "no policy"


def _at(place: Place) -> str:
    return f"{place.file}:{place.line}" if place.line else place.file


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: max(most - 2, 1)].rstrip()} …"


def _name(place: Place) -> str:
    """The name that stands at a place, from the end of its path."""
    return re.split(r"[.\[\]]", place.path.rstrip("]"))[-1] if place.path else ""


def _each(words: Counter[Assurance]) -> str:
    """Each assurance with what it means, and how many rest on it where there are several."""
    return ", ".join(
        f"{w.word}{f' {n}' if len(words) > 1 else ''} ({ASSURANCE[w]})"
        for w, n in sorted(words.items(), reverse=True)
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
