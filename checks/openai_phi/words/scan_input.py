"""What one analysis is made of: the context of the scan, and the vertices of a graph, or files. Light to import."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

POLICY_VARIABLE = "OPENAI_PHI_POLICY"
REQUIRE_VARIABLE = "OPENAI_PHI_REQUIRE_POLICY"
TRUST_VARIABLE = "OPENAI_PHI_TRUST_FROM"
TODAY_VARIABLE = "OPENAI_PHI_TODAY"
JOURNAL_VARIABLE = "OPENAI_PHI_HELM_JOURNAL"
"""Set for the stand-in for helm, which Checkov starts."""
_OFF = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, kw_only=True)
class Context:
    """What all of one scan is judged with; made where the scan begins, and handed down."""

    day: date
    """The day to judge on."""
    working: str
    """The working directory, in which Checkov looks for its configuration."""
    policy: str | None = None
    """The path of the policy that is supplied, if one is."""
    policy_required: bool = False
    """Whether nothing is shown to be covered where no policy says so."""
    trust_from: str | None = None
    """The revision whose declarations count where a change lowers or excuses; None: what is there counts."""
    journal: str | None = None
    """The file in which the stand-in for helm notes what did not render, if it is in use."""
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The environment, for those of its variables whose names are data."""


def context_of(
    variables: Mapping[str, str],
    working: str,
    *,
    policy: str | None = None,
    policy_required: bool = False,
    today: str | None = None,
    trust_from: str | None = None,
) -> Context:
    """The context of a scan: what is given, else what the environment says, else the day that it is.

    A variable that should name a policy and is empty asks for one: who set it meant that there is one.
    Raises ValueError for a day that is none.
    """
    day = today or variables.get(TODAY_VARIABLE)
    asked = variables.get(REQUIRE_VARIABLE, "").strip().lower() not in _OFF
    meant = not variables.get(POLICY_VARIABLE, "-").strip()
    return Context(
        day=date.fromisoformat(day) if day else date.today(),
        working=working,
        policy=policy or variables.get(POLICY_VARIABLE, "").strip() or None,
        policy_required=policy_required or asked or meant,
        trust_from=variables.get(TRUST_VARIABLE) if trust_from is None else trust_from,
        journal=variables.get(JOURNAL_VARIABLE) or None,
        variables=variables,
    )


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
