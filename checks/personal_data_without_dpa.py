"""OAI_RESIDENCY_2: personal data of the EU is sent to a provider without a data processing agreement in force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class PersonalDataWithoutDpa(Rule):
    id = "OAI_RESIDENCY_2"
    title = "Ensure that a data processing agreement is in force for personal data of the EU"
    severity = "MEDIUM"
    why = "A processor may only act under a contract that binds it (GDPR Art. 28)."
    law = (
        "GDPR Art. 28(3)",
        "GDPR Art. 9",
        "SOC 2 CC9.2",
    )
    prove = "Record the signed addendum in the policy: `agreements: - {kind: dpa, provider: openai, organizations: [org-…], signed_on: …}`."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.residency_findings import without_dpa

        return without_dpa(self, analysis)


publish(PersonalDataWithoutDpa())
