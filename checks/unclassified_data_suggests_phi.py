"""OAI_DECLARATION_3: OpenAI is used, nothing classifies the data, and names suggest PHI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class UnclassifiedDataSuggestsPhi(Rule):
    id = "OAI_DECLARATION_3"
    title = "Ensure that workloads whose names suggest PHI are classified before they use OpenAI"
    severity = "HIGH"
    why = "A clinical workload that nobody classified is where PHI leaves unnoticed."
    law = ("45 CFR 164.308(a)(1)(ii)(A)", "45 CFR 164.502(e)", "SOC 2 C1.1")
    prove = "Classify the workload in the compliance file: `data: none`, `synthetic` with its basis, or `phi`."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.words.fixes import SUSPECTED, Actor, Declares, Fix, Value, added
        from openai_phi.words.found import without_lines
        from openai_phi.words.observed import Kind, PhiStatus, steps
        from openai_phi.words.places import Place

        for workload in analysis.estate.workloads:
            if workload.phi is not PhiStatus.SUSPECTED or workload.relay:
                continue
            hints = [e for e in workload.phi_evidence if e.kind is Kind.PHI]
            denials = workload.denials
            said = (
                f"only its own {denials[0].name} says that it handles none"
                if denials
                else "nothing says whether it handles any"
            )
            hosts = ", ".join(sorted({u.host or "an unknown host" for u in workload.uses}))
            resource = workload.resource
            message = (
                f"{resource.id} uses {hosts}, its {hints[0].name} ({hints[0].value}) suggests PHI, "
                f"and {said}."
            )
            entry: dict[str, Value] = {"match": resource.id, "data": SUSPECTED}
            note = "phi, none, or synthetic with its basis"
            yield self.finding(
                resource.id,
                Place(resource.file, resource.line),
                message,
                cause=without_lines(message),
                fixes=(
                    Fix(
                        who=Actor.TEAM,
                        what="classify it in openai-compliance.yaml:",
                        additions=(added(Declares.COMPLIANCE, "workloads", entry, note),),
                        whole=True,
                    ),
                ),
                trace=steps(
                    [*hints, *denials, *(u.evidence[0] for u in workload.uses if u.evidence)]
                ),
                handle=resource.handle,
                end_line=resource.end_line,
                environments=resource.environments,
            )


publish(UnclassifiedDataSuggestsPhi())
