"""OAI_EGRESS_2: egress rules or a gateway let a workload with PHI reach more of a provider than is declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class EgressWiderThanDeclared(Rule):
    id = "OAI_EGRESS_2"
    title = "Ensure that egress and gateways allow no more than is declared"
    severity = "MEDIUM"
    why = "An allowance that nobody declared is a way for PHI that nobody judged."
    law = (
        "45 CFR 164.308(a)(1)(ii)(A)",
        "45 CFR 164.308(a)(1)(ii)(B)",
        "SOC 2 CC6.6",
        "SOC 2 CC6.7",
    )
    prove = "Narrow the rule to the declared hosts and paths, or declare what is really used."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.egress_findings import wider

        return wider(self, analysis)


publish(EgressWiderThanDeclared())
