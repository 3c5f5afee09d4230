"""OAI_COVERAGE_3: the retention control is known to be off for the project."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class RetentionControlOff(Rule):
    id = "OAI_COVERAGE_3"
    title = "Ensure that the retention control is on for projects that handle PHI"
    severity = "CRITICAL"
    why = (
        "The agreement covers endpoints only with the retention control that the edition asks for."
    )
    law = ("45 CFR 164.502(e)(1)(i)", "45 CFR 164.308(b)(1)", "SOC 2 CC9.2")
    prove = "Set `openai_project_data_retention` in Terraform, or record the approval for the project in the policy (`kind: zdr`) and its `retention`."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.findings import broken_findings
        from openai_phi.words.verdict import Conjunct

        return broken_findings(self, analysis, Conjunct.RETENTION)


publish(RetentionControlOff())
