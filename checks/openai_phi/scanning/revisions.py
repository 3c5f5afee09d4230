"""The change of posture between two revisions: findings gone and new, uses added, endpoints that lost cover."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from openai_phi.declared.git_revisions import git, revision_of
from openai_phi.finding.grouping import grouped
from openai_phi.finding.results import Result
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.found import Finding
from openai_phi.words.verdict import Verdict

Key = tuple[str, str, str, str]
"""Workload, its file, the host and one endpoint."""


@dataclass(frozen=True)
class Change:
    """What differs between the base and now."""

    revision: str
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    added: tuple[Key, ...]
    lost: tuple[tuple[Key, str], ...]

    @property
    def any(self) -> bool:
        return bool(self.new or self.gone or self.added or self.lost)


def change_of(revision: str, base: Result, now: Result) -> Change:
    """The change from one result to another."""
    before, after = _members(base), _members(now)
    was, is_now = _verdicts(base), _verdicts(now)
    return Change(
        revision,
        grouped(f for k, f in after.items() if k not in before),
        grouped(f for k, f in before.items() if k not in after),
        tuple(sorted(k for k in is_now if k not in was)),
        tuple(
            sorted(
                (k, v.value)
                for k, v in is_now.items()
                if v is not Verdict.COVERED and was.get(k) is Verdict.COVERED
            )
        ),
    )


def _members(result: Result) -> dict[tuple[str, ...], Finding]:
    """All that the findings of a result stand for, by what stays the same from one revision to another."""
    found = (m for f in result.findings for m in f.members)
    return {(m.fingerprint_v2, *m.environments, m.resource): m for m in found}


def _verdicts(result: Result) -> dict[Key, Verdict]:
    """The worst verdict on each endpoint of each workload."""
    worst = (Verdict.NOT_COVERED, Verdict.UNPROVEN, Verdict.COVERED)
    out: dict[Key, Verdict] = {}
    for assessment in result.analysis.assessments:
        for key in _keys(assessment):
            known = out.get(key, Verdict.COVERED)
            out[key] = min(known, assessment.verdict, key=worst.index)
    return out


def _keys(assessment: Assessment) -> Iterator[Key]:
    use, resource = assessment.use, assessment.workload.resource
    host = use.host or f"unknown host of {use.provider}"
    for endpoint in use.endpoints or ("unknown endpoints",):
        yield resource.id, resource.file, host, endpoint


@contextmanager
def checked_out(folder: str, revision: str) -> Iterator[str]:
    """While it is open, the folder as it was in a revision, in a worktree elsewhere. Raises `NoRevision`."""
    found = revision_of(folder, revision)
    inside = os.path.relpath(found.folder, found.top)
    with tempfile.TemporaryDirectory(prefix="openai-phi-base-") as space:
        tree = os.path.join(space, "base")
        git(found.top, "worktree", "add", "--detach", "--quiet", tree, found.commit)
        try:
            base = os.path.normpath(os.path.join(tree, inside))
            os.makedirs(base, exist_ok=True)  # a folder that is new since then held nothing
            yield base
        finally:
            git(found.top, "worktree", "remove", "--force", tree)


def as_lines(change: Change) -> list[str]:
    """The change in words."""
    lines = [
        f"Since {change.revision}:" if change.any else f"Nothing changed since {change.revision}."
    ]
    lines += [f"  new     {f.rule} {f.resource} [{f.place}]" for f in change.new]
    lines += [f"  gone    {f.rule} {f.resource} [{f.place}]" for f in change.gone]
    lines += [f"  use     added: {w} calls {h} {e} ({f})" for w, f, h, e in change.added]
    lines += [f"  cover   lost: {w} to {h} {e} is {v} ({f})" for (w, f, h, e), v in change.lost]
    return lines
