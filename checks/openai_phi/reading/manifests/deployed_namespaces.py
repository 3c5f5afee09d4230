"""The namespaces that folders and charts are deployed to, by applications, releases and commands of the repository."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from openai_phi.reading.disk.unread import Disk
from openai_phi.reading.disk.written_commands import HOLE, Command, Scripts
from openai_phi.text.documents import Unreadable, read_file

_MANIFESTS = (".yaml", ".yml", ".json")
_SPEAKS = re.compile(r"argoproj\.io|fluxcd\.io|^releases:", re.MULTILINE)
_LEFT = frozenset({"node_modules", "vendor", ".git", ".terraform"})
_RELEASE = re.compile(
    r'^resource[ \t]+"helm_release"[^{]*\{(?P<body>.*?)^\}', re.MULTILINE | re.DOTALL
)
_ARGUMENT = re.compile(
    r'^[ \t]*(?P<name>chart|namespace)[ \t]*=[ \t]*"(?P<value>[^"$]*)"', re.MULTILINE
)
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
_COMMANDS = (("kubectl|oc", "apply|create|replace"), ("helm", "upgrade|install"))
_PATHS = ("-f", "--filename", "-k", "--kustomize")


@dataclass(frozen=True, order=True)
class Deployed:
    """A folder, a file or a chart, and a namespace that it is deployed to."""

    path: str
    namespace: str


class DeployedNamespaces:
    """What the repository says of the namespaces that its folders are deployed to, read when it is first asked."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._found: tuple[Deployed, ...] | None = None

    def of(self, *paths: str) -> tuple[str, ...]:
        """The namespaces that what lies at these paths is deployed to, by what is named nearest to it."""
        if self._found is None:
            self._found = tuple(sorted(set(self._all())))
        near = [d for d in self._found if any(_lies_in(p, d.path) for p in paths)]
        longest = max((len(d.path) for d in near), default=0)
        return tuple(dict.fromkeys(d.namespace for d in near if len(d.path) == longest))

    def path_of(self, shown: str) -> str:
        """Where a file lies that findings show by this path."""
        return os.path.join(self._disk.root, shown)

    def _all(self) -> Iterator[Deployed]:
        for file in _files(self._disk.root):
            text = self._disk.text(file) or ""
            if file.endswith(".tf"):
                yield from self._terraform(file, text)
            elif _SPEAKS.search(text):
                yield from self._of_objects(file, text)
        scripts = Scripts(self._disk.root)
        for program, verbs in _COMMANDS:
            for command in scripts.commands(program, verbs):
                yield from self._of_command(command)

    def _of_objects(self, file: str, text: str) -> Iterator[Deployed]:
        try:
            found = [d.data for d in read_file(text, file) if isinstance(d.data, dict)]
        except Unreadable:
            return
        for data in found:
            for path, namespace in _named(data):
                yield from self._at(path, namespace, (os.path.dirname(file), self._disk.root))

    def _terraform(self, file: str, text: str) -> Iterator[Deployed]:
        for block in _RELEASE.finditer(text):
            said = {m["name"]: m["value"] for m in _ARGUMENT.finditer(block["body"])}
            chart = re.sub(r"^\$\{path\.module\}/", "", said.get("chart", ""))
            yield from self._at(chart, said.get("namespace"), (os.path.dirname(file),))

    def _of_command(self, command: Command) -> Iterator[Deployed]:
        spaces = [n for n in command.values("-n", "--namespace") if HOLE not in n]
        paths = [p for given in command.values(*_PATHS) for p in given.split(",")]
        paths += [w for w in command.words if "/" in w or w.startswith(".")]
        for path in paths if len(set(spaces)) == 1 else ():
            yield from self._at(path, spaces[0], command.folders)

    def _at(self, path: Any, namespace: Any, folders: Iterable[str]) -> Iterator[Deployed]:
        """What a path leads to, seen from one of these folders, or from one above the scan root."""
        if not isinstance(path, str) or not path or not _NAME.match(str(namespace or "")):
            return
        for folder in (*folders, *_above(self._disk.root)):
            target = os.path.normpath(os.path.join(folder, path.lstrip("/") or "."))
            if os.path.exists(target):
                yield Deployed(target, str(namespace))
                return


def _named(data: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """The paths that an object deploys, each with the namespace."""
    kind, spec, meta = str(data.get("kind")), _map(data.get("spec")), _map(data.get("metadata"))
    if kind == "ApplicationSet":
        spec = _map(_map(spec.get("template")).get("spec"))
    if kind in ("Application", "ApplicationSet"):
        for source in map(_map, [spec.get("source"), *_list(spec.get("sources"))]):
            yield source.get("path"), _map(spec.get("destination")).get("namespace")
    elif kind == "Kustomization" and "fluxcd.io" in str(data.get("apiVersion")):
        yield spec.get("path"), spec.get("targetNamespace")
    elif kind == "HelmRelease":
        chart = _map(_map(spec.get("chart")).get("spec")).get("chart")
        yield chart, spec.get("targetNamespace") or meta.get("namespace")
    for release in map(_map, _list(data.get("releases"))):
        yield release.get("chart"), release.get("namespace")


def _above(root: str) -> Iterator[str]:
    """The folders above a scan root that are of the same repository."""
    while not os.path.exists(os.path.join(root, ".git")) and root != os.path.dirname(root):
        root = os.path.dirname(root)
        if os.path.exists(os.path.join(root, ".git")):
            yield root


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _files(root: str) -> Iterator[str]:
    for base, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in _LEFT)
        yield from (
            os.path.join(base, n) for n in sorted(names) if n.endswith((*_MANIFESTS, ".tf"))
        )


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
