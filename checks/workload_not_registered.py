"""OAI_DECLARATION_7: a workload that uses a provider is not registered where the policy demands it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class WorkloadNotRegistered(Rule):
    id = "OAI_DECLARATION_7"
    title = "Ensure that every workload that uses OpenAI is registered where the policy demands it"
    severity = "MEDIUM"
    why = "What nobody registered, nobody has looked at: its data, its key, its endpoints."
    law = (
        "45 CFR 164.308(a)(1)(ii)(A)",
        "GDPR Art. 30",
        "GDPR Art. 35",
        "SOC 2 CC6.1",
    )
    prove = "Add the workload to the compliance file that is in force for its folder."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.words.fixes import (
            ANYTHING,
            ENDPOINT,
            PROJECT,
            Actor,
            Declares,
            Fix,
            Value,
            added,
        )

        policy = analysis.declarations.policy
        if policy is None or not policy.registration:
            return
        for workload in analysis.estate.workloads:
            if workload.declaration is not None or workload.relay:
                continue
            resource = workload.resource
            hosts = ", ".join(sorted({u.host or f"a host of {u.provider}" for u in workload.uses}))
            entry: dict[str, Value] = {
                "match": resource.id,
                "data": ANYTHING,
                "project": PROJECT,
                "endpoints": (ENDPOINT,),
                "features": (),
            }
            yield self.finding(
                resource.id,
                resource.place(),
                f"{resource.id} uses {hosts} and no compliance file registers it, as {policy.file} demands.",
                fixes=(
                    Fix(
                        who=Actor.TEAM,
                        additions=(added(Declares.COMPLIANCE, "workloads", entry),),
                        whole=True,
                    ),
                ),
                handle=resource.handle,
                end_line=resource.end_line,
                variant=resource.variant,
                cause="not registered",
            )


publish(WorkloadNotRegistered())
