"""What kustomizations are made of: their files, what they build on, and which of them are deployed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import yaml

from openai_phi.words.references import ByName
from openai_phi.words.resources import Resource

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LISTS = ("resources", "bases", "components", "crds", "patchesStrategicMerge", "generators")


@dataclass(frozen=True)
class Kustomization:
    """One kustomization: its file, whether it is a component, and the paths that it names."""

    file: str
    component: bool = False
    named: tuple[str, ...] = ()
    generated: tuple[str, ...] = ()
    patches: tuple[str, ...] = ()
    """The paths of them that change what others declare."""

    @property
    def folder(self) -> str:
        return os.path.dirname(self.file)


@dataclass(frozen=True)
class Source:
    """Where a built object comes from: a file, and whether the kustomization itself generates it."""

    file: str
    generated: bool = False
    known_as: str = ""
    """The file that counted as this before patches were told from what they change."""


@dataclass
class Kustomizations:
    """All kustomizations among the files of a scan (absolute paths)."""

    files: Iterable[str]
    _objects: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    @cached_property
    def by_folder(self) -> dict[str, Kustomization]:
        """Folder -> its kustomization."""
        found = (f for f in self.files if os.path.basename(f) in NAMES)
        return {k.folder: k for k in map(_read, found)}

    @cached_property
    def leaves(self) -> tuple[Kustomization, ...]:
        """Those that no other one builds on: what is deployed."""
        used = {path for k in self.by_folder.values() for path in k.named}
        return tuple(
            k for f, k in sorted(self.by_folder.items()) if f not in used and not k.component
        )

    def chain(self, leaf: Kustomization) -> list[Kustomization]:
        """A kustomization and all that it builds on, itself first; a cycle ends."""
        out: list[Kustomization] = []
        todo = [leaf]
        while todo:
            here = todo.pop(0)
            if here not in out:
                out.append(here)
                todo += [self.by_folder[p] for p in here.named if p in self.by_folder]
        return out

    def members(self, leaf: Kustomization) -> list[str]:
        """The files that a kustomization is built from, nearest first, without kustomizations."""
        named = (p for k in self.chain(leaf) for p in k.named if os.path.isfile(p))
        return list(dict.fromkeys(named))

    @cached_property
    def built(self) -> frozenset[str]:
        """Every manifest that some deployed kustomization is built from."""
        return frozenset(m for leaf in self.leaves for m in self.members(leaf))

    def source(self, leaf: Kustomization, kind: str, name: str) -> Source:
        """The file that declares an object built by a leaf, a patch only where no other does.

        Where none is found, the leaf's own file.
        """
        patches = {p for step in self.chain(leaf) for p in step.patches}
        found = [
            (member not in patches, len(its_name), member)
            for member in self.members(leaf)
            for its_kind, its_name in self._objects_of(member)
            if its_kind == kind and its_name and its_name in name
        ]
        if found:
            return Source(max(found)[2], known_as=max(f[1:] for f in found)[1])
        for step in self.chain(leaf):
            if any(g in name for g in step.generated):
                return Source(step.file, generated=True)
        return Source(leaf.file, generated=True)

    def _objects_of(self, file: str) -> list[tuple[str, str]]:
        if file not in self._objects:
            try:
                with open(file, encoding="utf-8", errors="replace") as handle:
                    documents = list(yaml.load_all(handle, Loader=_Loader))
            except (OSError, yaml.YAMLError, ValueError):
                documents = []
            self._objects[file] = [
                (str(d.get("kind")), str((d.get("metadata") or {}).get("name") or ""))
                for d in documents
                if isinstance(d, dict) and isinstance(d.get("metadata") or {}, dict)
            ]
        return self._objects[file]


def _read(file: str) -> Kustomization:
    try:
        with open(file, encoding="utf-8", errors="replace") as handle:
            data: Any = yaml.load(handle, Loader=_Loader)
    except (OSError, yaml.YAMLError, ValueError):
        return Kustomization(file)  # it does not build, which is said of it
    if not isinstance(data, dict):
        return Kustomization(file)
    named = [p for key in _LISTS for p in data.get(key) or () if isinstance(p, str)]
    patches = [p for p in data.get("patchesStrategicMerge") or () if isinstance(p, str)]
    for patch in data.get("patches") or ():
        if isinstance(patch, dict) and isinstance(patch.get("path"), str):
            named.append(patch["path"])
            patches.append(patch["path"])
    generators = [
        g
        for key in ("configMapGenerator", "secretGenerator")
        for g in data.get(key) or ()
        if isinstance(g, dict)
    ]
    for generator in generators:
        for key in ("files", "envs"):
            named += [str(p).partition("=")[2] or str(p) for p in generator.get(key) or ()]
        named += [generator["env"]] if isinstance(generator.get("env"), str) else []
    folder = os.path.dirname(file)
    paths = (os.path.normpath(os.path.join(folder, p)) for p in named if "://" not in p)
    return Kustomization(
        file,
        data.get("kind") == "Component",
        tuple(dict.fromkeys(paths)),
        tuple(str(g["name"]) for g in generators if g.get("name")),
        tuple(os.path.normpath(os.path.join(folder, p)) for p in patches),
    )


_HASHED = re.compile(r"(?P<name>.+)-[0-9a-z]{10}$")


def generated_names(
    resources: Sequence[Resource], kustomizations: Kustomizations
) -> list[Resource]:
    """Resources with what a generator made under the name that others know it by.

    The builder writes the name with its hash into those that refer to it, unless their namespaces
    differ; what nobody knows by that name goes by the one that the generator has.
    """
    made = {g for k in kustomizations.by_folder.values() for g in k.generated}
    out: list[Resource] = []
    for resource in resources:
        hashed = _HASHED.fullmatch(resource.name)
        name = hashed["name"] if hashed and resource.type in ("ConfigMap", "Secret") else ""
        if name and any(name.endswith(g) for g in made):
            beside = [r for r in resources if r.scope == resource.scope]
            known = _named(beside, resource.name)
            if not known and _named(beside, name):
                ident = f"{resource.id.removesuffix(resource.name)}{name}"
                resource = replace(resource, id=ident, name=name)
        out.append(resource)
    return out


def _named(resources: Iterable[Resource], name: str) -> bool:
    """Whether one of the resources refers to something of this name."""
    for resource in resources:
        if any(isinstance(r, ByName) and r.name == name for r in resource.refs):
            return True
        if any(s.secret and s.secret.name.partition("#")[0] == name for s in resource.settings):
            return True
    return False
