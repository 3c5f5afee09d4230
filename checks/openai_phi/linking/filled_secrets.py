"""What a Secret of the cluster holds where an object of the scan writes it: another source than its name says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from openai_phi.facts.secret_names import outside
from openai_phi.facts.signatures import Signatures
from openai_phi.linking.lookup import Lookup
from openai_phi.words.resources import Resource, SecretRef, Setting


def sources_of(
    resource: Resource, ref: SecretRef, lookup: Lookup, names: Signatures
) -> tuple[SecretRef, ...]:
    """What an entry of a Secret comes from: itself, by the name of what fills it too, or what is sealed.

    Nothing where a key stands there in the open, which no store holds.
    """
    name, _, entry = ref.name.partition("#")
    found = lookup.find(resource, "Secret", name.rpartition("/")[2])
    if any(_is_open(t, entry, names) for t in found if t.type == "Secret"):
        return ()
    sealed = any(t.type == "SealedSecret" for t in found)
    filled = [s for t in found if t.type.endswith("ExternalSecret") for s in _of_stores(t, entry)]
    if sealed:
        return (replace(ref, store="sealedsecret"),)
    return (replace(ref, filled_from=tuple(filled)) if len(filled) == 1 else ref,)


def _is_open(target: Resource, entry: str, names: Signatures) -> bool:
    """Whether an entry of a Secret is a key that is written there."""
    return any(
        isinstance(s.value, str) and names.is_key_value(s.value, named=True)
        for s in target.settings
        if s.path[:1] in (("data",), ("stringData",)) and s.name == entry
    )


def _of_stores(target: Resource, entry: str) -> Iterator[SecretRef]:
    """What an ExternalSecret fills an entry from: a secret's name in a store outside, and what of it."""
    at = {s.path: s for s in target.settings}
    for path, setting in at.items():
        if path[-1] != "key" or path[-2:-1] not in (("remoteRef",), ("extract",)):
            continue
        own = at.get((*path[:-2], "secretKey"))
        if own is not None and entry and own.value != entry:
            continue
        inside = at.get((*path[:-1], "property"))
        yield _outside(setting, str(inside.value) if inside is not None else "")


def _outside(setting: Setting, inside: str) -> SecretRef:
    name = str(setting.value)
    return outside(f"{name}#{inside}" if inside else name)
