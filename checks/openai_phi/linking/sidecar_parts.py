"""What a sidecar calls for the program of its pod, as Dapr does its components."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from openai_phi.facts.signatures import SidecarPart, Signatures, dotted
from openai_phi.linking.calls import Call
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource, may_meet


class SidecarParts:
    """The objects of a scan that sidecars call, by the pods that have such a sidecar."""

    def __init__(self, resources: Sequence[Resource], names: Signatures) -> None:
        self._names = names
        self._parts = [
            (spec, r) for r in resources for spec in names.sidecar_parts if _is_part(r, spec)
        ]

    def __bool__(self) -> bool:
        return bool(self._parts)

    def calls(self, resource: Resource) -> Iterator[Call]:
        """The objects that the sidecar of a workload may call for it."""
        for spec, part in self._parts:
            place = self._enabled(resource, spec)
            if place and part is not resource and _in_scope(resource, part, spec):
                yield Call(host=part.id, place=place, name=spec.enabled, group="", targets=(part,))

    def _enabled(self, resource: Resource, spec: SidecarPart) -> Place | None:
        """Where a workload asks for the sidecar."""
        said = [s for s in resource.settings if s.name == spec.enabled]
        if not any(self._names.truth(s.value) for s in said):
            return None
        return resource.place_of(said[0].file, said[0].line, spec.enabled)


def _is_part(resource: Resource, spec: SidecarPart) -> bool:
    return resource.type == spec.type and any(
        spec.setting.fullmatch(dotted(s.path)) and spec.value.fullmatch(str(s.value))
        for s in resource.settings
    )


def _in_scope(resource: Resource, part: Resource, spec: SidecarPart) -> bool:
    same = part.namespace is not None and part.namespace == resource.namespace
    near = part.scope == resource.scope and None in (part.namespace, resource.namespace)
    if not (same or near) or not may_meet(part, resource):
        return False
    listed = {str(s.value) for s in part.settings if spec.scopes in s.path[:1]}
    called = {str(s.value) for s in resource.settings if s.name == spec.name}
    return not listed or bool(listed & (called or {resource.name}))
