"""OAI_RESIDENCY_1: a host, a project or a deployment that data is sent to lies outside the declared region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class OutsideDeclaredRegion(Rule):
    id = "OAI_RESIDENCY_1"
    title = "Ensure that data stays in the declared region"
    severity = "MEDIUM"
    why = "The organization declared where content may go; a host, project or SKU that is not bound to it stores or processes it elsewhere."
    law = (
        "45 CFR 164.308(a)(1)(ii)(A)",
        "GDPR Art. 44-49",
        "GDPR Art. 28(3)",
        "GDPR Art. 9",
    )
    prove = "Call the host of the declared region with a project of that geography, or deploy a SKU that infers there."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.residency_findings import outside_region

        return outside_region(self, analysis)


publish(OutsideDeclaredRegion())
