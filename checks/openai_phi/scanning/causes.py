"""Groups findings by what causes them, and adds up the lines to paste that would settle them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openai_phi.words.found import Finding
from openai_phi.words.observed import Role

_FILE = re.compile(r"openai-(?:policy|compliance)\.yaml")
_SECTION = re.compile(r"[a-z_]+:")
_ORDER = ("agreements:", "projects:", "credentials:", "gateways:", "workloads:", "exceptions:")


@dataclass(frozen=True)
class Cause:
    """One cause with the findings that it makes."""

    said: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Paste:
    """Lines to paste into declaration files, by file, and the findings that they settle once true."""

    files: dict[str, tuple[str, ...]]
    settles: tuple[Finding, ...]

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


def lines_of(finding: Finding) -> dict[str, list[tuple[str, str]]]:
    """File -> (section, entry) of each line of YAML that a finding's fix says to paste."""
    out: dict[str, list[tuple[str, str]]] = defaultdict(list)
    file = section = ""
    for line in finding.remediation.splitlines():
        if _SECTION.fullmatch(line):
            section = line
        elif file and section and line.startswith("  - "):
            out[file].append((section, line))
        elif line != "version: 1":
            named = _FILE.findall(line)
            file, section = (named[-1], "") if named else (file, "")
    return dict(out)


def paste_of(findings: Iterable[Finding]) -> Paste:
    """All lines to paste, each once, with the findings that have such lines."""
    files: dict[str, dict[str, dict[str, None]]] = {}
    settles: list[Finding] = []
    for finding in findings:
        found = lines_of(finding)
        if found:
            settles.append(finding)
        for file, entries in found.items():
            for section, entry in entries:
                files.setdefault(file, {}).setdefault(section, {})[entry] = None
    return Paste({f: _document(s) for f, s in sorted(files.items())}, tuple(settles))


def _document(sections: dict[str, dict[str, None]]) -> tuple[str, ...]:
    known = [s for s in _ORDER if s in sections]
    ordered = [*known, *sorted(s for s in sections if s not in known)]
    return ("version: 1", *(line for s in ordered for line in (s, *sections[s])))
