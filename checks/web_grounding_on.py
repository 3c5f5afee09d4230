"""OAI_AZURE_4: web grounding is on for a workload with PHI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class WebGroundingOn(Rule):
    id = "OAI_AZURE_4"
    title = "Ensure that web grounding is off for workloads with PHI"
    severity = "CRITICAL"
    why = "Grounding on the web sends the query to a search engine, outside the boundary that the product terms cover."
    law = (
        "45 CFR 164.502(a)",
        "45 CFR 164.502(e)(1)(i)",
        "45 CFR 164.308(b)(1)",
        "SOC 2 CC6.7",
        "SOC 2 CC9.2",
    )
    prove = "Leave the grounding tool out, and declare the features in use: `features: []`."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.findings import broken_findings
        from openai_phi.words.verdict import Conjunct

        return broken_findings(self, analysis, Conjunct.GROUNDING)


publish(WebGroundingOn())
