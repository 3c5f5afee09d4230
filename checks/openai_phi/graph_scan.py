"""From the vertices of one graph to its analysis: picks the adapter, loads what judging needs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from openai_phi.analysis import Analysis, Inputs, analyse
from openai_phi.catalogue import Catalogue, load_catalogue
from openai_phi.declarations import Declarations, load
from openai_phi.estate import Estate
from openai_phi.helm_renderer import JOURNAL, failures
from openai_phi.kubernetes_reader import KubernetesReader, Layout
from openai_phi.kustomizations import Kustomizations
from openai_phi.model import Resource, Unread
from openai_phi.proofs import Proofs
from openai_phi.redaction import Redactor
from openai_phi.scan_input import FilesInput, GraphInput
from openai_phi.signatures import Signatures, signatures
from openai_phi.terraform_reader import TerraformReader
from openai_phi.terraform_source import Source, SourceError
from openai_phi.unread import (
    Disk,
    is_template,
    unbuilt_kustomizations,
    unread_manifests,
    unread_terraform,
    unrendered_charts,
)

POLICY_VARIABLE = "OPENAI_PHI_POLICY"
TODAY_VARIABLE = "OPENAI_PHI_TODAY"


class CatalogueWords:
    """What the declarations need to know of the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def endpoint(self, text: str) -> str | None:
        """The canonical endpoint that a text names, if some edition knows it."""
        name = self._catalogue.normalise(text)
        if name is None:
            return None
        return name if any(e.knows(name) for e in self._catalogue.editions) else None

    def edition(self, ident: str) -> bool:
        return any(e.id == ident for e in self._catalogue.editions)

    def feature(self, name: str) -> str | None:
        found = (e.feature(name) for e in reversed(self._catalogue.editions))
        return next((f.id for f in found if f), None)


def scan_day() -> date:
    """The day to judge on: `OPENAI_PHI_TODAY` (for history and tests), else today. Raises ValueError."""
    text = os.environ.get(TODAY_VARIABLE)
    return date.fromisoformat(text) if text else date.today()


@lru_cache(maxsize=4)
def declarations_of(root: str, policy: str | None, today: date) -> Declarations:
    """The policy and compliance files in force below a root; read once per process."""
    return load(root, policy_path=policy, today=today, known=CatalogueWords(load_catalogue()))


def analyse_graph(given: GraphInput) -> Analysis:
    """The analysis of one graph. Raises what a corrupt catalogue or signature file raises."""
    names = signatures()
    today = scan_day()
    declared = declarations_of(
        os.path.abspath(given.root), os.environ.get(POLICY_VARIABLE) or None, today
    )
    resources, unread, seen, proofs = _read(given, names)
    unread.extend(_not_read(given, names, seen))
    inputs = Inputs(
        resources,
        declared,
        load_catalogue(),
        names,
        today,
        proofs,
        tuple(sorted(unread, key=_order)),
    )
    return analyse(inputs)


def analyse_files(given: FilesInput) -> Analysis:
    """What concerns files and no graph: declaration files that are wrong, what no tool rendered."""
    names = signatures()
    today = scan_day()
    declared = declarations_of(
        os.path.abspath(given.root), os.environ.get(POLICY_VARIABLE) or None, today
    )
    disk = Disk(given.root, names)
    unread: list[Unread] = []
    if "helm" in given.missing_tools:
        unread.extend(
            unrendered_charts(disk, given.files, set(), "no helm is installed to render the chart")
        )
    if "kustomize" in given.missing_tools:
        reason = "neither kustomize nor kubectl is installed to build it"
        unread.extend(unbuilt_kustomizations(disk, Kustomizations(given.files), set(), reason))
    return Analysis(
        Estate((), ()),
        (),
        declared,
        tuple(sorted(unread, key=_order)),
        names,
        today,
        declared.mistakes,
    )


def _order(item: Unread) -> tuple[str, int, str]:
    return item.file, item.line, item.reason


def _read(
    given: GraphInput, names: Signatures
) -> tuple[list[Resource], list[Unread], set[str], Proofs]:
    if given.framework.startswith("terraform"):
        terraform = TerraformReader(given.root, names).read(given.vertices)
        return terraform.resources, terraform.unread, terraform.files, terraform.proofs
    reader = KubernetesReader(
        given.graph_root, given.framework, names, _layout(given), shown_root=given.root
    )
    reading = reader.read(given.vertices)
    return reading.resources, reading.unread, reading.files, _proofs_in_files(given, names)


def _layout(given: GraphInput) -> Layout:
    """Which files of a graph count, where they come from, and what joins them."""
    if given.framework == "helm":
        return Layout(shown=given.shown, rendered=True)
    kustomizations = Kustomizations(given.files)
    if given.framework == "kustomize":
        return _kustomize_layout(given, kustomizations)
    elsewhere = kustomizations.built if "kustomize" in given.also else frozenset()

    def counts(file: str) -> bool:
        if file in elsewhere:
            return False
        return "helm" not in given.also or not is_template(file, os.path.abspath(given.root))

    return Layout(counts=counts)


def _kustomize_layout(given: GraphInput, kustomizations: Kustomizations) -> Layout:
    root = os.path.abspath(given.root)
    leaves = {leaf.folder: leaf for leaf in kustomizations.leaves}

    def source(file: str, kind: str, name: str) -> str:
        leaf = leaves.get(given.built_by.get(file, ""))
        found = kustomizations.source(leaf, kind, name).file if leaf else file
        return os.path.relpath(found, root).replace(os.sep, "/")

    return Layout(
        counts=lambda file: given.built_by.get(file) in leaves,
        source=source,
        scope=lambda file: given.built_by.get(file, ""),
        variant=lambda file: os.path.relpath(given.built_by.get(file, root), root),
        rendered=True,
    )


def _proofs_in_files(given: GraphInput, names: Signatures) -> Proofs:
    """Proofs that Terraform files of the repository give to workloads of another framework."""
    disk = Disk(given.root, names)
    source = Source(disk.root)
    vertices: list[dict[str, Any]] = []
    for file in given.files:
        if file.endswith(".tf") and any(p in (disk.text(file) or "") for p in _PROOFS):
            vertices.extend(_proof_blocks(source, file))
    return TerraformReader(given.root, names).read(vertices).proofs if vertices else Proofs()


_PROOFS = ("openai_project", "openai_organization_data_retention", "openai_data_retention")


def _proof_blocks(source: Source, file: str) -> Iterable[dict[str, Any]]:
    """The blocks of a file that may prove something, as the Terraform adapter takes them."""
    try:
        blocks = source.blocks(file)
    except SourceError:
        return  # the terraform framework reports a file that does not parse
    for block in blocks:
        if block.kind == "resource" and block.labels[0].startswith(_PROOFS):
            yield {
                "block_type_": "resource",
                "block_name_": ".".join(block.labels),
                "file_path_": file,
                "__start_line__": block.start,
                "__end_line__": block.end,
            }


def _not_read(given: GraphInput, names: Signatures, seen: set[str]) -> Iterable[Unread]:
    disk = Disk(given.root, names)
    if given.framework == "kubernetes":
        elsewhere = Kustomizations(given.files).built if "kustomize" in given.also else frozenset()
        yield from unread_manifests(disk, given.files, seen | elsewhere)
    elif given.framework == "terraform":
        yield from unread_terraform(disk, given.files, seen)
    elif given.framework == "helm":
        why = failures(os.environ.get(JOURNAL))
        clean = Redactor(names)
        reasons = {chart: clean.text(f"helm could not render it: {e}") for chart, e in why.items()}
        yield from unrendered_charts(
            disk, given.files, set(given.rendered), "helm could not render it", reasons
        )
    elif given.framework == "kustomize":
        built = {folder for file, folder in given.built_by.items() if file in seen}
        reason = "the kustomization gave no manifest (it could not be built)"
        yield from unbuilt_kustomizations(disk, Kustomizations(given.files), built, reason)
