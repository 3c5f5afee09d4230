"""What the scanned code itself proves about projects: retention controls and tool permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from openai_phi.words.places import Place
from openai_phi.words.resources import Resource


@dataclass(frozen=True)
class RetentionProof:
    """A retention control set in Terraform: the project's id or address, its type, the place."""

    project: str
    type: str
    place: Place


@dataclass(frozen=True)
class ToolProof:
    """Hosted tools that Terraform switches for a project: feature id -> allowed."""

    project: str
    allowed: Mapping[str, bool]
    place: Place
    resource: Resource | None = None
    """The resource that sets it, where it is part of what is judged."""


@dataclass(frozen=True)
class GeographyProof:
    """Where Terraform says that a project stores."""

    project: str
    geography: str
    place: Place
    resource: Resource | None = None


@dataclass(frozen=True)
class ModelProof:
    """The only models that Terraform lets a project use."""

    project: str
    models: tuple[str, ...]
    place: Place


@dataclass(frozen=True)
class Proofs:
    """All proofs found."""

    retention: tuple[RetentionProof, ...] = ()
    tools: tuple[ToolProof, ...] = ()
    models: tuple[ModelProof, ...] = ()
    geographies: tuple[GeographyProof, ...] = ()
    organizations: tuple[RetentionProof, ...] = ()
    """The retention controls of whole organizations; `project` is the root folder that sets one."""

    def from_elsewhere(self) -> Proofs:
        """The same proofs where the resources that give them are not part of what is judged."""
        return replace(
            self,
            tools=tuple(replace(t, resource=None) for t in self.tools),
            geographies=tuple(replace(g, resource=None) for g in self.geographies),
        )
