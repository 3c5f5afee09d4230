"""Tasks and actions of CI whose inputs are the command line of a program that deploys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from openai_phi.facts.data_files import load_yaml, schema_root


@dataclass(frozen=True)
class CiTask:
    """One row of ci_tasks.yaml, whose head says what each field means."""

    task: re.Pattern[str]
    program: str
    verb: str
    verb_input: str
    words: tuple[str, ...]
    flags: Mapping[str, str]
    pairs: Mapping[str, str]
    lists: Mapping[str, str]
    arguments: Mapping[str, str]
    raw: tuple[str, ...]
    folder: str


@lru_cache(maxsize=1)
def ci_tasks() -> tuple[CiTask, ...]:
    """The shipped rows. Raises OSError or yaml.YAMLError where the file is broken."""
    data = load_yaml(schema_root() / "ci_tasks.yaml")
    return tuple(
        CiTask(
            re.compile(row["task"]),
            row["program"],
            row.get("verb", ""),
            row.get("verb_input", ""),
            tuple(row.get("words", ())),
            row.get("flags", {}),
            row.get("pairs", {}),
            row.get("lists", {}),
            row.get("arguments", {}),
            tuple(row.get("raw", ())),
            row.get("folder", ""),
        )
        for row in data["tasks"]
    )


@lru_cache(maxsize=1)
def task_words() -> re.Pattern[str]:
    """Fits a text that may call one of the tasks."""
    named = "|".join(f"(?:{t.task.pattern})" for t in ci_tasks())
    return re.compile(rf"\b(?:task|uses)\s*:\s*[\"']?(?:{named})")
