"""Values of CloudFormation templates: intrinsic functions, with all options that a deployment decides on."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from openai_phi.reading.templates.file_parts import at, mappings
from openai_phi.text.documents import Document
from openai_phi.words.places import Path
from openai_phi.words.resources import Option, Options, Setting, Unknown

SUB = re.compile(r"\$\{([^}!][^}]*)\}")
_MOST = 16
"""Combinations of options in one text."""
_NOTHING = {"Ref": "AWS::NoValue"}
_OF_STORE = "AWS::SSM::Parameter::Value<"
"""How the type of a parameter begins whose default is the name of one of the parameter store."""
_Place = Callable[[Path], tuple[str, int]]


@dataclass(frozen=True)
class Given:
    """What one deployment of a template gives it: parameters with their places, tags, and its name."""

    name: str = ""
    parameters: Mapping[str, Option] = field(default_factory=dict)
    marks: tuple[Setting, ...] = ()


class Evaluator:
    """Evaluates a template's intrinsic functions as far as the repository decides them."""

    def __init__(self, document: Document, base: Path, shown: str, given: Given) -> None:
        template = at(document.data, base)
        self._parameters = dict(mappings(template, "Parameters"))
        self._mappings = at(template, ("Mappings",))
        self._document, self._base, self._shown, self._given = document, base, shown, given

    def value(self, node: Any, path: Path) -> Any:
        """What stands at a path: plain data; what only a deployment knows is `Unknown` or `Options`."""
        if isinstance(node, list):
            return [self.value(v, (*path, i)) for i, v in enumerate(node) if v != _NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((key, inner),) = node.items()
            if key == "Ref" or str(key).startswith("Fn::"):
                return self._intrinsic(str(key), inner, (*path, str(key)))
        return {k: self.value(v, (*path, str(k))) for k, v in node.items() if v != _NOTHING}

    def _intrinsic(self, key: str, inner: Any, path: Path) -> Any:
        if key == "Ref":
            return self._parameter(str(inner))
        function = _FUNCTIONS.get(key)
        found = function(self, inner, path) if function else None
        return Unknown(f"{key} is known only when it is deployed") if found is None else found

    def _place(self, path: Path) -> _Place:
        """Where what stands below a path of the template is written."""

        def place(inner: Path) -> tuple[str, int]:
            where = (*path, *inner)
            return self._document.file(where) or self._shown, self._document.line(where)

        return place

    def _parameter(self, name: str) -> Any:
        given = self._given.parameters.get(name)
        parameter = self._parameters.get(name)
        if parameter is None:
            return Unknown(f"refers to {name}", what=f"${{{name}}}")
        default = parameter.get("Default")
        if str(parameter.get("Type", "")).startswith(_OF_STORE):
            key = given.value if given is not None else default
            named = f"{{{{resolve:ssm:{key}}}}}" if isinstance(key, str) else ""
            return Unknown(f"the parameter {name}, which a store fills", what=named)
        if given is not None:
            return Options([given])
        if str(parameter.get("NoEcho", "")).lower() == "true":
            return Unknown(f"the hidden parameter {name}")
        if default is None or isinstance(default, (dict, list)):
            what = "which has no default" if default is None else "whose default is no plain value"
            return Unknown(f"the parameter {name}, {what}")
        return default

    def _if(self, inner: Any, path: Path) -> Any:
        if not isinstance(inner, list):
            return None
        out = Options()
        for index, branch in enumerate(inner[1:], 1):
            if branch != _NOTHING:
                where = (*path, index)
                out.append(Option(self.value(branch, where), self._place(where)))
        return out

    def _find_in_map(self, inner: Any, path: Path) -> Any:
        if not isinstance(inner, list) or len(inner) < 3:
            return None
        found = [((*self._base, "Mappings"), self._mappings)]
        for index, step in enumerate(inner[:3]):
            keys = {str(v) for v, _ in self._options(self.value(step, (*path, index)))}
            known = keys and not any(isinstance(o, Unknown) for o in self._values(step, path))
            open_ = self._is_open(step) if index else None
            if known and open_ is not None:  # a deployment chooses, and the mapping says among what
                keys |= open_ or {
                    str(k) for _, n in found for k in (n if isinstance(n, dict) else ())
                }
            found = [
                ((*where, str(key)), value)
                for where, node in found
                for key, value in (node.items() if isinstance(node, dict) else ())
                if not known or str(key) in keys
            ]
        out = Options(Option(value, self._place(where)) for where, value in found)
        more = (
            inner[3].get("DefaultValue") if len(inner) > 3 and isinstance(inner[3], dict) else None
        )
        if more is not None:
            where = (*path, 3, "DefaultValue")
            out.append(Option(self.value(more, where), self._place(where)))
        return out or Unknown("depends on a mapping")

    def _is_open(self, node: Any) -> set[str] | None:
        """What a parameter that only has a default may be instead (empty: anything); None: it is no such."""
        name = node.get("Ref") if isinstance(node, dict) and len(node) == 1 else None
        parameter = self._parameters.get(name) if isinstance(name, str) else None
        if parameter is None or name in self._given.parameters:
            return None
        allowed = parameter.get("AllowedValues")
        return {str(a) for a in allowed} if isinstance(allowed, list) else set()

    def _values(self, node: Any, path: Path) -> list[Any]:
        value = self.value(node, path)
        return [o.value for o in value] if isinstance(value, Options) else [value]

    def _options(self, value: Any) -> Iterator[tuple[Any, _Place | None]]:
        """The plain values that a value may be."""
        if isinstance(value, Options):
            for option in value:
                for inner, place in self._options(option.value):
                    yield inner, place or option.place
        elif not isinstance(value, Unknown):
            yield value, None

    def _texts(self, pieces: list[Any], make: Callable[[tuple[Any, ...]], Any], path: Path) -> Any:
        """What is made of pieces, for each combination of their options."""
        choices = [
            [o.value for o in p] if isinstance(p, Options) else [p] for p in pieces
        ]  # what is unknown stays a piece
        made = [make(c) for c in itertools.islice(itertools.product(*choices), _MOST)]
        if len(made) == 1:
            return made[0]
        return Options(Option(m, self._place(path)) for m in made)

    def _join(self, inner: Any, path: Path) -> Any:
        if not isinstance(inner, list) or len(inner) != 2:
            return None
        found = self.value(inner[1], (*path, 1))
        if isinstance(found, Options) and len(found) == 1:
            found = found[0].value
        if isinstance(found, str):  # a parameter that is a list
            found = found.split(",")
        if not isinstance(found, list):
            return None

        def joined(pieces: tuple[Any, ...]) -> Any:
            unknown = next((p for p in pieces if not isinstance(p, (str, int))), None)
            if unknown is None:
                return str(inner[0]).join(map(str, pieces))
            whole = str(inner[0]).join("*" if isinstance(p, Unknown) else str(p) for p in pieces)
            return whole if "://" in whole else Unknown("Fn::Join of what is known later")

        return self._texts(found, joined, path)

    def _sub(self, inner: Any, path: Path) -> Any:
        text, own = (
            (inner[0], inner[1]) if isinstance(inner, list) and len(inner) == 2 else (inner, {})
        )
        text = str(text)
        names = list(dict.fromkeys(SUB.findall(text)))

        def piece(name: str) -> Any:
            if isinstance(own, dict) and name in own:
                return self.value(own[name], (*path, 1, name))
            return self._parameter(name)

        pieces = [piece(n) for n in names]
        if names and text == f"${{{names[0]}}}":
            return pieces[0]

        def filled(values: tuple[Any, ...]) -> Any:
            known = dict(zip(names, values, strict=True))
            out = SUB.sub(
                lambda f: f[0] if isinstance(known[f[1]], Unknown) else str(known[f[1]]), text
            )
            unknown = [v for v in values if isinstance(v, Unknown)]
            long = len(out) > 200 or "\n" in out
            # a script or a URL with one unknown piece still shows the rest
            return out if not unknown or long or "://" in out else replace(unknown[0], what=out)

        return self._texts(pieces, filled, path)

    def _select(self, inner: Any, path: Path) -> Any:
        if not isinstance(inner, list) or len(inner) != 2:
            return None
        found = self.value(inner[1], (*path, 1))
        index = self.value(inner[0], (*path, 0))
        if isinstance(found, Options) and len(found) == 1:
            found = found[0].value
        if isinstance(found, str):
            found = found.split(",")
        if not isinstance(found, list):
            return None
        known = str(index).isdigit() and int(str(index)) < len(found)
        if known:
            return found[int(str(index))]
        return Options(Option(v, self._place((*path, 1, i))) for i, v in enumerate(found))

    def _split(self, inner: Any, path: Path) -> Any:
        if not isinstance(inner, list) or len(inner) != 2:
            return None
        found = [v for v, _ in self._options(self.value(inner[1], (*path, 1)))]
        return found[0].split(str(inner[0])) if found and isinstance(found[0], str) else None

    def _same(self, inner: Any, path: Path) -> Any:
        return self.value(inner, path)


def _attribute(evaluator: Evaluator, inner: Any, path: Path) -> Any:
    """An attribute that only a deployment knows, by the name of whose it is."""
    steps = inner if isinstance(inner, list) else str(inner).split(".")
    what = f"${{{'.'.join(map(str, steps))}}}"
    return Unknown("Fn::GetAtt is known only when it is deployed", what=what)


_FUNCTIONS: dict[str, Callable[[Evaluator, Any, Path], Any]] = {
    "Fn::If": Evaluator._if,
    "Fn::FindInMap": Evaluator._find_in_map,
    "Fn::Join": Evaluator._join,
    "Fn::Sub": Evaluator._sub,
    "Fn::GetAtt": _attribute,
    "Fn::Select": Evaluator._select,
    "Fn::Split": Evaluator._split,
    "Fn::Base64": Evaluator._same,
    "Fn::ToJsonString": Evaluator._same,
}
