"""Which Terraform blocks are worth evaluating: asked of their source texts, and of those that their names lead to."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from openai_phi.reading.terraform.terraform_source import (
    ALWAYS_TAKEN,
    AUTO_TAKEN,
    Block,
    ModuleCall,
    Scope,
    Source,
    SourceError,
    Variables,
    attributes_in,
)

_NAMES = re.compile(
    r"(?<![\w.-])(?:(var|local)\.([A-Za-z_][\w-]*)"
    r"|module\.([A-Za-z_][\w-]*)(?:\[[^\]\n]*\])*(?:\.([A-Za-z_][\w-]*))?"
    r"|((?:data\.)?[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*)(?:\[[^\]\n]*\])*\.([A-Za-z_][\w-]*))"
)
_FILES = re.compile(r"\b(?:templatefile|file|filebase64)\(\s*(?:\"([^\"]*)\")?")
_TEXT_SOURCES = ("local_file", "template_file", "cloudinit_config", "template_cloudinit_config")
_TEXT_DATA = re.compile(rf"\bdata\.(?:{'|'.join(_TEXT_SOURCES)})\.")
"""Data sources that take in the text of files."""
_QUOTED = re.compile(r"\"([^\"\n]*\.[A-Za-z][\w-]*)\"")
_FILLED = re.compile(r"[$%]\{[^}]*\}|%[sdv]")
_HERE = re.compile(r"\$\{path\.(?:module|root|cwd)\}")
_OF_EACH = re.compile(r"\b(?:each|count)\.")
_LOCAL_SOURCE = re.compile(r"^\s*[^=]*=\s*\"(\.{1,2}(?:/[^\"]*)?)\"")

Name = tuple[str, str, str]
"""`var`, `local`, `module` or an address; the name; of a module its output (empty: any), of an address the attribute."""
Told = tuple[Scope | None, str]
"""A text, and where the names that it refers to are known; None where these do not matter."""


class Relevance:
    """Whether what a text refers to speaks of what matters, however far it is handed on.

    It goes by texts alone, evaluates nothing, and rather says yes once too often: through variables
    to their defaults, to variable files and to the arguments of each call up to the root; through
    locals, through the outputs of modules of the scan, through attributes of other blocks, and into
    files that are read in.
    """

    def __init__(
        self,
        source: Source,
        says: Callable[[str], bool],
        text_of: Callable[[str], str],
        variants: Callable[[str], Sequence[Variables]],
    ) -> None:
        self._source = source
        self._says_so = says
        self._text_of = text_of
        self._variants = variants
        self._said: dict[str, bool] = {}
        self._names: dict[str, tuple[Name, ...]] = {}
        self._entries: dict[Block, Mapping[str, str]] = {}
        self._var_blocks: dict[str, tuple[Block, ...]] = {}
        self._files: dict[tuple[str, str], bool] = {}
        self._known: dict[tuple[Scope, Name], bool] = {}

    def leads(self, scope: Scope, text: str) -> bool:
        """Whether a text says something, or a name in it leads to a text that does."""
        came_from: dict[tuple[Scope, Name], tuple[Scope, Name] | None] = {}
        todo: list[tuple[tuple[Scope, Name] | None, Told]] = [(None, (scope, text))]
        while todo:
            node, (here, told) = todo.pop()
            if self.says(told) or (
                here is not None and self._takes_in(here, told, own=node is None)
            ):
                self._mark(node, came_from)
                return True
            for name in self._names_in(told) if here is not None else ():
                assert here is not None
                next_ = (here, name)
                known = self._known.get(next_)
                if known:
                    self._mark(node, came_from)
                    return True
                if known is None and next_ not in came_from:
                    came_from[next_] = node
                    todo.extend((next_, found) for found in self._texts(here, name))
        self._known.update(dict.fromkeys(came_from, False))
        return False

    def _mark(
        self,
        node: tuple[Scope, Name] | None,
        came_from: Mapping[tuple[Scope, Name], tuple[Scope, Name] | None],
    ) -> None:
        while node is not None:
            self._known[node] = True
            node = came_from[node]

    def says(self, text: str) -> bool:
        """Whether a text itself speaks; each is asked once."""
        if text not in self._said:
            self._said[text] = self._says_so(text)
        return self._said[text]

    def files_in(self, folder: str, text: str) -> Iterator[str]:
        """The files of known names that a text takes in, absolute."""
        for path in _FILES.findall(text) if "file" in text else ():
            whole = self._path(folder, path)
            if whole:
                yield whole

    def var_files(self, folder: str) -> tuple[Block, ...]:
        """The variable files and other values that a root is, or may be, read with, each as one block."""
        if folder not in self._var_blocks:
            more = (b for v in self._variants(folder) for b in v.blocks)
            found = dict.fromkeys((*self._open(self._taken(folder)), *more))
            self._var_blocks[folder] = tuple(found)
        return self._var_blocks[folder]

    def entries(self, block: Block) -> Mapping[str, str]:
        """The attributes of a block, each with its text."""
        if block not in self._entries:
            self._entries[block] = attributes_in(block)
        return self._entries[block]

    def local_folder(self, block: Block) -> str:
        """The folder of the scan that a module is taken from, or an empty string."""
        found = _LOCAL_SOURCE.match(self.entries(block).get("source", ""))
        whole = (
            os.path.normpath(os.path.join(os.path.dirname(block.file), found[1])) if found else ""
        )
        return whole if whole and os.path.isdir(whole) else ""

    # -- what a name leads to -------------------------------------------------------------------

    def _names_in(self, text: str) -> tuple[Name, ...]:
        if text not in self._names:
            found: dict[Name, None] = {}
            for kind, name, module, output, address, attribute in _NAMES.findall(text):
                key = (kind, name, "") if kind else ("module", module, output) if module else ()
                found[key or ("at", address, attribute)] = None
            self._names[text] = tuple(found)
        return self._names[text]

    def _texts(self, scope: Scope, name: Name) -> Iterator[Told]:
        kind, what, more = name
        if kind == "var":
            yield from self._of_variable(scope, what)
        elif kind == "local":
            for block in self._blocks(scope.folder, "locals"):
                if what in block.text and what in (entries := self.entries(block)):
                    yield scope, entries[what]
        elif kind == "module":
            yield from self._of_output(scope, what, more)
        else:
            yield from self._of_block(scope, what, more)

    def _of_variable(self, scope: Scope, name: str) -> Iterator[Told]:
        """Its own text (a default, those of optional parts), and what fills it."""
        own = self._source.find(scope.folder, "variable", (name,))
        if own is not None:
            yield scope, own.text
        if scope.call is None:
            for block in self.var_files(scope.folder):
                if name in block.text and name in (entries := self.entries(block)):
                    yield scope, entries[name]
            return
        outer = Scope(os.path.dirname(scope.call.file), scope.call.outer)
        call = self._source.find(outer.folder, "module", (scope.call.name,))
        entries = self.entries(call) if call is not None else {}
        if name in entries:
            yield outer, entries[name]
            if _OF_EACH.search(entries[name]):
                yield from ((outer, entries[n]) for n in ("for_each", "count") if n in entries)

    def _of_output(self, scope: Scope, module: str, output: str) -> Iterator[Told]:
        call = self._source.find(scope.folder, "module", (module,))
        if call is None:
            return
        yield None, call.text
        folder = self.local_folder(call)
        if not folder:
            return
        inner = Scope(folder, ModuleCall(call.file, module, scope.call))
        for block in self._blocks(folder, "output"):
            if not output or block.labels == (output,):
                yield inner, block.text

    def _of_block(self, scope: Scope, address: str, attribute: str) -> Iterator[Told]:
        """The attribute of a resource or data source of the same folder."""
        *data, type_, name = address.split(".")
        kind = "data" if data else "resource"
        block = self._source.find(scope.folder, kind, (type_, name))
        if block is None:
            return
        if data and type_ in _TEXT_SOURCES:
            yield scope, block.text
        elif attribute in block.text and attribute in (entries := self.entries(block)):
            yield scope, entries[attribute]

    def _blocks(self, folder: str, kind: str) -> Iterator[Block]:
        return (b for b in self._source.folder(folder) if b.kind == kind)

    # -- files ----------------------------------------------------------------------------------

    def _takes_in(self, scope: Scope, text: str, *, own: bool) -> bool:
        """Whether a text takes in a file that could matter; in a block's own text an unknown one could.

        Elsewhere the name of a file may stand apart from what opens it, so each that is named counts.
        """
        if "fileset(" in text or (own and "data." in text and _TEXT_DATA.search(text)):
            return True
        opened = _FILES.findall(text) if own and "file" in text else ()
        if any(self._path(scope.folder, path) is None for path in opened):
            return True
        paths = opened if own else _QUOTED.findall(text)
        return any(self._speaks_in(scope.folder, path) for path in paths)

    def _speaks_in(self, folder: str, path: str) -> bool:
        """Whether a file that a path may name speaks; what is filled into the path fits anything."""
        key = (folder, path)
        if key not in self._files:
            whole = os.path.normpath(os.path.join(folder, _FILLED.sub("*", _HERE.sub(".", path))))
            inside = whole.startswith(self._source.root + os.sep)
            files = (sorted(glob.glob(whole)) if "*" in whole else [whole]) if inside else []
            self._files[key] = any(self.says(self._text_of(f)) for f in files if os.path.isfile(f))
        return self._files[key]

    def _path(self, folder: str, path: str) -> str | None:
        """The file of the scan that a path names; None where it is unknown, empty where it is none."""
        named = _HERE.sub(".", path)
        if not path or "${" in named:
            return None
        whole = os.path.normpath(os.path.join(folder, named))
        return whole if whole.startswith(self._source.root) else ""

    def _taken(self, folder: str) -> Iterator[str]:
        if os.path.isdir(folder):
            for name in sorted(os.listdir(folder)):
                if name in ALWAYS_TAKEN or name.endswith(AUTO_TAKEN):
                    yield os.path.join(folder, name)

    def _open(self, files: Iterator[str]) -> Iterator[Block]:
        for file in files:
            try:
                yield self._source.var_block(file)
            except SourceError:
                continue
