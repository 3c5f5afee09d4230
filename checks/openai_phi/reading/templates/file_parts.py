"""What readers of whole files share: a part of a file that runs, and how it becomes a resource."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from openai_phi.facts.secret_names import secret_at
from openai_phi.facts.signatures import Signatures
from openai_phi.reading.gaps import gaps_of
from openai_phi.text.documents import Document
from openai_phi.text.settings import TooDeep, Walk, unread_texts, walk
from openai_phi.words.found import Unread
from openai_phi.words.places import Path, show
from openai_phi.words.references import ByAddress
from openai_phi.words.resources import Resource, Setting, Unknown


@dataclass
class Beside:
    """What a reader may ask of the other files of its scan; called with a path it gives a text, or None.

    `taken` are the files that something here takes in, which are nothing by themselves then.
    """

    root: str
    text: Callable[[str], str | None]
    files: tuple[str, ...] = ()
    concerns: Callable[[str], bool] = lambda text: True
    taken: set[str] = field(default_factory=set)
    _found: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What is asked of all files for each of them, made once."""
        if name not in self._found:
            self._found[name] = make()
        return self._found[name]

    def __call__(self, file: str) -> str | None:
        inside = os.path.normpath(file).startswith(self.root.rstrip(os.sep) + os.sep)
        return self.text(file) if inside else None

    def shown(self, file: str) -> str:
        """A path as findings show it."""
        return os.path.relpath(file, self.root).replace(os.sep, "/")


@dataclass(frozen=True)
class Binding:
    """The one project, account's project or secret (`kind`) that an expression at a path refers to."""

    path: tuple[str, ...]
    kind: str
    value: str


@dataclass(frozen=True)
class Part:
    """One program, store or call that a file declares.

    `path` is its subtree of `document`; `shared` are subtrees elsewhere that configure it too
    (global variables), `inherited` those that only mark it (a stack's tags). `extra` are settings that
    the document holds in a form of its own, `refs` what it refers to.
    """

    type: str
    name: str
    id: str
    path: Path = ()
    shared: tuple[Path, ...] = ()
    inherited: tuple[Path, ...] = ()
    extra: tuple[Setting, ...] = ()
    refs: tuple[ByAddress, ...] = ()
    images: tuple[tuple[str, int], ...] = ()
    namespace: str | None = None
    data: Any = field(default=None, hash=False)
    """The subtree with its expressions evaluated, if the format has any; else the document's own."""
    head: Path = ()
    """Where its type or address stands, if that is not where `path` begins."""
    evaluated: Mapping[Path, Any] = field(default_factory=dict, hash=False)
    """Of shared subtrees those whose expressions were evaluated."""
    also_called: tuple[str, ...] = ()
    """Other names by which declarations may call it."""
    marks: tuple[Setting, ...] = ()
    """What marks all of its deployment: the tags of a stack."""
    variant: str = ""
    """Which of several deployments it is of; empty if it is of all."""
    document: Document | None = field(default=None, hash=False)
    """Its own document, where the file's is another one for each deployment."""
    bindings: tuple[Binding, ...] = ()
    """What unknown values refer to, if the document says so apart from them."""


@dataclass(frozen=True)
class File:
    """A file of a format: its shown path, its framework and its document."""

    shown: str
    framework: str
    document: Document
    scope: str = ""


def resource_of(file: File, part: Part, names: Signatures, unread: list[Unread]) -> Resource:
    """A part as a resource with all its settings. What nests too deep is unread and says so."""
    document = part.document or file.document
    flat = isinstance(document.data, dict) and file.shown.endswith(".json")

    def file_of(path: Path) -> str:
        return document.file(path) or file.shown

    how = Walk(document.line, names.concerns, file.shown, file_of, flat=flat)
    line = document.line(part.head or part.path)
    settings: list[Setting] = list(part.extra)
    unreadable = ""
    data = part.data if part.data is not None else at(document.data, part.path)
    try:
        own = _below(data, part.path, how)
        settings.extend(found for s in own for found in _bound(s, part, names))
        for path in part.shared:
            data_there = part.evaluated.get(path, at(document.data, path))
            settings.extend(_below(data_there, path, how))
        inherited = [
            *part.marks,
            *(
                replace(s, role="marker")
                for path in part.inherited
                for s in _below(part.evaluated.get(path, at(document.data, path)), path, how)
            ),
        ]
        for setting, why in unread_texts(settings):
            unread.append(Unread(setting.file or file.shown, why, True, "", setting.line))
    except TooDeep as deep:
        unreadable = f"nests deeper than the limit at {deep}"
        inherited = []
        unread.append(Unread(file.shown, f"{part.id} {unreadable}", True, "", line))
    type_ = names.stands_for(part.type, data)
    planned = file.framework == "terraform_plan"
    return Resource(
        file.framework,
        type_,
        part.id,
        part.name,
        file.scope or file.shown,
        file.shown,
        line,
        _last_line(document, part.path, line),
        tuple(settings),
        part.refs,
        part.namespace,
        (*part.images, *_images(settings)),
        tuple(inherited),
        variant=part.variant,
        unreadable=unreadable,
        base=part.path,
        gaps=gaps_of(type_, file.shown, line, settings, names) if planned else (),
        also_called=part.also_called,
    )


def _bound(setting: Setting, part: Part, names: Signatures) -> Iterator[Setting]:
    """A setting with the project that it refers to, or with the secret or the account of its key."""
    match = None
    if part.bindings and isinstance(setting.value, Unknown) and not setting.secret:
        match = names.variable(setting.name, "")
    steps = tuple(s for s in setting.path[len(part.path) :] if isinstance(s, str))
    for binding in part.bindings if match else ():
        if steps[: len(binding.path)] != binding.path or match is None:
            continue
        if match.role == "project" and binding.kind == "project":
            setting = replace(setting, value=binding.value)
        elif match.role == "key" and binding.kind == "secret":
            setting = replace(setting, secret=secret_at(binding.value) or setting.secret)
        elif match.role == "key" and binding.kind == "account":
            path = (*setting.path, "openai_project")
            yield replace(setting, name="openai_project", value=binding.value, path=path)
    yield setting


def at(data: Any, path: Iterable[str | int]) -> Any:
    """The value at a path of plain data; None where there is none."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def mappings(data: Any, *path: str | int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The entries of a mapping at a path whose values are mappings themselves."""
    found = at(data, path)
    for key, value in (found or {}).items() if isinstance(found, dict) else ():
        if isinstance(value, dict):
            yield str(key), value


def malformed(document: Document, key: str, names: Signatures) -> Iterator[tuple[str, int, str]]:
    """(why, line, signature) of what stands below a key, could matter, and is no mapping."""
    held = at(document.data, (key,))
    entries: dict[Path, Any]
    if held is not None and not isinstance(held, dict):
        entries = {(key,): held}
    else:
        entries = {(key, k): v for k, v in (held or {}).items() if not isinstance(v, dict)}
    for path, value in entries.items():
        word = names.openai_word(json.dumps(value, default=str))
        if word:
            yield f"{show(path)} is not a mapping", document.line(path), word


def _below(data: Any, path: Path, how: Walk) -> Iterator[Setting]:
    """The settings of a subtree; the whole path leads to each, its group only what is in it."""
    if data is not None:
        yield from walk(data, how, base=path)


def _last_line(document: Document, path: Path, first: int) -> int:
    """The last line that anything below a path stands on."""
    own = (p for p in document.lines if p not in document.files)
    below = [document.lines[p] for p in own if p[: len(path)] == path]
    return max([first, *below])


def _images(settings: Sequence[Setting]) -> Iterator[tuple[str, int]]:
    for setting in settings:
        image = setting.name.lower() in ("image", "imageuri", "image_uri", "dockerimage")
        if image and isinstance(setting.value, str):
            yield setting.value, setting.line
