"""Weak spots on the way of PHI: plain or unverified transport, stores that are not encrypted at rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.signatures import Signatures, canonical, dotted
from openai_phi.words.observed import Use, WeakSpot
from openai_phi.words.places import Place, show
from openai_phi.words.resources import Resource, Setting, Unknown

_URL = re.compile(r"(?i)\bhttp://(?:[^@/\s\"']*@)?(?P<host>[a-z0-9][a-z0-9._-]*)")
_CLUSTER = re.compile(r"[a-z0-9-]+(?:\.(?P<space>[a-z0-9-]+))?(?:\.svc(?:\.cluster\.local)?)?")


class Transport:
    """Finds what weakens the transport of a workload's requests."""

    def __init__(self, data: dict[str, Any], names: Signatures, all_of: Sequence[Resource]) -> None:
        self._names = names
        self._weak = [
            (re.compile(w["name"]), str(w["value"]), str(w["says"])) for w in data["weak"]
        ]
        self._same = re.compile(data["same_host"])
        self._strict = {
            space
            for mesh in data["meshes"]
            for space in _strict(mesh, [r for r in all_of if r.type == mesh["type"]])
        }

    def find(
        self, resource: Resource, settings: Iterable[Setting], uses: Sequence[Use]
    ) -> tuple[WeakSpot, ...]:
        """The weak spots among the settings of a workload that uses a provider."""
        hosts = {h for u in uses for h in (u.host, *u.through) if h}
        found: dict[str, WeakSpot] = {}
        for setting in settings:
            if setting.role in ("marker", "document") or not isinstance(
                setting.value, (str, bool, int, float)
            ):
                continue
            said = self._says(resource, setting, hosts)
            if said:
                place = resource.place_of(
                    setting.file, setting.line, show(setting.path), setting.written
                )
                found.setdefault(
                    said, WeakSpot("transport", f"{setting.name} at {_at(place)} {said}", place)
                )
        return tuple(found.values())

    def _says(self, resource: Resource, setting: Setting, hosts: set[str]) -> str:
        text = str(setting.value)
        for match in _URL.finditer(text[:4096]):
            host = match["host"].lower().rstrip(".")
            if (
                host in hosts
                and not self._same.fullmatch(host)
                and not self._meshed(resource, host)
            ):
                return f"sends it over plain HTTP to {host}"
        name = canonical(setting.name)
        for names, value, says in self._weak:
            if names.fullmatch(name) and _is(self._names, setting.value, value):
                return says
        return ""

    def _meshed(self, resource: Resource, host: str) -> bool:
        """Whether a host lies in a namespace whose pods take only what a mesh encrypts."""
        inside = _CLUSTER.fullmatch(host)
        if inside is None:
            return False
        space = inside["space"]
        space = resource.namespace if space in (None, "svc") else space
        return "" in self._strict or (space is not None and space in self._strict)


def _strict(mesh: dict[str, Any], resources: Sequence[Resource]) -> Iterator[str]:
    """Namespaces (empty: all) whose every rule of a mesh is strict and speaks of all pods."""
    named = re.compile(mesh["setting"])
    modes: dict[str, set[bool]] = {}
    for resource in resources:
        space = resource.name if resource.type == "Namespace" else resource.namespace or ""
        said = [s for s in resource.settings if named.fullmatch(show(s.path))]
        whole = not any(s.path[:2] == ("spec", "selector") for s in resource.settings)
        if said and space:
            strict = all(re.fullmatch(mesh["value"], str(s.value)) for s in said)
            modes.setdefault(space, set()).add(strict and whole)
    loose = any(False in found for found in modes.values())
    for space, found in modes.items():
        if found == {True}:
            yield "" if space in mesh["everywhere"] and not loose else space


class Storage:
    """Finds stores that keep what they hold unencrypted."""

    def __init__(self, data: dict[str, Any], names: Signatures) -> None:
        self._names = names
        self._stores = [(re.compile(s["type"]), s) for s in data["stores"]]
        self._unknown = frozenset(data["absent_is_unknown"])
        leading = [*(k for k in data["kept_on"] if "setting" not in k), *data["said_by"]]
        self._leading = [re.compile(k["type"]) for k in leading]

    def judges(self, type_: str) -> bool:
        """Whether stores of this type say something of encryption, or lead to what does."""
        known = (*(types for types, _ in self._stores), *self._leading)
        return any(types.fullmatch(type_) for types in known)

    def open(self, store: Resource) -> tuple[str, str] | None:
        """How a store says that it is not encrypted and the lines that mend it; None if it is not known to."""
        for types, spec in self._stores:
            if types.fullmatch(store.type) and store.settings and not store.unreadable:
                said = self._unencrypted(store, spec)
                if said:
                    return said, spec["fix"]
        return None

    def _unencrypted(self, store: Resource, spec: dict[str, Any]) -> str:
        paths = [(dotted(store.within(s.path)), s) for s in store.settings]
        if spec.get("unless") and any(re.fullmatch(spec["unless"], p) for p, _ in paths):
            return ""  # it is encrypted as its source is, or by another setting
        found = [s for p, s in paths if re.fullmatch(spec["setting"], p)]
        name = spec["setting"].replace("\\", "")
        if any(_is(self._names, s.value, str(spec["none"])) for s in found):
            return f"which sets {name} to {found[0].value}"
        absent = not found and spec["absent_is_none"] and store.framework not in self._unknown
        return f"which leaves {name} out" if absent else ""


def _is(names: Signatures, value: object, wanted: str) -> bool:
    if isinstance(value, Unknown) or value is None:
        return False
    if wanted in ("truthy", "falsy"):
        return names.truth(value) is (wanted == "truthy") and str(value) != ""
    return re.fullmatch(wanted, str(value).strip(), re.IGNORECASE) is not None


def _at(place: Place) -> str:
    return f"{place.file}:{place.line}"


@lru_cache(maxsize=1)
def storage(names: Signatures) -> Storage:
    """The shipped stores. Raises what `load_yaml` raises when the file is missing or wrong."""
    return Storage(load_yaml(schema_root() / "signatures" / "storage.yaml"), names)


def transport(names: Signatures, all_of: Sequence[Resource]) -> Transport:
    """The shipped signatures with the meshes among these resources. Raises as `storage` does."""
    return Transport(load_yaml(schema_root() / "signatures" / "transport.yaml"), names, all_of)
