"""Baselines: findings that were known on a day, so that only new ones fail; never one of broken cover."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openai_phi.words.found import Finding

VERSION = 1
NEVER = frozenset({f"OAI_COVERAGE_{n}" for n in range(1, 9)} | {"OAI_SCAN_1", "OAI_SCAN_2"})
"""Rules whose findings no baseline holds: cover known to be broken, and what was not looked at."""


class BaselineError(Exception):
    """A baseline that cannot be read; the message says why."""


@dataclass(frozen=True)
class Baseline:
    """The findings of a baseline file: by fingerprint and file, by the second version and environment."""

    file: str
    known: frozenset[tuple[str, str]]
    in_environments: frozenset[tuple[str, str]] = frozenset()

    def holds(self, finding: Finding) -> bool:
        """Whether a finding of one resource was known, in each of its environments; lines may have moved."""
        if finding.rule in NEVER:
            return False
        if (finding.fingerprint, finding.first_file) in self.known:
            return True
        return all(k in self.in_environments for k in told_apart(finding))


def told_apart(finding: Finding) -> set[tuple[str, str]]:
    """The second version of a finding's fingerprint with each of its environments."""
    return {(finding.fingerprint_v2, e) for e in finding.environments or ("",)}


def read_baseline(file: str) -> Baseline:
    """A baseline file. Raises `BaselineError`."""
    try:
        return parse_baseline(file, Path(file).read_bytes())
    except OSError as error:
        raise BaselineError(f"{file}: {error.strerror}") from error


def parse_baseline(file: str, raw: bytes) -> Baseline:
    """A baseline from what its file holds. Raises `BaselineError`."""
    try:
        data: Any = json.loads(raw.decode("utf-8"))
        if data["version"] != VERSION:
            raise BaselineError(f"{file}: version {data['version']!r} is not known here")
        known = frozenset((str(f["fingerprint"]), str(f["file"])) for f in data["findings"])
        second = frozenset(
            (str(f["fingerprint_v2"]), str(e))
            for f in data["findings"]
            if "fingerprint_v2" in f
            for e in f.get("environments") or ("",)
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BaselineError(f"{file} is no baseline of openai-phi: {error}") from error
    return Baseline(file, known, second)


def as_baseline(findings: Iterable[Finding]) -> tuple[str, list[Finding]]:
    """The text of a baseline of these findings, and those that it does not take in."""
    whole = sorted(findings, key=lambda f: (f.place.file, f.rule, f.resource, f.fingerprint))
    left = [f for f in whole if f.rule in NEVER]
    members = [m for f in whole if f.rule not in NEVER for m in f.members]
    listed = sorted(members, key=lambda f: (f.place.file, f.rule, f.resource, f.fingerprint))
    entries = [
        {
            "fingerprint": f.fingerprint,
            "fingerprint_v2": f.fingerprint_v2,
            "environments": list(f.environments),
            "file": f.first_file,
            "rule": f.rule,
            "resource": f.resource,
        }
        for f in listed
    ]
    return json.dumps({"version": VERSION, "findings": entries}, indent=1) + "\n", left
