"""A call: a name in the settings of a resource that leads to workloads of the estate, or out of it."""

from __future__ import annotations

from dataclasses import dataclass

from openai_phi.words.places import Place
from openai_phi.words.resources import Resource


@dataclass(frozen=True, kw_only=True)
class Call:
    """One name in a resource's settings that leads to workloads of the estate, or out of it."""

    host: str
    place: Place
    name: str
    group: str
    targets: tuple[Resource, ...]
    external: str = ""
    """The host that a service is only another name for."""
