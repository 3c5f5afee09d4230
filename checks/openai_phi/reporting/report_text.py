"""The report for a terminal: each PHI workload with its way, verdict, reason and fix, then what it comes to."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence

from openai_phi.facts.environments import environment_names
from openai_phi.finding.findings import describe, trace_of
from openai_phi.reporting.accounted_rows import line_of
from openai_phi.reporting.posture import SEVERITIES, Judged, posture
from openai_phi.scanning.causes import Paste, causes_of
from openai_phi.scanning.outcome import Outcome, gaps_of
from openai_phi.text.redaction import Redactor
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.found import Exempt, Finding, alike
from openai_phi.words.observed import Role, Workload
from openai_phi.words.verdict import Verdict

Style = Callable[[str, str], str]
"""(text, what it is) -> the text with colour; what it is: a verdict, a severity, `dim` or `bold`."""
_WORDS = {Role.PHI: "PHI", Role.WORKLOAD: "handled", Role.CALL: "calls"}
_SETTLED = 40
_GAPS = 5
_SHOWN = ("emergency", "correction", "accepted", "skip")


def render(
    outcome: Outcome, paste: Paste, style: Style = lambda text, _: text, width: int = 100
) -> str:
    """The report. `paste` are the lines that settle findings. Nothing in it can steer a terminal."""
    page = _Page(style, width, paste)
    result = outcome.result
    spoken: set[int] = set()
    for alarm in result.emergencies:
        page.add(style(f"EMERGENCY {alarm.alarm}", "critical"))
    for judged in posture(result).judged:
        own = [f for w in judged.twins for f in _findings_of(w, outcome, spoken)]
        exempt = [e for w in judged.twins for e in _exempt_of(w, outcome, spoken)]
        page.workload(judged, [result.analysis.of(w) for w in judged.twins], own, exempt)
    rest = [f for f in result.findings if id(f) not in spoken]
    if rest:
        page.add(style("Also found", "bold"))
        for finding in rest:
            page.finding(finding)
        page.add()
    page.exempt([e for e in result.exempt if e.kind in _SHOWN and id(e) not in spoken])
    page.not_looked(outcome)
    page.summary(outcome, paste)
    shapes = Redactor(result.inputs.names).shapes
    return "\n".join(shapes(line) for line in page.lines) + "\n"


def _findings_of(workload: Workload, outcome: Outcome, spoken: set[int]) -> list[Finding]:
    """The findings at a workload that no other one has shown."""
    resource = workload.resource
    found = [
        f
        for f in outcome.result.findings
        if f.is_at(workload.id, resource.file) and id(f) not in spoken
    ]
    spoken.update(map(id, found))
    return found


def _exempt_of(workload: Workload, outcome: Outcome, spoken: set[int]) -> list[Exempt]:
    """What exceptions and skips take out at a workload; what a baseline knows is only counted."""
    found = [
        e
        for e in outcome.result.exempt
        if e.kind in _SHOWN
        and id(e) not in spoken
        and e.finding.is_at(workload.id, workload.resource.file)
    ]
    spoken.update(map(id, found))
    return found


class _Page:
    """Lines in the making."""

    def __init__(self, style: Style, width: int, paste: Paste) -> None:
        self.lines: list[str] = []
        self._settled = set(map(id, paste.settles))
        self._style = style
        self._width = max(40, width)

    def add(self, line: str = "") -> None:
        self.lines.append(line)

    def item(self, word: str, text: str, style: str = "") -> None:
        """A word in a column of its own, with its text beside it."""
        shown = textwrap.wrap(_safe(text), self._width - 12, break_on_hyphens=False) or [""]
        first = self._style(f"{word:<9}", style or "dim")
        self.add(f"  {first} {shown[0]}")
        self.lines += [f"  {'':<9} {line}" for line in shown[1:]]

    def workload(
        self,
        judged: Judged,
        assessed: Sequence[Sequence[Assessment]],
        found: Sequence[Finding],
        exempt: Sequence[Exempt],
    ) -> None:
        """A workload in all of its environments: what is alike in several of them is told once."""
        resource = judged.workload.resource
        uses = [a for twin in assessed for a in twin]
        worst = min((_verdict(a) for a in uses), key=_badness, default=("unproven", ""))
        built = f" ({_safe(resource.variant)})" if resource.variant and not judged.twins[1:] else ""
        where = f" in {', '.join(map(_safe, judged.environments))}" if judged.environments else ""
        head = self._style(f"{worst[0].upper()}{worst[1]}", worst[0])
        name = self._style(_safe(judged.workload.id), "bold")
        self.add(f"{head}  {name}{built}{where}  {_safe(resource.file)}:{resource.line}")
        ways = _ways(uses)
        phi: list[str] = []
        for way in ways:
            self.way(way, _where(way) if ways[1:] else "", phi)
        told = {m.what for a in uses for m in a.missing}
        gaps = dict.fromkeys(g.say() for w in judged.twins for g in w.resource.gaps)
        for said in (g for g in gaps if g not in told):
            self.item("unknown", said)
        for finding in sorted(found, key=lambda f: SEVERITIES.index(f.severity)):
            self.reason(finding)
        for taken in exempt:
            self.item("excepted", f"{taken.finding.rule}: {taken.say()}")
        self.add()

    def way(self, same: Sequence[Assessment], where: str, phi: list[str]) -> None:
        """One use: from PHI to the endpoint, then what holds, what does not, and what nobody shows.

        `phi` is what was told of PHI already, to which it adds.
        """
        assessment = same[0]
        said: set[Role] = set()
        for step in trace_of(assessment):
            if step.role in _WORDS and step.role is not Role.WORKLOAD:
                text = step.text.partition(". ")[2] if step.text[:1].isdigit() else step.text
                word = _WORDS[step.role] if step.role not in said else ""
                if step.role is Role.PHI and text in phi:
                    continue
                phi += [text] if step.role is Role.PHI else []
                shown = text.removeprefix("PHI: ").removeprefix("calls ")
                self.item(word, shown + (where if word == _WORDS[Role.CALL] else ""))
                said.add(step.role)
        if assessment.verdict is Verdict.COVERED:
            held = "; ".join(f"{h.because} ({h.word})" for h in assessment.held)
            self.item("covered", held or describe(assessment.use), "covered")
        for broken in assessment.broken:
            self.item("broken", broken.reason, "not covered")
        for missing in dict.fromkeys(m for a in same for m in a.missing):
            self.item("missing", f"{missing.what} ({missing.who.value})", "unproven")

    def reason(self, finding: Finding) -> None:
        severity = finding.severity.lower()
        where = f" in {', '.join(finding.environments)}" if finding.environments else ""
        self.item(severity, f"{finding.rule}{where} [{finding.place}]{_short(finding)}", severity)
        self.fix(finding)

    def finding(self, finding: Finding) -> None:
        severity = finding.severity.lower()
        self.item(severity, f"{finding.rule}: {finding.message} [{finding.place}]", severity)
        self.fix(finding)

    def fix(self, finding: Finding) -> None:
        """A fix; lines that settle it stand together at the end, others here."""
        lines = [t for t in finding.remediation.splitlines() if t.strip()]
        if id(finding) in self._settled:
            lines = _prose(finding)
        for number, line in enumerate(lines):
            self.item("fix" if number == 0 else "", line)

    def exempt(self, found: Sequence[Exempt]) -> None:
        if found:
            self.add(self._style("Also excepted", "bold"))
            for each in found:
                finding = each.finding
                said = f"{finding.rule} of {finding.resource}: {each.say()}"
                self.item("excepted", f"{said} [{finding.place}]")
            self.add()

    def not_looked(self, outcome: Outcome) -> None:
        if outcome.not_looked:
            self.add(self._style("Could not look at", "incomplete"))
            for text in outcome.not_looked:
                self.item("unread", text, "incomplete")
            self.item("fix", "Mend it, or name the file with --allow-unread PATTERN.")
            self.add()
        self.unevaluated(outcome)
        quiet = sorted({u.file for u in outcome.result.analysis.unread if not u.matters})
        if quiet:
            shown = ", ".join(quiet[:5]) + (f" and {len(quiet) - 5} more" if quiet[5:] else "")
            self.item("also", f"not read, without a word that could matter: {shown}")
            self.add()

    def unevaluated(self, outcome: Outcome) -> None:
        """What could not be evaluated of workloads that are not shown above; nothing there fails."""
        shown = {id(w.resource) for w in outcome.result.analysis.phi_workloads()}
        rest = [(r, g) for r, g in gaps_of(outcome.result) if id(r) not in shown]
        if rest:
            self.add(self._style("Could not be evaluated", "bold"))
            for resource, gap in rest[:_GAPS]:
                self.item("unknown", f"{resource.id}: {gap.say()}")
            if rest[_GAPS:]:
                self.item("", f"and {len(rest) - _GAPS} more: see --format json")
            self.add()

    def summary(self, outcome: Outcome, paste: Paste) -> None:
        findings = outcome.result.findings
        for note in outcome.result.notes:
            self.item("note", note)
        accounted = line_of(outcome.result.analysis)
        if accounted:
            self.item("sends to", accounted)
        causes = causes_of(findings)
        if causes:
            self.add(self._style(_headline(len(findings), len(causes), paste), "bold"))
            for cause in causes[:10]:
                rule = cause.findings[0].rule
                self.item(f"{len(cause.findings)} x", f"{rule}: {_cut(cause.said)}")
            self.paste(paste)
        for line in textwrap.wrap(posture(outcome.result).line, self._width):
            self.add(self._style(_safe(line), "dim"))
        word = {"clean": "CLEAN", "findings": "FINDINGS", "incomplete": "INCOMPLETE"}[outcome.word]
        self.add(self._style(word, outcome.word) + _tail(outcome))

    def paste(self, paste: Paste) -> None:
        """The lines that settle what declarations alone can settle."""
        for file, lines in paste.files.items():
            self.add(f"  {self._style(file, 'bold')}")
            self.lines += [f"    {_safe(line)}" for line in lines[:_SETTLED]]
            if lines[_SETTLED:]:
                self.add(f"    … {len(lines) - _SETTLED} more: see the findings in --format json")
        if paste.files:
            self.item(
                "", "Paste only what is true: a line is a statement that somebody answers for."
            )


def _ways(assessed: Iterable[Assessment]) -> list[list[Assessment]]:
    """The uses of a workload, those together that are one in several environments."""
    groups: dict[tuple[object, ...], list[Assessment]] = {}
    for each in assessed:
        broken = tuple(alike(b.reason) for b in each.broken)
        called = (each.use.provider, each.use.host, each.use.endpoints, each.use.features)
        groups.setdefault((each.verdict, each.assurance, broken, *called), []).append(each)
    return list(groups.values())


def _where(way: Iterable[Assessment]) -> str:
    """The environments that a use is in, where the workload has others too."""
    found = {e for a in way for e in a.workload.resource.environments}
    rank = environment_names().rank
    ordered = sorted(found, key=lambda e: (rank(e), e))
    return f", in {', '.join(ordered)}" if found else ""


def _verdict(assessment: Assessment) -> tuple[str, str]:
    covered = assessment.verdict is Verdict.COVERED
    laws = f"; not judged: {', '.join(assessment.not_judged)}" if assessment.not_judged else ""
    word = f", {assessment.assured.words}" if covered else ""
    return assessment.verdict.value, f"{word}{_safe(laws)}"


def _badness(verdict: tuple[str, str]) -> int:
    return ["not covered", "unproven", "covered"].index(verdict[0])


def _short(finding: Finding) -> str:
    """A finding's message where the way above does not say it already."""
    spoken = finding.rule.startswith("OAI_COVERAGE_") and any(
        s.role in (Role.BROKEN, Role.MISSING) for s in finding.trace
    )
    return "" if spoken else f": {finding.message}"


def _prose(finding: Finding) -> list[str]:
    """A fix without its lines to paste, which stand together at the end, and without what the way said."""
    missing = {s.text.removeprefix("missing: ") for s in finding.trace if s.role is Role.MISSING}
    kept: list[str] = []
    pointed = False
    for fix in finding.fixes:
        leads = bool(fix.additions) and (bool(fix.what) or fix.choice)
        if leads:
            kept.append(f"{fix.head} see the lines at the end.")
            pointed = True
        elif not fix.additions and fix.what.rstrip(".") not in missing:
            kept.append(fix.head)
        kept += [t for text in (*fix.code, fix.after) for t in text.splitlines() if t.strip()]
    if not pointed:
        files = dict.fromkeys(a.file.value for fix in finding.fixes for a in fix.additions)
        if files:
            kept.append(f"Paste into {', '.join(files)}: see the lines at the end.")
    return kept


def _headline(findings: int, causes: int, paste: Paste) -> str:
    said = _count(causes, "cause")
    if paste.settles:
        lines = (
            f"this {paste.lines} line settles"
            if paste.lines == 1
            else f"these {paste.lines} lines settle"
        )
        return f"{said}; {lines} {len(paste.settles)} of {_count(findings, 'finding')}"
    return f"{said}, {_count(findings, 'finding')}; no declaration settles them"


def _tail(outcome: Outcome) -> str:
    total = len(outcome.result.findings)
    below = total - len(outcome.failing)
    more = f", {below} of them do not fail" if below else ""
    lost = f"; {len(outcome.not_looked)} not looked at" if outcome.not_looked else ""
    return f": {_count(total, 'finding') if total else 'no findings'}{more}{lost}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _cut(text: str, most: int = 160) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _safe(text: str) -> str:
    """A text on one line that cannot steer a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
