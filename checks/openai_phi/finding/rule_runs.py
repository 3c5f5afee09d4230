"""Runs rules over an analysis: findings in order, what is exempt apart; a rule that raises is a finding."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from openai_phi.facts.controls import controls
from openai_phi.finding.exceptions_applied import Exemptions
from openai_phi.finding.rule import Rule
from openai_phi.text.error_words import way_of
from openai_phi.verdicts.analysis import Analysis
from openai_phi.words.found import Exempt, Finding

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RuleRun:
    """What one rule said of an analysis; `error` is the type of what it raised, empty if nothing.

    `findings` are those that fail, `exempt` those that an exception or a skip takes out.
    """

    rule: Rule
    findings: tuple[Finding, ...]
    error: str = ""
    exempt: tuple[Exempt, ...] = ()

    @property
    def all(self) -> tuple[Finding, ...]:
        """Every finding, whether it fails or is exempt."""
        return (*self.findings, *(e.finding for e in self.exempt))


def run_rule(rule: Rule, analysis: Analysis) -> RuleRun:
    """The findings of one rule, sorted by place. Never raises: what breaks is a finding."""
    try:
        found = [_as_asked(rule, f, analysis) for f in rule.judge(analysis)]
        if not found:
            return RuleRun(rule, ())
        return _settled(rule, sorted(found, key=_order), Exemptions(analysis))
    except Exception as error:  # a broken rule is a finding, and no exception takes it out
        _log.error("openai-phi: rule %s raised %s", rule.id, way_of(error))
        finding = replace(rule.broken_by(error), severity=rule.severity)
        return RuleRun(rule, (finding,), type(error).__name__)


def _as_asked(rule: Rule, finding: Finding, analysis: Analysis) -> Finding:
    """A finding with what the policy decides: its severity, and the paragraphs for the policy's role."""
    declared = analysis.declarations
    own = finding.severity or rule.severity
    return replace(
        finding,
        severity=declared.severity(rule.id, finding.place.file, own),
        law=controls().cited(rule.law, declared.policy.role if declared.policy else ""),
    )


def _settled(rule: Rule, found: Iterable[Finding], exemptions: Exemptions) -> RuleRun:
    failing: list[Finding] = []
    exempt: list[Exempt] = []
    for finding in found:
        why = exemptions.of(finding)
        if why is None:
            failing.append(finding)
        else:
            exempt.append(why)
    return RuleRun(rule, tuple(failing), "", tuple(exempt))


def run_rules(rules: Iterable[Rule], analysis: Analysis) -> tuple[RuleRun, ...]:
    """Every rule over one analysis, in the order of their ids."""
    return tuple(run_rule(r, analysis) for r in sorted(rules, key=lambda r: rule_order(r.id)))


def rule_order(ident: str) -> tuple[str, int]:
    """What sorts rules: by family, then by number."""
    _, family, number = ident.split("_")
    return family, int(number)


def _order(finding: Finding) -> tuple[str, int, str, str]:
    return finding.place.file, finding.place.line, finding.resource, finding.message
