"""From the vertices of a graph, or from files, to their analysis: picks the adapter, loads the rest."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from openai_phi.declared.declarations import Declarations
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.signatures import Signatures
from openai_phi.gathering.environments_named import Environments
from openai_phi.gathering.surroundings import Surroundings
from openai_phi.reading.charts.chart_values import Values, all_values, only_tells
from openai_phi.reading.charts.helm_renderer import failures
from openai_phi.reading.charts.subcharts import keys_of, real_template, vendored
from openai_phi.reading.charts.values_lines import ValuesLines
from openai_phi.reading.charts.variants import (
    NotRendered,
    distinct,
    rendered,
    renders,
    with_twins,
)
from openai_phi.reading.disk.applied_files import applied_aside, applied_within
from openai_phi.reading.disk.gate import weakenings
from openai_phi.reading.disk.skips import annotation_skips, comment_skips
from openai_phi.reading.disk.unread import (
    Disk,
    beside_a_provider,
    built_signature,
    is_template,
    unbuilt_kustomizations,
    unread_manifests,
    unread_terraform,
    unrendered_charts,
)
from openai_phi.reading.disk.unscanned_files import left_aside
from openai_phi.reading.file_reader import FileReader
from openai_phi.reading.manifests.deployed_namespaces import DeployedNamespaces
from openai_phi.reading.manifests.kubernetes_reader import KubernetesReader, Layout, Reading
from openai_phi.reading.manifests.kustomizations import (
    Kustomization,
    Kustomizations,
    generated_names,
)
from openai_phi.reading.manifests.kustomizations import Source as KustomizationSource
from openai_phi.reading.manifests.kustomize_builder import NotBuilt, builder, built, remote
from openai_phi.reading.manifests.kustomize_overlays import Overlay, overlays
from openai_phi.reading.terraform.proofs import Proofs
from openai_phi.reading.terraform.terraform_commands import Planned
from openai_phi.reading.terraform.terraform_reader import (
    TerraformReader,
    TerraformReading,
    proofs_of,
)
from openai_phi.reading.terraform.terraform_source import Block, Source, SourceError
from openai_phi.text.file_forms import ENDINGS, OPENTOFU, TERRAFORM
from openai_phi.text.redaction import Redactor
from openai_phi.verdicts.analysis import Inputs, analyse
from openai_phi.words.found import Skip, Unread
from openai_phi.words.references import ByName
from openai_phi.words.resources import Resource
from openai_phi.words.scan_input import FilesInput, GraphInput


def read_graph(given: GraphInput, around: Surroundings) -> Inputs:
    """What the graph of one framework gives to judge."""
    names = around.names(given.root)
    resources, unread, seen, proofs = _read(given, names, around.declared(given.root))
    unread.extend(_not_read(given, names, seen, around.context.journal))
    unread = list(beside_a_provider(Disk(given.root, names), unread, given.files))
    inputs = _inputs(given.root, around, resources, unread, proofs)
    return replace(inputs, skips=tuple(_skips(given, names, resources)))


def _skips(given: GraphInput, names: Signatures, resources: Iterable[Resource]) -> Iterable[Skip]:
    """The skips inline that Checkov honours in a graph of this framework."""
    if given.framework == "terraform":
        return comment_skips(Disk(given.root, names), given.files)
    return [] if given.framework.startswith("terraform") else annotation_skips(resources)


def read_files(given: FilesInput, around: Surroundings) -> Inputs:
    """What the files of one framework give to judge; with `yaml` also what nothing rendered."""
    names = around.names(given.root)
    disk = Disk(given.root, names)
    leave = {"helm values"} if given.framework == "yaml" else set()
    reader = FileReader(given.root, names, disk.text)
    reading = reader.read(given.framework, given.files, leave=leave)
    unread = list(reading.unread)
    proofs = Proofs()
    if given.framework in ("terraform_json", "yaml"):
        endings = OPENTOFU if given.framework == "yaml" else ENDINGS["terraform_json"]
        written = _terraform_apart(given, names, disk, around.declared(given.root), endings)
        reading.resources.extend(written.resources)
        unread.extend(written.unread)
    if given.framework == "terraform_plan":
        proofs = proofs_of(reading.resources)
    elif reading.resources or given.framework == "terraform_json":
        proofs = _proofs_in_files(given.root, given.files, names)
    if given.framework == "yaml":
        outside = _values_outside(given, disk, around.declared(given.root))
        values = reader.values(outside)
        reading.resources.extend(values.resources)
        unread.extend(values.unread)
        unread.extend(_no_tool(given, disk))
        told = tuple(left_aside(disk, set(given.files), given.aside))
        unread.extend(told)
        said = {u.file for u in told}
        unread.extend(u for u in applied_aside(disk, set(given.files)) if u.file not in said)
        unread.extend(applied_within(disk, set(given.files)))
    unread = list(beside_a_provider(disk, unread, given.files))
    inputs = _inputs(given.root, around, reading.resources, unread, proofs)
    if given.framework != "yaml":
        return inputs
    return replace(
        inputs,
        whole=True,
        mistakes=inputs.declarations.mistakes,
        weakenings=weakenings(disk, given.files, around.context.working),
        concerned=any(names.openai_word(disk.text(f) or "") for f in given.files),
    )


def _inputs(
    root: str,
    around: Surroundings,
    resources: list[Resource],
    unread: list[Unread],
    proofs: Proofs,
) -> Inputs:
    declared = around.declared(root)
    named = Environments(root, declared.environments)
    spaces = DeployedNamespaces(Disk(root, around.names(root)))
    return Inputs(
        [
            replace(r, environments=named.of(r), root=named.root_of(r), spaces=_spaces(r, spaces))
            for r in sorted(resources, key=_standing)
        ],
        declared,
        load_catalogue(),
        around.names(root),
        around.context.day,
        proofs,
        tuple(sorted(unread, key=_order)),
    )


def _spaces(resource: Resource, deployed: DeployedNamespaces) -> tuple[str, ...]:
    """The namespaces that an object is deployed to, where it names a Secret and says none itself."""
    said = resource.namespace not in (
        (None, "default") if resource.framework == "helm" else (None,)
    )
    named = any(isinstance(r, ByName) and r.kind == "Secret" for r in resource.refs)
    named = named or any(s.secret and s.secret.store == "kubernetes" for s in resource.settings)
    if said or not named:
        return ()
    folder = resource.scope if os.path.isabs(resource.scope) else ""
    return deployed.of(*(p for p in (folder, deployed.path_of(resource.file)) if p))


def _no_tool(given: FilesInput, disk: Disk) -> Iterable[Unread]:
    if "helm" in given.missing_tools:
        reason = "no helm is installed to render the chart"
        yield from unrendered_charts(disk, given.files, set(), lambda _: reason)
    if "kustomize" in given.missing_tools:
        reason = "neither kustomize nor kubectl is installed to build it"
        yield from unbuilt_kustomizations(disk, Kustomizations(given.files), set(), reason)


def _values_outside(given: FilesInput, disk: Disk, declared: Declarations) -> list[str]:
    """Values files that no chart of this repository will be rendered with."""
    if "helm" in given.missing_tools:
        return list(given.files)
    charts, top = _charts(given.files)
    found = all_values(top, given.files, declared, disk)
    used = {f for chart in found.values() for values in chart for f in values.files}
    return [f for f in given.files if f not in used and not _chart_of(f, charts, disk.root)]


def _chart_of(file: str, charts: Collection[str], root: str) -> str:
    """The nearest chart folder that holds a file, or an empty string."""
    folder = os.path.dirname(file)
    while folder.startswith(root):
        if folder in charts:
            return folder
        if folder == root:
            break
        folder = os.path.dirname(folder)
    return ""


def _standing(resource: Resource) -> tuple[str, int, str, str]:
    """Where a resource stands; Checkov's graph has the files in the order in which the disk lists them."""
    return resource.file, resource.line, resource.id, resource.scope


def _order(item: Unread) -> tuple[str, int, str]:
    return item.file, item.line, item.reason


def _read(
    given: GraphInput, names: Signatures, declared: Declarations
) -> tuple[list[Resource], list[Unread], set[str], Proofs]:
    if given.framework.startswith("terraform"):
        planned = Planned(given.root, given.files, declared)
        terraform = TerraformReader(given.root, names, planned.of).read(given.vertices)
        return terraform.resources, terraform.unread, terraform.files, terraform.proofs
    reader = KubernetesReader(
        given.graph_root, given.framework, names, _layout(given), shown_root=given.root
    )
    own = [f for f in given.files if not is_template(f, os.path.abspath(given.root))]
    reading = reader.read(given.vertices, own if given.framework == "kubernetes" else ())
    if given.framework == "helm":
        disk = Disk(given.root, names)
        charts = {*given.rendered, *_charts(given.files)[1]}
        others = all_values(sorted(charts), given.files, declared, disk)
        _through_parents(given, names, reading)
        varied = _add_variants(given, names, reading, others)
        _add_values(given, names, reading, varied, others)
    if given.framework == "kustomize":
        _build(given, names, reading)
    proofs = _proofs_in_files(given.root, given.files, names)
    return reading.resources, reading.unread, reading.files, proofs


def _build(given: GraphInput, names: Signatures, reading: Reading) -> None:
    """Builds what is deployed and Checkov did not build, and what Argo CD and Flux lay over a folder."""
    disk = Disk(given.root, names)
    kustomizations = Kustomizations(given.files)
    taken = {folder for file, folder in given.built_by.items() if file in reading.files}
    for leaf in kustomizations.leaves if builder() else ():
        if leaf.folder not in taken:
            reading.files.add(leaf.folder)
            variant = os.path.relpath(leaf.folder, disk.root)
            _build_one(given, names, reading, leaf, kustomizations, variant, None)
    for over in overlays(kustomizations.by_folder, given.files, disk) if builder() else ():
        leaf = kustomizations.by_folder[over.folder]
        _build_one(given, names, reading, leaf, kustomizations, over.name, over)
    reading.resources[:] = generated_names(reading.resources, kustomizations)


def _build_one(
    given: GraphInput,
    names: Signatures,
    reading: Reading,
    leaf: Kustomization,
    kustomizations: Kustomizations,
    variant: str,
    over: Overlay | None,
) -> None:
    """One folder built here, into `reading`; where it does not build, why not."""
    disk = Disk(given.root, names)
    chain = kustomizations.chain(leaf)
    members = [k.file for k in chain] + kustomizations.members(leaf)
    said = over.file if over else leaf.file
    word = built_signature(disk, [*members, said] if over else members)
    if not word:
        return
    try:
        if remote(disk.text(k.file) or "" for k in chain):
            raise NotBuilt("it takes in what lies elsewhere, which is not fetched")
        with built(leaf.folder, over.content if over else None) as vertices:
            layout = Layout(
                sources=lambda _: [*members, said],
                source=lambda _, kind, name: disk.shown(
                    kustomizations.source(leaf, kind, name).file
                ),
                known_as=lambda _, kind, name: _known_as(
                    kustomizations.source(leaf, kind, name), disk.root
                ),
                scope=lambda _: leaf.folder,
                variant=lambda _: variant,
                rendered=True,
            )
            reader = KubernetesReader(given.root, "kustomize", names, layout, shown_root=given.root)
            found = reader.read(vertices)
    except NotBuilt as error:
        why = Redactor(names).text(f"the kustomization could not be built: {error}")
        reading.unread.append(Unread(disk.shown(said), why, True, word))
        return
    reading.resources.extend(replace(r, handle=-1) for r in found.resources)
    reading.unread.extend(found.unread)


def _charts(files: Iterable[str]) -> tuple[set[str], set[str]]:
    """The folders of all charts, and of those that lie in no other."""
    charts = {os.path.dirname(f) for f in files if os.path.basename(f) == "Chart.yaml"}
    return charts, {c for c in charts if not any(c.startswith(o + os.sep) for o in charts - {c})}


def _add_values(
    given: GraphInput,
    names: Signatures,
    reading: Reading,
    varied: Collection[str],
    others: Mapping[str, Sequence[Values]],
) -> None:
    """The values of charts that are here and did not render: the little that can be read of them."""
    disk = Disk(given.root, names)
    charts, top = _charts(given.files)
    lost = top - set(given.rendered) - set(varied)
    known = {c: {f for v in others.get(c, ()) for f in v.files} for c in top}
    taken = {f for c in top - lost for f in known[c]}
    beside = {f for c in lost for f in known[c]} - taken
    files = [
        f
        for f in given.files
        if f in beside
        or ((own := _chart_of(f, charts, disk.root)) in lost and not only_tells(f, own))
    ]
    values = FileReader(given.root, names, disk.text).values(files)
    reading.resources.extend(values.resources)
    reading.unread.extend(values.unread)


def _through_parents(given: GraphInput, names: Signatures, reading: Reading) -> None:
    """Judges charts that lie in another one through that alone: as it calls and configures them, if at all."""
    for parent, inside in vendored(_charts(given.files)[0]).items():
        folders = tuple(os.path.relpath(c, given.root).replace(os.sep, "/") + "/" for c in inside)
        own = [r for r in reading.resources if r.file.startswith(folders)]
        try:
            scope = next((r.scope for r in own), parent)
            found = _variant(given, names, Values(parent, "", ""), scope)
        except NotRendered:
            continue  # what can be seen of them is what they are by themselves
        kept = [r for r in reading.resources if r not in own]
        reading.resources[:] = [*kept, *(r for r in found if r.file.startswith(folders))]


def _add_variants(
    given: GraphInput,
    names: Signatures,
    reading: Reading,
    others: Mapping[str, Sequence[Values]],
) -> set[str]:
    """Charts rendered with each of their other values, where that changes something.

    Also those that render to nothing by themselves. Gives the charts of which something was added.
    """
    out: set[str] = set()
    disk = Disk(given.root, names)
    clean = Redactor(names)
    for chart, listed in sorted(others.items()):
        own = any(disk.signature(disk.text(f) or "") for f in given.files if _in(f, chart))
        found: list[Resource] = []
        inside = "" if disk.shown(chart) == "." else disk.shown(chart) + "/"
        base = [r for r in reading.resources if r.file.startswith(inside)]
        placed = list(_in_values(base, Values(chart, "", ""), disk))
        taken = dict(zip(map(id, base), placed, strict=True))
        reading.resources[:] = [taken.get(id(r), r) for r in reading.resources]
        base = placed
        scope = base[0].scope if base else chart
        for values in listed:
            texts = [disk.text(f) or "" for f in (values.said, *values.files)]
            text = "\n".join((*texts, values.written()))
            if not own and not disk.signature(text):
                continue
            try:
                found.extend(_variant(given, names, values, scope))
            except NotRendered as error:
                if chart not in given.rendered or values.decided:
                    continue  # the chart itself is said not to render; nobody installs it so
                why = clean.text(f"helm could not render {disk.shown(chart)} with it: {error}")
                word = names.openai_word(text)
                reading.unread.append(Unread(disk.shown(values.said), why, True, word))
        more = distinct(base, found)
        twins = dict(zip(map(id, base), with_twins(base, found), strict=True))
        reading.resources[:] = [*(twins.get(id(r), r) for r in reading.resources), *more]
        out |= {chart} if more else set()
    return out


def _in(file: str, folder: str) -> bool:
    return file.startswith(folder + os.sep)


def _variant(given: GraphInput, names: Signatures, values: Values, scope: str) -> list[Resource]:
    """The objects of a chart with other values, in the scope of the chart's own."""
    with rendered(values) as (folder, vertices):
        layout = Layout(
            shown=lambda path: os.path.relpath(
                real_template(os.path.join(values.chart, os.path.relpath(path, folder))),
                given.root,
            ).replace(os.sep, "/"),
            scope=lambda path: scope,
            variant=lambda path: values.name,
            rendered=True,
        )
        reader = KubernetesReader(folder, "helm", names, layout, shown_root=given.root)
        read = reader.read(vertices).resources
        found = [replace(r, handle=-1, built_as=values.twins) for r in read]
        return list(_in_values(found, values, Disk(given.root, names)))


def _in_values(resources: Iterable[Resource], values: Values, disk: Disk) -> Iterator[Resource]:
    """The objects of a chart with the lines of what it is rendered with."""
    own = [os.path.join(values.chart, f) for f in ("values.yaml", "values.yml")]
    lines = ValuesLines(
        [*own, *values.files], disk.text, disk.shown, lambda t: keys_of(values.chart, t)
    )
    if values.inline:
        lines = lines.with_inline(values.said, values.inline)
    for resource in resources:
        yield lines.of(resource, os.path.join(disk.root, resource.file))


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

    def known_as(file: str, kind: str, name: str) -> str:
        leaf = leaves.get(given.built_by.get(file, ""))
        return _known_as(kustomizations.source(leaf, kind, name), root) if leaf else ""

    def sources(file: str) -> list[str]:
        leaf = leaves.get(given.built_by.get(file, ""))
        if leaf is None:
            return []
        return [k.file for k in kustomizations.chain(leaf)] + kustomizations.members(leaf)

    return Layout(
        counts=lambda file: given.built_by.get(file) in leaves,
        sources=sources,
        source=source,
        known_as=known_as,
        scope=lambda file: given.built_by.get(file, ""),
        variant=lambda file: os.path.relpath(given.built_by.get(file, root), root),
        rendered=True,
    )


def _known_as(source: KustomizationSource, root: str) -> str:
    """The file by which fingerprints of the first version know an object, if that is another."""
    if source.known_as in ("", source.file):
        return ""
    return os.path.relpath(source.known_as, root).replace(os.sep, "/")


def _proofs_in_files(root: str, files: Iterable[str], names: Signatures) -> Proofs:
    """Proofs that Terraform files of the repository give to workloads of another framework."""
    disk = Disk(root, names)
    source = Source(disk.root)
    vertices: list[dict[str, Any]] = []
    for file in files:
        if file.endswith(TERRAFORM) and any(p in (disk.text(file) or "") for p in _PROOFS):
            vertices.extend(_proof_blocks(source, file))
    return (
        TerraformReader(root, names).read(vertices).proofs.from_elsewhere()
        if vertices
        else Proofs()
    )


_PROOFS = ("openai_project", "openai_organization_data_retention", "openai_data_retention")


def _proof_blocks(source: Source, file: str) -> Iterable[dict[str, Any]]:
    """The blocks of a file that may prove something, as the Terraform adapter takes them."""
    try:
        blocks = source.blocks(file)
    except SourceError:
        return  # the terraform framework reports a file that does not parse
    for block in blocks:
        if block.kind == "resource" and block.labels[0].startswith(_PROOFS):
            yield _as_vertex(block)


def _as_vertex(block: Block) -> dict[str, Any]:
    return {
        "block_type_": block.kind,
        "block_name_": ".".join(block.labels),
        "__address__": ".".join(["data"] * (block.kind == "data") + list(block.labels)),
        "file_path_": block.file,
        "__start_line__": block.start,
        "__end_line__": block.end,
    }


def _terraform_apart(
    given: FilesInput,
    names: Signatures,
    disk: Disk,
    declared: Declarations,
    endings: tuple[str, ...],
) -> TerraformReading:
    """Terraform in JSON, or files of OpenTofu, read with what stands beside them.

    Checkov's graph of the one has no lines, of the other it has none at all.
    """
    source = Source(disk.root)
    planned = Planned(given.root, given.files, declared)
    vertices: list[dict[str, Any]] = []
    unread: list[Unread] = []
    for file in given.files:
        text = disk.text(file) if file.endswith(endings) else ""
        if not names.speaks(text or ""):
            continue
        try:
            for block in source.blocks(file):
                vertices += [_as_vertex(block), *_called(source, block, file)]
        except SourceError as error:
            word = disk.signature(text or "")
            reason = f"cannot be read: {error.reason}"
            unread.append(Unread(disk.shown(file), reason, bool(word), word, error.line or 1))
    if not vertices:
        return TerraformReading(unread=unread)
    reading = TerraformReader(given.root, names, planned.of).read(vertices)
    reading.unread.extend(unread)
    return reading


def _called(source: Source, call: Block, file: str, depth: int = 0) -> Iterable[dict[str, Any]]:
    """The blocks of a module of the repository that a file of OpenTofu calls, as reached through the call."""
    if call.kind != "module" or not file.endswith((".tofu", ".tofu.json")) or depth > _DEEPEST:
        return
    found = _LOCAL.search(call.text)
    folder = os.path.normpath(os.path.join(os.path.dirname(call.file), found[1])) if found else ""
    for block in source.folder(folder) if folder else ():
        inner = [_as_vertex(block), *_called(source, block, file, depth + 1)]
        for vertex in inner:
            vertex["__address__"] = f"module.{call.labels[0]}.{vertex['__address__']}"
            vertex["source_module_object_"] = _through(call, vertex.get("source_module_object_"))
        yield from inner


def _through(call: Block, inner: dict[str, Any] | None) -> dict[str, Any]:
    """The chain of calls that a block is reached through, with one more around it."""
    if inner is None:
        return {"path": call.file, "name": call.labels[0]}
    nested = _through(call, inner.get("nested_tf_module"))
    return {**inner, "nested_tf_module": nested}


_DEEPEST = 5
"""Modules in each other that are followed from a file of OpenTofu."""
_LOCAL = re.compile(r"\bsource\"?\s*[=:]\s*\"(\.{1,2}(?:/[^\"]*)?)\"")


def _why_not(names: Signatures, journal: str | None) -> Callable[[str], str]:
    """Why a chart gave no manifest: from the journal, else helm is asked; empty if it renders to nothing."""
    noted = failures(journal)
    clean = Redactor(names)

    def why(chart: str) -> str:
        said = noted.get(chart)
        if said is None:
            try:
                if not renders(chart).strip():
                    return ""
                said = "Checkov did not take what helm gave"
            except NotRendered as error:
                said = str(error)
        return clean.text(f"helm could not render it: {said}")

    return why


def _not_read(
    given: GraphInput, names: Signatures, seen: set[str], journal: str | None
) -> Iterable[Unread]:
    disk = Disk(given.root, names)
    if given.framework == "kubernetes":
        elsewhere = Kustomizations(given.files).built if "kustomize" in given.also else frozenset()
        yield from unread_manifests(disk, given.files, seen | elsewhere)
    elif given.framework == "terraform":
        yield from unread_terraform(disk, given.files, seen)
    elif given.framework == "helm":
        yield from unrendered_charts(
            disk, given.files, set(given.rendered), _why_not(names, journal)
        )
    elif given.framework == "kustomize":
        built = {folder for file, folder in given.built_by.items() if file in seen}
        built |= seen  # the folders that were built, or told of, here
        reason = "the kustomization gave no manifest (it could not be built)"
        yield from unbuilt_kustomizations(disk, Kustomizations(given.files), built, reason)


__all__ = ["analyse", "read_files", "read_graph"]
