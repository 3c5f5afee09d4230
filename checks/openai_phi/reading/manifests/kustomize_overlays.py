"""What Argo CD and Flux lay over a folder of the repository that they deploy: patches, labels, names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from openai_phi.reading.disk.unread import Disk
from openai_phi.text.documents import Unreadable, read_file

_ARGO = {
    "patches": "patches",
    "components": "components",
    "namePrefix": "namePrefix",
    "nameSuffix": "nameSuffix",
    "namespace": "namespace",
    "commonLabels": "commonLabels",
    "commonAnnotations": "commonAnnotations",
}
_FLUX = {
    "patches": "patches",
    "patchesStrategicMerge": "patches",
    "patchesJson6902": "patches",
    "components": "components",
    "namePrefix": "namePrefix",
    "nameSuffix": "nameSuffix",
    "targetNamespace": "namespace",
}


@dataclass(frozen=True)
class Overlay:
    """What a file lays over a folder: a kustomization without its resources, and what findings call it."""

    folder: str
    file: str
    name: str
    content: dict[str, Any]


def overlays(folders: Iterable[str], files: Iterable[str], disk: Disk) -> Iterator[Overlay]:
    """What objects of the repository lay over folders with a kustomization."""
    known = sorted(folders)
    for file in files:
        text = disk.text(file) if file.endswith((".yaml", ".yml", ".json")) else None
        if not text or not ("argoproj.io" in text or "kustomize.toolkit.fluxcd.io" in text):
            continue
        try:
            found = [d.data for d in read_file(text, file) if isinstance(d.data, dict)]
        except Unreadable:
            continue
        for data in found:
            yield from _of_object(data, file, known, disk)


def _of_object(
    data: dict[str, Any], file: str, folders: list[str], disk: Disk
) -> Iterator[Overlay]:
    kind, spec = str(data.get("kind")), _map(data.get("spec"))
    name = f"{disk.shown(file)} ({kind} {_map(data.get('metadata')).get('name', '')})"
    if kind == "ApplicationSet":
        spec = _map(_map(spec.get("template")).get("spec"))
    if kind in ("Application", "ApplicationSet"):
        sources = [spec.get("source"), *_list(spec.get("sources"))]
        for source in map(_map, sources):
            content = _content(_map(source.get("kustomize")), _ARGO)
            yield from _over(source.get("path"), content, name, file, folders, disk)
    elif kind == "Kustomization" and "fluxcd.io" in str(data.get("apiVersion")):
        content = _content(spec, _FLUX)
        marks = _map(spec.get("commonMetadata"))
        for key, into in (("labels", "commonLabels"), ("annotations", "commonAnnotations")):
            if isinstance(marks.get(key), dict):
                content[into] = marks[key]
        yield from _over(spec.get("path") or ".", content, name, file, folders, disk)


def _over(
    path: Any, content: dict[str, Any], name: str, file: str, folders: list[str], disk: Disk
) -> Iterator[Overlay]:
    """The folder that a path leads to, seen from the scan root or from one above it."""
    if not content or not isinstance(path, str) or "{{" in path:
        return
    wanted = os.path.normpath(path.strip("/") or ".")
    home = disk.root
    while True:
        target = os.path.normpath(os.path.join(home, wanted))
        if target in folders:
            yield Overlay(target, file, name, content)
            return
        if os.path.exists(os.path.join(home, ".git")) or home == os.path.dirname(home):
            return
        home = os.path.dirname(home)


def _content(given: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, into in keys.items():
        value = given.get(key)
        if into == "patches":
            out.setdefault(into, []).extend(_patch(p, key) for p in _list(value))
        elif value:
            out[into] = value
    return {k: v for k, v in out.items() if v}


def _patch(patch: Any, key: str) -> Any:
    """A patch in the form that is current: older ones are objects by themselves."""
    if key == "patchesStrategicMerge":
        return {"patch": patch if isinstance(patch, str) else yaml.safe_dump(patch)}
    if key == "patchesJson6902" and isinstance(patch, dict):
        return {"target": patch.get("target"), "patch": yaml.safe_dump(patch.get("patch"))}
    return patch


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
