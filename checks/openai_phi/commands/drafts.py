"""Drafts a policy and a compliance file from what a scan saw; people confirm, nothing is agreed on their behalf."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from openai_phi.finding.results import Result
from openai_phi.words.fixes import scalar
from openai_phi.words.observed import PhiStatus, Use, Workload
from openai_phi.words.resources import SecretRef

_NO_AGREEMENT = """\
# The agreements that were signed. Write only what is signed, with its document; nothing here is a draft.
# agreements:
#   - {kind: baa, provider: openai, organizations: [org-…], terms: openai-baa-2026-10, signed_on: YYYY-MM-DD,
#      document: {reference: …}}
#   - {kind: zdr, provider: openai, projects: [proj_…], approved_on: YYYY-MM-DD, document: {reference: …}}
"""
_LIMITS = """\
# limits: {minimum_assurance: attested}
"""


def policy_draft(result: Result) -> str:
    """A policy for compliance to complete: valid as it is, and it covers nothing."""
    uses = [u for w in result.analysis.estate.workloads for u in w.uses]
    lines = [
        "# openai-policy.yaml: the organization's. Compliance owns it and completes it; CI hands it to every scan.",
        "# To use a line, fill in its blanks (…) and uncomment it: take away its # and one space.",
        "version: 1",
        "",
        *_NO_AGREEMENT.splitlines(),
        "",
        "# Each project of the provider, what it is set to, and what it may be used for.",
        *_projects(uses),
        "",
        "# Which project the key in each secret belongs to. Seen in this repository:",
        *_credentials(uses),
        *_gateways(uses),
        "",
        *_LIMITS.splitlines(),
    ]
    return "\n".join(lines) + "\n"


def _projects(uses: Sequence[Use]) -> Iterator[str]:
    yield "# projects:"
    known = sorted({(u.project, u.organization or "org-…") for u in uses if u.project})
    for project, organization in known or [("proj_…", "org-…")]:
        yield (
            f"#   - {{id: {scalar(project or '')}, organization: {scalar(organization)}, data: phi, "
            "retention: …, endpoints: [], features: []}"
        )


def _credentials(uses: Sequence[Use]) -> Iterator[str]:
    yield "# credentials:"
    secrets: set[SecretRef] = {s for u in uses for s in u.secrets}
    for secret in sorted(secrets, key=str):
        yield f"#   - {{project: proj_…, {secret.store}: {json.dumps(secret.name)}}}"
    if not secrets:
        yield '#   - {project: proj_…, kubernetes: "namespace/name#key"}'


def _gateways(uses: Sequence[Use]) -> Iterator[str]:
    hosts = sorted({h for u in uses for h in u.through})
    if hosts:
        yield ""
        yield "# Hosts that pass requests on. Who runs them, and do they decrypt?"
        yield "# gateways:"
        for host in hosts:
            yield (
                f"#   - {{host: {scalar(host)}, operated_by: self, terminates_tls: true, "
                "forwards_to: openai, project: proj_…}"
            )


def compliance_draft(result: Result) -> str:
    """A compliance file for the team to complete: it says what is seen, and narrows nothing by itself."""
    workloads = [w for w in result.analysis.estate.workloads if w.uses]
    lines = [
        "# openai-compliance.yaml: this repository's. The team owns it; confirm each line, then uncomment it (take away its # and one space).",
        "version: 1",
        "",
    ]
    found = list(_unique(workloads))
    if not found:
        return (
            "\n".join([*lines, "# No workload was seen that uses a provider.", "# workloads:"])
            + "\n"
        )
    certain = any(w.phi is PhiStatus.PHI for w in found)
    lines.append("workloads:" if certain else "# workloads:")
    for workload in sorted(found, key=lambda w: (w.phi is not PhiStatus.PHI, w.id)):
        lines += _workload(workload)
    return "\n".join(lines) + "\n"


def _unique(workloads: Iterable[Workload]) -> Iterator[Workload]:
    seen: set[str] = set()
    for workload in workloads:
        if workload.id not in seen:
            seen.add(workload.id)
            yield workload


def _workload(workload: Workload) -> Iterator[str]:
    phi = workload.phi is PhiStatus.PHI
    lead = "" if phi else "# "
    yield f"  # {_line(workload.id)} at {_line(str(workload.resource.place()))}"
    for evidence in workload.phi_evidence[:3]:
        yield f"  # {_line(evidence.say())}"
    if not phi:
        yield "  # What data does it send? phi, limited_data_set, none, synthetic (with basis), deidentified."
    yield f"  {lead}- match: {scalar(workload.id)}"
    yield f"  {lead}  data: {'phi' if phi else '…'}"
    projects = sorted({u.project for u in workload.uses if u.project}) or ["proj_…"]
    secrets = ", ".join(sorted({str(s) for u in workload.uses for s in u.secrets}))
    note = f"   # the key: {_line(secrets)}" if secrets else "   # whose key is it?"
    yield f"  #   project: {scalar(projects[0])}{note}"
    endpoints = sorted({e for u in workload.uses for e in u.endpoints if e != "*"})
    seen = ", ".join(map(scalar, endpoints))
    asked = "seen; list all that it calls" if endpoints else "none was seen; list all that it calls"
    yield f"  #   endpoints: [{seen}]   # {asked}"
    features = ", ".join(sorted({scalar(f) for u in workload.uses for f in u.features}))
    yield f"  #   features: [{features}]"


def _line(text: str) -> str:
    """A text that stays within its comment."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
