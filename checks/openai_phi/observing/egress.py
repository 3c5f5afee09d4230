"""Egress rules: which OpenAI hosts, and which paths of them, the network lets a workload reach."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from openai_phi.facts.catalogue import Catalogue
from openai_phi.facts.signatures import EgressSignature, Signatures, dotted
from openai_phi.observing.path_rules import void_paths
from openai_phi.words.observed import Confidence, Evidence, Kind
from openai_phi.words.places import Path, Place, show
from openai_phi.words.resources import Resource, Setting

_PORT = re.compile(r":\d+$")
_PATTERN = re.compile(r"[*+?\[\]()|\\]")
"""What a path holds that stands for several."""
_PARTS = re.compile(r"[\s,;\"'\[\]]+")


@dataclass(frozen=True)
class Allowance:
    """One host (or pattern of hosts) that a rule allows; `paths` are endpoints, if it is bound to them."""

    host: str
    paths: tuple[str, ...]
    evidence: Evidence
    named: tuple[str, ...] = ()
    """The endpoints that it names and is not bound to."""
    void: str = ""
    """Why the paths that it names bound nothing, in words for people; empty where they do, or it names none."""


@dataclass(frozen=True)
class EgressRule:
    """A network rule that allows hosts of a provider."""

    resource: Resource
    allowed: tuple[Allowance, ...]
    restricts: bool = True
    """Whether what it does not name is out of reach where it applies."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(a.evidence for a in self.allowed)


def egress_rules(
    resources: Iterable[Resource], names: Signatures, catalogue: Catalogue
) -> tuple[EgressRule, ...]:
    """The rules among these resources that allow a provider's host."""
    found = []
    for resource in resources:
        kinds = names.egress(resource.type)
        allowed = tuple(a for k in kinds for a in _allowed(resource, k, names, catalogue))
        allowed += tuple(_allowed_by_texts(resource, names, catalogue))
        if allowed:
            found.append(EgressRule(resource, allowed, any(k.restricts for k in kinds)))
    return tuple(sorted(found, key=lambda r: (r.resource.file, r.resource.line, r.resource.id)))


def _allowed(
    resource: Resource, kind: EgressSignature, names: Signatures, catalogue: Catalogue
) -> Iterator[Allowance]:
    if any(_says(resource, s, kind, whole=True) for s in resource.settings):
        return
    blocks: dict[Path, list[Setting]] = defaultdict(list)
    for setting in resource.settings:
        blocks[_block(resource.within(setting.path), kind.block)].append(setting)
    for settings in blocks.values():
        if any(_says(resource, s, kind, whole=False) for s in settings):
            continue
        paths = tuple(_paths(resource, settings, kind, catalogue))
        void = void_paths(resource, settings, kind) if paths else ""
        literal = tuple(p for p in paths if not _PATTERN.search(p)) if void else ()
        if void or any(_PATTERN.search(p) for p in paths):
            paths = ()  # it leaves open which, and bounds to none
        for setting in settings:
            if kind.names_hosts(resource.within(setting.path)):
                for named in _named(resource, setting, kind):
                    for allowance in _hosts(resource, named, paths, names, catalogue):
                        yield replace(allowance, named=literal, void=void)


def _allowed_by_texts(
    resource: Resource, names: Signatures, catalogue: Catalogue
) -> Iterator[Allowance]:
    """What the configuration of a forward proxy in a resource allows."""
    for setting in resource.settings:
        if setting.role != "document" or not isinstance(setting.value, str):
            continue
        found = [(n, line) for n, line in enumerate(setting.value.splitlines()) if line.strip()]
        for number, hosts in names.egress_lists(found):
            line = setting.line + number if setting.line else 0
            own = Setting(setting.name, " ".join(hosts), setting.path, line, file=setting.file)
            yield from _hosts(resource, own, (), names, catalogue)


def _named(resource: Resource, setting: Setting, kind: EgressSignature) -> Iterator[Setting]:
    """The setting itself, or each line of its text that allows a host."""
    if kind.lines is None:
        yield setting
    elif setting.role == "document":
        several = not resource.file.endswith(".json")
        for number, line in enumerate(str(setting.value).splitlines()):
            found = kind.lines.match(line)
            if found:
                at = setting.line + number if several else setting.line
                yield replace(setting, value=found["hosts"], line=at)


def _says(resource: Resource, setting: Setting, kind: EgressSignature, *, whole: bool) -> bool:
    """Whether a setting turns a rule into a prohibition; `whole`: for all of the resource."""
    if kind.deny is None or not isinstance(setting.value, str):
        return False
    named, value = kind.deny
    path = resource.within(setting.path)
    in_block = kind.block in [s for s in path if isinstance(s, str)]
    return (
        in_block is not whole
        and named.fullmatch(dotted(path)) is not None
        and value.fullmatch(setting.value) is not None
    )


def _hosts(
    resource: Resource,
    setting: Setting,
    bounds: tuple[str, ...],
    names: Signatures,
    catalogue: Catalogue,
) -> Iterator[Allowance]:
    for whole in (p for p in _PARTS.split(str(setting.value)) if p):
        part, path = _host_and_path(whole, names)
        provider = provider_of(part, names)
        if provider:
            paths = bounds or _bound(path, catalogue)
            place = Place(
                setting.file or resource.file, setting.line or resource.line, show(setting.path)
            )
            note = f"paths {', '.join(paths)}" if paths else "every path"
            fact = Evidence(
                Kind.EGRESS, part, place, Confidence.STRUCTURAL, setting.name, provider, note=note
            )
            yield Allowance(part.lower().rstrip("."), paths, fact)


def _host_and_path(text: str, names: Signatures) -> tuple[str, str]:
    """A host, and the path of a URL; before a host there may also stand a namespace."""
    bare = text.rpartition("://")[2]
    first, _, rest = bare.partition("/")
    host = _PORT.sub("", first)
    return (host, f"/{rest}") if provider_of(host, names) else (bare.rpartition("/")[2], "")


def _bound(path: str, catalogue: Catalogue) -> tuple[str, ...]:
    """The endpoint that a URL's path is; none if a wildcard leaves several open."""
    text = path.rstrip("*").rstrip("/")
    endpoint = catalogue.normalise(text) if text else None
    if endpoint is None or not any(e.knows(endpoint) for e in catalogue.editions):
        return () if path.endswith("*") or not text else (text,)
    return (endpoint,)


def provider_of(pattern: str, names: Signatures) -> str:
    """The provider whose hosts a host or a pattern with wildcards covers; empty if none."""
    host = pattern.lower().rstrip(".")
    rest = host.lstrip("*").lstrip(".")
    if not rest or "." not in rest or "*" in rest:
        return ""
    if rest == host:
        known = names.host(host)
        return known.provider if known else ""
    known = names.host(f"x.{rest}")
    if known and known.provider:
        return known.provider
    covered = (p for p, h in sorted(names.default_hosts.items()) if h and h.endswith("." + rest))
    return next(covered, "")


def covers(pattern: str, host: str) -> bool:
    """Whether a host or a pattern with a leading wildcard covers a host."""
    rest = pattern.lstrip("*").lstrip(".")
    return host == rest if rest == pattern else host.endswith("." + rest)


def _paths(
    resource: Resource, settings: Sequence[Setting], kind: EgressSignature, catalogue: Catalogue
) -> Iterator[str]:
    for setting in settings:
        if kind.paths and kind.paths.fullmatch(dotted(resource.within(setting.path))):
            text = str(setting.value).removesuffix("$").removeprefix("^").replace("\\.", ".")
            yield catalogue.normalise(text) or text


def _block(path: Path, name: str) -> Path:
    """The path up to the item of a block that a setting stands in; empty outside of any."""
    for index in range(len(path) - 1, -1, -1):
        if path[index] == name:
            following = path[index + 1 : index + 2]
            return (
                path[: index + 2]
                if following and isinstance(following[0], int)
                else path[: index + 1]
            )
    return ()


def bounded(
    rules: Iterable[EgressRule], host: str
) -> tuple[tuple[str, ...], tuple[Evidence, ...]] | None:
    """The endpoints of a host that rules bound a workload to, with the evidence; None if they do not."""
    paths: list[str] = []
    evidence: list[Evidence] = []
    for rule in rules:
        for allowance in rule.allowed:
            if covers(allowance.host, host):
                if not allowance.paths:
                    return None
                paths.extend(allowance.paths)
                evidence.append(allowance.evidence)
    return (tuple(sorted(set(paths))), tuple(evidence)) if paths else None
