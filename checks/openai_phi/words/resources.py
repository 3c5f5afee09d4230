"""Resources as plain data: settings, references, and what could not be evaluated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from openai_phi.words.places import Path, Place
from openai_phi.words.references import ByAddress, Reference

UNKNOWN_PART = "(unknown)"
"""The key in a map for entries of it that are not known."""


class Lack(str, Enum):
    """What is not there, where something could not be evaluated: each is closed by another thing."""

    VALUE = "value"
    """A variable of one plain value has none."""
    VARIABLE = "variable"
    MODULE = "module"
    FILE = "file"
    APPLY = "apply"
    """Only the apply decides."""
    OTHER = "other"


@dataclass(frozen=True)
class Unknown:
    """A value that is there but cannot be read; `reason` says why, in words for people.

    `of` is the name that it goes by where it comes from, as a variable's. `what` is the name of what
    is not there; `speaks` says whether what fills it speaks of a provider.
    """

    reason: str
    of: str = ""
    lack: Lack = field(default=Lack.OTHER, compare=False)
    what: str = field(default="", compare=False)
    speaks: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Option:
    """A value that stands elsewhere than where it is used; `place` gives the file and line of a path in it."""

    value: Any
    place: Callable[[Path], tuple[str, int]]


class Options(list[Option]):
    """What a value may be, where only a deployment decides which: all of it counts."""


@dataclass(frozen=True)
class SecretRef:
    """A reference to a secret: store kind (kubernetes, ssm, …), its name, the key within behind a `#`."""

    store: str
    name: str
    address: str = field(default="", compare=False)
    """The address that the code declares it at, by which a policy may call it too."""
    account: str = field(default="", compare=False)
    """The account, or the project, that it lies in, where the reference says so."""
    region: str = field(default="", compare=False)
    """The region that it lies in, where the reference says so."""
    among: tuple[str, ...] = field(default=(), compare=False)
    """The stores that it may lie in, where nothing says in which."""
    filled_from: tuple[SecretRef, ...] = field(default=(), compare=False)
    """The secret of another store that it is a copy of, by which a policy may call it too."""

    made_for: tuple[str, ...] = field(default=(), compare=False)
    """The projects whose service accounts the code takes its content from."""

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
    others: tuple[SecretRef, ...] = ()
    """Where only a deployment decides which secret it comes from: the others that it may."""
    value_path: Path = ()
    """Where its value stands, if its path is not that: the `valueFrom` of an entry in a list."""
    written: tuple[str, int] = field(default=("", 0), compare=False)
    """File and line at which its value is written, if that is elsewhere: a module's caller, a values file."""


@dataclass(frozen=True)
class Gap:
    """Settings of a program that could not be evaluated, whole or in part: nothing counts as absent there.

    `path` is that of the map, list or text that they would stand in, `group` that of its program;
    `sure` are the names that are written beside them and that none of them can override.
    """

    place: Place
    path: str
    reason: str
    closes: str
    """What would close it: a module, a variable file, a plan."""
    speaks: bool = False
    """Whether what fills it speaks of a provider."""
    group: str = ""
    sure: tuple[str, ...] = ()

    def say(self) -> str:
        """What is unknown, why, and what would close it, in one line."""
        return f"what {self.path} holds ({self.reason}; at {self.place.file}:{self.place.line}); {self.closes} would tell"


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
    gaps: tuple[Gap, ...] = ()
    """Settings of it that could not be evaluated."""
    known_as: str = ""
    """The file by which fingerprints of the first version know it, if that is another."""
    built_as: tuple[str, ...] = ()
    """Other variants that say the same of it."""
    root: str = ""
    """The folder that it is deployed from, relative to the scan root: a Terraform root, an overlay."""
    spaces: tuple[str, ...] = ()
    """The namespaces that it is deployed to, as the repository says elsewhere, where it names none itself."""
    environments: tuple[str, ...] = ()
    """The environments that it is deployed to, as folders, variants or a compliance file name them."""

    also_called: tuple[str, ...] = ()
    """Other names by which declarations may call it."""

    def place(self, path: str = "") -> Place:
        return Place(self.file, self.line, path)

    @property
    def refs_by_address(self) -> tuple[ByAddress, ...]:
        """What it refers to by address."""
        return tuple(r for r in self.refs if isinstance(r, ByAddress))

    @property
    def aliases(self) -> tuple[str, ...]:
        """The names by which declarations may call it."""
        names = {self.id, f"{self.type}.{self.name}", self.name, *self.also_called}
        if self.framework == "kubernetes" and not self.namespace:
            names.add(f"{self.type}.default.{self.name}")
        return tuple(sorted(names))

    def place_of(
        self, file: str, line: int, path: str, written: tuple[str, int] = ("", 0)
    ) -> Place:
        """The place of a setting, which may stand in another file; its own line where none is known."""
        return Place(file or self.file, line or self.line, path, written)

    def allows(self, path: Path) -> bool:
        """Whether a statement of a policy that holds this path is none that denies."""
        return not any(
            s.name.lower() == "effect"
            and str(s.value).lower() == "deny"
            and s.path[:-1] == path[: len(s.path) - 1]
            for s in self.settings
        )

    def within(self, path: Path) -> Path:
        """The path of a setting from the resource on."""
        size = len(self.base)
        return path[size:] if path[:size] == self.base else path


def may_meet(one: Resource, other: Resource) -> bool:
    """Whether two resources may be deployed together, as far as their variants say."""
    if not one.variant or not other.variant:
        return True
    return bool(set(one.variant.split(", ")) & set(other.variant.split(", ")))
