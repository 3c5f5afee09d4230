"""Results that no scan of ours gives: a thousand workloads, and hostile text wherever a text can stand."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, TypeVar

from openai_phi.finding.results import Result
from openai_phi.words.found import Exempt, Unread
from openai_phi.words.places import Place

HOSTILE = (
    "<img src=x onerror=window.hacked=1>\"'><script>window.hacked=1</script></script></title></style>"
    "<!--]]>\u202e{{7*7}}${7*7}`\\u003cb\\u003e<svg onload=window.hacked=1>javascript:window.hacked=1//"
)
_KEPT = frozenset({"severity", "framework", "scope", "as_of", "group"})
T = TypeVar("T")


def many(result: Result, number: int) -> Result:
    """So many workloads, made of the result's own; some of them behind gateways."""
    workloads, assessments, findings = [], [], []
    for index in range(number):
        base = result.analysis.assessments[index % len(result.analysis.assessments)]
        old = base.workload.resource
        new = replace(old, id=f"{old.id}-{index}", file=f"team-{index % 37}/{old.file}")
        workload = replace(base.workload, resource=new)
        through = ("litellm.ai.svc.cluster.local",) if index % 9 == 0 else ()
        through = (f"gateway-{index}.example",) if index % 50 == 3 else through
        workloads.append(workload)
        use = replace(base.use, through=through)
        assessments.append(replace(base, workload=workload, use=use))
        findings += [
            replace(f, resource=new.id, place=replace(f.place, file=new.file))
            for f in result.findings
            if f.resource == old.id
        ]
    estate = replace(result.analysis.estate, workloads=tuple(workloads))
    analysis = replace(result.analysis, estate=estate, assessments=tuple(assessments))
    return replace(result, analysis=analysis, findings=tuple(findings))


def hostile(result: Result) -> Result:
    """The result with hostile text in every text of it, and with something in every part of a report."""
    place = Place("a.yaml", 3, "x")
    full = replace(
        result,
        exempt=(Exempt(result.findings[0], "accepted", "why", place, "who", "2026-12-01", "T-1"),),
        notes=("note",),
        gaps=("gap",),
        analysis=replace(
            result.analysis,
            unread=(Unread("a.yaml", "why", True, "openai"), Unread("b.yaml", "why", False)),
        ),
    )
    return _Poison().of(full)


class _Poison:
    """Puts hostile text behind every text below a value; one object stays one object."""

    def __init__(self) -> None:
        self._done: dict[int, tuple[Any, Any]] = {}

    def of(self, value: T, name: str = "") -> T:
        key = id(value)
        if key not in self._done:
            self._done[key] = (value, self._made(value, name))
        return self._done[key][1]  # type: ignore[no-any-return]

    def _made(self, value: Any, name: str) -> Any:
        if isinstance(value, str) and not isinstance(value, Enum):
            return value if name in _KEPT else f"{value}{HOSTILE}"
        if isinstance(value, tuple):
            return tuple(self.of(v, name) for v in value)
        if isinstance(value, Mapping):
            return {k: self.of(v, name) for k, v in value.items()}
        known = type(value).__module__.startswith("openai_phi.")
        if dataclasses.is_dataclass(value) and known and type(value).__name__ not in _WHOLE:
            found = {
                f.name: self.of(getattr(value, f.name), f.name)
                for f in dataclasses.fields(value)
                if f.init
            }
            return replace(value, **found)  # type: ignore[type-var]
        return value


_WHOLE = frozenset({"Signatures", "RuleRun", "Names", "Result_root"})
