"""OAI_DECLARATION_2: OpenAI is used, and nothing says what data is sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.bridge import publish
from openai_phi.rule import Rule
from openai_phi.written_names import scalar

if TYPE_CHECKING:
    from openai_phi.analysis import Analysis
    from openai_phi.model import Finding, Resource


class DataNotClassified(Rule):
    id = "OAI_DECLARATION_2"
    title = "Ensure that the data of workloads that use OpenAI is classified"
    severity = "LOW"
    why = "Whether an agreement is needed depends on the data, which nothing here says."
    law = ("45 CFR 164.308(a)(1)(ii)(A)", "SOC 2 C1.1")
    prove = "Say what data the workload handles: `workloads: - {match: …, data: none}`, or `phi`."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.model import PhiStatus

        roots: dict[str, list[tuple[Resource, str]]] = defaultdict(list)
        for workload in analysis.estate.workloads:
            if workload.phi is PhiStatus.UNCLASSIFIED and not workload.relay:
                how = "; ".join(f"{u.provider} {u.host or 'unknown host'}" for u in workload.uses)
                roots[_root(workload.resource)].append((workload.resource, f"uses {how}"))
        for orphan in analysis.estate.orphans:
            if analysis.names.administers(orphan.resource.type):
                continue  # manages the organization; what it sends is no prompt
            first = orphan.evidence[0]
            roots[_root(orphan.resource)].append(
                (orphan.resource, f"no visible reader; {first.say()}")
            )
        for _, found in sorted(roots.items()):
            yield self._one(found)

    def _one(self, found: list[tuple[Resource, str]]) -> Finding:
        from openai_phi.model import Place, Role, Step

        first = min((r for r, _ in found), key=lambda r: (r.file, r.line, r.id))
        names = sorted({r.id for r, _ in found})
        said = (
            f"{names[0]} uses OpenAI, and nothing classifies its data"
            if len(names) == 1
            else f"{len(names)} resources use OpenAI, and nothing classifies their data: {', '.join(names)}"
        )
        lines = "\n".join(f"  - {{match: {scalar(n)}, data: none}}   # or phi" for n in names)
        return self.finding(
            first.id,
            Place(first.file, first.line),
            f"{said}.",
            remediation=f"Team: say in openai-compliance.yaml what data each one handles:\nversion: 1\nworkloads:\n{lines}",
            trace=tuple(
                Step(f"{r.id} at {r.file}:{r.line}: {how}", r.place(), Role.ALSO)
                for r, how in found
            ),
            handle=first.handle,
            end_line=first.end_line,
            also=tuple(n for n in names if n != first.id),
        )


def _root(resource: Resource) -> str:
    """What is asked about once: a Terraform root folder, or all that one tool reads of the scan."""
    return resource.scope if resource.framework.startswith("terraform") else ""


publish(DataNotClassified())
