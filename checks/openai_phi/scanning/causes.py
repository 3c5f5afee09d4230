"""Groups findings by what causes them, and adds up the declarations that would settle them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openai_phi.words.fixes import Addition, Fix
from openai_phi.words.found import Finding
from openai_phi.words.observed import Role

_ORDER = ("agreements", "projects", "credentials", "gateways", "workloads", "exceptions")


@dataclass(frozen=True)
class Cause:
    """One cause with the findings that it makes."""

    said: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Paste:
    """What to add to declaration files, and the findings that it settles once true."""

    additions: tuple[Addition, ...]
    """Each once, in the order of file and section."""
    settles: tuple[Finding, ...]

    @property
    def files(self) -> dict[str, tuple[str, ...]]:
        """The additions as lines to paste, by file."""
        by_file: dict[str, list[Addition]] = defaultdict(list)
        for addition in self.additions:
            by_file[addition.file.value].append(addition)
        return {
            file: tuple(Fix(additions=tuple(found), whole=True).yaml())
            for file, found in by_file.items()
        }

    @property
    def lines(self) -> int:
        return sum(len(lines) for lines in self.files.values())


def causes_of(findings: Sequence[Finding]) -> list[Cause]:
    """The causes, those of most findings first."""
    groups: dict[tuple[str, ...], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[_key(finding)].append(finding)
    ordered = sorted(groups.items(), key=lambda i: (-len(i[1]), i[0]))
    return [
        Cause("; ".join(key[1:] if found[1:] else _key(found[0], named=True)[1:]), tuple(found))
        for key, found in ordered
    ]


def _key(finding: Finding, *, named: bool = False) -> tuple[str, ...]:
    """What tells causes apart: what is broken or missing, else the message; `named` with its resource."""
    own = "" if named else finding.resource
    decisive = Role.BROKEN if any(s.role is Role.BROKEN for s in finding.trace) else Role.MISSING
    if finding.rule == "OAI_COVERAGE_9":
        decisive = Role.MISSING
    said = dict.fromkeys(_bare(s.text, own) for s in finding.trace if s.role is decisive)
    if finding.rule.startswith("OAI_COVERAGE_") and said:
        return finding.rule, *said
    return finding.rule, _bare(finding.message, own)


def _bare(text: str, resource: str) -> str:
    text = text.replace(resource, "it") if len(resource) > 3 else text
    text = re.sub(r"\s*\bat \S+:\d+( \([^)]*\))?", "", text)
    return re.sub(r"^(broken|missing): ", "", text)


def paste_of(findings: Iterable[Finding]) -> Paste:
    """All additions, each once, with the findings that have such."""
    settles = [f for f in findings if any(fix.additions for fix in f.fixes)]
    found = dict.fromkeys(a for f in settles for fix in f.fixes for a in fix.additions)
    sections = list(dict.fromkeys(a.section for a in found))
    known = [s for s in _ORDER if s in sections]
    order = [*known, *sorted(set(sections) - set(known))]
    ordered = sorted(found, key=lambda a: (a.file.value, order.index(a.section)))
    return Paste(tuple(ordered), tuple(settles))
