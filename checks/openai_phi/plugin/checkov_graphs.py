"""Runs Checkov's runners in this process, one framework at a time, and takes their graphs; nothing else of Checkov."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from openai_phi.text.error_words import said, way_of
from openai_phi.verdicts.analysis import Inputs

os.environ["CHECKOV_PARALLELIZATION_TYPE"] = "none"  # before Checkov is imported

import yaml
from checkov.common.output.report import Report
from checkov.runner_filter import RunnerFilter

from openai_phi.gathering.graph_scan import read_files, read_graph
from openai_phi.gathering.surroundings import Surroundings
from openai_phi.plugin import checkov_runs
from openai_phi.text.documents import MAX_MANIFEST, MAX_TEXT, decoded, explosive
from openai_phi.words.scan_input import FROM_FILES

GRAPHS: dict[str, tuple[str, str, str]] = {
    "terraform": ("checkov.terraform.runner", "Runner", "Runner"),
    "kubernetes": ("checkov.kubernetes.runner", "Runner", "Runner"),
    "helm": ("checkov.helm.runner", "Runner", "K8sHelmRunner"),
    "kustomize": ("checkov.kustomize.runner", "Runner", "K8sKustomizeRunner"),
}
"""Framework -> module, the runner to start, and the class of the runner that holds the graph."""
_CHECKS = re.compile(r"checkov\.(terraform|kubernetes)\.checks\.(resource|data)\.\w+")
_ALWAYS = frozenset({"terraform", "kubernetes"})
"""Frameworks of which Checkov makes a graph even of no files at all."""
_CHECKING = ("check_tf_definition", "check_definitions")
_log = logging.getLogger(__name__)


def _as_text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    return loader.construct_scalar(node)


for _sign in ("value", "merge"):  # `=` and `<<` where a value is wanted; Checkov would stop at them
    yaml.SafeLoader.add_constructor(f"tag:yaml.org,2002:{_sign}", _as_text)


@dataclass(frozen=True)
class Taken:
    """What one framework gave: inputs of each graph, files that Checkov could not parse, what stopped it."""

    inputs: tuple[Inputs, ...]
    unparsed: tuple[str, ...] = ()
    error: str = ""


def take(framework: str, root: str, asked: frozenset[str], around: Surroundings) -> Taken:
    """The graphs of one framework. Never raises: what stops Checkov is in `error`.

    Where Checkov hands over no graph, the files are held against none, so that what could matter and
    was not read is known.
    """
    inputs: list[Inputs] = []
    errors: list[str] = []
    unparsed: list[str] = []
    module, start, holder = GRAPHS[framework]
    try:
        loaded = _without_checks(module)
        with _taking(getattr(loaded, holder), asked, around, inputs, errors):
            runner = getattr(loaded, start)()
            if getattr(runner, "check_system_deps", lambda: None)() is None:
                unparsed = _run(runner, root, asked)
    except Exception as error:  # Checkov's own errors are many
        _log.debug("Checkov stopped in %s: %s", framework, way_of(error))
        errors.append(f"Checkov stopped in {framework}: {type(error).__name__}")
    if not inputs and not errors and framework in _ALWAYS:
        errors.append(f"Checkov handed over no graph of {framework}")
    if not inputs:
        inputs += _without_graph(framework, root, asked, around, errors)
    return Taken(tuple(inputs), tuple(unparsed), "; ".join(errors))


def _without_checks(module: str) -> Any:
    """A module of Checkov's; its own checks, a thousand modules that we do not ask, stay empty."""
    finder: Any = _NoChecks()
    sys.meta_path.insert(0, finder)
    try:
        return import_module(module)
    finally:
        sys.meta_path.remove(finder)
        for name in finder.made:
            sys.modules.pop(name, None)


class _NoChecks:
    """Finds the folders of Checkov's own checks, one for each provider, as modules without content."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if not _CHECKS.fullmatch(name):
            return None
        if not any(os.path.isdir(os.path.join(p, name.rpartition(".")[2])) for p in path or ()):
            return None
        self.made.append(name)
        return ModuleSpec(name, self)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        return None


def _run(runner: Any, root: str, asked: frozenset[str]) -> list[str]:
    only = RunnerFilter(
        checks=["OAI_*"],
        framework=sorted(asked),
        show_progress_bar=False,
        excluded_paths=[f"^{re.escape(f)}$" for f in _left_to_us(os.path.abspath(root))],
    )
    with contextlib.redirect_stdout(io.StringIO()):
        found = runner.run(root, runner_filter=only)
    reports = found if isinstance(found, list) else [found]
    lost = {str(f) for r in reports if r is not None for f in r.parsing_errors}
    return sorted(os.path.relpath(f, root) if os.path.isabs(f) else f for f in lost)


@lru_cache(maxsize=4)
def _left_to_us(root: str) -> tuple[str, ...]:
    """Pipes, and files whose anchors multiply or that are huge: Checkov would not end soon."""
    found: list[str] = []
    for base, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f != ".git"]
        for name in names:
            path = os.path.join(base, name)
            if not checkov_runs.is_text(path):
                found.append(path)
            if not name.endswith((".yaml", ".yml", ".json")) or not os.path.isfile(path):
                continue
            with contextlib.suppress(OSError), open(path, "rb") as handle:
                huge = os.path.getsize(path) > MAX_MANIFEST
                if huge or explosive(decoded(handle.read(MAX_TEXT))):
                    found.append(path)
    return tuple(sorted(found))


@contextlib.contextmanager
def _taking(
    holder: Any,
    asked: frozenset[str],
    around: Surroundings,
    inputs: list[Inputs],
    errors: list[str],
) -> Iterator[None]:
    """While it is open, the runners of a class hand over their graphs where they would check them."""

    def report(
        self: Any, root_folder: Any, runner_filter: Any, graph: Any = None, **_: Any
    ) -> Report:
        try:
            graph = graph if graph is not None else self.graph_manager.get_reader_endpoint()
            run = checkov_runs.run_over(self, root_folder, asked)
            inputs.append(read_graph(checkov_runs.graph_input(run, graph), around))
        except Exception as error:  # Checkov would swallow it
            errors.append(said(f"reading the graph of {self.check_type}", error))
        return Report(self.check_type)

    def nothing(self: Any, first: Any, *given: Any, **_: Any) -> Any:
        return next((g for g in (first, *given) if isinstance(g, Report)), None)

    own: dict[str, Any] = {"get_graph_checks_report": report}
    own.update({n: nothing for n in _CHECKING if hasattr(holder, n)})
    before = {n: vars(holder)[n] for n in own if n in vars(holder)}
    for name, method in own.items():
        setattr(holder, name, method)
    try:
        yield
    finally:
        for name in own:
            if name in before:
                setattr(holder, name, before[name])
            else:
                delattr(holder, name)


class _Nothing:
    """A graph without vertices."""

    def nodes(self) -> list[Any]:
        return []


def _without_graph(
    framework: str, root: str, asked: frozenset[str], around: Surroundings, errors: list[str]
) -> list[Inputs]:
    run = checkov_runs.Run(None, framework, root, root, asked=asked)
    try:
        return [read_graph(checkov_runs.graph_input(run, _Nothing()), around)]
    except Exception as error:
        errors.append(said(f"reading the files of {framework}", error))
        return []


def take_files(framework: str, root: str, asked: frozenset[str], around: Surroundings) -> Taken:
    """What the engine reads of a framework's files itself."""
    assert framework in FROM_FILES
    run = checkov_runs.Run(None, framework, root, root, asked=asked)
    try:
        return Taken((read_files(checkov_runs.files_input(run), around),))
    except Exception as error:
        _log.debug("reading the files of %s: %s", framework, way_of(error))
        return Taken((), (), said(f"reading the files of {framework}", error))
