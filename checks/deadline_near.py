"""OAI_DECLARATION_8: an agreement, review, report or exception falls due within 30 days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class DeadlineNear(Rule):
    id = "OAI_DECLARATION_8"
    title = "Ensure that agreements, reviews and exceptions are renewed before they fall due"
    severity = "LOW"
    why = "On the day after, what rests on it is no longer covered, and every gate closes at once."
    law = (
        "45 CFR 164.308(b)(3)",
        "45 CFR 164.308(a)(8)",
        "45 CFR 164.316(b)(2)(iii)",
        "SOC 2 CC9.2",
    )
    prove = "Renew or review the agreement and record the new date."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.words.fixes import Fix

        if not (analysis.whole and analysis.concerned):
            return
        from openai_phi.declared.deadlines import deadlines
        from openai_phi.finding.exceptions_applied import Exemptions

        valid = Exemptions(analysis).valid
        for due in deadlines(analysis.declarations, valid, analysis.today):
            when = "on" if due.day >= analysis.today else "and was so on"
            yield self.finding(
                due.place.file,
                due.place,
                f"{due.place}: {due.what} {when} {due.day}.",
                fixes=(Fix(what=due.todo),),
                cause=due.what,
            )


publish(DeadlineNear())
