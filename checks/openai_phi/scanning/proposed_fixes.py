"""Tries the declarations that fixes propose: judges again as if they were made, and sees what is settled."""

from __future__ import annotations

from dataclasses import replace

from openai_phi.declared.declaration_loader import as_if
from openai_phi.declared.vocabulary import CatalogueWords
from openai_phi.finding.results import Result
from openai_phi.finding.rule_runs import run_rules
from openai_phi.scanning.causes import Paste, paste_of
from openai_phi.verdicts.analysis import analyse
from openai_phi.words.found import Finding


def lines_that_settle(result: Result) -> Paste:
    """The fewest lines that settle all that lines can settle, and the findings that they do settle.

    A line that repairs nothing is left out: a declaration does not mend what code switches off.
    """
    all_of = paste_of(result.findings)
    if not all_of.additions:
        return all_of
    paste = paste_of(_settled(result, all_of))
    return Paste(paste.additions, tuple(_settled(result, paste)))


def _settled(result: Result, paste: Paste) -> list[Finding]:
    """The findings that are gone once these additions are made; none where they would be wrong."""
    if not paste.additions:
        return []
    inputs = result.inputs
    words = CatalogueWords(inputs.catalogue)
    day = inputs.today.isoformat()
    declared = as_if(inputs.declarations, paste.additions, day=day, known=words)
    if len(declared.mistakes) > len(inputs.declarations.mistakes):
        return []
    analysis = analyse(replace(inputs, declarations=declared), result.analysis.linked)
    left = {
        (f.fingerprint, f.place.file)
        for run in run_rules(result.rules, analysis)
        for f in run.findings
    }
    return [
        f
        for f in result.findings
        if not any((m.fingerprint, m.place.file) in left for m in f.members)
    ]
