"""OAI_SCAN_2: the repository weakens the gate, and no valid exception allows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class GateWeakened(Rule):
    id = "OAI_SCAN_2"
    title = "Ensure that the repository does not weaken the gate that judges it"
    severity = "HIGH"
    why = (
        "Who can change a scan's settings or skip a rule in the repository can pass any gate; an "
        "exception has an approver and a last day."
    )
    law = ("45 CFR 164.308(a)(1)(ii)(B)", "45 CFR 164.308(a)(8)", "SOC 2 CC8.1")
    prove = "Take the line out, or record an exception for the finding that it hides."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        if not analysis.weakenings:
            return
        from openai_phi.finding.exceptions_applied import Exemptions

        exemptions = Exemptions(analysis)
        for found in analysis.weakenings:
            if found.skip is not None and exemptions.settling(found.skip) is not None:
                continue
            yield self.finding(
                found.skip.resource if found.skip else found.place.file,
                found.place,
                found.message,
                fixes=found.fixes,
                cause=found.cause,
            )


publish(GateWeakened())
