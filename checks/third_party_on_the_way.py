"""OAI_COVERAGE_5: PHI passes a gateway or a proxy of a third party that decrypts it, and no agreement with it is in force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class ThirdPartyOnTheWay(Rule):
    id = "OAI_COVERAGE_5"
    title = "Ensure that every party that decrypts PHI on its way has an agreement"
    severity = "CRITICAL"
    why = "A gateway that decrypts sees the whole prompt, and the provider's agreement does not reach it; who only transmits is a conduit."
    law = (
        "45 CFR 164.502(a)",
        "45 CFR 164.502(e)(1)(i)",
        "45 CFR 164.308(b)(1)",
        "45 CFR 164.504(e)",
        "45 CFR 164.402",
        "45 CFR 164.410",
        "GDPR Art. 28(2)",
        "GDPR Art. 28(4)",
        "SOC 2 CC6.7",
        "SOC 2 CC9.2",
    )
    prove = "Record the agreement with the party (`kind: baa`, with its `hosts`), or say in `gateways` that you operate it, or that it does not terminate TLS."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.findings import broken_findings
        from openai_phi.words.verdict import Conjunct

        return broken_findings(self, analysis, Conjunct.PARTY)


publish(ThirdPartyOnTheWay())
