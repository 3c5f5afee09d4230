"""Charts that lie in another one: what they are called there, and where their templates really lie."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

import yaml

from openai_phi.text.documents import LOADER, Unreadable, plain

_NAME = re.compile(r"^name:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)


def vendored(charts: Iterable[str]) -> dict[str, list[str]]:
    """Chart that lies in no other -> the charts that lie in its `charts` folder."""
    listed = sorted(charts)
    out: dict[str, list[str]] = {}
    for chart in listed:
        inside = [o for o in listed if chart.startswith(os.path.join(o, "charts") + os.sep)]
        if inside:
            out.setdefault(min(inside, key=len), []).append(chart)
    return out


def real_template(path: str) -> str:
    """A template that helm names after the alias of its chart, where it lies."""
    if os.path.exists(path):
        return path
    head, found, rest = path.partition(f"{os.sep}charts{os.sep}")
    while found:
        called, _, inner = rest.partition(os.sep)
        folder = os.path.join(head, "charts", called)
        if not os.path.isdir(folder):
            folder = _called(head, called) or folder
        before, found, after = inner.partition(f"charts{os.sep}")
        if not found or before.strip(os.sep):
            return os.path.join(folder, inner)
        head, rest = folder, after
    return path


def keys_of(chart: str, template: str) -> list[tuple[str, ...]]:
    """The keys below which a chart's values hold what a template of a chart within it sees as its values."""
    out: list[tuple[str, ...]] = [()]
    rest = os.path.relpath(template, chart)
    while rest.startswith(f"charts{os.sep}"):
        _, folder, *more = rest.split(os.sep)
        found = _names_in(chart, folder)
        chart, rest = os.path.join(chart, "charts", folder), os.sep.join(more)
        out = [(*keys, name) for keys in out for name in found]
    return out


def _names_in(chart: str, folder: str) -> list[str]:
    """What a chart calls the one that lies in a folder of its `charts`."""
    name = _name_of(os.path.join(chart, "charts", folder)) or folder
    listed = [alias for of, alias in _dependencies(chart) if of == name]
    return list(dict.fromkeys(alias or name for alias in listed)) or [name]


def _called(chart: str, alias: str) -> str:
    """The folder of the dependency that a chart calls by an alias; empty if there is none."""
    name = _aliases(chart).get(alias, alias)
    inside = os.path.join(chart, "charts")
    for entry in sorted(os.listdir(inside)) if os.path.isdir(inside) else ():
        folder = os.path.join(inside, entry)
        if entry == name or _name_of(folder) == name:
            return folder if os.path.isdir(folder) else ""
    return ""


def _name_of(folder: str) -> str:
    found = _NAME.search(_text(os.path.join(folder, "Chart.yaml")))
    return found[1] if found else ""


def _aliases(chart: str) -> dict[str, str]:
    """Alias -> name of the dependencies of a chart."""
    return {alias: name for name, alias in _dependencies(chart) if alias}


def _dependencies(chart: str) -> list[tuple[str, str]]:
    """Name and alias of what a chart depends on; the alias is empty where it has none."""
    out: list[tuple[str, str]] = []
    for file in ("Chart.yaml", "requirements.yaml"):
        try:
            node = yaml.compose(_text(os.path.join(chart, file)), Loader=LOADER)
            data: Any = plain(node) if node is not None else None
        except (yaml.YAMLError, Unreadable):
            continue
        listed = data.get("dependencies") if isinstance(data, dict) else None
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict):
                out.append((str(one.get("name")), str(one.get("alias") or "")))
    return out


def _text(file: str) -> str:
    try:
        with open(file, encoding="utf-8", errors="replace") as handle:
            return handle.read()
    except OSError:
        return ""
