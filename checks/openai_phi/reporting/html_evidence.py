"""The HTML report's evidence: findings, agreements, exceptions, what falls due or was not read, sources, scope."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from openai_phi.declared.agreements import Agreement, AgreementState
from openai_phi.facts.controls import controls
from openai_phi.facts.scope import scope
from openai_phi.facts.versions import versions
from openai_phi.finding.results import Result
from openai_phi.finding.rule import Rule
from openai_phi.reporting.html_workloads import Row, anchor, place
from openai_phi.reporting.markup import Child, Markup, el, join
from openai_phi.reporting.posture import SEVERITIES
from openai_phi.reporting.reliance import SOON, editions_used, falls_due, relied_on, review_due
from openai_phi.scanning.repository import State
from openai_phi.words.found import Finding, Unread
from openai_phi.words.places import Place

Cells = Sequence[Child]


def section(ident: str, title: str, *parts: Child) -> Markup:
    """A part of the page that has a heading and can be reached from the navigation."""
    heading = el("h2", title, id=f"{ident}-title")
    return el("section", heading, *parts, id=ident, aria_labelledby=f"{ident}-title", tabindex=-1)


def grid(
    caption: str, heads: Sequence[str], rows: Sequence[Cells], empty: str, ids: Sequence[str] = ()
) -> Markup:
    """A table whose first column heads its rows, with ids for them; a sentence where it has none."""
    if not rows:
        return el("p", empty, class_="empty")
    body = (
        el("tr", el("th", first, scope="row"), *(_cell(c) for c in rest), id=ident)
        for (first, *rest), ident in zip_longest(rows, ids)
    )
    head = el("thead", el("tr", *(el("th", h, scope="col") for h in heads)))
    inner = el("table", el("caption", caption, class_="sr"), head, el("tbody", *body))
    return el("div", inner, class_="scroll", tabindex=0, role="region", aria_label=caption)


def _cell(said: Child) -> Markup:
    dated = re.fullmatch(r"\d{4}-\d\d-\d\d", str(said)) is not None
    return el("td", said, class_="date" if dated else None)


# -- findings ------------------------------------------------------------------------------


def tells_law(result: Result) -> bool:
    """Whether documents say what the law makes of a finding, as the policy has it."""
    policy = result.analysis.declarations.policy
    return policy is None or policy.legal_told


def findings(result: Result, rows: Sequence[Row]) -> Markup:
    """Every finding with its message, who does what about it, and the controls that it speaks of."""
    rules = {r.id: r for r in result.rules}
    home = {f.fingerprint: n for n, row in reversed(list(enumerate(rows))) for f in row.findings}
    order = sorted(result.findings, key=lambda f: SEVERITIES.index(f.severity))
    law = tells_law(result)
    items = [_finding(f, rules.get(f.rule), home.get(f.fingerprint), law=law) for f in order]
    lead = "Each is one cause. Open one for what to do, and who does it."
    said = el("p", lead if items else "No rule flags anything.", class_="lead")
    return section("findings", "Findings", said, *items)


def _finding(finding: Finding, rule: Rule | None, row: int | None, *, law: bool) -> Markup:
    summary = el(
        "summary",
        el("span", finding.severity.lower(), class_=f"severity {finding.severity.lower()}"),
        el("code", finding.rule),
        el("span", finding.resource, class_="name"),
        el("span", rule.flags if rule else "", class_="at"),
        el("span", ", ".join(finding.environments), class_="at") if finding.environments else None,
    )
    way = el("a", "The way from PHI to the endpoint", href=f"#w{row}") if row is not None else None
    steps = [] if row is not None else [el("li", s.text.strip()) for s in finding.trace]
    cited = [el("li", _control(c)) for c in (rule.law if rule else ())]
    page = el("a", "The rule's page", href=rule.page, rel="noreferrer") if rule else None
    return el(
        "details",
        summary,
        el("p", finding.message, " ", place(finding.place)),
        el("p", f"In {', '.join(finding.environments)}.", class_="at")
        if finding.environments
        else None,
        join(el("h3", "What to do"), el("pre", finding.remediation))
        if finding.remediation
        else None,
        join(el("h3", "Seen"), el("ol", *steps, class_="trace")) if steps else None,
        el("p", finding.legal, class_="at") if law and finding.legal else None,
        join(el("h3", "Speaks of"), el("ul", *cited)) if cited else None,
        el("p", *([way, " · "] if way and page else [way]), page),
        class_="finding",
        id=f"f-{finding.fingerprint}",
    )


def _control(citation: str) -> str:
    known = controls().by_citation.get(citation)
    return known.label if known else citation


# -- agreements and what falls due ---------------------------------------------------------


def due(result: Result) -> Markup:
    """What stopped to hold or does so soon."""
    rows = [
        (
            d.on.isoformat(),
            f"{-d.days} days ago" if d.days < 0 else f"in {d.days} days",
            d.what,
            d.place,
        )
        for d in falls_due(result)
    ]
    empty = f"No agreement, review, edition or exception falls due within {SOON} days."
    title = f"Falls due within {SOON} days"
    return section("due", title, grid(title, ("On", "When", "What", "Recorded at"), rows, empty))


def agreements(result: Result) -> Markup:
    """Every agreement of the policy with its dates, its state on the day, and who relies on it."""
    policy = result.analysis.declarations.policy
    users = Counter(
        a.place
        for assessment in result.analysis.assessments
        for a in relied_on(assessment, result.analysis.declarations, result.analysis.today)
    )
    rows = [_agreement(result, a, users[a.place]) for a in (policy.agreements if policy else ())]
    heads = ("Agreement", "For", "Terms", "Document", "Signed or approved", "Reviewed", "Review due", "Expires",
             "State", "Relied on by", "Recorded at")  # fmt: skip
    empty = "The policy records no agreement." if policy else "No policy was supplied."
    lead = None
    if policy:
        lead = el("p", f"As recorded in {policy.file}, digest ", el("code", policy.digest), ".",
                  class_="lead")  # fmt: skip
    ids = [anchor(a) for a in (policy.agreements if policy else ())]
    return section("agreements", "Agreements", lead, grid("Agreements", heads, rows, empty, ids))


def _agreement(result: Result, agreement: Agreement, users: int) -> Cells:
    dates = agreement.dates
    standing = agreement.standing(result.analysis.today)
    whom = ", ".join((*agreement.organizations, *agreement.projects, *agreement.hosts))
    review = review_due(agreement)
    shown = standing.state.value.replace("_", " ")
    name = f"{agreement.kind.upper()} with {agreement.provider}"
    return (
        name,
        whom or "whoever has no entry of their own",
        agreement.terms or "–",
        agreement.document or "no document recorded",
        dates.get("signed_on") or dates.get("approved_on") or "–",
        dates.get("reviewed_on", "–"),
        review.isoformat() if review else "–",
        dates.get("expires_on", "no end recorded"),
        shown if standing.state is AgreementState.IN_FORCE else f"{shown}: {standing.reason}",
        f"{users} use{'' if users == 1 else 's'}",
        place(agreement.place),
    )


def exceptions(result: Result) -> Markup:
    """What does not count as failed: by whom approved, until when, and where that is written."""
    rows = [
        (
            el("code", e.finding.rule),
            e.finding.resource,
            f"{e.kind}: a plan, the verdict stays" if e.plan else e.kind,
            e.reason,
            e.owner or "nobody is named",
            e.approved_by or "nobody is named",
            e.approved_on or "no date",
            e.expires_on or "no date",
            e.ticket or "–",
            place(e.place),
        )
        for e in result.exempt
    ]
    heads = (
        "Rule", "Resource", "Kind", "Reason", "Owner", "Approved by", "Approved on", "Until", "Ticket",
        "Written at",
    )  # fmt: skip
    empty = "No finding is taken out by an exception or a skip."
    return section("exceptions", "Exceptions", grid("Exceptions", heads, rows, empty))


# -- what was not looked at ----------------------------------------------------------------


def unread(result: Result) -> Markup:
    """What could not be read: what could matter in full, the rest folded."""
    rest = sorted((u for u in result.analysis.unread if not u.matters), key=_where)
    rows = [_unread(u) for u in sorted(result.unread, key=_where)]
    heads = ("File", "Reason", "What speaks of a provider")
    gaps = [f"{r.rule.id} broke ({r.error}) and judged nothing." for r in result.runs if r.error]
    gaps += list(result.gaps)
    empty = "Everything that could matter was read."
    parts: list[Child] = [grid("Not read, and could matter", heads, rows, empty)]
    if gaps:
        parts.insert(0, el("ul", *(el("li", g) for g in gaps), class_="gaps"))
    if rest:
        title = f"{len(rest)} more not read, in which nothing speaks of a provider"
        table = grid(title, heads, [_unread(u) for u in rest], "")
        parts.append(el("details", el("summary", title), table))
    return section("unread", "What could not be read", *parts)


def _where(item: Unread) -> tuple[str, int, str]:
    return item.file, item.line, item.reason


def _unread(item: Unread) -> Cells:
    return place(Place(item.file, item.line)), item.reason, item.signature or "–"


# -- sources -------------------------------------------------------------------------------


def catalogue(result: Result) -> Markup:
    """The editions that it was judged by, and the rows of the endpoints that are reached."""
    reached = {e for a in result.analysis.assessments for e in (*a.endpoints, *a.use.endpoints)}
    editions = editions_used(result)
    rows: list[Cells] = [
        (f"{e.provider} {e.id}", e.as_of, e.review_by, e.baa_rule.replace("_", " "),
         _source(e.source), _source(e.baa_source))
        for e in editions
    ]  # fmt: skip
    heads = ("Edition", "As of", "Review by", "BAA", "Source: data", "Source: BAA")
    endpoints: list[Cells] = [
        (el("code", row.endpoint), f"{e.provider} {e.id}", row.zdr, row.baa_listed or "no list",
         str(row.state).replace("_", " "), ", ".join(row.requires) or "–", _source(row.source), row.as_of)
        for e in editions for row in e.rows.values() if row.endpoint in reached
    ]  # fmt: skip
    names = ("Endpoint", "Edition", "Zero data retention", "On the BAA's list", "Keeps (days)",
             "Asks for", "Source", "As of")  # fmt: skip
    return section(
        "catalogue",
        "Catalogue",
        el("p", "What the provider says of each endpoint on a date. It is data, with a source for each "
                "row; nothing is fetched during a scan.", class_="lead"),
        grid("Editions", heads, rows, "No verdict rests on an edition."),
        el("h3", "Endpoints that are reached") if endpoints else None,
        grid("Endpoints that are reached", names, endpoints, "No endpoint of an edition is named."),
    )  # fmt: skip


def _source(address: str) -> Markup:
    if not address.startswith("https://"):
        return el("span", address)
    return el(
        "a", address.removeprefix("https://"), href=address, rel="noreferrer", class_="source"
    )


def mapping(result: Result) -> Markup:
    """Each rule that ran with the controls that it speaks of, and how many findings it has."""
    failed = Counter(f.rule for f in result.findings)
    exempt = Counter(e.finding.rule for e in result.exempt)
    rows: list[Cells] = [
        (
            el("code", r.id),
            r.flags,
            r.severity.lower(),
            el("ul", *(el("li", _control(c)) for c in r.law)) if r.law else "–",
            str(failed[r.id]),
            str(exempt[r.id]),
        )
        for r in result.rules
    ]
    heads = ("Rule", "Title", "Severity", "Controls", "Findings", "Exempt")
    lead = "The rules that ran, and what each speaks of. A rule without findings shows what it looked " \
        "for, not that the control is met."  # fmt: skip
    return section(
        "controls",
        "Control mapping",
        el("p", lead, class_="lead"),
        grid("Control mapping", heads, rows, "No rule ran."),
    )


# -- how it was made -----------------------------------------------------------------------


def made(result: Result, state: State) -> Markup:
    """Scope, what the words mean, versions, commit and day."""
    stated = scope()
    facts: list[tuple[str, Child]] = [
        ("Day of the scan", result.analysis.today.isoformat()),
        ("Folder", result.root.name),
        ("Commit", el("code", state.commit) if state.commit else state.note),
        *([("Repository", state.origin)] if state.origin else []),
        *([("Differs from the commit", _differs(state))] if state.commit else []),
        ("Graphs read", ", ".join(result.frameworks) or "none"),
        ("Rules run", str(len(result.rules))),
        *((f"Version of {k}", v) for k, v in sorted(versions().items()) if v),
    ]
    mistakes = [f"{m.place.file}:{m.place.line}: {m.message}" for m in result.analysis.mistakes]
    notes = [*result.notes, *mistakes]
    return section(
        "made",
        "Scope and how it was made",
        join(el("h3", "Judged"), el("ul", *(el("li", n) for n in stated["judged"]))),
        join(el("h3", "Not judged"), el("ul", *(el("li", n) for n in stated["not_judged"]))),
        el(
            "div",
            _words("What the verdicts mean", stated["verdicts"]),
            _words("What they rest on", stated["assurances"]),
            class_="columns",
        ),
        el("h3", "Made by"),
        el("dl", *(join(el("dt", k), el("dd", v)) for k, v in facts), class_="facts"),
        join(el("h3", "Notes"), el("ul", *(el("li", n) for n in notes))) if notes else None,
        el("p", stated["notice"]),
    )  # fmt: skip


def _differs(state: State) -> str:
    if not state.dirty:
        return "no"
    return f"yes: {state.modified} changed and {state.untracked} new below the folder"


def _words(title: str, meanings: dict[str, str]) -> Markup:
    items = (join(el("dt", k), el("dd", v)) for k, v in meanings.items())
    return el("div", el("h3", title), el("dl", *items))
