"""OAI_COVERAGE_2: no BAA is recorded for the organization that PHI is sent to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class NoBaaRecorded(Rule):
    id = "OAI_COVERAGE_2"
    title = "Ensure that a BAA is recorded for the organization that PHI is sent to"
    severity = "CRITICAL"
    why = "Without an agreement in force, sending PHI is a disclosure that nothing permits."
    law = (
        "45 CFR 164.502(a)",
        "45 CFR 164.502(e)(1)(i)",
        "45 CFR 164.308(b)(1)",
        "45 CFR 164.504(e)",
        "45 CFR 164.402",
        "45 CFR 164.314(a)(1)",
        "45 CFR 164.410",
        "SOC 2 CC9.2",
    )
    prove = "Record the signed agreement in the policy: `agreements: - {kind: baa, provider: openai, organizations: [org-…], terms: …, signed_on: …}`."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.findings import missing_baa_findings

        return missing_baa_findings(self, analysis)


publish(NoBaaRecorded())
