"""The report `markdown`: what fits into a pull request or a job summary, with a Mermaid picture of the flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from openai_phi.finding.results import Result
from openai_phi.reporting.flow_graph import Flow, flow_of, reached
from openai_phi.reporting.markdown_text import code, fenced, mermaid, prose
from openai_phi.reporting.posture import Judged, Posture, posture, said, words
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.found import Exempt, Finding, Unread
from openai_phi.words.observed import Step
from openai_phi.words.verdict import Verdict

JOB_SUMMARY = 1024 * 1024
PULL_REQUEST = 65_536
_RESERVED = 2_048
_DRAWN = 40
_LISTED = 100
_CUT = "\0"
"""Stands for a part that is left out whatever the room, and counted as cut."""
_SIGNS = {Verdict.COVERED: "✓", Verdict.NOT_COVERED: "✗", Verdict.UNPROVEN: "?"}
_CLASSES = {
    Verdict.COVERED: ("covered", "#dafbe1", "#1a7f37"),
    Verdict.NOT_COVERED: ("broken", "#ffebe9", "#cf222e"),
    Verdict.UNPROVEN: ("unproven", "#fff8c5", "#9a6700"),
}
_SHAPES = {
    "phi": '(["{}"])',
    "workload": '["{}"]',
    "gateway": '{{{{"{}"}}}}',
    "endpoint": '[["{}"]]',
}


def render(result: Result, limit: int = JOB_SUMMARY) -> str:
    """The report within `limit` bytes; what was cut is said (`PULL_REQUEST`: GitHub's for comments)."""
    sums = posture(result)
    page = _Page(limit - _RESERVED)
    page.add(f"## OpenAI and PHI\n\n**{prose(sums.line)}**\n")
    for exempt in result.emergencies:
        page.add(f"\n**Emergency:** {prose(exempt.alarm)}\n", "emergencies")
    for part, text in _parts(result, sums):
        page.add(text, part)
    page.add("".join(f"\n{prose(n)}\n" for n in _footer(result)), "notes")
    return page.text()


class _Page:
    """Collects parts while they fit, and counts what does not."""

    def __init__(self, room: int) -> None:
        self._parts: list[str] = []
        self._room = room
        self._cut: Counter[str] = Counter()

    def add(self, text: str, what: str = "") -> None:
        size = len(text.encode("utf-8", "backslashreplace"))
        if size <= self._room and text is not _CUT:
            self._parts.append(text)
            self._room -= size
        else:
            self._cut[what] += 1

    def text(self) -> str:
        out = "".join(self._parts)
        if self._cut:
            left = ", ".join(f"{n} {what}" for what, n in sorted(self._cut.items()))
            out += f"\n**Cut to fit: {left}.** The reports `json` and `sarif` hold all.\n"
        return out


def _parts(result: Result, sums: Posture) -> Iterator[tuple[str, str]]:
    yield from _unlooked(result, sums)
    if sums.judged:
        yield "picture", _picture(sums.judged)
        yield from _table(result, sums.judged)
    if result.findings:
        yield "headings", "\n### Findings\n\n"
    for finding in result.findings:
        yield "findings", _finding(result, finding)
    if result.exempt:
        yield "headings", _header("Exempt", "rule", "resource", "kind", "reason", "until")
    for exempt in result.exempt:
        yield "exempt findings", _exempt(exempt)


def _unlooked(result: Result, sums: Posture) -> Iterator[tuple[str, str]]:
    if sums.complete:
        return
    yield "headings", "\n### Not looked at\n\n"
    for gap in sums.gaps:
        yield "gaps", f"- {prose(gap)}\n"
    for rule in sums.broken_rules:
        yield "broken rules", f"- {code(rule)} broke and judged nothing\n"
    for unread in sorted(result.unread, key=_unread_order):
        at = code(f"{unread.file}:{unread.line}")
        yield "unread files", f"- {at}: {prose(unread.reason)}\n"


def _unread_order(unread: Unread) -> tuple[str, int, str]:
    return unread.file, unread.line, unread.reason


def _picture(judged: Sequence[Judged]) -> str:
    flow = flow_of(judged[:_DRAWN])
    left = len(judged) - _DRAWN
    note = f"\nThe {_DRAWN} worst of {len(judged)} workloads are drawn.\n" if left > 0 else ""
    return f"\n{_mermaid(flow)}{note}"


def _mermaid(flow: Flow) -> str:
    names = {node: f"n{i}" for i, node in enumerate(flow.nodes)}
    lines = ["```mermaid", "flowchart LR"]
    for node, name in names.items():
        label = mermaid(node.label) + (f"<br/>{mermaid(node.note)}" if node.note else "")
        lines.append(f"  {name}{_SHAPES[node.kind].format(label)}")
    for edge in flow.edges:
        arrow = "-->" if edge.verdict is Verdict.COVERED else "-.->"
        label = "" if edge.source.kind == "phi" else f'|"{words(edge.verdict, edge.assured)}"|'
        lines.append(f"  {names[edge.source]} {arrow}{label} {names[edge.target]}")
    for verdict, (name, fill, stroke) in _CLASSES.items():
        lines.append(f"  classDef {name} fill:{fill},stroke:{stroke},color:#1f2328")
        mine = [names[n] for n in flow.nodes if flow.verdict(n) is verdict]
        edges = [str(i) for i, e in enumerate(flow.edges) if e.verdict is verdict]
        if mine:
            lines.append(f"  class {','.join(mine)} {name}")
        if edges:
            lines.append(f"  linkStyle {','.join(edges)} stroke:{stroke}")
    return "\n".join([*lines, "```", ""])


def _header(title: str, *columns: str) -> str:
    head = f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n"
    return f"\n### {title}\n\n{head}"


def _table(result: Result, judged: Sequence[Judged]) -> Iterator[tuple[str, str]]:
    yield "headings", _header("PHI workloads", "verdict", "workload", "reaches", "why", "where")
    for index, each in enumerate(judged):
        for assessment in each.assessments:
            row = _row(result, each, assessment) if index < _LISTED else _CUT
            yield "rows of the table", row


def _row(result: Result, judged: Judged, assessment: Assessment) -> str:
    resource = assessment.workload.resource
    cells = (
        f"{_SIGNS[assessment.verdict]} {prose(said(result, assessment))}",
        code(resource.id)
        + (f"<br>{prose(', '.join(judged.environments))}" if judged.environments else ""),
        "<br>".join(code(r) for r in reached(assessment)),
        prose(_why(assessment), 300),
        code(f"{resource.file}:{resource.line}"),
    )
    return f"| {' | '.join(cells)} |\n"


def _why(assessment: Assessment) -> str:
    if assessment.broken:
        return "; ".join(b.reason for b in assessment.broken)
    if assessment.missing:
        return "missing: " + "; ".join(m.what for m in assessment.missing)
    weakest = assessment.weakest
    return "; ".join(dict.fromkeys(weakest))


def _finding(result: Result, finding: Finding) -> str:
    built = f" In {prose(', '.join(finding.environments))}." if finding.environments else ""
    head = (
        f"<details><summary><b>{finding.severity.lower()}</b> {code(finding.rule)} "
        f"{code(finding.resource)} at {code(_at(finding))}</summary>\n\n"
    )
    trace = "".join(_step(s) for s in finding.trace)
    fix = f"{fenced(finding.remediation)}\n\n" if finding.remediation else ""
    page = next((r.page for r in result.rules if r.id == finding.rule), "")
    more = f"[The rule's page]({page})\n\n" if page else ""
    return f"{head}{prose(finding.message)}{built}\n\n{trace}\n{fix}{more}</details>\n"


def _at(finding: Finding) -> str:
    return f"{finding.place.file}:{finding.place.line}"


def _step(step: Step) -> str:
    indent = "  " if step.text.startswith(" ") else ""
    return f"{indent}- {prose(step.text)}\n"


def _exempt(exempt: Exempt) -> str:
    cells = (
        code(exempt.finding.rule),
        code(exempt.finding.resource),
        prose(exempt.kind),
        prose(exempt.say(), 400),
        prose(exempt.expires_on),
    )
    return f"| {' | '.join(cells)} |\n"


def _footer(result: Result) -> Iterator[str]:
    editions = ", ".join(f"{e.provider} {e.id}" for e in result.catalogue.editions)
    policy = result.analysis.declarations.policy
    yield (
        f"Judged on {result.analysis.today} by the catalogue editions {editions}, "
        + (f"the policy {policy.file}" if policy else "no policy")
        + f" and {len(result.runs)} rules. It judges what files declare, not traffic; it is not legal advice."
    )
    yield from result.notes
