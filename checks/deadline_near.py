"""OAI_DECLARATION_8: an agreement, review, report or exception falls due within 30 days, an endpoint within 90."""

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
    title = (
        "Ensure that agreements, reviews, exceptions and endpoints are renewed before they fall due"
    )
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
        from openai_phi.verdicts.retirements import retirements
        from openai_phi.words.fixes import Fix

        for workload, place, due in retirements(analysis.assessments, analysis.today):
            resource = workload.resource
            yield self.finding(
                resource.id,
                place if place.file == resource.file else resource.place(),
                f"{due.what} on {due.day}.",
                fixes=(Fix(what=due.todo),),
                handle=resource.handle,
                end_line=resource.end_line,
                variant=resource.variant,
                cause=due.what,
            )
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
