"""Docker Compose: each service is a program, put together from what it extends, overrides and mounts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from openai_phi.facts.routes import routes
from openai_phi.reading.templates.file_parts import Beside, Part, at, mappings
from openai_phi.text.documents import Document, Unreadable, parse_text, read_file
from openai_phi.words.places import Path
from openai_phi.words.resources import SecretRef, Setting, Unknown

_NAME = re.compile(
    r"((docker-)?compose|stack)([._-][\w.-]+)?\.ya?ml$|.*[._-](docker-)?compose\.ya?ml$"
)
_BASE = re.compile(r"((?:docker-)?compose|stack)\.ya?ml$")
_OVER = re.compile(r"((?:docker-)?compose|stack)[._-][\w.-]+\.ya?ml$")
_SERVICES = re.compile(r"^[\"']?services[\"']?\s*:", re.MULTILINE)
_PROGRAMS = re.compile(
    r"^services\s*:[^\S\n]*(?:#.*)?\n(?:[^\S\n]*(?:#.*)?\n)*(?P<in>[ ]+)[\w.-]+\s*:[^\S\n]*(?:[&#].*)?\n"
    r"(?:(?P=in)[ ]+\S.*\n|[^\S\n]*\n)*?(?P=in)[ ]+(image|build)\s*:",
    re.MULTILINE,
)
_VARIABLE = re.compile(r"\$\{(\w+)(?::?([-+?])([^}]*))?\}|\$(\w+)")
_MAPS = ("environment", "labels", "args", "annotations", "extra_hosts", "sysctls")
"""What may be written as a map or as a list of NAME=value, and is joined by name."""
_CODE = re.compile(
    r"\.(bash|sh|c|cc|cpp|cs|css|go|h|html?|ipynb|java|jsx?|kt|lua|md|mjs|php|py|rb|rs|sql|svg|tsx?|vue"
    r"|xml|pem|crt|key|db|sqlite3?|log|csv|zip|gz|tgz|png|jpe?g|pdf|so|jar|bin|lock)$",
    re.IGNORECASE,
)
_CONFIGURES = re.compile(
    r"\.(ya?ml|json5?|toml|ini|conf|cfg|cnf|config|env|properties)$|(^|/)(Caddyfile|\.env[\w.-]*)$"
)
_DEEPEST = 10
_MOST = 50
"""Files of a folder that is mounted."""


def fits(file: str, text: str) -> bool:
    """Whether a file is a Compose file: its name and services in it, or services with images by any name."""
    named = _NAME.fullmatch(os.path.basename(file).lower()) is not None
    if named:
        return _SERVICES.search(text) is not None
    yaml_file = file.endswith((".yaml", ".yml"))
    return yaml_file and "services" in text and _PROGRAMS.search(text) is not None


def read(text: str, file: str, shown: str, beside: Beside) -> tuple[Document, list[Part]]:
    """A Compose file as its services are started. Raises `Unreadable`."""
    found = next((d for d in read_file(text, file) if d.data is not None), Document(None))
    own = _File(file, found)
    project = _Project(beside)
    base = project.overridden(own)
    model = _Model(own, beside)
    for name, service in mappings(found.data, "services"):
        below = base if base and beside.concerns(str(service)) else None
        model.take(name, project.layers(own, name, below))
    return model.document(), list(model.parts())


@dataclass(frozen=True)
class _File:
    """A Compose file of the project."""

    path: str
    document: Document

    @property
    def folder(self) -> str:
        return os.path.dirname(self.path)


@dataclass(frozen=True)
class _Layer:
    """A service as one file writes it; what it names relatively lies beside `folder`."""

    file: _File
    name: str
    folder: str

    @property
    def path(self) -> Path:
        return ("services", self.name)

    @property
    def service(self) -> dict[str, Any]:
        found = at(self.file.document.data, self.path)
        return found if isinstance(found, dict) else {}


class _Project:
    """The Compose files that lie about, and how their services build on each other."""

    def __init__(self, beside: Beside) -> None:
        self._beside = beside
        self._files: dict[str, _File | None] = {}

    def file(self, path: str) -> _File | None:
        path = os.path.normpath(path)
        if path not in self._files:
            self._files[path] = None
            text = self._beside(path)
            try:
                found = next(iter(read_file(text or "", path)), None)
            except Unreadable:  # said where the file is read by itself
                found = None
            if found is not None:
                self._files[path] = _File(path, found)
        return self._files[path]

    def overridden(self, own: _File) -> _File | None:
        """The file that another one of its folder is laid over: `compose.yaml` of `compose.prod.yaml`."""
        name = _OVER.fullmatch(os.path.basename(own.path))
        if name is None:
            return None
        names = (f"{b}{e}" for b in (name[1], "compose", "docker-compose") for e in _YAML)
        paths = (os.path.join(own.folder, n) for n in dict.fromkeys(names))
        return next((f for p in paths if p != own.path and (f := self.file(p))), None)

    def layers(self, own: _File, name: str, base: _File | None) -> list[_Layer]:
        """What a service is put together from, the lowest first."""
        below = self._chain(_Layer(base, name, own.folder), 0) if base else []
        return [*below, *self._chain(_Layer(own, name, own.folder), 0)]

    def _chain(self, layer: _Layer, depth: int) -> list[_Layer]:
        extends = layer.service.get("extends")
        if not layer.service or depth > _DEEPEST:
            return []
        named = extends.get("service") if isinstance(extends, dict) else extends
        source: _File | None = layer.file
        if isinstance(extends, dict) and isinstance(extends.get("file"), str):
            source = self.file(os.path.join(layer.folder, extends["file"]))
        if not isinstance(named, str) or source is None:
            return [layer]
        folder = layer.folder if source is layer.file else source.folder
        return [*self._chain(_Layer(source, named, folder), depth + 1), layer]


_YAML = (".yaml", ".yml")


@dataclass
class _Service:
    """A service as it is put together, and what it takes from files."""

    data: dict[str, Any] = field(default_factory=dict)
    extra: list[Setting] = field(default_factory=list)


class _Model:
    """The services of one file put together, with the place of each value."""

    def __init__(self, own: _File, beside: Beside) -> None:
        self._own = own
        self._beside = beside
        self._lines: dict[Path, int] = dict(own.document.lines)
        self._files: dict[Path, str] = {}
        self._services: dict[str, _Service] = {}
        defaults = _env_file(beside(os.path.join(own.folder, ".env")) or "")
        self._known = {str(k): str(v) for k, v in (defaults.data if defaults else {}).items()}

    def document(self) -> Document:
        data = self._own.document.data
        if isinstance(data, dict) and isinstance(data.get("services"), dict):
            merged = {n: s.data for n, s in self._services.items()}
            data = {**data, "services": {**data["services"], **merged}}
        return Document(data, self._lines, self._files)

    def take(self, name: str, layers: list[_Layer]) -> None:
        """Puts a service together, later layers over earlier ones."""
        made = self._services[name] = _Service()
        target: Path = ("services", name)
        for layer in layers:
            if layer.file is not self._own or layer.name != name:
                self._put(layer, layer.path, target)
            self._lay(made.data, layer, layer.service, layer.path, target)
        for layer in layers:
            made.extra.extend(self._env_files(layer))
            self._mount(made, layer, target)
            self._configs(made, layer, target, "configs")
            self._configs(made, layer, target, "secrets")

    def parts(self) -> Iterator[Part]:
        document = self.document()
        for name, made in self._services.items():
            path: Path = ("services", name)
            extra = [*self._settings(document, (*path, "environment"), "env"), *made.extra]
            for where in ((*path, "labels"), (*path, "deploy", "labels")):
                extra.extend(self._settings(document, where, "marker"))
            extra.extend(self._secrets(document, path))
            leave = ("environment", "labels", "extends", "secrets")
            rest = {k: _filled(v, self._known) for k, v in made.data.items() if k not in leave}
            yield Part(
                "compose_service",
                name,
                f"services.{name}",
                path,
                extra=tuple(extra),
                data=rest,
            )

    # -- putting together ----------------------------------------------------------------------------

    def _put(self, layer: _Layer, source: Path, target: Path) -> None:
        """The place of one value that another file, or another service, gives."""
        self._lines[target] = layer.file.document.line(source)
        if layer.file is self._own:
            self._files.pop(target, None)
        else:
            self._files[target] = self._beside.shown(layer.file.path)

    def _lay(
        self, out: dict[str, Any], layer: _Layer, node: dict[str, Any], source: Path, target: Path
    ) -> None:
        """One mapping over another: maps are joined, lists follow each other, all else is replaced."""
        for key, value in node.items():
            here, there = (*source, key), (*target, key)
            if key in _MAPS and isinstance(value, (dict, list)):
                joined = out.setdefault(key, {})
                for name, entry, step in _entries(value):
                    joined[name] = entry
                    self._put(layer, (*here, step), (*there, name))
            elif isinstance(value, dict):
                inner = out.get(key)
                out[key] = dict(inner) if isinstance(inner, dict) else {}
                self._put(layer, here, there)
                self._lay(out[key], layer, value, here, there)
            elif isinstance(value, list):
                before = out.get(key)
                out[key] = list(before) if isinstance(before, list) else []
                for index, item in enumerate(value):
                    last = (*there, len(out[key]))
                    out[key].append(item)
                    self._all(layer, item, (*here, index), last)
            else:
                out[key] = value
                self._put(layer, here, there)

    def _all(self, layer: _Layer, node: Any, source: Path, target: Path) -> None:
        self._put(layer, source, target)
        if not isinstance(node, (dict, list)):
            return
        for step, value in node.items() if isinstance(node, dict) else enumerate(node):
            self._all(layer, value, (*source, step), (*target, step))

    # -- what files give -----------------------------------------------------------------------------

    def _settings(self, document: Document, where: Path, role: str) -> Iterator[Setting]:
        for name, value, step in _entries(at(document.data, where)):
            path = (*where, step)
            given = (
                Unknown("taken from the environment of the command", what=name)
                if value is None and role == "env"
                else value
            )
            filled = _filled(given, self._known) if role == "env" else given
            file = document.file(path) or self._beside.shown(self._own.path)
            yield Setting(name, filled, (*where, name), document.line(path), "", file, None, role)

    def _secrets(self, document: Document, path: Path) -> Iterator[Setting]:
        """The secrets that a service is given, each by its name."""
        found = at(document.data, (*path, "secrets"))
        for index, entry in enumerate(found if isinstance(found, list) else ()):
            name = entry.get("source") if isinstance(entry, dict) else entry
            if not isinstance(name, str):
                continue
            where = (*path, "secrets", index)
            file = document.file(where) or self._beside.shown(self._own.path)
            secret, line = SecretRef("secret", self._known_as(document, name)), document.line(where)
            value = Unknown(f"comes from {secret}")
            target = entry.get("target") if isinstance(entry, dict) else None
            inside = str(target or name).rpartition("/")[2]
            yield Setting(name, value, (*path, "secrets", inside), line, "", file, secret, "env")

    @staticmethod
    def _known_as(document: Document, name: str) -> str:
        """The name of a secret of a file outside of it: where it lies, or the variable that it is filled from."""
        said = at(document.data, ("secrets", name))
        held = said if isinstance(said, dict) else {}
        named = next(
            (held[k] for k in ("environment", "name") if isinstance(held.get(k), str)), name
        )
        return str(named)

    def _env_files(self, layer: _Layer) -> Iterator[Setting]:
        named = layer.service.get("env_file")
        for entry in named if isinstance(named, list) else [named]:
            name = entry.get("path") if isinstance(entry, dict) else entry
            name = _filled(name, self._known)
            if not isinstance(name, str):
                continue
            path = os.path.normpath(os.path.join(layer.folder, name))
            found = _env_file(self._beside(path) or "")
            where = self._beside.shown(path)
            for (key,), line in sorted(found.lines.items()) if found else ():
                value = _filled(found.data[key], self._known) if found else None
                yield Setting(str(key), value, (str(key),), line, "", where, None, "env")

    def _mount(self, made: _Service, layer: _Layer, target: Path) -> None:
        """The configuration that is mounted from files of the repository."""
        for entry in _items(layer.service.get("volumes")):
            if isinstance(entry, dict):
                source, inside = entry.get("source"), entry.get("target")
            else:
                source, _, inside = str(entry).partition(":")
            source = _filled(source, {"PWD": ".", **self._known})
            if isinstance(source, str) and source.startswith((".", "/")):
                path = os.path.normpath(os.path.join(layer.folder, source))
                self._content(made, path, str(inside).partition(":")[0], target)

    def _configs(self, made: _Service, layer: _Layer, target: Path, kind: str) -> None:
        """The configuration that is declared at the top of a file and given to services."""
        for entry in _items(layer.service.get(kind)):
            name = entry.get("source") if isinstance(entry, dict) else entry
            inside = entry.get("target") if isinstance(entry, dict) else None
            name = str(name)
            for file in (layer.file, self._own):
                config = at(file.document.data, (kind, name))
                if not isinstance(config, dict):
                    continue
                where = str(inside or (f"/{name}" if kind == "configs" else f"/run/secrets/{name}"))
                if isinstance(config.get("file"), str):
                    path = os.path.normpath(os.path.join(layer.folder, config["file"]))
                    self._content(made, path, where, target)
                elif isinstance(config.get("content"), str):
                    text = _filled_text(config["content"], self._known)
                    line = file.document.line((kind, name, "content"))
                    self._text(made, text, where, target, file.path, line)
                break

    def _content(self, made: _Service, path: str, inside: str, target: Path) -> None:
        if os.path.isdir(path):
            below = [f for f in self._beside.files if os.path.dirname(f) == path]
            for file in [f for f in below if _CONFIGURES.search(f)][:_MOST]:
                where = f"{inside.rstrip('/')}/{os.path.basename(file)}"
                self._text(made, self._beside(file), where, target, file, 1)
        elif not _CODE.search(path):
            self._text(made, self._beside(path), inside, target, path, 1)

    def _text(
        self, made: _Service, text: str | None, inside: str, target: Path, file: str, line: int
    ) -> None:
        if not text or not (self._beside.concerns(text) or routes().forwards(_image(made))):
            return
        made.data.setdefault("mounted", {})[inside] = text
        where = (*target, "mounted", inside)
        self._lines[where] = line
        if file != self._own.path:
            self._files[where] = self._beside.shown(file)
            self._beside.taken.add(file)


def _image(made: _Service) -> str:
    """The image of a service; one that passes on what it gets is known by its configuration alone."""
    return str(made.data.get("image", ""))


def _items(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _entries(found: Any) -> Iterator[tuple[str, Any, str | int]]:
    """The entries of a map, or of a list of NAME=value: name, value and the step to it."""
    if isinstance(found, dict):
        for name, value in found.items():
            yield str(name), value, str(name)
    elif isinstance(found, list):
        for index, entry in enumerate(found):
            name, given, value = str(entry).partition("=")
            yield name.strip(), value if given else None, index


def _env_file(text: str) -> Document | None:
    found = parse_text(text) if text.strip() else None
    flat = (
        found is not None and isinstance(found.data, dict) and all(len(p) == 1 for p in found.lines)
    )
    return found if flat else None


def _filled(value: Any, known: dict[str, str]) -> Any:
    """A value with `${NAME}` replaced as Compose does: from `.env`, else its default, else unknown."""
    if isinstance(value, dict):
        return {k: _filled(v, known) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, known) for v in value]
    if not isinstance(value, str) or "$" not in value or "\n" in value:
        return value
    missing: list[str] = []
    filled = _VARIABLE.sub(_filling(known, missing), value)
    if not missing:
        return filled
    known_host = _VARIABLE.sub(lambda v: _filling(known, [])(v) or _HIDDEN, value)
    if _LOGIN.fullmatch(known_host):  # who calls is not known, but where is
        return known_host
    whole = _VARIABLE.fullmatch(value.strip())
    return Unknown(f"taken from the variable {missing[0]}", what=missing[0] if whole else "")


_HIDDEN = "***"
_LOGIN = re.compile(r"\w[\w+.-]*://[^@/]*@[^*]+")
"""A URL of which only the name and the password are not known."""


def _filled_text(text: str, known: dict[str, str]) -> str:
    """A text over several lines, in which what is not known stays as it is written."""
    fill = _filling(known, [])
    return _VARIABLE.sub(lambda found: fill(found) or found[0], text)


def _filling(known: dict[str, str], missing: list[str]) -> Callable[[re.Match[str]], str]:
    def fill(found: re.Match[str]) -> str:
        name = found[1] or found[4]
        if known.get(name):
            return known[name]
        if found[2] == "-":
            return found[3] or ""
        missing.append(name)
        return ""

    return fill
