"""Resources as plain data: settings, references, and what could not be evaluated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openai_phi.words.places import Path, Place
from openai_phi.words.references import ByAddress, Reference


@dataclass(frozen=True)
class Unknown:
    """A value that is there but cannot be read; `reason` says why, in words for people.

    `of` is the name that it goes by where it comes from, as a variable's.
    """

    reason: str
    of: str = ""


@dataclass(frozen=True)
class Option:
    """A value that stands elsewhere than where it is used; `place` gives the file and line of a path in it."""

    value: Any
    place: Callable[[Path], tuple[str, int]]


class Options(list[Option]):
    """What a value may be, where only a deployment decides which: all of it counts."""


@dataclass(frozen=True)
class SecretRef:
    """A reference to a secret: store kind (kubernetes, ssm, …), its name, the key within."""

    store: str
    name: str

    def __str__(self) -> str:
        return f"{self.store}:{self.name}"


@dataclass(frozen=True)
class Setting:
    """One name and value found anywhere in a resource, with its path and 1-based line.

    `value` is a scalar, or `Unknown`. `group` says which part of the resource (a container, a
    block) it belongs to; settings of one group configure one program. `secret` is the reference
    that the value comes from, if it comes from a secret store.
    """

    name: str
    value: Any
    path: Path
    line: int
    group: str = ""
    file: str = ""
    secret: SecretRef | None = None
    role: str = ""
    """`marker` for labels, annotations and tags; `env` for variables; `document` for a text whose
    own settings follow; `unread` for one that was not looked into; otherwise empty."""
    mounted: tuple[str, ...] = ()
    """The groups of the containers that it is mounted into, where it comes from a volume."""


@dataclass(frozen=True)
class Resource:
    """One object as Checkov parsed it, read again from its source where it matters.

    `scope` keys what may be joined (Terraform root folder, manifest folder, chart); `id` is
    unique within a scope; `inherited` are markers of the surroundings (default tags, namespace).
    """

    framework: str
    type: str
    id: str
    name: str
    scope: str
    file: str
    line: int
    end_line: int
    settings: tuple[Setting, ...] = ()
    refs: tuple[Reference, ...] = ()
    namespace: str | None = None
    images: tuple[tuple[str, int], ...] = ()
    inherited: tuple[Setting, ...] = ()
    handle: int = -1
    variant: str = ""
    unreadable: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    """Labels of the pods that it runs, by which services and network policies select it."""
    selects: tuple[tuple[str, str], ...] | None = None
    """Labels that a service or a network policy selects pods by; empty: all; None: it selects none."""
    alias: str = ""
    """The host that a service is only another name for."""
    lets_out: bool = False
    """Whether a network policy also lets traffic out to any address."""
    base: Path = ()
    """What the paths of its settings begin with, where they lead from the top of a file."""
    limits_out: bool = False
    """Whether a network policy limits what its pods may reach."""

    def place(self, path: str = "") -> Place:
        return Place(self.file, self.line, path)

    @property
    def refs_by_address(self) -> tuple[ByAddress, ...]:
        """What it refers to by address."""
        return tuple(r for r in self.refs if isinstance(r, ByAddress))

    @property
    def aliases(self) -> tuple[str, ...]:
        """The names by which declarations may call it."""
        names = {self.id, f"{self.type}.{self.name}", self.name}
        if self.framework == "kubernetes" and not self.namespace:
            names.add(f"{self.type}.default.{self.name}")
        return tuple(sorted(names))

    def place_of(self, file: str, line: int, path: str) -> Place:
        """The place of a setting, which may stand in another file; its own line where none is known."""
        return Place(file or self.file, line or self.line, path)

    def within(self, path: Path) -> Path:
        """The path of a setting from the resource on."""
        size = len(self.base)
        return path[size:] if path[:size] == self.base else path


def may_meet(one: Resource, other: Resource) -> bool:
    """Whether two resources may be deployed together, as far as their variants say."""
    if not one.variant or not other.variant:
        return True
    return bool(set(one.variant.split(", ")) & set(other.variant.split(", ")))
