"""Adapter: Checkov's Kubernetes, Helm and Kustomize vertices become resources, with source lines."""

from __future__ import annotations

import base64
import ipaddress
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from openai_phi.facts.escapes import unescaped
from openai_phi.facts.routes import routes
from openai_phi.facts.secret_names import leads_to_store
from openai_phi.facts.signatures import Signatures
from openai_phi.text.documents import (
    MAX_DEPTH,
    MAX_TEXT,
    Unreadable,
    decoded,
    encoded_texts,
    node_lines,
    plain,
)
from openai_phi.text.settings import TooDeep, Walk, unread_texts, walk
from openai_phi.words.found import Unread
from openai_phi.words.places import Path
from openai_phi.words.references import AllVariables, ByName, Content, OneVariable
from openai_phi.words.resources import Resource, SecretRef, Setting, Unknown

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ESCAPED_TAG = re.compile(r"![^\s]*%")
_Specs = list[tuple[Path, dict[str, Any]]]
"""Pod specifications, or containers, with their paths."""


@dataclass
class Reading:
    """What an adapter gives: resources, and what it could not read."""

    resources: list[Resource] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    files: set[str] = field(default_factory=set)


@dataclass
class _Object:
    """One Kubernetes object: its content joined again, its file, its vertex."""

    config: dict[str, Any]
    file: str
    handle: int
    start: int
    end: int


@dataclass(frozen=True)
class Layout:
    """How the files of a graph lie in the repository; all functions take an absolute path.

    `counts` says whether a file is judged here at all; `shown` and `source` (which also knows the
    object's kind and name) give the path that findings show, relative to the scan root; `known_as` the one
    that fingerprints of the first version hold, if it is another; `scope`
    what joins objects; `variant` which build a file belongs to. `rendered`: files are a tool's
    output, and their lines are found again in the source by text, then in the other `sources`.
    """

    counts: Callable[[str], bool] = lambda file: True
    shown: Callable[[str], str] | None = None
    source: Callable[[str, str, str], str] | None = None
    known_as: Callable[[str, str, str], str] = lambda file, kind, name: ""
    scope: Callable[[str], str] | None = None
    variant: Callable[[str], str] = lambda file: ""
    rendered: bool = False
    sources: Callable[[str], Sequence[str]] = lambda file: ()


class KubernetesReader:
    """Reads the vertices of one graph, whose files lie below `root`, as `layout` says."""

    def __init__(
        self,
        root: str,
        framework: str,
        names: Signatures,
        layout: Layout | None = None,
        shown_root: str | None = None,
    ) -> None:
        self._root = os.path.abspath(root)
        self._framework = framework
        self._names = names
        self._root_of_shown = os.path.abspath(shown_root or root)
        self._templates: dict[tuple[str, str], Callable[[int], int]] = {}
        self._layout = layout or Layout()
        self._texts: dict[str, str] = {}
        self._binary: dict[str, bool] = {}
        self._paths: dict[str, str] = {}
        self._shown_as: dict[str, str] = {}
        self._split: dict[str, list[str]] = {}
        self._leading: frozenset[str] = frozenset()
        self._spoken = False
        self._reached: frozenset[int] = frozenset()
        self._scopes: dict[str, str] = {}
        self._lines: dict[str, list[tuple[str, str, dict[Path, int]]]] = {}

    def read(self, vertices: Iterable[Mapping[str, Any]], files: Iterable[str] = ()) -> Reading:
        """Resources of all vertices, pods joined to what they were cut out of.

        Of `files` also the objects that Checkov leaves out (of names that it thinks are none).
        """
        out = Reading()
        taken: dict[tuple[str, str, str], int] = defaultdict(int)
        objects = self._objects(list(vertices))
        objects += self._left_out(objects, files)
        self._leading = self._leading_names(objects)
        for obj in objects:
            out.files.add(obj.file)
            if not self._layout.counts(obj.file):
                continue
            resource = self._resource(obj, taken, out)
            if resource:
                out.resources.append(resource)
        return out

    def _leading_names(self, objects: list[_Object]) -> frozenset[str]:
        """Names of services that lead to what speaks of a provider, directly or through others.

        An object that speaks of nothing is not walked, unless it names one of these.
        """
        texts = [
            (o, self._own_text(o, str(o.config.get("kind", "")), _name_of(o))) for o in objects
        ]
        services = [
            (_name_of(o), _network("Service", o.config, []))
            for o in objects
            if o.config.get("kind") == "Service"
        ]
        speaking = [o for o, text in texts if self._names.openai_word(text)]
        wanted = [(o, text) for o, text in texts if self._wants(text)]
        self._spoken = bool(wanted)
        self._reached = self._reached_from(wanted, objects)
        if not speaking or not services:
            return frozenset()
        first = {id(o) for o in speaking}
        words = {_name_of(o) for o in speaking} - {""}
        known: set[str] = set()
        for _ in range(4):
            hot = [o for o, text in texts if id(o) in first or any(w in text for w in words)]
            labels = [
                set(_network("", o.config, _pod_specs(o.config)).get("labels", ())) for o in hot
            ]
            found = {
                name
                for name, network in services
                if network["alias"] or any(set(network["selects"]) <= its for its in labels if its)
            }
            if found <= known:
                break
            known |= found
            words = known
        return frozenset(known)

    def _reached_from(
        self, speaking: Sequence[tuple[_Object, str]], objects: Sequence[_Object]
    ) -> frozenset[int]:
        """What objects that speak name and take: configuration, and what answers behind services."""
        held = {_name_of(o): o for o in objects if o.config.get("kind") in ("ConfigMap", "Service")}
        held.pop("", None)
        if not speaking or not held:
            return frozenset()
        known: dict[int, _Object] = {id(o): o for o, _ in speaking}
        texts = [t for _, t in speaking]
        for _ in range(3):
            named = {id(o): o for n, o in held.items() if any(n in t for t in texts)}
            behind = self._behind(list(named.values()), objects)
            new = {i: o for i, o in {**named, **behind}.items() if i not in known}
            if not new:
                break
            known.update(new)
            texts = [
                self._own_text(o, str(o.config.get("kind", "")), _name_of(o)) for o in new.values()
            ]
        return frozenset(known)

    def _behind(self, named: Sequence[_Object], objects: Sequence[_Object]) -> dict[int, _Object]:
        """The objects whose pods the services among others select."""
        wanted = [_network("Service", o.config, [])["selects"] for o in named if _is_service(o)]
        sets = [set(w) for w in wanted if w]
        found = {}
        for obj in objects if sets else ():
            labels = set(_network("", obj.config, _pod_specs(obj.config)).get("labels", ()))
            if labels and any(w <= labels for w in sets):
                found[id(obj)] = obj
        return found

    def _objects(self, vertices: list[Mapping[str, Any]]) -> list[_Object]:
        objects: list[_Object] = []
        by_id: dict[tuple[str, str], list[_Object]] = defaultdict(list)
        pods: list[tuple[str, str, Mapping[str, Any]]] = []
        for handle, vertex in enumerate(vertices):
            config = vertex.get("config_")
            if not isinstance(config, dict) or vertex.get("block_type_") != "resource":
                continue
            file = self._absolute(str(vertex.get("file_path_", "")))
            if self._may_hold_bytes(file) and _has_bytes(config):
                config = _as_text(config)
            config = _plain_annotations(config)
            parent = config.get("_parent_resource_id")
            if parent:
                pods.append((file, str(parent), config))
                continue
            start, end = _int(config.get("__startline__")), _int(config.get("__endline__"))
            obj = _Object(config, file, handle, start, end)
            objects.append(obj)
            by_id[(file, str(vertex.get("id_")))].append(obj)
        for file, parent, config in pods:
            same = by_id.get((file, parent), [])
            if same:  # of two objects of one id in one file each has its own pod, in the same order
                owner = same.pop(0) if len(same) > 1 else same[0]
                owner.config = _with_template(owner.config, config)
        return objects

    def _left_out(self, objects: list[_Object], files: Iterable[str]) -> list[_Object]:
        """Objects of manifests that have no vertex, of files that could matter."""
        known: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        for obj in objects:
            known[obj.file][(str(obj.config.get("kind", "")), _name_of(obj))] += 1
        out: list[_Object] = []
        for file in files:
            if not file.endswith((".yaml", ".yml", ".json")) or not self._layout.counts(file):
                continue
            text = self.text(file)
            if len(_KIND.findall(unescaped(text))) <= known[file].total() or not self._wants(text):
                continue
            for obj in manifests(text, file):
                key = (str(obj.config["kind"]), _name_of(obj))
                if known[file][key]:
                    known[file][key] -= 1
                else:
                    out.append(obj)
        return out

    def _absolute(self, path: str) -> str:
        """Checkov writes a path relative to its working directory, or one that repeats the root."""
        found = self._paths.get(path)
        if found is None:
            candidates = (path, os.path.join(self._root, path.lstrip("/")))
            found = next((os.path.abspath(c) for c in candidates if os.path.isfile(c)), None)
            found = self._paths[path] = found or os.path.abspath(path)
        return found

    def _resource(
        self, obj: _Object, taken: dict[tuple[str, str, str], int], out: Reading
    ) -> Resource | None:
        config, inner = _opened(obj.config)
        meta = config.get("metadata") if isinstance(config.get("metadata"), dict) else {}
        kind, name = str(config.get("kind", "")), str((meta or {}).get("name", ""))
        if not kind or (not name and not (meta or {}).get("generateName")):
            if self._names.sort(kind) == "workload" and self._wants(self.text(obj.file)):
                shown = os.path.relpath(obj.file, self._root).replace(os.sep, "/")
                out.unread.append(Unread(shown, f"a {kind} has no name", True, "", obj.start or 1))
            return None
        namespace = (meta or {}).get("namespace")
        key = (obj.file, kind, name)
        nth, taken[key] = taken[key], taken[key] + 1
        text = self._own_text(obj, kind, name)
        wanted = self._wants(f"{text}\n{inner}") or any(n in text for n in self._leading)
        wanted = wanted or id(obj) in self._reached
        leads = self._names.routes(kind) or routes().matters(kind) or leads_to_store(kind)
        wanted = wanted or (self._spoken and leads)
        lines = self._line_map(obj, kind, name, nth, text) if wanted else {}
        shown = self._shown(obj.file, kind, name)
        line_of = exact = _nearest(lines, obj)
        if self._layout.rendered:
            line_of = self._in_template(obj.file, os.path.join(self._root_of_shown, shown), line_of)
        type_ = _type(kind, str(config.get("apiVersion", "")), self._names)
        group = ""
        unreadable = ""
        settings: tuple[Setting, ...] = ()
        specs = _pod_specs(config)
        refs = (*_references(specs, line_of), *_values_from(config, line_of))
        try:
            if refs or wanted:
                settings = tuple(walk(config, Walk(line_of, self._wants, shown), group=group))
            for setting, why in unread_texts(settings):
                out.unread.append(Unread(shown, f"{kind} {name}: {why}", True, "", setting.line))
        except TooDeep as deep:
            unreadable = f"nests deeper than the limit at {deep}"
            out.unread.append(
                Unread(shown, f"{kind} {name} {unreadable}", True, "", obj.start or 1)
            )
        if kind.endswith("ExternalSecret"):
            settings += tuple(_filled_in(settings))
        if self._layout.rendered and wanted:
            settings = tuple(self._placed(obj.file, shown, exact, settings))
        ident = ".".join(p for p in (kind, str(namespace) if namespace else "", name) if p)
        return Resource(
            framework=self._framework,
            type=type_,
            id=ident,
            name=name,
            scope=self._scope(obj.file),
            file=shown,
            line=line_of(()),
            end_line=0 if self._layout.rendered else obj.end,
            settings=tuple(
                replace(s, line=line_of(s.path[:2])) if inner and s.path[0] in _ENCODED else s
                for s in settings
                if s.path[:1] not in (("apiVersion",), ("kind",), ("status",))
            ),
            refs=refs,
            namespace=str(namespace) if namespace else None,
            images=tuple(_images(specs, line_of)),
            handle=obj.handle,
            variant=self._layout.variant(obj.file),
            known_as=self._layout.known_as(obj.file, kind, name),
            unreadable=unreadable,
            **_network(type_, config, specs),
        )

    def _shown(self, file: str, kind: str, name: str) -> str:
        if self._layout.source:
            return self._layout.source(file, kind, name)
        if self._layout.shown:
            return self._layout.shown(file)
        if file not in self._shown_as:
            self._shown_as[file] = os.path.relpath(file, self._root).replace(os.sep, "/")
        return self._shown_as[file]

    def _in_template(
        self, rendered: str, template: str, line_of: Callable[[Path], int]
    ) -> Callable[[Path], int]:
        """Lines of the chart's template instead of the rendered file's; found by text, so approximate."""
        key = (rendered, template)
        if key not in self._templates:
            self._templates[key] = same_lines(
                self.text(rendered).splitlines(), self.text(template).splitlines()
            )
        translate = self._templates[key]
        return lambda path: translate(line_of(path))

    def _placed(
        self,
        rendered: str,
        shown: str,
        line_of: Callable[[Path], int],
        settings: Iterable[Setting],
    ) -> Iterator[Setting]:
        """Settings whose line is not in the source of their object, where another source has it."""
        main = os.path.join(self._root_of_shown, shown)
        others = [f for f in self._layout.sources(rendered) if f != main]
        if not others:
            yield from settings
            return
        lines = self.text(rendered).splitlines()
        there = {line.strip().removeprefix("- ") for line in self.text(main).splitlines()}
        for setting in settings:
            named = setting.value_path
            if named and not isinstance(setting.value, (str, int)):
                named = (*named[:-1], "name")
            at = line_of(named or setting.path)
            text = lines[at - 1].strip().removeprefix("- ") if 0 < at <= len(lines) else ""
            place = None if text in there else self._written_in(others, setting, text)
            if place:
                source = os.path.relpath(place[0], self._root_of_shown).replace(os.sep, "/")
                setting = replace(setting, file=source, line=place[1])
            yield setting

    def _written_in(
        self, files: Iterable[str], setting: Setting, text: str
    ) -> tuple[str, int] | None:
        """The first file and line that says what a setting says: its name with it, before or in the line."""
        value = str(setting.value) if isinstance(setting.value, (str, int)) else ""
        for file in files:
            before = ""
            for number, line in enumerate(self.text(file).splitlines(), 1):
                same = text and line.strip().removeprefix("- ") == text
                if same and (setting.name in line or setting.name in before):
                    return file, number
                if value and setting.name in line and value in line:
                    return file, number
                before = line
        return None

    def _wants(self, text: str) -> bool:
        """Whether a text holds anything that could be a signature."""
        return self._names.concerns(text) or any(map(self._names.speaks, encoded_texts(text)))

    def _own_text(self, obj: _Object, kind: str, name: str) -> str:
        """The lines of an object; of the whole file where Checkov's lines are not the object's."""
        if obj.file not in self._split:
            self._split[obj.file] = self.text(obj.file).splitlines(keepends=True)
        lines = self._split[obj.file][max(obj.start - 1, 0) : obj.end]
        while lines and lines[-1].startswith("---"):
            lines.pop()
        text = "".join(lines)
        fits = 0 < obj.start <= obj.end and kind in text and name in text
        return text if fits and text.count("apiVersion") == 1 else self.text(obj.file)

    def _scope(self, file: str) -> str:
        """The chart, the kustomization or the folder that a manifest belongs to."""
        if file not in self._scopes:
            self._scopes[file] = (self._layout.scope or self._scope_of)(file)
        return self._scopes[file]

    def _scope_of(self, file: str) -> str:
        folder = os.path.dirname(file)
        parts = folder.split(os.sep)
        if self._framework == "helm" and "templates" in parts:
            index = parts.index("templates")
            return os.sep.join(parts[:index])
        probe = folder
        while probe.startswith(self._root):
            if any(
                os.path.isfile(os.path.join(probe, n))
                for n in ("kustomization.yaml", "kustomization.yml")
            ):
                return probe
            if probe == self._root:
                break
            probe = os.path.dirname(probe)
        return folder

    def _line_map(self, obj: _Object, kind: str, name: str, nth: int, text: str) -> dict[Path, int]:
        """Exact lines of an object, read from its own text, else found in the whole file's."""
        if text is not self.text(obj.file):
            try:
                ((its_kind, its_name, lines),) = _object_lines(yaml.compose(text, Loader=_Loader))
            except (yaml.YAMLError, RecursionError, ValueError):
                its_kind = its_name = ""
            if (its_kind, its_name) == (kind, name):
                return {path: line + obj.start - 1 for path, line in lines.items()}
        if obj.file not in self._lines:
            self._lines[obj.file] = self._documents(obj.file)
        same = [lines for k, n, lines in self._lines[obj.file] if k == kind and n == name]
        return same[min(nth, len(same) - 1)] if same else {}

    def _documents(self, file: str) -> list[tuple[str, str, dict[Path, int]]]:
        text = self.text(file)
        out: list[tuple[str, str, dict[Path, int]]] = []
        try:
            for node in yaml.compose_all(text, Loader=_Loader):
                out.extend(_object_lines(node))
        except (yaml.YAMLError, RecursionError):
            return out
        return out

    def _may_hold_bytes(self, file: str) -> bool:
        """Whether a value of a file could be tagged as binary; a tag may be escaped as a URI is."""
        if file not in self._binary:
            text = self.text(file)
            self._binary[file] = not text or "binary" in text or bool(_ESCAPED_TAG.search(text))
        return self._binary[file]

    def text(self, file: str) -> str:
        """A file's text; empty if it cannot be read."""
        if file not in self._texts:
            try:
                with open(file, "rb") as handle:
                    self._texts[file] = decoded(handle.read())
            except OSError:
                self._texts[file] = ""
        return self._texts[file]


def manifests(text: str, file: str) -> list[_Object]:
    """The Kubernetes objects of a file; none if it is a template or not valid YAML."""
    if _TEMPLATE.search(text) or len(text) > MAX_TEXT:
        return []
    out: list[_Object] = []
    try:
        for node in yaml.compose_all(text, Loader=_Loader):
            data = plain(node) if node is not None else None
            if node is not None and isinstance(data, dict) and _is_object(data):
                start, end = node.start_mark.line + 1, node.end_mark.line
                out.append(_Object(data, file, -1, start, max(start, end)))
    except (yaml.YAMLError, RecursionError, ValueError, Unreadable):
        return []
    return out


def _is_object(data: Mapping[str, Any]) -> bool:
    named = isinstance(data.get("metadata"), dict) and isinstance(data.get("kind"), str)
    return named and "apiVersion" in data and data["kind"] not in ("Kustomization", "Component")


_TEMPLATE = re.compile(r"\{\{-?\s*\.(Release|Values)\.")
_KIND = re.compile(r"^[\"']?kind[\"']?\s*:|^\s*\"kind\"\s*:", re.MULTILINE)


_ENCODED = {"data": "Secret", "binaryData": "ConfigMap"}
"""What holds base64, and of which kind."""


def _opened(config: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """An object with its base64 as programs read it, and all of these texts; what is none stays."""
    texts: list[str] = []
    for key, kind in _ENCODED.items():
        held = config.get(key)
        if config.get("kind") == kind and isinstance(held, dict):
            opened = {name: _decoded(value) for name, value in held.items()}
            texts += [f"{n}\n{v}" for n, v in opened.items() if isinstance(v, str)]
            config = {**config, key: opened}
    return config, "\n".join(texts)


def _decoded(value: Any) -> Any:
    try:
        text = base64.b64decode("".join(str(value).split()), validate=True).decode("utf-8")
    except ValueError:
        return value
    return text if all(c.isprintable() or c.isspace() for c in text) else value


def _is_service(obj: _Object) -> bool:
    return obj.config.get("kind") == "Service"


def _name_of(obj: _Object) -> str:
    meta = obj.config.get("metadata")
    return str(meta.get("name", "")) if isinstance(meta, dict) else ""


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


def _type(kind: str, api_version: str, names: Signatures) -> str:
    """The kind, with its API group where the kind alone would not say what it is."""
    group = api_version.split("/")[0] if "/" in api_version else ""
    qualified = f"{kind}.{group}"
    more = names.carries_data(qualified) and not names.sort(kind)
    return qualified if group and (names.sort(qualified) or more) else kind


def _as_text(node: Any) -> Any:
    """Data without bytes, which a value that is tagged as binary becomes: a cluster reads it as text."""
    if isinstance(node, bytes):
        return node.decode("utf-8", "replace")
    if isinstance(node, dict):
        return {_as_text(k): _as_text(v) for k, v in node.items()}
    return [_as_text(v) for v in node] if isinstance(node, list) else node


def _has_bytes(node: Any, depth: int = 0) -> bool:
    if isinstance(node, bytes):
        return True
    inner = [*node, *node.values()] if isinstance(node, dict) else node
    nested = isinstance(inner, list) and depth < MAX_DEPTH
    return nested and any(_has_bytes(v, depth + 1) for v in inner)


def _plain_annotations(config: dict[str, Any]) -> dict[str, Any]:
    """Annotations as they were written: Checkov makes a list of mappings of them."""
    meta = config.get("metadata")
    listed = meta.get("annotations") if isinstance(meta, dict) else None
    if not isinstance(meta, dict) or not isinstance(listed, list):
        return config
    plain = {k: v for item in listed if isinstance(item, dict) for k, v in item.items()}
    return {**config, "metadata": {**meta, "annotations": plain}}


def _with_template(config: dict[str, Any], pod: Mapping[str, Any]) -> dict[str, Any]:
    template = {k: pod[k] for k in ("metadata", "spec") if k in pod}
    spec = config.get("spec") if isinstance(config.get("spec"), dict) else {}
    return {**config, "spec": {**(spec or {}), "template": template}}


def _object_lines(node: yaml.Node | None) -> list[tuple[str, str, dict[Path, int]]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    kind = _child_text(node, "kind")
    items = _child(node, "items")
    if kind == "List" and isinstance(items, yaml.SequenceNode):
        return [found for item in items.value for found in _object_lines(item)]
    meta = _child(node, "metadata")
    name = _child_text(meta, "name") if isinstance(meta, yaml.MappingNode) else ""
    return [(kind, name, node_lines(node))] if kind else []


def _child(node: yaml.MappingNode, key: str) -> yaml.Node | None:
    return next((v for k, v in node.value if getattr(k, "value", None) == key), None)


def _child_text(node: yaml.MappingNode, key: str) -> str:
    child = _child(node, key)
    return str(child.value) if isinstance(child, yaml.ScalarNode) else ""


def _nearest(lines: Mapping[Path, int], obj: _Object) -> Callable[[Path], int]:
    """The line of a path: exact where the source was read, else of the mapping that holds it."""

    def exact(path: Path) -> int:
        while path and path not in lines:
            path = path[:-1]
        return lines.get(path, obj.start)

    def coarse(path: Path) -> int:
        node: Any = obj.config
        line = obj.start
        for step in path:
            if isinstance(node, dict):
                line = _int(node.get("__startline__")) or line
                node = node.get(step)
            elif isinstance(node, list) and isinstance(step, int) and step < len(node):
                node = node[step]
            else:
                break
        return line

    return exact if lines else coarse


_ENTRIES = re.compile(r"\{\{[^{}]*?(?:\.([A-Za-z_]\w*)|index\s+\.\s+[\"']([^\"']+)[\"'])")


def _filled_in(settings: Iterable[Setting]) -> Iterator[Setting]:
    """What the template of an ExternalSecret fills in of its store, by the names that it has there."""
    for setting in settings:
        if "template" in setting.path and isinstance(setting.value, str):
            for entry in _ENTRIES.finditer(setting.value):
                name = entry[1] or entry[2]
                if name != setting.name:
                    yield replace(
                        setting,
                        name=name,
                        value=Unknown("comes from the secret's store"),
                        path=(*setting.path, name),
                    )


def _pod_specs(config: dict[str, Any]) -> _Specs:
    """Every pod specification in an object, with its path: whatever holds a list of containers."""
    out: list[tuple[Path, dict[str, Any]]] = []
    stack: list[tuple[_Step | None, Any, int]] = [(None, config, 0)]
    while stack:
        step, node, depth = stack.pop()
        if depth > 12:
            continue
        if isinstance(node, dict) and isinstance(node.get("containers"), list):
            out.append((_path_of(step), node))
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(value, (dict, list)):
                named = key if isinstance(node, list) else str(key)
                stack.append(((step, named), value, depth + 1))
    return out


_Step = tuple[Any, Any]
"""The step before and a key: a path that is put together only where it is asked for."""


def _path_of(step: _Step | None) -> Path:
    keys: list[str | int] = []
    while step is not None:
        step, key = step
        keys.append(key)
    return tuple(reversed(keys))


def _items(value: Any) -> list[Any]:
    """A list as such; anything else that stands where a list should holds no items."""
    return value if isinstance(value, list) else []


def _containers(specs: _Specs) -> _Specs:
    out = []
    for path, spec in specs:
        for field_ in ("initContainers", "containers"):
            for index, container in enumerate(_items(spec.get(field_))):
                if isinstance(container, dict):
                    out.append(((*path, field_, index), container))
    return out


def _images(specs: _Specs, line_of: Callable[[Path], int]) -> Iterable[tuple[str, int]]:
    for path, container in _containers(specs):
        image = container.get("image")
        if isinstance(image, str):
            yield image, line_of((*path, "image"))


def _references(specs: _Specs, line_of: Callable[[Path], int]) -> Iterable[ByName]:
    """What an object's pods take from others: envFrom, single keys, volumes, claims."""
    for path, container in _containers(specs):
        for index, source in enumerate(_items(container.get("envFrom"))):
            for word, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                target = source.get(word) if isinstance(source, dict) else None
                if isinstance(target, dict) and target.get("name"):
                    line = line_of((*path, "envFrom", index))
                    name = str(target["name"])
                    yield AllVariables(
                        kind=kind,
                        name=name,
                        path=_dotted(path),
                        line=line,
                        prefix=str(source.get("prefix") or ""),
                    )
        for index, entry in enumerate(_items(container.get("env"))):
            source = entry.get("valueFrom") if isinstance(entry, dict) else None
            target = source.get("configMapKeyRef") if isinstance(source, dict) else None
            if isinstance(target, dict):
                yield OneVariable(
                    kind="ConfigMap",
                    name=str(target.get("name")),
                    entry=str(target.get("key")),
                    variable=str(entry.get("name")),
                    path=_dotted(path),
                    line=line_of((*path, "env", index)),
                )
    for path, spec in specs:
        yield from _volumes(path, spec, line_of)


def _values_from(config: Mapping[str, Any], line_of: Callable[[Path], int]) -> Iterable[ByName]:
    """What a release takes its chart's values from."""
    spec = config.get("spec")
    sources = spec.get("valuesFrom") if isinstance(spec, dict) else None
    for index, source in enumerate(_items(sources)):
        if isinstance(source, dict) and source.get("name"):
            line = line_of(("spec", "valuesFrom", index))
            kind, name = str(source.get("kind")), str(source["name"])
            yield Content(kind=kind, name=name, path="spec.values", line=line)


def _volumes(path: Path, spec: dict[str, Any], line_of: Callable[[Path], int]) -> Iterable[ByName]:
    for index, volume in enumerate(_items(spec.get("volumes"))):
        if not isinstance(volume, dict):
            continue
        line = line_of((*path, "volumes", index))
        mounted = tuple(_mounting(path, spec, volume.get("name")))
        for kind, name in _held(volume):
            yield Content(kind=kind, name=name, path=_dotted(path), line=line, mounted=mounted)


def _held(volume: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Kind and name of the objects whose content a volume holds."""
    projected = volume.get("projected")
    sources = _items(projected.get("sources")) if isinstance(projected, dict) else []
    csi = volume.get("csi")
    attributes = csi.get("volumeAttributes") if isinstance(csi, dict) else None
    for holder in (volume, *(s for s in sources if isinstance(s, dict))):
        for word, kind, keys in (
            ("configMap", "ConfigMap", ("name",)),
            ("secret", "Secret", ("secretName", "name")),
            ("persistentVolumeClaim", "PersistentVolumeClaim", ("claimName",)),
        ):
            target = holder.get(word)
            name = (
                next((target[k] for k in keys if target.get(k)), "")
                if isinstance(target, dict)
                else ""
            )
            if name:
                yield kind, str(name)
    if isinstance(attributes, dict) and attributes.get("secretProviderClass"):
        yield "SecretProviderClass", str(attributes["secretProviderClass"])


def _mounting(path: Path, spec: dict[str, Any], volume: object) -> Iterable[str]:
    """The containers that mount a volume."""
    for where, container in _containers([(path, spec)]):
        mounts = _items(container.get("volumeMounts"))
        if any(isinstance(m, dict) and m.get("name") == volume for m in mounts):
            yield _dotted(where)


def _network(kind: str, config: Mapping[str, Any], specs: _Specs) -> dict[str, Any]:
    """What services and policies know an object by: labels of its pods, selectors, an alias."""
    spec = config.get("spec") if isinstance(config.get("spec"), dict) else {}
    assert isinstance(spec, dict)
    if kind == "Service":
        alias = spec.get("externalName") if spec.get("type") == "ExternalName" else ""
        return {"selects": _pairs(spec.get("selector")), "alias": str(alias or "").rstrip(".")}
    if kind.endswith("NetworkPolicy"):
        types = spec.get("policyTypes") or spec.get("types") or ()
        return {
            "selects": _selects(spec),
            "lets_out": _lets_out(spec),
            "limits_out": "egress" in spec or "Egress" in types,
        }
    for path, _ in specs:
        meta: Any = config
        for step in (*path[:-1], "metadata"):
            meta = meta.get(step) if isinstance(meta, dict) else None
        if isinstance(meta, dict) and isinstance(meta.get("labels"), dict):
            return {"labels": _pairs(meta["labels"])}
    return {}


def _selects(spec: Mapping[str, Any]) -> tuple[tuple[str, str], ...] | None:
    """The labels that a network policy selects pods by; None where it is not certain which it selects."""
    subject = spec.get("subject")
    unsure = [spec.get(k) for k in ("nodeSelector", "namespaceSelector", "serviceAccountSelector")]
    if not spec or any(u not in (None, "", _ALL) for u in unsure):
        return None
    if subject is not None:
        return () if subject == {"namespaces": {}} else None
    selector = spec.get("podSelector") or spec.get("endpointSelector") or {}
    if not isinstance(selector, dict) or selector.get("matchExpressions"):
        return None
    if "selector" in spec:
        return _by_expression(str(spec["selector"] or _ALL))
    return _pairs(selector.get("matchLabels"))


def _by_expression(text: str) -> tuple[tuple[str, str], ...] | None:
    """The labels of a selector of Calico that is nothing but labels that are all to be there."""
    if text.strip() == _ALL:
        return ()
    found = [_EQUALS.fullmatch(part) for part in text.split("&&")]
    known = {f["key"]: f["value"] for f in found if f}
    return _pairs(known) if len(known) == len(found) else None


_ALL = "all()"
_EQUALS = re.compile(
    r"""\s*(?P<key>[\w./-]+)\s*==\s*(?P<quote>['"])(?P<value>[^'"]*)(?P=quote)\s*"""
)


def _pairs(labels: Any) -> tuple[tuple[str, str], ...]:
    found = labels if isinstance(labels, dict) else {}
    return tuple(
        sorted(
            (str(k).removeprefix("k8s:").removeprefix("any:"), str(v))
            for k, v in found.items()
            if not str(k).startswith("__")
        )
    )


def _lets_out(spec: Mapping[str, Any]) -> bool:
    """Whether egress rules of a policy let traffic out to addresses of the internet."""
    for rule in _items(spec.get("egress")):
        if not isinstance(rule, dict):
            continue
        peers = {k: v for k, v in rule.items() if k.startswith("to") and k != "toPorts"}
        text = str(peers)
        if (
            not peers
            or "'world'" in text
            or "'all'" in text
            or "'matchPattern': '*'" in text
            or any(map(_is_public, _CIDR.findall(text)))
        ):
            return True
    return False


_CIDR = re.compile(r"[0-9a-fA-F:.]+/\d{1,3}")


# Ranges that the internet does not route (RFC 6890 and its registry), by name: what Python itself calls
# private differs by version, and older ones call 0.0.0.0/0 so.
_NOT_ROUTED = tuple(
    ipaddress.ip_network(n)
    for n in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
        "169.254.0.0/16", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15",
        "240.0.0.0/4", "fc00::/7", "fe80::/10", "::1/128", "2001:db8::/32",
    )
)  # fmt: skip


def _is_public(cidr: str) -> bool:
    try:
        range_ = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return True
    first, last = range_.network_address, range_.broadcast_address
    return not any(first in n and last in n for n in _NOT_ROUTED)


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))


def same_lines(rendered: list[str], template: list[str]) -> Callable[[int], int]:
    """From a 1-based line of a rendered file to that of its template with the same text or key."""
    texts = [line.strip() for line in template]
    keys = [_line_key(t) for t in texts]

    def translate(line: int) -> int:
        if not 0 < line <= len(rendered) or not texts:
            return line
        wanted = rendered[line - 1].strip()
        same = [i for i, t in enumerate(texts) if t == wanted]
        key = _line_key(wanted)
        if not same:
            same = [i for i, k in enumerate(keys) if k and k == key]
        if not same and key:
            word = re.compile(rf"(?<![\w-]){re.escape(key)}(?![\w-])")
            same = [i for i, t in enumerate(texts) if word.search(t)]
        return min(same, key=lambda i: abs(i + 1 - line)) + 1 if same else min(line, len(texts))

    return translate


def _line_key(text: str) -> str:
    head, colon, _ = text.partition(":")
    return head if colon and "{{" not in head else ""


__all__ = ["KubernetesReader", "Reading", "SecretRef"]
