"""OAI_SECRET_2: a workload holds a key that administers the whole organization."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class AdminKeyInWorkload(Rule):
    id = "OAI_SECRET_2"
    title = "Ensure that no workload holds an admin key"
    severity = "HIGH"
    why = "Whoever breaks into the workload can switch retention controls off and make keys of every project."
    law = ("45 CFR 164.308(a)(4)(i)", "45 CFR 164.312(a)(1)", "GDPR Art. 32", "SOC 2 CC6.3")
    prove = "Give the workload a key of its project, and keep the admin key with the pipeline that administers."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.sharing_findings import admin_keys

        return admin_keys(self, analysis)


publish(AdminKeyInWorkload())
