"""OAI_STORAGE_1: a store that a workload with PHI and a provider refers to or calls, itself or through its gateway, is not encrypted at rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.fixes import Fix
    from openai_phi.words.found import Finding
    from openai_phi.words.observed import WeakSpot


class StoreNotEncrypted(Rule):
    id = "OAI_STORAGE_1"
    title = "Ensure that stores of prompts, outputs and embeddings are encrypted at rest"
    severity = "MEDIUM"
    why = (
        "What a workload sends and gets ends up in its databases, caches, queues and vector stores."
    )
    law = ("45 CFR 164.312(a)(2)(iv)", "GDPR Art. 32", "SOC 2 CC6.1")
    prove = "Switch encryption at rest on where the store is declared, or accept the finding with the reason and the equivalent measure (45 CFR 164.306(d)(3))."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.findings import weak_spot_findings

        return weak_spot_findings(self, analysis, "storage", _fix)


def _fix(spot: WeakSpot) -> tuple[Fix, ...]:
    from openai_phi.words.fixes import Actor, Fix

    at = f"{spot.place.file}:{spot.place.line}"
    return (Fix(who=Actor.TEAM, what=f"encrypt it at {at}:", code=(f"  {spot.fix}",)),)


publish(StoreNotEncrypted())
