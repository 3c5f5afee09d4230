"""Runs rules over an analysis: findings in order; a rule that raises is a finding, and is known as broken."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from openai_phi.analysis import Analysis
from openai_phi.model import Finding
from openai_phi.rule import Rule

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RuleRun:
    """What one rule said of an analysis; `error` is the type of what it raised, empty if nothing."""

    rule: Rule
    findings: tuple[Finding, ...]
    error: str = ""


def run_rule(rule: Rule, analysis: Analysis) -> RuleRun:
    """The findings of one rule, sorted by place. Never raises: what breaks is a finding."""
    try:
        found = [replace(f, severity=f.severity or rule.severity) for f in rule.judge(analysis)]
    except Exception as error:  # a broken rule is a finding
        _log.error("openai-phi: rule %s raised", rule.id, exc_info=True)
        finding = replace(rule.broken_by(error), severity=rule.severity)
        return RuleRun(rule, (finding,), type(error).__name__)
    return RuleRun(rule, tuple(sorted(found, key=_order)))


def run_rules(rules: Iterable[Rule], analysis: Analysis) -> tuple[RuleRun, ...]:
    """Every rule over one analysis, in the order of their ids."""
    return tuple(run_rule(r, analysis) for r in sorted(rules, key=lambda r: rule_order(r.id)))


def rule_order(ident: str) -> tuple[str, int]:
    """What sorts rules: by family, then by number."""
    _, family, number = ident.split("_")
    return family, int(number)


def _order(finding: Finding) -> tuple[str, int, str, str]:
    return finding.place.file, finding.place.line, finding.resource, finding.message
