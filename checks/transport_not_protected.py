"""OAI_TRANSPORT_1: requests with PHI go over plain HTTP, TLS below 1.2, or with the verification of certificates off, or pass a front door that lets in as much."""

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


class TransportNotProtected(Rule):
    id = "OAI_TRANSPORT_1"
    title = "Ensure that PHI travels encrypted to a party that is verified"
    severity = "HIGH"
    why = "Without TLS, or without knowing who is at its other end, anybody between can read and change the prompt."
    law = (
        "45 CFR 164.312(e)(1)",
        "45 CFR 164.312(e)(2)(i)",
        "45 CFR 164.312(e)(2)(ii)",
        "GDPR Art. 32",
        "SOC 2 CC6.7",
    )
    prove = "Use https with verification on and TLS 1.2 or newer; within a cluster a strict mTLS mesh that the scan sees is enough."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        from openai_phi.finding.findings import weak_spot_findings

        return weak_spot_findings(self, analysis, "transport", _fix)


def _fix(spot: WeakSpot) -> tuple[Fix, ...]:
    from openai_phi.words.fixes import Actor, Fix

    place = spot.place.changed_at
    at = f"{place.file}:{place.line}"
    if spot.fix:
        what = f"accept TLS 1.2 and above alone; at {at}: {spot.fix}."
    else:
        what = (
            f"use https:// with TLS 1.2 or above and leave verification on; change what stands at {at}. "
            "In a cluster a strict mTLS mesh does as well "
            "(PeerAuthentication with mtls.mode: STRICT for the namespace that is called)."
        )
    return (Fix(who=Actor.TEAM, what=what),)


publish(TransportNotProtected())
