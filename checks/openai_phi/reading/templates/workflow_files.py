"""GitHub Actions: each job is a program, with the variables of its workflow and a group for each step."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from openai_phi.facts.secret_names import FromAction, from_action
from openai_phi.reading.templates.file_parts import Beside, Part, at, mappings
from openai_phi.text.documents import Document, parse_text
from openai_phi.words.resources import Setting, Unknown

_OUTPUT = re.compile(r"\$\{\{\s*steps\.(?P<step>[\w-]+)\.outputs\.(?P<name>[\w-]+)\s*\}\}")
_WORKFLOW = re.compile(r"(^|.*/)\.github/workflows/[^/]+\.ya?ml$")


def fits(file: str, text: str) -> bool:
    """Whether a file is a workflow."""
    return _WORKFLOW.match(file.replace("\\", "/")) is not None and "jobs" in text


def parts(document: Document, file: str, shown: str, beside: Beside) -> Iterator[Part]:
    """The jobs of a workflow, each called by both: many workflows have a job of the same name."""
    root = os.path.normpath(os.path.join(os.path.dirname(file), "..", ".."))
    workflow = os.path.basename(shown).rpartition(".")[0]
    shared = (("env",),) if isinstance(at(document.data, ("env",)), dict) else ()
    for name, job in mappings(document.data, "jobs"):
        path = ("jobs", name)
        settings = _without_conditions(_without_titles(job))
        steps = settings.get("steps")
        taken = list(_taken(steps if isinstance(steps, list) else []))
        outputs = {(step, s.name): s.spelling for (step, _), s in taken if s.is_output and step}
        settings = _with_outputs(settings, outputs)
        extra = tuple(
            Setting(
                secret.name,
                Unknown("comes from a store", what=secret.spelling),
                (*path, "steps", index, "with", secret.name),
                document.line((*path, "steps", index, "with")),
                role="env",
            )
            for (_, index), secret in taken
            if secret.is_variable
        )
        extra += tuple(_from_files(settings, root, beside))
        yield Part(
            "github_actions_job",
            name,
            f"jobs.{workflow}.{name}",
            path,
            shared,
            (),
            extra,
            data=settings,
            also_called=(f"jobs.{name}",),
        )


_GIVEN = re.compile(r"--env-file(?:=|\s+)[\"']?(?P<path>[^\s\"'\\]+)")
_WORKSPACE = re.compile(r"\$\{\{\s*github\.workspace\s*\}\}|\$\{?(?:PWD|GITHUB_WORKSPACE)\b\}?")


def env_files(text: str) -> Iterator[str]:
    """The files of variables that commands give to containers, by their paths from the repository's root."""
    for found in _GIVEN.finditer(_WORKSPACE.sub(".", text)):
        if "$" not in found["path"]:
            yield found["path"]


def takes_in(file: str, beside: Beside) -> Iterator[str]:
    """The files of variables that a workflow's commands give to containers, absolute."""
    root = os.path.normpath(os.path.join(os.path.dirname(file), "..", ".."))
    return (os.path.normpath(os.path.join(root, p)) for p in env_files(beside(file) or ""))


def _from_files(job: Mapping[str, Any], root: str, beside: Beside) -> Iterator[Setting]:
    """The variables that containers get which a job's commands run."""
    steps = job.get("steps")
    for index, step in enumerate(steps if isinstance(steps, list) else []):
        text = step.get("run") if isinstance(step, dict) else None
        folder = str(step.get("working-directory") or "") if isinstance(step, dict) else ""
        for name in env_files(text) if isinstance(text, str) else ():
            for base in dict.fromkeys((os.path.join(root, folder), root)):
                path = os.path.normpath(os.path.join(base, name))
                found = parse_text(beside(path) or "")
                data = found.data if found is not None else None
                if found is not None and isinstance(data, dict):
                    for key, value in data.items():
                        line = found.lines.get((key,), 1)
                        at_ = (str(key),)
                        where = beside.shown(path)
                        yield Setting(
                            str(key), value, at_, line, f"steps.{index}", where, None, "env"
                        )
                    break


_Step = tuple[str, int]
"""The id of a step, or nothing, and its place."""


def _taken(steps: list[Any]) -> Iterator[tuple[_Step, FromAction]]:
    """The secrets that steps take from stores, each with its step."""
    for index, step in enumerate(steps):
        given = step.get("with") if isinstance(step, dict) else None
        for found in (
            from_action(str(step.get("uses", "")), given) if isinstance(given, dict) else ()
        ):
            yield (str(step.get("id", "")), index), found


def _with_outputs(node: Any, outputs: Mapping[tuple[str, str], str]) -> Any:
    """A job in which what steps took from stores is known by its secret."""
    if isinstance(node, dict):
        return {k: _with_outputs(v, outputs) for k, v in node.items()}
    if isinstance(node, list):
        return [_with_outputs(v, outputs) for v in node]
    found = _OUTPUT.fullmatch(node.strip()) if outputs and isinstance(node, str) else None
    spelling = outputs.get((found["step"], found["name"])) if found else None
    return Unknown("comes from a store", what=spelling) if spelling else node


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
