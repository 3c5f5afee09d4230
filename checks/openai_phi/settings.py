"""Generic reading: every name and value in a resource, and in documents that strings hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from openai_phi.model import Path, SecretRef, Setting, Unknown

MAX_DEPTH = 60
MAX_DOCUMENT = 1_000_000
MAX_EMBEDDING = 3
_SKIP = {"__startline__", "__endline__", "__start_line__", "__end_line__"}
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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
    elif isinstance(node, (list, tuple)):
        for index, item in enumerate(node):
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


def _walk_mapping(
    node: dict[Any, Any], path: Path, how: Walk, group: str, depth: int, embedded: int
) -> Iterator[Setting]:
    pair = _pair(node)
    if pair:
        yield from _pair_setting(node, pair, path, how, group, depth, embedded)
        return
    for key, value in node.items():
        if key in _SKIP:
            continue
        yield from _walk(value, (*path, str(key)), how, group, depth + 1, embedded)


def _pair(node: dict[Any, Any]) -> tuple[str, str] | None:
    """The keys of a `{name|key, value|…}` pair, if the mapping is one."""
    lower = {str(k).lower(): k for k in node}
    name = next((lower[n] for n in ("name", "key", "parameterkey") if n in lower), None)
    if name is None or not isinstance(node[name], str):
        return None
    for value in (
        "value",
        "valuefrom",
        "value_from",
        "value_source",
        "parametervalue",
        "secret_name",
    ):
        if value in lower:
            return name, lower[value]
    return None


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
    here = (*path[:-1], name) if path and isinstance(path[-1], int) else (*path, name)
    if isinstance(value, (dict, list)):
        secret = secret_reference(value)
        line = how.line_of((*path, pair[0]))
        seen = Unknown(f"comes from {secret}" if secret else "is not a plain value")
        yield Setting(name, seen, here, line, group, how.file, secret, "env")
        if not secret:
            yield from _walk(value, (*path, pair[1]), how, group, depth + 1, embedded)
        return
    if pair[1].lower() in ("valuefrom", "value_from"):
        yield Setting(
            name,
            Unknown("comes from a secret"),
            here,
            how.line_of((*path, pair[1])),
            group,
            how.file,
            SecretRef(_arn_store(str(value)), _text(value)),
            "env",
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
            how.file,
            setting.secret,
            "env" if own and setting.role != "document" else setting.role,
        )


def _leaf(
    value: Any, path: Path, how: Walk, group: str, depth: int, embedded: int
) -> Iterator[Setting]:
    name = next((s for s in reversed(path) if isinstance(s, str)), "")
    line = how.line_of(path)
    candidate = isinstance(value, str) and embedded < MAX_EMBEDDING
    document = (
        parse_document(value) if candidate and _is_document(value) and how.wants(value) else None
    )
    role = _role(path) or ("document" if document else "")
    yield Setting(name, value, path, line, group, how.file, None, role)
    if document:
        yield from _embedded(document, path, how, group, depth, embedded, line)


def _is_document(text: str) -> bool:
    head = text.lstrip()[:1]
    return len(text) <= MAX_DOCUMENT and ("\n" in text or head in ("{", "["))


def _embedded(
    document: tuple[Any, dict[Path, int]],
    path: Path,
    how: Walk,
    group: str,
    depth: int,
    embedded: int,
    line: int,
) -> Iterator[Setting]:
    data, lines = document
    first = line - 1 if line else 0

    def line_of(inner: Path) -> int:
        offset = lines.get(inner[len(path) :], 0)
        return first + offset if first and offset else line

    inner = Walk(line_of, how.wants, how.file)
    yield from _walk(data, path, inner, group or ".".join(map(str, path)), depth + 1, embedded + 1)


def parse_document(text: str) -> tuple[Any, dict[Path, int]] | None:
    """A string as JSON, YAML or dotenv with 1-based lines by path; None if it is none of them."""
    head = text.lstrip()[:1]
    if head in ("{", "["):
        try:
            return json.loads(text), {}
        except ValueError:
            pass
    env = _dotenv(text)
    if env is not None:
        return env
    try:
        node = yaml.compose(text, Loader=_Loader)
        if not isinstance(node, (yaml.MappingNode, yaml.SequenceNode)):
            return None
        return plain(node), node_lines(node)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def _dotenv(text: str) -> tuple[dict[str, str], dict[Path, int]] | None:
    """Lines of NAME=value, as a dotenv or properties file has; None if that is not what it is."""
    out: dict[str, str] = {}
    lines: dict[Path, int] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip().removeprefix("export ").strip()
        if not line or line.startswith(("#", "[", ";")):
            continue
        name, separator, value = line.partition("=")
        if (
            not separator
            or not name.strip().replace("_", "").replace(".", "").replace("-", "").isalnum()
        ):
            return None
        out[name.strip()] = value.strip().strip("\"'")
        lines[(name.strip(),)] = number
    return (out, lines) if out else None


def plain(node: yaml.Node) -> Any:
    """A composed YAML node as plain data; dates stay text, merge keys are applied."""
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [plain(n) for n in node.value]
    out: dict[str, Any] = {}
    for key, value in node.value:
        if key.tag == "tag:yaml.org,2002:merge":
            for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if isinstance(merged, yaml.MappingNode):
                    out = {**plain(merged), **out}
        else:
            out[str(key.value)] = plain(value)
    return out


def _scalar(node: yaml.ScalarNode) -> Any:
    kind = node.tag.rsplit(":", 1)[-1]
    if kind == "null":
        return None
    if kind == "bool":
        return node.value.lower() in ("true", "yes", "on")
    if kind == "int":
        try:
            return int(node.value.replace("_", ""), 0)
        except ValueError:
            return node.value
    return node.value


def node_lines(node: yaml.Node, path: Path = ()) -> dict[Path, int]:
    """1-based lines of every value below a node; a block scalar's is that of its first text line."""
    out: dict[Path, int] = {}
    stack: list[tuple[yaml.Node, Path, int]] = [(node, path, node.start_mark.line + 1)]
    while stack:
        current, where, line = stack.pop()
        if len(where) > MAX_DEPTH:
            continue
        out[where] = line
        if isinstance(current, yaml.SequenceNode):
            stack.extend(
                (n, (*where, i), n.start_mark.line + 1) for i, n in enumerate(current.value)
            )
        elif isinstance(current, yaml.MappingNode):
            for key, value in current.value:
                block = isinstance(value, yaml.ScalarNode) and value.style in ("|", ">")
                at = value.start_mark.line + 2 if block else key.start_mark.line + 1
                stack.append((value, (*where, str(getattr(key, "value", ""))), at))
    return out


def _group_of(item: Any, path: Path, group: str) -> str:
    """Containers and named blocks configure a program of their own."""
    parent = next((s for s in reversed(path[:-1]) if isinstance(s, str)), "").lower()
    if isinstance(item, dict) and parent in _PROGRAMS:
        return ".".join(map(str, path))
    return group


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
    }
)
_MARKER_MAPS = frozenset(
    {
        "labels",
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


def _role(path: Path) -> str:
    words = [s.lower() for s in path[:-1] if isinstance(s, str)]
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
                name = _text(target.get("name") or target.get("secret") or "")
                entry = target.get("key") or target.get("version") or ""
                return SecretRef("kubernetes", f"{name}#{_text(entry)}" if entry else name)
        elif isinstance(inner, (dict, list)):
            found = secret_reference(inner)
            if found:
                return found
    return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if isinstance(value, Unknown) else str(value)


def _arn_store(value: str) -> str:
    if ":secretsmanager:" in value:
        return "secretsmanager"
    return "ssm" if ":ssm:" in value or value.startswith("/") else "secret"
