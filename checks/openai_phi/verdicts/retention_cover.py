"""Whether the retention control that the edition asks for is shown for the project of a use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from openai_phi.declared.retention_controls import RetentionState
from openai_phi.reading.terraform.proofs import RetentionProof
from openai_phi.verdicts.endpoint_cover import Listed
from openai_phi.verdicts.use_facts import Facts
from openai_phi.words.fixes import Actor
from openai_phi.words.observed import Assurance, Use
from openai_phi.words.verdict import Broken, Conjunct, Held, Missing, Outcome

ZERO = frozenset({"zero_data_retention", "enhanced_zero_data_retention"})
"""What Terraform calls the controls that keep nothing."""
_UNRECORDED = "zero data retention of the key's project is not recorded"


def retention_cover(facts: Facts, rows: Sequence[Listed]) -> Outcome:
    """What is known of the control: by the code, by the policy, else by what the workload claims."""
    if rows and not any(edition.needs_retention_control([row]) for edition, row in rows):
        because = "nothing is kept, and the edition asks for no control"
        return replace(_held(Assurance.ENFORCED, because), fact=True)
    if facts.retention_set is not None:
        return _set(facts.retention_set, facts)
    if not facts.has_policy:
        return _claimed(facts.use)
    control = facts.retention
    if control is None:
        return _missing(_UNRECORDED)
    if control.state is RetentionState.ON:
        return _held(Assurance.ATTESTED, f"{control.reason} at {control.place}")
    if control.state is RetentionState.OFF:
        return Broken(
            conjunct=Conjunct.RETENTION,
            reason=control.reason,
            subject=facts.project or "",
            places=(control.place,),
        )
    return _missing(f"retention of project {facts.project}: {control.reason}")


def controls(facts: Facts, outcomes: Iterable[Outcome]) -> frozenset[str]:
    """The controls that are shown: `logs` (no abuse logs), `state` (nor what requests ask to store)."""
    if facts.monitoring_modified:
        return frozenset({"logs"})
    if not any(isinstance(o, Held) and o.conjunct is Conjunct.RETENTION for o in outcomes):
        return frozenset()
    shown = zero(facts)
    if not shown and facts.has_policy and not facts.retention_set:
        on = facts.retention is not None and facts.retention.state is RetentionState.ON
        if not on:
            return frozenset()  # nothing is kept anyway, and no control is shown
    return frozenset({"logs", "state"} if shown else {"logs"})


def zero(facts: Facts) -> bool:
    """Whether zero data retention itself is shown for a use's project, no control like it."""
    if facts.retention_set:
        return facts.retention_set.type in ZERO
    return facts.zero_retention if facts.has_policy else facts.use.zdr_claim is True


def _set(proof: RetentionProof, facts: Facts) -> Outcome:
    """What `openai_project_data_retention` of the scanned code says of the use's project."""
    set_to = f"Terraform sets {proof.type} for {proof.project} at {proof.place}"
    if proof.type in ZERO:
        return _held(Assurance.ENFORCED, set_to)
    if proof.type == "none":
        return Broken(
            conjunct=Conjunct.RETENTION,
            reason=f"Terraform switches the retention control off for {proof.project}",
            subject=proof.project,
            places=(proof.place,),
            assurance=Assurance.ENFORCED,
        )
    # a control that is not zero data retention counts where the policy attests that it does
    if facts.modified_retention_at and proof.type.endswith("modified_abuse_monitoring"):
        because = f"{set_to}, and {facts.modified_retention_at} attests that it is enough"
        return _held(Assurance.ATTESTED, because)
    return _missing(f"{set_to}, which is not known to be zero data retention")


def _claimed(use: Use) -> Outcome:
    if use.zdr_claim is True:
        return _held(Assurance.CLAIMED, "the workload says that zero data retention is on")
    if use.zdr_claim is False:
        return Broken(
            conjunct=Conjunct.RETENTION,
            reason="the workload says that zero data retention is off",
            subject=use.project or "",
        )
    return _missing(_UNRECORDED)


def _held(assurance: Assurance, because: str) -> Held:
    return Held(conjunct=Conjunct.RETENTION, assurance=assurance, because=because)


def _missing(what: str) -> Missing:
    return Missing(conjunct=Conjunct.RETENTION, what=what, who=Actor.COMPLIANCE)
