"""The HTML report's workloads: one row each, with its way, its reasons and what it relies on; the picture's data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from openai_phi.declared.agreements import Agreement
from openai_phi.finding.findings import trace_of
from openai_phi.finding.results import Result
from openai_phi.reporting.flow_graph import gateways, reached, sources
from openai_phi.reporting.markup import Markup, el, join
from openai_phi.reporting.posture import Judged, Posture, words
from openai_phi.reporting.reliance import relied_on
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.found import Exempt, Finding
from openai_phi.words.observed import PhiStatus, Step, Workload
from openai_phi.words.places import Place
from openai_phi.words.verdict import Conjunct, Verdict

SIGNS = {"not-covered": "✕", "unproven": "?", "covered": "✓", "other": "–"}
T = TypeVar("T")
_STATUS = {
    PhiStatus.PHI: "PHI, not judged here",
    PhiStatus.SUSPECTED: "PHI suspected, no decision",
    PhiStatus.NOT_PHI: "no PHI",
    PhiStatus.UNCLASSIFIED: "no decision on PHI",
}


def kind(verdict: Verdict | None) -> str:
    """A verdict as the class that colours it; None: a workload that is not judged."""
    return "other" if verdict is None else verdict.value.replace(" ", "-")


def badge(verdict: Verdict | None, said: str) -> Markup:
    """A verdict with its sign: never by colour alone."""
    name = kind(verdict)
    sign = el("span", SIGNS[name], aria_hidden="true", class_="sign")
    return el("span", sign, said, class_=f"badge {name}")


@dataclass(frozen=True)
class Row:
    """One workload of the table."""

    workload: Workload
    judged: Judged | None
    findings: tuple[Finding, ...]
    exempt: tuple[Exempt, ...] = ()

    @property
    def verdict(self) -> Verdict | None:
        return self.judged.verdict if self.judged else None

    @property
    def words(self) -> str:
        if self.judged is None:
            return _STATUS[self.workload.phi]
        return self.judged.words


def rows_of(result: Result, sums: Posture) -> tuple[Row, ...]:
    """The judged workloads, worst first, then those that use a provider and are not judged."""
    failing = _by_resource((f, f) for f in result.findings)
    exempt = _by_resource((e.finding, e) for e in result.exempt)

    def row(workload: Workload, judged: Judged | None) -> Row:
        return Row(
            workload, judged, _at_workload(failing, workload), _at_workload(exempt, workload)
        )

    judged = {id(w) for w in result.analysis.phi_workloads()}
    others = [w for w in result.analysis.estate.workloads if w.uses and id(w) not in judged]
    order = list(_STATUS)
    others.sort(key=lambda w: (order.index(w.phi), w.resource.file, w.resource.line, w.id))
    return (*(row(j.workload, j) for j in sums.judged), *(row(w, None) for w in others))


def _by_resource(items: Iterable[tuple[Finding, T]]) -> dict[tuple[str, str], list[T]]:
    """By resource and file, and for those that a finding names as well by the resource alone."""
    out: dict[tuple[str, str], list[T]] = {}
    for finding, item in items:
        own = {(m.resource, m.place.file): None for m in finding.members}
        for key in (*own, *((a, "") for a in finding.also)):
            listed = out.setdefault(key, [])
            if item not in listed:
                listed.append(item)
    return out


def _at_workload(found: dict[tuple[str, str], list[T]], workload: Workload) -> tuple[T, ...]:
    keys = (workload.id, workload.resource.file), (workload.id, "")
    return tuple({id(i): i for key in keys for i in found.get(key, ())}.values())


# -- the picture ---------------------------------------------------------------------------


def picture(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """What the script draws: of each judged workload its sources, and its ways with their verdicts."""
    return [
        {
            "row": number,
            "name": row.workload.id,
            "at": _at(row.workload.resource.place()),
            "verdict": kind(row.verdict),
            "words": row.words,
            "environments": list(row.judged.environments),
            "sources": [label for label, _ in sources(row.workload)],
            "ways": [
                {
                    "verdict": kind(verdict),
                    "gateways": list(gateways(a)),
                    "endpoints": [e for e, (v, _) in reached(a).items() if v is verdict],
                    "against": _against(a),
                }
                for a in row.judged.assessments
                for verdict in dict.fromkeys(v for v, _ in reached(a).values())
            ],
        }
        for number, row in enumerate(rows)
        if row.judged
    ]


def _against(assessment: Assessment) -> list[str]:
    """Those that are themselves known not to be covered, whoever calls them."""
    subjects = {b.subject for b in assessment.broken if b.conjunct is Conjunct.ENDPOINT}
    return [r for r in reached(assessment) if r.rpartition(" ")[2] in subjects]


# -- the table -----------------------------------------------------------------------------


def table(result: Result, rows: Iterable[Row]) -> Markup:
    """The table of workloads: a row each, and below it the row with its details."""
    names = ("Verdict", "Workload", "PHI from", "Reaches", "Because")
    head = el("tr", *(el("th", n, scope="col") for n in names))
    body = join(*(_pair(result, row, number) for number, row in enumerate(rows)))
    caption = el("caption", "Workloads that use a provider, worst first", class_="sr")
    return el("table", caption, el("thead", head), el("tbody", body), id="workload-table")


def _pair(result: Result, row: Row, number: int) -> Markup:
    workload, detail = row.workload, f"w{number}-detail"
    resource = workload.resource
    button = el("button", el("span", workload.id, class_="name"), class_="toggle", type="button",
                aria_expanded="true", aria_controls=detail)  # fmt: skip
    name = el("th", button, place(resource.place()), _where(row), scope="row")
    cells = (
        el("td", badge(row.verdict, row.words)),
        name,
        el("td", *_lines(label for label, _ in sources(workload)) if row.judged else ("–",)),
        el("td", *_reaches(row)),
        el("td", _because(row)),
    )
    marks = {"data_row": number, "data_verdict": kind(row.verdict)}
    details = el("td", el("noscript", _details(result, row)), colspan=5)
    return join(
        el("tr", *cells, class_="row", id=f"w{number}", **marks),
        el("tr", details, class_="detail", id=detail, data_of=number),
    )


def _where(row: Row) -> Markup | None:
    """The environments of a workload; of one that tells none, what built it."""
    if row.judged and row.judged.environments:
        return el("span", f"in {', '.join(row.judged.environments)}", class_="at")
    resource = row.workload.resource
    return el("span", f"as built by {resource.variant}", class_="at") if resource.variant else None


def _lines(items: Iterable[str], most: int = 4) -> list[Markup]:
    found = list(dict.fromkeys(items))
    out = [el("span", i, class_="line") for i in found[:most]]
    more = len(found) - most
    return [*out, el("span", f"and {more} more", class_="line at")] if more > 0 else out


def _reaches(row: Row) -> list[Markup]:
    if row.judged is None:
        uses = [u.host or f"unknown host of {u.provider}" for u in row.workload.uses]
        return _lines(uses)
    said = []
    for assessment in row.judged.assessments:
        through = "".join(f"{g} → " for g in gateways(assessment))
        said += [f"{through}{r}" for r in reached(assessment)]
    return _lines(said)


def _because(row: Row) -> str:
    """The first reason, and how many more there are."""
    found: list[str] = []
    for a in row.judged.assessments if row.judged else ():
        if a.verdict is row.verdict:
            found += [b.reason for b in a.broken] or [f"missing: {m.what}" for m in a.missing]
            found += a.weakest if not (a.broken or a.missing) else ()
    found = list(dict.fromkeys(found))
    if not found:
        return ""
    return found[0] + (f" (and {len(found) - 1} more)" if len(found) > 1 else "")


# -- the details ---------------------------------------------------------------------------


def _details(result: Result, row: Row) -> Markup:
    parts = [_use(result, a) for a in (row.judged.assessments if row.judged else ())]
    if row.judged is None:
        parts.append(el("p", _why_not_judged(row.workload)))
    if row.workload.resource.gaps:
        said = (el("li", g.say()) for g in row.workload.resource.gaps)
        parts.append(el("div", el("h3", "Could not be evaluated"), el("ul", *said)))
    if row.findings:
        links = (el("li", _link(result, f)) for f in row.findings)
        parts.append(el("div", el("h3", "Findings and how to fix them"), el("ul", *links)))
    if row.exempt:
        said = (el("li", el("code", e.finding.rule), f" {e.say()}") for e in row.exempt)
        parts.append(el("div", el("h3", "Exceptions"), el("ul", *said)))
    return el("div", *parts, class_="details")


def _why_not_judged(workload: Workload) -> str:
    declared = workload.declaration
    if workload.phi is PhiStatus.NOT_PHI and declared is not None:
        return f"Declared as handling no PHI at {declared.place}."
    evidence = "; ".join(e.say() for e in workload.phi_evidence[:4])
    seen = f" Seen: {evidence}." if evidence else ""
    return f"Its uses are judged once it is decided whether it handles PHI.{seen}"


def _use(result: Result, assessment: Assessment) -> Markup:
    said = words(assessment.verdict, assessment.assured)
    of = [("project", assessment.project), ("organization", assessment.organization)]
    names = ", ".join(f"{k} {v}" for k, v in of if v) or "project and organization not known"
    laws = ", ".join(assessment.not_judged)
    head = el(
        "h3", badge(assessment.verdict, said), " ", el("span", "; ".join(reached(assessment)))
    )
    return el(
        "section",
        head,
        el("p", names, class_="at"),
        *([el("p", f"Not judged: {laws}", class_="at")] if laws else []),
        el("div", _reasons(assessment), _relied(result, assessment), class_="columns"),
        el("h4", "The way from PHI to the endpoint"),
        el("ol", *(_step(s) for s in _way(trace_of(assessment))), class_="trace"),
        class_=f"use {kind(assessment.verdict)}",
    )


def _way(trace: Iterable[Step]) -> Iterator[Step]:
    """The steps of a trace that are part of the way; the reasons stand beside it."""
    return (s for s in trace if s.role.value in ("phi", "workload", "call", "evidence"))


def _step(step: Step) -> Markup:
    said = step.text.strip()
    number, dot, rest = said.partition(". ")
    return el("li", rest if dot and number.isdigit() else said, class_=step.role.value)


def _reasons(assessment: Assessment) -> Markup:
    items = [_reason("not-covered", "against it", b.reason) for b in assessment.broken]
    items += [
        _reason("unproven", "missing", f"{m.what} ({m.who.value})") for m in assessment.missing
    ]
    items += [_reason("covered", h.word, h.because) for h in assessment.held]
    return el("div", el("h4", "Why"), el("ul", *items, class_="reasons"))


def _reason(name: str, label: str, said: str) -> Markup:
    sign = el("span", SIGNS[name], aria_hidden="true", class_="sign")
    return el("li", el("span", sign, label, class_=f"badge {name}"), " ", said)


def _relied(result: Result, assessment: Assessment) -> Markup:
    today = result.analysis.today
    found = relied_on(assessment, result.analysis.declarations, today)
    items = [
        el("li", _agreement(a), " ", el("span", a.standing(today).reason, class_="at"))
        for a in found
    ]
    edition = assessment.edition
    if edition is not None:
        said = (
            f"Edition {edition.id} of the catalogue for {edition.provider}, as of {edition.as_of}"
        )
        items.append(el("li", el("a", said, href="#catalogue")))
    empty = el("li", "No agreement that the policy records speaks of it.")
    return el("div", el("h4", "Relies on"), el("ul", *(items if found else [empty, *items])))


def _agreement(agreement: Agreement) -> Markup:
    dates = ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in agreement.dates.items())
    lacks = "" if agreement.document else ", no document recorded"
    lacks += "" if agreement.dates.get("expires_on") else ", no end recorded"
    said = f"{agreement.kind.upper()} with {agreement.provider}, {dates or 'no dates'}{lacks}"
    return el("a", said, href=f"#{anchor(agreement)}")


def anchor(agreement: Agreement) -> str:
    """The id of an agreement's row."""
    return f"agreement-{agreement.place.line}"


def _link(result: Result, finding: Finding) -> Markup:
    titles = {r.id: r.flags for r in result.rules}
    severity = el("b", finding.severity.lower())
    said = el(
        "a", f"{finding.rule}: {titles.get(finding.rule, '')}", href=f"#f-{finding.fingerprint}"
    )
    return join(severity, " ", said)


def place(where: Place) -> Markup:
    """A place in small type."""
    return el("span", _at(where), class_="at")


def _at(where: Place) -> str:
    return f"{where.file}:{where.line}" if where.line else where.file
