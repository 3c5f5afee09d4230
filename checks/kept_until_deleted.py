"""OAI_RETENTION_1: content of a PHI workload is kept until somebody deletes it, and nothing says when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class KeptUntilDeleted(Rule):
    id = "OAI_RETENTION_1"
    title = "Ensure that what an endpoint keeps until it is deleted ends"
    severity = "HIGH"
    why = "What nobody deletes is kept for ever, by a provider, with PHI in it."
    law = (
        "45 CFR 164.310(d)(2)(i)",
        "45 CFR 164.308(a)(1)(ii)(B)",
        "45 CFR 164.504(e)(2)(ii)(J)",
        "GDPR Art. 5(1)(e)",
        "SOC 2 C1.2",
    )
    prove = "Set `expires_after` where the object is made, or record who deletes it and when (`retention_days`)."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.retention_findings import kept_findings

        return kept_findings(self, analysis)


publish(KeptUntilDeleted())
