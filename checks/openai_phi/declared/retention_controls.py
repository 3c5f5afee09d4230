"""Whether zero data retention is on for a project, as the policy records it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from openai_phi.declared.agreements import Agreement
from openai_phi.declared.policy_file import Policy, Project
from openai_phi.words.places import Place

_ZDR = ("zero_data_retention", "enhanced_zero_data_retention")


class RetentionState(Enum):
    """Whether a retention control is on."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class RetentionControl:
    """What a policy says of a project's retention control."""

    state: RetentionState
    """Whether it is on."""
    place: Place
    """Where that is said, or where it would be."""
    reason: str
    """Why, as half a sentence."""


def retention_of(policy: Policy | None, project: str, today: date) -> RetentionControl:
    """Whether zero data retention, or what counts as it, is on for a project on a day."""
    known = policy.project(project) if policy else None
    place = known.place if known else Place(policy.file if policy else "", 1)
    said = known.retention if known else None
    if said == "none":
        reason = f"project {project} has retention: none, which switches the control off"
        return RetentionControl(state=RetentionState.OFF, place=place, reason=reason)
    for agreement in _settling(policy, project, known, said):
        standing = agreement.standing(today)
        kind = agreement.kind
        return RetentionControl(
            state=RetentionState.ON if standing.holds else RetentionState.UNKNOWN,
            place=agreement.place,
            reason=f"{kind} is approved for {project}"
            if standing.holds
            else f"the approval of {kind} does not hold: {standing.reason}",
        )
    return RetentionControl(
        state=RetentionState.ON if said in _ZDR else RetentionState.UNKNOWN,
        place=place,
        reason=_as_said(project, said),
    )


def _as_said(project: str, said: str | None) -> str:
    if said in _ZDR:
        return f"the policy records {said} for {project}"
    if said:
        return f"{said} is not zero data retention"
    return "the policy does not record its retention control"


def zero_retention(policy: Policy | None, project: str, today: date) -> bool:
    """Whether zero data retention itself is on for a project, not only a control like it."""
    if retention_of(policy, project, today).state is not RetentionState.ON:
        return False
    known = policy.project(project) if policy else None
    said = known.retention if known else None
    return said in _ZDR or any(
        a.kind == "zdr" and a.holds(today) for a in _settling(policy, project, known, said)
    )


def modified_retention(policy: Policy | None, project: str, today: date) -> Agreement | None:
    """The attestation in force that modified retention is what the project's BAA asks for."""
    known = policy.project(project) if policy else None
    for agreement in _settling(policy, project, known, None):
        if agreement.kind == "modified_retention":
            return agreement if agreement.holds(today) else None
    return None


def _settling(
    policy: Policy | None, project: str, known: Project | None, said: str | None
) -> Iterator[Agreement]:
    """The agreements on retention that speak of a project: by its id, or of its whole organization."""
    for agreement in policy.agreements if policy else ():
        if agreement.kind not in ("zdr", "modified_retention"):
            continue
        inherits = said in (None, "organization_default") and not agreement.projects
        of_organization = inherits and known and known.organization in agreement.organizations
        if project in agreement.projects or of_organization:
            yield agreement
