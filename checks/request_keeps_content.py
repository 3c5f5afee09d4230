"""OAI_RETENTION_2: a request setting (store, background) makes the provider keep content of a PHI workload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class RequestKeepsContent(Rule):
    id = "OAI_RETENTION_2"
    title = "Ensure that requests with PHI do not ask the provider to keep them"
    severity = "MEDIUM"
    why = "Without zero data retention a request that stores leaves PHI with the provider."
    law = ("45 CFR 164.308(a)(1)(ii)(B)", "GDPR Art. 5(1)(e)", "SOC 2 C1.2")
    prove = "Set `store: false`, leave background mode and conversations out, or prove zero data retention for the project."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.retention_findings import stored_findings

        return stored_findings(self, analysis)


publish(RequestKeepsContent())
