"""OAI_COVERAGE_7: telemetry, tracing or a vector store of a third party receives PHI without an agreement, or a log keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class ThirdPartyReceivesContent(Rule):
    id = "OAI_COVERAGE_7"
    title = "Ensure that telemetry and vector stores that receive PHI have an agreement"
    severity = "CRITICAL"
    why = "Traces, spans and embeddings hold the same text as the prompt, and whoever receives them keeps it."
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
    prove = "Switch it off, hide inputs and outputs, use a host of your own, or record the agreement with the party (`kind: baa`, with its `hosts`)."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.findings import broken_findings, content_in_logs
        from openai_phi.words.verdict import Conjunct

        yield from broken_findings(self, analysis, Conjunct.RECEIVER)
        yield from content_in_logs(self, analysis)


publish(ThirdPartyReceivesContent())
