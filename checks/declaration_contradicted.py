"""OAI_DECLARATION_4: what is declared is contradicted by what the infrastructure is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class DeclarationContradicted(Rule):
    id = "OAI_DECLARATION_4"
    title = "Ensure that declarations about data agree with the infrastructure"
    severity = "HIGH"
    why = (
        "A workload declared free of PHI that reads a PHI store is judged as one that handles PHI."
    )
    law = (
        "45 CFR 164.308(a)(1)(ii)(A)",
        "45 CFR 164.502(d)",
        "45 CFR 164.514(a)",
        "45 CFR 164.514(b)",
        "SOC 2 C1.1",
    )
    prove = "Remove the reference to the store of PHI, or declare the workload as what it is."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.words.fixes import Actor, Fix
        from openai_phi.words.found import without_lines
        from openai_phi.words.observed import steps
        from openai_phi.words.places import Place

        for workload in analysis.estate.workloads:
            resource, declared = workload.resource, workload.declaration
            if declared is None or not workload.contradiction:
                continue
            first, at = workload.contradiction[0], declared.place
            said = f"{resource.id} is declared to handle {declared.data} data at {at}, but {first.say()}."
            yield self.finding(
                resource.id,
                Place(resource.file, resource.line),
                said,
                cause=without_lines(said),
                fixes=(
                    Fix(
                        who=Actor.TEAM,
                        what=f"correct the declaration at {at} (data: phi), or remove what contradicts it. "
                        "Until then the workload is judged as one that handles PHI.",
                    ),
                ),
                trace=steps(workload.contradiction),
                handle=resource.handle,
                end_line=resource.end_line,
                changed_at=first.place.changed_at if first.place.written[0] else None,
                environments=resource.environments,
            )


publish(DeclarationContradicted())
