"""Generic reading: every name and value in a resource, and in documents that strings hold."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from openai_phi.facts.secret_names import OWN, spelled
from openai_phi.text.documents import (
    MAX_DEPTH,
    MAX_TEXT,
    Document,
    base64_text,
    encoded_texts,
    parse_text,
)
from openai_phi.words.places import Path
from openai_phi.words.resources import Option, Options, SecretRef, Setting, Unknown

MAX_EMBEDDING = 3
_SKIP = {"__startline__", "__endline__", "__start_line__", "__end_line__"}
_ASSIGNMENT = re.compile(
    r"(?:^|[\s\"'`;(,])(?:--?)?([A-Za-z][\w.-]{2,80})=(\"[^\"]*\"|'[^']*'|[^\s\"'`;|&)]*)"
)
_FLAG = re.compile(r"--?([A-Za-z][\w.-]{2,80})")
_FLAG_AND_VALUE = re.compile(
    r"(?:^|\s)--([A-Za-z][\w.-]{2,80})\s+([^\s\"'`;|&)-][^\s\"'`;|&)]*|\"[^\"]*\"|'[^']*')"
)
_ARGUMENTS = frozenset({"args", "arguments", "command", "cmd", "entrypoint", "containerargs"})
_COMMENT = re.compile(r"\s*(#|//|;|--\s|<!--)")
_CONDITION = re.compile(r"\s*(el)?(if|while|until)\s|\s*\[\[? ")
_PASSED = re.compile(r"([A-Z][A-Z0-9]*_[A-Z0-9_]+)=(.+)")
"""A variable that a flag passes on: `--build-arg=NAME=value`."""
_FILLED = re.compile(r"[\"']?(?:\${1,2}\(|(?P<expression>\$\{\{)|(?P<template>\{\{))")
"""How a value begins that a command or a template fills in."""
_BLOCK = re.compile(r"\{\{-?\s*with\b[^{}]*\}\}[^\n]*?\{\{-?\s*end\s*-?\}\}")
_LONGEST = 1000
_DIRECTIVE = re.compile(r"\s*[\"']?([A-Za-z_][\w.-]*)(?:[\"']\s*)?[:\s]\s*(\S.*)")
_SECRET_REF = re.compile(r"(secret|key)_?(key)?_?(ref|selector)$", re.IGNORECASE)
_REF_KEYS = frozenset({"name", "key", "namespace", "optional", "property"})
_LINE_KEYS = frozenset({"startline", "endline"})
_DESTINATION = frozenset({"baseurl", "apibase", "apikey", "apibaseurl", "openaiapibase"})
LineOf = Callable[[Path], int]
WantsText = Callable[[str], bool]


class TooDeep(Exception):
    """A document nests deeper than `MAX_DEPTH`; the message names the path."""


@dataclass(frozen=True)
class Walk:
    """How to walk one resource: lines by path, and which texts are worth parsing."""

    line_of: LineOf
    wants: WantsText
    file: str = ""
    file_of: Callable[[Path], str] | None = None
    """The file of a path, where not all stands in one."""
    flat: bool = False
    """Whether a text of several lines stands in one line, as in JSON."""

    def file_at(self, path: Path) -> str:
        return self.file_of(path) if self.file_of else self.file


def walk(config: Any, how: Walk, group: str = "", base: Path = ()) -> Iterator[Setting]:
    """Every setting below `config`, in document order. Raises `TooDeep`."""
    yield from _walk(config, base, how, group, 0, 0)


def _walk(
    node: Any, path: Path, how: Walk, group: str, depth: int, embedded: int
) -> Iterator[Setting]:
    if depth > MAX_DEPTH:
        raise TooDeep(".".join(map(str, path[:6])))
    if isinstance(node, dict):
        yield from _walk_mapping(node, path, how, group, depth, embedded)
    elif isinstance(node, Options):
        for option in node:
            yield from _walk(
                option.value, path, _placed(how, path, option), group, depth + 1, embedded
            )
    elif isinstance(node, (list, tuple)):
        for index, item in enumerate(node):
            yield from _after_flag(node, index, path, how, group)
            yield from _walk(
                item,
                (*path, index),
                how,
                _group_of(item, (*path, index), group),
                depth + 1,
                embedded,
            )
    else:
        yield from _leaf(node, path, how, group, depth, embedded)


def _after_flag(
    items: Sequence[Any], index: int, path: Path, how: Walk, group: str
) -> Iterator[Setting]:
    """What an argument sets whose flag is the item before it."""
    flag, value = items[index - 1] if index else None, items[index]
    if not isinstance(flag, str) or not isinstance(value, str) or value.startswith("-"):
        return
    found = _FLAG.fullmatch(flag)
    if found and _is_command(path):
        here = (*path, index)
        line, file = how.line_of(here), how.file_at(here)
        yield Setting(found[1], value, (*path, found[1]), line, group, file, None, "env")


def _is_command(path: Path) -> bool:
    holder = next((s for s in reversed(path) if isinstance(s, str)), "")
    return holder.lower().replace("_", "") in _ARGUMENTS


def _placed(how: Walk, path: Path, option: Option) -> Walk:
    """How to walk an option that is used at a path: it stands where it was written."""

    def place(asked: Path) -> tuple[str, int]:
        if asked[: len(path)] != path:
            return how.file_at(asked), how.line_of(asked)
        return option.place(asked[len(path) :])

    return replace(how, line_of=lambda p: place(p)[1], file_of=lambda p: place(p)[0])


def _walk_mapping(
    node: dict[Any, Any], path: Path, how: Walk, group: str, depth: int, embedded: int
) -> Iterator[Setting]:
    pair = _pair(node, labels="labels" in path)
    if pair:
        yield from _pair_setting(node, pair, path, how, group, depth, embedded)
        return
    yield from _named_by_key(node, path, how, group)
    for key, value in node.items():
        if key in _SKIP:
            continue
        yield from _walk(value, (*path, str(key)), how, group, depth + 1, embedded)


def _named_by_key(node: dict[Any, Any], path: Path, how: Walk, group: str) -> Iterator[Setting]:
    """What a mapping below a name says of that name: its value, or the secret that it comes from.

    `OPENAI_API_KEY: {valueFrom: {secretKeyRef: …}}`, `apiKeySecretRef: {name: …}`, `KEY: {}`.
    """
    name = path[-1] if path else ""
    if not isinstance(name, str) or len(node) > 6:
        return
    keys = {str(k).lower().replace("_", "") for k in node} - _LINE_KEYS
    secret = None
    if keys & {"valuefrom", "secretkeyref"}:
        secret = secret_reference(node)
    elif _SECRET_REF.search(name) and keys and keys <= _REF_KEYS:
        secret = secret_reference({"secretKeyRef": node})
    if secret and secret.name:
        seen = Unknown(f"comes from {secret}")
        yield Setting(name, seen, path, how.line_of(path), group, how.file_at(path), secret)
    elif keys == {"value"} and not isinstance(node.get("value"), (dict, list)):
        yield Setting(name, node.get("value"), path, how.line_of(path), group, how.file_at(path))
    elif not keys and how.wants(name):
        yield Setting(
            name, Unknown("is an empty mapping"), path, how.line_of(path), group, how.file_at(path)
        )


def _pair(node: dict[Any, Any], *, labels: bool) -> tuple[str, str] | None:
    """The keys of a `{name|key, value|…}` pair, if the mapping is one; of labels each may be called so."""
    lower = {str(k).lower(): k for k in node}
    called = ("name", "key", "parameterkey", *(("label",) if labels else ()))
    name = next((lower[n] for n in called if n in lower), None)
    if name is None or not isinstance(node[name], str):
        return None
    values = [lower[v] for v in _PAIR_VALUES if v in lower]
    values += [lower[v] for v in _OWN_NAMES if isinstance(node.get(lower.get(v)), str)]
    values += [lower["secret"]] if lower.keys() >= _GOOGLES else []
    filled = [v for v in values if node[v] not in ("", None, [], {})]
    return next(((name, v) for v in [*filled, *values]), None)


_PAIR_VALUES = ("value", "valuefrom", "value_from", "value_source", "parametervalue")
"""Keys of the value of a pair; an empty one gives way to another, as in a plan that shows both."""
_OWN_NAMES = ("secret_name", "secretref")
"""Keys of a pair that name an entry of the resource's own list of secrets."""
_GOOGLES = frozenset({"key", "secret", "version"})
"""Keys of a pair that names a variable, a secret of Google's and its version."""


def _pair_setting(
    node: dict[Any, Any],
    pair: tuple[str, str],
    path: Path,
    how: Walk,
    group: str,
    depth: int,
    embedded: int,
) -> Iterator[Setting]:
    name, value = node[pair[0]], node[pair[1]]
    if isinstance(value, Options):
        for option in value:
            placed = _placed(how, (*path, pair[1]), option)
            chosen = {**node, pair[1]: option.value}
            yield from _pair_setting(chosen, pair, path, placed, group, depth + 1, embedded)
        return
    here = (*path[:-1], name) if path and isinstance(path[-1], int) else (*path, name)
    if pair[1].lower() in (*_OWN_NAMES, "secret"):
        ref = _of_pair(node, pair[1].lower(), value)
        seen, at = Unknown(f"comes from {ref}"), (*path, pair[1])
        line, where = how.line_of((*path, pair[0])), how.file_at((*path, pair[0]))
        yield Setting(name, seen, here, line, group, where, ref, "env", value_path=at)
        return
    if isinstance(value, (dict, list)):
        secret = secret_reference(value)
        line = how.line_of((*path, pair[0]))
        seen = Unknown(f"comes from {secret}" if secret else "is not a plain value")
        where = how.file_at((*path, pair[0]))
        yield Setting(
            name, seen, here, line, group, where, secret, "env", value_path=(*path, pair[1])
        )
        if not secret:
            yield from _walk(value, (*path, pair[1]), how, group, depth + 1, embedded)
        return
    if pair[1].lower() in ("valuefrom", "value_from"):
        named = _text(value)
        whole = spelled(named)
        what = value.what if isinstance(value, Unknown) else ""
        yield Setting(
            name,
            Unknown("comes from a secret", what=what),
            here,
            how.line_of((*path, pair[1])),
            group,
            how.file_at((*path, pair[1])),
            whole[0] if whole else SecretRef(_store_of_name(named), named) if named else None,
            "env",
            value_path=(*path, pair[1]),
        )
        return
    for setting in _leaf(value, (*path, pair[1]), how, group, depth, embedded):
        own = setting.path == (*path, pair[1])
        yield Setting(
            name if own else setting.name,
            setting.value,
            here if own else setting.path,
            setting.line,
            group,
            setting.file,
            setting.secret,
            _role((*here, "")) or "env" if own and setting.role != "document" else setting.role,
            value_path=setting.path if own else (),
        )


def _of_pair(node: dict[Any, Any], key: str, value: Any) -> SecretRef:
    """The secret that a pair names: an entry of the resource's own list, or one of Google's."""
    if key in _OWN_NAMES:
        return SecretRef(OWN, _text(value))
    project = next(
        (v for k, v in node.items() if str(k).lower() in ("project_id", "projectid")), ""
    )
    return replace(_referred({"secret": value}), account=_text(project))


def _leaf(
    value: Any, path: Path, how: Walk, group: str, depth: int, embedded: int
) -> Iterator[Setting]:
    name = next((s for s in reversed(path) if isinstance(s, str)), "")
    line = how.line_of(path)
    inside = base64_text(value) if isinstance(value, str) and len(value) <= MAX_TEXT else None
    if inside and how.wants(inside):
        yield from _leaf(inside, path, replace(how, flat=True), group, depth, embedded)
        return
    wanted = isinstance(value, str) and embedded < MAX_EMBEDDING and _is_text(value)
    lost = _not_looked_into(value, embedded) if isinstance(value, str) else ""
    if lost and _wanted(value, how):
        yield Setting(name, Unknown(lost), path, line, group, how.file_at(path), None, "unread")
        return
    if lost or not (wanted and _wanted(value, how)):
        yield Setting(name, value, path, line, group, how.file_at(path), None, _role(path))
        return
    document = parse_text(value) if _is_document(value) else None
    role = "document" if document or "\n" in value.strip() else ""
    yield Setting(name, value, path, line, group, how.file_at(path), None, _role(path) or role)
    if document:
        yield from _embedded(document, path, how, group, depth, embedded, line)
    else:
        yield from _text_settings(value, path, how, group, line)


def _wanted(text: str, how: Walk) -> bool:
    """Whether a text is worth reading, by what it holds or what it holds as base64."""
    return how.wants(text) or any(map(how.wants, encoded_texts(text)))


def _not_looked_into(text: str, embedded: int) -> str:
    """Why a text that may hold settings is not read; empty if it is."""
    if len(text) > MAX_TEXT:
        return f"is longer than {MAX_TEXT // 1_000_000} MB"
    if embedded >= MAX_EMBEDDING and _is_document(text):
        return f"lies in {MAX_EMBEDDING} documents, one in the other"
    return ""


def unread_texts(settings: Iterable[Setting]) -> Iterator[tuple[Setting, str]]:
    """Texts that were not looked into, each with the reason."""
    for setting in settings:
        if setting.role == "unread" and isinstance(setting.value, Unknown):
            yield setting, f"{setting.name} {setting.value.reason}"


def _is_text(text: str) -> bool:
    """Whether a value may hold more than itself: several lines, a structure, a command."""
    return _is_document(text) or "=" in text or " " in text.strip()


def _is_document(text: str) -> bool:
    return "\n" in text or text.lstrip()[:1] in ("{", "[")


def _embedded(
    document: Document,
    path: Path,
    how: Walk,
    group: str,
    depth: int,
    embedded: int,
    line: int,
) -> Iterator[Setting]:
    flat = how.flat or not line

    def line_of(inner: Path) -> int:
        offset = document.line(inner[len(path) :], 0)
        return line - 1 + offset if offset and not flat else line

    inner = Walk(line_of, how.wants, how.file_at(path), flat=how.flat)
    name = group or ".".join(map(str, path))
    yield from _walk(document.data, path, inner, name, depth + 1, embedded + 1)


def _text_settings(text: str, path: Path, how: Walk, group: str, line: int) -> Iterator[Setting]:
    """What a script, a command or a proxy's configuration sets, line by line: NAME=value, `directive value`."""
    lines = text.splitlines()
    several = len(lines) > 1
    file = how.file_at(path)
    starts = [0, *itertools.accumulate(len(kept) for kept in text.splitlines(keepends=True))]
    for offset, raw in enumerate(lines):
        if _COMMENT.match(raw) or _CONDITION.match(raw) or not how.wants(raw):
            continue
        at = line + offset if several and line and not how.flat else line
        found = list(_ASSIGNMENT.finditer(raw))
        flags = list(_FLAG_AND_VALUE.finditer(raw)) if several or _is_command(path) else []
        for match in (*found, *flags):
            value = _filled_in(text, starts[offset] + match.start(2)) or match[2].strip("\"'")
            inner = _PASSED.fullmatch(value)
            name, value = (inner[1], inner[2]) if inner else (match[1], value)
            yield Setting(name, value, (*path, name), at, group, file, None, "env")
        rest = _ASSIGNMENT.sub(" ", raw) if found else raw
        if several and how.wants(rest):
            directive = _DIRECTIVE.match(raw)
            name = directive[1] if directive else str(path[-1])
            value = (directive[2] if directive else raw).strip("\"' ,")
            yield Setting(name, value, (*path, name), at, group, file, None, "text")


def _filled_in(text: str, start: int) -> str:
    """The command, or the template, that fills in a value which begins there, as a whole; empty: it is a plain one."""
    begins = _FILLED.match(text, start)
    if not begins:
        return ""
    if begins["expression"]:
        ends = text.find("}}", begins.end())
        return text[begins.start("expression") : ends + 2] if ends > 0 else ""
    if begins["template"]:
        ends = text.find("}}", begins.end())
        block = _BLOCK.match(text, begins.start("template"))
        return block[0] if block else text[begins.start("template") : ends + 2] if ends > 0 else ""
    depth = 0
    for at in range(begins.end() - 1, min(len(text), begins.end() + _LONGEST)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            inner = re.sub(r"\s*\\?\n\s*", " ", text[begins.end() : at])
            return f"$({inner})"
    return ""


def _group_of(item: Any, path: Path, group: str) -> str:
    """Containers, named blocks and items with a destination of their own configure a program each."""
    if not isinstance(item, dict):
        return group
    parent = next((s for s in reversed(path[:-1]) if isinstance(s, str)), "").lower()
    own = any(str(k).lower().replace("_", "").replace("-", "") in _DESTINATION for k in item)
    return ".".join(map(str, path)) if own or parent in _PROGRAMS else group


_PROGRAMS = frozenset(
    {
        "containers",
        "initcontainers",
        "container",
        "init_container",
        "init_containers",
        "container_definitions",
        "containerdefinitions",
        "model_list",
        "services",
        "model_providers",
        "steps",
        "endpoints",
        "routes",
    }
)
_MARKER_MAPS = frozenset(
    {
        "labels",
        "effective_labels",
        "terraform_labels",
        "annotations",
        "tags",
        "tags_all",
        "default_tags",
        "commonlabels",
        "podlabels",
        "podannotations",
        "resource_tags",
        "user_labels",
        "matchlabels_",
        "deploymentlabels",
    }
)
_NOT_MARKERS = frozenset(
    {"matchlabels", "match_labels", "selector", "nodeselector", "node_selector", "affinity"}
)


_INSTRUCTIONS = ("vault.hashicorp.com/",)
"""Annotations that configure what a pod gets, and mark nothing."""


def _role(path: Path) -> str:
    words = [s.lower() for s in path[:-1] if isinstance(s, str)]
    if str(path[-1]).startswith(_INSTRUCTIONS) or any(w.startswith(_INSTRUCTIONS) for w in words):
        return ""
    if any(w in _NOT_MARKERS for w in words):
        return ""
    return "marker" if any(w in _MARKER_MAPS for w in words) else ""


def secret_reference(value: Any) -> SecretRef | None:
    """The secret a `valueFrom` names: Kubernetes secretKeyRef, or Terraform's spelling of it."""
    if isinstance(value, list):
        return next((r for r in map(secret_reference, value) if r), None)
    if not isinstance(value, dict):
        return None
    for key, inner in value.items():
        word = str(key).lower().replace("_", "")
        if word in ("secretkeyref", "secretkeyrefs"):
            target = inner[0] if isinstance(inner, list) and inner else inner
            if isinstance(target, dict):
                return _referred(target)
        elif isinstance(inner, (dict, list)):
            found = secret_reference(inner)
            if found:
                return found
    return None


def _referred(target: dict[str, Any]) -> SecretRef:
    """What a `secretKeyRef` names: a Secret and its entry, or in Google's words a secret and its version."""
    name = target.get("name") or target.get("secret") or ""
    address = name.what if isinstance(name, Unknown) else ""
    named = _text(name)
    if "secret" in target and not target.get("name"):
        found = next((r for r in spelled(named) if r.store == "gcp_secret"), None)
        return found or SecretRef("gcp_secret", named or address, address)
    entry = _text(target.get("key") or "")
    return SecretRef("kubernetes", f"{named}#{entry}" if entry else named, address)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if isinstance(value, Unknown) else str(value)


def _store_of_name(value: str) -> str:
    """The store of a name in a container's `valueFrom`, which is no ARN."""
    return "ssm" if value.startswith("/") else "secret"
