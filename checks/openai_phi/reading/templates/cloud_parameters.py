"""What a CloudFormation template is deployed with: parameter files, SAM's settings, commands, parents."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from typing import Any

from openai_phi.reading.disk.written_commands import Command, Scripts
from openai_phi.reading.templates.cloud_expansion import near
from openai_phi.reading.templates.cloud_values import Evaluator, Given
from openai_phi.reading.templates.file_parts import Beside, at, mappings
from openai_phi.text.documents import Document, Unreadable, read_file
from openai_phi.words.places import Path
from openai_phi.words.resources import Option, Options, Setting, Unknown

_UP = 2
"""Folders above a template in which its parameter files may lie."""
_ENDINGS = (".json", ".yaml", ".yml", ".toml")
_SETTINGS = re.compile(r"samconfig[\w.-]*\.(toml|ya?ml)$")
_STACKS = {
    "AWS::CloudFormation::Stack": ("TemplateURL", "Parameters"),
    "AWS::Serverless::Application": ("Location", "Parameters"),
}
_PAIR = re.compile(r"ParameterKey=([^,\s]+),ParameterValue=(.*)", re.DOTALL)


def givens(document: Document, file: str, beside: Beside) -> list[Given]:
    """All deployments of a template that the repository tells of, in order of their names."""
    wanted = [name for name, _ in mappings(document.data, "Parameters")]
    found = [
        *(g for f in parameter_files(file, beside) for g in _of_file(f, file, beside)),
        *_of_commands(file, beside),
        *_of_parents(file, beside),
    ]
    fitting = (g for g in found if g.marks or any(p in wanted for p in g.parameters))
    return sorted(fitting, key=lambda g: g.name)


def parameter_files(file: str, beside: Beside) -> Iterator[str]:
    """Files near a template that may hold its parameters, by their names and first words."""
    home = os.path.dirname(file)
    for _ in range(_UP):
        above = os.path.dirname(home)
        home = above if above.startswith(beside.root) else home
    for other in beside.once("parameters of stacks", lambda: _candidates(beside)):
        if other != file and other.startswith(home.rstrip(os.sep) + os.sep):
            yield other


def _candidates(beside: Beside) -> list[str]:
    """All files that may hold parameters of stacks."""
    named = [f for f in beside.files if f.endswith(_ENDINGS)]
    return [
        f for f in named if _SETTINGS.fullmatch(os.path.basename(f)) or _may_give(beside(f) or "")
    ]


def parents(file: str, beside: Beside) -> list[str]:
    """Templates that may make a stack of this one."""

    def all_parents() -> list[str]:
        named = [f for f in beside.files if f.endswith((*_ENDINGS, ".template", ".cfn"))]
        return [f for f in named if any(s in (beside(f) or "") for s in _STACKS)]

    base = os.path.basename(file)
    found = beside.once("parents of stacks", all_parents)
    return [f for f in found if f != file and base in (beside(f) or "")]


def _may_give(text: str) -> bool:
    if "Resources" in text and ("AWSTemplateFormatVersion" in text or "AWS::" in text):
        return False
    if re.match(r"\s*\[\s*[\"']\w+=", text):
        return True
    return "ParameterKey" in text or re.search(r"[\"']?[Pp]arameters[\"']?\s*:", text) is not None


def _of_file(path: str, file: str, beside: Beside) -> Iterator[Given]:
    try:
        document = next(iter(read_file(beside(path) or "", path)), None)
    except Unreadable:
        return
    if document is None:
        return
    shown = beside.shown(path)
    if _SETTINGS.fullmatch(os.path.basename(path)):
        yield from _of_sam(document, path, file, shown)
        return
    found: dict[str, Option] = {}
    for name, value, where in _listed(document.data):
        found[name] = _option(value, shown, document.line(where))
    marks = tuple(_tags(at(document.data, ("Tags",)), ("Tags",), document, shown))
    named = os.path.basename(path).startswith(os.path.basename(file).partition(".")[0])
    fits = _all_known(found, file, beside) if found else bool(marks) and named
    if fits:
        yield Given(shown, found, marks)


def _all_known(found: Iterable[str], file: str, beside: Beside) -> bool:
    """Whether a template has all these parameters: a file with others is another template's."""
    text = beside(file) or ""
    return all(re.search(rf"[\"']?{re.escape(name)}[\"']?\s*:", text) for name in found)


def _option(value: Any, shown: str, line: int) -> Option:
    return Option(value, lambda _: (shown, line))


def _listed(data: Any) -> Iterator[tuple[str, Any, Path]]:
    """Names and values of a parameter file in any of the forms that the tools take."""
    if isinstance(data, dict):
        for key in ("Parameters", "parameters"):
            inner = data.get(key)
            if isinstance(inner, dict):
                for name, value in inner.items():
                    yield str(name), _joined(value), (key, name)
            elif isinstance(inner, list):
                yield from ((n, v, (key, *p)) for n, v, p in _listed(inner))
        return
    for index, entry in enumerate(data if isinstance(data, list) else ()):
        if isinstance(entry, dict) and isinstance(entry.get("ParameterKey"), str):
            yield entry["ParameterKey"], entry.get("ParameterValue"), (index, "ParameterValue")
        elif isinstance(entry, str) and "=" in entry:
            name, _, value = entry.partition("=")
            yield name, value, (index,)


def _joined(value: Any) -> Any:
    return ",".join(map(str, value)) if isinstance(value, list) else value


def _tags(found: Any, base: Path, document: Document, shown: str) -> Iterator[Setting]:
    if isinstance(found, dict):
        for name, value in found.items():
            path = (*base, name)
            yield Setting(name, value, path, document.line(path), "", shown, None, "marker")
    for index, tag in enumerate(found if isinstance(found, list) else ()):
        if isinstance(tag, dict) and isinstance(tag.get("Key"), str):
            line = document.line((*base, index, "Value"))
            path = (*base, tag["Key"])
            yield Setting(tag["Key"], tag.get("Value"), path, line, "", shown, None, "marker")


# -- SAM's settings and commands -----------------------------------------------------------------------


def _of_sam(document: Document, path: str, file: str, shown: str) -> Iterator[Given]:
    """Each environment of a `samconfig` whose template this is."""
    for name, environment in mappings(document.data):
        whole: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for command, section in mappings(environment):
            for key, value in (section.get("parameters") or {}).items() if section else ():
                whole.setdefault(key, value)
                lines.setdefault(key, document.line((name, command, "parameters", key)))
        template = str(whole.get("template_file") or whole.get("template") or "")
        if not _is_its(template, file, os.path.dirname(path)):
            continue
        line = lines.get("parameter_overrides", 1)
        pairs = _overrides(whole.get("parameter_overrides"))
        found = {n: _option(v, shown, line) for n, v in pairs}
        tags = _overrides(whole.get("tags"))
        marks = [
            Setting(n, v, ("tags", n), lines.get("tags", 1), "", shown, None, "marker")
            for n, v in tags
        ]
        if found or marks:
            yield Given(f"{shown} ({name})", found, tuple(marks))


def _is_its(template: str, file: str, folder: str) -> bool:
    """Whether settings of a folder are for a template: the one that they name, else the usual one."""
    if template and not template.startswith(".aws-sam"):
        return os.path.normpath(os.path.join(folder, template)) == file
    return os.path.dirname(file) == folder and os.path.basename(file).startswith("template.")


def _overrides(value: Any) -> list[tuple[str, str]]:
    """`K=V` pairs, in one text or a list, also as `ParameterKey=K,ParameterValue=V`."""
    words: list[str] = []
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, dict):
            words += [f"{k}={v}" for k, v in text.items()]
        elif isinstance(text, str):
            inner = text.strip()
            if inner.startswith("["):  # a list over several lines, kept as its text
                words += [a or b for a, b in re.findall(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'", inner)]
                continue
            try:
                words += shlex.split(inner.replace('\\"', '"'))
            except ValueError:
                words += inner.split()
    out = []
    for word in words:
        pair = _PAIR.fullmatch(word)
        name, equals, given = (pair[1], "=", pair[2]) if pair else word.partition("=")
        if equals:
            out.append((name, given.strip("\"'")))
    return out


def deploying(beside: Beside) -> list[Command]:
    """The commands of the repository that make stacks."""

    def all_of_them() -> list[Command]:
        scripts: Scripts = beside.once("scripts", lambda: Scripts(beside.root))
        return [*scripts.commands("aws", "cloudformation"), *scripts.commands("sam", "deploy")]

    found: list[Command] = beside.once("commands that make stacks", all_of_them)
    return found


def _of_commands(file: str, beside: Beside) -> Iterator[Given]:
    """Commands of the repository that deploy this template with parameters of their own."""
    for command in deploying(beside):
        named = list(command.values("--template-file", "--template-body", "--template", "-t"))
        paths = {
            os.path.normpath(os.path.join(d, n.removeprefix("file://")))
            for d in command.folders
            for n in named
        }
        usual = "sam" in command.words[:1] and not named
        if file not in paths and not (usual and _is_its("", file, os.path.dirname(file))):
            continue
        shown = beside.shown(command.file)
        words = list(_after(command, "--parameter-overrides", "--parameters"))
        given = {
            n: o
            for path in (w.removeprefix("file://") for w in words if w.startswith("file://"))
            for n, o in _in_file(path, command, beside)
        }
        plain = [w for w in words if not w.startswith("file://")]
        given |= {n: _option(v, shown, command.line) for n, v in _overrides(plain)}
        tags = [t.replace("Key=", "").replace(",Value=", "=") for t in _after(command, "--tags")]
        marks = tuple(
            Setting(n, v, ("tags", n), command.line, "", shown, None, "marker")
            for n, v in _overrides(tags)
        )
        if given or marks:
            yield Given(f"{shown}:{command.line}", given, marks)


def _after(command: Command, *flags: str) -> Iterator[str]:
    """The words that follow one of the flags, up to the next."""
    taking = False
    for word in command.words:
        if word.startswith("-"):
            taking = word in flags
        elif taking:
            yield word


def _in_file(path: str, command: Command, beside: Beside) -> Iterator[tuple[str, Option]]:
    """The parameters of a file that a command names, whatever it is called."""
    for folder in command.folders:
        whole = os.path.normpath(os.path.join(folder, path))
        text = beside(whole)
        if not text:
            continue
        try:
            document = next(
                iter(read_file(text, f"{whole}.json" if text.lstrip()[:1] in "[{" else whole)), None
            )
        except Unreadable:
            return
        for name, value, where in _listed(document.data if document else None):
            line = document.line(where) if document else 1
            yield name, _option(value, beside.shown(whole), line)
        return


# -- parents -------------------------------------------------------------------------------------------


def _of_parents(file: str, beside: Beside) -> Iterator[Given]:
    """The stacks of other templates that are made of this one, with the parameters they give it."""
    for other in parents(file, beside):
        try:
            document = next(iter(read_file(beside(other) or "", other)), None)
        except Unreadable:
            continue
        if document is not None:
            yield from _calls(document, other, file, beside)


def _calls(document: Document, other: str, file: str, beside: Beside) -> Iterator[Given]:
    shown = beside.shown(other)
    evaluate = Evaluator(document, (), shown, Given())
    for name, resource in mappings(document.data, "Resources"):
        keys = _STACKS.get(str(resource.get("Type")))
        where: Path = ("Resources", name, "Properties")
        properties = evaluate.value(resource.get("Properties"), where) if keys else None
        if keys is None or not isinstance(properties, dict):
            continue
        location = properties.get(keys[0])
        if isinstance(location, Options):
            location = location[0].value if location else None
        raw = at(resource, ("Properties", keys[0]))
        located = location if isinstance(location, str) else _text_in(raw)
        if not located or file not in near(located, other, beside)[:1]:
            continue
        given = {}
        parameters = properties.get(keys[1])
        for key, value in parameters.items() if isinstance(parameters, dict) else ():
            if not isinstance(value, Unknown):
                given[key] = _at(value, document, (*where, keys[1], key), shown)
        marks = tuple(_tags(properties.get("Tags"), (*where, "Tags"), document, shown))
        if given or marks:
            yield Given(f"{shown} ({name})", given, marks)


def _text_in(node: Any) -> str:
    """The first text in an expression that ends like a template's name."""
    if isinstance(node, str):
        return node if node.endswith((*_ENDINGS, ".template")) else ""
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return next((t for v in inner if (t := _text_in(v))), "")


def _at(value: Any, document: Document, path: Path, shown: str) -> Option:
    def place(inner: Path) -> tuple[str, int]:
        return document.file((*path, *inner)) or shown, document.line((*path, *inner))

    return Option(value, place)
