"""OAI_COVERAGE_1: PHI reaches an endpoint that is known not to be covered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class PhiReachesUncoveredEndpoint(Rule):
    id = "OAI_COVERAGE_1"
    title = "Ensure that PHI reaches only OpenAI endpoints that the BAA covers"
    severity = "CRITICAL"
    why = "PHI that is sent to an endpoint outside the agreement is disclosed without one."
    law = (
        "45 CFR 164.502(a)",
        "45 CFR 164.502(e)(1)(i)",
        "45 CFR 164.308(b)(1)",
        "45 CFR 164.402",
        "45 CFR 164.410",
        "SOC 2 CC9.2",
    )
    prove = "Bind the workload to covered endpoints (`endpoints` of the compliance file, a route of a gateway, an egress rule with paths), or record the terms that do cover the endpoint."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.findings import broken_findings
        from openai_phi.words.verdict import Conjunct

        return broken_findings(self, analysis, Conjunct.ENDPOINT)


publish(PhiReachesUncoveredEndpoint())
