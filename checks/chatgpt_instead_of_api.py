"""OAI_COVERAGE_6: ChatGPT, or a plan of it, is used instead of the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class ChatgptInsteadOfApi(Rule):
    id = "OAI_COVERAGE_6"
    title = "Ensure that workloads with PHI use the API and not ChatGPT"
    severity = "CRITICAL"
    why = "ChatGPT is another product than the API: the API's agreement does not reach it, and for most of its plans none is offered."
    law = (
        "45 CFR 164.502(a)",
        "45 CFR 164.502(e)(1)(i)",
        "45 CFR 164.308(b)(1)",
        "45 CFR 164.402",
        "45 CFR 164.410",
        "SOC 2 CC9.2",
    )
    prove = "Call the API with the key of a project that an agreement covers."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.findings import broken_findings
        from openai_phi.words.verdict import Conjunct

        return broken_findings(self, analysis, Conjunct.PRODUCT)


publish(ChatgptInsteadOfApi())
