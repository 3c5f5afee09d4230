"""Several programs in one scan, each in a folder of its own: how each is judged, and what is told of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openai_phi.finding.results import Result
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.words.found import Finding
from properties.written import POLICY, Files

CLEAN, SHOWN, FAILS = 0, 1, 2


@dataclass(frozen=True)
class Judged:
    """How a program is judged, worst last, and what is told of it that could not be evaluated."""

    rank: int
    rules: tuple[str, ...]
    gaps: tuple[str, ...]


def judged(programs: Mapping[str, Files], policy: str = POLICY) -> dict[str, Judged]:
    """Each program, by the folder that it is put into."""
    result = scanned(programs, policy)
    return {name: _of(result, name) for name in programs}


def scanned(programs: Mapping[str, Files], policy: str = POLICY) -> Result:
    """One scan of all of them."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "in"
        for name, files in programs.items():
            for file, text in files.items():
                path = root / name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode("utf-8", "surrogateescape"))
        given = Path(folder) / "policy.yaml"
        given.write_text(policy, encoding="utf-8")
        result = scan_folder(Options(str(root), policy=str(given), policy_required=True))
        assert not result.gaps, result.gaps
        return result


def _of(result: Result, name: str) -> Judged:
    found = [f for each in result.findings for f in _each(each) if _lies_in(f.place.file, name)]
    unread = [u.reason for u in result.unread if _lies_in(u.file, name)]
    high = any((f.severity or result.rule(f.rule).severity) in ("HIGH", "CRITICAL") for f in found)
    rank = FAILS if high or unread else SHOWN if found else CLEAN
    return Judged(rank, tuple(sorted({f.rule for f in found})), tuple(_gaps(result, name)))


def _gaps(result: Result, name: str) -> Iterator[str]:
    """What is told of a program that could not be evaluated, or that nothing accounts for."""
    for workload in result.analysis.estate.accounted():
        if _lies_in(workload.resource.file, name):
            yield from (d.name for d in workload.unaccounted)
    for resource in result.analysis.resources:
        if _lies_in(resource.file, name):
            yield from (g.say() for g in resource.gaps)


def _each(finding: Finding) -> Sequence[Finding]:
    return finding.each or (finding,)


def _lies_in(file: str, name: str) -> bool:
    return file == name or file.startswith(f"{name}/")
