"""The report `html`: one self-contained page for who is to file it as evidence, with a picture of the flow."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from openai_phi.facts.data_files import schema_root
from openai_phi.finding.results import Result
from openai_phi.reporting import html_evidence as evidence
from openai_phi.reporting.accounted_rows import html_of
from openai_phi.reporting.html_workloads import SIGNS, Row, kind, picture, rows_of, table
from openai_phi.reporting.markup import Child, Markup, data, el, join
from openai_phi.reporting.meanings import words
from openai_phi.reporting.posture import Posture, posture
from openai_phi.reporting.reliance import SOON, editions_used, falls_due
from openai_phi.scanning.repository import State, state_of
from openai_phi.words.verdict import Verdict

_EARLY = 'document.documentElement.className = "js";'
"""Runs before the body is there, so that folded details are never laid out."""
_LABELS = {
    "not-covered": "not covered",
    "unproven": "unproven",
    "covered": "covered",
    "other": "not judged",
}
_NAVIGATION = {
    "flow": "Flow",
    "workloads": "Workloads",
    "findings": "Findings",
    "due": "Falls due",
    "agreements": "Agreements",
    "exceptions": "Exceptions",
    "destinations": "Destinations",
    "unread": "Not read",
    "catalogue": "Catalogue",
    "controls": "Controls",
    "made": "Scope",
}
_ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath "
    "fill='%230b6a6a' d='M8 0l7 2.5v5C15 12 12 15 8 16 4 15 1 12 1 7.500v-5z'/%3E%3C/svg%3E"
)


def render(result: Result) -> str:
    """The page: the same text for the same result, which asks for nothing over a network."""
    sums, state = posture(result), state_of(result.root)
    rows = rows_of(result, sums)
    style, scripts = _asset("report.css"), _scripts()
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_policy(style, scripts)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", f"PHI and OpenAI: {result.root.name}, {result.analysis.today.isoformat()}"),
        el("link", rel="icon", href=_ICON),
        el("style", Markup(style)),
        el("script", Markup(_EARLY)),
    )
    body = el(
        "body",
        el("a", "Skip to the workloads", href="#workloads", class_="skip"),
        _banner(result, state, sums, rows),
        _navigation(result),
        el("main", *_sections(result, state, rows), id="main"),
        data("flow-data", picture(rows)),
        *(el("script", Markup(s)) for s in scripts[1:]),
    )
    return f"<!DOCTYPE html>\n{el('html', head, body, lang='en')}\n"


def _asset(name: str) -> str:
    return (schema_root() / "report" / name).read_text(encoding="utf-8")


def _scripts() -> tuple[str, str, str]:
    """What marks the page as scripted, the layout library with its licence, and the page's own script."""
    notice = _asset("dagre/LICENSE").replace("*/", "")
    return _EARLY, f"/*! dagre\n{notice}*/\n{_asset('dagre/dagre.min.js')}", _asset("report.js")


def _policy(style: str, scripts: Sequence[str]) -> str:
    """The content security policy: nothing from anywhere, and of what is inline only what is shipped."""
    allowed = " ".join(map(_hash, scripts))
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


# -- the head of the page ------------------------------------------------------------------


def _banner(result: Result, state: State, sums: Posture, rows: Sequence[Row]) -> Markup:
    differs = ", with changes" if state.dirty else ""
    commit = f"commit {state.commit[:12]}{differs}" if state.commit else "no commit"
    facts = [result.analysis.today.isoformat(), commit]
    facts += [f"edition {e.provider} {e.id}" for e in editions_used(result)]
    return el(
        "header",
        el("p", "PHI and OpenAI: what infrastructure code declares", class_="over"),
        el("h1", result.root.name),
        el("p", " · ".join(facts), class_="at"),
        el("p", _headline(sums), class_=f"headline {_state(sums)}", id="status"),
        *(
            el("p", f"Emergency: {e.alarm}", class_="lead", role="alert")
            for e in result.emergencies
        ),
        el("p", sums.line, class_="lead"),
        words(),
        _tiles(result, sums, rows),
    )


def _state(sums: Posture) -> str:
    if sums.count(Verdict.NOT_COVERED):
        return "not-covered"
    if sums.count(Verdict.UNPROVEN) or not sums.complete or sums.failing:
        return "unproven"
    return "covered" if sums.judged else "other"


def _headline(sums: Posture) -> Markup:
    total, state = len(sums.judged), _state(sums)
    broken, unproven = sums.count(Verdict.NOT_COVERED), sums.count(Verdict.UNPROVEN)
    if broken:
        more = f", and {unproven} more lack proof" if unproven else ""
        said = f"{broken} of {total} PHI workloads are not covered{more}"
    elif unproven:
        said = f"{unproven} of {total} PHI workloads are not shown to be covered"
    elif not sums.complete:
        said = "Not everything could be read, so nothing is settled"
    elif not total:
        said = "No workload was seen that handles PHI and uses a provider that is judged"
    else:
        rests = " or ".join(sorted({j.assured.words for j in sums.judged}))
        some = ", with findings" if sums.failing else ""
        said = f"All {total} PHI workloads are shown to be covered, {rests}{some}"
        said += f"; not judged: {', '.join(sums.not_judged)}" if sums.not_judged else ""
    return join(el("span", SIGNS[state], aria_hidden="true", class_="sign"), said)


def _tiles(result: Result, sums: Posture, rows: Sequence[Row]) -> Markup:
    """Counts at a glance; each leads to what it counts."""
    found: list[tuple[str, int, str, str]] = [
        (_LABELS[name], sum(kind(r.verdict) == name for r in rows), "workloads", name)
        for name in _LABELS
    ]
    found += [
        ("findings", len(result.findings), "findings", ""),
        ("exempt", len(result.exempt), "exceptions", ""),
        ("not read", len(result.unread), "unread", ""),
        (f"due in {SOON} days", len(falls_due(result)), "due", ""),
    ]
    return el("ul", *(_tile(*f) for f in found), class_="tiles")


def _tile(label: str, number: int, target: str, name: str) -> Markup:
    sign = el("span", SIGNS[name], aria_hidden="true", class_="sign") if name else None
    inner = (el("b", str(number)), el("span", sign, label))
    link = el("a", *inner, href=f"#{target}", data_only=name or None)
    return el("li", link, class_=f"tile {name}" if number and name else "tile")


def _navigation(result: Result) -> Markup:
    links = (el("li", el("a", label, href=f"#{to}")) for to, label in _NAVIGATION.items())
    return el("nav", el("ul", *links), aria_label="Parts of this report")


# -- the parts -----------------------------------------------------------------------------


def _sections(result: Result, state: State, rows: Sequence[Row]) -> list[Markup]:
    return [
        _flow(rows),
        _workloads(result, rows),
        evidence.findings(result, rows),
        evidence.due(result),
        evidence.agreements(result),
        evidence.exceptions(result),
        html_of(result.analysis),
        evidence.unread(result),
        evidence.catalogue(result),
        evidence.mapping(result),
        evidence.made(result, state),
    ]


def _flow(rows: Sequence[Row]) -> Markup:
    lead = "From what PHI comes from, over workloads and gateways, to endpoints. The table of workloads says the same in words."
    canvas = el("div", id="flow-canvas", class_="scroll", role="region", aria_label="Picture of the flow",
                aria_describedby="flow-lead")  # fmt: skip
    none = el(
        "p", "No workload that handles PHI is judged, so there is nothing to draw.", class_="empty"
    )
    return evidence.section(
        "flow",
        "The flow of PHI",
        el("p", lead, class_="lead", id="flow-lead"),
        _filters(rows),
        canvas if any(r.judged for r in rows) else none,
        el("p", id="flow-note", class_="at", aria_live="polite"),
        el("p", id="flow-says", aria_live="polite"),
        el("noscript", el("p", "Without scripts there is no picture and no filter; all the rest is here.")),
    )  # fmt: skip


def _filters(rows: Sequence[Row]) -> Markup:
    """One search and one set of verdicts for the picture and the table."""
    boxes: list[Child] = []
    for name, label in _LABELS.items():
        count = sum(kind(r.verdict) == name for r in rows)
        sign = el("span", SIGNS[name], aria_hidden="true", class_="sign")
        box = el("input", type="checkbox", name="verdict", value=name, checked=True)
        boxes.append(el("label", box, el("span", sign, f"{label} {count}", class_=f"badge {name}")))
    search = el("input", type="search", id="search", autocomplete="off", spellcheck="false",
                placeholder="name, file, project, endpoint …")  # fmt: skip
    return el(
        "form",
        el("label", "Search", for_="search"),
        search,
        el("fieldset", el("legend", "Show", class_="sr"), *boxes),
        el("button", "Show all", type="reset"),
        el("output", id="shown", for_="search", aria_live="polite"),
        id="filters",
        role="search",
        aria_label="Filter the picture and the table",
    )


def _workloads(result: Result, rows: Sequence[Row]) -> Markup:
    lead = "Select a name for its way, its reasons and what it relies on. Printing takes all rows that the filter leaves, with their details."
    if not rows:
        return evidence.section("workloads", "Workloads", el("p", "No workload uses a provider.", class_="empty"))  # fmt: skip
    expand = el("button", "Open all details", type="button", id="expand", aria_pressed="false")
    body = el("div", table(result, rows), class_="scroll", tabindex=0, role="region",
              aria_label="Table of workloads")  # fmt: skip
    nothing = el("p", "No workload fits the filter.", id="nothing", class_="empty", hidden=True)
    return evidence.section("workloads", "Workloads", el("p", lead, class_="lead"), expand, body, nothing)  # fmt: skip
