"""What a Secret of the cluster holds where an object of the scan writes it: another source than its name says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from openai_phi.facts.secret_names import filler, outside, secret_stores, spelled
from openai_phi.facts.signatures import Signatures
from openai_phi.linking.lookup import Lookup
from openai_phi.linking.provider_classes import KIND, written
from openai_phi.words.places import Path
from openai_phi.words.resources import Resource, SecretRef, Setting

_STORE = (("spec", "secretStoreRef"), ("spec", "externalSecretSpec", "secretStoreRef"))
"""Where an ExternalSecret says which store it is filled from."""


def sources_of(
    resource: Resource, ref: SecretRef, lookup: Lookup, names: Signatures
) -> tuple[SecretRef, ...]:
    """What an entry of a Secret comes from: itself, by the name of what fills it too, or what is sealed.

    Nothing where a key stands there in the open, which no store holds.
    """
    name, _, entry = ref.name.partition("#")
    name = name.rpartition("/")[2]
    found = lookup.find(resource, "Secret", name)
    if any(_is_open(t, entry, names) for t in found if t.type == "Secret"):
        return ()
    if any(t.type == "SealedSecret" for t in found):
        return (replace(ref, store="sealedsecret"),)
    filled = (s for t in found for s in _filling(t, name, entry, lookup))
    return (replace(ref, filled_from=tuple(dict.fromkeys(filled))),)


def _is_open(target: Resource, entry: str, names: Signatures) -> bool:
    """Whether an entry of a Secret is a key that is written there."""
    return any(
        isinstance(s.value, str) and names.is_key_value(s.value, named=True)
        for s in target.settings
        if s.path[:1] in (("data",), ("stringData",)) and s.name == entry
    )


def _filling(target: Resource, secret: str, entry: str, lookup: Lookup) -> Iterator[SecretRef]:
    """What an object fills an entry of a Secret from."""
    how = filler(target.type)
    if target.type == KIND:
        yield from written(target, secret, entry)
    elif "name" in how:
        yield from _whole(target, how, entry)
    elif how:
        yield from _of_stores(target, entry, lookup)


def _whole(target: Resource, how: Mapping[str, Any], entry: str) -> Iterator[SecretRef]:
    """The one secret that an object fills a Secret from, each entry from that of its name."""
    at = {".".join(map(str, s.path)): s.value for s in target.settings}
    name, holder = at.get(how["name"]), at.get(how.get("holder", ""))
    if isinstance(name, str):
        whole = f"{holder}/{name}" if holder else name
        same = entry and how["store"] == "vault" and not _renames(target)
        yield SecretRef(how["store"], f"{whole}#{entry}" if same else whole)


def _renames(target: Resource) -> bool:
    """Whether an object gives entries other names than they have in the store."""
    return any("transformation" in s.path or "templates" in s.path for s in target.settings)


def _of_stores(target: Resource, entry: str, lookup: Lookup) -> Iterator[SecretRef]:
    """What an ExternalSecret fills an entry from: a secret's name in a store outside, and what of it."""
    at = {s.path: s for s in target.settings}
    for path, setting in at.items():
        if path[-1] != "key" or path[-2:-1] not in (("remoteRef",), ("extract",)):
            continue
        own = at.get((*path[:-2], "secretKey"))
        if own is not None and entry and own.value != entry:
            continue
        inside = at.get((*path[:-1], "property"))
        yield _outside(
            str(setting.value),
            str(inside.value) if inside is not None else "",
            _store(target, at, path, lookup),
        )


def _outside(name: str, inside: str, store: SecretRef | None) -> SecretRef:
    """A secret outside by its name: in the store that is known, else in one of those that there are."""
    whole = f"{name}#{inside}" if inside else name
    if store is None:
        return outside(whole)
    known = next((r for r in spelled(name) if r.store == store.store), None)
    if known is not None:
        return replace(known, name=f"{known.name}#{inside}" if inside else known.name)
    return replace(store, name=f"{store.name}/{whole}" if store.name else whole)


def _store(
    target: Resource, at: Mapping[Path, Setting], path: Path, lookup: Lookup
) -> SecretRef | None:
    """The store that an entry is filled from, with what holds its secrets as the name; None: not known."""
    near = ((*path[:-2], "sourceRef", "storeRef"), (*path[:-2], "sourceRef", "storeRef"))
    for where in (*near, *_STORE):
        named, kind = at.get((*where, "name")), at.get((*where, "kind"))
        if named is not None:
            sort = str(kind.value) if kind is not None else "SecretStore"
            found = lookup.find(target, sort, str(named.value))
            return _provider(found[0]) if len(found) == 1 else None
    return None


def _provider(store: Resource) -> SecretRef | None:
    """What a SecretStore leads to."""
    at = {s.path[2:]: s.value for s in store.settings if s.path[:2] == ("spec", "provider")}
    for row in secret_stores(store.type):
        own = {p[1:]: v for p, v in at.items() if p[:1] == (row["provider"],)}
        if own and ("says" not in row or own.get((row["says"],)) == row["is"]):
            holder = str(own.get((row.get("holder", ""),), ""))
            account = str(own.get((row.get("account", ""),), ""))
            address = next((r for r in spelled(f"{holder.rstrip('/')}/secrets/x")), None)
            name = address.name.partition("/")[0] if address else holder
            return SecretRef(row["store"], name, account=account)
    return None
