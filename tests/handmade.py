"""Resources for tests of the engine, made without a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openai_phi.words.resources import Ref, Resource, Setting


def made(type_: str, said: Mapping[str, Any], *refs: str, framework: str = "terraform") -> Resource:
    """A resource that says this, by dotted path, and refers to these; its id is `type.r`."""
    settings = tuple(
        Setting(path.rpartition(".")[2], value, tuple(path.split(".")), 2)
        for path, value in said.items()
    )
    found = tuple(Ref(ref, "x", 3) for ref in refs)
    return Resource(framework, type_, f"{type_}.r", "r", "s", "main.tf", 1, 5, settings, found)
