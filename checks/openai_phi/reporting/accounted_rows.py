"""Where workloads with PHI send to: the rows of the accounting, and each format's way to show them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openai_phi.reporting.html_evidence import grid, section
from openai_phi.reporting.markup import Markup
from openai_phi.verdicts.analysis import Analysis
from openai_phi.words.destinations import Destination, Sort
from openai_phi.words.observed import Workload

_NAMED = 5
"""How many destinations the one line names."""


def rows_of(analysis: Analysis) -> Iterator[tuple[Workload, Destination]]:
    """What each workload with PHI names, by place, a workload's variants once."""
    seen: set[tuple[str, str, str, Sort, str]] = set()
    for workload in analysis.estate.accounted():
        resource = workload.resource
        for each in workload.destinations:
            key = (resource.scope, workload.id, resource.file, each.sort, each.name)
            if key not in seen:
                seen.add(key)
                yield workload, each


def line_of(analysis: Analysis) -> str:
    """How many destinations are accounted for, and which are not, in one line; empty where there are none."""
    found = [(w, d) for w, d in rows_of(analysis) if d.sort is Sort.DESTINATION]
    lost = list(dict.fromkeys(d.name for _, d in found if d.lost))
    if not found:
        return ""
    known = len({d.name for _, d in found}) - len(lost)
    said = f"accounted {known} destination{'' if known == 1 else 's'} of workloads with PHI"
    if not lost:
        return said
    more = f" and {len(lost) - _NAMED} more" if lost[_NAMED:] else ""
    return f"{said}; {len(lost)} not: {', '.join(lost[:_NAMED])}{more}"


def data_of(workload: Workload) -> dict[str, Any]:
    """What a workload names, for a document; empty where it names nothing."""
    rows = [_data(d) for d in workload.destinations]
    return {"destinations": rows} if rows else {}


def manifest_rows(analysis: Analysis) -> list[dict[str, Any]]:
    """All of it as plain data, with the workload of each."""
    return [{"workload": w.id, **_data(d)} for w, d in rows_of(analysis)]


def _data(item: Destination) -> dict[str, Any]:
    return {
        "sort": item.sort.value,
        "name": item.name,
        "said_by": item.said_by,
        "state": item.state.value,
        "reason": item.reason,
        "could_carry": item.carries,
        "file": item.place.file,
        "line": item.place.line,
        "path": item.place.path,
    }


def html_of(analysis: Analysis) -> Markup:
    """The section of the page."""
    rows = [
        [w.id, d.name, d.state.value, d.reason, f"{d.said_by} at {d.place.file}:{d.place.line}"]
        for w, d in rows_of(analysis)
    ]
    heads = ("Workload", "Sends to, or holds", "State", "Because", "Said by")
    empty = "No workload with PHI names where it sends to."
    return section(
        "destinations", "Destinations", grid("Destinations and credentials", heads, rows, empty)
    )
