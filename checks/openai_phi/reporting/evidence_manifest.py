"""The evidence manifest: what was scanned, by what, what covered verdicts rely on, and what was not judged."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from openai_phi.declared.agreements import Agreement
from openai_phi.declared.exceptions import UNREAD_RULE
from openai_phi.facts.controls import controls
from openai_phi.facts.data_files import engine_folder, load_yaml, schema_root
from openai_phi.facts.scope import scope
from openai_phi.facts.versions import versions
from openai_phi.finding.results import Result
from openai_phi.finding.rule_files import checks_folder
from openai_phi.reporting.accounted_rows import manifest_rows
from openai_phi.reporting.html_evidence import tells_law
from openai_phi.reporting.posture import Judged, posture, said
from openai_phi.reporting.reliance import relied_on
from openai_phi.scanning import repository
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.found import Exempt, Finding, Unread
from openai_phi.words.verdict import Verdict

VERSION = 1
SCHEMA = "https://openai-phi.dev/schemas/openai-phi-evidence.schema.json"
Data = dict[str, Any]


def render(result: Result) -> str:
    """The manifest as JSON text, with what git and the environment say now."""
    return as_text(manifest(result, repository.state_of(result.root), os.environ))


def as_text(document: Data) -> str:
    """The manifest as JSON text: the same bytes for the same document."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def manifest(result: Result, state: repository.State, environ: Mapping[str, str]) -> Data:
    """The manifest of a result as plain data. Its form: openai-phi-evidence.schema.json."""
    sums = posture(result)
    covered = [j for j in sums.judged if j.verdict is Verdict.COVERED]
    others = [j for j in sums.judged if j.verdict is not Verdict.COVERED]
    return {
        "$schema": SCHEMA,
        "version": VERSION,
        "scope": scope(),
        "repository": _repository(result, state),
        "run": run_of(environ),
        "scan": {
            "day": result.analysis.today.isoformat(),
            "complete": sums.complete,
            "summary": sums.line,
            "counts": sums.figures,
            "frameworks": list(result.frameworks),
            "variants": _variants(result),
            "notes": list(result.notes),
            "gaps": list(result.gaps),
        },
        "versions": versions(),
        "digests": _digests(result),
        "catalogue": [
            {"provider": e.provider, "id": e.id, "as_of": e.as_of, "review_by": e.review_by, "source": e.source}
            for e in result.catalogue.editions
        ],
        "agreements": _agreements(result),
        "rules": [_rule(result, r.rule.id) for r in result.runs],
        "covered": [_workload(result, j) for j in covered],
        "not_covered_or_unproven": [_workload(result, j) for j in others],
        "findings": [_finding(f, law=tells_law(result)) for f in result.findings],
        "exempt": [_exempt(e) for e in result.exempt],
        "exclusions": _exclusions(result),
        "destinations": manifest_rows(result.analysis),
        "unread": [_unread(u) for u in sorted(result.analysis.unread, key=_unread_order)],
    }  # fmt: skip


def run_of(environ: Mapping[str, str]) -> Data | None:
    """The run of a CI system that the environment tells of; None if it tells of none."""
    for each in load_yaml(schema_root() / "runs.yaml")["systems"]:
        if environ.get(each["present"]):
            facts = {k: environ[v] for k, v in each["facts"].items() if environ.get(v)}
            return {"system": each["system"], **facts}
    return None


def _repository(result: Result, state: repository.State) -> Data:
    return {
        "commit": state.commit,
        "origin": state.origin,
        "folder": repository.below(result.root),
        "dirty": state.dirty,
        "modified_files": state.modified,
        "untracked_files": state.untracked,
        "note": state.note,
    }


def _variants(result: Result) -> list[str]:
    found = {r.variant for r in result.inputs.resources if r.variant}
    return sorted({v for each in found for v in each.split(", ")})


def _digests(result: Result) -> Data:
    root = schema_root()
    declared = result.analysis.declarations
    policy = declared.policy
    return {
        "rules": _of_files(checks_folder(), checks_folder().glob("*.py")),
        "engine": engine_digest(),
        "catalogue": _of_files(root, (root / "catalog").rglob("*.yaml")),
        "signatures": _of_files(root, (root / "signatures").rglob("*.yaml")),
        "policy": {"file": policy.file, "sha256": policy.digest} if policy else None,
        "compliance_files": [
            {"file": f.file, "sha256": _sha(result.root / f.file)} for f in declared.files
        ],
    }


def engine_digest() -> Data:
    """The digest of each module of the engine, in all rooms, and one of them all.

    The rule files of a wheel lie within the engine's folder and have a digest of their own.
    """
    folder = engine_folder()
    files = (f for f in folder.rglob("*.py") if "_checks" not in f.relative_to(folder).parts)
    return _of_files(folder, files)


def _of_files(base: Path, files: Iterable[Path]) -> Data:
    """The digest of each file, and one of them all."""
    found = {f.relative_to(base).as_posix(): _sha(f) for f in sorted(files)}
    whole = "".join(f"{digest}  {name}\n" for name, digest in found.items())
    return {"sha256": hashlib.sha256(whole.encode("utf-8")).hexdigest(), "files": found}


def _sha(file: Path) -> str:
    """The digest of a file; empty if it cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""


def _agreements(result: Result) -> list[Data]:
    policy = result.analysis.declarations.policy
    return [_agreement(result, a) for a in (policy.agreements if policy else ())]


def _agreement(result: Result, agreement: Agreement) -> Data:
    standing = agreement.standing(result.analysis.today)
    return {
        "kind": agreement.kind,
        "provider": agreement.provider,
        "organizations": list(agreement.organizations),
        "projects": list(agreement.projects),
        "hosts": list(agreement.hosts),
        "terms": agreement.terms or "",
        "dates": dict(agreement.dates),
        "state": standing.state.value,
        "why": standing.reason,
        "file": agreement.place.file,
        "line": agreement.place.line,
    }


def _rule(result: Result, ident: str) -> Data:
    rule = result.rule(ident)
    run = next(r for r in result.runs if r.rule.id == ident)
    return {
        "id": ident,
        "title": rule.flags,
        "severity": rule.severity,
        "controls": [
            {"citation": c.citation, "title": c.title, "asks": c.asks, "source": c.source}
            for c in controls().of(rule.law)
        ],
        "findings": sum(f.rule == ident for f in result.findings),
        "exempt": sum(e.finding.rule == ident for e in result.exempt),
        "error": run.error,
    }


def _workload(result: Result, judged: Judged) -> Data:
    resource = judged.workload.resource
    return {
        "workload": resource.id,
        "file": resource.file,
        "line": resource.line,
        "variant": resource.variant,
        "verdict": judged.words,
        "uses": [_use(result, a) for a in judged.assessments],
    }


def _use(result: Result, assessment: Assessment) -> Data:
    use = assessment.use
    covered = assessment.verdict is Verdict.COVERED
    return {
        "provider": use.provider,
        "host": use.host or "",
        "endpoints": list(dict.fromkeys((*use.endpoints, *assessment.endpoints))),
        "through": list(use.through),
        "receivers": [
            {"party": r.party, "what": r.what, "host": r.host, "known": r.known}
            for r in use.receivers
        ],
        "project": assessment.project or use.project or "",
        "organization": assessment.organization or use.organization or "",
        "agreements": [str(a.place) for a in _relied_on(result, assessment)],
        "verdict": said(result, assessment),
        "assurance": assessment.assurance.word if covered else "",
        "agreement": assessment.assured.agreement.word if covered else "",
        "settings": assessment.assured.settings.word if covered else "",
        "rests_on": [
            {"part": h.conjunct.value, "why": h.because, "assurance": h.word}
            for h in assessment.held
        ],
        "broken": [{"part": b.conjunct.value, "why": b.reason} for b in assessment.broken],
        "missing": [
            {"part": m.conjunct.value, "why": m.what, "who": m.who.value}
            for m in assessment.missing
        ],
    }


def _relied_on(result: Result, assessment: Assessment) -> tuple[Agreement, ...]:
    return relied_on(assessment, result.analysis.declarations, result.analysis.today)


def _finding(finding: Finding, *, law: bool = False) -> Data:
    return {
        **({"legal": finding.legal} if law and finding.legal else {}),
        "rule": finding.rule,
        "severity": finding.severity,
        "resource": finding.resource,
        "file": finding.place.file,
        "line": finding.place.line,
        "variant": finding.variant,
        "environments": list(finding.environments),
        "message": finding.message,
        "fingerprint": finding.fingerprint,
        "fingerprint_v2": finding.fingerprint_v2,
    }


def _exempt(exempt: Exempt) -> Data:
    return {
        **_finding(exempt.finding),
        "kind": exempt.kind,
        "plan": exempt.plan,
        "reason": exempt.reason,
        "owner": exempt.owner,
        "approved_by": exempt.approved_by,
        "approved_on": exempt.approved_on,
        "expires_on": exempt.expires_on,
        "ticket": exempt.ticket,
        "written_at": str(exempt.place),
    }


def _exclusions(result: Result) -> list[Data]:
    """What was left out of the scan on somebody's word."""
    return [
        {"what": e.finding.place.file, "kind": e.kind, "reason": e.reason, "written_at": str(e.place)}
        for e in result.exempt
        if e.finding.rule == UNREAD_RULE
    ]  # fmt: skip


def _unread(unread: Unread) -> Data:
    return {
        "file": unread.file,
        "line": unread.line,
        "reason": unread.reason,
        "matters": unread.matters,
    }


def _unread_order(unread: Unread) -> tuple[str, int, str]:
    return unread.file, unread.line, unread.reason
