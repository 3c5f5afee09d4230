"""OAI_DECLARATION_1: the policy or a compliance file is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class DeclarationFileWrong(Rule):
    id = "OAI_DECLARATION_1"
    title = "Ensure that the OpenAI policy and compliance files are valid"
    severity = "HIGH"
    why = "What a wrong file declares does not count, so every PHI workload below it is unproven."
    law = ("45 CFR 164.308(b)(3)", "45 CFR 164.316(b)(1)")
    prove = "Mend the line that the finding names; `openai-phi validate` says the same with a hint."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.words.fixes import Fix
        from openai_phi.words.found import without_lines

        for mistake in analysis.mistakes:
            at = mistake.place
            said = f"{at.file}:{at.line} {mistake.message}".rstrip(".") + "."
            yield self.finding(
                at.file,
                at,
                said,
                cause=without_lines(said),
                fixes=(Fix(what=mistake.hint),) if mistake.hint else (),
            )


publish(DeclarationFileWrong())
