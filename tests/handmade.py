"""Resources for tests of the engine, made by hand or read from one small text, and their estate."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from openai_phi.declared.declarations import Declarations
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.signatures import signatures
from openai_phi.gathering.surroundings import Surroundings
from openai_phi.linking.estate import Estate
from openai_phi.linking.linked import link
from openai_phi.reading.manifests.kubernetes_reader import KubernetesReader, Layout
from openai_phi.reading.manifests.kubernetes_reader import Reading as KubernetesReading
from openai_phi.words.references import AllVariables, ByAddress, ByName, Content
from openai_phi.words.resources import Resource, Setting
from openai_phi.words.scan_input import Context


def made(type_: str, said: Mapping[str, Any], *refs: str, framework: str = "terraform") -> Resource:
    """A resource that says this, by dotted path, and refers to these; its id is `type.r`."""
    settings = tuple(
        Setting(path.rpartition(".")[2], value, tuple(path.split(".")), 2)
        for path, value in said.items()
    )
    found = tuple(by_address(ref, "x") for ref in refs)
    return Resource(framework, type_, f"{type_}.r", "r", "s", "main.tf", 1, 5, settings, found)


def by_address(address: str, path: str) -> ByAddress:
    """A reference of Terraform or a template at a path: to a resource's address."""
    return ByAddress(address=address, path=path, line=3)


def by_name(how: type[AllVariables] | type[Content], kind: str, name: str) -> ByName:
    """A reference of Kubernetes to an object's kind and name."""
    return how(kind=kind, name=name, path="spec.containers.0", line=3)


def around() -> Surroundings:
    """A scan of 20 November 2026 with no policy but that of the folder."""
    return Surroundings(Context(day=date(2026, 11, 20), working=str(Path.cwd())))


def linked(resources: Iterable[Resource], declared: Declarations | None = None) -> Estate:
    """The estate of these resources."""
    found = link(tuple(resources), signatures(), load_catalogue())
    return found.estate(declared or Declarations())


def manifests(folder: Path, text: str, layout: Layout | None = None) -> KubernetesReading:
    """What the reader makes of the objects of one file, as Checkov would hand them over."""
    file = folder / "all.yaml"
    file.write_text(text)
    vertices: list[dict[str, Any]] = []
    start = 1
    for part in text.split("---\n"):
        config = yaml.safe_load(part)
        end = start + part.count("\n")
        lines = {"__startline__": start, "__endline__": end}
        ident = f"{config['kind']}.default.{config['metadata'].get('name', '')}"
        vertices.append(
            {
                "block_type_": "resource",
                "file_path_": str(file),
                "id_": ident,
                "config_": {**config, **lines},
            }
        )
        start = end + 1
    return KubernetesReader(str(folder), "kubernetes", signatures(), layout).read(vertices)


def an_object(
    kind: str,
    name: str,
    spec: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    **more: Any,
) -> str:
    """A Kubernetes object as text, a key a line at the top; `more` are its other keys."""
    meta = {"name": name, **({"labels": labels} if labels else {})}
    said = {"metadata": meta, **({"spec": spec} if spec is not None else {}), **more}
    rest = "".join(f"{key}: {json.dumps(value)}\n" for key, value in said.items())
    return f"apiVersion: v1\nkind: {kind}\n{rest}"
