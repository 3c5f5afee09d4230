"""Names that workloads call each other by: services, selectors, cluster DNS, Compose services."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from openai_phi.facts.signatures import Signatures
from openai_phi.linking.calls import Call
from openai_phi.linking.forwards import Forwards
from openai_phi.linking.sidecar_parts import SidecarParts
from openai_phi.observing.uses import Seen
from openai_phi.words.places import Place, show
from openai_phi.words.references import ByAddress
from openai_phi.words.resources import Resource, Setting, may_meet

_HOST_IN = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://)(?:[^@/\s\"']*@)?(?P<url>[a-z0-9][a-z0-9._-]*)"
    r"|(?P<dns>[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)?\.svc(?:\.cluster\.local)?)"
    r"|(?<![\w.@/-])(?P<port>[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)?):\d{2,5}(?!\d)",
    re.IGNORECASE,
)
_CLUSTER = re.compile(
    r"(?P<name>[a-z0-9-]+)(?:\.(?P<space>[a-z0-9-]+))?(?:\.svc(?:\.cluster\.local)?)?",
    re.IGNORECASE,
)

_LOCAL = re.compile(r"127\.|0\.0\.0\.0|localhost(\.|$)", re.IGNORECASE)
_HEADLESS = re.compile(
    r"(?P<pod>[a-z0-9-]+)\.(?P<rest>(?P<service>[a-z0-9-]+)(?:\.[a-z0-9.-]+)?)", re.IGNORECASE
)
_ADDRESS_NAME = re.compile(
    r"(?:.*[_.-])?(?:host(?:name)?|addr(?:ess)?|server|upstream|endpoint|ur[li]|target|backend|relay|proxy|gateway|base)",
    re.IGNORECASE,
)
_BARE = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)*", re.IGNORECASE)
_SERVICE_HOST = re.compile(r"\$[({](?P<name>[A-Z0-9_]+)_SERVICE_HOST[)}]")
_HOPS = 6
"""How many names may stand for one another before a way is given up."""


def _also_called(service: Resource) -> Iterator[str]:
    """What else a service of Compose answers to: its container's and host's name, its aliases in networks."""
    for setting in service.settings:
        where = [p for p in setting.path if isinstance(p, str)]
        own = where[-1:] in (["container_name"], ["hostname"])
        if (own or ("networks" in where and "aliases" in where)) and isinstance(setting.value, str):
            yield setting.value


class AddressBook:
    """Resolves host names to workloads, within a scope or by an explicit namespace."""

    def __init__(self, resources: Sequence[Resource], names: Signatures) -> None:
        self._services: dict[str, list[Resource]] = defaultdict(list)
        self._programs: dict[str, list[Resource]] = defaultdict(list)
        self._compose: dict[tuple[str, str], Resource] = {}
        for resource in resources:
            if resource.type.partition(".")[0] == "Service":
                self._services[resource.name].append(resource)
            elif resource.labels and names.sort(resource.type) == "workload":
                self._programs[resource.scope].append(resource)
            elif resource.type == "compose_service":
                self._compose[(resource.scope, resource.name)] = resource
                for alias in _also_called(resource):
                    self._compose.setdefault((resource.scope, alias), resource)
        self._answering: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        referred = {(r.scope, ref.address) for r in resources for ref in r.refs_by_address}
        for resource in resources:
            known = names.answers_for(resource.type) or names.sort(resource.type) == "workload"
            if known and (resource.scope, resource.id) in referred:
                self._answering[(resource.scope, resource.id)].append(resource)
        self._names = names
        self._spaces = {r.namespace for r in resources if r.namespace}
        self._redirects = [r for r in resources if r.type == "VirtualService" and r.settings]
        self._forwards = Forwards(resources)
        self._called = {
            (scope, name): service
            for (scope, _), service in sorted(self._compose.items(), key=lambda i: i[0])
            for name in _called(service)
        }
        self._parts = SidecarParts(resources, names)
        own = self._services or self._compose or self._forwards or self._parts
        self.empty = not (own or self._redirects or self._answering)

    def calls(self, resource: Resource, settings: Iterable[Setting]) -> list[Call]:
        """What the settings of a workload call by name."""
        found: dict[tuple[str, str], Call] = {}
        by_name = self._services or self._compose or self._forwards
        for setting in settings if by_name else ():
            for host in hosts_in(setting):
                call = self._call(resource, setting, host)
                if call:
                    found.setdefault((call.group, host), call)
        return [*found.values(), *self._referred(resource), *self._parts.calls(resource)]

    def _referred(self, resource: Resource) -> Iterator[Call]:
        """The workloads that a workload of Terraform or a template refers to."""
        for ref in resource.refs_by_address if self._forwards else ():
            yield from self._named_by(resource, ref)
        for ref in resource.refs_by_address if self._answering else ():
            targets = self._names.is_call(ref.path) and tuple(self._answers(resource, ref.address))
            if targets:
                place = Place(resource.file, ref.line or resource.line, ref.path)
                yield Call(
                    host=targets[0].id, place=place, name=ref.path, group="", targets=targets
                )

    def _named_by(self, resource: Resource, ref: ByAddress) -> Iterator[Call]:
        """The host of a provider that something stands for which a workload refers to: a name of the DNS."""
        for target in self._forwards.at(resource.scope, ref.address):
            known = self._names.host(target)
            if known and known.provider and self._names.is_call(ref.path):
                place = Place(resource.file, ref.line or resource.line, ref.path)
                yield Call(
                    host=ref.address,
                    place=place,
                    name=ref.path,
                    group="",
                    targets=(),
                    external=target,
                )

    def _answers(self, resource: Resource, target: str, depth: int = 2) -> Iterator[Resource]:
        """What answers at an address: a workload, or the one that something else answers for."""
        for found in self._answering.get((resource.scope, target), []):
            part = resource.type.startswith(f"{found.type}/")
            if found is resource or part or not may_meet(found, resource):
                continue
            if not self._names.answers_for(found.type):
                yield found
            elif depth:
                for ref in found.refs_by_address:
                    yield from self._answers(found, ref.address, depth - 1)

    def resolve(self, resource: Resource, host: str) -> tuple[tuple[Resource, ...], str] | None:
        """The workloads behind a host as a resource sees it, or the host it stands for; None if unknown."""
        return self._resolved(resource, host, _HOPS)

    def service(self, resource: Resource, host: str) -> Resource | None:
        """The service of a cluster that answers at a host as a resource sees it."""
        return None if resource.type == "compose_service" else self._service(resource, host)

    def referred(self, resource: Resource) -> Iterator[Call]:
        """The workloads that a resource refers to by address, as calls."""
        return self._referred(resource)

    def _resolved(
        self, resource: Resource, host: str, hops: int
    ) -> tuple[tuple[Resource, ...], str] | None:
        forwarded = self._forwarded(resource, host, hops)
        if resource.type == "compose_service":
            target = self._beside(resource, host)
            return ((target,), "") if target and target is not resource else forwarded
        if forwarded and forwarded[1]:
            return forwarded
        service = self._service(resource, host)
        if service is None:
            return forwarded
        if service.alias:
            known = self._names.host(service.alias)
            outside = hops == 0 or (known is not None and known.provider)
            further = None if outside else self._resolved(service, service.alias, hops - 1)
            return further or ((), service.alias)
        behind = tuple(p for p in self._behind(service) if p is not resource)
        return (behind, "") if behind else forwarded

    def _beside(self, resource: Resource, host: str) -> Resource | None:
        """The Compose service that another one calls by a name, or that it shares its machine's own name with."""
        scope = resource.scope
        linked = dict(_links(resource)).get(host, host)
        if self.is_local(host):
            joined = [_joined(resource)] + [
                name
                for (of, name), other in sorted(self._compose.items(), key=lambda i: i[0])
                if of == scope and _joined(other) == resource.name
            ]
            linked = next(filter(None, joined), "")
        return self._compose.get((scope, linked)) or self._called.get((scope, linked))

    def _forwarded(
        self, resource: Resource, host: str, hops: int
    ) -> tuple[tuple[Resource, ...], str] | None:
        """What routes lead to from a host: a provider's host before anything else, it matters most."""
        found: tuple[tuple[Resource, ...], str] | None = None
        for target in self._forwards.of(resource, host) if hops else ():
            known = self._names.host(target)
            if known and known.provider:
                return (), target
            further = self._resolved(resource, target, hops - 1)
            if further and further[1]:
                return further
            outside = ((), target) if self._is_public(target) else None
            found = found or further or outside
        return found

    def unseen(self, resource: Resource, host: str) -> bool:
        """Whether nothing here, nor its name, shows what answers at a host that is no known vendor's."""
        return self.seen(resource, host) in (Seen.NOTHING, Seen.OUTSIDE)

    def seen(self, resource: Resource, host: str) -> Seen:
        """What is seen here of a host, or told by its name; what a workload there does is not asked."""
        if self._names.is_other_vendor(host):
            return Seen.OTHER_VENDOR
        found = self.resolve(resource, host)
        end = host if found is None else found[1]
        if not end or self._names.is_other_vendor(end) or _LOCAL.match(end):
            return Seen.ANSWERED
        if self._is_own(end):
            return Seen.NAMED if self._names.is_model_server(end) else Seen.NOTHING
        return Seen.OUTSIDE if self._is_public(end) else Seen.ANSWERED

    def is_local(self, host: str) -> bool:
        """Whether a host is the machine's own: what answers there is in the same pod."""
        return _LOCAL.match(host) is not None

    def _is_public(self, host: str) -> bool:
        """Whether a host has a name of the Internet, and not the machine's own address."""
        known = self._names.host(host)
        return known is not None and not known.provider and "." in host and not _LOCAL.match(host)

    def _is_own(self, host: str) -> bool:
        inside = _CLUSTER.fullmatch(host)
        near = inside is not None and inside["space"] in self._spaces
        return near or self._names.is_inside(host)

    def redirected(self, resource: Resource, host: str) -> tuple[str, ...]:
        """Where the mesh sends what a workload addresses to a host; empty if it changes nothing."""
        for service in self._redirects:
            near = service.scope == resource.scope
            same = service.namespace is not None and service.namespace == resource.namespace
            hosts = [s.value for s in service.settings if s.path[:2] == ("spec", "hosts")]
            if (near or same) and host in hosts:
                return tuple(
                    str(s.value)
                    for s in service.settings
                    if s.path[-2:] == ("destination", "host") and isinstance(s.value, str)
                )
        return ()

    def public(self, resource: Resource, host: str) -> bool:
        """Whether a host has a name of the Internet that no known vendor has, as a resource sees it."""
        return self.seen(resource, host) is Seen.OUTSIDE

    def _call(self, resource: Resource, setting: Setting, host: str) -> Call | None:
        resolved = self.resolve(resource, host)
        if resolved is None:
            return None
        targets, external = resolved
        return Call(
            host=host,
            place=resource.place_of(
                setting.file, setting.line, show(setting.path), setting.written
            ),
            name=setting.name,
            group=setting.group,
            targets=targets,
            external=external,
        )

    def _service(self, resource: Resource, host: str) -> Resource | None:
        match = _CLUSTER.fullmatch(_HEADLESS.sub(self._of_pod, host))
        named = self._services.get(match["name"], []) if match else []
        space = match["space"] if match else None
        if space == "svc":
            space = None
        wanted = space or resource.namespace
        near = [
            s
            for s in named
            if s.scope == resource.scope and _fits(s.namespace, wanted) and may_meet(s, resource)
        ]
        if near:
            return near[0] if len({s.variant for s in near}) == len(near) else None
        far = [s for s in named if s.scope != resource.scope and wanted and s.namespace == wanted]
        return far[0] if len(far) == 1 else None

    def _of_pod(self, host: re.Match[str]) -> str:
        """The service in the name of one of its pods, where no service has the pod's name."""
        pod, service = host["pod"], host["service"]
        return host["rest"] if pod not in self._services and service in self._services else host[0]

    def _behind(self, service: Resource) -> list[Resource]:
        if service.type != "Service":
            return [service]  # it runs what answers at its name
        if not service.selects:
            return []
        wanted = set(service.selects)
        return [
            p
            for p in self._programs.get(service.scope, [])
            if wanted <= set(p.labels)
            and _fits(p.namespace, service.namespace)
            and may_meet(p, service)
        ]


def _called(service: Resource) -> Iterator[str]:
    """The other names that a Compose service has within its networks."""
    for setting in service.settings:
        path = service.within(setting.path)
        named = path in (("hostname",), ("container_name",))
        alias = path[:1] == ("networks",) and "aliases" in path
        if isinstance(setting.value, str) and (named or alias):
            yield setting.value.lower()


def _links(service: Resource) -> Iterator[tuple[str, str]]:
    """The names that a Compose service calls others by, each with the other's own."""
    for setting in service.settings:
        if service.within(setting.path)[:1] in (("links",), ("external_links",)):
            name, _, alias = str(setting.value).partition(":")
            yield (alias or name).lower(), name


def _joined(service: Resource) -> str:
    """The Compose service whose network another one has."""
    for setting in service.settings:
        if service.within(setting.path) == ("network_mode",):
            kind, _, name = str(setting.value).partition(":")
            return name if kind == "service" else ""
    return ""


def hosts_in(setting: Setting) -> Iterator[str]:
    """The hosts that a setting's value names: in URLs, as cluster DNS names, before a port."""
    if isinstance(setting.value, str) and setting.role not in ("marker", "document"):
        for match in _HOST_IN.finditer(setting.value[:4096]):
            yield (match["url"] or match["dns"] or match["port"]).lower().rstrip(".")
        if _BARE.fullmatch(setting.value) and _ADDRESS_NAME.fullmatch(setting.name):
            yield setting.value.lower()
        for match in _SERVICE_HOST.finditer(setting.value[:4096]):
            yield match["name"].lower().replace("_", "-")


def selected(policy: Resource, resource: Resource) -> bool:
    """Whether a network policy selects a workload's pods."""
    if policy.selects is None or policy.scope != resource.scope or not resource.labels:
        return False
    if not _fits(policy.namespace, resource.namespace):
        return False
    return set(policy.selects) <= set(resource.labels)


def _fits(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other
