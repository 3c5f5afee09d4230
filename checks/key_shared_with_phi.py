"""OAI_SECRET_3: one key or project serves PHI and other workloads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class KeySharedWithPhi(Rule):
    id = "OAI_SECRET_3"
    title = "Ensure that PHI has a project and a key of its own"
    severity = "MEDIUM"
    why = "A key of the PHI project in another workload opens what PHI workloads stored, and hides who sent what."
    law = (
        "45 CFR 164.312(a)(1)",
        "45 CFR 164.312(a)(2)(i)",
        "45 CFR 164.312(b)",
        "GDPR Art. 32",
        "SOC 2 CC6.3",
    )
    prove = "Make a project and a key for the workloads with PHI alone, and map the secret to it under `credentials`."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.sharing_findings import shared_keys

        return shared_keys(self, analysis)


publish(KeySharedWithPhi())
