"""Adapter: Checkov's Terraform vertices become resources; blocks that matter are read from source."""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from openai_phi.facts.escapes import unescaped
from openai_phi.facts.secret_names import holds_secrets, names_secrets, secret_at
from openai_phi.facts.signatures import Signatures
from openai_phi.observing.cloud_ingress import judges as may_be_door
from openai_phi.observing.resource_logs import judges as logs
from openai_phi.observing.transport_security import storage
from openai_phi.reading.charts.variants import distinct, with_twins
from openai_phi.reading.gaps import gaps_of
from openai_phi.reading.terraform.proofs import (
    GeographyProof,
    ModelProof,
    Proofs,
    RetentionProof,
    ToolProof,
)
from openai_phi.reading.terraform.terraform_relevance import Relevance
from openai_phi.reading.terraform.terraform_source import (
    ALWAYS_TAKEN,
    Block,
    Encoded,
    ModuleCall,
    OneOf,
    Partial,
    Reading,
    Scope,
    Source,
    SourceError,
    Variables,
    read,
    scopes_of,
)
from openai_phi.reading.terraform.terraform_source import Unknown as SourceUnknown
from openai_phi.reading.terraform.terraform_values import HOLE
from openai_phi.text.documents import decoded, encoded_texts
from openai_phi.text.settings import TooDeep, Walk, walk
from openai_phi.words.found import Unread
from openai_phi.words.places import Path, Place, show
from openai_phi.words.references import ByAddress
from openai_phi.words.resources import Gap, Resource, Setting, Unknown

_ADDRESSES = re.compile(r"(?<![\w.])[a-z][a-z0-9_]*\.[A-Za-z_][\w-]*")
_MODULES = re.compile(r"^((?:module\.[^.]+\.)*)")
_PROVIDERS = re.compile(r"\bproviders\s*=\s*\{([^}]*)\}")
_PAIR = re.compile(r"\"?([\w.-]+)\"?\s*[=:]\s*\"?(?:\$\{)?([\w.-]+)")
_IS_DATA = re.compile(r"(?:^|\.)data\.")
_PROVIDER = re.compile(r"[=:]\s*\"?(?:\$\{)?([\w.-]+)")
_LITERAL = re.compile(r"[^=:]*[=:]\s*\"?([^\"\s$%{}()\\#/]*)\"?\s*(?:[#,}].*)?\Z", re.DOTALL)
_DEFAULT_TAGS = {
    "aws": ("default_tags", "tags"),
    "google": ("default_labels",),
    "google-beta": ("default_labels",),
}
_INDEX = re.compile(r"\[(?:\d+|\".*?\")\](?=\.|$)", re.DOTALL)
_NAME_ATTRIBUTES = (
    "function_name",
    "name",
    "family",
    "service_name",
    "identifier",
    "bucket",
    "secret_id",
)
_TAKES_FILES = re.compile(r"\benvironment_?[fF]iles?\b")
_QUOTED = re.compile(r"\"([^\"]*)\"")
_LONGEST_UPLOAD = 100_000
_TOOL_FEATURES = {
    "web_search_enabled": "live_web_search",
    "mcp_enabled": "remote_mcp",
    "code_interpreter_enabled": "hosted_containers",
    "file_search_enabled": "file_search",
    "image_generation_enabled": "image_generation",
}


@dataclass
class TerraformReading:
    """What the adapter gives: resources, proofs in code, and what it could not read."""

    resources: list[Resource] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    proofs: Proofs = field(default_factory=Proofs)


@dataclass(frozen=True)
class _Vertex:
    """One vertex: its block's coordinates and the module call that it is reached through.

    Nothing else is taken from the graph: what Checkov renders depends on the order of its hashes.
    """

    handle: int
    kind: str
    name: str
    address: str
    file: str
    start: int
    end: int
    call: ModuleCall | None

    @property
    def folder(self) -> str:
        return os.path.dirname(self.file)

    @property
    def scope(self) -> Scope:
        return Scope(self.folder, self.call)

    @property
    def root(self) -> str:
        calls = list(_calls_around(self))
        return os.path.dirname(calls[-1].file) if calls else self.folder


class TerraformReader:
    """Reads the vertices of one Terraform graph."""

    def __init__(
        self,
        root: str,
        names: Signatures,
        variants: Callable[[str], Sequence[Variables]] = lambda folder: (),
    ) -> None:
        self._root = os.path.abspath(root)
        self._variants_of = variants
        self._variants: dict[str, tuple[tuple[Variables, Source], ...]] = {}
        self._judged: dict[str, bool] = {}
        self._names = names
        self._source = Source(self._root)
        self._relevance = Relevance(self._source, self._says, self._read_text, variants)
        self._speaking = Relevance(
            self._source, lambda t: bool(names.openai_word(t)), self._read_text, variants
        )
        self._lines: dict[str, list[str]] = {}
        self._shown_as: dict[str, str] = {}
        self._reached: set[tuple[str, str]] = set()
        self._matters = False  # whether anything speaks at all: without that no gap matters
        self._handed = False  # whether PHI is named too: without that no way to data matters
        self._used = False  # whether a provider is named anywhere: without that no store matters

    def read(self, vertices: Iterable[Mapping[str, Any]]) -> TerraformReading:
        """Resources, data sources, remote modules; provider tags inherited; proofs found."""
        out = TerraformReading()
        read = (v for v in map(self._vertex, enumerate(vertices)) if v)
        found = _blocks_once(v for v in read if not self._source.replaced(v.file))
        tags = self._default_tags([*found, *self._providers(found)])
        self._matters = any(map(self._relevance.says, self._all_texts(found)))
        self._used = self._matters and any(map(self._names.openai_word, self._all_texts(found)))
        self._handed = self._used and any(map(self._names.phi_word, self._all_texts(found)))
        self._reached = {(c.file, c.name) for v in found for c in _calls_around(v)}
        self._called = {v.name for v in found if v.kind == "resource" and self._calls(v)}
        for vertex in found:
            out.files.add(vertex.file)
            if self._counts(vertex):
                out.resources.extend(self._resources(vertex, tags, out))
        out.resources.extend(self._literal_keys({v.folder for v in found}))
        out.proofs = proofs_of(out.resources)
        return out

    def _vertex(self, numbered: tuple[int, Mapping[str, Any]]) -> _Vertex | None:
        handle, raw = numbered
        kind, file = str(raw.get("block_type_", "")), str(raw.get("file_path_", ""))
        if not file or not kind:
            return None
        address = str(raw.get("__address__") or raw.get("block_name_", ""))
        if kind == "data" and not _IS_DATA.search(address):  # Checkov leaves the word out
            address = _MODULES.sub(r"\1data.", address, count=1)
        return _Vertex(
            handle,
            kind,
            _INDEX.sub("", str(raw.get("block_name_", ""))),
            _INDEX.sub("", address),
            os.path.abspath(file),
            _int(raw.get("__start_line__")),
            _int(raw.get("__end_line__")),
            _module_call(raw.get("source_module_object_")),
        )

    def _counts(self, vertex: _Vertex) -> bool:
        """Whether a block may be a workload, a store, or a use on its own."""
        if vertex.kind == "provider":
            return bool(self._names.provider_resource(_provider_type(vertex), {}))
        if vertex.kind == "module":
            return (vertex.file, vertex.name) not in self._reached
        return vertex.kind in ("resource", "data")

    def _all_texts(self, found: Sequence[_Vertex]) -> Iterator[str]:
        """The texts of all blocks, of the variable files of the roots, and of files that blocks take in."""
        yield from map(self._text, found)
        for folder in sorted({v.folder for v in found if v.call is None}):
            yield from (b.text for b in self._relevance.var_files(folder))
        files = {f for v in found for f in self._relevance.files_in(v.folder, self._text(v))}
        files |= {f for v in found for f in self._sent(v)}
        yield from map(self._read_text, sorted(files))

    def _sent(self, vertex: _Vertex) -> Iterator[str]:
        """The file of the repository that a block puts where others read it from."""
        block = (
            _block_of(self._source, vertex)
            if self._names.uploads(vertex.name.split(".")[0])
            else None
        )
        named = _QUOTED.search(self._relevance.entries(block).get("source", "")) if block else None
        if named:
            path = named[1].replace("${path.module}", ".")
            whole = os.path.normpath(os.path.join(vertex.folder, path))
            if whole.startswith(self._root + os.sep):
                yield whole

    # -- what matters --------------------------------------------------------------------------

    def _is_hot(self, vertex: _Vertex) -> bool:
        """Whether a block is worth evaluating: what its text says, or what the names in it lead to."""
        text = self._text(vertex)
        if self._relevance.leads(vertex.scope, text):
            return True
        type_ = vertex.name.split(".")[0]
        if self._names.uploads(type_) or ("nvironment" in text and _TAKES_FILES.search(text)):
            return self._used
        if names_secrets(type_):
            return self._used
        if vertex.kind == "resource" and self._is_judged(type_):
            return self._used
        if self._handed and self._names.is_on_the_way(_kind_of(vertex)):
            return True
        if self._used and vertex.kind == "resource" and self._calls(vertex):
            named = {n for n in _ADDRESSES.findall(text) if n != vertex.name}
            return bool(named & self._called) or "module." in text
        return False

    def _is_judged(self, type_: str) -> bool:
        """Whether resources of a type are judged by their settings though these name nothing of ours."""
        if type_ not in self._judged:
            seen = (storage(self._names).judges, logs, may_be_door)
            self._judged[type_] = any(judges(type_) for judges in seen)
        return self._judged[type_]

    def _says(self, text: str) -> bool:
        """Whether a text could matter, or what it holds as base64."""
        return self._names.speaks(text) or any(map(self._names.speaks, encoded_texts(text)))

    def _calls(self, vertex: _Vertex) -> bool:
        """Whether a block may call others, answer for one that is called, or hand data to one."""
        type_ = vertex.name.partition(".")[0]
        between = self._names.answers_for(type_) or self._names.connects(type_)
        return between or self._names.sort(type_) == "workload"

    def _blocks(self, folder: str) -> tuple[Block, ...]:
        try:
            return self._source.folder(folder)
        except SourceError:
            return ()

    def _text(self, vertex: _Vertex) -> str:
        if vertex.file.endswith(".json"):  # where labels and object stand on different lines
            block = _block_of(self._source, vertex)
            return block.text if block else ""
        if vertex.file not in self._lines:
            self._lines[vertex.file] = self._read_text(vertex.file).splitlines()
        return "\n".join(self._lines[vertex.file][max(vertex.start - 1, 0) : vertex.end])

    def _read_text(self, file: str) -> str:
        try:
            with open(file, "rb") as handle:
                return decoded(handle.read())
        except OSError:
            return ""

    # -- one block ---------------------------------------------------------------------------

    def _resources(
        self,
        vertex: _Vertex,
        tags: Mapping[tuple[str, str], tuple[Setting, ...]],
        out: TerraformReading,
    ) -> list[Resource]:
        type_, _, name = vertex.name.partition(".")
        if vertex.kind == "module":
            type_, name = "module_call", vertex.name
        if vertex.kind == "provider":
            type_, name = _provider_type(vertex), vertex.name
        if vertex.kind == "data":
            type_ = f"data.{type_}" if type_ in ("aws_iam_policy_document",) else type_
        inherited = self._inherited(vertex, type_, tags)
        if not self._is_hot(vertex):
            plain = self._plain(vertex, type_, name, inherited)
            return [replace(plain, gaps=self._only_gaps(vertex, type_, name))]
        try:
            return self._in_variants(vertex, type_, name, inherited)
        except SourceError as error:
            shown = self._shown(vertex.file)
            reason = f"block {vertex.address} cannot be read: {error.reason}"
            out.unread.append(Unread(shown, reason, True, "", error.line or vertex.start))
            return [self._plain(vertex, type_, name, inherited, unreadable=reason)]

    def _plain(
        self,
        vertex: _Vertex,
        type_: str,
        name: str,
        inherited: tuple[Setting, ...],
        *,
        unreadable: str = "",
    ) -> Resource:
        return Resource(
            "terraform",
            type_,
            vertex.address,
            self._stored_name(vertex, name) if self._names.sort(type_) == "store" else name,
            self._scope(vertex),
            self._shown(vertex.file),
            vertex.start,
            vertex.end,
            inherited=() if self._is_left_out(vertex, inherited) else inherited,
            handle=vertex.handle,
            unreadable=unreadable,
        )

    def _only_gaps(self, vertex: _Vertex, type_: str, name: str) -> tuple[Gap, ...]:
        """What cannot be evaluated of a block that speaks of nothing; nothing else of it is wanted."""
        runs = type_ == "module_call" or self._names.sort(type_) == "workload"
        if not (self._matters and runs and self._names.may_hide(self._text(vertex))):
            return ()
        try:
            found = self._in_variants(vertex, type_, name, ())
        except SourceError:
            return ()
        return tuple(dict.fromkeys(g for r in found for g in r.gaps))

    def _is_left_out(self, vertex: _Vertex, inherited: Sequence[Setting]) -> bool:
        """Whether there is no instance of a block; asked only where what it inherits could matter."""
        if not any(self._says(f"{s.name}={s.value}") for s in inherited):
            return False
        block = _block_of(self._source, vertex)
        count = self._relevance.entries(block).get("count", "") if block else ""
        if not count:
            return False
        literal = _LITERAL.match(count)
        if literal:
            return literal[1] == "0"
        return self._readings(vertex, block) == ()

    def _stored_name(self, vertex: _Vertex, fallback: str) -> str:
        """The name that a store has beside its address, if it is known."""
        block = _block_of(self._source, vertex)
        entries = self._relevance.entries(block) if block else {}
        text = next((entries[n] for n in _NAME_ATTRIBUTES if n in entries), None)
        if text is None:
            return fallback
        literal = _LITERAL.match(text)
        if literal and literal[1]:
            return literal[1]
        for reading in self._readings(vertex, block) or ():
            found = _display_name(_plain_values(reading.config)[0], fallback)
            return fallback if "${" in found else found
        return fallback

    def _readings(self, vertex: _Vertex, block: Block | None) -> tuple[Reading, ...] | None:
        """The instances of a block, or None where it cannot be read."""
        try:
            return read(self._source, block, vertex.scope) if block else None
        except SourceError:
            return None

    def _in_variants(
        self, vertex: _Vertex, type_: str, name: str, inherited: tuple[Setting, ...]
    ) -> list[Resource]:
        """A block as it is, and as each variable file or command of its root makes it, where that differs.

        A root that has variable files to choose from, or commands that plan it, and no file that it
        always takes, is deployed with one of them; it is not read without.
        """
        base = list(self._reread(self._source, vertex, type_, name, inherited))
        twins = self._sources(vertex.root)
        if not twins:
            return base
        found = [
            replace(r, variant=variant.name)
            for variant, source in twins
            for r in self._reread(source, vertex, type_, name, inherited)
        ]
        same = with_twins(base, found)
        if not found or all(not distinct(base, [r]) for r in found):
            return same
        always = any(os.path.isfile(os.path.join(vertex.root, f)) for f in ALWAYS_TAKEN)
        if not always and any(variant.sure for variant, _ in twins):
            return distinct([], found)
        return [*same, *distinct(base, found)]

    def _sources(self, root: str) -> tuple[tuple[Variables, Source], ...]:
        """(what a root is planned with, the source read with it) for each of its variants."""
        if root not in self._variants:
            self._variants[root] = tuple(
                (variables, self._source.with_variables(root, variables))
                for variables in self._variants_of(root)
            )
        return self._variants[root]

    def _reread(
        self,
        source: Source,
        vertex: _Vertex,
        type_: str,
        name: str,
        inherited: tuple[Setting, ...],
    ) -> Iterator[Resource]:
        block = _block_of(source, vertex)
        if block is None:
            raise SourceError(vertex.file, vertex.start, "its block was not found in the source")
        seen: set[str] = set()
        for scope in scopes_of(source, vertex.scope):
            readings = read(source, block, scope)
            said = repr([(r.config, sorted(map(str, r.refs.values()))) for r in readings])
            if said not in seen:
                seen.add(said)
                for reading in readings:
                    yield self._resource(vertex, type_, name, inherited, reading)

    def _resource(
        self,
        vertex: _Vertex,
        type_: str,
        name: str,
        inherited: tuple[Setting, ...],
        reading: Reading,
    ) -> Resource:
        shown = self._shown(vertex.file)
        lines = reading.lines

        def line_of(path: Path) -> int:
            while path and path not in lines:
                path = path[:-1]
            return lines.get(path, vertex.start)

        plain, _ = _plain_values(reading.config, self._as_unknown)
        if self._names.uploads(type_):
            self._uploaded(vertex.folder, plain, reading)
        try:
            how = Walk(line_of, self._wants, shown, self._file_of(reading, shown))
            settings = tuple(walk(plain, how))
        except TooDeep as deep:
            raise SourceError(vertex.file, vertex.start, f"nests too deep at {deep}") from None
        text = self._text(vertex)
        settings = tuple(
            self._written(found, reading)
            for s in settings
            for found in self._bound(
                self._from_elsewhere(self._with_secret(s, vertex, reading), text), reading, type_
            )
        )
        type_ = self._names.stands_for(type_, plain)
        return Resource(
            "terraform",
            type_,
            vertex.address,
            _display_name(plain, name),
            self._scope(vertex),
            shown,
            vertex.start,
            vertex.end,
            settings=settings,
            refs=tuple(self._refs(vertex, reading)),
            images=tuple(_images(settings)),
            inherited=inherited,
            handle=vertex.handle,
            gaps=gaps_of(type_, shown, vertex.start, settings, self._names),
        )

    def _written(self, setting: Setting, reading: Reading) -> Setting:
        """A setting with the place of its value, where a caller or a variable file gives that."""
        file, line = reading.origins.get(setting.value_path or setting.path, ("", 0))
        return replace(setting, written=(self._shown(file), line)) if file else setting

    def _uploaded(self, folder: str, plain: dict[str, Any], reading: Reading) -> None:
        """Gives an object that is a file of the repository the text of it as its content."""
        named = plain.get("source")
        path = os.path.normpath(os.path.join(folder, named)) if isinstance(named, str) else ""
        small = path.startswith(self._root + os.sep) and os.path.isfile(path)
        if small and os.path.getsize(path) < _LONGEST_UPLOAD:
            plain["content"] = self._read_text(path)
            reading.lines["content",], reading.files["content",] = 1, path

    def _as_unknown(self, value: SourceUnknown) -> Unknown:
        speaks = any(self._speaking.leads(scope, name) for scope, name in value.names)
        return Unknown(value.reason, value.of, value.lack, value.what, speaks)

    def _with_secret(self, setting: Setting, vertex: _Vertex, reading: Reading) -> Setting:
        """A setting whose value comes from a secret's resource keeps the reference to it: its own, not its neighbour's."""
        named = setting.secret.name if setting.secret else HOLE
        if not isinstance(setting.value, Unknown) or (named and HOLE not in named):
            return setting
        at, what = setting.value_path or setting.path, setting.value.what
        exact = [
            ref
            for depth in range(len(at), 0, -1)
            for ref in reading.refs.get(at[:depth], ())
            if ref.address == what
        ]
        entry = named.partition(HOLE)[2].strip(":").partition(":")[0]
        entry = entry or (setting.value.of if exact else "")
        found = [
            secret_at(self._target(vertex, ref.folder, ref.address), entry)
            for ref in dict.fromkeys(exact or reading.refs.get(at, ()))
        ]
        secrets = [ref for ref in found if ref]
        if not secrets:
            return setting
        return replace(setting, secret=secrets[0], others=tuple(secrets[1:]))

    def _bound(self, setting: Setting, reading: Reading, type_: str) -> Iterator[Setting]:
        """A setting with the project that it refers to, or whose account's key it is."""
        at = setting.value_path or setting.path
        refs = reading.refs.get(at, ()) if isinstance(setting.value, Unknown) else ()
        match = self._names.variable(setting.name, "") if refs else None
        role = match.role if match else ""
        for ref in refs:
            if role == "project" and ref.address.startswith("openai_project."):
                setting = replace(setting, value=ref.address)
            elif (role == "key" or holds_secrets(type_)) and ref.address.startswith(
                "openai_project_service_account."
            ):
                for project in self._project_of_account(ref.folder, ref.address):
                    path = (*setting.path, "openai_project")
                    yield replace(setting, name="openai_project", value=project, path=path)
        yield setting

    def _project_of_account(self, folder: str, address: str) -> Iterator[str]:
        """The project of a service account: its literal id, or the address in Terraform."""
        block = self._source.find(folder, "resource", tuple(address.split(".", 1)))
        if block is None:
            return
        try:
            readings = read(self._source, block, Scope(folder))
        except SourceError:
            return  # its own block is unread and says so
        for found in readings:
            literal = _plain_values(found.config)[0].get("project_id")
            if isinstance(literal, str):
                yield literal
            else:
                yield from (r.address for r in found.refs.get(("project_id",), ()))

    def _file_of(self, reading: Reading, shown: str) -> Callable[[Path], str]:
        """The shown file in which a path of a reading stands."""

        def file_of(path: Path) -> str:
            while path and path not in reading.files:
                path = path[:-1]
            found = reading.files.get(path, "")
            return self._shown(found) if found else shown

        return file_of

    def _from_elsewhere(self, setting: Setting, text: str) -> Setting:
        """A literal key that stands in a variable, not in the block, is found there."""
        value = setting.value
        if (
            isinstance(value, str)
            and self._names.key_shape.search(value)
            and value not in unescaped(text)
        ):
            return replace(setting, value=Unknown("is a literal value that stands elsewhere"))
        return setting

    def _literal_keys(self, folders: Iterable[str]) -> Iterator[Resource]:
        """Literal keys in variables, locals, arguments of modules and variable files."""
        for folder in sorted(folders):
            texts = [
                (b.file, b.start, b.text, f"module.{b.labels[0]}" if b.kind == "module" else "")
                for b in self._blocks(folder)
                if b.kind in ("variable", "locals", "module")
            ]
            for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
                if name.endswith(".tfvars"):
                    path = os.path.join(folder, name)
                    texts.append((path, 1, self._read_text(path), ""))
            for file, start, text, ident in texts:
                if self._names.key_shape.search(unescaped(text)):
                    yield from self._keys_in(file, start, text, folder, ident)

    def _keys_in(
        self, file: str, start: int, text: str, folder: str, ident: str
    ) -> Iterator[Resource]:
        shown = self._shown(file)
        name = ""
        for number, line in enumerate(map(unescaped, text.splitlines()), start):
            named = re.match(r"\s*(?:variable\s+)?\"?([A-Za-z_][\w-]*)\"?\s*[={]", line)
            name = named[1] if named and named[1] != "default" else name
            for value in re.findall(r"\"([^\"]*)\"", line.split("#")[0]):
                if self._names.is_key_value(value, named=False) or (
                    self._names.key_shape.search(value)
                    and self._names.is_key_value(value, named=True)
                ):
                    setting = Setting(name, value, (name,), number, "", shown)
                    yield Resource(
                        "terraform",
                        "terraform_value",
                        ident or f"var.{name}",
                        name,
                        self._shown(folder),
                        shown,
                        number,
                        number,
                        (setting,),
                    )

    def _refs(self, vertex: _Vertex, reading: Reading) -> Iterator[ByAddress]:
        seen: set[str] = set()
        read = sorted(
            reading.refs.items(), key=lambda i: (not self._names.is_call(show(i[0])), str(i[0]))
        )
        for (
            path,
            refs,
        ) in read:  # of several references to one resource, the first that could be a call
            for ref in refs:
                target = self._target(vertex, ref.folder, ref.address)
                if target not in seen:
                    seen.add(target)
                    line = reading.lines.get(path, vertex.start)
                    yield ByAddress(address=target, path=show(path), line=line)

    def _target(self, vertex: _Vertex, folder: str, address: str) -> str:
        """The address in the root of a reference made in this folder of the module chain."""
        prefix: list[str] = []
        call = vertex.call
        here = vertex.folder
        while call and here != folder:
            here, call = os.path.dirname(call.file), call.outer
        while call:
            prefix.insert(0, f"module.{call.name}.")
            call = call.outer
        return "".join(prefix) + address

    def _wants(self, text: str) -> bool:
        return self._names.concerns(text)

    def _scope(self, vertex: _Vertex) -> str:
        return self._shown(vertex.root)

    def _shown(self, path: str) -> str:
        if path not in self._shown_as:
            self._shown_as[path] = os.path.relpath(path, self._root).replace(os.sep, "/")
        return self._shown_as[path]

    def _providers(self, found: Sequence[_Vertex]) -> Iterator[_Vertex]:
        """The providers of the roots, which may stand in files that are read apart."""
        known = {v.file for v in found}
        for folder in sorted({v.root for v in found}):
            for block in self._blocks(folder):
                if block.kind == "provider" and block.labels and block.file not in known:
                    name, at = block.labels[0], (block.file, block.start, block.end)
                    yield _Vertex(-1, "provider", name, f"provider.{name}", *at, None)

    # -- provider tags --------------------------------------------------------------------------

    def _default_tags(self, found: list[_Vertex]) -> dict[tuple[str, str], tuple[Setting, ...]]:
        """(root folder, provider or provider.alias) -> default tags, read from the source."""
        out: dict[tuple[str, str], tuple[Setting, ...]] = {}
        for vertex in found:
            provider = vertex.name.split(".")[0]
            path = _DEFAULT_TAGS.get(provider)
            if vertex.kind != "provider" or not path:
                continue
            for block in self._blocks(vertex.folder):
                if (
                    block.kind == "provider"
                    and block.labels == (provider,)
                    and path[0] in block.text
                ):
                    key, settings = self._tags_of(vertex, block, provider, path[0])
                    out[key] = settings
        return out

    def _tags_of(
        self, vertex: _Vertex, block: Block, provider: str, name: str
    ) -> tuple[tuple[str, str], tuple[Setting, ...]]:
        try:
            readings = read(self._source, block, vertex.scope)
        except SourceError:
            return (vertex.root, provider), ()
        settings: list[Setting] = []
        alias = ""
        for reading in readings:
            config, _ = _plain_values(reading.config)
            alias = str(config.get("alias") or "")
            lines = reading.lines

            def line_of(path: Path, lines: Mapping[Path, int] = lines) -> int:
                while path and path not in lines:
                    path = path[:-1]
                return lines.get(path, block.start)

            where = self._shown(block.file)
            how = Walk(line_of, self._wants, where, self._file_of(reading, where))
            for setting in walk({name: config.get(name)}, how):
                settings.append(setting)
        return (vertex.root, f"{provider}.{alias}" if alias else provider), tuple(settings)

    def _inherited(
        self, vertex: _Vertex, type_: str, tags: Mapping[tuple[str, str], tuple[Setting, ...]]
    ) -> tuple[Setting, ...]:
        if not tags:
            return ()
        provider = type_.split("_")[0]
        block = _block_of(self._source, vertex)
        explicit = (
            _PROVIDER.search(self._relevance.entries(block).get("provider", "")) if block else None
        )
        provider = explicit[1] if explicit else provider
        return tags.get((vertex.root, self._at_root(provider, vertex.call)), ())

    def _at_root(self, provider: str, call: ModuleCall | None) -> str:
        """What the root calls the provider that a module knows by this name."""
        while call:
            block = self._source.find(os.path.dirname(call.file), "module", (call.name,))
            handed = _PROVIDERS.search(block.text) if block else None
            provider = (
                dict(_PAIR.findall(handed[1])).get(provider, provider) if handed else provider
            )
            call = call.outer
        return provider


def _calls_around(vertex: _Vertex) -> Iterator[ModuleCall]:
    """The calls that a vertex is reached through, from the nearest on."""
    call = vertex.call
    while call:
        yield call
        call = call.outer


def _blocks_once(found: Iterable[_Vertex]) -> list[_Vertex]:
    """One vertex a block and call: Checkov's instances of count and for_each are read as one block."""
    first: dict[tuple[str, str, str, int, ModuleCall | None], _Vertex] = {}
    for vertex in found:
        first.setdefault((vertex.kind, vertex.name, vertex.file, vertex.start, vertex.call), vertex)
    return list(first.values())


def _provider_type(vertex: _Vertex) -> str:
    return f"provider_{vertex.name.partition('.')[0]}"


def _block_of(source: Source, vertex: _Vertex) -> Block | None:
    """The block of a vertex; providers of one name are told apart by where they stand."""
    if vertex.kind == "provider":
        own = (b for b in source.folder(vertex.folder) if b.kind == "provider")
        return next((b for b in own if (b.file, b.start) == (vertex.file, vertex.start)), None)
    labels = (vertex.name,) if vertex.kind == "module" else tuple(vertex.name.split(".", 1))
    return source.find(vertex.folder, vertex.kind, labels)


def _kind_of(vertex: _Vertex) -> str:
    """The type of a block, with the word for a data source before it."""
    type_ = vertex.name.removeprefix("data.").partition(".")[0]
    return f"data.{type_}" if vertex.kind == "data" else type_


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


def _module_call(raw: Any) -> ModuleCall | None:
    """Checkov's `source_module_object_` as a chain of module calls."""
    if raw is not None and not isinstance(raw, dict):
        try:
            raw = json.loads(str(raw))  # Checkov's own object writes itself as JSON
        except ValueError:
            return None
    if not isinstance(raw, dict) or not raw.get("path"):
        return None
    return ModuleCall(
        os.path.abspath(str(raw["path"])),
        _INDEX.sub("", str(raw.get("name", ""))),
        _module_call(raw.get("nested_tf_module")),
    )


def _as_model(value: SourceUnknown) -> Unknown:
    return Unknown(value.reason, value.of, value.lack, value.what)


def _plain_values(
    node: Any, as_unknown: Callable[[SourceUnknown], Unknown] = _as_model
) -> tuple[Any, dict[Path, str]]:
    """The evaluator's values as plain data with `Unknown` leaves; what is one of two becomes a list."""
    if isinstance(node, dict):
        return {str(k): _plain_values(v, as_unknown)[0] for k, v in node.items()}, {}
    if isinstance(node, (list, tuple)):
        return [_plain_values(v, as_unknown)[0] for v in node], {}
    if isinstance(node, Encoded):
        return _plain_values(node.data, as_unknown)
    if isinstance(node, OneOf):
        options = [_plain_values(o, as_unknown)[0] for o in node.options]
        known = [o for o in options if o is not None]
        return (known[0] if len(known) == 1 else known), {}
    if isinstance(node, Partial):
        return node.text, {}
    if isinstance(node, SourceUnknown):
        return as_unknown(node), {}
    return node, {}


def _display_name(config: Mapping[str, Any], fallback: str) -> str:
    for key in _NAME_ATTRIBUTES:
        value = config.get(key)
        if isinstance(value, str) and value:
            return value
    return fallback


def _images(settings: Iterable[Setting]) -> Iterator[tuple[str, int]]:
    for setting in settings:
        if setting.name in ("image", "image_uri", "container_image") and isinstance(
            setting.value, str
        ):
            yield setting.value, setting.line


def proofs_of(resources: Sequence[Resource]) -> Proofs:
    """Retention controls and hosted-tool permissions that OpenAI's own provider sets."""
    retention: list[RetentionProof] = []
    tools: list[ToolProof] = []
    of_organization = _organization_controls(resources)
    for resource in resources:
        values = {s.path[-1]: s for s in resource.settings if s.path}
        for project in _project_ids(resource, values):
            type_ = values.get("type") or values.get("retention_type")
            if resource.type == "openai_project_data_retention" and type_:
                set_to = str(type_.value) if isinstance(type_.value, str) else "unknown"
                if set_to == "organization_default":
                    set_to = of_organization.get(resource.scope, set_to)
                retention.append(RetentionProof(project, set_to, Place(resource.file, type_.line)))
            if resource.type == "openai_project_hosted_tool_permissions":
                allowed = {
                    feature: bool(values[name].value)
                    for name, feature in sorted(_TOOL_FEATURES.items(), key=lambda i: i[1])
                    if name in values and isinstance(values[name].value, bool)
                }
                tools.append(ToolProof(project, allowed, resource.place(), resource))
    models = tuple(m for r in resources for m in _model_proofs(r))
    found = tuple(sorted(tools, key=lambda t: (t.project, t.place)))
    kept = tuple(sorted(retention, key=lambda r: (r.project, r.place)))
    places = sorted(_geographies(resources), key=lambda g: (g.project, g.place))
    return Proofs(
        kept,
        found,
        tuple(sorted(models, key=lambda m: (m.project, m.place))),
        tuple(places),
        tuple(sorted(_organizations(resources), key=lambda o: (o.project, o.place))),
    )


def _geographies(resources: Iterable[Resource]) -> Iterator[GeographyProof]:
    """Where projects store."""
    for resource in resources:
        if resource.type == "openai_project":
            for setting in resource.settings:
                if setting.path == ("geography",) and isinstance(setting.value, str):
                    place = Place(resource.file, setting.line or resource.line, "geography")
                    yield GeographyProof(resource.id, setting.value, place, resource)


def _model_proofs(resource: Resource) -> Iterator[ModelProof]:
    """The models that a project may use and no others."""
    if resource.type != "openai_project_model_permissions":
        return
    values = {s.path[-1]: s for s in resource.settings if s.path}
    mode = values.get("mode")
    inner = ((s, resource.within(s.path)) for s in resource.settings)
    listed = [s.value for s, path in inner if path[:1] == ("model_ids",)]
    plain = [v for v in listed if isinstance(v, str)]
    if mode is None or not re.match(r"allow", str(mode.value)) or not plain or plain != listed:
        return
    for project in _project_ids(resource, values):
        yield ModelProof(project, tuple(sorted(plain)), Place(resource.file, mode.line))


def _organizations(resources: Iterable[Resource]) -> Iterator[RetentionProof]:
    """The retention controls of organizations, each with the root folder that sets it."""
    for resource in resources:
        if resource.type in ("openai_organization_data_retention", "openai_data_retention"):
            for setting in resource.settings:
                if resource.within(setting.path) in (("type",), ("retention_type",)):
                    place = Place(resource.file, setting.line or resource.line)
                    yield RetentionProof(resource.scope, str(setting.value), place)


def _organization_controls(resources: Iterable[Resource]) -> dict[str, str]:
    """Root folder -> the retention control of its organization, if it sets exactly one."""
    out: dict[str, set[str]] = defaultdict(set)
    for proof in _organizations(resources):
        out[proof.project].add(proof.type)
    return {scope: next(iter(types)) for scope, types in out.items() if len(types) == 1}


def _project_ids(resource: Resource, values: Mapping[Any, Setting]) -> list[str]:
    """A project's literal id, or the address of the `openai_project` that is referred to."""
    setting = values.get("project_id")
    literal = [setting.value] if setting and isinstance(setting.value, str) else []
    return literal + [r.address for r in resource.refs_by_address if r.path == "project_id"]
