"""OAI_AZURE_1: content of a PHI workload may be kept and read to watch for abuse, as no approval of modified monitoring is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class AbuseMonitoringNotModified(Rule):
    id = "OAI_AZURE_1"
    title = "Ensure that modified abuse monitoring is approved for PHI"
    severity = "LOW"
    why = "Until modified abuse monitoring is approved, prompts may be sampled, kept and read by people. This never changes the verdict."
    law = ("45 CFR 164.308(a)(1)(ii)(A)", "45 CFR 164.308(a)(1)(ii)(B)", "SOC 2 CC9.2")
    prove = "Record Microsoft's approval in the policy: `agreements: - {kind: modified_abuse_monitoring, provider: azure-openai, approved_on: …}`."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.account_findings import monitored

        return monitored(self, analysis)


publish(AbuseMonitoringNotModified())
