"""What in a repository weakens the gate: Checkov's configuration and baseline, and skips inline."""

from __future__ import annotations

import fnmatch
import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import yaml

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.reading.disk.skips import WORD, comment_skips, written_annotation_skips
from openai_phi.reading.disk.unread import Disk
from openai_phi.text.documents import LOADER, node_lines, plain
from openai_phi.words.fixes import ANYTHING, DAY, Actor, Declares, Fix, Value, added
from openai_phi.words.found import Skip, Weakening
from openai_phi.words.places import Place

CONFIGURATIONS = (".checkov.yaml", ".checkov.yml")
BASELINE = ".checkov.baseline"
_OWN_RULE = "OAI_SCAN_2"
_SEVERITIES = ("INFO", "LOW", "MEDIUM", "HIGH", "CRITICAL")


@lru_cache(maxsize=1)
def gate_facts() -> dict[str, Any]:
    """What settings weaken, from schemas/gate.yaml. Raises what `load_yaml` raises."""
    data: dict[str, Any] = load_yaml(schema_root() / "gate.yaml")
    return data


def weakenings(disk: Disk, files: Iterable[str], working: str) -> tuple[Weakening, ...]:
    """Everything in a scan's files, its root and the working directory that weakens the gate, in order."""
    listed = list(files)
    found: list[Weakening] = []
    for folder in dict.fromkeys((disk.root, os.path.abspath(working))):
        for name in CONFIGURATIONS:
            if os.path.isfile(os.path.join(folder, name)):
                found += _configuration(disk, os.path.join(folder, name))
    for folder in sorted({disk.root, *map(os.path.dirname, listed)}):
        found += _baseline(disk, os.path.join(folder, BASELINE))
    skips = [*comment_skips(disk, listed), *written_annotation_skips(disk, listed)]
    found += map(_inline, dict.fromkeys(skips))
    return tuple(sorted(found, key=lambda w: (w.place, w.cause)))


def _inline(skip: Skip) -> Weakening:
    return Weakening(
        skip.place,
        f"{skip.resource} skips {skip.rule} inline at {skip.place}, and no valid exception says so.",
        _fixes("take the skip out and mend the finding.", skip.rule, skip.resource),
        f"skip {skip.rule} {skip.resource}",
        skip,
    )


def _configuration(disk: Disk, file: str) -> Iterator[Weakening]:
    shown = disk.shown(file)
    try:
        node = yaml.compose(disk.text(file) or "", Loader=LOADER)
        data = plain(node) if node is not None else {}
        lines = node_lines(node) if node is not None else {}
    except Exception as error:  # whatever a hostile text raises, Checkov may read it otherwise
        what = f"cannot be read ({type(error).__name__}), and Checkov takes its settings from it"
        yield _setting(shown, 1, "unreadable", what, f"mend {shown}, or take it away.")
        return
    for key, value in data.items() if isinstance(data, dict) else ():
        name = str(key).lstrip("-").replace("_", "-")
        known = gate_facts()["settings"].get(name)
        if known and _weakens(str(known["when"]), value):
            line = lines.get((key,), 1)
            yield _setting(shown, line, name, f"sets {name}, which {known['does']}")


def _setting(shown: str, line: int, name: str, what: str, mend: str = "") -> Weakening:
    mend = mend or f"take {name} out of {shown}; give such settings on CI's command line."
    return Weakening(
        Place(shown, line, name),
        f"{shown}:{line} {what}.",
        _fixes(mend, _OWN_RULE, shown),
        f"setting {name}",
    )


def _baseline(disk: Disk, file: str) -> Iterator[Weakening]:
    """A baseline that holds, or may hold, findings of ours."""
    if not os.path.isfile(file):
        return
    text, shown = disk.text(file) or "", disk.shown(file)
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        harmless = False
    else:
        harmless = WORD not in text
    if harmless:
        return
    line = next((n for n, t in enumerate(text.splitlines(), 1) if WORD in t), 1)
    yield Weakening(
        Place(shown, line),
        f"{shown}:{line} takes findings of OAI_ rules out of the result as known.",
        _fixes(f"mend them and take them out of {shown}.", _OWN_RULE, shown),
        "baseline",
    )


def _fixes(what: str, rule: str, resource: str) -> tuple[Fix, ...]:
    """What the team does, or compliance allows for a time."""
    entry: dict[str, Value] = {
        "rule": rule,
        "resource": resource,
        "kind": "accepted",
        **dict.fromkeys(("reason", "owner", "approved_by"), ANYTHING),
        "approved_on": DAY,
        "expires_on": DAY,
    }
    return (
        Fix(who=Actor.TEAM, what=what),
        Fix(
            who=Actor.COMPLIANCE,
            what=f"if it is meant, allow it for a time in {Declares.COMPLIANCE.value}:",
            additions=(added(Declares.COMPLIANCE, "exceptions", entry),),
        ),
    )


# -- when a setting weakens ------------------------------------------------------------------------


def _weakens(when: str, value: Any) -> bool:
    words = _words(value)
    if when in ("true", "false"):
        return [w.lower() for w in words] == [when] or (when == "true" and words == ["1"])
    if when == "any":
        return bool(words) and words != ["False"]
    return bool(words) and _TESTS[when](words)


def _words(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [w.strip() for item in items for w in str(item).split(",") if w.strip()]


def _severity(word: str) -> bool:
    return word.upper() in _SEVERITIES


def _may_fit(pattern: str) -> bool:
    """Whether a pattern may fit some rule of ours."""
    word = pattern.split(":")[0]
    head = re.split(r"[*?\[]", word)[0]
    return head.startswith(WORD) or (head != word and WORD.startswith(head))


def _fits_all(pattern: str) -> bool:
    """Whether a pattern fits each rule of ours."""
    return pattern.endswith("*") and fnmatch.fnmatchcase(WORD, pattern)


_TESTS = {
    "soft": lambda words: any(_severity(w) or _may_fit(w) for w in words),
    "hard": lambda words: (
        not any(_fits_all(w) or (_severity(w) and w.upper() != "CRITICAL") for w in words)
    ),
    "checks": lambda words: not any(_fits_all(w) or w.upper() in ("INFO", "LOW") for w in words),
    "skips": lambda words: any(_severity(w) or _may_fit(w) for w in words),
    "frameworks": lambda words: "all" not in words,
    "left_out": lambda words: any(w in gate_facts()["frameworks"] for w in words),
}
