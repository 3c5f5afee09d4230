"""Types of Terraform's variables: what they make of a value, and the defaults of its optional parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lark import Token, Tree

from openai_phi.reading.terraform.terraform_values import (
    OneOf,
    Unknown,
    Val,
    one_of,
    options_of,
    unknown,
)
from openai_phi.words.resources import UNKNOWN_PART

Evaluate = Callable[[Any], Val]
MAX_NESTING = 40


def converted(value: Val, type_: Any, evaluate: Evaluate, depth: int = 0) -> Val:
    """A value as a variable of a type holds it: with the defaults of optional parts that it leaves out.

    `evaluate` gives the value of the expression of a default.
    """
    name, args = _call(type_)
    if not args or depth > MAX_NESTING:
        return value
    if isinstance(value.data, OneOf):
        return one_of((converted(o, type_, evaluate, depth) for o in options_of(value)), value.refs)
    if name == "object":
        return _object(value, args[0], evaluate, depth)
    if name in ("map", "list", "set"):
        return _each(value, lambda v: converted(v, args[0], evaluate, depth + 1))
    if name == "tuple" and isinstance(value.data, list):
        types = _children(args[0]) if isinstance(args[0], Tree) else []
        if len(types) == len(value.data):
            found = zip(value.data, types, strict=True)
            return _like(value, [converted(v, t, evaluate, depth + 1) for v, t in found])
    return value


def _each(value: Val, convert: Callable[[Val], Val]) -> Val:
    if isinstance(value.data, dict):
        return _like(value, {k: convert(v) for k, v in value.data.items()})
    if isinstance(value.data, list):
        return _like(value, [convert(v) for v in value.data])
    return value


def _object(value: Val, fields: Any, evaluate: Evaluate, depth: int) -> Val:
    """An object with the fields that its type has; one that is unknown has these with their defaults, too."""
    inner = _unwrapped(fields)
    if not isinstance(inner, Tree) or inner.data != "object":
        return value
    named = [
        (_name(c.children[0]), c.children[-1])
        for c in inner.children
        if isinstance(c, Tree) and c.data == "object_elem"
    ]
    types = {n: _optional(t) for n, t in named}
    lost = isinstance(value.data, Unknown)
    if lost and not any(default is not None for _, default in types.values()):
        return value
    if not lost and not isinstance(value.data, dict):
        return value
    given: dict[str, Val] = {} if lost else value.data
    rest = value if lost else given.get(UNKNOWN_PART)
    out: dict[str, Val] = {} if rest is None else {UNKNOWN_PART: rest} if not lost else {}
    for name, (type_, default) in types.items():
        own = given.get(name)
        if own is None or (own.data is None and default is not None):
            own = _left_out(name, default, rest, evaluate)
        out[name] = converted(own, type_, evaluate, depth + 1)
    return _like(value, out)


def _left_out(name: str, default: Any, rest: Val | None, evaluate: Evaluate) -> Val:
    """The value of a field that is not there, or may be in what is unknown."""
    own = evaluate(default) if default is not None else Val(None)
    if rest is None:
        return own
    hole = unknown(f"{name} of something unknown", rest, of=name)
    return hole if default is None else one_of([own, hole])


def _optional(type_: Any) -> tuple[Any, Any]:
    """The type and the default of a field; None where it has none."""
    name, args = _call(type_)
    if name != "optional" or not args:
        return type_, None
    return args[0], args[1] if len(args) > 1 else None


def _call(type_: Any) -> tuple[str, list[Any]]:
    """The name and the arguments of a type that takes some."""
    node = _unwrapped(type_)
    if not isinstance(node, Tree) or node.data != "function_call":
        return "", []
    arguments = [c for c in node.children[1:] if isinstance(c, Tree) and c.data == "arguments"]
    return _name(node.children[0]), _children(arguments[0]) if arguments else []


def _children(node: Tree[Token]) -> list[Any]:
    inner = _unwrapped(node)
    kept = inner.children if isinstance(inner, Tree) else []
    return [c for c in kept if not (isinstance(c, Token) and c.type != "STRING_LIT")]


def _unwrapped(node: Any) -> Any:
    while isinstance(node, Tree) and node.data == "expr_term":
        inner = [c for c in node.children if isinstance(c, Tree)]
        if len(inner) != 1:
            break
        node = inner[0]
    return node


def _name(node: Any) -> str:
    tokens = node.scan_values(lambda t: isinstance(t, Token)) if isinstance(node, Tree) else [node]
    return str(next(iter(tokens), "")).strip('"')


def _like(value: Val, data: Any) -> Val:
    return Val(data, value.line, value.file, value.refs, value.whole)
