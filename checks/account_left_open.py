"""OAI_AZURE_3: the account that PHI is sent to may be called from any network, or with its keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class AccountLeftOpen(Rule):
    id = "OAI_AZURE_3"
    title = "Ensure that an account that PHI is sent to is closed to public networks and to local authentication"
    severity = "MEDIUM"
    why = "Whoever holds a key of the account can call it from anywhere, and read what it stores."
    law = (
        "45 CFR 164.312(a)(1)",
        "45 CFR 164.312(d)",
        "GDPR Art. 32",
        "SOC 2 CC6.1",
        "SOC 2 CC6.6",
    )
    prove = "Set public network access off or its default action to deny, and local authentication off, where the account is declared; or accept the finding with its reason."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.account_findings import open_accounts

        return open_accounts(self, analysis)


publish(AccountLeftOpen())
