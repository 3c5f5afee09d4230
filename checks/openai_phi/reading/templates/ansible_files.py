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
_WHOLE = re.compile(r"\s*\{\{((?:(?!\}\}).)*)\}\}\s*", re.DOTALL)
_JOINED = re.compile(r"(combine|union)\((.*)\)", re.DOTALL)
_DEFAULT = re.compile(r"(?:default|d)\((.*?)(?:,\s*true)?\)", re.DOTALL)
_OTHER_FORM = frozenset({"items2dict", "dict2items", "to_json", "to_nice_json", "to_yaml", "list"})
_NAME = re.compile(r"([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[['\"][^'\"]*['\"]\])*)")
_STEP = re.compile(r"\.([A-Za-z_]\w*)|\[['\"]([^'\"]*)['\"]\]")
_DEEPEST = 10
_VAULT = "$ANSIBLE_VAULT"
_WRITES = {"template": "templates", "copy": "files", "lineinfile": "files", "blockinfile": "files"}
"""Modules that write a file, and the folder of a role in which what they take lies."""
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
    data = known.with_files(data, task, own, read)
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
        self._written: dict[str, str] = {}
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
        if not isinstance(node, str) or "{{" not in node:
            return node
        whole = _WHOLE.fullmatch(node)
        found = self._expression(whole[1], own, read) if whole else None
        return self._text(node, own, read) if found is None else found

    def _expression(self, text: str, own: dict[str, Any], read: set[str], depth: int = 0) -> Any:
        """The map or list that an expression is, as far as it is known; None if it is none."""
        if depth > _DEEPEST:
            return None
        pieces = _piped(text)
        value: Any = self._value(pieces[0], own, read)
        for piece in pieces[1:]:
            joined = _JOINED.fullmatch(piece)
            default = _DEFAULT.fullmatch(piece)
            if joined:
                value = value if isinstance(value, (dict, list)) else {}
                for argument in _arguments(joined[2]):
                    more = self._expression(argument, own, read, depth + 1)
                    value = _put_together(value, more)
            elif default and value is None:
                value = self._expression(default[1], own, read, depth + 1)
            elif piece.split("(")[0] in _OTHER_FORM:
                continue
        return value if isinstance(value, (dict, list)) else None

    def _value(self, text: str, own: dict[str, Any], read: set[str]) -> Any:
        """What a name, or a part of what it holds, stands for; a literal map or list as such."""
        text = text.strip()
        if text.startswith("(") and text.endswith(")"):
            return self._expression(text[1:-1], own, read, 1)
        if text[:1] in "{[":
            try:
                (document, *_) = read_file(text, "literal.json")
            except (Unreadable, ValueError):
                return None
            return self.filled(document.data, own, read)
        named = _NAME.fullmatch(text)
        if named is None:
            return None
        name, steps = named[1], [a or b for a, b in _STEP.findall(named[2])]
        value: Any = own.get(name)
        if value is None and name in self._values:
            value, file = self._values[name]
            read.add(file)
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str) and "{{" in value and value.strip() != text:
            whole = _WHOLE.fullmatch(value)
            return self._expression(whole[1], own, read, 2) if whole else value
        return self.filled(value, own, read) if isinstance(value, (dict, list)) else value

    def with_files(
        self, data: Any, task: dict[str, Any], own: dict[str, Any], read: set[str]
    ) -> Any:
        """A task with the text of the file that it copies or fills in, or that its program is given.

        What an earlier task of the list wrote is remembered by its destination.
        """
        out = dict(data)
        for module, given in data.items():
            short = str(module).rpartition(".")[2]
            if not isinstance(given, dict):
                continue
            if short in _WRITES:
                text = self._content(short, task[module], own, read)
                target = given.get("dest") or given.get("path")
                if text:
                    out[module] = {**given, "content": text}
                if text and isinstance(target, str):
                    self._written[target] = f"{self._written.get(target, '')}{text}\n"
            named = given.get("env_file") or given.get("env_files") or given.get("env-file")
            for name in named if isinstance(named, list) else [named]:
                if isinstance(name, str) and name in self._written:
                    out[module] = {**given, "written": self._written[name]}
        return out

    def _content(
        self, module: str, given: dict[str, Any], own: dict[str, Any], read: set[str]
    ) -> str:
        """What a task writes: its own text, a line, or a file of the role or beside the play."""
        for key in ("content", "line", "block"):
            if isinstance(given.get(key), str):
                return _LOOKUP.sub(lambda f: str(self._known_text(f, own)), given[key])
        source = given.get("src")
        if not isinstance(source, str):
            return ""
        for folder in (f"../{_WRITES[module]}", _WRITES[module], "."):
            path = os.path.normpath(os.path.join(self._folder, folder, source))
            text = self._text_of(path)
            if text:
                read.add(path.removeprefix(self._root))
                return _LOOKUP.sub(lambda f: str(self._known_text(f, own)), text)
        return ""

    def _known_text(self, found: re.Match[str], own: dict[str, Any]) -> str:
        """What a place in a template is filled with; as it is written where that is not known."""
        value = own.get(found[1])
        if value is None and found[1] in self._values:
            value = self._values[found[1]][0]
        value = found[2] if value is None else value
        return str(value) if isinstance(value, (str, int)) and "{{" not in str(value) else found[0]

    def _text(
        self, text: str, own: dict[str, Any], read: set[str], seen: frozenset[str] = frozenset()
    ) -> Any:
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
            if isinstance(value, str) and found[1] not in seen:  # made of others
                inner = self._text(value, own, read, seen | {found[1]})
                if not isinstance(inner, Unknown):
                    return str(inner)
                missing.append(inner.what)
                return found[0]
            missing.append(found[1])
            return found[0]

        filled = _LOOKUP.sub(fill, text)
        if "{{" not in filled:
            return filled
        whole = len(missing) == 1 and _LOOKUP.fullmatch(text.strip())
        said = f"the variable {', '.join(missing) or text[:40]}"
        return Unknown(said, what=missing[0] if whole else text.strip())


def _piped(text: str) -> list[str]:
    """An expression's value and its filters."""
    return _split(text, "|")


def _arguments(text: str) -> list[str]:
    return [a for a in _split(text, ",") if not re.match(r"\w+\s*=", a)]


def _split(text: str, mark: str) -> list[str]:
    """The pieces of an expression between marks that stand outside of brackets and quotes."""
    out, depth, quote, piece = [], 0, "", ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        depth += 0 if quote else (char in "([{") - (char in ")]}")
        if char == mark and depth == 0 and not quote:
            out.append(piece.strip())
            piece = ""
        else:
            piece += char
    return [*out, piece.strip()]


def _put_together(one: Any, more: Any) -> Any:
    if isinstance(one, dict) and isinstance(more, dict):
        return {**one, **more}
    if isinstance(one, list) and isinstance(more, list):
        return [*one, *more]
    return one


def _opened(data: Any) -> Any:
    """Variables with what a vault keeps as unknown."""
    if isinstance(data, dict):
        if "Fn::vault" in data:
            return Unknown("is kept in a vault")
        return {k: _opened(v) for k, v in data.items()}
    return data


def _mapping(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}
