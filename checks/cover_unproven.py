"""OAI_COVERAGE_9: nothing is known to be broken, but cover is not shown: what is missing, all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class CoverUnproven(Rule):
    id = "OAI_COVERAGE_9"
    title = "Ensure that cover is shown for every way in which PHI reaches OpenAI"
    severity = "HIGH"
    why = "The satisfactory assurance must be documented; what nothing shows cannot be relied on."
    law = ("45 CFR 164.502(e)(2)", "45 CFR 164.308(b)(3)", "SOC 2 CC9.2")
    prove = "Give each missing proof that the finding lists; the lines to paste are in its fix."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.findings import unproven_findings
        from openai_phi.finding.unaccounted_findings import gap_findings, unaccounted_findings

        yield from unproven_findings(self, analysis)
        yield from unaccounted_findings(self, analysis)
        yield from gap_findings(self, analysis)


publish(CoverUnproven())
