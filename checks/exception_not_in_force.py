"""OAI_DECLARATION_5: an exception is invalid, expired, not approved, or matches no finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.declared.exceptions import ExceptionEntry
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding

_NEEDLESS = "Team: take the entry out"
_OR_MEND = ", or give it the rule and the resource that a finding stands at."


class ExceptionNotInForce(Rule):
    id = "OAI_DECLARATION_5"
    title = "Ensure that exceptions are valid, approved, in force and needed"
    severity = "MEDIUM"
    why = (
        "An exception that does not hold takes nothing out, and one that nothing needs would hide the "
        "next finding of its kind."
    )
    law = ("45 CFR 164.308(a)(1)(ii)(B)", "45 CFR 164.306(d)(3)", "45 CFR 164.316(b)(1)")
    of_findings = True

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        if not analysis.whole:
            return
        from openai_phi.finding.exceptions_applied import Exemptions

        told: dict[tuple[str, str], int] = {}
        for entry, fault in Exemptions(analysis).faults():
            said = f"is {fault.kind.value} and takes nothing out: {fault.reason}"
            yield self._at(entry, said, fault.hint, told)
        for entry in analysis.unmatched:
            said = "matches no finding of this scan"
            yield self._at(entry, said, _NEEDLESS + ("." if entry.unread else _OR_MEND), told)

    prove = "Give the exception an approver of the policy, dates that hold, an owner and a ticket; where the rule cites an addressable specification, `why_not` and `equivalent_measure` as well; and take it out once nothing matches it."

    def _at(
        self, entry: ExceptionEntry, said: str, hint: str, told: dict[tuple[str, str], int]
    ) -> Finding:
        """The finding at an entry; of several in one file for the same each is one of its own."""
        from openai_phi.words.fixes import Fix

        day = f" {entry.approved_on}" if entry.emergency else ""
        cause = f"{entry.rule} {entry.resource}{day}"
        nth = told[entry.place.file, cause] = told.get((entry.place.file, cause), 0) + 1
        what = "unread entry" if entry.unread else f"exception from {entry.rule}"
        return self.finding(
            entry.place.file,
            entry.place,
            f"{entry.place}: the {what} for {entry.resource} {said}.",
            fixes=(Fix(what=hint),) if hint else (),
            cause=cause if nth == 1 else f"{cause} no. {nth}",
        )


publish(ExceptionNotInForce())
