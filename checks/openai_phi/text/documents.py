"""Texts become plain data with line numbers: YAML, JSON, JSON5, TOML and dotenv, within limits."""

from __future__ import annotations

import base64
import codecs
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import yaml

from openai_phi.words.places import Path

MAX_DEPTH = 60
MAX_TEXT = 5_000_000
"""Characters of a file, and of a text in a file, that are read; what is longer is unreadable."""
MAX_MANIFEST = 20_000_000
"""Bytes of a manifest that Checkov is given to read: it takes a second for each million."""
MAX_NODES = 300_000
"""Values of one document, anchors expanded."""
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ALIAS = re.compile(r"(?:[-:,\[]\s*|^\s*)\*[\w-]+\s*(?:[,\]}#]|$)", re.MULTILINE)
_TAGGED = {"!Ref": "Ref", "!Condition": "Condition"}
_TOML_TABLE = re.compile(r"^\s*\[\[?\s*([^\[\]]+?)\s*\]?\]\s*(?:#.*)?$")
_CONTINUES = re.compile(r"\s|[\]})\"']")
"""How a line begins that goes on with the value before it."""
_TOML_ENTRY = re.compile(r"^\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*[\w\"'-]+)*)\s*=\s*(\S.*)$")
_HOLE = re.compile(r"\"(?:\\.|[^\"\\])*\"|(?P<hole>[$%]\{[^{}\"\n]*\})")
_JSON5_TOKEN = re.compile(
    r"(?P<string>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')|(?P<line>//[^\n]*)|(?P<block>/\*.*?\*/)|(?P<colon>:)",
    re.DOTALL,
)

_BASE64 = re.compile(r"[A-Za-z0-9+/]{12,}={0,2}")
_LONG_BASE64 = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
_BINARY_TAG = "tag:yaml.org,2002:binary"
_SHORTEST = 24
"""Characters of a value that are taken for base64; fewer are too often a name."""


class Unreadable(Exception):
    """A text that cannot be read: why, in words for people, and the 1-based line if it is known."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NARROW = {
    b"\0\0\0x": "utf-32-be",
    b"x\0\0\0": "utf-32-le",
    b"\0x\0x": "utf-16-be",
    b"x\0x\0": "utf-16-le",
}
"""Encodings by where the first four bytes are none, as YAML tells them."""


def base64_texts(text: str) -> Iterator[str]:
    """What the words of a text hold that may be base64."""
    for word in _BASE64.findall(text):
        try:
            yield base64.b64decode(word, validate=True).decode("utf-8", "replace")
        except ValueError:
            continue


def encoded_texts(text: str) -> Iterator[str]:
    """The scripts and files that the long words of a text hold as base64, packed or not."""
    found = (base64_text(word) for word in _LONG_BASE64.findall(text))
    return (t for t in found if t)


def _unpacked(raw: bytes) -> bytes:
    """What gzip packed, up to the limit; anything else as it is. Raises ValueError where it is broken."""
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(raw, MAX_TEXT)
    except zlib.error as error:
        raise ValueError from error


def base64_text(value: str) -> str | None:
    """The text that a value is the base64 of; None if it is none, or holds what is no text."""
    value = "".join(value.split()) if "\n" in value else value
    if len(value) < _SHORTEST or len(value) % 4 or not _BASE64.fullmatch(value):
        return None
    try:
        text = _unpacked(base64.b64decode(value, validate=True)).decode("utf-8")
    except ValueError:
        return None
    return text if all(c.isprintable() or c in "\n\r\t" for c in text) else None


def decoded(raw: bytes) -> str:
    """The text of a file: UTF-16 or UTF-32 where its bytes say so, else UTF-8 with what is none replaced."""
    shape = bytes(b and 0x78 for b in raw[:4])
    wide = next((name for mark, name in _WIDE if raw.startswith(mark)), _NARROW.get(shape, "utf-8"))
    text = raw.decode(wide, "replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(frozen=True)
class Document:
    """Plain data (dicts, lists, scalars; dates stay text) and the 1-based line of each path."""

    data: Any
    lines: Mapping[Path, int] = field(default_factory=dict)
    files: Mapping[Path, str] = field(default_factory=dict)
    """The files of paths that were written in another one."""

    def file(self, path: Path) -> str:
        """The other file that a path was written in; empty where it was not."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.files.get(path, "")

    def line(self, path: Path, otherwise: int = 1) -> int:
        """The line of a path, or of the nearest thing that holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, otherwise)


class _Untyped(LOADER):  # type: ignore[misc,valid-type]
    """Composes nodes without asking for the types of scalars, which takes most of the time."""

    def resolve(self, kind: type[yaml.Node], value: str, implicit: object) -> str:
        return ""

    def descend_resolver(self, parent: yaml.Node, index: object) -> None:
        return

    def ascend_resolver(self) -> None:
        return


_DOCUMENT = re.compile(r"^---(?=\s|$)", re.MULTILINE)


def repeated(text: str, wanted: Callable[[str], bool]) -> Iterator[tuple[str, int, str]]:
    """Keys that a mapping of a YAML text holds twice: the key, the line of the first, its own text.

    Of such only the last counts, here as in Kubernetes. Documents that are not `wanted` are left out.
    """
    starts = [] if text.startswith("%") or "\n%" in text else _DOCUMENT.finditer(text)
    edges = [0, *(m.start() for m in starts), len(text)]
    line = 0
    for start, end in pairwise(edges):
        document = text[start:end]
        if wanted(document):
            for name, at, lost in _repeated(document):
                yield name, line + at, lost
        line += len(document.splitlines())


def _repeated(text: str) -> Iterator[tuple[str, int, str]]:
    lines = text.splitlines()
    try:
        nodes = [n for n in yaml.compose_all(text, Loader=_Untyped) if n is not None]
    except (yaml.YAMLError, RecursionError, ValueError):
        return
    seen: set[int] = set()
    while nodes:
        node = nodes.pop()
        if id(node) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            nodes.extend(node.value)
            continue
        first: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if name in first and name != "<<":
                start, end = first[name][0].start_mark.line, first[name][1].end_mark.line
                yield name, start + 1, "\n".join(lines[start : end + 1])
            first[name] = (key, value)
            nodes.append(value)


def explosive(text: str) -> str:
    """Why the anchors of a YAML text expand beyond the limits; empty if they do not."""
    if not _ALIAS.search(text):
        return ""
    try:
        for _ in _yaml(text):
            pass
    except Unreadable as error:
        return error.reason if error.reason.startswith(("holds", "nests")) else ""
    return ""


def read_file(text: str, name: str) -> list[Document]:
    """The documents of a file, by its name's ending. Raises `Unreadable`."""
    if len(text) > MAX_TEXT:
        raise Unreadable(f"is longer than {MAX_TEXT // 1_000_000} MB")
    if name.endswith(".toml"):
        found = _toml(text)
        return [found] if found else []
    if name.endswith((".json", ".json5", ".template", ".cfn", ".cform", ".cft")) and text.lstrip()[
        :1
    ] in ("{", "["):
        return [_json(text)]
    return list(_yaml(text))


def parse_text(text: str) -> Document | None:
    """A text of a form that nobody names as the first that fits; None if it is none of them."""
    if len(text) > MAX_TEXT:
        return None
    try:
        if _TOML_TABLE.match(text.lstrip().partition("\n")[0]):
            found = _toml(text)
            if found:
                return found
        if text.lstrip()[:1] in ("{", "["):
            return _structured(_json(text)) or _toml(text)
        found = _dotenv(text) or _toml(text)
        if found:
            return found
        documents = [d for d in _yaml(text) if isinstance(d.data, (dict, list))]
    except Unreadable:
        return None
    return documents[0] if documents else None


def _structured(document: Document) -> Document | None:
    return document if isinstance(document.data, (dict, list)) else None


def _yaml(text: str) -> Iterator[Document]:
    try:
        for node in yaml.compose_all(text, Loader=LOADER):
            if node is not None:
                yield Document(plain(node), node_lines(node))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or type(error).__name__
        raise Unreadable(f"is not valid YAML: {problem}", mark.line + 1 if mark else 1) from None
    except RecursionError:
        raise Unreadable("nests too deep") from None


def _json(text: str) -> Document:
    """JSON or JSON5: both are YAML's flow style once comments are gone and tabs are spaces."""
    first = text.replace("\t", " ")
    failed: Unreadable | None = None
    for change in (str, _no_comments, _no_holes):
        try:
            return next(_yaml(change(first)), Document(None))
        except Unreadable as error:
            failed = failed or error
    try:
        return Document(json.loads(text))
    except (ValueError, RecursionError):
        assert failed is not None
        raise Unreadable(failed.reason.replace("YAML", "JSON"), failed.line) from None


def _no_comments(text: str) -> str:
    return _JSON5_TOKEN.sub(_without_comments, text)


def _no_holes(text: str) -> str:
    """A text whose interpolations are strings where a value is wanted, and nothing elsewhere."""

    def filled(token: re.Match[str]) -> str:
        if not token["hole"]:
            return token[0]
        before, after = text[: token.start()].rstrip()[-1:], text[token.end() :].lstrip()[:1]
        return '"${}"' if before in ":,[" and after in ",]}" else ""

    return _HOLE.sub(filled, text)


def _without_comments(token: re.Match[str]) -> str:
    if token["string"]:
        return token[0]
    if token["colon"]:
        return ": "
    return "\n" * token[0].count("\n")


def _dotenv(text: str) -> Document | None:
    """Lines of NAME=value, as a dotenv or properties file has; None if that is not what it is."""
    out: dict[str, str] = {}
    lines: dict[Path, int] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip().removeprefix("export ").strip()
        if not line or line.startswith(("#", ";")):
            continue
        name, separator, value = line.partition("=")
        word = name.strip()
        if not separator or not word.replace("_", "").replace(".", "").replace("-", "").isalnum():
            return None
        out[word] = value.strip().strip("\"'")
        lines[(word,)] = number
    return Document(out, lines) if out else None


def _toml(text: str) -> Document | None:
    """The tables and one-line entries of a TOML or INI text; None if it is neither.

    Python reads TOML from 3.11 on and never tells lines, so tables, keys and one-line values are read
    here; a value over several lines is kept as its text.
    """
    out: dict[str, Any] = {}
    lines: dict[Path, int] = {}
    table: Path = ()
    entries = 0
    within = False  # a value over several lines, which may stand anywhere
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip() or raw.lstrip().startswith(("#", ";")):
            continue
        head, entry = _TOML_TABLE.match(raw), _TOML_ENTRY.match(raw)
        if head:
            table = _toml_key(head[1])
            lines.setdefault(table, number)
        elif entry:
            path = (*table, *_toml_key(entry[1]))
            _put(out, path, _toml_value(entry[2]))
            lines[path] = number
            entries += 1
        elif entries == 0 or not (_CONTINUES.match(raw) or within):
            return None
        within ^= raw.count('"""') % 2 == 1 or raw.count("'''") % 2 == 1
    return Document(out, lines) if entries else None


def _toml_key(text: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in re.split(r"\.(?=[\w\"'])", text))


def _toml_value(text: str) -> Any:
    quoted = re.match(r"\"((?:\\.|[^\"\\])*)\"|'([^']*)'", text)
    if quoted:
        return quoted[1] if quoted[1] is not None else quoted[2]
    bare = text.split(" #")[0].strip()
    if bare.startswith(("[", "{")):
        try:
            found = next(_yaml(bare.replace("=", ": ")), Document(bare))
        except Unreadable:
            return bare
        return found.data
    return {"true": True, "false": False}.get(bare, bare)


def _put(out: dict[str, Any], path: Path, value: Any) -> None:
    for step in path[:-1]:
        inner = out.setdefault(str(step), {})
        if not isinstance(inner, dict):
            return
        out = inner
    out[str(path[-1])] = value


def plain(node: yaml.Node) -> Any:
    """A composed YAML node as plain data; dates stay text, merge keys are applied.

    A tag of one's own becomes a mapping, as CloudFormation writes it in JSON: `!Ref x` is
    `{"Ref": "x"}`, `!Sub x` is `{"Fn::Sub": "x"}`. Raises `Unreadable` where the limits are exceeded.
    """
    return _Plain().of(node, 0)


class _Plain:
    """Expands one document, counting what it expands: anchors may multiply without end."""

    def __init__(self) -> None:
        self._left = MAX_NODES

    def of(self, node: yaml.Node, depth: int) -> Any:
        self._left -= 1
        if self._left < 0:
            raise Unreadable(f"holds more than {MAX_NODES} values", node.start_mark.line + 1)
        if depth > MAX_DEPTH:
            raise Unreadable(f"nests deeper than {MAX_DEPTH}", node.start_mark.line + 1)
        value = self._untagged(node, depth)
        tag = str(node.tag or "")
        if tag.startswith("!") and len(tag) > 1:
            return {_TAGGED.get(tag, f"Fn::{tag[1:]}"): value}
        return value

    def _untagged(self, node: yaml.Node, depth: int) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.of(n, depth + 1) for n in node.value]
        out: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    if isinstance(merged, yaml.MappingNode):
                        out = {**self.of(merged, depth + 1), **out}
            else:
                out[str(_scalar(key) if key.tag == _BINARY_TAG else key.value)] = self.of(
                    value, depth + 1
                )
        return out


def _scalar(node: yaml.ScalarNode) -> Any:
    kind = str(node.tag).rsplit(":", 1)[-1]
    if kind == "null":
        return None
    if kind == "bool":
        return node.value.lower() in ("true", "yes", "on")
    if kind == "int":
        try:
            return int(node.value.replace("_", ""), 0)
        except ValueError:
            return node.value
    if node.tag == _BINARY_TAG:
        try:
            return base64.b64decode("".join(node.value.split()), validate=True).decode("utf-8")
        except ValueError:
            return node.value
    return node.value


def node_lines(node: yaml.Node, path: Path = ()) -> dict[Path, int]:
    """1-based lines of every value below a node; a block scalar's is that of its first text line."""
    out: dict[Path, int] = {}
    stack: list[tuple[yaml.Node, Path, int]] = [(node, path, node.start_mark.line + 1)]
    while stack and len(out) < MAX_NODES:
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
                stack.extend(_entry_lines(key, value, where))
    return out


def _entry_lines(
    key: yaml.Node, value: yaml.Node, where: Path
) -> Iterator[tuple[yaml.Node, Path, int]]:
    if key.tag == "tag:yaml.org,2002:merge":
        for merged in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if isinstance(merged, yaml.MappingNode):
                for inner, its in merged.value:
                    yield from _entry_lines(inner, its, where)
        return
    block = isinstance(value, yaml.ScalarNode) and value.style in ("|", ">")
    at = value.start_mark.line + 2 if block else key.start_mark.line + 1
    yield value, (*where, str(getattr(key, "value", ""))), at
