"""OAI_SECRET_1: a key stands in the code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class LiteralKey(Rule):
    id = "OAI_SECRET_1"
    title = "Ensure that no key of a provider stands in the code"
    severity = "HIGH"
    why = "Whoever reads the repository can send data, and read what was stored, with the key."
    law = ("45 CFR 164.308(a)(5)(ii)(D)", "45 CFR 164.312(d)", "GDPR Art. 32", "SOC 2 CC6.1")
    prove = "Keep the key in a secret store and refer to it; a placeholder is no key."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.words.fixes import Actor, Fix
        from openai_phi.words.found import without_lines
        from openai_phi.words.observed import steps

        for found in analysis.estate.keys:
            resource, first = found.resource, found.evidence[0]
            names = ", ".join(dict.fromkeys(e.name for e in found.evidence))
            said = f"{resource.id} holds a literal key of {analysis.names.titles[first.provider]} in {names}."
            yield self.finding(
                resource.id,
                first.place,
                said,
                cause=without_lines(said),
                fixes=(
                    Fix(
                        who=Actor.TEAM,
                        what="revoke the key now (it is in the history), make a new one, keep it in a secret "
                        "store and refer to it (secretKeyRef, a secrets manager's ARN, a parameter).",
                    ),
                ),
                trace=steps(found.evidence),
                handle=resource.handle,
                end_line=max(resource.end_line, first.place.line),
                changed_at=first.place.changed_at,
                environments=resource.environments,
            )


publish(LiteralKey())
