"""What lies on disk and was not read: manifests, Terraform files, charts, kustomizations."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

import yaml

from openai_phi.facts.destination_words import destination_words
from openai_phi.facts.escapes import unescaped
from openai_phi.facts.signatures import Signatures
from openai_phi.reading.manifests.kustomizations import Kustomization, Kustomizations
from openai_phi.reading.terraform.terraform_source import Source, SourceError
from openai_phi.text.documents import (
    MAX_MANIFEST,
    Unreadable,
    decoded,
    explosive,
    read_file,
    repeated,
)
from openai_phi.text.file_forms import TERRAFORM
from openai_phi.words.found import Unread

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MANIFEST = re.compile(r"(?:^|[{,])\s*(?:[-?]\s+)*[\"']?apiVersion[\"']?\s*:", re.MULTILINE)
_KIND = re.compile(r"(?:^|[{,])\s*(?:[-?]\s+)*[\"']?kind[\"']?\s*:", re.MULTILINE)
_PHI = re.compile(r"\bhipaa\b|[\"':=\s{,\[/]phi\b(?!-?\d)", re.IGNORECASE)
_MAYBE_PHI = re.compile("phi|hipaa")
_OVERRIDE = re.compile(r"[/_]override\.(tf|tofu)(\.json)?$")
_MAX = 5_000_000


class Disk:
    """Texts of files under one scan root, read once."""

    def __init__(self, root: str, names: Signatures) -> None:
        self.root = os.path.abspath(root)
        self._names = names
        self._texts: dict[str, str | None] = {}

    def text(self, file: str) -> str | None:
        """A file's text, or None if it cannot be read, as a pipe."""
        if file not in self._texts:
            self._texts[file] = None
            if not os.path.isfile(file):
                return None
            try:
                with open(file, "rb") as handle:
                    self._texts[file] = decoded(handle.read(4 * _MAX))[:_MAX]
            except OSError:
                self._texts[file] = None
        return self._texts[file]

    def signature(self, text: str) -> str:
        """The word in a text that shows that it could matter, or an empty string."""
        word = self._names.openai_word(text)
        if word or not _MAYBE_PHI.search(text.lower()):
            return word
        found = _PHI.search(text)
        return found[0].strip(" \"':=") if found else word

    def speaks_of_a_provider(self, text: str) -> bool:
        """Whether a text speaks of a provider, or holds the address of a model."""
        return bool(self._names.openai_word(text)) or _addresses_a_model(text)

    def speaks_of_phi_alone(self, signature: str) -> bool:
        """Whether a signature is a word for PHI, and none of a provider."""
        phi = _MAYBE_PHI.search(signature.lower()) is not None
        return phi and not self.speaks_of_openai(signature)

    def speaks_of_openai(self, text: str) -> bool:
        """Whether a text holds a word that could speak of OpenAI use."""
        return bool(self._names.openai_word(text))

    def signature_beside(self, text: str, files: Iterable[str]) -> str:
        """As `signature`; a word for PHI alone counts only where one of the files speaks of a provider."""
        word = self.signature(text)
        if not word or self.speaks_of_a_provider(text):
            return word
        return word if any(self._names.openai_word(self.text(f) or "") for f in files) else ""

    def shown(self, file: str) -> str:
        return os.path.relpath(file, self.root).replace(os.sep, "/")


def beside_a_provider(
    disk: Disk, unread: Iterable[Unread], files: Iterable[str]
) -> Iterator[Unread]:
    """What carries a word for PHI alone matters only where some file speaks of a provider."""
    listed = list(unread)
    alone = [u for u in listed if u.matters and disk.speaks_of_phi_alone(u.signature)]
    if alone and not any(disk.speaks_of_openai(disk.text(f) or "") for f in files):
        texts = {u.file: disk.text(os.path.join(disk.root, u.file)) or "" for u in alone}
        alone = [u for u in alone if not disk.speaks_of_a_provider(texts[u.file])]
        listed = [replace(u, matters=False) if u in alone else u for u in listed]
    yield from listed


_GIVEN = re.compile(r"[\"']?([A-Za-z_][\w.-]{2,})[\"']?\s*[:=]")


def _addresses_a_model(text: str) -> bool:
    """Whether a text gives a value to what is named as the address of a provider or of a model."""
    words = destination_words()
    names = set(_GIVEN.findall(unescaped(text))) if words.may_speak(text) else set()
    return any(words.is_address(n) and words.of_names((), n) for n in names)


def unread_manifests(disk: Disk, files: Iterable[str], seen: set[str]) -> Iterator[Unread]:
    """Manifests that carry a signature and are not in the graph, with the reason."""
    headless: set[str] = set()
    for file in files:
        if not file.endswith((".yaml", ".yml", ".json")) or is_template(file, disk.root):
            continue
        text = disk.text(file)
        if file in seen:
            yield from _dropped(disk, file, text or "")
            continue
        if text is None:
            yield Unread(disk.shown(file), "cannot be opened", True)
            continue
        signature = disk.signature(text)
        if len(text) >= _MAX:
            reason = f"is longer than {_MAX // 1_000_000} MB"
            huge = os.path.getsize(file) > MAX_MANIFEST
            if huge or is_manifest(text):
                yield Unread(disk.shown(file), reason, huge or bool(signature), signature)
            continue
        if not is_manifest(text):
            continue
        chart = _headless_chart(file, text)
        if not signature:
            if not chart:  # it cannot matter, and is listed where it does not parse
                found = _why_not(disk, file, text, "")
                yield from (replace(u, matters=False) for u in found if "YAML" in u.reason)
            continue
        if not chart:
            yield from _why_not(disk, file, text, signature)
        elif chart not in headless:
            headless.add(chart)
            reason = "the templates of a chart without a Chart.yaml cannot be rendered"
            yield Unread(disk.shown(file), reason, True, signature)


def is_manifest(text: str) -> bool:
    """Whether a text has what every Kubernetes object has."""
    plain = unescaped(text)
    return bool(_MANIFEST.search(plain) and _KIND.search(plain))


def _dropped(disk: Disk, file: str, text: str) -> Iterator[Unread]:
    """What a manifest says under a key that the same mapping holds again: only the last counts."""
    if not disk.signature(text):
        return
    for key, line, lost in repeated(text, lambda part: bool(disk.signature(part))):
        signature = disk.signature(lost)
        if signature:
            reason = f"{key} stands twice in one mapping, and only the last is read"
            yield Unread(disk.shown(file), reason, True, signature, line)


def _headless_chart(file: str, text: str) -> str:
    """The folder of the chart that a template belongs to if that has no Chart.yaml, as in a release."""
    before, templates, _ = os.path.dirname(file + os.sep).rpartition(f"{os.sep}templates")
    beside = os.path.isfile(os.path.join(before, "values.yaml"))
    return before if templates and beside and "{{" in text else ""


def _why_not(disk: Disk, file: str, text: str, signature: str) -> Iterator[Unread]:
    try:
        kinds = [_kind(node) for node in yaml.compose_all(text, Loader=_Loader)]
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if _is_other_json(file, text):
            return
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or type(error).__name__
        yield Unread(disk.shown(file), f"is not valid YAML: {problem}", True, signature, line)
        return
    left = [k for k in kinds if k and k not in ("Kustomization", "Component")]
    if left:
        reason = explosive(text) or f"Checkov read no {' or '.join(sorted(set(left)))} from it"
        yield Unread(disk.shown(file), reason, True, signature)


def _is_other_json(file: str, text: str) -> bool:
    """Whether a text is JSON with comments, as templates of a cloud are, and no object of Kubernetes."""
    if not file.endswith(".json"):
        return False
    try:
        found = [d.data for d in read_file(text, file)]
    except Unreadable:
        return False
    return all(isinstance(d, dict) and "apiVersion" not in d for d in found)


def _kind(node: yaml.Node | None) -> str:
    if not isinstance(node, yaml.MappingNode):
        return ""
    fields = {getattr(k, "value", ""): v for k, v in node.value}
    if "apiVersion" not in fields:
        return ""
    return str(getattr(fields.get("kind"), "value", ""))


@lru_cache(maxsize=4096)
def _is_template_folder(folder: str, root: str) -> bool:
    while folder.startswith(root):
        if os.path.basename(folder) in ("templates", "charts") and os.path.isfile(
            os.path.join(os.path.dirname(folder), "Chart.yaml")
        ):
            return True
        if folder == root:
            break
        folder = os.path.dirname(folder)
    return False


def is_template(file: str, root: str) -> bool:
    """Whether a file is a chart's template, which the helm framework reads rendered."""
    return _is_template_folder(os.path.dirname(file), root)


def unread_terraform(disk: Disk, files: Iterable[str], seen: set[str]) -> Iterator[Unread]:
    """Terraform files that carry a signature and gave no vertex, with the reason."""
    source = Source(disk.root)
    files = list(files)
    roots = {os.path.dirname(f) for f in files if f.endswith(TERRAFORM)}
    for file in files:
        yield from _not_taken(disk, file, files, roots)
        if file.endswith((".tfvars", ".tfvars.json")):
            yield from _unread_variables(disk, source, file)
        if file in seen or not file.endswith(".tf") or source.replaced(file):
            continue
        text = disk.text(file)
        signature = disk.signature(text) if text is not None else "its text is missing"
        if not signature:
            continue
        try:
            blocks = source.blocks(file)
        except SourceError as error:
            yield Unread(
                disk.shown(file),
                f"does not parse: {error.reason}",
                True,
                signature,
                error.line or 1,
            )
            continue
        kept = [
            b
            for b in blocks
            if b.kind in ("resource", "module", "data", "provider", "locals", "variable")
        ]
        if any(disk.signature(b.text) for b in kept):
            yield Unread(
                disk.shown(file),
                "Checkov read nothing from it (it does not parse)",
                True,
                signature,
            )


def _not_taken(
    disk: Disk, file: str, files: Iterable[str], roots: Iterable[str]
) -> Iterator[Unread]:
    """A file whose part in a configuration is not followed: an override, variables of no known root."""
    if _OVERRIDE.search(file):
        reason = "it overrides blocks of other files, which is not followed"
    elif file.endswith((".tfvars", ".tfvars.json")) and not any(
        file.startswith(r + os.sep) for r in roots
    ):
        reason = "no Terraform lies in or above its folder that could take its values"
    else:
        return
    word = disk.signature_beside(disk.text(file) or "", files)
    if word:
        yield Unread(disk.shown(file), reason, True, word)


def _unread_variables(disk: Disk, source: Source, file: str) -> Iterator[Unread]:
    """A variable file that carries a signature and does not parse: its values are not known."""
    signature = disk.signature(disk.text(file) or "")
    if signature:
        try:
            source.body(source.var_block(file))
        except SourceError as error:
            reason = f"does not parse: {error.reason}"
            yield Unread(disk.shown(file), reason, True, signature, error.line or 1)


def unrendered_charts(
    disk: Disk, files: Iterable[str], rendered: set[str], why: Callable[[str], str]
) -> Iterator[Unread]:
    """Charts without a rendered manifest; those whose own files carry a signature matter.

    `why` says of a chart that matters why it gave nothing; empty if it renders, to nothing.
    """
    listed = sorted(files)
    folders = sorted(os.path.dirname(f) for f in listed if os.path.basename(f) == "Chart.yaml")
    for folder in folders:
        if folder in rendered or _is_library(disk, folder):
            continue
        if any(folder.startswith(os.path.join(other, "charts") + os.sep) for other in folders):
            continue
        signature = _chart_signature(disk, folder)
        shown = disk.shown(os.path.join(folder, "Chart.yaml"))
        reason = why(folder) if signature else "it gave no manifest"
        if reason:
            yield Unread(shown, reason, bool(signature), signature)


_BESIDE = re.compile(r"repository\s*:\s*[\"']?file://([^\s\"',}]+)")


def _chart_signature(disk: Disk, folder: str) -> str:
    """The word that shows that a chart could matter, in its files or in those of a chart it takes in."""
    text = disk.text(os.path.join(folder, "Chart.yaml")) or ""
    taken = (os.path.normpath(os.path.join(folder, path)) for path in _BESIDE.findall(text))
    found = (_folder_signature(disk, f) for f in (folder, *taken))
    return next(filter(None, found), "")


def _folder_signature(disk: Disk, folder: str) -> str:
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in _TELLING)
        for name in sorted(names):
            if (
                name.endswith((".yaml", ".yml", ".tpl", ".json", ".txt", ".toml"))
                and name != "NOTES.txt"
            ):
                text = disk.text(os.path.join(base, name)) or ""
                signature = disk.signature(_said(name, text))
                if signature:
                    return f"{signature} in {os.path.relpath(os.path.join(base, name), folder)}"
    return ""


_TELLING = frozenset({"ci", "test", "tests", "example", "examples", "samples", "docs"})
"""Folders of a chart that show or test it, and are not deployed."""
_LINES = re.compile(r"^\s*#.*$|^\s*[\"']?(?:description|title)[\"']?\s*:.*$", re.MULTILINE)
_REMARK = re.compile(r"\{\{-?\s*/\*.*?\*/\s*-?\}\}", re.DOTALL)
_DEPENDS = re.compile(r"^dependencies\s*:.*", re.MULTILINE | re.DOTALL)


def _said(name: str, text: str) -> str:
    """What a file of a chart says besides prose: no comment, no description; of the chart what it depends on."""
    if name == "Chart.yaml":
        found = _DEPENDS.search(text)
        text = found[0] if found else ""
    return _LINES.sub("", _REMARK.sub("", text))


def _is_library(disk: Disk, folder: str) -> bool:
    text = disk.text(os.path.join(folder, "Chart.yaml")) or ""
    return bool(re.search(r"^type:\s*[\"']?library", text, re.MULTILINE))


def unbuilt_kustomizations(
    disk: Disk, kustomizations: Kustomizations, built: set[str], reason: str
) -> Iterator[Unread]:
    """Deployed kustomizations that gave nothing; those whose files carry a signature matter."""
    for leaf in kustomizations.leaves:
        if leaf.folder not in built:
            signature = _built_signature(disk, kustomizations, leaf)
            yield Unread(disk.shown(leaf.file), reason, bool(signature), signature)


def _built_signature(disk: Disk, kustomizations: Kustomizations, leaf: Kustomization) -> str:
    files = [k.file for k in kustomizations.chain(leaf)] + kustomizations.members(leaf)
    return built_signature(disk, files)


def built_signature(disk: Disk, files: Iterable[str]) -> str:
    """The word in files that are built which shows that they could matter, and where it stands."""
    for file in files:
        signature = disk.signature(disk.text(file) or "")
        if signature:
            return f"{signature} in {disk.shown(file)}"
    return ""
