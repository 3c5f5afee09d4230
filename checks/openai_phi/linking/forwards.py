"""Where objects send what is addressed to a host: routes, entries, slices, mirrors, names of the DNS."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from openai_phi.facts.routes import RouteKind, routes
from openai_phi.facts.signatures import dotted
from openai_phi.words.resources import Resource, Setting

_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://)?(?P<host>[*a-z0-9_](?:[a-z0-9._*-]*[a-z0-9_])?)\.?(?::\d+)?(?:/\S*)?",
    re.IGNORECASE,
)
_URL_HOST = re.compile(r"://(?P<host>[a-z0-9][a-z0-9.-]*)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class _Route:
    """An object with what it leads to."""

    by: Resource
    targets: tuple[str, ...]
    dns: bool

    def is_near(self, resource: Resource, host: str) -> bool:
        """Whether what a resource addresses to a host, by the name that the object gives it, comes here."""
        same = self.by.namespace is not None and self.by.namespace == resource.namespace
        everywhere = self.dns and "." in host and "*" not in host
        return everywhere or self.by.scope == resource.scope or same


class Forwards:
    """The hosts that objects answer for, with those that they pass requests on to."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        known = routes()
        self._by_host: dict[str, list[_Route]] = defaultdict(list)
        self._by_address: dict[tuple[str, str], tuple[str, ...]] = {}
        kinds = {t: known.kind(t) for t in {r.type for r in resources}}
        parents = {t: known.parent(t) for t in kinds}
        given = {
            (r.scope, r.name): _texts(r, kind.hosts) for r in resources if (kind := parents[r.type])
        }
        for resource in resources:
            kind = kinds[resource.type]
            targets = _targets(resource, kind) if kind and resource.settings else ()
            if kind is None or not targets:
                continue
            route = _Route(by=resource, targets=targets, dns=kind.dns)
            self._by_address[(resource.scope, resource.id)] = targets
            for host in _hosts(resource, kind, given):
                for name in _spellings(host, resource.namespace):
                    self._by_host[name].append(route)

    def __bool__(self) -> bool:
        return bool(self._by_host)

    def of(self, resource: Resource, host: str) -> tuple[str, ...]:
        """Where objects near a resource send what it addresses to a host; empty if none is seen to."""
        found: list[str] = []
        for name in _asked(host) if self._by_host else ():
            for route in self._by_host.get(name, ()):
                if route.is_near(resource, name):
                    found.extend(t for t in route.targets if t != host)
        return tuple(dict.fromkeys(found))

    def at(self, scope: str, address: str) -> tuple[str, ...]:
        """Where the object at an address leads, for who refers to it."""
        return self._by_address.get((scope, address), ())


def _targets(resource: Resource, kind: RouteKind) -> tuple[str, ...]:
    """The hosts, or other objects, that an object passes requests on to."""
    out: dict[str, None] = {}
    for setting in resource.settings:
        if not isinstance(setting.value, str) or not kind.targets.fullmatch(
            _path(resource, setting)
        ):
            continue
        whole = _HOST.fullmatch(setting.value.strip())
        if whole:
            out[whole["host"].lower()] = None
        else:  # the lines for a proxy, which an annotation adds
            out.update(dict.fromkeys(m["host"].lower() for m in _URL_HOST.finditer(setting.value)))
    return tuple(out)


def _hosts(
    resource: Resource, kind: RouteKind, given: dict[tuple[str, str], tuple[str, ...]]
) -> Iterator[str]:
    """The hosts that an object answers for: its own, else those of its parents, else what it is called by."""
    own = [h for text in _texts(resource, kind.hosts) for h in _inside(text, kind)]
    zones = _texts(resource, kind.zone)
    named = [h for h in own if h.strip("*.")]
    if not named:
        parents = (t.rpartition("/")[2] for t in _texts(resource, kind.parents))
        named = [h for p in parents for h in given.get((resource.scope, p), ()) if h.strip("*.")]
    if not named and not own:
        named = list(_texts(resource, kind.otherwise))
    for host in named:
        whole = not kind.dns or "." in host
        yield host if whole else f"{host}.{zones[0]}" if len(zones) == 1 else f"{host}.*"


def _inside(text: str, kind: RouteKind) -> list[str]:
    if kind.inside is None:
        return [text]
    return [m["host"].lower() for m in kind.inside.finditer(text)]


def _asked(host: str) -> Iterator[str]:
    """The names by which objects may answer for a host: its own, those with an asterisk, its first part."""
    yield host
    first, *rest = host.split(".")
    for count in range(len(rest)):
        yield ".".join(("*", *rest[count:]))
    if rest:
        yield f"{first}.*"


def _spellings(host: str, namespace: str | None) -> Iterable[str]:
    """The names that a host of a cluster goes by; of any other host just the one."""
    short, _, rest = host.partition(".")
    space, _, zone = rest.partition(".")
    if (
        "*" in host
        or zone not in ("", "svc", "svc.cluster.local")
        or (space and space != namespace)
    ):
        return (host,)
    space = space or namespace or "default"
    full = f"{short}.{space}"
    return dict.fromkeys((host, short, full, f"{full}.svc", f"{full}.svc.cluster.local"))


def _texts(resource: Resource, path: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(
        s.value.strip().lower().rstrip(".")
        for s in resource.settings
        if isinstance(s.value, str) and path.fullmatch(_path(resource, s))
    )


def _path(resource: Resource, setting: Setting) -> str:
    return dotted(resource.within(setting.path))
