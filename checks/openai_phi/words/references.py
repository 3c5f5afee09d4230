"""What a resource refers to: an address of its scope, or an object of Kubernetes by kind and name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ByAddress:
    """A reference to what has an address in the same scope: Terraform's, a template's, a file's path."""

    address: str
    path: str
    """Where in the resource it stands."""
    line: int
    """The line of it; 0 where none is known."""


@dataclass(frozen=True, kw_only=True)
class ByName:
    """A reference to an object by its kind and name; its namespace is that of who refers to it."""

    kind: str
    name: str
    path: str
    """Where in the resource what takes it stands: a container, a pod's specification."""
    line: int


@dataclass(frozen=True, kw_only=True)
class AllVariables(ByName):
    """Each entry of the object becomes a variable: `envFrom`."""

    prefix: str = ""
    """What the name of each variable begins with."""


@dataclass(frozen=True, kw_only=True)
class OneVariable(ByName):
    """One entry of the object becomes one variable: `valueFrom`."""

    entry: str
    variable: str


@dataclass(frozen=True, kw_only=True)
class Content(ByName):
    """What the object holds, as a volume or as the values of a chart."""

    mounted: tuple[str, ...] = ()
    """The groups of the containers that it is mounted into."""


Reference = ByAddress | ByName
