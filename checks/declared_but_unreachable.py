"""OAI_EGRESS_3: what is declared for a workload with PHI is out of its reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class DeclaredButUnreachable(Rule):
    id = "OAI_EGRESS_3"
    title = "Ensure that what is declared can be reached"
    severity = "LOW"
    why = "A declaration that the network contradicts is out of date, or the network is not what is thought."
    law = ("45 CFR 164.308(a)(1)(ii)(A)", "45 CFR 164.308(a)(8)")
    prove = "Allow the declared host or path, or take it out of the declaration."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.egress_findings import unreachable

        return unreachable(self, analysis)


publish(DeclaredButUnreachable())
