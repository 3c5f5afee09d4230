"""Settings that a workload takes from others: ConfigMaps and Secrets, whole, by entry or as a volume."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from openai_phi.facts.secret_names import filler, fills_whole
from openai_phi.facts.signatures import Signatures
from openai_phi.linking.lookup import Lookup
from openai_phi.linking.provider_classes import KIND, SYNCED, provided
from openai_phi.words.places import show
from openai_phi.words.references import AllVariables, ByName, Content, OneVariable
from openai_phi.words.resources import Resource, SecretRef, Setting, Unknown

_HELD = ("data", "stringData", "spec", "binaryData")
"""Where an object's content stands."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one resource takes: the settings, and all that it refers to for them."""

    settings: tuple[Setting, ...] = ()
    read: tuple[Resource, ...] = ()


NOTHING = Taken()


@dataclass(frozen=True, kw_only=True)
class TakenSettings:
    """What each resource of a scan takes from others."""

    by_resource: Mapping[int, Taken]

    def of(self, resource: Resource) -> Taken:
        return self.by_resource.get(id(resource), NOTHING)

    def all_settings(self, resource: Resource) -> list[Setting]:
        """A resource's own settings and those that it takes."""
        return [*resource.settings, *self.of(resource).settings]


def taken_settings(
    resources: Iterable[Resource], lookup: Lookup, names: Signatures
) -> TakenSettings:
    """What each of these resources takes."""
    return TakenSettings(
        by_resource={
            id(r): _taken(r, lookup, names)
            for r in resources
            if r.refs or _takes_files(r) or _takes_objects(r)
        }
    )


def _taken(resource: Resource, lookup: Lookup, names: Signatures) -> Taken:
    settings: list[Setting] = []
    read: list[Resource] = []
    for ref in resource.refs:
        if not isinstance(ref, ByName):
            continue
        found = lookup.find(resource, ref.kind, ref.name)
        read += found
        for target in found:
            settings += _from(target, ref, names)
        if isinstance(ref, AllVariables) and all(fills_whole(t.type) for t in found):
            settings.append(_unseen(resource, ref, names))
    for target, setting in _environment_files(resource, lookup, names):
        read.append(target)
        settings += _from_file(target, setting)
    for target, setting in _objects_of_cluster(resource, lookup):
        read.append(target)
        settings += _of_object(resource, target, setting, names)
    for by_address in resource.refs_by_address:  # a key store that Terraform refers to has a reader
        read += lookup.at(resource, by_address.address)
    return Taken(settings=tuple(settings), read=tuple(read))


def _from(target: Resource, ref: ByName, names: Signatures) -> Iterator[Setting]:
    """The settings of an object as those of who refers to it."""
    for setting in target.settings if not fills_whole(target.type) else ():
        if not setting.path or setting.path[0] not in _HELD:
            continue
        match ref:
            case OneVariable():
                if setting.name == ref.entry:
                    yield replace(setting, name=ref.variable, group=ref.path, role="env")
            case AllVariables():
                held = _held(target, setting, ref, ref.path, names)
                yield replace(held, name=f"{ref.prefix}{held.name}") if ref.prefix else held
            case Content() if setting.path[:2] != SYNCED:
                yield _held(target, setting, ref, f"{ref.path}.{target.name}", names)


def _held(
    target: Resource, setting: Setting, ref: ByName, group: str, names: Signatures
) -> Setting:
    """One setting of an object that is taken whole, as it reaches who takes it."""
    entry = filler(target.type).get("entry")
    if entry and setting.name == entry and ref.kind == "Secret":
        setting = replace(setting, name=str(setting.value))
    if target.type == KIND and ref.kind == KIND:
        setting = replace(setting, secret=provided(target).get(str(setting.value)))
        return replace(setting, group=setting.group or group, mounted=_mounted(ref))
    secret = _secret_of(target, setting, ref)
    value = setting.value
    # what a program names by a prefix of its own it waits for, though the entry is empty here
    awaited = isinstance(ref, AllVariables) and ref.prefix and value == ""
    if isinstance(value, str) and not awaited and _is_open(value, names):
        secret = None
    if secret:
        value = Unknown(f"comes from {secret}")
    own = setting.group or group
    return replace(setting, group=own, secret=secret, value=value, mounted=_mounted(ref))


def _mounted(ref: ByName) -> tuple[str, ...]:
    return ref.mounted if isinstance(ref, Content) else ()


_ADDRESS = re.compile(r"\s*(?:https?|wss?|grpcs?)://[^@?#\s]+\s*", re.IGNORECASE)


def _is_open(value: str, names: Signatures) -> bool:
    """Whether what a Secret of the repository holds is none: no key, or a known host without a login."""
    if names.key_state(value) == "none":
        return True
    host = names.host(value.strip()) if _ADDRESS.fullmatch(value) else None
    return host is not None and (bool(host.provider) or names.is_other_vendor(host.host))


def _secret_of(target: Resource, setting: Setting, ref: ByName) -> SecretRef | None:
    written = target.type.endswith("Secret") or setting.path[:2] == SYNCED
    if ref.kind != "Secret" or not written:
        return None
    if "template" in setting.path and "{{" not in str(setting.value):
        return None  # an ExternalSecret's template says it in the open
    space = f"{target.namespace}/" if target.namespace else ""
    return SecretRef("kubernetes", f"{space}{ref.name}#{setting.name}")


_FILES = re.compile(r"(?:^|\.)environment_?files?(?:\.|\[|$)", re.IGNORECASE)
_ARN = re.compile(r"arn:[\w-]*:s3:::(?P<bucket>[^/]+)/(?P<key>.+)|\$\{[^}]*\}/(?P<rest>.+)")


def _environment_files(
    resource: Resource, lookup: Lookup, names: Signatures
) -> Iterator[tuple[Resource, Setting]]:
    """The objects of the scan that a container takes its variables from, each with the setting that names it."""
    for setting in resource.settings:
        path = show(setting.path)
        if setting.name.lower() != "value" or not _FILES.search(path):
            continue
        named = [r.address for r in resource.refs_by_address if r.path == path]
        what = setting.value.what if isinstance(setting.value, Unknown) else ""
        for address in dict.fromkeys((*named, what)):
            found = lookup.at(resource, address) if address else ()
            yield from ((t, setting) for t in found if names.uploads(t.type))
        arn = _ARN.fullmatch(setting.value) if isinstance(setting.value, str) else None
        for target in _uploads(resource, lookup, names) if arn else ():
            if arn and _is_named(target, arn):
                yield target, setting


def _takes_files(resource: Resource) -> bool:
    return any(_FILES.search(show(s.path)) for s in resource.settings if s.name.lower() == "value")


_OBJECT = re.compile(
    r"(?P<block>env_from|volume)(?:\[\d+\])?\.(?P<kind>config_map|secret)(?:_ref)?(?:\[\d+\])?"
    r"\.(?:secret_)?name$"
)
"""Where a program that Terraform declares takes in an object of the cluster whole."""


def _takes_objects(resource: Resource) -> bool:
    return any(s.name.endswith("name") and _OBJECT.search(show(s.path)) for s in resource.settings)


def _objects_of_cluster(resource: Resource, lookup: Lookup) -> Iterator[tuple[Resource, Setting]]:
    """The objects that a program which Terraform declares takes in whole, by reference or by name."""
    for setting in resource.settings if "_" in resource.type else ():
        path = show(setting.path)
        found = _OBJECT.search(path) if setting.name.endswith("name") else None
        if found is None:
            continue
        addresses = [r.address for r in resource.refs_by_address if r.path == path]
        targets = [t for a in dict.fromkeys(addresses) for t in lookup.at(resource, a)]
        if not targets and isinstance(setting.value, str):
            kinds = [t for t in sorted(lookup.typed) if re.search(rf"_{found['kind']}(_v\d)?$", t)]
            beside = (r for t in kinds for r in lookup.typed[t] if r.scope == resource.scope)
            targets = [r for r in beside if _called(r) == setting.value]
        yield from ((t, setting) for t in targets)


def _called(target: Resource) -> str:
    """The name that an object has in the cluster."""
    named = (s.value for s in target.settings if show(s.path).endswith("metadata[0].name"))
    return next((n for n in named if isinstance(n, str)), "")


def _of_object(
    resource: Resource, target: Resource, setting: Setting, names: Signatures
) -> Iterator[Setting]:
    """What an object holds as variables of the container, or as the files of a volume."""
    before = next((p for p in resource.settings if _is_prefix_of(p, setting)), None)
    start = before.value if before and isinstance(before.value, str) else ""
    for held in target.settings:
        if not held.path or held.path[0] not in _HELD_BLOCKS:
            continue
        own = "secret" in target.type and names.key_state(str(held.value)) != "none"
        secret = SecretRef("kubernetes", f"{_called(target)}#{held.name}") if own else None
        value = Unknown(f"comes from {secret}") if secret else held.value
        role = "env" if "env_from" in setting.path else held.role
        yield replace(
            held,
            name=f"{start}{held.name}",
            value=value,
            secret=secret,
            role=role,
            group=held.group or setting.group,
        )


def _is_prefix_of(setting: Setting, named: Setting) -> bool:
    """Whether a setting puts something before the variables that a block with this name takes in."""
    return setting.name == "prefix" and named.path[: len(setting.path) - 1] == setting.path[:-1]


_HELD_BLOCKS = ("data", "binary_data", "string_data")


def _uploads(resource: Resource, lookup: Lookup, names: Signatures) -> Iterator[Resource]:
    for type_ in sorted(t for t in lookup.typed if names.uploads(t)):
        yield from (r for r in lookup.typed[type_] if r.scope == resource.scope)


def _is_named(target: Resource, arn: re.Match[str]) -> bool:
    """Whether an address of an object is this one's; of an unknown bucket its key decides."""
    said = {s.name: s.value for s in target.settings if len(s.path) == 1}
    bucket = said.get("bucket")
    same = not arn["bucket"] or not isinstance(bucket, str) or bucket == arn["bucket"]
    return same and said.get("key") == (arn["key"] or arn["rest"])


def _from_file(target: Resource, setting: Setting) -> Iterator[Setting]:
    for held in target.settings:
        if held.path[:1] == ("content",) and len(held.path) > 1:
            yield replace(held, group=setting.group, role="env")


def _unseen(resource: Resource, ref: AllVariables, names: Signatures) -> Setting:
    """What an object that is not in the scan would give: its name alone may speak of OpenAI."""
    secret = SecretRef("kubernetes", ref.name) if ref.kind == "Secret" else None
    entry = f"{ref.prefix}{'API_KEY' if secret else 'BASE_URL'}"
    if ref.prefix and names.variable(entry, ""):
        return _not_seen(resource, ref, entry, secret)
    speaks = names.variable(f"{ref.name}_secret" if secret else f"{ref.name}_setting", "")
    name = f"{ref.name}_key" if speaks and secret else ref.name
    return _not_seen(resource, ref, name, secret)


def _not_seen(
    resource: Resource, ref: AllVariables, name: str, secret: SecretRef | None
) -> Setting:
    """A variable of an object that is not in the scan."""
    return Setting(
        name,
        Unknown(f"{ref.kind} {ref.name} is not in this scan"),
        ("envFrom", ref.name),
        ref.line,
        ref.path,
        resource.file,
        secret,
        "env",
    )
