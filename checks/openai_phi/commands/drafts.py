"""Drafts a policy and a compliance file from what a scan saw; people confirm, nothing is agreed on their behalf."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from openai_phi.commands.asked import Answers, made_up_environments
from openai_phi.finding.results import Result
from openai_phi.words.fixes import scalar
from openai_phi.words.observed import Confidence, PhiStatus, Use, Workload
from openai_phi.words.resources import SecretRef

_NO_AGREEMENT = """\
# The agreements that were signed. Write only what is signed, with its document; nothing here is a draft.
# agreements:
#   - {kind: baa, provider: openai, organizations: [org-…], terms: openai-baa-2026-10, signed_on: YYYY-MM-DD,
#      document: {reference: …}}
#   - {kind: zdr, provider: openai, projects: [proj_…], approved_on: YYYY-MM-DD, document: {reference: …}}
"""
_SCHEMAS = "https://raw.githubusercontent.com/openai-phi/openai-phi/main/schemas/"
"""Where editors find the schemas; `openai-phi schema` prints them."""
_EDITOR = "# yaml-language-server: $schema={}openai-{}.schema.json"
_LIMITS = """\
# limits: {minimum_assurance: attested, approvers: [compliance@…]}

# Reports in files say that a disclosure is presumed a breach until assessed; off leaves it out.
# report: {legal: on}
"""


def policy_draft(result: Result) -> str:
    """A policy for compliance to complete: valid as it is, and it covers nothing."""
    uses = [u for w in result.analysis.estate.workloads for u in w.uses]
    lines = [
        _EDITOR.format(_SCHEMAS, "policy"),
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


def compliance_draft(result: Result, answers: Answers) -> str:
    """A compliance file for the team to complete: it says what is seen, and narrows nothing by itself."""
    workloads = [w for w in result.analysis.estate.workloads if w.uses]
    lines = [
        _EDITOR.format(_SCHEMAS, "compliance"),
        "# openai-compliance.yaml: this repository's. The team owns it; confirm each line, then uncomment it (take away its # and one space).",
        "version: 1",
        "",
    ]
    found = _by_name(workloads)
    if not found:
        return (
            "\n".join([*lines, "# No workload was seen that uses a provider.", "# workloads:"])
            + "\n"
        )
    certain = answers.made_up or any(w[0].id in answers.data or _certain(w) for w in found)
    lines.append("workloads:" if certain else "# workloads:")
    lines += _environments(workloads, answers)
    for same in sorted(found, key=lambda w: (not _certain(w), w[0].id)):
        lines += _workload(same, answers)
    return "\n".join(lines) + "\n"


def _by_name(workloads: Iterable[Workload]) -> list[list[Workload]]:
    """Workloads, those together that one line speaks of: a module's in several roots, a chart's with several values."""
    groups: dict[str, list[Workload]] = {}
    for workload in workloads:
        groups.setdefault(workload.id, []).append(workload)
    return list(groups.values())


def _certain(same: Sequence[Workload]) -> bool:
    return any(w.phi is PhiStatus.PHI for w in same)


def _environments(workloads: Sequence[Workload], answers: Answers) -> Iterator[str]:
    """A line for each environment whose data may all be made up."""
    for name in made_up_environments(workloads):
        basis = answers.made_up.get(name, "")
        if not basis:
            yield f"  # Is all data in {_line(name)} made up? Then this one line says so, with what it was made with."
        entry = f'{{match: "*", environments: [{scalar(name)}], data: synthetic, basis: {scalar(basis or "…")}}}'
        yield f"  {'' if basis else '# '}- {entry}"


def _workload(same: Sequence[Workload], answers: Answers) -> Iterator[str]:
    phi, workload = _certain(same), same[0]
    answered = answers.data.get(workload.id, "")
    deployed = list(dict.fromkeys(e for w in same for e in w.resource.environments))
    left = [e for e in deployed if e not in answers.made_up]
    if deployed and not left:
        return  # the line of its environments speaks of it
    uses = [u for w in same for u in w.uses]
    lead = "" if phi or answered else "# "
    yield f"  # {_line(workload.id)} at {_line(str(workload.resource.place()))}"
    for evidence in sorted(
        workload.phi_evidence, key=lambda e: e.confidence is Confidence.SUSPECTED
    )[:1]:
        yield f"  # {_line(evidence.say())}"
    if not phi and not any(w.undecided for w in same):
        yield "  # That is no PHI by its own word; a line is needed only where the policy asks for registration."
    elif not phi and not answered:
        yield "  # What data does it send? phi, limited_data_set, none, synthetic (with basis), deidentified."
    yield f"  {lead}- match: {scalar(workload.id)}"
    if left != deployed:
        yield f"  {lead}  environments: [{', '.join(map(scalar, left))}]"
    yield f"  {lead}  data: {answered or ('phi' if phi else '…')}"
    projects = sorted({u.project for u in uses if u.project}) or ["proj_…"]
    secrets = ", ".join(sorted({str(s) for u in uses for s in u.secrets}))
    note = f"   # the key: {_line(secrets)}" if secrets else "   # whose key is it?"
    yield f"  #   project: {scalar(projects[0])}{note}"
    endpoints = sorted({e for u in uses for e in u.endpoints if e != "*"})
    seen = ", ".join(map(scalar, endpoints))
    asked = "seen; list all that it calls" if endpoints else "none was seen; list all that it calls"
    yield f"  #   endpoints: [{seen}]   # {asked}"
    features = ", ".join(sorted({scalar(f) for u in uses for f in u.features}))
    yield f"  #   features: [{features}]"


def _line(text: str) -> str:
    """A text that stays within its comment."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
