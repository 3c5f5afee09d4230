"""OAI_SCAN_3: the catalogue edition that is judged by is past its review."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class EditionOutdated(Rule):
    id = "OAI_SCAN_3"
    title = "Ensure that the catalogue of what providers promise is not past its review"
    severity = "LOW"
    why = "Providers change their terms; what an old edition covers may no longer be covered."
    law = ("45 CFR 164.308(a)(8)", "45 CFR 164.316(b)(2)(iii)", "SOC 2 CC9.2")
    prove = "Update openai-phi to a version whose catalogue was read again."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.words.fixes import Actor, Fix
        from openai_phi.words.places import Place

        stale = analysis.stale_editions if analysis.whole and analysis.concerned else ()
        if not stale:
            return
        policy = analysis.declarations.policy
        said = "; ".join(f"{e.provider} {e.id}, by {e.review_by}" for e in stale)
        yield self.finding(
            policy.file if policy else "openai-phi",
            Place(policy.file if policy else "openai-phi", 1),
            f"the catalogue editions that this scan judges by were due for review: {said}.",
            fixes=(
                Fix(
                    who=Actor.TEAM,
                    what="update openai-phi; its newest editions say what providers promise today.",
                ),
                Fix(
                    who=Actor.COMPLIANCE,
                    what="where the policy names an edition (catalogue.edition), take it out or name a newer one.",
                ),
            ),
            cause=said,
        )


publish(EditionOutdated())
