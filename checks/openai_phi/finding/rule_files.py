"""Loads the rule files without Checkov, each by itself, and says which of them did not load and why."""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openai_phi.facts.data_files import engine_folder
from openai_phi.finding.rule import Rule
from openai_phi.finding.rule_runs import rule_order

_BRIDGE = "openai_phi.plugin.bridge"


@dataclass(frozen=True)
class RuleFiles:
    """The rules of a checks folder in the order of their ids, and `file: reason` of those that lack."""

    rules: tuple[Rule, ...]
    broken: tuple[str, ...]


def checks_folder() -> Path:
    """The folder for `--external-checks-dir`: beside the engine in a checkout, within it in a wheel."""
    here = engine_folder()
    return here / "_checks" if (here / "_checks").is_dir() else here.parent


def load_rules(folder: Path | None = None) -> RuleFiles:
    """Every rule of a folder. Never raises: a file that raises or publishes nothing is in `broken`."""
    folder = folder or checks_folder()
    rules: list[Rule] = []
    broken: list[str] = []
    files = sorted(f for f in folder.glob("*.py") if not f.name.startswith("__"))
    for file in files:
        try:
            found = _published(file)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            broken.append(f"{file.name}: {type(error).__name__}: {error}")
            continue
        rules += found
        if len(found) != 1:
            broken.append(f"{file.name}: publishes {len(found)} rules, not one")
    if not files:
        broken.append(f"{folder}: holds no rule file")
    twice = {r.id for r in rules if [o.id for o in rules].count(r.id) > 1}
    broken += [f"{ident}: more than one file publishes it" for ident in sorted(twice)]
    return RuleFiles(tuple(sorted(rules, key=lambda r: rule_order(r.id))), tuple(broken))


def _published(file: Path) -> list[Rule]:
    """What a file publishes; the bridge to Checkov is not loaded for it, as it takes half a second."""
    found: list[Rule] = []

    def publish(rule: Rule) -> Rule:
        found.append(rule)
        return rule

    spec = importlib.util.spec_from_file_location(f"openai_phi_rule_{file.stem}", file)
    assert spec is not None and spec.loader is not None  # noqa: PT018
    module = importlib.util.module_from_spec(spec)
    with _bridge(publish):
        spec.loader.exec_module(module)
    return found


@contextmanager
def _bridge(publish: Any) -> Iterator[None]:
    before = sys.modules.get(_BRIDGE)
    light = types.ModuleType(_BRIDGE)
    light.publish = publish  # type: ignore[attr-defined]
    sys.modules[_BRIDGE] = light
    try:
        yield
    finally:
        if before is None:
            del sys.modules[_BRIDGE]
        else:
            sys.modules[_BRIDGE] = before
