"""Keeps small what our checks cost each of Checkov's processes; nothing here changes a result."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

NEED_CHECKS = frozenset({"yaml", "json"})
"""Frameworks for which Checkov has no check of its own: it runs them for external checks only."""


def leave_alone() -> None:
    """Takes what Checkov has made so far out of garbage collection; called once a process.

    Checkov forks a process a framework. Loading our checks there makes enough objects to start a
    full collection, which walks the million objects that Checkov imported (0.2 s of processor time in
    each of twenty processes), copies their pages, and finds nothing: modules live as long as the process.
    """
    gc.freeze()


@contextmanager
def no_collection() -> Iterator[None]:
    """Without garbage collection: it would walk all of Checkov's objects again while ours are made."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def spare_parsing(cls: type) -> None:
    """Spares a runner the parsing of files of which no check will ask; once a class.

    With any folder of external checks Checkov parses every file of the repository for `yaml` and `json`,
    with line numbers, for the checks of these frameworks. Ours are none: they read files by themselves.
    Where somebody else's check is registered, everything is parsed as before.
    """
    owner = next((c for c in cls.__mro__ if "_load_files" in vars(c)), None)
    if owner is None or getattr(vars(cls).get("_load_files"), "_openai_phi", False):
        return
    original = vars(owner)["_load_files"]

    @wraps(original)
    def load_files(self: Any, *args: Any, **kwargs: Any) -> None:
        if _has_checks(self):
            original(self, *args, **kwargs)

    load_files._openai_phi = True  # type: ignore[attr-defined]
    cls._load_files = load_files  # type: ignore[attr-defined]


def _has_checks(runner: Any) -> bool:
    """Whether any check could look at what a runner parses; where that cannot be told, so."""
    try:
        registry = runner.import_registry()
        known = [*registry.checks.values(), *registry.wildcard_checks.values()]
    except Exception:  # another Checkov than those we know: it parses
        return True
    return any(known) or getattr(runner, "graph_registry", None) is not None
