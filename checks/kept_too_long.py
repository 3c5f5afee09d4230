"""OAI_RETENTION_3: content is kept longer than the declared maximum."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class KeptTooLong(Rule):
    id = "OAI_RETENTION_3"
    title = "Ensure that content is kept no longer than the declared maximum"
    severity = "MEDIUM"
    why = "The organization declared how long content may be kept (limits.max_retention_days); a time that no page says may be any."
    law = ("45 CFR 164.308(a)(1)(ii)(B)", "GDPR Art. 5(1)(e)", "SOC 2 C1.2")
    prove = "Prove a retention control for the project, or raise `limits.max_retention_days` if the longer time is meant."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.retention_findings import too_long_findings

        return too_long_findings(self, analysis)


publish(KeptTooLong())
