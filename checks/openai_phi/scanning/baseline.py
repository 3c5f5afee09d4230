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
    """The findings of a baseline file, by fingerprint and file."""

    file: str
    known: frozenset[tuple[str, str]]

    def holds(self, finding: Finding) -> bool:
        """Whether this finding was known; lines may have moved since."""
        if finding.rule in NEVER:
            return False
        return (finding.fingerprint, finding.place.file) in self.known


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
    except (ValueError, KeyError, TypeError) as error:
        raise BaselineError(f"{file} is no baseline of openai-phi: {error}") from error
    return Baseline(file, known)


def as_baseline(findings: Iterable[Finding]) -> tuple[str, list[Finding]]:
    """The text of a baseline of these findings, and those that it does not take in."""
    listed = sorted(findings, key=lambda f: (f.place.file, f.rule, f.resource, f.fingerprint))
    left = [f for f in listed if f.rule in NEVER]
    entries = [
        {
            "fingerprint": f.fingerprint,
            "file": f.place.file,
            "rule": f.rule,
            "resource": f.resource,
        }
        for f in listed
        if f.rule not in NEVER
    ]
    return json.dumps({"version": VERSION, "findings": entries}, indent=1) + "\n", left
