"""CloudFormation and SAM: each resource, its expressions evaluated."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from openai_phi.reading.templates.cloud_expansion import expanded
from openai_phi.reading.templates.cloud_parameters import (
    deploying,
    givens,
    parameter_files,
    parents,
)
from openai_phi.reading.templates.cloud_values import SUB, Evaluator, Given
from openai_phi.reading.templates.file_parts import Beside, Part, at, mappings
from openai_phi.text.documents import Document, read_file
from openai_phi.words.places import Path, show
from openai_phi.words.references import ByAddress

_TEMPLATE = re.compile(
    r"AWSTemplateFormatVersion|AWS::Serverless-2016-10-31|[\"']?Type[\"']?\s*:\s*[\"']?AWS::\w+"
)
_GLOBALS = {
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::StateMachine": "StateMachine",
}
ENDINGS = (".yaml", ".yml", ".json", ".template", ".cfn", ".cform", ".cft")


def is_template(file: str, text: str) -> bool:
    """Whether a file is a CloudFormation or SAM template."""
    return file.endswith(ENDINGS) and "Resources" in text and _TEMPLATE.search(text) is not None


def read_template(text: str, file: str, shown: str, beside: Beside) -> tuple[Document, list[Part]]:
    """A template as each deployment of it makes it that the repository tells of. Raises `Unreadable`."""
    found = next((d for d in read_file(text, file) if d.data is not None), Document(None))
    document = expanded(text, found, file, beside)
    given = givens(document, file, beside) if isinstance(document.data, dict) else []
    lacking = {n for n, p in mappings(document.data, "Parameters") if p.get("Default") is None}
    alone = [] if any(lacking & set(g.parameters) for g in given) else [Given()]
    parts = (template_parts(document, (), shown, g) for g in (*alone, *given))
    return document, [p for each in parts for p in each]


def takes_in(file: str, beside: Beside) -> Iterator[str]:
    """Files that may say what a template leaves open."""
    yield from parameter_files(file, beside)
    yield from parents(file, beside)
    yield from dict.fromkeys(c.file for c in deploying(beside))
    text = beside(file) or ""
    if "AWS::Include" in text:
        yield from (f for f in beside.files if f != file and os.path.basename(f) in text)


def template_parts(
    document: Document, base: Path = (), shown: str = "", given: Given | None = None
) -> Iterator[Part]:
    """The resources of a template; `base` is where its Resources' parent lies."""
    template = at(document.data, base)
    if not isinstance(template, dict):
        return
    given = given or Given()
    evaluate = Evaluator(document, base, shown, given)
    shared_data = {
        (*base, "Globals", kind): evaluate.value(value, (*base, "Globals", kind))
        for kind, value in mappings(template, "Globals")
    }
    for name, resource in mappings(template, "Resources"):
        type_ = str(resource.get("Type", ""))
        path: Path = (*base, "Resources", name)
        shared = (*base, "Globals", _GLOBALS.get(type_, ""))
        properties = evaluate.value(resource.get("Properties"), (*path, "Properties"))
        refs = tuple(_refs(resource, path, template, document))
        yield Part(
            type_,
            name,
            f"{type_}.{name}",
            path,
            (shared,) if shared in shared_data else (),
            (),
            (),
            refs,
            data={"Properties": properties},
            evaluated=shared_data,
            marks=given.marks,
            variant=given.name,
        )


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
        for found in SUB.findall(str(text)):
            yield found.split(".")[0]
