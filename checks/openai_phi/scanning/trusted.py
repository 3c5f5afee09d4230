"""What the revision that is trusted knows of a change: its findings where they count, its baseline."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace

from openai_phi.declared.declaration_loader import COMPLIANCE_NAMES, POLICY_NAMES
from openai_phi.declared.exceptions import exception_facts
from openai_phi.declared.git_revisions import Revision, revision_of
from openai_phi.declared.merged_policies import policies
from openai_phi.finding.results import Result
from openai_phi.finding.unaccounted_findings import GAPS, UNACCOUNTED
from openai_phi.scanning.baseline import Baseline, parse_baseline, read_baseline
from openai_phi.scanning.revisions import checked_out
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.words.found import Finding

DECLARATIONS = frozenset((*POLICY_NAMES, *COMPLIANCE_NAMES))


@dataclass(frozen=True)
class Before:
    """The scan of the trusted revision.

    `declarations_only`: nothing else differs from it, so that what it has too is not this change's.
    """

    revision: str
    result: Result
    declarations_only: bool

    def has(self, finding: Finding) -> bool:
        """Whether the revision has the same finding, at each resource that it stands for."""
        known = {(m.fingerprint, m.first_file) for f in self.result.findings for m in f.members}
        return all((m.fingerprint, m.first_file) in known for m in finding.members)


def before(
    options: Options, result: Result, baseline: str | None, say: Callable[[str], None]
) -> Before | None:
    """The scan of the revision to trust where the outcome asks for it. Raises `NoRevision`, `ScanBroken`."""
    if options.trust_from is None:
        return None
    revision = revision_of(options.folder, options.trust_from)
    only = _declarations_only(revision, baseline)
    if not only and not _asks(result):
        return None
    with checked_out(options.folder, options.trust_from) as folder:
        say(f"scanning {options.trust_from}")
        policy = _as_it_was(options.policy, revision, folder)
        then = replace(options, folder=folder, policy=policy, trust_from=None)
        return Before(options.trust_from, scan_folder(then), only)


def baseline_of(file: str, options: Options) -> Baseline:
    """A baseline; one that a change can write as the trusted revision has it. Raises `BaselineError`, `NoRevision`."""
    if options.trust_from is None:
        return read_baseline(file)
    revision = revision_of(options.folder, options.trust_from)
    if not revision.holds(file):
        return read_baseline(file)
    raw = revision.read(file)
    return Baseline(file, frozenset()) if raw is None else parse_baseline(file, raw)


def _declarations_only(revision: Revision, baseline: str | None) -> bool:
    changed = revision.changed()
    own = os.path.realpath(baseline) if baseline else ""
    return bool(changed) and all(
        os.path.basename(c) in DECLARATIONS or os.path.realpath(c) == own for c in changed
    )


def only_where_new(result: Result, finding: Finding) -> bool:
    """Whether the policy asks for a finding only where the revision that is trusted did not have it."""
    limits = result.inputs.declarations.limits_for(finding.place.file)
    asked = {UNACCOUNTED: limits.unaccounted, GAPS: limits.gaps}
    return asked.get(finding.cause.partition(":")[0]) == "new"


def _asks(result: Result) -> bool:
    """Whether something counts only where the revision had it, or only where it did not."""
    known = exception_facts().emergency_known
    excused = any(e.finding.rule in known for e in result.emergencies)
    return excused or any(only_where_new(result, f) for f in result.findings)


def _as_it_was(policy: str | None, revision: Revision, folder: str) -> str | None:
    """The paths of the supplied policies in a checkout of the revision, where the repository holds them there."""
    paths = [p for given in policies(policy) if (p := _path_before(given, revision, folder))]
    return os.pathsep.join(paths) or None


def _path_before(path: str, revision: Revision, folder: str) -> str | None:
    if not revision.holds(path):
        return path
    moved = os.path.join(folder, os.path.relpath(os.path.realpath(path), revision.folder))
    return os.path.normpath(moved) if os.path.isfile(moved) else None
