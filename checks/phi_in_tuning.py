"""OAI_COVERAGE_8: PHI goes into fine-tuning or evaluation, or a model tuned on it is used elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class PhiInTuning(Rule):
    id = "OAI_COVERAGE_8"
    title = "Ensure that no PHI goes into the tuning or evaluation of models"
    severity = "HIGH"
    why = "What a model learned it may tell everybody who calls it, and training files stay until somebody deletes them."
    law = ("45 CFR 164.502(a)", "45 CFR 164.502(b)", "45 CFR 164.504(e)(2)")
    prove = "Tune with synthetic or de-identified data and declare it so (`data: synthetic` with its basis), or record terms that cover tuning."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.sharing_findings import tuned

        return tuned(self, analysis)


publish(PhiInTuning())
