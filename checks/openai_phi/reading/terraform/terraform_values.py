"""Values of Terraform expressions: known data, unknown parts, and the functions that combine them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from types import MappingProxyType
from typing import Any

import yaml

from openai_phi.words.resources import UNKNOWN_PART, Lack


@dataclass(frozen=True)
class Unknown:
    """A value that cannot be evaluated, why, and the name that it goes by where it comes from.

    `lack` and `what` say what is not there; `names` are the names that it came by, outermost first,
    each with where it is known.
    """

    reason: str
    of: str = ""
    lack: Lack = field(default=Lack.OTHER, compare=False, repr=False)
    what: str = field(default="", compare=False, repr=False)
    names: tuple[tuple[Any, str], ...] = field(default=(), compare=False, repr=False)
    missing: bool = field(default=False, compare=False, repr=False)
    """Whether it is certain that there is no such value, so that Terraform would call it a mistake."""


@dataclass(frozen=True, order=True)
class Ref:
    """A reference to a resource: the folder it is written for, and its address there."""

    folder: str
    address: str


@dataclass(frozen=True)
class OneOf:
    """One of these values; which one depends on something unknown."""

    options: tuple[Any, ...]


@dataclass(frozen=True)
class Partial:
    """A text of which parts are unknown; each unknown part is written as `${…}`."""

    text: str


@dataclass(frozen=True)
class Encoded:
    """Data that `jsonencode` or `yamlencode` turns into text; kept as data."""

    data: Any


@dataclass
class Val:
    """A value with its 1-based line, its file, and the resources that it refers to.

    `whole`: it is a text that stands there line by line, as a heredoc or another file does.
    """

    data: Any
    line: int = 0
    file: str = ""
    refs: frozenset[Ref] = field(default_factory=frozenset)
    whole: bool = False
    origin: tuple[str, int] = ("", 0)
    """File and line at which a plain value is written, where it is taken from a name."""

    def with_refs(self, refs: Iterable[Ref]) -> Val:
        more = frozenset(refs)
        return self if more <= self.refs else replace(self, refs=self.refs | more)

    def at(self, line: int, file: str) -> Val:
        return Val(self.data, line, file, self.refs, self.whole)


MAX_TEXT = 1_000_000
HOLE = "${…}"


def unknown(
    reason: str,
    *parts: Val,
    of: str = "",
    lack: Lack | None = None,
    what: str = "",
    missing: bool = False,
) -> Val:
    """An unknown value that keeps what its parts refer to, and by what of them it is unknown."""
    causes = [p.data for p in parts if isinstance(p.data, Unknown)]
    if lack is None and causes:
        lack, what = causes[0].lack, causes[0].what
    names = tuple(dict.fromkeys(n for c in causes for n in c.names))
    missing = missing or any(c.missing for c in causes)
    return Val(Unknown(reason, of, lack or Lack.OTHER, what, names, missing), refs=refs_of(parts))


def refs_of(parts: Iterable[Val]) -> frozenset[Ref]:
    """All references of values and of what they hold."""
    out: set[Ref] = set()
    stack = list(parts)
    while stack:
        item = stack.pop()
        out |= item.refs
        if isinstance(item.data, dict):
            stack.extend(item.data.values())
        elif isinstance(item.data, list):
            stack.extend(item.data)
        elif isinstance(item.data, Encoded):
            stack.append(item.data.data)
        elif isinstance(item.data, OneOf):
            stack.extend(o for o in item.data.options if isinstance(o, Val))
    return frozenset(out)


def is_known(value: Val) -> bool:
    """Whether a value and all that it holds are known."""
    data = value.data
    if isinstance(data, (Unknown, OneOf, Partial)):
        return False
    if isinstance(data, dict):
        return all(is_known(v) for v in data.values())
    if isinstance(data, list):
        return all(is_known(v) for v in data)
    return is_known(data.data) if isinstance(data, Encoded) else True


def plain(value: Val) -> Any:
    """A known value as plain data."""
    data = value.data
    if isinstance(data, dict):
        return {k: plain(v) for k, v in data.items()}
    if isinstance(data, list):
        return [plain(v) for v in data]
    return json.dumps(plain(data.data)) if isinstance(data, Encoded) else data


def wrap(data: Any, like: Val | None = None) -> Val:
    """Plain data as values, at the place of another value."""
    line, file = (like.line, like.file) if like else (0, "")
    if isinstance(data, dict):
        return Val({str(k): wrap(v, like) for k, v in data.items()}, line, file)
    if isinstance(data, (list, tuple)):
        return Val([wrap(v, like) for v in data], line, file)
    return Val(data, line, file)


def text_of(value: Val) -> str | None:
    """A scalar as Terraform writes it into a string; None if it has no text."""
    data = value.data
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, (int, float)):
        return str(data)
    if isinstance(data, str):
        return data
    if isinstance(data, Encoded) and is_known(data.data):
        return json.dumps(plain(data.data))
    return None


def joined(parts: Sequence[Val]) -> Val:
    """Parts of a template as one text; unknown parts leave a hole, known ones stay readable.

    Where parts are one of several, so is the text.
    """
    return chosen(_one_text, parts)


def _one_text(parts: Sequence[Val]) -> Val:
    out, whole = "", True
    for part in parts:
        text = text_of(part)
        if text is None:
            whole = False
            text = part.data.text if isinstance(part.data, Partial) else HOLE
        out += text
    refs = refs_of(parts)
    if len(out) > MAX_TEXT:
        return Val(Unknown("is too large to evaluate"), refs=refs)
    return Val(out if whole else Partial(out), refs=refs)


MAX_OPTIONS = 16


def options_of(value: Val) -> tuple[Val, ...]:
    """What a value may be; itself where there is no choice."""
    if not isinstance(value.data, OneOf):
        return (value,)
    found = [o if isinstance(o, Val) else Val(o) for o in value.data.options]
    return tuple(inner for o in found for inner in options_of(o))


def one_of(options: Iterable[Val], refs: Iterable[Ref] = ()) -> Val:
    """One of these values; that value where there is but one."""
    found: dict[str, Val] = {}
    for option in options:
        for inner in options_of(option):
            found.setdefault(repr(inner.data), inner)
    kept = tuple(found.values())
    whole = kept[0] if len(kept) == 1 else Val(OneOf(kept))
    return whole.with_refs({*refs, *(r for k in kept for r in k.refs)})


def chosen(compute: Callable[[list[Val]], Val], args: Sequence[Val]) -> Val:
    """What is computed of values, for each that those may be which are one of several.

    Where these are too many together, each is tried while the others are unknown.
    """
    several = [i for i, a in enumerate(args) if isinstance(a.data, OneOf)]
    if not several:
        return compute(list(args))
    options = {i: options_of(args[i])[:MAX_OPTIONS] for i in several}
    if prod(map(len, options.values())) <= MAX_OPTIONS:
        picks = [dict(zip(several, pick, strict=True)) for pick in product(*options.values())]
    else:
        hole = unknown("is one of several")
        rest = dict.fromkeys(several, hole)
        picks = [{**rest, i: option} for i in several for option in options[i]]
    found = [compute([pick.get(i, a) for i, a in enumerate(args)]) for pick in picks]
    return one_of(found, refs_of(args))


def items_of(value: Val, most: int) -> Iterator[tuple[Val, Val]]:
    """The keys and values of a map or list; for what is not known of it, one that is unknown."""
    seen: set[str] = set()
    for option in options_of(value):
        data = option.data
        if isinstance(data, dict):
            found = [(_key_of(k, v), v) for k, v in sorted(data.items())]
        elif isinstance(data, list):
            found = [(Val(i), v) for i, v in enumerate(data)]
        elif data is None:
            found = []
        else:
            hole = unknown("what is gone over is unknown", option)
            found = [(hole, hole)]
        for key, item in found[:most]:
            said = repr((key.data, item.data))
            if said not in seen:
                seen.add(said)
                yield key, item
        if len(found) > most:
            hole = unknown("there are too many to read all", option)
            yield hole, hole


def lists_of(value: Val) -> list[list[Val]]:
    """What a value spreads into: the items of each list that it may be."""
    return [o.data if isinstance(o.data, list) else [o] for o in options_of(value)]


def _key_of(key: str, value: Val) -> Val:
    if key == UNKNOWN_PART:
        return unknown("a name is unknown", value)
    return Val(key, value.line, value.file)


# -- functions --------------------------------------------------------------------------------

Function = Callable[[list[Val]], Val]
_OPEN_TEXTS = frozenset({"jsondecode", "yamldecode", "split"})
"""Functions that make many values of one text."""


_TAKE_CHOICES = frozenset({"merge", "coalesce", "coalescelist", "jsonencode", "yamlencode"})
_TAKE_MISTAKES = frozenset({"try", "can"})
"""Functions that do by themselves what is right for an argument that is one of several."""


def call(name: str, args: list[Val], more: Mapping[str, Function] = MappingProxyType({})) -> Val:
    """The value of a function call; unknown if the function, or what it needs, is unknown.

    `more` are functions that are known elsewhere.
    """
    function = more.get(name) or FUNCTIONS.get(name)
    if function is None:
        return unknown(f"function {name} is not evaluated", *args)
    first = bool(args) and isinstance(args[0].data, OneOf)
    if name in _TAKE_MISTAKES or (name in _TAKE_CHOICES and not first):
        return _called(name, function, args)
    return chosen(lambda found: _called(name, function, found), args)


def _called(name: str, function: Function, args: list[Val]) -> Val:
    try:
        return function(args).with_refs(refs_of(args))
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, re.error, ArithmeticError):
        hole = unknown(f"function {name} cannot be evaluated here", *args)
        opened = name in _OPEN_TEXTS and hole.data.lack is Lack.VALUE
        return replace(hole, data=replace(hole.data, lack=Lack.VARIABLE)) if opened else hole


def _merge(args: list[Val]) -> Val:
    """The later argument wins; what follows `(unknown)` in the map is certain to be so."""
    out: dict[str, Val] = {}
    for arg in args:
        if isinstance(arg.data, OneOf):
            _merge_one_of(out, arg.data.options)
        elif isinstance(arg.data, dict):
            for key, value in arg.data.items():
                _put(out, key, value)
        elif arg.data is not None:
            _put(out, UNKNOWN_PART, arg)
    return Val(out, args[0].line if args else 0, args[0].file if args else "")


def _put(out: dict[str, Val], key: str, value: Val) -> None:
    if key == UNKNOWN_PART:
        before = [out.pop(key)] if key in out else []
        out[key] = unknown("a part of this map is unknown", *before, value)
        return
    if UNKNOWN_PART in out:
        out.pop(key, None)
    out[key] = value


def _merge_one_of(out: dict[str, Val], options: Iterable[Any]) -> None:
    """Adds what one of several maps may hold: a value that is there already may stay."""
    for option in options:
        data = option.data if isinstance(option, Val) else option
        if isinstance(data, dict):
            for key, value in data.items():
                may_stay = key in out and key != UNKNOWN_PART
                value = Val(OneOf((out[key], value)), value.line, value.file) if may_stay else value
                _put(out, key, value)
        elif data is not None:
            _put(out, UNKNOWN_PART, option if isinstance(option, Val) else Val(option))


def _concat(args: list[Val]) -> Val:
    out: list[Val] = []
    for arg in args:
        out.extend(
            arg.data
            if isinstance(arg.data, list)
            else [unknown("a part of this list is unknown", arg)]
        )
    return Val(out)


def _join(args: list[Val]) -> Val:
    separator, items = str(args[0].data), _items(args[1:])
    parts: list[Val] = []
    for index, item in enumerate(items):
        parts += [Val(separator), item] if index else [item]
    return joined(parts)


def _items(args: Sequence[Val]) -> list[Val]:
    out: list[Val] = []
    for arg in args:
        out.extend(arg.data if isinstance(arg.data, list) else [arg])
    return out


def _format(args: list[Val]) -> Val:
    pattern, rest = str(args[0].data), list(args[1:])
    parts: list[Val] = []
    last = 0
    for found in re.finditer(r"%(%|[#+0 -]*\d*(?:\.\d+)?[a-zA-Z])", pattern):
        parts.append(Val(pattern[last : found.start()]))
        last = found.end()
        parts.append(Val("%") if found[0] == "%%" else rest.pop(0))
    return joined([*parts, Val(pattern[last:])])


def _coalesce(args: list[Val]) -> Val:
    for index, arg in enumerate(args):
        if isinstance(arg.data, (Unknown, OneOf, Partial)):
            options = [a for a in args[index:] if a.data not in (None, "")]
            return Val(OneOf(tuple(options)))
        if arg.data not in (None, "", []):
            return arg
    return Val(None)


def _lookup(args: list[Val]) -> Val:
    table, key = args[0], args[1]
    if isinstance(table.data, dict) and isinstance(key.data, str):
        if key.data in table.data:
            return table.data[key.data]  # type: ignore[no-any-return]
        if UNKNOWN_PART not in table.data and len(args) > 2:
            return args[2]
    if isinstance(table.data, dict) and table.data and not isinstance(key.data, str):
        return Val(OneOf((*table.data.values(), *args[2:3])))
    return unknown("lookup of something unknown", *args)


def _flatten(args: list[Val]) -> Val:
    out: list[Val] = []
    for item in _items(args):
        out.extend(_flatten([item]).data if isinstance(item.data, list) else [item])
    return Val(out)


def _text(transform: Callable[..., str]) -> Function:
    def apply(args: list[Val]) -> Val:
        if isinstance(args[0].data, Partial):
            return Val(Partial(transform(args[0].data.text, *(plain(a) for a in args[1:]))))
        return Val(transform(_string(args[0]), *(plain(a) for a in args[1:])))

    return apply


def _string(value: Val) -> str:
    text = text_of(value)
    if text is None:
        raise ValueError("no text")
    return text


def _known(compute: Callable[..., Any]) -> Function:
    def apply(args: list[Val]) -> Val:
        if not all(is_known(a) for a in args):
            raise ValueError("unknown argument")
        return wrap(compute(*(plain(a) for a in args)), args[0] if args else None)

    return apply


def _replace(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return re.sub(old[1:-1], new.replace("$", "\\"), text)
    return text.replace(old, new)


def _indent(text: str, spaces: int) -> str:
    return ("\n" + " " * spaces).join(text.split("\n"))


def _try(args: list[Val]) -> Val:
    """The first that is no mistake; where one is unknown, it or what comes after it."""
    found: list[Val] = []
    for arg in args:
        options = [o for o in options_of(arg) if not _is_missing(o)]
        found.extend(options)
        if len(options) == len(options_of(arg)) and not any(_may_fail(o) for o in options):
            break
    return one_of(found, refs_of(found)) if found else args[-1]


def _is_missing(value: Val) -> bool:
    return isinstance(value.data, Unknown) and value.data.missing


def _may_fail(value: Val) -> bool:
    return isinstance(value.data, Unknown)


def _can(args: list[Val]) -> Val:
    options = options_of(args[0])
    if all(map(_is_missing, options)):
        return Val(False)
    if any(map(_may_fail, options)):
        return unknown("whether it can be evaluated is unknown", args[0])
    return Val(True)


def _identity(args: list[Val]) -> Val:
    return args[0]


def _tostring(args: list[Val]) -> Val:
    text = text_of(args[0])
    return args[0] if text is None else Val(text, args[0].line, args[0].file)


def _tobool(args: list[Val]) -> Val:
    return Val({"true": True, "false": False}.get(str(text_of(args[0])), args[0].data))


def _keys(args: list[Val]) -> Val:
    return Val([Val(k) for k in sorted(args[0].data)])


def _values(args: list[Val]) -> Val:
    return Val([args[0].data[k] for k in sorted(args[0].data)])


def _compact(args: list[Val]) -> Val:
    return Val([a for a in args[0].data if a.data not in (None, "")])


def _element(args: list[Val]) -> Val:
    items = args[0].data
    return items[int(args[1].data) % len(items)]  # type: ignore[no-any-return]


def _zipmap(args: list[Val]) -> Val:
    return Val({str(k.data): v for k, v in zip(args[0].data, args[1].data, strict=False)})


def _encode(args: list[Val]) -> Val:
    return Val(Encoded(args[0]), args[0].line, args[0].file)


def _decoded(args: list[Val]) -> Val:
    """The text of a base64 value; one that is no base64 is a text that was kept as it is."""
    try:
        return Val(base64.b64decode(_string(args[0]), validate=True).decode("utf-8"))
    except ValueError:
        return args[0]


def _substr(text: str, start: int, length: int) -> str:
    """As Terraform cuts: a length below 0 is the rest, and so is 0 where the start counts from the end."""
    rest = text[start:]
    return rest if length < 0 or (start < 0 and length == 0) else rest[:length]


FUNCTIONS: dict[str, Function] = {
    "merge": _merge,
    "concat": _concat,
    "join": _join,
    "format": _format,
    "coalesce": _coalesce,
    "lookup": _lookup,
    "flatten": _flatten,
    "try": _try,
    "can": _can,
    "tostring": _tostring,
    "tobool": _tobool,
    "keys": _keys,
    "values": _values,
    "compact": _compact,
    "element": _element,
    "zipmap": _zipmap,
    "jsonencode": _encode,
    "yamlencode": _encode,
    "sensitive": _identity,
    "nonsensitive": _identity,
    "toset": _identity,
    "tolist": _identity,
    "tomap": _identity,
    "distinct": _identity,
    "one": lambda a: a[0].data[0],
    "setunion": _concat,
    "coalescelist": _coalesce,
    "sort": _known(sorted),
    "reverse": _known(lambda x: x[::-1]),
    "lower": _text(str.lower),
    "upper": _text(str.upper),
    "title": _text(str.title),
    "trimspace": _text(str.strip),
    "trim": _text(str.strip),
    "trimprefix": _text(str.removeprefix),
    "trimsuffix": _text(str.removesuffix),
    "chomp": _text(lambda s: s.rstrip("\n")),
    "replace": _text(_replace),
    "substr": _text(_substr),
    "indent": lambda a: Val(_indent(_string(a[1]), int(a[0].data))),
    "split": lambda a: wrap(_string(a[1]).split(_string(a[0])), a[1]),
    "length": lambda a: Val(len(a[0].data)),
    "contains": _known(lambda x, y: y in x),
    "max": _known(max),
    "min": _known(min),
    "range": _known(lambda *a: list(range(*map(int, a)))),
    "tonumber": _known(lambda x: float(x) if "." in str(x) else int(x)),
    "jsondecode": _known(json.loads),
    "yamldecode": _known(yaml.safe_load),
    # what is encoded for its transport is kept as it is: it is read, never sent
    "base64encode": _identity,
    "base64gzip": _identity,
    "base64decode": _decoded,
}
