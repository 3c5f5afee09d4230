"""Which objects say where what is addressed to a host goes, and where in them it stands, from the signatures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.late_patterns import late

_Pattern = re.Pattern[str]


@dataclass(frozen=True, kw_only=True)
class RouteKind:
    """The paths, without indexes, at which an object says what it answers for and where that goes."""

    type: _Pattern
    hosts: _Pattern
    targets: _Pattern
    otherwise: _Pattern
    """Where it names what it is called by, if it names no host."""
    parents: _Pattern
    """Where it names the objects whose hosts are its own, if it names none."""
    zone: _Pattern
    """Where it names the domain that its hosts are below."""
    inside: _Pattern | None
    """How a host stands within a longer text."""
    dns: bool
    """Whether its hosts are names of the DNS, which mean the same wherever they stand."""

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> RouteKind:
        """From a line of the signatures."""
        inside = spec.get("inside")
        return cls(
            type=late(spec["type"]),
            hosts=late(spec["hosts"]),
            targets=late(spec.get("targets", _NEVER)),
            otherwise=late(spec.get("otherwise", _NEVER)),
            parents=late(spec.get("parents", _NEVER)),
            zone=late(spec.get("zone", _NEVER)),
            inside=late(inside, re.IGNORECASE) if inside else None,
            dns=bool(spec.get("dns")),
        )


@dataclass(frozen=True)
class Routes:
    """The kinds of objects that lead on, and those that give their hosts to others."""

    kinds: tuple[RouteKind, ...]
    parents: tuple[RouteKind, ...]
    forwarders: _Pattern
    parts: tuple[tuple[_Pattern, _Pattern], ...]
    stages: _Pattern

    def part_at(self, type_: str) -> _Pattern | None:
        """Where a resource of a type names what it is a part of; None if it is a part of nothing."""
        return next((of for types, of in self.parts if types.fullmatch(type_)), None)

    def is_stage(self, type_: str) -> bool:
        """Whether a resource of this type leads to the same as what it refers to."""
        return self.stages.fullmatch(type_) is not None

    def forwards(self, image: str) -> bool:
        """Whether an image passes on what it gets, and answers nothing itself."""
        return self.forwarders.fullmatch(image) is not None

    def kind(self, type_: str) -> RouteKind | None:
        """What objects of a type say; None if they lead nowhere."""
        return next((k for k in self.kinds if k.type.fullmatch(type_)), None)

    def parent(self, type_: str) -> RouteKind | None:
        """Where objects of a type name the hosts that they give to others; None if they give none."""
        return next((k for k in self.parents if k.type.fullmatch(type_)), None)

    def matters(self, type_: str) -> bool:
        """Whether an object of this type is worth reading where anything speaks."""
        return self.kind(type_) is not None or self.parent(type_) is not None


_NEVER = r"(?!)"


@lru_cache(maxsize=1)
def routes() -> Routes:
    """The shipped kinds. Raises what `load_yaml` raises."""
    data = load_yaml(schema_root() / "signatures" / "routes.yaml")
    return Routes(
        tuple(map(RouteKind.of, data["routes"])),
        tuple(map(RouteKind.of, data["parents"])),
        late(data["forwarders"], re.IGNORECASE),
        tuple((late(p["type"]), late(p["of"])) for p in data["parts"]),
        late(data["stages"]),
    )
