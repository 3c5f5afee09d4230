"""Who is called what: the resources of a scan by kind and name, and by address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from openai_phi.facts.secret_names import filler, filler_kinds
from openai_phi.words.references import ByAddress, ByName, Reference
from openai_phi.words.resources import Resource, may_meet

OBJECTS = frozenset({"kubernetes", "helm", "kustomize"})
"""Frameworks whose objects refer to each other by kind and name, not by an address."""
_SECRETS = ("Secret", "SealedSecret", *filler_kinds())
"""The kinds of objects that are a Secret of their name, or become one."""


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """The resources of a scan by what others call them."""

    named: Mapping[tuple[str, str], Sequence[Resource]]
    """(kind, name) -> all that are called so, or that write an object of this name."""
    addressed: Mapping[tuple[str, str], Sequence[Resource]]
    """(scope, address) -> what stands there."""
    typed: Mapping[str, Sequence[Resource]] = field(default_factory=dict)
    """Type -> all resources of it."""

    def find(self, resource: Resource, kind: str, name: str) -> list[Resource]:
        """Objects that may be joined: of the same scope and namespace, or of one other scope that says it."""
        kinds = _SECRETS if kind == "Secret" else (kind,)
        found = [r for k in kinds for r in self.named.get((k, name), ())]
        near = [r for r in found if r.scope == resource.scope and _may_share(r, resource)]
        if near:
            return near
        far = [
            r
            for r in found
            if r.scope != resource.scope and r.namespace and r.namespace == resource.namespace
        ]
        return far if len({r.scope for r in far}) == 1 else []

    def at(self, resource: Resource, address: str) -> Sequence[Resource]:
        """What has an address in the scope of a resource."""
        return self.addressed.get((resource.scope, address), ())

    def referred(self, resource: Resource, ref: Reference) -> list[Resource]:
        """What a reference of a resource leads to."""
        match ref:
            case ByName():
                return self.find(resource, ref.kind, ref.name)
            case ByAddress():
                return [t for t in self.at(resource, ref.address) if may_meet(t, resource)]

    def namespace_of(self, resource: Resource) -> Sequence[Resource]:
        """The objects of a resource's namespace: those of its scope, or those of one other."""
        if not resource.namespace:
            return ()
        spaces = self.named.get(("Namespace", resource.namespace), ())
        near = [s for s in spaces if s.scope == resource.scope] or spaces
        return near if len({s.scope for s in near}) == 1 else ()


def lookup_of(resources: Iterable[Resource]) -> Lookup:
    """The names of these resources."""
    named: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    addressed: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    typed: dict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        typed[resource.type].append(resource)
        for name in {resource.name, *_written(resource)}:
            named[(resource.type, name)].append(resource)
        if resource.framework not in OBJECTS:
            addressed[(resource.scope, resource.id)].append(resource)
    return Lookup(named=dict(named), addressed=dict(addressed), typed=dict(typed))


def _written(resource: Resource) -> Iterable[str]:
    """The names of the objects that a resource has others write: an ExternalSecret's target."""
    targets = filler(resource.type).get("target", ())
    for setting in resource.settings if targets else ():
        path = ".".join("*" if isinstance(s, int) else s for s in setting.path)
        if path in targets and isinstance(setting.value, str):
            yield setting.value


def _may_share(one: Resource, other: Resource) -> bool:
    if not may_meet(one, other):
        return False
    return one.namespace is None or other.namespace is None or one.namespace == other.namespace
