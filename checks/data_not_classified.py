"""OAI_DECLARATION_2: OpenAI is used, and nothing says what data is sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.linking.estate import Orphan
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.fixes import Fix
    from openai_phi.words.found import Finding
    from openai_phi.words.resources import Resource


class DataNotClassified(Rule):
    id = "OAI_DECLARATION_2"
    title = "Ensure that the data of workloads that use OpenAI is classified"
    severity = "LOW"
    why = "Whether an agreement is needed depends on the data, which nothing here says."
    law = ("45 CFR 164.308(a)(1)(ii)(A)", "SOC 2 C1.1")
    prove = "Say what data the workload handles: `workloads: - {match: …, data: none}`, or `phi`."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.words.observed import PHI_CLASSES, PhiStatus

        asked: dict[str, list[tuple[Resource, str]]] = defaultdict(list)
        unseen: dict[str, list[tuple[Resource, str]]] = defaultdict(list)
        alone: dict[str, list[tuple[Resource, str]]] = defaultdict(list)
        for workload in analysis.estate.workloads:
            unclassified = workload.phi is PhiStatus.UNCLASSIFIED and workload.undecided
            if unclassified and not workload.relay:
                how = "; ".join(f"{u.provider} {u.host or 'unknown host'}" for u in workload.uses)
                asked[_root(workload.resource)].append((workload.resource, f"uses {how}"))
        for orphan in analysis.estate.orphans:
            if analysis.names.administers(orphan.resource.type):
                continue  # manages the organization; what it sends is no prompt
            data = _declared(orphan.resource, analysis)
            how = f"no visible reader; {orphan.evidence[0].say()}"
            if data in PHI_CLASSES:
                unseen[_root(orphan.resource)].append((orphan.resource, how))
            elif data is None and not _is_answered(orphan, analysis):
                group = alone if analysis.names.sends_nothing(orphan.resource.type) else asked
                group[_root(orphan.resource)].append((orphan.resource, how))
        if not (asked or analysis.estate.workloads):  # else those who are seen are asked
            for root, found in sorted(alone.items()):
                yield self._alone(root, found)
        for root, found in sorted(asked.items()):
            yield self._asked(root, found)
        for root, found in sorted(unseen.items()):
            yield self._unseen(root, found)

    def _asked(self, root: str, found: list[tuple[Resource, str]]) -> Finding:
        from openai_phi.words.fixes import UNDECIDED, Actor, Declares, Fix, added

        names = _names(found)
        choice = "none, phi, or synthetic with its basis"
        said = (
            f"{names[0]}{_of(root)} uses OpenAI, and nothing classifies its data"
            if len(names) == 1
            else f"{len(names)} resources{_of(root)} use OpenAI, and nothing classifies their data: {', '.join(names)}"
        )
        fix = Fix(
            who=Actor.TEAM,
            what="say in openai-compliance.yaml what data each one handles:",
            additions=tuple(
                added(Declares.COMPLIANCE, "workloads", {"match": n, "data": UNDECIDED}, choice)
                for n in names
            ),
            whole=True,
        )
        return self._one(found, f"{said}.", fix)

    def _alone(self, root: str, found: list[tuple[Resource, str]]) -> Finding:
        from openai_phi.words.fixes import UNDECIDED, Actor, Declares, Fix, added

        names = _names(found)
        what = (
            "scan the code of who calls OpenAI together with this; where it is elsewhere, say in "
            "openai-compliance.yaml what data is sent:"
        )
        lines = tuple(
            added(Declares.COMPLIANCE, "workloads", {"match": n, "data": UNDECIDED}, "none, or phi")
            for n in names
        )
        return self._one(
            found,
            f"{', '.join(names)}{_of(root)}: for calls of OpenAI, and nothing in this scan shows who makes them, "
            "or with what data.",
            Fix(who=Actor.TEAM, what=what, additions=lines, whole=True),
        )

    def _unseen(self, root: str, found: list[tuple[Resource, str]]) -> Finding:
        from openai_phi.words.fixes import Actor, Fix

        what = (
            "scan the code of who calls OpenAI together with this, and declare those workloads in "
            "openai-compliance.yaml: only they can be judged."
        )
        return self._one(
            found,
            f"{', '.join(_names(found))}{_of(root)}: declared to handle PHI, and nothing in this scan shows who "
            "calls OpenAI with it.",
            Fix(who=Actor.TEAM, what=what),
        )

    def _one(self, found: list[tuple[Resource, str]], message: str, fix: Fix) -> Finding:
        from openai_phi.words.found import without_lines
        from openai_phi.words.observed import Role, Step
        from openai_phi.words.places import Place

        first = min((r for r, _ in found), key=lambda r: (r.file, r.line, r.id))
        return self.finding(
            first.id,
            Place(first.file, first.line),
            message,
            cause=without_lines(message),
            fixes=(fix,),
            trace=tuple(
                Step(f"{r.id} at {r.file}:{r.line}: {how}", r.place(), Role.ALSO)
                for r, how in found
            ),
            handle=first.handle,
            end_line=first.end_line,
            also=tuple(n for n in _names(found) if n != first.id),
        )


def _names(found: list[tuple[Resource, str]]) -> list[str]:
    return sorted({r.id for r, _ in found})


def _of(root: str) -> str:
    return f" of {root}" if root not in ("", ".") else ""


def _is_answered(orphan: Orphan, analysis: Analysis) -> bool:
    """Whether what is behind a module, a secret or an account has a class of its own that is not PHI."""
    names = analysis.names
    marks = [(s.name, str(s.value)) for s in orphan.resource.settings if s.role == "marker"]
    said = (names.marker(*mark) for mark in marks)
    denied = any(marker is not None and not marker.says_phi for marker in said)
    return denied or any(names.is_other_class(*mark) for mark in marks)


def _declared(resource: Resource, analysis: Analysis) -> str | None:
    """The data that a compliance file without a mistake says a resource is for."""
    from openai_phi.declared.declared_workloads import named

    if analysis.declarations.broken_for(resource.file):
        return None
    declared = analysis.declarations.workload(named(resource))
    return declared.data if declared else None


def _root(resource: Resource) -> str:
    """What is asked about once: a Terraform root folder, or all that one tool reads of the scan."""
    return resource.scope if resource.framework.startswith("terraform") else ""


publish(DataNotClassified())
