"""Tries the lines that fixes say to paste: judges again as if they stood in the declaration files, and sees what is settled."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from openai_phi.declared.declaration_loader import POLICY_NAMES, load
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.vocabulary import CatalogueWords
from openai_phi.facts.data_files import load_yaml
from openai_phi.finding.results import Result
from openai_phi.finding.rule_runs import run_rules
from openai_phi.scanning.causes import Paste, paste_of
from openai_phi.verdicts.analysis import analyse
from openai_phi.words.fixes import Addition
from openai_phi.words.found import Finding

_POLICY, _COMPLIANCE = "openai-policy.yaml", "openai-compliance.yaml"
_KEPT = ("version", "workloads", "limits")
"""What of a compliance file bears on the verdict; the rest names files that are not there."""


def lines_that_settle(result: Result, policy: str | None = None) -> Paste:
    """The fewest lines that settle all that lines can settle, and the findings that they do settle.

    A line that repairs nothing is left out: a declaration does not mend what code switches off.
    """
    all_of = paste_of(result.findings)
    if not all_of.additions:
        return all_of
    paste = paste_of(_settled(result, all_of, policy))
    return Paste(paste.additions, tuple(_settled(result, paste, policy)))


def _settled(result: Result, paste: Paste, policy: str | None) -> list[Finding]:
    if not paste.additions:
        return []
    declared = _as_if(result, paste, policy)
    if len(declared.mistakes) > len(result.inputs.declarations.mistakes):
        return []
    inputs = replace(result.inputs, declarations=declared)
    analysis = analyse(inputs, result.analysis.linked)
    left = {
        (f.fingerprint, f.place.file)
        for run in run_rules(result.rules, analysis)
        for f in run.findings
    }
    return [f for f in result.findings if (f.fingerprint, f.place.file) not in left]


def _as_if(result: Result, paste: Paste, policy: str | None) -> Declarations:
    """The declarations as they would be with the lines in the files, their blanks filled in."""
    today = result.inputs.today
    with tempfile.TemporaryDirectory(prefix="openai-phi-lines-") as folder:
        for file in result.inputs.declarations.files:
            data = _data(result.root / file.file)
            _write(Path(folder, file.file), {k: data[k] for k in _KEPT if k in data})
        base = {
            _POLICY: _data(_policy_path(result.root, policy)),
            _COMPLIANCE: _data(Path(folder, _COMPLIANCE)),
        }
        for file_name in dict.fromkeys(a.file.value for a in paste.additions):
            mine = [a for a in paste.additions if a.file.value == file_name]
            _write(Path(folder, file_name), _joined(base[file_name], mine, today.isoformat()))
        own = Path(folder, _POLICY)
        if not own.exists() and base[_POLICY]:
            _write(own, base[_POLICY])
        path = str(own) if own.exists() else None
        words = CatalogueWords(result.inputs.catalogue)
        return load(folder, policy_path=path, known=words)


def _policy_path(root: Path, policy: str | None) -> Path | None:
    if policy:
        return Path(policy)
    return next((root / n for n in POLICY_NAMES if (root / n).is_file()), None)


def _data(path: Path | None) -> dict[str, Any]:
    try:
        found = load_yaml(path) if path else {}
    except (OSError, yaml.YAMLError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _joined(base: dict[str, Any], added: Iterable[Addition], day: str) -> dict[str, Any]:
    """One file's data with more entries in its lists."""
    out = {"version": 1, **base}
    for addition in added:
        out[addition.section] = [*(out.get(addition.section) or []), addition.as_if(day)]
    return out


def _write(path: Path, data: dict[str, Any]) -> None:
    os.makedirs(path.parent, exist_ok=True)
    path.write_text(yaml.safe_dump({"version": 1, **data}, sort_keys=False), encoding="utf-8")
