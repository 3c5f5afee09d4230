"""What the bridge must know of a running Checkov: its runner, roots, files; all found, none set."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from checkov.common.runners.base_runner import BaseRunner, filter_ignored_paths

from openai_phi.words.scan_input import FilesInput, GraphInput


@dataclass
class Run:
    """One runner while it runs: `root` is the folder the user scans, `graph_root` the graph's.

    `files` are the single files that were asked for, if no folder was; `asked` the frameworks.
    """

    runner: Any
    framework: str
    root: str
    graph_root: str
    excluded: list[str] = field(default_factory=list)
    files: tuple[str, ...] | None = None
    asked: frozenset[str] = frozenset({"all"})
    scan: Any = None
    """What all runs of one scan have in common, and no other: Checkov's filter of runners."""
    finished: bool = False


_runs: list[Run] = []


def note_run() -> Run | None:
    """Finds the runner that is loading checks, up the stack, and remembers it."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        runner = frame.f_locals.get("self") if frame.f_code.co_name == "run" else None
        if isinstance(runner, BaseRunner):
            return _remember(runner, frame.f_locals)
        frame = frame.f_back
    return None


def _remember(runner: Any, local: Mapping[str, Any]) -> Run:
    for run in _runs:
        if run.runner is runner:
            return run
    files = None if local.get("root_folder") else local.get("files")
    folder = local.get("root_folder") or _common(files)
    only = local.get("runner_filter")
    run = run_over(runner, folder, frozenset(getattr(only, "framework", None) or ["all"]))
    run.scan = only
    run.excluded = list(getattr(only, "excluded_paths", None) or [])
    run.files = tuple(sorted(map(os.path.abspath, files))) if files else None
    _runs.append(run)
    return run


def run_over(runner: Any, folder: str, asked: frozenset[str]) -> Run:
    """A run of a runner over a folder."""
    original = getattr(runner, "original_root_dir", "") or folder
    return Run(
        runner,
        str(runner.check_type),
        os.path.abspath(original),
        os.path.abspath(folder),
        asked=asked,
    )


def _common(files: Any) -> str:
    """The root of a scan of single files: the working directory, if they lie below it."""
    here = os.getcwd()
    paths = [os.path.dirname(os.path.abspath(f)) for f in files or ()]
    if all(p == here or p.startswith(here + os.sep) for p in paths):
        return here
    return str(os.path.commonpath(paths))


def run_of_graph(graph: Any) -> Run | None:
    """The remembered run whose graph this is; the last one if none can be told apart."""
    for run in reversed(_runs):
        graphs = [g for g, _ in getattr(run.runner, "all_graphs", None) or []]
        manager = getattr(run.runner, "graph_manager", None)
        if manager is not None:
            graphs.append(manager.get_reader_endpoint())
        if any(g is graph for g in graphs):
            return run
    return None


def run_of_runner(runner: Any) -> Run | None:
    """The remembered run of a runner."""
    return next((r for r in _runs if r.runner is runner), None)


def vertices(graph: Any) -> list[dict[str, Any]]:
    """The vertex attributes of a graph of either of Checkov's graph libraries."""
    nodes = graph.nodes()
    out: list[dict[str, Any]] = []
    for node in nodes:
        if isinstance(node, tuple) and len(node) == 2 and isinstance(node[1], dict):
            out.append(node[1])
        elif isinstance(node, dict):
            out.append(node)
    if not out and len(nodes):
        for _, data in graph.nodes(data=True):
            inner = data.get("attr", data)
            if isinstance(inner, dict):
                out.append(inner)
    return out


def files_of(run: Run, hidden: Collection[str] = ()) -> list[str]:
    """Absolute paths of the files that Checkov would look at in a run, sorted."""
    if run.files is not None:
        return list(run.files)
    out: list[str] = []
    for base, folders, names in os.walk(run.root):
        filter_ignored_paths(base, folders, run.excluded, list(hidden))
        filter_ignored_paths(base, names, run.excluded, list(hidden))
        folders.sort()
        out.extend(p for p in (os.path.join(base, n) for n in sorted(names)) if is_text(p))
    return out


def is_text(path: str) -> bool:
    """Not so for a pipe or a device, from which nobody should wait for a text."""
    return os.path.isfile(path) or not os.path.exists(path)


_OTHERS = r"\.git|\.hg|\.svn|\.github|\.terraform|\.serverless|\.devcontainer|\.vscode|\.idea|\.?venv|\.tox|\.nox|\..*cache"
_MOST_LINKED = 2000


def aside_of(run: Run, files: Collection[str]) -> list[str]:
    """Files below a run's root that Checkov leaves out by itself: hidden ones, those behind links.

    Not those of other tools and caches, nor those that the user excludes.
    """
    if run.files is not None:
        return []
    out: set[str] = set()
    home = os.path.realpath(run.root)
    linked: list[str] = []
    for base, folders, names in os.walk(run.root):
        folders[:] = sorted(f for f in folders if not re.fullmatch(_OTHERS, f))
        for found in (folders, names):
            filter_ignored_paths(base, found, run.excluded, [f for f in found if f[:1] == "."])
        out.update(os.path.join(base, n) for n in names)
        ends = ((p, os.path.realpath(p)) for p in (os.path.join(base, f) for f in folders))
        linked += [p for p, end in ends if os.path.islink(p) and not _within(end, home)]
    for link in linked:
        for base, inner, names in os.walk(link):
            inner.sort()  # where it breaks off is the same on every disk
            out.update(os.path.join(base, n) for n in names)
            if len(out) > len(files) + _MOST_LINKED:
                break
    return sorted(p for p in out.difference(files) if is_text(p))


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + os.sep)


def graph_input(run: Run, graph: Any) -> GraphInput:
    """What the engine needs to analyse a graph of this run."""
    files = files_of(run)
    nodes = vertices(graph)
    charts = chart_folders(run, files) if run.framework == "helm" else {}
    seen = {os.path.abspath(str(n.get("file_path_", ""))) for n in nodes}
    rendered = frozenset(
        c for p, c in charts.items() if any(f.startswith(p + os.sep) for f in seen)
    )
    return GraphInput(
        run.framework,
        nodes,
        run.root,
        run.graph_root,
        files,
        _shown(run, charts) if run.framework == "helm" else None,
        rendered,
        _built_by(run),
        _also(run, files) if run.framework == "kubernetes" else frozenset(),
    )


def _shown(run: Run, charts: Mapping[str, str]) -> Callable[[str], str]:
    """The template of a rendered file, relative to the scan's root."""

    from openai_phi.reading.charts.subcharts import real_template  # heavy, and helm's alone

    def shown(path: str) -> str:
        for prefix, chart in charts.items():
            if path.startswith(prefix + os.sep):
                path = real_template(chart + path[len(prefix) :])
                break
        base = run.root if path.startswith(run.root + os.sep) else run.graph_root
        return os.path.relpath(path, base).replace(os.sep, "/")

    return shown


def _built_by(run: Run) -> dict[str, str]:
    """A file that kustomize built -> the folder of its kustomization, as Checkov noted it."""
    noted = getattr(run.runner, "report_mutator_data", None) or {}
    mappings = noted.get("kustomizeFileMappings") or {}
    return {os.path.abspath(k): os.path.abspath(v) for k, v in mappings.items()}


def _also(run: Run, files: Collection[str]) -> frozenset[str]:
    """The frameworks of this scan that render files which a raw graph holds too."""
    if run.files is not None:
        return frozenset()
    names = {os.path.basename(f) for f in files}
    return frozenset(
        framework
        for framework, marks in _marks().items()
        if names & marks and run.asked & {"all", framework} and _works(framework)
    )


def files_input(run: Run) -> FilesInput:
    """What the engine needs to judge the files of this run."""
    files = files_of(run, HIDDEN.get(run.framework, ()))
    names = {os.path.basename(f) for f in files}
    missing = {
        framework
        for framework, marks in _marks().items()
        if run.framework == "yaml"
        and names & marks
        and run.asked & {"all", framework}
        and not _works(framework)
    }
    aside = aside_of(run, files) if run.framework == "yaml" else ()
    return FilesInput(run.framework, run.root, files, frozenset(missing), tuple(aside))


HIDDEN = {"github_actions": (".github",)}
"""Hidden folders that a framework reads all the same, as its runner's `included_paths` says."""


def _marks() -> dict[str, set[str]]:
    """The file names that mark what each rendering framework renders."""
    from openai_phi.reading.manifests.kustomizations import NAMES

    return {"helm": {"Chart.yaml"}, "kustomize": set(NAMES)}


def _works(framework: str) -> bool:
    """Whether Checkov finds the tool that renders a framework; it leaves the framework out if not."""
    if framework == "helm":
        from checkov.helm.runner import Runner as Renderer  # loaded by checkov.main anyway
    else:
        from checkov.kustomize.runner import Runner as Renderer
    return Renderer().check_system_deps() is None


def chart_folders(run: Run, files: list[str]) -> dict[str, str]:
    """Where Checkov writes a rendered chart -> the chart's folder, the longest path first.

    Checkov takes the chart's name off the folder's end and helm puts it on again, so the two differ
    where a folder is not named like its chart.
    """
    out: dict[str, str] = {}
    for file in files:
        if os.path.basename(file) != "Chart.yaml":
            continue
        chart = os.path.dirname(file)
        name = _chart_name(file)
        target = os.path.join(run.graph_root, os.path.relpath(chart, run.root)).removesuffix(
            os.sep + "."
        )
        if name and target.endswith(name):
            target = target[: -len(name)].rstrip(os.sep)
        out[os.path.join(target, name)] = chart
    return dict(sorted(out.items(), key=lambda i: (-len(i[0]), i[0])))


def _chart_name(file: str) -> str:
    try:
        with open(file, encoding="utf-8", errors="replace") as handle:
            found = re.search(r"^name:\s*[\"']?([^\s\"'#]+)", handle.read(), re.MULTILINE)
    except OSError:
        return ""
    return found[1] if found else ""
