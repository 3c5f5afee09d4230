"""The secret behind a file's path: what a container's volume puts there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openai_phi.linking.lookup import OBJECTS, Lookup
from openai_phi.linking.provider_classes import KIND, provided
from openai_phi.words.places import Path
from openai_phi.words.resources import Resource, SecretRef


def mounted_at(resource: Resource, text: str, group: str, lookup: Lookup) -> tuple[SecretRef, ...]:
    """The secrets whose entry a container finds at a path; none where no volume puts one there."""
    if resource.framework not in OBJECTS or not text.startswith("/"):
        return ()
    at = {s.path: s.value for s in resource.settings}
    return tuple(
        ref
        for path, folder in at.items()
        if path[-1:] == ("mountPath",) and ".".join(map(str, path)).startswith(group)
        for below in [_below(text, str(folder))]
        if below is not None
        for ref in _of_volume(
            resource,
            lookup,
            at,
            at.get((*path[:-1], "name")),
            below or at.get((*path[:-1], "subPath"), ""),
        )
    )


def _below(text: str, folder: str) -> str | None:
    folder = folder.rstrip("/")
    if text == folder:
        return ""
    return text[len(folder) + 1 :] if text.startswith(f"{folder}/") else None


def _of_volume(
    resource: Resource, lookup: Lookup, at: Mapping[Path, Any], volume: Any, file: Any
) -> Iterator[SecretRef]:
    for path, name in at.items():
        if path[-1:] != ("name",) or path[-3:-2] != ("volumes",) or name != volume:
            continue
        for held, value in at.items():
            if held[: len(path) - 1] == path[:-1] and _names_secret(held):
                yield SecretRef("kubernetes", f"{value}#{_entry(at, held[:-1], file)}")
            elif held[: len(path) - 1] == path[:-1] and held[-1] == "secretProviderClass":
                for target in lookup.find(resource, KIND, str(value)):
                    ref = provided(target).get(str(file))
                    yield from (ref,) if ref else ()


def _names_secret(path: Path) -> bool:
    return path[-1] == "secretName" or path[-2:] == ("secret", "name")


def _entry(at: Mapping[Path, Any], source: Path, file: Any) -> Any:
    """The entry of a secret that a volume writes to a file: as its items say, else of the file's name."""
    for path, value in at.items():
        items = path[: len(source) + 1] == (*source, "items")
        if items and path[-1] == "path" and value == file:
            return at.get((*path[:-1], "key"), file)
    return file
