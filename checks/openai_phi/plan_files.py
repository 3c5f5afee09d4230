"""Terraform plans as JSON: planned resources; what only the apply will know is unknown, never absent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from openai_phi.documents import Document, Unreadable, read_file
from openai_phi.file_parts import Part, at
from openai_phi.model import Path, Ref, Unknown, show

_LINES_UP_TO = 1_000_000
"""Characters of a plan whose lines are looked up; a larger one is shown at its first line."""
_KNOWN_FORMATS = re.compile(r"(0|1)\.\d+(\.\d+)?")
_INDEX = re.compile(r"\[(?:\d+|\".*?\")\]")


def fits(file: str, text: str) -> bool:
    """Whether a file is a plan that `terraform show -json` wrote."""
    head = text[:2000]
    return file.endswith(".json") and '"format_version"' in head and '"planned_values"' in text


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
    unknown = {
        str(change.get("address")): at(change, ("change", "after_unknown"))
        for change in data.get("resource_changes") or ()
        if isinstance(change, dict)
    }
    config = at(data, ("configuration", "root_module"))
    base: Path = ("planned_values", "root_module")
    yield from _module(at(data, base), base, unknown, _Configuration(config, "", None))


class _Configuration:
    """One module of the plan's configuration: which expressions refer to what."""

    def __init__(self, module: Any, prefix: str, outer: tuple[_Configuration, str] | None) -> None:
        self._module = module if isinstance(module, dict) else {}
        self._prefix = prefix
        self._outer = outer

    def child(self, name: str) -> _Configuration:
        call = at(self._module, ("module_calls", name, "module"))
        return _Configuration(call, f"{self._prefix}module.{name}.", (self, name))

    def refs(self, address: str) -> Iterator[Ref]:
        """The references of a resource, each once, by the address of its target."""
        seen: set[str] = set()
        for resource in self._module.get("resources") or ():
            if (
                isinstance(resource, dict)
                and self._prefix + str(resource.get("address")) == address
            ):
                for path, names in _references(resource.get("expressions"), ()):
                    for target in self._targets(names, 0):
                        if target not in seen:
                            seen.add(target)
                            yield Ref(target, show(path), 0)

    def _targets(self, names: list[str], depth: int) -> Iterator[str]:
        for name in names:
            words = name.split(".")
            if words[0] == "var" and self._outer and depth < 20:
                outer, call = self._outer
                inner = at(outer._module, ("module_calls", call, "expressions", words[1]))
                for _, more in _references(inner, ()):
                    yield from outer._targets(more, depth + 1)
            elif words[0] == "data" and len(words) > 2:
                yield self._prefix + ".".join(words[:3])
            elif len(words) > 1 and words[0] not in (
                "var",
                "local",
                "each",
                "count",
                "path",
                "module",
            ):
                yield self._prefix + _INDEX.sub("", ".".join(words[:2]))


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


def _module(
    module: Any, base: Path, unknown: Mapping[str, Any], config: _Configuration
) -> Iterator[Part]:
    if not isinstance(module, dict):
        return
    for index, resource in enumerate(module.get("resources") or ()):
        if not isinstance(resource, dict):
            continue
        path: Path = (*base, "resources", index)
        exact = str(resource.get("address", ""))
        address = _INDEX.sub("", exact)
        values = _with_unknown(resource.get("values") or {}, unknown.get(exact))
        type_ = str(resource.get("type", ""))
        kind = f"data.{type_}" if type_ == "aws_iam_policy_document" else type_
        name = _name(values) or str(resource.get("name", ""))
        refs = tuple(config.refs(address))
        head = (*path, "address")
        yield Part(kind, name, exact, (*path, "values"), refs=refs, data=values, head=head)
    for index, child in enumerate(module.get("child_modules") or ()):
        if isinstance(child, dict):
            own = _INDEX.sub("", str(child.get("address", ""))).split("module.")[-1]
            yield from _module(child, (*base, "child_modules", index), unknown, config.child(own))


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
