"""OAI_DECLARATION_6: a workload claims an agreement that nothing proves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class ClaimWithoutProof(Rule):
    id = "OAI_DECLARATION_6"
    title = "Ensure that what workloads claim about agreements is proven by the policy"
    severity = "MEDIUM"
    why = "A variable that says that a BAA is signed is the workload's own word, not evidence."
    law = ("45 CFR 164.502(e)(2)", "45 CFR 164.308(b)(3)", "SOC 2 CC9.2")
    prove = "Record the agreement in the policy, or let Terraform set the control; then the claim is not needed."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.findings import claims_without_proof
        from openai_phi.words.fixes import Actor, Fix
        from openai_phi.words.found import without_lines
        from openai_phi.words.observed import steps
        from openai_phi.words.places import Place

        for workload, claims in claims_without_proof(analysis):
            resource = workload.resource
            said = ", ".join(f"{e.name}={e.value}" for e in claims)
            yield self.finding(
                resource.id,
                Place(resource.file, claims[0].place.line or resource.line, claims[0].place.path),
                f"{resource.id} claims {said}, and nothing but the workload says so.",
                cause=without_lines(
                    f"{resource.id} claims {said}, and nothing but the workload says so."
                ),
                fixes=(
                    Fix(
                        who=Actor.COMPLIANCE,
                        what="record the agreement in openai-policy.yaml, or let "
                        "openai_project_data_retention set it in Terraform; then the claim is not needed.",
                    ),
                ),
                trace=steps(claims),
                handle=resource.handle,
                end_line=resource.end_line,
                environments=resource.environments,
            )


publish(ClaimWithoutProof())
