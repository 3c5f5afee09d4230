"""The result of one scan over all frameworks: what every report and the exit code are made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from openai_phi.analysis import Analysis, Inputs, analyse, joined
from openai_phi.catalogue import Catalogue
from openai_phi.model import Exempt, Finding, Unread
from openai_phi.rule import Rule
from openai_phi.rule_runs import RuleRun, run_rules


@dataclass(frozen=True)
class Result:
    """One scan, judged. `root` is the absolute folder; paths in findings are relative to it.

    `findings` are those that fail, `exempt` those that an exception or a skip takes out; `frameworks`
    are those that Checkov ran; `notes` what the reader of any report must know of how it was made;
    `gaps` what the scan did not do and no finding speaks of.
    """

    root: Path
    inputs: Inputs
    analysis: Analysis
    runs: tuple[RuleRun, ...]
    findings: tuple[Finding, ...]
    exempt: tuple[Exempt, ...] = ()
    frameworks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that ran, in the order of their ids."""
        return tuple(r.rule for r in self.runs)

    @property
    def catalogue(self) -> Catalogue:
        """The editions that it was judged by."""
        return self.inputs.catalogue

    @property
    def unread(self) -> tuple[Unread, ...]:
        """What could matter and was not read."""
        return tuple(u for u in self.analysis.unread if u.matters)

    def rule(self, ident: str) -> Rule:
        """A rule that ran, by its id. Raises KeyError."""
        return {r.id: r for r in self.rules}[ident]


def result_of(
    root: Path,
    collected: Sequence[Inputs],
    rules: Iterable[Rule],
    frameworks: Iterable[str] = (),
    notes: Iterable[str] = (),
) -> Result:
    """Joins what the frameworks gave, judges it once and runs every rule. Raises ValueError if nothing was read."""
    inputs = joined(collected)
    analysis = analyse(inputs)
    runs = run_rules(rules, analysis)
    findings = tuple(f for run in runs for f in run.findings)
    return Result(
        root, inputs, analysis, runs, findings, (), tuple(sorted(frameworks)), tuple(notes)
    )
