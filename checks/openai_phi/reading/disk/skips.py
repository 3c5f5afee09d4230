"""Skips inline of our rules that Checkov honours: comments in Terraform, annotations in Kubernetes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import yaml

from openai_phi.reading.disk.unread import Disk
from openai_phi.reading.terraform.terraform_source import Block, Source, SourceError
from openai_phi.text.documents import LOADER
from openai_phi.words.found import Skip
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource

WORD = "OAI_"
_COMMENT = re.compile(
    r"(?:checkov|bridgecrew|cortex):skip= *([A-Za-z_\d-]+(?:,[A-Za-z_\d-]+)*)(?::([^\n]*))?"
)
_KEY = re.compile(r"(?:checkov|bridgecrew|cortex)\.io/skip")
_ANNOTATION = re.compile(rf"{_KEY.pattern}[\w.-]*[\"']?\s*:\s*[\"']?([A-Za-z_\d-]+)(?:=([^\n]*))?")
_NO_REASON = "no reason given"
_DOCUMENT = re.compile(r"^---", re.MULTILINE)


def comment_skips(disk: Disk, files: Iterable[str]) -> Iterator[Skip]:
    """Skips that stand as comments within blocks of Terraform files."""
    source = Source(disk.root)
    for file in files:
        text = disk.text(file) if file.endswith(".tf") else None
        if not text or "skip=" not in text or WORD not in text:
            continue
        try:
            blocks = source.blocks(file)
        except SourceError:
            blocks = ()
        for number, line in enumerate(text.splitlines(), 1):
            if not line.lstrip().startswith(("#", "//")) or WORD not in line:
                continue
            block = next((b for b in blocks if b.start < number < b.end), None)
            found = _COMMENT.search(line)
            if found and block:
                reason = (found[2] or "").strip() or _NO_REASON
                place = Place(disk.shown(file), number)
                yield from _each(found[1].split(","), _address(block), place, reason)


def annotation_skips(resources: Iterable[Resource]) -> Iterator[Skip]:
    """Skips that stand as annotations of objects of Kubernetes."""
    for resource in resources:
        for setting in resource.settings:
            if setting.path[:2] == ("metadata", "annotations") and _KEY.search(setting.name):
                rule, _, reason = str(setting.value).partition("=")
                place = Place(resource.file, setting.line or resource.line)
                for skip in _each([rule], resource.id, place, reason.strip() or _NO_REASON):
                    yield replace(skip, variant=resource.variant)


def written_annotation_skips(disk: Disk, files: Iterable[str]) -> Iterator[Skip]:
    """The same as they stand in files, templates of charts included; the object as far as it shows."""
    for file in files:
        text = disk.text(file) if file.endswith((".yaml", ".yml", ".json", ".tpl")) else None
        if not text or WORD not in text or not _KEY.search(text):
            continue
        shown = disk.shown(file)
        for first, part in _documents(text):
            ident = _object(part) or shown
            for number, line in enumerate(part.splitlines(), first):
                found = None if line.lstrip().startswith("#") else _ANNOTATION.search(line)
                if found:
                    reason = (found[2] or "").strip(" \"'}") or _NO_REASON
                    yield from _each([found[1]], ident, Place(shown, number), reason)


def _each(rules: Iterable[str], resource: str, place: Place, reason: str) -> Iterator[Skip]:
    for rule in rules:
        if rule.strip().startswith(WORD):
            yield Skip(rule.strip(), resource, place, reason)


def _address(block: Block) -> str:
    words = block.labels if block.kind == "resource" else (block.kind, *block.labels)
    return ".".join(words)


def _documents(text: str) -> Iterator[tuple[int, str]]:
    """The documents of a YAML text, each with its first line's number."""
    starts = [0, *(m.start() for m in _DOCUMENT.finditer(text) if m.start())]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield text.count("\n", 0, start) + 1, text[start:end]


def _object(text: str) -> str:
    """The id of the object in one document, or an empty string where it cannot be read."""
    try:
        data = yaml.load(text, Loader=LOADER)
    except (yaml.YAMLError, ValueError, RecursionError):
        return ""
    meta = data.get("metadata") if isinstance(data, dict) else None
    if not isinstance(meta, dict) or not data.get("kind") or not meta.get("name"):
        return ""
    words = [data["kind"], *([meta["namespace"]] if meta.get("namespace") else []), meta["name"]]
    return ".".join(map(str, words))
