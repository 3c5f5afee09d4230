"""Ansible: each task is a program with its play's variables; variable files by themselves keep values."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from openai_phi.reading.templates.file_parts import Part, at
from openai_phi.text.documents import Document, Unreadable, read_file
from openai_phi.words.places import Path
from openai_phi.words.references import ByAddress
from openai_phi.words.resources import Unknown

TextOf = Callable[[str], "str | None"]
_LISTS = ("pre_tasks", "tasks", "post_tasks", "handlers")
_BLOCKS = ("block", "rescue", "always")
_KEPT = re.compile(r"(^|/)(group_vars|host_vars)/|(^|/)roles/[^/]+/(vars|defaults)/")
_TASKS = re.compile(r"(^|/)(tasks|handlers)/[^/]+\.ya?ml$")
_PLAY = re.compile(r"^\s*-?\s*[\"']?(hosts|import_playbook)[\"']?\s*:", re.MULTILINE)
_LIST = re.compile(r"^\s*-\s", re.MULTILINE)
_PROJECT = re.compile(r"(^|/)(roles|group_vars|host_vars|playbooks|tasks|handlers|vars|inventory)/")
_LOOKUP = re.compile(
    r"\{\{\s*([A-Za-z_]\w*)\s*(?:\|\s*default\(\s*['\"]([^'\"]*)['\"][^)]*\)\s*)?\}\}"
)
_VAULT = "$ANSIBLE_VAULT"
_CONTROL = frozenset({"name", "when", "register", "tags", "notify", "changed_when", "failed_when"})


def fits(file: str, text: str) -> bool:
    """Whether a file is a playbook, a list of tasks or a file of variables."""
    path = file.replace("\\", "/")
    if not path.endswith((".yaml", ".yml")):
        return False
    if _KEPT.search(path):
        return "apiVersion:" not in text
    if _LIST.search(text) is None:
        return False
    return _TASKS.search(path) is not None or any(
        word in text and _PLAY.search(text) for word in ("hosts", "import_playbook")
    )


def scope(shown: str) -> str:
    """What joins the files of one project: the folder above its roles, variables and playbooks."""
    found = _PROJECT.search(shown)
    return (shown[: found.start()] if found else os.path.dirname(shown)) or "."


def parts(document: Document, file: str, shown: str, text_of: TextOf) -> Iterator[Part]:
    """The tasks of a file, or the file of variables as one part."""
    if isinstance(document.data, dict):
        if _KEPT.search(shown):
            yield Part("ansible_vars", os.path.basename(shown), shown, data=_opened(document.data))
        return
    known = _Known(file, file.removesuffix(shown), text_of)
    yield from _numbered(_of_list(document, known))


def _numbered(found: Iterator[Part]) -> Iterator[Part]:
    """Parts with ids of their own: the second task of a name is its `#2`."""
    seen: dict[str, int] = {}
    for part in found:
        seen[part.id] = seen.get(part.id, 0) + 1
        nth = seen[part.id]
        yield part if nth == 1 else replace(part, id=f"{part.id}#{nth}")


def _of_list(document: Document, known: _Known) -> Iterator[Part]:
    for index, entry in enumerate(document.data if isinstance(document.data, list) else ()):
        if not isinstance(entry, dict):
            continue
        if "hosts" in entry:
            yield from _play(document, (index,), entry, known)
        else:
            yield from _task(document, (index,), known, {}, ())


def _play(document: Document, path: Path, play: dict[str, Any], known: _Known) -> Iterator[Part]:
    known.take_of_play(play)
    own = _mapping(play.get("vars"))
    shared: tuple[Path, ...] = ((*path, "environment"),) if play.get("environment") else ()
    for name in _LISTS:
        tasks = play.get(name)
        for index in range(len(tasks) if isinstance(tasks, list) else 0):
            yield from _task(document, (*path, name, index), known, own, shared)


def _task(
    document: Document,
    path: Path,
    known: _Known,
    outer: dict[str, Any],
    shared: tuple[Path, ...],
) -> Iterator[Part]:
    task = at(document.data, path)
    if not isinstance(task, dict):
        return
    own = {**outer, **_mapping(task.get("vars"))}
    blocks = [b for b in _BLOCKS if isinstance(task.get(b), list)]
    if blocks:
        around = (*shared, (*path, "environment")) if task.get("environment") else shared
        for block in blocks:
            for index in range(len(task[block])):
                yield from _task(document, (*path, block, index), known, own, around)
        return
    read: set[str] = set()
    data = known.filled({k: v for k, v in task.items() if k not in _CONTROL}, own, read)
    name = str(task.get("name") or next((k for k in task if k not in _CONTROL), "task"))
    line = document.line(path)
    refs = tuple(ByAddress(address=f, path="vars", line=line) for f in sorted(read))
    yield Part("ansible_task", name, f"tasks.{name}", path, shared, (), (), refs, data=data)


class _Known:
    """Values of variables that a project's files give, with the file that each comes from."""

    def __init__(self, file: str, root: str, text_of: TextOf) -> None:
        self._root = root
        self._folder = os.path.dirname(file)
        self._text_of = text_of
        self._values: dict[str, tuple[Any, str]] = {}
        above = self._folder
        for _ in range(4):
            for name in ("group_vars/all.yml", "group_vars/all.yaml", "group_vars/all/main.yml"):
                self._take(os.path.join(above, name))
            above = os.path.dirname(above)
        for name in ("defaults/main.yml", "vars/main.yml"):
            self._take(os.path.normpath(os.path.join(self._folder, "..", name)))

    def take_of_play(self, play: dict[str, Any]) -> None:
        """Takes the variable files and the roles' variables that a play names."""
        for name in play.get("vars_files") or ():
            if isinstance(name, str):
                self._take(os.path.normpath(os.path.join(self._folder, name)))
        for role in play.get("roles") or ():
            named = role.get("role", role.get("name")) if isinstance(role, dict) else role
            for name in ("defaults/main.yml", "vars/main.yml"):
                self._take(os.path.join(self._folder, "roles", str(named), name))

    def _take(self, file: str) -> None:
        text = self._text_of(file)
        if not text or text.startswith(_VAULT):
            return
        try:
            (document, *_) = read_file(text, file)
        except (Unreadable, ValueError):
            return  # the file is read, and said of, by itself
        for key, value in _mapping(_opened(document.data)).items():
            self._values[key] = (value, file.removeprefix(self._root))

    def filled(self, node: Any, own: dict[str, Any], read: set[str]) -> Any:
        """Data with `{{ name }}` replaced where it is known; files that gave a value go into `read`."""
        if isinstance(node, dict):
            vault = node.get("Fn::vault")
            if vault is not None:
                return Unknown("is kept in a vault")
            return {k: self.filled(v, own, read) for k, v in node.items()}
        if isinstance(node, list):
            return [self.filled(v, own, read) for v in node]
        return self._text(node, own, read) if isinstance(node, str) and "{{" in node else node

    def _text(self, text: str, own: dict[str, Any], read: set[str]) -> Any:
        missing: list[str] = []

        def fill(found: re.Match[str]) -> str:
            value: Any = own.get(found[1])
            if value is None and found[1] in self._values:
                value, file = self._values[found[1]]
                read.add(file)
            if value is None and found[2] is not None:
                value = found[2]
            if isinstance(value, (str, int)) and "{{" not in str(value):
                return str(value)
            missing.append(found[1])
            return found[0]

        filled = _LOOKUP.sub(fill, text)
        rest = "{{" in filled
        return Unknown(f"the variable {', '.join(missing) or text[:40]}") if rest else filled


def _opened(data: Any) -> Any:
    """Variables with what a vault keeps as unknown."""
    if isinstance(data, dict):
        if "Fn::vault" in data:
            return Unknown("is kept in a vault")
        return {k: _opened(v) for k, v in data.items()}
    return data


def _mapping(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}
