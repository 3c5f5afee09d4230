"""Helmfiles and Skaffold: releases of charts that are not here, with the values that they are given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from openai_phi.reading.charts.chart_values import setting
from openai_phi.reading.charts.values_places import SKAFFOLD, is_helmfile
from openai_phi.reading.templates.file_parts import Beside, Part, at
from openai_phi.text.documents import Document, Unreadable, read_file
from openai_phi.words.places import Path
from openai_phi.words.resources import Option, Options

_SKAFFOLD = (("deploy", "helm", "releases"), ("manifests", "helm", "releases"))


def fits(file: str, text: str) -> bool:
    """Whether a file names releases of charts."""
    base = os.path.basename(file)
    return "releases" in text and bool(is_helmfile(file) or SKAFFOLD.fullmatch(base))


def parts(document: Document, file: str, shown: str, beside: Beside) -> Iterator[Part]:
    """The releases whose chart lies elsewhere, each with its values."""
    places: list[Path] = [("releases",), *_SKAFFOLD]
    profiles = at(document.data, ("profiles",))
    for index in range(len(profiles) if isinstance(profiles, list) else 0):
        places += [("profiles", index, *place) for place in _SKAFFOLD]
    for place in places:
        found = at(document.data, place)
        for index, release in enumerate(found if isinstance(found, list) else ()):
            if isinstance(release, dict) and not _is_here(release, file):
                yield _part(document, (*place, index), release, file, beside)


def _is_here(release: dict[str, Any], file: str) -> bool:
    """Whether the chart of a release is a folder, which is rendered then."""
    named = release.get("chartPath") or release.get("chart")
    folder = os.path.join(os.path.dirname(file), str(named or ""))
    return bool(named) and os.path.isfile(os.path.join(folder, "Chart.yaml"))


def _part(
    document: Document, path: Path, release: dict[str, Any], file: str, beside: Beside
) -> Part:
    name = str(release.get("name", ""))
    data: dict[str, Any] = {}
    for key in ("values", "valuesFiles", "secrets"):
        listed = release.get(key)
        data[key] = [
            _from_file(v, file, beside) if isinstance(v, str) else v
            for v in (listed if isinstance(listed, list) else ())
        ]
    if isinstance(release.get("overrides"), dict):
        data["overrides"] = release["overrides"]
    pairs = release.get("set")
    for index, pair in enumerate(pairs if isinstance(pairs, list) else ()):
        if isinstance(pair, dict):
            value = setting(pair.get("name"), pair.get("value"), False)
            data.setdefault("set", []).append(
                _at(document, (*path, "set", index), value, beside, file)
            )
    for key in ("setValues", "setValueTemplates"):
        given = release.get(key)
        data[key] = [
            _at(document, (*path, key, n), setting(n, v, False), beside, file)
            for n, v in (given.items() if isinstance(given, dict) else ())
        ]
    return Part("HelmRelease", name, f"releases.{name}", path, data=data)


def _at(document: Document, path: Path, value: Any, beside: Beside, file: str) -> Options:
    line, shown = document.line(path), beside.shown(file)
    return Options([Option(value, lambda _: (shown, line))])


def _from_file(name: str, file: str, beside: Beside) -> Any:
    """The values of a file of the repository; its name where it cannot be read."""
    path = os.path.normpath(os.path.join(os.path.dirname(file), name))
    text = beside(path)
    try:
        found = next(iter(read_file(text or "", path.removesuffix(".gotmpl"))), None)
    except Unreadable:
        return name
    if found is None or not isinstance(found.data, dict):
        return name
    beside.taken.add(path)
    there, shown = found, beside.shown(path)
    return Options([Option(there.data, lambda inner: (shown, there.line(inner)))])
