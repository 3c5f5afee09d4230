"""Puts findings into Checkov's reports: message, trace, place and a code block without secrets."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from checkov.common.bridgecrew.severities import Severities
from checkov.common.models.enums import CheckResult
from checkov.common.output.record import Record
from checkov.common.output.report import Report
from checkov.runner_filter import RunnerFilter

from openai_phi.facts.signatures import signatures
from openai_phi.finding.rule import Rule
from openai_phi.plugin.checkov_runs import Run
from openai_phi.text.redaction import Redactor
from openai_phi.words.found import Exempt, Finding


def details(finding: Finding) -> list[str]:
    """A finding's facts, way and fix, one string a line."""
    fix = [line for line in finding.remediation.splitlines() if line.strip()]
    lines = [
        finding.message,
        *map(str, finding.trace),
        *(["Fix: " + fix[0], *fix[1:]] if fix else []),
        *(["Law: " + ", ".join(finding.law)] if finding.law else []),
    ]
    redactor = _redactor()
    return [redactor.shapes(line) for line in lines] if redactor else lines


@lru_cache(maxsize=1)
def _redactor() -> Redactor | None:
    """What masks keys; None if its signatures do not load, in which case no source is shown."""
    try:
        return Redactor(signatures())
    except Exception:  # every rule reports it
        return None


def finish(
    report: Report,
    run: Run,
    runner_filter: RunnerFilter,
    rules: Iterable[Rule],
    findings_of: Callable[[Rule], tuple[list[Finding], list[Exempt]]],
    nodes: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Replaces the bare records of our rules by full ones, and adds those that had no vertex."""
    skipped = _take_ours(report, {r.id for r in rules})
    for rule in rules:
        if not any(_wanted(rule, s, run, runner_filter) for s in (rule.severity, _HIGHEST)):
            continue
        failing, exempt = findings_of(rule)
        for finding in failing:
            if _wanted(rule, finding.severity or rule.severity, run, runner_filter):
                names = _names_of(nodes[finding.handle]) if 0 <= finding.handle < len(nodes) else ()
                comment = next(
                    (skipped[(rule.id, n)] for n in names if (rule.id, n) in skipped), None
                )
                report.add_record(record(finding, rule, run, comment))
        for why in exempt:
            if _wanted(rule, why.finding.severity or rule.severity, run, runner_filter):
                report.add_record(record(why.finding, rule, run, why.say()))


_HIGHEST = "CRITICAL"


def _wanted(rule: Rule, severity: str, run: Run, runner_filter: RunnerFilter) -> bool:
    """Whether the command line asks for a rule at a severity, which a policy may have raised."""
    return bool(
        runner_filter.should_run_check(
            check_id=rule.id, severity=Severities[severity], report_type=run.framework
        )
    )


def _take_ours(report: Report, ids: set[str]) -> dict[tuple[str, str], str]:
    """Removes the records of our rules; returns the comments of those that were skipped, by resource."""
    skipped = {
        (item.check_id, item.resource.rpartition(":")[2]): str(
            item.check_result.get("suppress_comment") or ""
        )
        for item in report.skipped_checks
        if item.check_id in ids
    }
    report.passed_checks = [r for r in report.passed_checks if r.check_id not in ids]
    report.failed_checks = [r for r in report.failed_checks if r.check_id not in ids]
    report.skipped_checks = [r for r in report.skipped_checks if r.check_id not in ids]
    return skipped


def _names_of(node: Mapping[str, Any]) -> list[str]:
    """The names by which Checkov's records may call a vertex."""
    return [str(node[k]) for k in ("__address__", "id_", "block_name_") if node.get(k)]


def record(finding: Finding, rule: Rule, run: Run, comment: str | None = None) -> Record:
    """A finding as a record of Checkov's; `comment` is the reason if it does not count."""
    file = os.path.join(run.root, finding.place.file)
    result: dict[str, Any] = {"result": CheckResult.FAILED, "evaluated_keys": []}
    if comment is not None:
        result = {"result": CheckResult.SKIPPED, "suppress_comment": comment, "evaluated_keys": []}
    start = max(finding.place.line, 1)
    code = code_block(file, start, max(finding.end_line, start))
    end = code[-1][0] if code else start  # Checkov's end may lie behind the file's
    out = Record(
        check_id=rule.id,
        check_name=rule.title,
        check_result=result,
        code_block=code,
        file_path=f"/{finding.place.file}",
        file_line_range=[start, end],
        resource=finding.resource,
        evaluations=None,
        check_class=f"openai_phi.{rule.name}",
        file_abs_path=file,
        severity=Severities[finding.severity or rule.severity],
        details=details(finding),
    )
    out.set_guideline(rule.page)
    return out


def code_block(file: str, start: int, end: int) -> list[tuple[int, str]]:
    """The source lines of a range, with secrets masked; empty if there is no file."""
    try:
        with open(file, encoding="utf-8", errors="replace") as handle:
            lines = handle.readlines()[start - 1 : end]
    except OSError:
        return []
    redactor = _redactor()
    return redactor.lines(list(enumerate(lines, start))) if redactor else []


def clean(item: Record) -> None:
    """Masks literal keys in a record of any check, Checkov's own included.

    Checkov makes a record for each check and resource, a hundred thousand in a large repository, so
    the work is done once a place and once an entity.
    """
    if "sk-" in str(item.resource):
        found = _redactor()
        item.resource = found.shapes(item.resource) if found else ""
    place = (item.file_abs_path, *(item.file_line_range or ()))
    entity = item.check_result.get("entity")
    if not entity and _clean_lines.get(place, _NOT_SEEN) is None:
        return  # as nearly all are: a place without a key
    redactor = _redactor()
    if redactor is None:
        item.code_block = []
        if entity:
            item.check_result["entity"] = {}
        return
    if place not in _clean_lines:
        text = "".join(line for _, line in item.code_block or [])
        mask = redactor.may_hold_a_key(text)
        _clean_lines[place] = redactor.lines(item.code_block or []) if mask else None
    lines = _clean_lines[place]
    if lines is not None:
        item.code_block = lines
    if entity:
        item.check_result["entity"] = _clean_entity(entity, redactor)


_clean_lines: dict[tuple[Any, ...], list[tuple[int, str]] | None] = {}
_NOT_SEEN: list[tuple[int, str]] = []
_entities: OrderedDict[int, tuple[Any, Any]] = OrderedDict()


def _clean_entity(entity: Any, redactor: Redactor) -> Any:
    held = _entities.get(id(entity))
    if held is not None and held[0] is entity:
        return held[1]
    clean_one = redactor.data(entity) if redactor.may_hold_a_key(str(entity)) else entity
    _entities[id(entity)] = (entity, clean_one)
    while len(_entities) > 512:
        with suppress(KeyError):  # another thread may have been first
            _entities.popitem(last=False)
    return clean_one
