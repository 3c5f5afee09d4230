"""GitHub Actions: each job is a program, with the variables of its workflow and a group for each step."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from openai_phi.reading.templates.file_parts import Part, at, mappings
from openai_phi.text.documents import Document

_WORKFLOW = re.compile(r"(^|.*/)\.github/workflows/[^/]+\.ya?ml$")


def fits(file: str, text: str) -> bool:
    """Whether a file is a workflow."""
    return _WORKFLOW.match(file.replace("\\", "/")) is not None and "jobs" in text


def parts(document: Document, shown: str) -> Iterator[Part]:
    """The jobs of a workflow, each called by both: many workflows have a job of the same name."""
    workflow = os.path.basename(shown).rpartition(".")[0]
    shared = (("env",),) if isinstance(at(document.data, ("env",)), dict) else ()
    for name, job in mappings(document.data, "jobs"):
        path = ("jobs", name)
        settings = _without_conditions(_without_titles(job))
        yield Part(
            "github_actions_job",
            name,
            f"jobs.{workflow}.{name}",
            path,
            shared,
            data=settings,
            also_called=(f"jobs.{name}",),
        )


def _without_conditions(node: Any) -> Any:
    """A job without its `if` conditions, which only ask whether something is set."""
    if isinstance(node, dict):
        return {k: _without_conditions(v) for k, v in node.items() if k != "if"}
    return [_without_conditions(v) for v in node] if isinstance(node, list) else node


def _without_titles(job: dict[str, Any]) -> dict[str, Any]:
    """A job without the titles of itself and its steps, which are prose."""
    out = {k: v for k, v in job.items() if k != "name"}
    steps = out.get("steps")
    if isinstance(steps, list):
        titled = (
            {k: v for k, v in s.items() if k != "name"} if isinstance(s, dict) else s for s in steps
        )
        out["steps"] = list(titled)
    return out
