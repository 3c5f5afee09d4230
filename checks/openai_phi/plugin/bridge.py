"""The bridge to Checkov: publishes rules to its registries and findings to its reports."""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from checkov.common.bridgecrew.severities import Severities
from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.common.graph.checks_infra.base_check import BaseGraphCheck
from checkov.common.output.record import Record
from checkov.common.output.report import Report
from checkov.runner_filter import RunnerFilter

from openai_phi.finding.rule import Rule
from openai_phi.plugin.checkov_load import NEED_CHECKS, leave_alone, no_collection, spare_parsing
from openai_phi.plugin.checkov_runs import (
    Run,
    files_input,
    graph_input,
    note_run,
    run_of_graph,
    run_of_runner,
    vertices,
)
from openai_phi.words.scan_input import FROM_FILES

if TYPE_CHECKING:
    from openai_phi.gathering.surroundings import Surroundings
    from openai_phi.verdicts.analysis import Analysis, Inputs
    from openai_phi.words.found import Exempt, Finding

Found: TypeAlias = "tuple[list[Finding], list[Exempt]]"
"""What a rule found: what fails, and what is exempt."""
GRAPH_REGISTRIES = ("terraform", "kubernetes")
_log = logging.getLogger(__name__)
leave_alone()
_rules: dict[str, Rule] = {}
_registered: dict[tuple[str, str], GraphCheck] = {}
_lock = threading.RLock()
_analyses: OrderedDict[int, tuple[Any, Analysis | Exception]] = OrderedDict()
_findings: OrderedDict[tuple[int, str], Found] = OrderedDict()
_KEPT = 8
collected: list[Inputs] | None = None
"""What each graph and each framework's files gave to judge, if a list was put here before the scan."""


def publish(rule: Rule) -> Rule:
    """Makes a rule known to Checkov. Called by each rule file, each time Checkov loads it."""
    run = note_run()
    _rules[rule.id] = rule
    RunnerFilter.notify_external_check(rule.id)
    for name in GRAPH_REGISTRIES:
        _register(rule, name, get_graph_checks_registry(name))
    if run is not None and run.framework in NEED_CHECKS:
        spare_parsing(type(run.runner))
    if run is not None and run.framework in FROM_FILES:
        _hook_files(type(run.runner))
    elif run is not None:
        _hook_runner(type(run.runner))
    _hook_reports()
    return rule


def _register(rule: Rule, name: str, registry: Any) -> None:
    """Puts a rule among a registry's checks, once, though each of twenty runners loads its file."""
    known = _registered.get((name, rule.id))
    if known is not None and known in registry.checks:
        known.take(rule)
        return
    registry.checks = [c for c in registry.checks if c.id != rule.id]
    _registered[(name, rule.id)] = GraphCheck(rule)
    registry.checks.append(_registered[(name, rule.id)])


class GraphCheck(BaseGraphCheck):
    """A rule as Checkov's graph check: fails the vertices that its findings hang on."""

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self.take(rule)

    def take(self, rule: Rule) -> None:
        """Stands for a rule, as it was loaded last."""
        self.rule = rule
        self.id = rule.id
        self.name = rule.title
        self.severity = Severities[rule.severity]
        self.guideline = rule.page
        self.frameworks = list(GRAPH_REGISTRIES)

    def run(self, graph_connector: Any) -> tuple[list[Any], list[Any], list[Any]]:
        """The vertices of this rule's findings as failed. Never raises: what breaks is a finding."""
        run = run_of_graph(graph_connector)
        if run is not None and run.framework in FROM_FILES:
            return [], [], []
        found = findings_of(self.rule, graph_connector)[0]
        if not found:
            return [], [], []
        nodes = vertices(graph_connector)
        failed: list[dict[str, Any]] = []
        for finding in found:
            if 0 <= finding.handle < len(nodes):
                failed.append(nodes[finding.handle])
            elif nodes:
                failed.append(nodes[0])
        return [], failed, []


def findings_of(rule: Rule, graph: Any) -> Found:
    """What a rule finds in a graph, computed once. A rule or a stage that raises is a finding."""
    key = (id(graph), rule.id)
    with _lock:
        if key in _findings and id(graph) in _analyses and _analyses[id(graph)][0] is graph:
            return _findings[key]
        run = run_of_graph(graph)
        outcome = _analysis(graph, run)
        found = _judged(rule, outcome)
        _findings[key] = found
        while len(_findings) > _KEPT * 64:
            _findings.popitem(last=False)
        return found


def _analysis(graph: Any, run: Run | None) -> Analysis | Exception:
    held = _analyses.get(id(graph))
    if held is not None and held[0] is graph:
        return held[1]
    outcome: Analysis | Exception
    try:
        if run is None:
            raise RuntimeError("the scan's root folder could not be found")
        # the stages are heavy to import, and most of Checkov's processes analyse nothing
        from openai_phi.facts.one_engine import refuse_two_engines
        from openai_phi.gathering.graph_scan import analyse, read_graph

        refuse_two_engines()
        with no_collection():
            outcome = analyse(_noted(read_graph(graph_input(run, graph), _around(run))))
    except Exception as error:  # a broken stage is a finding of every rule that asks
        _log.error("openai-phi could not analyse a graph: %s", _way_of(error))
        outcome = error
    for stale in [k for k in _findings if k[0] == id(graph)]:
        del _findings[stale]
    _analyses[id(graph)] = (graph, outcome)
    while len(_analyses) > _KEPT:
        _analyses.popitem(last=False)
    return outcome


def _way_of(error: Exception) -> str:
    from openai_phi.text.error_words import way_of  # most of Checkov's processes break nowhere

    return way_of(error)


def _around(run: Run) -> Surroundings:
    """What surrounds a run: the same for all runs of one scan in this process."""
    global _surroundings
    from openai_phi.gathering.surroundings import Surroundings
    from openai_phi.words.scan_input import context_of

    with _lock:
        if _surroundings is None or run.scan is None or _surroundings[0] is not run.scan:
            made = Surroundings(context_of(os.environ, os.getcwd()))
            _surroundings = (run.scan, made)
        return _surroundings[1]


_surroundings: tuple[Any, Surroundings] | None = None
"""Those of the last scan."""


def _noted(inputs: Inputs) -> Inputs:
    if collected is not None:
        collected.append(inputs)
    return inputs


def published() -> tuple[Rule, ...]:
    """The rules that Checkov has loaded in this process, by their ids.

    Checkov loads the files of a folder in the order in which the disk lists them, and records follow it.
    """
    return tuple(rule for _, rule in sorted(_rules.items()))


def _judged(rule: Rule, outcome: Analysis | Exception) -> Found:
    if isinstance(outcome, Exception):
        return [rule.broken_by(outcome)], []
    from openai_phi.finding.rule_runs import run_rule

    run = run_rule(rule, outcome)
    return list(run.findings), list(run.exempt)


def _hook_runner(cls: type) -> None:
    """Wraps the runner's method that turns graph results into a report; once a class.

    Where runners share a process, whichever comes first wraps it for all: it serves graphs and files.
    """
    owner = next((c for c in cls.__mro__ if "get_graph_checks_report" in vars(c)), None)
    if owner is None or getattr(vars(owner)["get_graph_checks_report"], "_openai_phi", False):
        return
    original = vars(owner)["get_graph_checks_report"]

    @wraps(original)
    def with_findings(
        self: Any, root_folder: Any, runner_filter: Any, *args: Any, **kwargs: Any
    ) -> Report:
        report: Report = original(self, root_folder, runner_filter, *args, **kwargs)
        run = run_of_runner(self)
        if run is not None and run.framework in FROM_FILES:
            # a plan's runner has this method from Terraform's, and may share a process with it
            _finish_files(report, run, runner_filter)
        elif run is not None:
            graph = kwargs.get("graph") or (args[0] if args else None)
            graph = graph if graph is not None else self.graph_manager.get_reader_endpoint()
            _records().finish(
                report,
                run,
                runner_filter,
                published(),
                lambda rule: findings_of(rule, graph),
                vertices(graph),
            )
        return report

    with_findings._openai_phi = True  # type: ignore[attr-defined]
    owner.get_graph_checks_report = with_findings  # type: ignore[attr-defined]


def _hook_files(cls: type) -> None:
    """Wraps the runner's method that fills its report; once a class."""
    name = next((n for n in _FILLING if any(n in vars(c) for c in cls.__mro__)), "")
    if name == "get_graph_checks_report":
        _hook_runner(cls)
        return
    owner = next((c for c in cls.__mro__ if name in vars(c)), None)
    if owner is None or getattr(vars(owner)[name], "_openai_phi", False):
        return
    original = vars(owner)[name]

    @wraps(original)
    def with_findings(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        given = [*args, *kwargs.values(), result]
        report = next((a for a in given if isinstance(a, Report)), None)
        runner_filter = next((a for a in given if isinstance(a, RunnerFilter)), None)
        run = run_of_runner(self)
        # where runners share a process, the hook of one may be in the way of another
        reads = run is not None and run.framework in FROM_FILES
        if run is not None and reads and report is not None and runner_filter is not None:
            _finish_files(report, run, runner_filter)
        return result

    with_findings._openai_phi = True  # type: ignore[attr-defined]
    setattr(owner, name, with_findings)


_FILLING = ("add_python_check_results", "get_graph_checks_report")
"""Methods that fill a runner's report, the more specific first."""


def _finish_files(report: Report, run: Run, runner_filter: RunnerFilter) -> None:
    """Adds what our rules say of the files of a run; once a run, though a runner may ask twice."""
    if run.finished:
        return
    run.finished = True
    outcome: Analysis | Exception
    try:
        given = files_input(run)
        from openai_phi.facts.one_engine import refuse_two_engines
        from openai_phi.text.file_forms import could_hold

        refuse_two_engines()
        if not could_hold(given.framework, given.files):
            return
        from openai_phi.gathering.graph_scan import analyse, read_files

        with no_collection():
            outcome = analyse(_noted(read_files(given, _around(run))))
    except Exception as error:  # a broken stage is a finding of every rule that asks
        _log.error("openai-phi could not read the scan's files: %s", _way_of(error))
        outcome = error
    _records().finish(report, run, runner_filter, published(), lambda rule: _judged(rule, outcome))


def _hook_reports() -> None:
    """Wraps the one place where records enter a report, to mask literal keys; once a process."""
    original = Report.add_record
    if getattr(original, "_openai_phi", False):
        return

    @wraps(original)
    def add_clean_record(self: Report, record: Any) -> None:
        _records().clean(record)
        original(self, record)

    add_clean_record._openai_phi = True  # type: ignore[attr-defined]
    Report.add_record = add_clean_record
    _keep_apart()


def _keep_apart() -> None:
    """Lets findings of one rule at one resource stand beside each other; once a process.

    The Terraform runner drops records of equal check, lines and resource; ours may have two causes.
    """
    original = Record.get_unique_string

    @wraps(original)
    def with_details(self: Record) -> str:
        said = "\n".join(map(str, self.details)) if self.check_id.startswith("OAI_") else ""
        return f"{original(self)}.{said}" if said else original(self)

    Record.get_unique_string = with_details


def _records() -> ModuleType:
    """What makes and cleans records, loaded at the first one: most of Checkov's processes make none."""
    global _loaded
    if _loaded is None:  # an import statement for each of a hundred thousand records would cost too
        from openai_phi.plugin import checkov_records

        _loaded = checkov_records
    return _loaded


_loaded: ModuleType | None = None
