"""What one analysis is made of: the vertices of a graph, or files. Light to import."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class GraphInput:
    """One graph to analyse: its framework, vertices, the scan root and the files below it.

    `root` is the folder that the user scans; `graph_root` where the graph's files lie (another one
    for rendered charts); `shown` maps a graph file to the path to show; `rendered` are the chart
    folders that gave manifests; `built_by` maps a file that kustomize built to its kustomization's
    folder; `also` are the frameworks of the scan that judge charts and kustomizations themselves.
    """

    framework: str
    vertices: Sequence[Mapping[str, Any]]
    root: str
    graph_root: str
    files: Sequence[str]
    shown: Callable[[str], str] | None = None
    rendered: frozenset[str] = field(default_factory=frozenset)
    built_by: Mapping[str, str] = field(default_factory=dict)
    also: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class FilesInput:
    """The files below a root that a framework without a graph of ours reads as they are.

    `missing_tools` are those that would render some of them (only for the framework `yaml`, which
    speaks about files that no other reads); `aside` are files that Checkov leaves out by itself.
    """

    framework: str
    root: str
    files: Sequence[str]
    missing_tools: frozenset[str] = field(default_factory=frozenset)
    aside: Sequence[str] = ()


FROM_FILES = frozenset(
    {
        "yaml",
        "ansible",
        "github_actions",
        "cloudformation",
        "arm",
        "bicep",
        "terraform_plan",
        "terraform_json",
    }
)
"""Frameworks whose files the engine reads itself, whole; the others give it a graph."""
