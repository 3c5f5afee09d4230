"""OAI_EGRESS_1: a workload with PHI may reach any address, though the policy asks otherwise or network policies select it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class EgressNotRestricted(Rule):
    id = "OAI_EGRESS_1"
    title = "Ensure that workloads with PHI reach only what is declared"
    severity = "LOW"
    why = "What a workload may reach bounds where PHI can go, whatever its code does."
    law = ("45 CFR 164.308(a)(1)(ii)(B)", "SOC 2 CC6.6", "SOC 2 CC6.7")
    prove = "Select the workload by a policy that names its hosts (Cilium `toFQDNs`, Istio, a cloud firewall), and nothing wider."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.egress_findings import unrestricted

        return unrestricted(self, analysis)


publish(EgressNotRestricted())
