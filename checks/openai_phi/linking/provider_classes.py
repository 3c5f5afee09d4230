"""What the objects of a SecretProviderClass are: the secrets of a store that it puts into a volume or a Secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openai_phi.facts.secret_names import provider_classes, spelled
from openai_phi.words.places import Path
from openai_phi.words.resources import Resource, SecretRef

KIND = "SecretProviderClass"
_PARAMETERS = ("spec", "parameters")
SYNCED = ("spec", "secretObjects")
"""Where a class says which Secrets it writes, which no volume holds."""
_DEEP = 2
"""How far below the item that names a secret what is taken of it stands: in a list of paths."""


def provided(target: Resource) -> dict[str, SecretRef]:
    """The secrets of a class by what volumes and Secrets call them."""
    at = {s.path: s.value for s in target.settings}
    rows = provider_classes(str(at.get(("spec", "provider"), "")))
    out: dict[str, SecretRef] = {}
    for path, value in at.items():
        row = next((r for r in rows if r["name"] == path[-1] and _is(r, at, path[:-1])), None)
        if row is None or not isinstance(value, str) or path[:2] != _PARAMETERS:
            continue
        ref = _named(row, at, value)
        for name, entry in _called(row, at, path[:-1]):
            whole = f"{ref.name}#{entry}" if entry else ref.name
            out[name] = SecretRef(ref.store, whole, account=ref.account, region=ref.region)
    return out


def written(target: Resource, secret: str, entry: str) -> Iterator[SecretRef]:
    """What a class writes into an entry of a Secret; without an entry into each."""
    at = {s.path: s.value for s in target.settings}
    held = provided(target)
    for path, value in at.items():
        if path[:2] != SYNCED or path[-1] != "objectName":
            continue
        name, key = at.get((*path[:3], "secretName")), at.get((*path[:-1], "key"))
        if name == secret and (not entry or key == entry) and value in held:
            yield held[value]


def _is(row: Mapping[str, Any], at: Mapping[Path, Any], item: Path) -> bool:
    return "says" not in row or at.get((*item, row["says"])) == row["is"]


def _named(row: Mapping[str, Any], at: Mapping[Path, Any], name: str) -> SecretRef:
    whole = next((r for r in spelled(name) if r.store == row["store"]), None)
    holder = at.get((*_PARAMETERS, row["holder"])) if "holder" in row else None
    return whole or SecretRef(row["store"], f"{holder}/{name}" if holder else name)


def _called(
    row: Mapping[str, Any], at: Mapping[Path, Any], item: Path
) -> Iterator[tuple[str, str]]:
    """The names of a secret, or of an entry of it, each with the entry."""
    names = ((*item, n) for n in row["called"])
    own = next((at[n] for n in names if n in at), None)
    entry = at.get((*item, row["entry"])) if "entry" in row else None
    if own is not None:
        yield str(own), str(entry or "")
    for path, value in at.items():
        if (
            path[: len(item)] == item
            and len(path) > len(item) + _DEEP
            and path[-1] in row["called"]
        ):
            yield str(value), str(at.get((*path[:-1], row.get("entry", "")), ""))
