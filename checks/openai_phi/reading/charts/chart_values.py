"""What a chart of the repository is deployed with: its other values files, and what an object gives it."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import yaml

from openai_phi.declared.declarations import Declarations
from openai_phi.reading.charts.chart_commands import Installed, installed
from openai_phi.reading.charts.helm_renderer import merge
from openai_phi.reading.charts.release_conditions import WAYS, conditional
from openai_phi.reading.charts.values_places import (
    HELM_MODULES,
    RELEASE,
    SKAFFOLD,
    gives_values,
    in_values_folder,
    is_helmfile,
)
from openai_phi.reading.disk.unread import Disk
from openai_phi.reading.disk.written_commands import Scripts
from openai_phi.reading.terraform.terraform_source import Encoded, Scope, Source, SourceError, read
from openai_phi.text.documents import Unreadable, read_file
from openai_phi.text.file_forms import TERRAFORM

_VALUES = re.compile(r"(.*[._-])?values([._-][\w.-]+)?\.(ya?ml|json)(\.(gotmpl|tmpl|tpl))?$")
_MAPS = re.compile(r".*\.(ya?ml|json)(\.(gotmpl|tmpl|tpl))?$|[\w-]+$")
_TEMPLATES = (".gotmpl", ".tmpl", ".tpl")
"""Endings of values that a tool fills in before it hands them over."""
_TOLD = re.compile(
    r"(^|/)(ci|tests?|examples?|samples?|docs?|templates|crds|node_modules|\.[^/]*)/"
)
"""Folders whose files are no values that a chart is deployed with, unless something applies them."""
NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_NAMED = ("Makefile", "Dockerfile", "Jenkinsfile", "LICENSE", "README", "OWNERS", "CODEOWNERS")
_OWN = (
    "Chart.yaml",
    "values.yaml",
    "values.yml",
    "requirements.yaml",
    "openai-policy.yaml",
    "openai-compliance.yaml",
)
_KEY = re.compile(r"(\w(?:[^.\[\]\\]|\\.)*)|\[(\d+)\]")
_MOST = 200
"""Places in a list that a parameter may name."""
_DEEPEST = 50
"""Keys in each other that a parameter may name."""
_HOLE = re.compile(r"(?:\{\{[^{}]*\}\})+")
_HOLES = 3
"""Places in a path that a generator may fill in."""
_LONGEST = 1000
_MOST_DECIDED = 5
"""Values of a chart with which conditions on the release are decided both ways."""
_UP = 2
"""Folders above a chart in which values of it may lie."""


@dataclass(frozen=True)
class Values:
    """What a chart is rendered with beside its own values: files, and over them what is written inline.

    `said` is the file that says so, `name` what findings call it.
    """

    chart: str
    said: str
    name: str
    files: tuple[str, ...] = ()
    inline: tuple[dict[str, Any], ...] = ()
    twins: tuple[str, ...] = ()
    """What findings would call others that say the same."""
    decided: str = ""
    """How conditions on the release and the cluster end: `true` or `false`; empty: as helm says."""

    def written(self) -> str:
        """What is written inline, as one text; empty if nothing is. It may hold secrets."""
        out: dict[str, Any] = {}
        for part in self.inline:
            out = merge(out, part)
        return yaml.safe_dump(out) if out else ""


def all_values(
    charts: Collection[str], files: Collection[str], declared: Declarations, disk: Disk
) -> dict[str, list[Values]]:
    """Chart -> what it is rendered with beside its own values, each once, in order of the names.

    Of values files those that compliance files name, else all that are found. What an object of the
    repository gives to a chart counts in any case: no file of a team leaves out what is deployed.
    """
    named = {os.path.join(disk.root, v) for e in declared.environments for v in e.values}
    out: dict[str, list[Values]] = {}
    given = list(_given(charts, files, disk))
    released = {file for values in given for file in values.files}
    for chart in charts:
        known = _Known(chart, files, disk)
        if named:
            found = [f for f in files if f in named and known.is_for_it(f, charts)]
        else:
            found = [
                f
                for f in files
                if known.is_beside(f) or (f not in released and known.is_elsewhere(f, charts))
            ]
        listed = [_with_file(chart, f, disk) for f in sorted(found)]
        all_of_it = _once((*listed, *_of(chart, given)))
        out[chart] = [*all_of_it, *_both_ways(chart, all_of_it, files, disk)]
    return out


def _once(listed: Iterable[Values]) -> list[Values]:
    """Values without those that say the same; the first of these knows the names of the others."""
    once: dict[tuple[object, ...], Values] = {}
    for values in listed:
        key = (values.files, values.written())
        first = once.get(key)
        once[key] = replace(first, twins=(*first.twins, values.name)) if first else values
    return list(once.values())


def _both_ways(
    chart: str, listed: list[Values], files: Collection[str], disk: Disk
) -> Iterator[Values]:
    """The chart with conditions on the release and the cluster decided, with each of its values."""
    inside = (
        f for f in files if f.startswith(chart + os.sep) and f"{os.sep}templates{os.sep}" in f
    )
    if not any(conditional(disk.text(f) or "") for f in inside):
        return
    alone = Values(chart, os.path.join(chart, "Chart.yaml"), "")
    for way in WAYS:
        name = (
            "where its conditions on the release hold"
            if way == "true"
            else ("where its conditions on the release do not hold")
        )
        for values in [alone, *listed][:_MOST_DECIDED]:
            shown = f"{values.name}, {name}".removeprefix(", ")
            yield replace(values, name=shown.replace(", ", "; "), decided=way)


def _with_file(chart: str, file: str, disk: Disk) -> Values:
    """A chart with one values file; what a template of values says is taken as far as it is written."""
    name = os.path.relpath(file, chart)
    if file.endswith((".yaml", ".yml", ".json")):
        return Values(chart, file, name, (file,))
    return Values(chart, file, name, inline=_full([values_of(disk, file)]))


def _of(chart: str, given: Iterable[Values]) -> list[Values]:
    found = (v for v in given if v.chart == chart and (v.files or v.inline))
    return sorted(found, key=lambda v: v.name)


def only_tells(file: str, chart: str) -> bool:
    """Whether a file of a chart is a test or an example of it, which nobody deploys."""
    return _TOLD.search(os.path.relpath(file, chart).replace(os.sep, "/")) is not None


class _Known:
    """A chart, and the names of values that its templates and its own values know."""

    def __init__(self, chart: str, files: Collection[str], disk: Disk) -> None:
        self._chart, self._disk = chart, disk
        self._files = [f for f in files if f.startswith(chart + os.sep)]
        self._keys: dict[str, bool] = {"global": True}
        self._names: set[str] | None = None

    def is_beside(self, file: str) -> bool:
        """Whether a file in the chart is one of its values files by its name."""
        if not file.startswith(self._chart + os.sep) or not _VALUES.fullmatch(
            os.path.basename(file)
        ):
            return False
        return _is_other(os.path.relpath(file, self._chart))

    def is_elsewhere(self, file: str, charts: Collection[str]) -> bool:
        """Whether a file of another name, in the chart or anywhere outside of charts, gives values of it."""
        inside = file.startswith(self._chart + os.sep)
        shown = os.path.relpath(file, self._chart if inside else self._disk.root)
        shown = shown.replace(os.sep, "/")
        if not _MAPS.fullmatch(os.path.basename(file)) or _TOLD.search(shown):
            return False
        if inside and shown.startswith("charts/"):
            return False
        if os.path.basename(file) in _NAMED or (not inside and _within(file, charts)):
            return False
        above = os.path.relpath(file, self._chart).split(os.sep)
        up = above.count("..")
        near = not inside and up <= _UP
        of_values = in_values_folder(os.sep.join((*above[up : up + 1], above[-1])))
        placed = (inside and ("/" not in shown or in_values_folder(shown))) or (near and of_values)
        if placed and file.endswith((".yaml", ".yml")):
            return (not inside or _is_other(shown)) and self._fits(file)
        return self._is_its(file) and not _names_another(shown, self._chart, charts)

    def _is_its(self, file: str) -> bool:
        """Whether a file is a map all of whose keys are keys of the chart's own values."""
        own = self._own()
        keys = _TOP.findall(self._disk.text(file) or "") if own else []
        if not keys or not all(k in own for k in keys):
            return False
        data = values_of(self._disk, file)
        return bool(data) and all(str(k) in own for k in data)

    def _own(self) -> set[str]:
        if self._names is None:
            files = (os.path.join(self._chart, f"values{e}") for e in (".yaml", ".yml"))
            found = [d for f in files for d in _data(self._disk, f) if isinstance(d, dict)]
            names = {str(k) for d in found for k in d}
            self._names = names | {"global"} if names else names
        return self._names

    def is_for_it(self, file: str, charts: Collection[str]) -> bool:
        """Whether a file that is named as values is the chart's: it lies in it, or in none and fits."""
        if file.startswith(self._chart + os.sep):
            return True
        return not _within(file, charts) and self._fits(file)

    def _fits(self, file: str) -> bool:
        """Whether a file holds something that the chart knows, and is no object of Kubernetes."""
        if os.path.basename(file) in _OWN and os.path.dirname(file) == self._chart:
            return False
        data = [d for d in _data(self._disk, file) if d is not None]
        if len(data) != 1 or not isinstance(data[0], dict) or {"apiVersion", "kind"} <= {*data[0]}:
            return False
        return any(self._knows(str(key)) for key in data[0])

    def _knows(self, key: str) -> bool:
        if key not in self._keys:
            word = re.escape(key)
            used = re.compile(
                rf"\.Values\.{word}\b|\.Values\s+\"{word}\"|^\s*-?\s*(?:name|alias)\s*:\s*{word}\s*$",
                re.MULTILINE,
            )
            inside = os.path.join(self._chart, "templates") + os.sep
            texts = (
                f for f in self._files if f.startswith(inside) or f.endswith(f"{os.sep}Chart.yaml")
            )
            self._keys[key] = any(used.search(self._disk.text(f) or "") for f in texts)
        return self._keys[key]


def _names_another(shown: str, chart: str, charts: Collection[str]) -> bool:
    """Whether a path speaks of another chart of the repository, and not of this one."""
    words = set(re.split(r"[/._-]", shown)) | set(re.split(r"[/.]", shown))
    others = {os.path.basename(c) for c in charts} - {os.path.basename(chart)}
    return bool(others & words) and os.path.basename(chart) not in words


_TOP = re.compile(r"^(?:\{\s*)?[\"']?([\w.-]+)[\"']?\s*:", re.MULTILINE)
"""Keys at the top of a map, and the first of one in JSON."""
_HOLE_LINE = re.compile(r"^\s*\{\{.*\}\}\s*$", re.MULTILINE)
_IN_QUOTES = re.compile(r"\{\{[^{}\n]*\}\}")


def values_of(disk: Disk, file: str) -> dict[str, Any]:
    """The map that a values file holds, of a template what is written in it; empty if it holds none."""
    text = disk.text(file) or ""
    if file.endswith(_TEMPLATES):
        text = _IN_QUOTES.sub("filled-in", _HOLE_LINE.sub("", text))
    try:
        found = [d.data for d in read_file(text, _written(file)) if d.data is not None]
    except Unreadable:
        return {}
    data = found[0] if len(found) == 1 else None
    if not isinstance(data, dict) or {"apiVersion", "kind"} <= {*data}:
        return {}
    return data


def _written(file: str) -> str:
    """A file's name without the ending of a template."""
    return next((file.removesuffix(e) for e in _TEMPLATES if file.endswith(e)), file)


def _is_other(file: str) -> bool:
    """Whether a values file in a chart is meant for it, but not its own, and no test's or subchart's."""
    first, *rest = file.split(os.sep)
    if not rest:
        return first not in _OWN
    return first not in ("templates", "charts", "crds", "ci", "tests", "test", "examples")


def _within(file: str, charts: Collection[str]) -> bool:
    return any(file.startswith(c + os.sep) for c in charts)


def _data(disk: Disk, file: str) -> list[Any]:
    """What the documents of a file hold; nothing of one that cannot be read, which others say."""
    try:
        return [d.data for d in read_file(disk.text(file) or "", file)]
    except Unreadable:
        return []


def _given(charts: Collection[str], files: Collection[str], disk: Disk) -> Iterator[Values]:
    """What objects, releases and helmfiles of the repository give to charts of it."""
    source: Source | None = None
    for found in installed(Scripts(disk.root), charts):
        yield from _command(found, disk)
    for file in files:
        if not gives_values(disk.text(file) or "", file):
            continue
        if file.endswith(TERRAFORM):
            source = source or Source(disk.root)
            yield from _releases(source, file, charts, disk)
            continue
        if is_helmfile(file):
            for part in _helmfile_parts(file, disk):
                yield from _helmfile(part, file, charts, disk)
        for data in _data(disk, file):
            if isinstance(data, list):
                for task in _tasks(data):
                    yield from _ansible(task, file, charts, disk)
            if not isinstance(data, dict):
                continue
            if os.path.basename(file) in NAMES:
                yield from _kustomize(data, file, charts, disk)
            if SKAFFOLD.fullmatch(os.path.basename(file)):
                yield from _skaffold(data, file, charts, disk)
            reader = _READERS.get(str(data.get("kind")))
            if reader:
                name = f"{data['kind']} {_map(data.get('metadata')).get('name', '')}".strip()
                base = Values("", file, f"{disk.shown(file)} ({name})")
                spec = _map(data.get("spec"))
                asked = [a for a in _maps(spec.get("valuesFrom")) if a.get("kind") == "ConfigMap"]
                taken = [_config_values(a, files, disk) for a in asked]
                yield from reader({**spec, _TAKEN: taken}, base, charts, disk)


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _maps(value: Any) -> list[dict[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _argo(
    spec: dict[str, Any], base: Values, charts: Collection[str], disk: Disk
) -> Iterator[Values]:
    """An Application: files, then values, then an object, then parameters, the last over all."""
    sources = [_map(spec.get("source")), *_maps(spec.get("sources"))]
    for source in sources:
        helm = _map(source.get("helm"))
        for chart in _charts(source.get("path"), disk, charts):
            listed = helm.get("valueFiles")
            named = [str(f) for f in listed] if isinstance(listed, list) else []
            paths = [_argo_path(f, chart, disk.root) for f in named]
            inline = [_parsed(helm.get("values")), _map(helm.get("valuesObject"))]
            for one in _maps(helm.get("parameters")):
                inline.append(
                    setting(one.get("name"), one.get("value"), bool(one.get("forceString")))
                )
            yield from _with_files(replace(base, chart=chart, inline=_full(inline)), paths, disk)


def _argo_path(file: str, chart: str, root: str) -> str:
    """A values file: of a chart; of the repository; of another source, which may be this repository."""
    if file.startswith("$"):
        return os.path.join(root, file.partition("/")[2])
    return os.path.join(root, file[1:]) if file.startswith("/") else os.path.join(chart, file)


def _argo_set(
    spec: dict[str, Any], base: Values, charts: Collection[str], disk: Disk
) -> Iterator[Values]:
    """An ApplicationSet; what its generators fill in stands for any file that is there."""
    yield from _argo(_map(_map(spec.get("template")).get("spec")), base, charts, disk)


def _flux(
    spec: dict[str, Any], base: Values, charts: Collection[str], disk: Disk
) -> Iterator[Values]:
    """A HelmRelease whose chart is a folder of a Git repository."""
    asked = _map(_map(spec.get("chart")).get("spec"))
    if _map(asked.get("sourceRef")).get("kind") != "GitRepository":
        return
    listed = asked.get("valuesFiles") or []
    paths = [os.path.join(disk.root, str(f)) for f in listed] if isinstance(listed, list) else []
    for chart in _charts(asked.get("chart"), disk, charts):
        inline = _full([*_maps(spec.get(_TAKEN)), _map(spec.get("values"))])
        yield from _with_files(replace(base, chart=chart, inline=inline), paths, disk)


_TAKEN = "values of ConfigMaps"
"""Under which name a release is handed what its `valuesFrom` refers to."""


def _config_values(asked: dict[str, Any], files: Collection[str], disk: Disk) -> dict[str, Any]:
    """The values that a ConfigMap of the repository holds, or that a kustomization makes one from."""
    name, key = str(asked.get("name")), str(asked.get("valuesKey") or "values.yaml")
    text = next((t for t in _config_texts(name, key, files, disk)), "")
    if asked.get("targetPath"):
        return setting(str(asked["targetPath"]), text, False)
    return _parsed(text)


def _config_texts(name: str, key: str, files: Collection[str], disk: Disk) -> Iterator[str]:
    for file in files:
        text = disk.text(file) if file.endswith((".yaml", ".yml")) else ""
        if not text or name not in text:
            continue
        generates = os.path.basename(file) in NAMES
        if not generates and "ConfigMap" not in text:
            continue
        for data in map(_map, _data(disk, file)):
            if generates:
                for made in _maps(data.get("configMapGenerator")):
                    yield from _generated(made, name, key, file, disk)
            elif data.get("kind") == "ConfigMap" and _map(data.get("metadata")).get("name") == name:
                found = _map(data.get("data")).get(key)
                yield from [found] if isinstance(found, str) else []


def _generated(made: dict[str, Any], name: str, key: str, file: str, disk: Disk) -> Iterator[str]:
    """The text that a generator puts under a key."""
    listed = made.get("files") if made.get("name") == name else None
    for one in listed if isinstance(listed, list) else ():
        called, equals, path = str(one).partition("=")
        path = path if equals else called
        if (called if equals else os.path.basename(path)) == key:
            yield disk.text(os.path.normpath(os.path.join(os.path.dirname(file), path))) or ""


_Reader = Callable[[dict[str, Any], Values, Collection[str], Disk], Iterator[Values]]
_READERS: dict[str, _Reader] = {
    "Application": _argo,
    "ApplicationSet": _argo_set,
    "HelmRelease": _flux,
}


_STATE = re.compile(
    r"\{\{-?\s*(?:quote\s+)?\.(?:Environment\.Values|StateValues|Values)\.([\w.]+)[^{}]*\}\}"
)


def _helmfile_parts(file: str, disk: Disk) -> Iterator[dict[str, Any]]:
    """The documents of a helmfile, once for each of its environments, with the values of that."""
    text = disk.text(file) or ""
    plain = _parts_of(text, file)
    states: list[dict[str, Any]] = []
    for environment in (e for d in plain for e in _map(d.get("environments")).values()):
        state: dict[str, Any] = {}
        listed = _map(environment).get("values")
        for given in listed if isinstance(listed, list) else ():
            path = os.path.join(os.path.dirname(file), str(given))
            known = given if isinstance(given, dict) else values_of(disk, os.path.normpath(path))
            state = merge(state, known)
        states.append(state)
    asked = _STATE.search(text) is not None
    for state in states[:_MOST_DECIDED] if asked and states else [{}]:
        yield from _parts_of(_STATE.sub(partial(_of_state, state), text), file)


def _of_state(state: dict[str, Any], found: re.Match[str]) -> str:
    value: Any = state
    for key in found[1].split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (str, int, float)) else found[0]


def _parts_of(text: str, file: str) -> list[dict[str, Any]]:
    lines = _IN_QUOTES.sub("filled-in", _HOLE_LINE.sub("", text)) if "{{" in text else text
    try:
        return [d.data for d in read_file(lines, _written(file)) if isinstance(d.data, dict)]
    except Unreadable:
        return []


def _helmfile(
    data: dict[str, Any], file: str, charts: Collection[str], disk: Disk
) -> Iterator[Values]:
    """The releases of a helmfile whose chart is a folder."""
    for release in _maps(data.get("releases")):
        chart = _folder(os.path.dirname(file), release.get("chart"), charts)
        listed = release.get("values") or []
        if chart and isinstance(listed, list):
            paths = [os.path.join(os.path.dirname(file), v) for v in listed if isinstance(v, str)]
            name = f"{disk.shown(file)} ({release.get('name', '')})"
            inline = _maps(listed) + [
                setting(s.get("name"), s.get("value"), False) for s in _maps(release.get("set"))
            ]
            base = Values(chart, file, name, inline=_full(inline))
            yield from _with_files(base, paths, disk)


def _kustomize(
    data: dict[str, Any], file: str, charts: Collection[str], disk: Disk
) -> Iterator[Values]:
    """The charts that a kustomization inflates, where they lie in its folder of charts."""
    base = os.path.dirname(file)
    home = str(_map(data.get("helmGlobals")).get("chartHome") or "charts")
    for one in _maps(data.get("helmCharts")):
        chart = _folder(os.path.join(base, home), one.get("name"), charts)
        if chart:
            listed = one.get("additionalValuesFiles")
            named = [one.get("valuesFile"), *(listed if isinstance(listed, list) else [])]
            paths = [os.path.join(base, str(f)) for f in named if f]
            name = f"{disk.shown(file)} ({one.get('releaseName') or one.get('name')})"
            inline = _full([_map(one.get("valuesInline"))])
            yield from _with_files(Values(chart, file, name, inline=inline), paths, disk)


def _tasks(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The tasks of a play or a role, those in blocks too."""
    for one in _maps(data) if depth < _DEEPEST_BLOCK else ():
        yield one
        for key in ("tasks", "pre_tasks", "post_tasks", "block", "rescue", "always", "handlers"):
            yield from _tasks(one.get(key), depth + 1)


_DEEPEST_BLOCK = 6


def _ansible(
    task: dict[str, Any], file: str, charts: Collection[str], disk: Disk
) -> Iterator[Values]:
    """A task of Ansible that installs a chart, as far as its values are written there."""
    given = next((v for k, v in task.items() if k in HELM_MODULES and isinstance(v, dict)), {})
    called = str(given.get("chart_ref") or given.get("ref") or "")
    called = re.sub(r"^\{\{\s*(?:playbook_dir|role_path)\s*\}\}/", "./", called)
    homes = [os.path.dirname(file)]
    while homes[-1] != disk.root and homes[-1].startswith(disk.root):
        homes.append(os.path.dirname(homes[-1]))
    chart = next((c for h in homes if (c := _folder(h, called, charts))), "")
    if chart:
        listed = given.get("values_files")
        files = [str(f) for f in (listed if isinstance(listed, list) else ())]
        paths = [
            next((p for h in homes if os.path.isfile(p := os.path.join(h, f))), f) for f in files
        ]
        inline = [_map(given.get("values") or given.get("release_values"))]
        for one in _maps(given.get("set_values")):
            name, _, value = str(one.get("value", "")).partition("=")
            inline.append(setting(name, value, one.get("value_type") == "string"))
        shown = f"{disk.shown(file)} ({given.get('name') or given.get('release_name') or 'helm'})"
        yield from _with_files(Values(chart, file, shown, inline=_full(inline)), paths, disk)


def _skaffold(
    data: dict[str, Any], file: str, charts: Collection[str], disk: Disk
) -> Iterator[Values]:
    """The releases of a Skaffold configuration, of its profiles too, whose chart is a folder."""
    base = os.path.dirname(file)
    for part in (data, *_maps(data.get("profiles"))):
        for section in (_map(part.get("deploy")), _map(part.get("manifests"))):
            for release in _maps(_map(section.get("helm")).get("releases")):
                chart = _folder(base, release.get("chartPath"), charts)
                if not chart:
                    continue
                listed = release.get("valuesFiles")
                named = [str(f) for f in listed] if isinstance(listed, list) else []
                inline = [_map(release.get("overrides"))]
                for key in ("setValues", "setValueTemplates"):
                    inline += [setting(n, v, False) for n, v in _map(release.get(key)).items()]
                name = f"{disk.shown(file)} ({release.get('name', '')})"
                paths = [os.path.join(base, f) for f in named]
                yield from _with_files(Values(chart, file, name, inline=_full(inline)), paths, disk)


def _command(found: Installed, disk: Disk) -> Iterator[Values]:
    """A chart as a command of the repository installs it."""
    inline = [_said(n, v, kind, found, disk) for n, v, kind in found.settings]
    name = f"{disk.shown(found.command.file)} (helm {found.name})".replace(" )", ")")
    base = Values(found.chart, found.command.file, name, inline=_full(inline))
    first = next((f for f in found.command.folders if _there(found.files, f)), "")
    paths = [os.path.join(first or found.command.folders[0], p) for p in found.files]
    yield from _with_files(base, paths, disk)


def _said(name: str, value: str, kind: str, found: Installed, disk: Disk) -> dict[str, Any]:
    """What one setting of a command says; of a file the text that it holds."""
    if kind == "json":
        return _parsed_json(name, value)
    if kind == "file":
        paths = (os.path.normpath(os.path.join(f, value)) for f in found.command.folders)
        text = next((t for p in paths if os.path.isfile(p) and (t := disk.text(p))), None)
        return setting(name, text, True) if text is not None else {}
    return setting(name, value, kind == "string")


def _there(files: Iterable[str], folder: str) -> bool:
    """Whether some of the files that a command names lie in a folder, what it leaves open left out."""
    for file in files:
        path = os.path.join(folder, file)
        parts = [glob.escape(p) for p in _HOLE.split(path)]
        if os.path.isfile(path) or (len(parts) > 1 and glob.glob("*".join(parts))):
            return True
    return False


def _parsed_json(name: str, value: str) -> dict[str, Any]:
    """What `--set-json name=value` says."""
    found: Any = _parsed(value)
    out: Any = found or value
    for key, _ in reversed(_KEY.findall(name)):
        out = {key: out}
    return out if isinstance(out, dict) else {}


def _releases(source: Source, file: str, charts: Collection[str], disk: Disk) -> Iterator[Values]:
    """The `helm_release` blocks of a Terraform file whose chart is a folder, as far as they are known."""
    try:
        blocks = [b for b in source.blocks(file) if b.labels[:1] == (RELEASE,)]
        for block in blocks:
            for reading in read(source, block, Scope(os.path.dirname(file))):
                chart = _folder(os.path.dirname(file), reading.config.get("chart"), charts)
                if chart:
                    yield Values(
                        chart,
                        file,
                        f"{disk.shown(file)} ({'.'.join(block.labels)})",
                        inline=_full(_release(reading.config)),
                    )
    except SourceError:
        return  # the terraform framework reports a file that does not parse


def _release(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The values of a release in order: its documents, then what is set one by one."""
    listed = config.get("values")
    for value in listed if isinstance(listed, list) else []:
        known = _known(value.data) if isinstance(value, Encoded) else _parsed(value)
        yield known if isinstance(known, dict) else {}
    sets = config.get("set")
    for one in _maps(sets if isinstance(sets, list) else [sets]):
        yield setting(one.get("name"), one.get("value"), one.get("type") == "string")


def _known(value: Any) -> Any:
    """Plain data without the leaves that are not known."""
    if isinstance(value, Encoded):
        value = value.data
    if isinstance(value, dict):
        found = {str(k): _known(v) for k, v in value.items()}
        return {k: v for k, v in found.items() if v is not ...}
    if isinstance(value, (list, tuple)):
        return [v for v in map(_known, value) if v is not ...]
    return value if value is None or isinstance(value, (str, int, float, bool)) else ...


def _folder(base: str, path: Any, charts: Collection[str]) -> str:
    """The chart that a path leads to from a folder, or an empty string."""
    if not _is_path(path):
        return ""
    found = os.path.normpath(os.path.join(base, path))
    return found if found in charts else ""


def _charts(path: Any, disk: Disk, charts: Collection[str]) -> list[str]:
    """The charts that a path of the repository leads to, which may begin above the scan root.

    What a generator fills in (`{{…}}`) stands for any name.
    """
    if not _is_path(path):
        return []
    pattern = re.compile(r"[^/]*".join(re.escape(p) for p in _HOLE.split(path.strip("/"))))
    home, out = disk.root, []
    while True:
        here = {c: os.path.relpath(c, home).replace(os.sep, "/") for c in charts}
        wanted = os.path.normpath(path.strip("/"))
        out = [c for c, p in sorted(here.items()) if p == wanted or pattern.fullmatch(p)]
        top = os.path.exists(os.path.join(home, ".git")) or home == os.path.dirname(home)
        if out or top:
            return out
        home = os.path.dirname(home)


def _is_path(text: Any) -> bool:
    """Whether a text may be followed as a path."""
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST or "\0" in text:
        return False
    return len(_HOLE.findall(text)) <= _HOLES


def _with_files(base: Values, paths: Iterable[str], disk: Disk) -> Iterator[Values]:
    """The values with those of the files that are there; one for each file that a hole may stand for."""
    fixed: list[str] = []
    filled: list[str] = []
    for path in map(os.path.normpath, filter(_is_path, paths)):
        if not path.startswith(disk.root.rstrip(os.sep) + os.sep):
            continue
        if _HOLE.search(path):
            parts = (glob.escape(p) for p in _HOLE.split(path))
            filled += sorted(f for f in glob.glob("*".join(parts)) if os.path.isfile(f))
        elif path.endswith(_TEMPLATES) and os.path.isfile(path):
            base = replace(base, inline=(*_full([values_of(disk, path)]), *base.inline))
        elif os.path.isfile(path):
            fixed.append(path)
    if not filled:
        yield replace(base, files=tuple(fixed))
    for file in filled:
        yield replace(base, files=(*fixed, file), name=f"{base.name} with {disk.shown(file)}")


def _parsed(text: Any) -> dict[str, Any]:
    """A mapping that is written as a text; empty if it is none."""
    if not isinstance(text, str):
        return {}
    try:
        found = [d.data for d in read_file(text, "values.yaml")]
    except Unreadable:
        return {}
    return found[0] if len(found) == 1 and isinstance(found[0], dict) else {}


def _full(parts: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple(p for p in parts if p)


def setting(name: Any, value: Any, as_text: bool) -> dict[str, Any]:
    """What `--set name=value` says, as a mapping."""
    if not isinstance(name, str) or not isinstance(value, (str, int, float, bool)):
        return {}
    out: Any = str(value) if as_text else _typed(value)
    keys = _KEY.findall(name)
    if len(keys) > _DEEPEST:
        return {}
    for key, place in reversed(keys):
        if place and int(place) > _MOST:
            return {}
        out = [*[None] * int(place), out] if place else {re.sub(r"\\(.)", r"\1", key): out}
    return out if isinstance(out, dict) else {}


def _typed(value: Any) -> Any:
    if value in ("true", "false"):
        return value == "true"
    if isinstance(value, str) and re.fullmatch(r"-?(0|[1-9]\d*)", value):
        return int(value)
    return None if value == "null" else value
