"""Terraform plans as JSON: planned resources; what only the apply will know is unknown, never absent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openai_phi.reading.templates.file_parts import Binding, Part, at
from openai_phi.text.documents import Document, Unreadable, base64_text, read_file
from openai_phi.words.places import Path, show
from openai_phi.words.references import ByAddress
from openai_phi.words.resources import Unknown

_LINES_UP_TO = 1_000_000
"""Characters of a plan whose lines are looked up; a larger one is shown at its first line."""
_KNOWN_FORMATS = re.compile(r"(0|1)\.\d+(\.\d+)?")
_INDEX = re.compile(r"\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\]")
_TARGET = re.compile(
    r"(?P<plain>(?:data\.)?[A-Za-z_][\w-]*\.[A-Za-z_][\w-]*)(?P<index>\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\])?"
)
_NOT_RESOURCES = frozenset({"var", "local", "each", "count", "path", "module", "self", "terraform"})
_DEEPEST = 20
_SENSITIVE = "is sensitive, and comes from elsewhere"
_PROJECT = re.compile(r"(?:^|\.)openai_project\.[^.]+$")
_ACCOUNT = re.compile(r"(?:^|\.)openai_project_service_account\.[^.]+$")
_SECRET = re.compile(r"secret|ssm_parameter|key_vault")


def fits(file: str, text: str) -> bool:
    """Whether a file is a plan that `terraform show -json` wrote."""
    return file.endswith(".json") and is_plan(text)


def is_plan(text: str) -> bool:
    """Whether a text is a plan."""
    return '"format_version"' in text[:2000] and '"planned_values"' in text


def read_plan(text: str) -> tuple[Document, list[Part]]:
    """A plan as a document and its parts. Raises `Unreadable`."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("is not valid JSON", getattr(error, "lineno", 1)) from None
    version = str(data.get("format_version", "")) if isinstance(data, dict) else ""
    if not _KNOWN_FORMATS.fullmatch(version):
        raise Unreadable(f"has the plan format {version or 'of no version'}, which is not known")
    several = len(text) < _LINES_UP_TO and text.count("\n") > 5
    document = Document(data, read_file(text, "plan.json")[0].lines if several else {})
    return document, list(_parts(data))


def _parts(data: Mapping[str, Any]) -> Iterator[Part]:
    changes = {
        str(change.get("address")): change["change"]
        for change in data.get("resource_changes") or ()
        if isinstance(change, dict) and isinstance(change.get("change"), dict)
    }
    config = _Configuration(at(data, ("configuration", "root_module")), "", None)
    planned: Path = ("planned_values", "root_module")
    read: Path = ("prior_state", "values", "root_module")
    found = [
        *_module(at(data, planned), planned, config),
        *(r for r in _module(at(data, read), read, config) if r.mode == "data"),
    ]
    links = _Links(found)
    for resource in found:
        change = changes.get(resource.address) if resource.path[0] == planned[0] else None
        yield _part(resource, change or {}, links)


@dataclass(frozen=True)
class _Planned:
    """One resource of a plan with the module of the configuration that declares it."""

    raw: Mapping[str, Any]
    path: Path
    config: _Configuration

    @property
    def address(self) -> str:
        return str(self.raw.get("address", ""))

    @property
    def mode(self) -> str:
        return str(self.raw.get("mode", ""))

    @property
    def expressions(self) -> Any:
        return self.config.expressions(_INDEX.sub("", self.address))


def _module(module: Any, base: Path, config: _Configuration) -> Iterator[_Planned]:
    if not isinstance(module, dict):
        return
    for index, resource in enumerate(module.get("resources") or ()):
        if isinstance(resource, dict):
            yield _Planned(resource, (*base, "resources", index), config)
    for index, child in enumerate(module.get("child_modules") or ()):
        if isinstance(child, dict):
            own = _INDEX.sub("", str(child.get("address", ""))).split("module.")[-1]
            yield from _module(child, (*base, "child_modules", index), config.child(own))


def _part(resource: _Planned, change: Mapping[str, Any], links: _Links) -> Part:
    raw, path = resource.raw, resource.path
    sensitive = raw.get("sensitive_values")
    whole = _with_left_out(raw.get("values") or {}, change.get("after"), sensitive)
    values = _decoded(_shown(whole, sensitive, resource.expressions))
    values = _with_unknown(values, change.get("after_unknown"))
    type_ = str(raw.get("type", ""))
    kind = f"data.{type_}" if type_ == "aws_iam_policy_document" else type_
    targets = links.of(resource)
    refs: dict[str, ByAddress] = {}
    for where, target in targets:
        refs.setdefault(target, ByAddress(address=target, path=show(where), line=0))
    return Part(
        kind,
        _name(values) or str(raw.get("name", "")),
        resource.address,
        (*path, "values"),
        refs=tuple(refs.values()),
        data=values,
        head=(*path, "address"),
        bindings=tuple(links.bindings(targets)),
    )


class _Configuration:
    """One module of the plan's configuration: which expressions refer to what."""

    def __init__(self, module: Any, prefix: str, outer: tuple[_Configuration, str] | None) -> None:
        self._module = module if isinstance(module, dict) else {}
        self._prefix = prefix
        self._outer = outer

    def child(self, name: str) -> _Configuration:
        call = at(self._module, ("module_calls", name, "module"))
        return _Configuration(call, f"{self._prefix}module.{name}.", (self, name))

    def expressions(self, address: str) -> Any:
        """The expressions of a resource by its address without indices."""
        for resource in self._module.get("resources") or ():
            if (
                isinstance(resource, dict)
                and self._prefix + str(resource.get("address")) == address
            ):
                return resource.get("expressions")
        return None

    def targets(self, names: Sequence[str], depth: int = 0) -> Iterator[tuple[str, str]]:
        """(address without indices, index if one is named) of the resources that names lead to."""
        for name in names:
            words = _INDEX.sub("", name).split(".")
            if words[0] == "var" and self._outer and depth < _DEEPEST:
                outer, call = self._outer
                inner = at(outer._module, ("module_calls", call, "expressions", words[1]))
                for _, more in _references(inner, ()):
                    yield from outer.targets(more, depth + 1)
            elif words[0] == "module" and len(words) > 2 and depth < _DEEPEST:
                child = self.child(words[1])
                inner = at(child._module, ("outputs", words[2], "expression"))
                for _, more in _references(inner, ()):
                    yield from child.targets(more, depth + 1)
            elif words[0] not in _NOT_RESOURCES:
                found = _TARGET.match(name)
                if found:
                    yield self._prefix + found["plain"], found["index"] or ""


class _Links:
    """What the resources of a plan refer to, instance by instance."""

    def __init__(self, resources: Sequence[_Planned]) -> None:
        self._by_address: dict[str, dict[str, _Planned]] = {}
        for resource in resources:
            plain = _INDEX.sub("", resource.address)
            self._by_address.setdefault(plain, {})[resource.address] = resource

    def of(self, resource: _Planned) -> list[tuple[Path, str]]:
        """(path of the expression, address) for each resource that a resource refers to."""
        out: dict[tuple[Path, str], None] = {}
        for path, names in _references(resource.expressions, ()):
            each = any(n.split(".")[0] in ("each", "count") for n in names)
            found = list(dict.fromkeys(resource.config.targets(names)))
            indexed = {plain for plain, index in found if index}
            for plain, index in found:
                if index or plain not in indexed:
                    for address in self._instances(resource, plain, index, each):
                        out[path, address] = None
        return list(out)

    def _instances(self, own: _Planned, plain: str, index: str, each: bool) -> list[str]:
        """The instances that are meant; those of the same instance of a module before others."""
        there = self._by_address.get(plain, {})
        meant = list(there) if not index else [a for a in there if a.endswith(index)]
        own_index = _last_index(own.address)
        if each and own_index and not index:
            same = [a for a in meant if a.endswith(own_index)]
            meant = same or meant
        modules = _module_of(own.address)
        near = [a for a in meant if _module_of(a) == modules]
        return near or meant or [plain]

    def bindings(self, targets: Sequence[tuple[Path, str]]) -> Iterator[Binding]:
        """What each expression binds a project or a key to, where it refers to just one such thing."""
        for path in dict.fromkeys(p for p, _ in targets):
            own = [t for p, t in targets if p == path]
            projects = [t for t in own if _PROJECT.search(t)]
            accounts = [p for t in own if _ACCOUNT.search(t) for p in self._projects_of(t)]
            secrets = [t for t in own if _SECRET.search(t)]
            named = tuple(s for s in path if isinstance(s, str))
            for kind, found in (("project", projects), ("account", accounts), ("secret", secrets)):
                if len(found) == 1:
                    yield Binding(named, kind, found[0])

    def _projects_of(self, address: str) -> Iterator[str]:
        """The project of a service account: its id where the plan knows it, or the address."""
        account = self._by_address.get(_INDEX.sub("", address), {}).get(address)
        if account is None:
            return
        literal = at(account.raw, ("values", "project_id"))
        if isinstance(literal, str):
            yield literal
        else:
            yield from (t for p, t in self.of(account) if p == ("project_id",))


def _last_index(address: str) -> str:
    found = list(_INDEX.finditer(address))
    return found[-1][0] if found and found[-1].end() == len(address) else ""


def _module_of(address: str) -> str:
    """The instance of the module that an address lies in."""
    whole = _INDEX.sub(lambda m: m[0].replace(".", "\0"), address)
    words = whole.split(".")
    last = max((i for i, w in enumerate(words) if w == "module"), default=-2)
    return ".".join(words[: last + 2])


def _references(node: Any, path: Path) -> Iterator[tuple[Path, list[str]]]:
    if isinstance(node, dict):
        if isinstance(node.get("references"), list):
            yield path, [str(r) for r in node["references"]]
        for key, value in node.items():
            if key not in ("references", "constant_value"):
                yield from _references(value, (*path, str(key)))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _references(value, (*path, index) if len(node) > 1 else path)


def _with_left_out(values: Any, after: Any, sensitive: Any) -> Any:
    """Planned values with what is left out of them as sensitive: as the change has it, else unknown."""
    if sensitive in (None, False):
        return values
    if values is None or (sensitive is True and values in ("", {}, [])):
        unknown = Unknown(_SENSITIVE) if values is None else values
        return unknown if after in (None, "", {}, []) else after
    if isinstance(values, dict) and isinstance(sensitive, dict):
        return {
            key: _with_left_out(values.get(key), at(after, (key,)), sensitive.get(key))
            for key in (*values, *(k for k in sensitive if k not in values and sensitive[k]))
        }
    if isinstance(values, list) and isinstance(sensitive, list):
        return [
            _with_left_out(v, at(after, (i,)), _step(sensitive, i)) for i, v in enumerate(values)
        ]
    return values


def _shown(values: Any, sensitive: Any, expression: Any) -> Any:
    """Values without those that Terraform calls sensitive, but for constants and documents.

    A constant stands in the code as it does here; a document is looked into as in the source.
    """
    if sensitive in (None, False) or (
        isinstance(expression, dict) and "constant_value" in expression
    ):
        return values
    if isinstance(values, dict):
        return {k: _shown(v, _step(sensitive, k), at(expression, (k,))) for k, v in values.items()}
    if isinstance(values, list):
        return [_shown(v, _step(sensitive, i), at(expression, (i,))) for i, v in enumerate(values)]
    if sensitive is True and isinstance(values, str) and not _is_document(values):
        return Unknown(_SENSITIVE)
    return values


def _step(sensitive: Any, key: str | int) -> Any:
    return True if sensitive is True else at(sensitive, (key,))


def _is_document(text: str) -> bool:
    text = base64_text(text) or text
    return "\n" in text.strip() or text.lstrip()[:1] in ("{", "[")


def _decoded(values: Any) -> Any:
    """Values with each text that was encoded as base64 (a script, a cloud-init) as it was before."""
    if isinstance(values, dict):
        return {k: _decoded(v) for k, v in values.items()}
    if isinstance(values, list):
        return [_decoded(v) for v in values]
    return (base64_text(values) or values) if isinstance(values, str) else values


def _name(values: Any) -> str:
    for key in (
        "function_name",
        "name",
        "family",
        "service_name",
        "identifier",
        "bucket",
        "secret_id",
    ):
        value = values.get(key) if isinstance(values, dict) else None
        if isinstance(value, str) and value:
            return value
    return ""


def _with_unknown(values: Any, unknown: Any) -> Any:
    """Planned values with `Unknown` wherever the plan says that the apply decides."""
    if unknown is True:
        return Unknown("known only after the apply")
    if isinstance(unknown, dict) and (isinstance(values, dict) or values is None):
        out = dict(values or {})
        for key, inner in unknown.items():
            if inner is True or (isinstance(inner, (dict, list)) and inner):
                out[key] = _with_unknown(out.get(key), inner)
        return out
    if isinstance(unknown, list) and isinstance(values, list):
        longer = max(len(values), len(unknown))
        return [
            _with_unknown(
                values[i] if i < len(values) else None, unknown[i] if i < len(unknown) else None
            )
            for i in range(longer)
        ]
    return values
