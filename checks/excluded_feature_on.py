"""OAI_COVERAGE_4: a feature that no agreement covers is on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class ExcludedFeatureOn(Rule):
    id = "OAI_COVERAGE_4"
    title = "Ensure that features outside the BAA are off for workloads with PHI"
    severity = "CRITICAL"
    why = "Live web search and remote tools send the prompt to parties that the agreement does not reach."
    law = (
        "45 CFR 164.502(a)",
        "45 CFR 164.502(e)(1)(i)",
        "45 CFR 164.308(b)(1)",
        "SOC 2 CC6.7",
        "SOC 2 CC9.2",
    )
    prove = "Switch the feature off where it is set, or deny it for the project with `openai_project_hosted_tool_permissions`; declare the features in use."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.findings import broken_findings
        from openai_phi.words.verdict import Conjunct

        return broken_findings(self, analysis, Conjunct.FEATURE)


publish(ExcludedFeatureOn())
