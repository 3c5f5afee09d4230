"""What Bicep files and ARM templates are deployed with: `.bicepparam` and parameter files in JSON."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

from openai_phi.reading.bicep_arm.bicep_source import List, Loader, Object, read_parameters
from openai_phi.reading.templates.file_parts import Beside, at
from openai_phi.text.documents import Document, Unreadable, read_file
from openai_phi.words.places import Path

_USING = re.compile(r"^\s*using\s+'([^']+)'", re.MULTILINE)
_FOLDERS = frozenset(
    {"parameters", "params", "param", "env", "envs", "environments", "config", "configs", "deploy"}
)
_NAMED = re.compile(r"\bparam[ \t]+(\w+)")


def parameter_files(beside: Beside) -> list[str]:
    """The files of a scan that give parameters to deployments of Azure."""

    def found() -> list[str]:
        named = [f for f in beside.files if f.endswith(".json")]
        return [f for f in beside.files if f.endswith(".bicepparam")] + [
            f for f in named if "deploymentParameters.json" in (beside(f) or "")
        ]

    listed: list[str] = beside.once("parameters of azure", found)
    return listed


def givens(file: str, names: Iterable[str], beside: Beside) -> list[tuple[str, Object]]:
    """(name, parameters) of each parameter file of a template; `names` are its parameters."""
    known = set(names)
    out = []
    for other in parameter_files(beside):
        text = beside(other) or ""
        try:
            if other.endswith(".bicepparam"):
                using = _USING.search(text)
                named = os.path.join(os.path.dirname(other), using[1]) if using else ""
                if os.path.normpath(named) != file:
                    continue
                found = read_parameters(text, beside.shown(other), loader(other, beside))
            elif _is_near(other, file):
                found = _of_json(text, other, beside.shown(other))
            else:
                continue
        except Unreadable:
            continue
        if found and set(found) <= known:
            out.append((beside.shown(other), found))
    return out


def bicep_parameters(text: str) -> list[str]:
    """The names of the parameters of a Bicep file."""
    return _NAMED.findall(text)


def loader(file: str, beside: Beside) -> Loader:
    """What gives a Bicep file the content of others: plain data with places, or a text."""

    def load(name: str, kind: str, path: str) -> Any:
        where = os.path.normpath(os.path.join(os.path.dirname(file), name))
        text = beside(where)
        if text is None:
            return None
        beside.taken.add(where)
        if kind == "Text":
            return text
        try:
            found = next(iter(read_file(text, where)), None)
        except Unreadable:
            return None
        steps = tuple(int(s) if s.isdigit() else s for s in re.findall(r"[\w-]+", path))
        return found and placed(found, steps, beside.shown(where))

    return load


def placed(document: Document, path: Path, shown: str) -> Any:
    """What stands at a path of a document, with the place of each value."""
    return _placed(at(document.data, path), document, path, shown)


def _placed(node: Any, document: Document, path: Path, shown: str) -> Any:
    if isinstance(node, dict):
        out = Object()
        for key, value in node.items():
            out[str(key)] = _placed(value, document, (*path, key), shown)
            out.written[str(key)] = (shown, document.line((*path, key)))
        return out
    if isinstance(node, list):
        listed = List()
        for index, value in enumerate(node):
            listed.append(_placed(value, document, (*path, index), shown))
            listed.written[index] = (shown, document.line((*path, index)))
        return listed
    return node


def _of_json(text: str, file: str, shown: str) -> Object:
    document = next(iter(read_file(text, file)), Document(None))
    out = Object()
    found = at(document.data, ("parameters",))
    for name, entry in found.items() if isinstance(found, dict) else ():
        if isinstance(entry, dict) and "value" in entry:
            path = ("parameters", name, "value")
            out[name] = placed(document, path, shown)
            out.written[name] = (shown, document.line(path))
    return out


def _is_near(other: str, file: str) -> bool:
    """Whether a parameter file is for a template: it lies beside it, or in a folder for such, by its name."""
    folder, own = os.path.dirname(other), os.path.dirname(file)
    told = os.path.basename(folder).lower() in _FOLDERS
    return folder == own or (told and os.path.dirname(folder) in (own, os.path.dirname(own)))
