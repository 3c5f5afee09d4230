"""OAI_AZURE_2: a preview (a model, an endpoint, a feature; low: an API version alone) is used with PHI."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class PreviewWithPhi(Rule):
    id = "OAI_AZURE_2"
    title = "Ensure that nothing that is only a preview is used with PHI"
    severity = "HIGH"
    why = "The product terms that hold the agreement leave previews out."
    law = ("45 CFR 164.502(e)(1)(i)", "45 CFR 164.308(b)(1)", "SOC 2 CC9.2")
    prove = "Deploy a model version, and call an API version, that is generally available, and name them (`models` of the compliance file, or a deployment that the code declares)."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.account_findings import preview_api_findings
        from openai_phi.finding.findings import broken_findings
        from openai_phi.words.verdict import Conjunct

        yield from broken_findings(self, analysis, Conjunct.AVAILABILITY)
        yield from preview_api_findings(self, analysis)


publish(PreviewWithPhi())
