"""Terraform as the repository's own commands plan it: `-var`, `-var-file`, `TF_VAR_…` in scripts and workflows."""

from __future__ import annotations

import glob
import json
import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from openai_phi.declared.declarations import Declarations
from openai_phi.reading.charts.variants import var_files
from openai_phi.reading.disk.written_commands import (
    HOLE,
    Command,
    Scripts,
    environment_of,
    environments_in,
    filled_in,
)
from openai_phi.reading.terraform.terraform_source import (
    GIVEN,
    Block,
    Source,
    SourceError,
    Variables,
)
from openai_phi.text.file_forms import TERRAFORM

_PROGRAMS = "terraform|tofu"
_VERBS = "plan|apply"
_PREFIX = "TF_VAR_"
_ARGUMENTS = re.compile(rf"TF_CLI_ARGS(?:_(?:{_VERBS}))?")
_TYPE = re.compile(r"\btype\s*=\s*\"?(\w+)")
_PLAIN = re.compile(r"true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?")
_MOST = 30
"""Ways in which one root may be planned that are read."""
_NOT_KNOWN = "terraform.given"
"""What stands in HCL for a part that only a run knows."""


class Planned:
    """How the roots of a repository are planned: with their variable files, and as its commands say."""

    def __init__(self, root: str, files: Collection[str], declared: Declarations) -> None:
        self._root = os.path.abspath(root)
        self._files = list(files)
        self._declared = declared
        self._source = Source(self._root)
        self._roots = sorted({os.path.dirname(f) for f in self._files if f.endswith(TERRAFORM)})
        self._told: tuple[dict[str, list[Variables]], dict[str, list[Variables]]] | None = None

    def of(self, folder: str) -> list[Variables]:
        """What a root is planned with beside what it always takes, each way once."""
        commands, environments = self._all() if folder in self._roots else ({}, {})
        planned = commands.get(folder, [])
        taken = {b.file for v in planned for b in v.given}
        files = var_files(folder, self._files, self._declared, self._root)
        chosen = [v for f in files if f not in taken for v in self._with_file(folder, f)]
        ways = [*chosen, *planned]
        around = environments.get(folder, [])
        if around:
            ways = [_within(e, way) for e in around for way in ways] or around
        once = {(v.blocks[-1].kind == GIVEN or v.name, _said(v)): v for v in reversed(ways)}
        return list(reversed(once.values()))[:_MOST]

    def _with_file(self, folder: str, file: str) -> Iterator[Variables]:
        try:
            block = self._source.var_block(file)
        except SourceError:
            return
        yield Variables(os.path.relpath(file, folder), given=(block,))

    def _all(self) -> tuple[dict[str, list[Variables]], dict[str, list[Variables]]]:
        """Root -> what commands plan it with, and -> environments of files that plan nothing themselves."""
        if self._told is None:
            scripts = Scripts(self._root)
            commands = scripts.commands(_PROGRAMS, _VERBS)
            planned: dict[str, list[Variables]] = {}
            for command in commands:
                for folder, sure in self._meant(command):
                    for variables in self._of_command(command, folder, sure):
                        planned.setdefault(folder, []).append(variables)
            speaking = {c.file for c in commands}
            texts = [(f, t) for f, t in scripts.texts if _PREFIX in t and f not in speaking]
            self._told = planned, self._environments(texts)
        return self._told

    # -- which root a command is about ---------------------------------------------------------

    def _meant(self, command: Command) -> list[tuple[str, bool]]:
        """The roots that a command may plan, and whether that is certain."""
        inside = next(command.values("-chdir"), "")
        for folder in command.folders:
            path = os.path.normpath(os.path.join(folder, inside))
            found = [r for r in self._roots if _fits(path, r)]
            if found:
                return [(r, HOLE not in path) for r in found]
        names = [n for n, _ in _pairs(command)]
        named = [f for f in command.values("-var-file", "--var-file") if HOLE not in f]
        if not names and not named:
            return []
        return [
            (r, False)
            for r in self._roots
            if all(self._declares(r, n) for n in names)
            and all(self._found(f, r, command) for f in named)
            and any(r == d or r.startswith(d + os.sep) for d in command.folders)
        ]

    def _declares(self, folder: str, name: str) -> bool:
        return self._source.find(folder, "variable", (name,)) is not None

    # -- what it is given ----------------------------------------------------------------------

    def _of_command(self, command: Command, folder: str, sure: bool) -> Iterator[Variables]:
        around = list(environment_of(command))
        words = [w for n, v, _ in around if _ARGUMENTS.fullmatch(n) for w in str(v).split()]
        command = replace(command, words=(*command.words[:1], *words, *command.words[1:]))
        text = next((t for f, t in self._texts(command)), "")
        environment = tuple(self._of_environment(around, command.file, text, folder))
        listed: list[list[Block]] = []
        open_ = False
        for flag, value in _given(command):
            if flag == "var":
                name, _, said = value.partition("=")
                listed.append(self._single(folder, name, said, command.file, command.line))
                continue
            found = self._found(value, folder, command)
            open_ = open_ or len(found) > 1
            listed.append([b for f in found for b in self._opened(f)])
        at = f"{os.path.relpath(command.file, self._root)}:{command.line}".replace(os.sep, "/")
        for blocks in product(*(b for b in listed if b)):
            names = [os.path.relpath(b.file, folder) for b in blocks if b.kind != GIVEN]
            name = f"{at} with {' and '.join(names)}" if open_ else at
            if not environment and len(names) == len(blocks) == 1:
                name = names[0]
            if environment or blocks:
                yield Variables(name, environment, blocks, sure)

    def _texts(self, command: Command) -> Iterator[tuple[str, str]]:
        try:
            yield command.file, self._source.text(command.file)
        except SourceError:
            return

    def _opened(self, file: str) -> Iterator[Block]:
        try:
            yield self._source.var_block(file)
        except SourceError:
            return

    def _found(self, path: str, folder: str, command: Command) -> list[str]:
        """The variable files that a path of a command may mean."""
        for home in (folder, *command.folders):
            whole = os.path.normpath(os.path.join(home, path))
            if not whole.startswith(self._root + os.sep):
                continue
            if HOLE not in whole:
                found = [whole] if os.path.isfile(whole) else []
            else:
                parts = map(glob.escape, whole.split(HOLE))
                found = sorted(f for f in glob.glob("*".join(parts)) if os.path.isfile(f))
            if found:
                return found[:_MOST]
        return []

    def _environments(self, texts: Iterable[tuple[str, str]]) -> dict[str, list[Variables]]:
        """Root -> what files that plan nothing put into the environment: a workflow that calls `make`."""
        out: dict[str, list[Variables]] = {}
        for file, text in texts:
            around = [e for e in environments_in(file, text) if e[0].startswith(_PREFIX)]
            home = _home(file, self._root)
            for folder in self._roots if around else ():
                if folder == home or folder.startswith(home.rstrip(os.sep) + os.sep):
                    blocks = tuple(self._of_environment(around, file, text, folder))
                    if blocks:
                        name = os.path.relpath(file, self._root).replace(os.sep, "/")
                        out.setdefault(folder, []).append(Variables(name, blocks, (), False))
        return out

    def _of_environment(
        self, around: Iterable[tuple[str, Any, int]], file: str, text: str, folder: str
    ) -> Iterator[Block]:
        for name, value, line in around:
            if name.startswith(_PREFIX):
                said = filled_in(text, value if isinstance(value, str) else json.dumps(value))
                yield from self._single(folder, name.removeprefix(_PREFIX), said, file, line)

    def _single(self, folder: str, name: str, value: str, file: str, line: int) -> list[Block]:
        """One value as a block; none where the root has no such variable."""
        variable = self._source.find(folder, "variable", (name,))
        if variable is None:
            return []
        declared = _TYPE.search(variable.text)
        said = _as_hcl(value, declared[1] if declared else "")
        # so that the value stands on the block's second line, which is the file's
        return [Block(GIVEN, (), file, line - 1, line, f"{GIVEN} {{\n{name} = {said}\n}}")]


def _said(variables: Variables) -> tuple[tuple[str, str], ...]:
    return tuple((b.kind, b.text) for b in variables.blocks)


def _within(around: Variables, way: Variables) -> Variables:
    """A way of planning in an environment that another file sets."""
    return replace(
        way,
        name=f"{around.name}, {way.name}" if way.name != around.name else way.name,
        environment=(*around.environment, *way.environment),
    )


def _home(file: str, root: str) -> str:
    """The folder that a file of CI speaks for: where the hidden folder lies that it is in, else its own."""
    steps = os.path.relpath(os.path.dirname(file), root).split(os.sep)
    shown = next((i for i, s in enumerate(steps) if s.startswith(".") and s != "."), len(steps))
    return os.path.normpath(os.path.join(root, *steps[:shown]))


def _fits(path: str, root: str) -> bool:
    """Whether a path, parts of which may be open, is a root's."""
    if HOLE not in path:
        return path == root
    pattern = r"[^/]+".join(re.escape(p) for p in path.split(HOLE))
    return re.fullmatch(pattern, root) is not None


def _given(command: Command) -> Iterator[tuple[str, str]]:
    """(`var` or `file`, what is given) in the order of a command's words."""
    words = command.words
    for index, word in enumerate(words):
        name, equals, value = word.lstrip("-").partition("=")
        if word.startswith("-") and name in ("var", "var-file"):
            value = value if equals else next(iter(words[index + 1 : index + 2]), "")
            yield ("var" if name == "var" else "file"), value.strip("\"'")


def _pairs(command: Command) -> Iterator[tuple[str, str]]:
    for flag, value in _given(command):
        name, equals, said = value.partition("=")
        if flag == "var" and equals:
            yield name, said


def _as_hcl(value: str, type_: str) -> str:
    """A value from a command line as Terraform takes it for a variable of a type, as an expression."""
    written = type_ not in ("", "string", "number", "bool", "any") or value.lstrip()[:1] in "{["
    if written and value.strip() and value != HOLE:
        return _with_holes(" ".join(value.split("\n")))
    if _PLAIN.fullmatch(value) and type_ != "string":
        return value
    if value == HOLE:
        return _NOT_KNOWN
    text = json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return text.replace(HOLE, f"${{{_NOT_KNOWN}}}")


def _with_holes(value: str) -> str:
    """An expression with what stands for its unknown parts, in quotes and outside of them."""
    out: list[str] = []
    for part in value.split(HOLE):
        quoted = "".join(out).count('"') % 2
        out += [f"${{{_NOT_KNOWN}}}" if quoted else _NOT_KNOWN] if out else []
        out.append(part)
    return "".join(out)
