"""Command lines that a repository writes down: in make files, scripts, workflows and other CI files."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from openai_phi.facts.ci_tasks import task_words
from openai_phi.reading.disk.task_inputs import given_commands
from openai_phi.text.documents import LOADER, Unreadable, decoded, node_lines, plain
from openai_phi.words.places import Path

_MAKE = re.compile(r"(GNU)?[Mm]akefile([._-][\w.-]+)?$|.*\.mk$|[Jj]ustfile$|.*\.just$")
_SCRIPT = re.compile(r".*\.(sh|bash|zsh|ps1|cmd|bat|groovy)$|Jenkinsfile([._-][\w.-]+)?$|Tiltfile$")
_LISTED = re.compile(r".*\.ya?ml$|package\.json$")
_ENVIRONMENT = re.compile(r"\.envrc$|(.*\.)?env(\.[\w-]+)?$")
_PROSE = re.compile(r".*\.(md|rst|txt|adoc)$")
_LEFT = frozenset({".git", ".terraform", "node_modules", ".venv", "venv", "vendor", "__pycache__"})
_ENDS = re.compile(r"(?<![\\$])(?:&&|\|\||[;|]|(?<=\s)#|(?<=\s)[12&]?>)")
_ASSIGNED = re.compile(
    r"^\s*(?:export\s+|-\s*)?([A-Za-z_]\w*)\s*(?::=|\?=|=|:)\s*[\"']?([^\"'\n#]*?)[\"']?\s*$",
    re.MULTILINE,
)
_VARIABLE = re.compile(
    r"\$\{\{\s*(?:[\w.-]+\.)?(?P<ci>[\w-]+)\s*\}\}|\$\((?P<make>\w+)\)"
    r"|\$?\$\{(?P<brace>[A-Za-z_]\w*)(?:\[@\]|:?[-=](?P<or>[^}]*))?\}|\$?\$(?P<bare>[A-Za-z_]\w*)"
    r"|\$\{\{[^{}]*\}\}|\$\{[^{}]*\}|\$\([^()]*\)|\$[0-9@*]|`[^`\n]*`"
)
_CD = re.compile(r"(?:^|[\s;&(@])(?:cd|pushd)\s+[\"']?([\w./${}()-]+)[\"']?\s*(?:&&|;)")
_SET = re.compile(
    r"(?:^|[\s;\"'=])([A-Za-z_]\w*)(?:\s*[:?]?=\s*|\])"
    r"(?:\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|([^\s\"';&|]*))"
)
_MADE = re.compile(r"([A-Za-z_]\w*)[ \t]*(?:::?|\?)?=[ \t]*(.*?)[ \t]*$")
_TARGET = re.compile(r"([\w.%/-]+(?:[ \t]+[\w.%/-]+)*)[ \t]*::?(?!=)")
_WHOLE_LIST = re.compile(r"\"\$\{(\w+)\[[@*]\]\}\"")
_LIST = re.compile(
    r"^[ \t]*(?:(?:local|declare|readonly|export)\s+(?:-\w+\s+)?)?([A-Za-z_]\w*)\+?=\(((?:[^()#]|\$\([^()]*\))*)\)",
    re.MULTILINE,
)
_DATA = re.compile(r"\b(?:args|command|extra_args|entrypoint|workflows)\b[\"']?\s*:")
_ROOT = re.compile(
    r"\$\((?:System\.DefaultWorkingDirectory|Build\.SourcesDirectory|Pipeline\.Workspace)\)"
    r"|\$\{\{\s*github\.workspace\s*\}\}"
)
"""How files of CI call the folder of the repository."""
_WORKING = ("working-directory", "workingDirectory", "working_directory", "working_dir", "dir")
"""What files of CI and Compose call the folder that a script runs in."""
_ENVIRONMENTS = ("env", "environment", "variables")
_NO_VALUE = ("[", "|", ">", "&", "*", "!")
_LONGEST = 1000
_DEEPEST = 5
_MOST = 1_000_000
HOLE = "{{unknown}}"
"""What stands for a part that only a run knows."""


@dataclass(frozen=True)
class Command:
    """A command as it is written: its words, its line, and the folders it may be run in, likeliest first."""

    file: str
    line: int
    words: tuple[str, ...]
    folders: tuple[str, ...]
    script: Script = field(default_factory=lambda: Script(1, ""))

    def values(self, *flags: str) -> Iterator[str]:
        """What is given to flags, as `--flag value` or `--flag=value`."""
        for index, word in enumerate(self.words):
            name, equals, value = word.partition("=")
            if name in flags and equals:
                yield value
            elif word in flags and index + 1 < len(self.words):
                yield self.words[index + 1]


class Scripts:
    """The files below a folder that may hold commands, hidden ones too, read once."""

    def __init__(self, root: str) -> None:
        self._root = os.path.abspath(root)
        self._texts = list(_read(self._root))

    def commands(self, program: str, verbs: str) -> list[Command]:
        """The commands of a program with one of the verbs (a pattern), in order of the files."""
        out: list[Command] = []
        for file, text in self._texts:
            known = _assigned(text)
            start = _start("|".join((program, *_aliases(known, program))), verbs)
            if start.search(text):
                out.extend(_of_file(file, text, start, self._root, known))
            if file.endswith((".yaml", ".yml")) and (
                _DATA.search(text) or task_words().search(text)
            ):
                out.extend(_of_data(file, text, program, verbs, self._root))
        return out

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """The files and their texts, in order."""
        return tuple(self._texts)


def _start(programs: str, verbs: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w./-])(?:[\w./-]*/)?(?:{programs})(?:\s+-{{1,2}}[\w-]+(?:[= ][^\s-]\S*)?)*\s+(?:{verbs})\b"
    )


def holds_commands(file: str) -> bool:
    """Whether a file may hold command lines that somebody runs, by its name."""
    base = os.path.basename(file)
    return any(
        p.fullmatch(base) for p in (_MAKE, _SCRIPT, _LISTED, _ENVIRONMENT)
    ) and not _PROSE.fullmatch(base)


def _read(root: str) -> Iterator[tuple[str, str]]:
    for base, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in _LEFT)
        for name in sorted(names):
            path = os.path.join(base, name)
            if not holds_commands(path) or not os.path.isfile(path):
                continue
            try:
                if os.path.getsize(path) > _MOST:
                    continue
                with open(path, "rb") as handle:
                    text = decoded(handle.read())
            except OSError:
                continue
            known = any(map(text.__contains__, _PARTS)) and _WORDS.search(text)
            if known or task_words().search(text):
                yield path, text


_WORDS = re.compile(
    r"\b(helm|helmfile|cloudformation|sam|docker|compose|az|kubectl|oc|serverless|sls|terraform"
    r"|tofu|ansible-playbook|nomad|podman|pulumi|aws)\b"
    r"|\bTF_VAR_|\bextra_args\b"
)
_PARTS = tuple(re.findall(r"\w{2,}", _WORDS.pattern.replace("\\b", " ")))
"""What a text without one of those words cannot hold; looked for first, since it is quicker."""


def _of_file(
    file: str,
    text: str,
    start: re.Pattern[str],
    root: str,
    known: dict[str, str],
) -> Iterator[Command]:
    for script in scripts_of(file, text, start):
        gone: list[str] = []
        around = {n: str(v) for n, v, _ in script.variables if isinstance(v, (str, int, float))}
        fill = _filling({**known, **_plain(around)})
        for offset, logical in _logical(script.text):
            logical = _WHOLE_LIST.sub(r"${\1[@]}", logical)
            for found in start.finditer(logical):
                rest = logical[found.start() :]
                words = _split(_VARIABLE.sub(fill, rest[: _end(rest)]))
                here = _CD.findall(logical[: found.start()])
                moved = [script.folder, *script.moved, *gone, *here]
                before = [_VARIABLE.sub(fill, d) for d in moved if d]
                folders = _folders(file, root, before)
                yield Command(file, script.line + offset, words, folders, script)
            if not _MAKE.fullmatch(os.path.basename(file)):  # each line of a recipe begins anew
                gone += _moves(logical)


def _plain(given: Mapping[str, str]) -> dict[str, str]:
    """Variables that have a plain value, as texts."""
    return {n: {"True": "true", "False": "false"}.get(v, v) for n, v in given.items()}


def _of_data(file: str, text: str, program: str, verbs: str, root: str) -> Iterator[Command]:
    """The commands that a file of CI gives as data: arguments in a list, inputs of a task."""
    fill = _filling(_assigned(text))
    try:
        for node in yaml.compose_all(text, Loader=LOADER):
            data, lines = (plain(node), node_lines(node)) if node is not None else (None, {})
            for given in given_commands(data, program, verbs):
                line = lines.get(given.path, 1)
                words = tuple(_VARIABLE.sub(fill, w) for w in given.words)
                folder = _VARIABLE.sub(fill, _ROOT.sub(".", given.folder))
                variables = tuple((n, v, line) for n, v in given.variables)
                script = Script(line, "", folder, (), variables)
                folders = _folders(file, root, [folder] if folder else [])
                yield Command(file, line, words, folders, script)
    except (yaml.YAMLError, Unreadable, RecursionError, ValueError, KeyError, IndexError):
        return


def _moves(logical: str) -> list[str]:
    """Where a line of a script leaves the next ones."""
    return _CD.findall(f"{logical};") if "(" not in logical else []


def _assigned(text: str) -> dict[str, str]:
    """The variables that a file gives a value, as far as it is a plain one."""
    joined = text.replace("\\\n", " ")
    out = {
        n: v
        for n, v in _ASSIGNED.findall(joined)
        if v and "{{" not in v and not v.startswith(_NO_VALUE) and len(v) < _LONGEST
    }
    lists: dict[str, list[str]] = {}
    for name, words in _LIST.findall(joined) if "=(" in joined else ():
        lists.setdefault(name, []).append(" ".join(words.split()))
    joined_lists = {n: " ".join(w) for n, w in lists.items()}
    return {**out, **{n: w for n, w in joined_lists.items() if w and len(w) < _LONGEST}}


def _aliases(known: Mapping[str, str], program: str) -> Iterator[str]:
    """How else a file calls a program: `$(TF)` where it says `TF = terraform`."""
    for name, value in known.items():
        if re.fullmatch(rf"(?:[\w./-]*/)?(?:{program})", value):
            yield rf"\$[({{]{name}[)}}]|\${name}\b"


@dataclass(frozen=True)
class Script:
    """A text that may be a script: its 1-based first line, where a file says that it runs, and after what."""

    line: int
    text: str
    folder: str = ""
    """The working directory that the file gives it."""
    moved: tuple[str, ...] = ()
    """Where the scripts before it, which it goes on, left it."""
    variables: tuple[tuple[str, Any, int], ...] = ()
    """Its environment as far as its file gives it: name, value, line; what counts more comes last."""


def scripts_of(file: str, text: str, wanted: re.Pattern[str]) -> Iterator[Script]:
    """What may be a script and holds what is wanted: of each text of a YAML file, else the whole."""
    if not file.endswith((".yaml", ".yml")):
        yield Script(1, text)
        return
    try:
        for node in yaml.compose_all(text, Loader=LOADER):
            if node is not None:
                yield from _in_yaml(plain(node), node_lines(node), wanted)
    except (yaml.YAMLError, Unreadable, RecursionError, ValueError, KeyError, IndexError):
        yield Script(1, text)


def _in_yaml(data: Any, lines: Mapping[Path, int], wanted: re.Pattern[str]) -> Iterator[Script]:
    before: list[tuple[Path, str]] = []
    for path, _ in sorted(lines.items(), key=_in_order):
        around = [data]
        for step in path:
            around.append(_below(around[-1], step))
        text = around[-1]
        if not isinstance(text, str):
            continue
        if wanted.search(text):
            yield _script(text, path, around, before, lines)
        before.append((path, text))


def _in_order(entry: tuple[Path, int]) -> tuple[int, tuple[str, ...]]:
    """By the line, on one line by the places in lists."""
    path, line = entry
    return line, tuple(f"{s:06}" if isinstance(s, int) else "" for s in path)


def _script(
    text: str,
    path: Path,
    around: list[Any],
    before: list[tuple[Path, str]],
    lines: Mapping[Path, int],
) -> Script:
    siblings = [t for p, t in before if p[:-1] == path[:-1] and isinstance(path[-1], int)]
    first = _list(around[-3], "before_script") if len(around) > 2 else []
    moved = [d for t in (*first, *siblings) for _, part in _logical(t) for d in _moves(part)]
    given = [v for q, held in _held(path, around) for v in _environment(held, q, lines)]
    told = [v for p, t in before if _same_job(p, path) for v in _set_for_later(t, lines[p])]
    folder = next(filter(None, map(_folder_of, reversed(around))), "")
    return Script(lines[path], text, folder, tuple(moved), (*given, *told))


def _below(held: Any, step: str | int) -> Any:
    return held[step] if isinstance(held, (dict, list)) else None  # type: ignore[index]


def _list(held: Any, key: str) -> list[str]:
    found = held.get(key) if isinstance(held, dict) else None
    return [t for t in found if isinstance(t, str)] if isinstance(found, list) else []


def _held(path: Path, around: list[Any]) -> Iterator[tuple[Path, Any]]:
    """The mappings that a text lies in, from the outermost on."""
    yield from ((path[:depth], held) for depth, held in enumerate(around) if isinstance(held, dict))


def _folder_of(held: Any) -> str:
    """The working directory that a mapping gives to its scripts."""
    if not isinstance(held, dict):
        return ""
    run = held.get("defaults")
    run = run.get("run") if isinstance(run, dict) else None
    found = [h.get(key) for h in (held, run) if isinstance(h, dict) for key in _WORKING]
    return next((f for f in found if isinstance(f, str)), "")


def _environment(
    held: Mapping[str, Any], path: Path, lines: Mapping[Path, int]
) -> Iterator[tuple[str, Any, int]]:
    for key in _ENVIRONMENTS:
        found = held.get(key)
        if isinstance(found, dict):
            for name, value in found.items():
                yield str(name), value, lines.get((*path, key, name), 1)
        for index, entry in enumerate(found if isinstance(found, list) else ()):
            where = (*path, key, index)
            if isinstance(entry, dict) and "name" in entry:
                yield str(entry["name"]), entry.get("value"), lines.get((*where, "value"), 1)
            elif isinstance(entry, str) and "=" in entry:
                name, _, value = entry.partition("=")
                yield name, value, lines.get(where, 1)


def _same_job(path: Path, later: Path) -> bool:
    """Whether two texts stand in one list of steps."""
    at = next((i for i, step in enumerate(path) if isinstance(step, int)), 0)
    return bool(at) and path[:at] == later[:at]


def _set_for_later(text: str, line: int) -> Iterator[tuple[str, Any, int]]:
    for offset, part in _logical(text):
        if "GITHUB_ENV" in part or "export" in part or "setvariable" in part:
            yield from ((name, value, line + offset) for name, value in assigned_in(part))


def assigned_in(line: str) -> Iterator[tuple[str, str]]:
    """The variables that a line of a script gives a value, without its quotes."""
    for found in _SET.finditer(line):
        value = next((v for v in found.groups()[1:] if v is not None), "")
        yield found[1], value.replace('\\"', '"') if found[2] is not None else value


def environments_in(file: str, text: str) -> Iterator[tuple[str, Any, int]]:
    """The variables that the lines of a file, or its mappings for an environment, give a value."""
    if not file.endswith((".yaml", ".yml")):
        for offset, line in _logical(text):
            yield from ((name, value, offset + 1) for name, value in assigned_in(line))
        return
    try:
        for node in yaml.compose_all(text, Loader=LOADER):
            data, lines = (plain(node), node_lines(node)) if node is not None else (None, {})
            for path, at in sorted(lines.items(), key=_in_order):
                held = data
                for step in path:
                    held = _below(held, step)
                if isinstance(held, dict):
                    yield from _environment(held, path, lines)
                elif isinstance(held, str):
                    yield from _set_for_later(held, at)
    except (yaml.YAMLError, Unreadable, RecursionError, ValueError, KeyError, IndexError):
        return


def filled_in(text: str, value: str) -> str:
    """A value with what the text of its file gives its variables; `HOLE` stands for the rest."""
    return _VARIABLE.sub(_filling(_assigned(text)), value)


def environment_of(command: Command) -> Iterator[tuple[str, Any, int]]:
    """The variables that a command finds set: by what its script lies in, by lines before it, on its own line."""
    yield from command.script.variables
    at, first = command.line - command.script.line, command.script.line
    lines = [(n, t) for n, t in _logical(command.script.text) if n <= at]
    make = _MAKE.fullmatch(os.path.basename(command.file)) is not None
    for offset, line in _of_target(lines, at) if make else lines:
        made = _MADE.search(line) if make and line[:1] != "\t" else None
        found = [(made[1], made[2])] if made else assigned_in(line)
        yield from ((name, value, first + offset) for name, value in found)


def _of_target(lines: list[tuple[int, str]], at: int) -> list[tuple[int, str]]:
    """Of the lines of a make file those that count for the recipe of one: its own, and none of other targets."""
    heads = [(offset, h[1]) for offset, line in lines if (h := _TARGET.match(line))]
    target = next((name for offset, name in reversed(heads) if offset <= at), "")
    others = {offset for offset, name in heads if target not in name.split()}
    return [(n, t) for n, t in lines if n == at or (t[:1] != "\t" and n not in others)]


def _logical(script: str) -> Iterator[tuple[int, str]]:
    held, first = "", 0
    for number, line in enumerate(script.splitlines()):
        if not held:
            first = number
        if line.lstrip().startswith("#"):
            continue
        if line.rstrip().endswith(("\\", " `")):
            held += line.rstrip()[:-1] + " "
            continue
        yield first, held + line
        held = ""
    if held:
        yield first, held


def _end(text: str) -> int:
    """Where a command ends: at what joins it to another one, outside of quotes."""
    quote, open_ = "", 0
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "()":
            open_ += 1 if char == "(" else -1
            if open_ < 0:  # of a subshell that the command stands in
                return index
        elif (
            char in ";|\n"
            or text.startswith("&&", index)
            or text.startswith(" #", index)
            or (char == ">" and text[index - 1 : index] in (" ", "1", "2", "&"))
        ):
            return index
    return len(text)


def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(w.strip("\"'") for w in text.split())


def _filling(known: dict[str, str], depth: int = 0) -> Callable[[re.Match[str]], str]:
    def fill(found: re.Match[str]) -> str:
        name = found["ci"] or found["make"] or found["brace"] or found["bare"] or ""
        value = known.get(name) or found["or"] or ""
        if "$" in value and depth < _DEEPEST:
            value = _VARIABLE.sub(_filling(known, depth + 1), value)
        return value if value and "$" not in value else HOLE

    return fill


def _folders(file: str, root: str, before: list[str]) -> tuple[str, ...]:
    """The folders that a command may be run in: its file's and those above it, after each `cd`."""
    out: list[str] = []
    folder = os.path.dirname(file)
    while folder.startswith(root):
        steps = [os.path.normpath(os.path.join(folder, *before))] if before else []
        out += [*steps, folder]
        if folder == root:
            break
        folder = os.path.dirname(folder)
    return tuple(dict.fromkeys(out))
