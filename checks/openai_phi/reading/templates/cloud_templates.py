"""CloudFormation, SAM and Serverless Framework: each resource or function, its expressions evaluated."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from openai_phi.reading.templates.file_parts import Part, at, mappings
from openai_phi.text.documents import Document
from openai_phi.words.places import Path, show
from openai_phi.words.references import ByAddress
from openai_phi.words.resources import Unknown

_TEMPLATE = re.compile(
    r"AWSTemplateFormatVersion|AWS::Serverless-2016-10-31|[\"']?Type[\"']?\s*:\s*[\"']?AWS::\w+"
)
_SUB = re.compile(r"\$\{([^}!][^}]*)\}")
_GLOBALS = {
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::StateMachine": "StateMachine",
}
_SERVERLESS = re.compile(r"serverless(\.[\w-]+)?\.(ya?ml|json)$")
_SELF = re.compile(r"\$\{self:([\w.-]+)\}")


def is_template(file: str, text: str) -> bool:
    """Whether a file is a CloudFormation or SAM template."""
    ending = file.endswith((".yaml", ".yml", ".json", ".template"))
    return ending and "Resources" in text and _TEMPLATE.search(text) is not None


def is_serverless(file: str, text: str) -> bool:
    """Whether a file is a Serverless Framework service."""
    named = _SERVERLESS.fullmatch(os.path.basename(file).lower()) is not None
    return (
        named
        and re.search(r"^[\"']?\s*(service|provider)[\"']?\s*:", text, re.MULTILINE) is not None
    )


def template_parts(document: Document, base: Path = ()) -> Iterator[Part]:
    """The resources of a template; `base` is where its Resources' parent lies."""
    template = at(document.data, base)
    if not isinstance(template, dict):
        return
    evaluate = _Evaluator(template)
    for name, resource in mappings(template, "Resources"):
        type_ = str(resource.get("Type", ""))
        path: Path = (*base, "Resources", name)
        shared = [(*base, "Globals", _GLOBALS[type_])] if type_ in _GLOBALS else []
        globals_ = [p for p in shared if isinstance(at(document.data, p), dict)]
        data = {k: evaluate.value(v) for k, v in resource.items() if k in ("Properties",)}
        for where in globals_:
            data[str(where[-1])] = evaluate.value(at(document.data, where))
        refs = tuple(_refs(resource, path, template, document))
        # what is global is walked at its own place
        yield Part(
            type_,
            name,
            f"{type_}.{name}",
            path,
            tuple(globals_),
            (),
            (),
            refs,
            data={"Properties": data.get("Properties")},
        )


def serverless_parts(document: Document) -> Iterator[Part]:
    """The functions of a Serverless service with the provider's variables, and its own resources."""
    data = document.data
    if not isinstance(data, dict):
        return
    provider = data.get("provider") if isinstance(data.get("provider"), dict) else {}
    shared = tuple(
        ("provider", k) for k in ("environment",) if isinstance((provider or {}).get(k), dict)
    )
    tags = tuple(("provider", k) for k in ("tags", "stackTags") if (provider or {}).get(k))
    functions = list(mappings(data, "functions"))
    for name, function in functions:
        resolved = _self_references(function, data)
        yield Part(
            "serverless_function",
            name,
            f"functions.{name}",
            ("functions", name),
            shared,
            tags,
            data=resolved,
        )
    if not functions and shared:
        service = data.get("service")
        yield Part("serverless_function", str(service), "provider", ("provider",), (), tags)
    if isinstance(at(data, ("resources", "Resources")), dict):
        yield from template_parts(document, ("resources",))


def _self_references(node: Any, data: Any) -> Any:
    if isinstance(node, dict):
        return {k: _self_references(v, data) for k, v in node.items()}
    if isinstance(node, list):
        return [_self_references(v, data) for v in node]
    found = _SELF.fullmatch(node) if isinstance(node, str) else None
    value = at(data, found[1].split(".")) if found else None
    return value if isinstance(value, (str, int, bool)) else node


class _Evaluator:
    """Evaluates a template's intrinsic functions as far as its own text decides them."""

    def __init__(self, template: dict[str, Any]) -> None:
        self._parameters = dict(mappings(template, "Parameters"))
        self._mappings = template.get("Mappings")

    def value(self, node: Any) -> Any:
        """Plain data; what only a deployment knows is `Unknown`."""
        if isinstance(node, list):
            return [self.value(v) for v in node]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((key, inner),) = node.items()
            if key == "Ref" or str(key).startswith("Fn::"):
                return self._intrinsic(str(key), inner)
        return {k: self.value(v) for k, v in node.items()}

    def _intrinsic(self, key: str, inner: Any) -> Any:
        if key == "Ref":
            return self._parameter(str(inner))
        if key == "Fn::Sub":
            return self._sub(inner)
        if key == "Fn::Join" and isinstance(inner, list) and len(inner) == 2:
            pieces = self.value(inner[1])
            if isinstance(pieces, list) and all(isinstance(p, (str, int)) for p in pieces):
                return str(inner[0]).join(map(str, pieces))
        if key == "Fn::If" and isinstance(inner, list):
            return [v for v in map(self.value, inner[1:]) if v != {"Ref": "AWS::NoValue"}]
        if key == "Fn::FindInMap" and isinstance(inner, list):
            options = _leaves(at(self._mappings, inner[:1] if isinstance(inner[0], str) else []))
            return options if options else Unknown("depends on a mapping")
        if key in ("Fn::Base64", "Fn::ToJsonString"):
            return self.value(inner)
        return Unknown(f"{key} is known only when it is deployed")

    def _parameter(self, name: str) -> Any:
        parameter = self._parameters.get(name)
        if parameter is None:
            return Unknown(f"refers to {name}")
        if str(parameter.get("NoEcho", "")).lower() == "true":
            return Unknown(f"the hidden parameter {name}")
        default = parameter.get("Default")
        if isinstance(default, (dict, list)):
            return Unknown(f"the parameter {name}, whose default is no plain value")
        return (
            default
            if default is not None
            else Unknown(f"the parameter {name}, which has no default")
        )

    def _sub(self, inner: Any) -> Any:
        text, given = (
            (inner[0], inner[1]) if isinstance(inner, list) and len(inner) == 2 else (inner, {})
        )
        unknown: list[Unknown] = []

        def fill(found: re.Match[str]) -> str:
            own = given.get(found[1]) if isinstance(given, dict) else None
            value = self.value(own) if own is not None else self._parameter(found[1])
            if isinstance(value, Unknown):
                unknown.append(value)
                return found[0]
            return str(value)

        filled = _SUB.sub(fill, str(text))
        long = len(filled) > 200 or "\n" in filled
        # a script or a URL with one unknown piece still shows the rest
        return filled if not unknown or long or "://" in filled else unknown[0]


def _leaves(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return [leaf for v in node.values() for leaf in _leaves(v)]
    return [node] if node is not None else []


def _refs(
    node: Any, path: Path, template: dict[str, Any], document: Document
) -> Iterator[ByAddress]:
    """What a resource refers to, by the id of the part that it becomes."""
    resources = dict(mappings(template, "Resources"))
    seen: set[str] = set()
    stack: list[tuple[Any, Path]] = [(node, path)]
    while stack:
        current, where = stack.pop()
        for name in _names_in(current):
            if name in resources and name not in seen:
                seen.add(name)
                target = f"{resources[name].get('Type', '')}.{name}"
                at_path, line = show(where[len(path) :]), document.line(where)
                yield ByAddress(address=target, path=at_path, line=line)
        if isinstance(current, dict):
            stack.extend((v, (*where, str(k))) for k, v in sorted(current.items(), reverse=True))
        elif isinstance(current, list):
            stack.extend((v, (*where, i)) for i, v in enumerate(current))


def _names_in(node: Any) -> Iterator[str]:
    if not isinstance(node, dict) or len(node) != 1:
        return
    ((key, inner),) = node.items()
    if key == "Ref":
        yield str(inner)
    elif key == "Fn::GetAtt":
        yield str(inner[0]) if isinstance(inner, list) and inner else str(inner).split(".")[0]
    elif key == "Fn::Sub":
        text = inner[0] if isinstance(inner, list) and inner else inner
        for found in _SUB.findall(str(text)):
            yield found.split(".")[0]
