"""Where objects of a cluster send what is addressed to a host: routes, entries, slices, mirrors."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openai_phi.words.resources import Resource, Setting

_URL_HOST = re.compile(r"://(?P<host>[a-z0-9][a-z0-9.-]*)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """The paths, without indexes, at which an object says what it answers for and where that goes."""

    hosts: str
    targets: str


_KINDS = {
    "VirtualService": _Kind(
        hosts=r"spec\.hosts",
        targets=r"spec\.(http|tls|tcp)\.(route\.destination|mirror|mirrors\.destination)\.host",
    ),
    "ServiceEntry": _Kind(hosts=r"spec\.hosts", targets=r"spec\.endpoints\.address"),
    "HTTPRoute": _Kind(
        hosts=r"spec\.hostnames",
        targets=r"spec\.rules\.(backendRefs|filters\.requestMirror\.backendRef)\.name",
    ),
    "Ingress": _Kind(
        hosts=r"spec\.rules\.host",
        targets=r"spec\.(rules\.http\.paths\.backend|defaultBackend)\.service\.name",
    ),
    "Backend": _Kind(hosts=r"metadata\.name", targets=r"spec\.endpoints\.fqdn\.hostname"),
    "EndpointSlice": _Kind(
        hosts=r"metadata\.labels\.kubernetes\.io/service-name", targets=r"endpoints\.addresses"
    ),
}
"""Where objects of Istio, Gateway API, Envoy Gateway and Kubernetes name what they are asked for and what they lead to."""
_SNIPPETS = re.compile(r"metadata\.annotations\..+-snippet")


class Forwards:
    """The hosts that objects of a cluster answer for, with those that they pass requests on to."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._by_host: dict[str, list[tuple[Resource, tuple[str, ...]]]] = defaultdict(list)
        for resource in resources:
            kind = _KINDS.get(resource.type)
            if kind is None:
                continue
            hosts = _texts(resource.settings, re.compile(kind.hosts))
            targets = (
                *_texts(resource.settings, re.compile(kind.targets)),
                *_snippets(resource.settings),
            )
            for host in hosts if targets else ():
                for name in _spellings(host, resource.namespace):
                    self._by_host[name].append((resource, targets))

    def __bool__(self) -> bool:
        return bool(self._by_host)

    def of(self, resource: Resource, host: str) -> tuple[str, ...]:
        """Where objects near a resource send what it addresses to a host; empty if none is seen to."""
        found: list[str] = []
        for each, targets in self._by_host.get(host, ()):
            same = each.namespace is not None and each.namespace == resource.namespace
            if each.scope == resource.scope or same:
                found.extend(t for t in targets if t != host)
        return tuple(dict.fromkeys(found))


def _spellings(host: str, namespace: str | None) -> Iterable[str]:
    """The names that a host of a cluster goes by; of any other host just the one."""
    short, _, rest = host.partition(".")
    space, _, zone = rest.partition(".")
    if zone not in ("", "svc", "svc.cluster.local") or (space and space != namespace):
        return (host,)
    space = space or namespace or "default"
    full = f"{short}.{space}"
    return dict.fromkeys((host, short, full, f"{full}.svc", f"{full}.svc.cluster.local"))


def _texts(settings: Iterable[Setting], path: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(
        s.value.lower().rstrip(".")
        for s in settings
        if isinstance(s.value, str) and path.fullmatch(_path(s))
    )


def _snippets(settings: Iterable[Setting]) -> Iterable[str]:
    """The hosts that the lines for a proxy name, which an annotation adds."""
    for setting in settings:
        if isinstance(setting.value, str) and _SNIPPETS.fullmatch(_path(setting)):
            yield from (m["host"].lower() for m in _URL_HOST.finditer(setting.value))


def _path(setting: Setting) -> str:
    return ".".join(str(part) for part in setting.path if not isinstance(part, int))
