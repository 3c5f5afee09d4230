"""Checks policy and compliance files, with line, column and a hint for each mistake."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import yaml

from openai_phi.declared.declaration_files import Mistake, find_files
from openai_phi.declared.declaration_loader import COMPLIANCE_NAMES, POLICY_NAMES, load
from openai_phi.declared.idle_lines import files_below, idle_lines
from openai_phi.declared.merged_policies import policies
from openai_phi.declared.vocabulary import CatalogueWords
from openai_phi.facts.catalogue import load_catalogue

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, order=True)
class Located:
    """A mistake with its place in the file."""

    file: str
    line: int
    column: int
    message: str
    hint: str

    def __str__(self) -> str:
        hint = f"\n  {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.message}{hint}"


class NothingToCheck(Exception):
    """There is no such file, or a folder holds none; the message says so."""


def mistakes_in(path: str, policy: str | None) -> tuple[list[str], list[Located]]:
    """The files that were checked, and what is wrong in them. Raises `NothingToCheck`.

    A folder is checked with everything in it; a single file is a compliance file by its name, else a
    policy.
    """
    words = CatalogueWords(load_catalogue())
    if os.path.isdir(path):
        files = [*find_files(path, COMPLIANCE_NAMES), *find_files(path, POLICY_NAMES)]
        files += policies(policy)
        declared = load(path, policy_path=policy, known=words)
        root, wanted = path, set(files)
    elif not os.path.isfile(path):
        raise NothingToCheck(f"{path} does not exist")
    else:
        root, wanted, files = (
            os.path.dirname(os.path.abspath(path)),
            {os.path.abspath(path)},
            [path],
        )
        own = path if os.path.basename(path) not in COMPLIANCE_NAMES else policy
        declared = load(root, policy_path=own, known=words)
    if not files:
        raise NothingToCheck(f"{path} holds neither {COMPLIANCE_NAMES[0]} nor {POLICY_NAMES[0]}")
    below = files_below(path) if os.path.isdir(path) else []
    idle = () if declared.mistakes else idle_lines(declared.policy, below)
    found = [
        _located(_absolute(root, m, policy), m)
        for m in (*declared.mistakes, *idle)
        if os.path.isdir(path) or _absolute(root, m, policy) in wanted
    ]
    return sorted(map(_shown, files)), sorted(found)


def _absolute(root: str, mistake: Mistake, policy: str | None) -> str:
    """A mistake's file; the policy's may lie outside of the root, and is shown by its name."""
    inside = os.path.abspath(os.path.join(root, mistake.place.file))
    if os.path.isfile(inside):
        return inside
    shown = mistake.place.file
    return next((p for p in policies(policy) if shown in (p, os.path.basename(p))), inside)


def _located(file: str, mistake: Mistake) -> Located:
    line, column = _position(file, mistake)
    return Located(_shown(file), line, column, _said(mistake), mistake.hint)


def _said(mistake: Mistake) -> str:
    spoken = not mistake.place.path or mistake.place.path in mistake.message
    return mistake.message if spoken else f"{mistake.place.path}: {mistake.message}"


def _shown(file: str) -> str:
    """A file as people here would name it."""
    relative = os.path.relpath(file)
    return os.path.abspath(file) if relative.startswith("..") else relative


def _position(file: str, mistake: Mistake) -> tuple[int, int]:
    try:
        root = _composed(file)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return (mark.line + 1, mark.column + 1) if mark else (mistake.place.line, 1)
    except (OSError, ValueError, RecursionError):
        return mistake.place.line, 1
    steps = [int(i) if i else n for n, i in _STEP.findall(mistake.place.path)]
    node = _node(root, steps)
    if node is not None and node.start_mark.line + 1 == mistake.place.line:
        return mistake.place.line, node.start_mark.column + 1
    return mistake.place.line, _first_column(file, mistake.place.line)


@lru_cache(maxsize=64)
def _composed(file: str) -> yaml.Node | None:
    with open(file, encoding="utf-8") as handle:
        return yaml.compose(handle, Loader=_Loader)


def _node(node: yaml.Node | None, steps: Sequence[str | int]) -> yaml.Node | None:
    """The key (or the entry of a list) that a path leads to, as far as it leads."""
    shown = node
    for step in steps:
        found = next(_below(node, step), None)
        if found is None:
            return shown
        shown, node = found
    return shown


def _below(node: yaml.Node | None, step: str | int) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((k, v) for k, v in node.value if getattr(k, "value", None) == step)
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        yield node.value[step], node.value[step]


def _first_column(file: str, line: int) -> int:
    with open(file, encoding="utf-8", errors="replace") as handle:
        text = next((t for n, t in enumerate(handle, 1) if n == line), "")
    return len(text) - len(text.lstrip()) + 1
