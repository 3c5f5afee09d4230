"""OAI_SCAN_1: something that could matter was not read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class SomethingNotRead(Rule):
    id = "OAI_SCAN_1"
    title = "Ensure that everything that could declare OpenAI use or PHI was read"
    severity = "HIGH"
    why = "A gate that did not look must not pass: what was not read may send PHI anywhere."
    law = ("45 CFR 164.308(a)(1)(ii)(A)", "45 CFR 164.308(a)(8)", "SOC 2 CC7.1")
    prove = "Mend the file or install what reads it; if it need not be read, record it under `unread` with an approver and a date."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.words.fixes import Actor, Fix
        from openai_phi.words.found import without_lines
        from openai_phi.words.observed import Role, Step
        from openai_phi.words.places import Place

        listed = [u for u in analysis.unread if not u.matters]
        for item in analysis.unread:
            if not item.matters:
                continue
            seen = f", although it carries a signature ({item.signature})" if item.signature else ""
            trace = tuple(
                Step(
                    f"also not read, without a signature: {u.file}: {u.reason}",
                    Place(u.file, u.line),
                    Role.ALSO,
                )
                for u in listed[:5]
            )
            said = f"{item.file} was not read{seen}: {item.reason}."
            what = (
                f"{_fix(item.file, item.reason)}. If it is never deployed, record it under "
                "`unread` in openai-compliance.yaml."
            )
            yield self.finding(
                item.file,
                Place(item.file, item.line),
                said,
                cause=without_lines(said),
                fixes=(Fix(who=Actor.TEAM, what=what),),
                trace=trace,
            )


def _fix(file: str, reason: str) -> str:
    """What makes the scan see it, by why it did not."""
    folder = file.rpartition("/")[0] or "."
    if "missing in charts/" in reason:
        return f"fetch what the chart depends on before the scan (helm dependency build {folder})"
    if "without a Chart.yaml" in reason:
        return "write the chart's Chart.yaml before the scan, as its release does"
    if "nothing here fills in" in reason:
        return "fill the template in before the scan, and scan what comes of it"
    return "mend the file (or install what reads it) so that the scan sees it"


publish(SomethingNotRead())
