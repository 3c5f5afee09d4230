"""Command lines that a file of CI gives as data: arguments in a list, inputs of a task, Atlantis' extra arguments."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openai_phi.facts.ci_tasks import CiTask, ci_tasks

_ARGUMENTS = ("command", "entrypoint", "args")
_PROGRAMS = ("image", "name", "entrypoint", "uses")
_FOLDERS = ("dir", "workingDir", "working_dir", "working-directory", "workingDirectory")
_INPUTS = ("inputs", "with")
_DEEPEST = 40


@dataclass(frozen=True)
class GivenCommand:
    """Words of a command as data gives them, where they stand, and the folder that they are run in."""

    words: tuple[str, ...]
    path: tuple[str | int, ...]
    folder: str = ""
    variables: tuple[tuple[str, Any], ...] = ()


def given_commands(data: Any, program: str, verbs: str) -> Iterator[GivenCommand]:
    """The commands of a program (a pattern) with one of the verbs that a document gives as data."""
    for path, held in _mappings(data, ()):
        for found in (*_listed(held, path, program), *_of_tasks(held, path, program)):
            if len(found.words) > 1 and re.match(rf"(?:{verbs})\b", " ".join(found.words[1:])):
                yield found
    if re.fullmatch(program, "terraform"):
        yield from _atlantis(data)


def _mappings(
    data: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    if len(path) > _DEEPEST:
        return
    if isinstance(data, dict):
        yield path, data
        for key, value in data.items():
            yield from _mappings(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _mappings(value, (*path, index))


def _listed(
    held: dict[str, Any], path: tuple[str | int, ...], program: str
) -> Iterator[GivenCommand]:
    """Arguments in a list, of a container that is called for its program or whose command begins with it."""
    lists = [held.get(key) for key in _ARGUMENTS if isinstance(held.get(key), list)]
    words = [str(w) for listed in lists for w in listed or () if isinstance(w, (str, int, float))]
    if not words or not isinstance(held.get("args") or held.get("command"), list):
        return
    own = re.compile(rf"(?:.*/)?(?:{program})")
    at = next((i for i, w in enumerate(words) if own.fullmatch(w)), None)
    named = [str(held.get(key) or "") for key in _PROGRAMS]
    called = any(re.search(rf"(?:^|[/\"'])(?:{program})(?:[:@/\s]|$)", n) for n in named)
    if at is None and not called:
        return
    words = words[at:] if at is not None else [_first(program), *words]
    folder = next((str(held[k]) for k in _FOLDERS if isinstance(held.get(k), str)), "")
    yield GivenCommand(tuple(words), path, folder, tuple(_variables(held.get("env"))))


def _first(program: str) -> str:
    return program.partition("|")[0]


def _variables(given: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(given, dict):
        yield from ((str(n), v) for n, v in given.items())
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and "name" in one:
            yield str(one["name"]), one.get("value")
        elif isinstance(one, str) and "=" in one:
            name, _, value = one.partition("=")
            yield name, value


def _of_tasks(
    held: dict[str, Any], path: tuple[str | int, ...], program: str
) -> Iterator[GivenCommand]:
    """What the inputs of a known task say on the command line of its program."""
    called = held.get("task") or held.get("uses")
    inputs = next((held[k] for k in _INPUTS if isinstance(held.get(k), dict)), None)
    if not isinstance(called, str) or inputs is None:
        return
    for task in ci_tasks():
        if task.task.fullmatch(called) and re.fullmatch(program, task.program):
            words = (task.program, *_words(task, inputs))
            folder = str(inputs.get(task.folder) or "") if task.folder else ""
            yield GivenCommand(words, path, folder, tuple(_variables(held.get("env"))))


def _words(task: CiTask, inputs: dict[str, Any]) -> Iterator[str]:
    def text(name: str) -> str:
        value = inputs.get(name)
        return "" if value is None or isinstance(value, (dict, list)) else str(value).strip()

    yield from (text(task.verb_input) or task.verb).split()
    yield from filter(None, map(text, task.words))
    for name, flag in task.flags.items():
        for line in filter(None, map(str.strip, text(name).splitlines())):
            yield from (flag, line)
    for name, flag in task.pairs.items():
        for line in filter(None, map(str.strip, text(name).splitlines())):
            key, _, value = re.sub(r"\s*[:=]\s*", "\0", line, count=1).partition("\0")
            yield from (flag, f"{key}={value.strip(chr(34))}")
    for name, flag in task.lists.items():
        if text(name):
            yield from (flag, *re.split(r",(?=[\w-]+=)|\n", text(name)))
    for name, flag in task.arguments.items():
        yield from _arguments(flag, text(name))
    for name in task.raw:
        yield from _split(text(name))


def _arguments(flag: str, text: str) -> Iterator[str]:
    """What one flag takes of `-name value` pairs, `name=value` words and files."""
    words = _split(text)
    at = 0
    while at < len(words):
        if words[at].startswith("-") and at + 1 < len(words):
            yield from (flag, f"{words[at].lstrip('-')}={words[at + 1]}")
            at += 1
        else:
            yield from (flag, words[at])
        at += 1


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _atlantis(data: Any) -> Iterator[GivenCommand]:
    """How Atlantis plans each project with the extra arguments and environment of its workflow."""
    workflows = data.get("workflows") if isinstance(data, dict) else None
    projects = data.get("projects") if isinstance(data, dict) else None
    for name, flow in workflows.items() if isinstance(workflows, dict) else ():
        folders = [
            os.path.normpath(str(p.get("dir") or "."))
            for p in (projects if isinstance(projects, list) else ())
            if isinstance(p, dict) and p.get("workflow", "default") == name
        ]
        for path, words, variables in _stages(flow, ("workflows", name)):
            for folder in folders:
                yield GivenCommand(("terraform", *words), path, folder, variables)


def _stages(
    flow: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], tuple[str, ...], tuple[tuple[str, Any], ...]]]:
    for verb in ("plan", "apply"):
        stage = flow.get(verb) if isinstance(flow, dict) else None
        steps = stage.get("steps") if isinstance(stage, dict) else None
        words: list[str] = [verb]
        variables: list[tuple[str, Any]] = []
        for step in steps if isinstance(steps, list) else ():
            asked = step.get(verb) if isinstance(step, dict) else None
            extra = asked.get("extra_args") if isinstance(asked, dict) else None
            words += map(str, extra if isinstance(extra, list) else ())
            around = step.get("env") if isinstance(step, dict) else None
            variables += _variables([around] if isinstance(around, dict) else None)
        if len(words) > 1 or variables:
            yield (*path, verb), tuple(words), tuple(variables)
