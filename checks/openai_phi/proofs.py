"""What the scanned code itself proves about projects: retention controls and tool permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openai_phi.model import Place


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
