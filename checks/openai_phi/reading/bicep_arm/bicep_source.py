"""Bicep source as plain data: resources, modules, parameters and variables, with a line for each path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openai_phi.text.documents import MAX_DEPTH, Unreadable
from openai_phi.words.places import Path
from openai_phi.words.resources import Unknown

_BLOCK = re.compile(
    r"^[ \t]*(?P<what>resource|module)[ \t]+(?P<name>\w+)[ \t]+'(?P<type>[^']*)'[ \t]*(?P<existing>existing[ \t]*)?=",
    re.MULTILINE,
)
_PARAMETER = re.compile(r"^[ \t]*param[ \t]+(\w+)[ \t]+[^=\n/]*(=)?", re.MULTILINE)
_VARIABLE = re.compile(r"^[ \t]*var[ \t]+(\w+)[ \t]*=", re.MULTILINE)
_SECURE = re.compile(r"@secure\(\)\s*(?:@[^\n]*\n\s*)*param[ \t]+(\w+)")
_HOLE = re.compile(r"\$\{([^}]*)\}")
_LETTER = re.compile(r"\\u\{([0-9a-fA-F]{1,6})\}")
_JOIN = re.compile(r"(union|concat|)\(")
_MAP = re.compile(r"map\(")
_LAMBDA = re.compile(r"\s*(?:\(\s*(\w+)\s*(?:,\s*(\w+)\s*)?\)|(\w+))\s*=>")
_LOOP = re.compile(r"\s*for\s")
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_OPENS, _CLOSES = "([{", ")]}"
_KEY = re.compile(r"\s*(?:'([^']*)'|([A-Za-z_]\w*))\s*:")
_PARENT = re.compile(r"^[ \t]*parent[ \t]*:[ \t]*(\w+)[ \t]*$", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_]\w*$")


@dataclass(frozen=True)
class _Loop:
    """A loop: its names, their values in each round, and where its body begins."""

    names: list[str]
    rounds: list[dict[str, Any]]
    body: int


_FOR = re.compile(r"\s*for\s+(?:\(\s*(\w+)\s*,\s*(\w+)\s*\)|(\w+))\s+in\s")
_CONTENT = re.compile(
    r"load(?P<kind>Json|Yaml|Text)Content\(\s*'(?P<file>[^']*)'\s*(?:,\s*'(?P<path>[^']*)')?[^)]*\)"
)
_ACCESS = re.compile(r"([A-Za-z_]\w*)((?:\??\.\??\w+|\[[^\[\]]*\])+)!?")
_STEP = re.compile(r"\??\.\??(\w+)|\[([^\[\]]*)\]")
_OF_BLOCK = re.compile(r"(?:\w+::)?(\w+)\.(name|properties\.(?:vaultUri|secretUri)\w*)$")
_GET_SECRET = re.compile(r"(\w+)\.getSecret\(\s*'([\w-]+)'[^()]*\)$")
_SECRET = re.compile(r"(?:^|/)secrets(?:@|$)")
_MOST = 50
"""Rounds of a loop."""
Written = tuple[str, int]
"""The file and the line that a value was written in."""


class Object(dict[str, Any]):
    """An object, and where the value of each key was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[str, Written] = {}


class List(list[Any]):
    """A list, and where each value was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: dict[int, Written] = {}


@dataclass(frozen=True)
class Declared:
    """One resource or module block: its name in the file, its type (or source), its body and line."""

    what: str
    name: str
    type: str
    line: int
    end_line: int
    body: Any
    existing: bool = False
    parent: str = ""
    """The name of the resource that it lies in or says that it is a part of."""


@dataclass
class BicepFile:
    """A file's blocks, and the lines of paths below each block's name."""

    blocks: list[Declared] = field(default_factory=list)
    lines: dict[Path, int] = field(default_factory=dict)
    files: dict[Path, str] = field(default_factory=dict)
    """The files of paths whose values another file gives."""
    taken: set[str] = field(default_factory=set)
    """The parameters that a value was made from."""


Loader = Callable[[str, str, str], Any]
"""(file, kind, path in it) -> what a `load…Content` gives, with its places; None if it is not here."""


def read_bicep(
    text: str, file: str = "", given: Object | None = None, load: Loader | None = None
) -> BicepFile:
    """Reads a Bicep file. What only a deployment decides is `Unknown`. Raises `Unreadable`.

    `given` are the parameters that the call of a module, or a parameter file, passes.
    """
    return _Reader(text, file, given or Object(), load).read()


def read_parameters(text: str, file: str, load: Loader | None = None) -> Object:
    """What a `.bicepparam` gives, with the place of each. Raises `Unreadable`."""
    return _Reader(text, file, Object(), load).parameters()


class _Reader:
    def __init__(self, text: str, file: str, given: Object, load: Loader | None = None) -> None:
        self._text = text
        self._load = load
        self._locals: dict[str, Any] = {}
        self._file = file
        self._lines: dict[Path, int] = {}
        self._secure = set(_SECURE.findall(text))
        self._names: dict[str, Any] = {}
        self._resolving: set[str] = set()
        self._starts = {m[1]: m.end() for m in _VARIABLE.finditer(text)}
        self._starts.update({m[1]: m.end() for m in _PARAMETER.finditer(text) if m[2]})
        self._parameters = {m[1] for m in _PARAMETER.finditer(text)}
        self._written = {k: w for k, w in given.written.items() if k in self._parameters}
        self._given = {k: given[k] for k in self._written if given[k] is not None}
        self._taken: set[str] = set()

    def read(self) -> BicepFile:
        out = BicepFile(lines=self._lines, taken=self._taken)
        around: list[tuple[int, Declared]] = []  # the blocks that the next one may lie in
        for found in _BLOCK.finditer(self._text):
            around = [(end, b) for end, b in around if found.start() < end]
            outer = around[-1][1] if around else None
            for block, end in self._blocks(found, outer):
                around = [*(a for a in around if a[0] != end), (end, block)]
                out.blocks.append(block)
                for path, (file, line) in _from_elsewhere(block.body, (block.name,)):
                    if file != self._file:
                        self._lines[path], out.files[path] = line, file
        return out

    def parameters(self) -> Object:
        """The parameters that have values here, with their places."""
        out = Object()
        for name in sorted(self._parameters & set(self._starts)):
            value = self._named(name)
            if not isinstance(value, Unknown):
                out[name] = value
                out.written[name] = (self._file, self._line(self._starts[name]))
        return out

    def _blocks(
        self, found: re.Match[str], outer: Declared | None
    ) -> Iterator[tuple[Declared, int]]:
        """A block, once for each value of its loop where these are known."""
        start = self._skip(found.end())
        loop = self._loop(start + 1) if self._text.startswith("[", start) else None
        if loop is None or all(isinstance(v, int) for r in loop.rounds for v in r.values()):
            yield self._block(found, outer, found["name"])
            return
        for index, values in enumerate(loop.rounds):
            self._locals.update(values)
            yield self._block(found, outer, f"{found['name']}[{index}]")
        for name in loop.names:
            self._locals.pop(name, None)

    def _loop(self, position: int) -> _Loop | None:
        """The `for … in …:` at a position, where what it goes over is known."""
        head = _FOR.match(self._text, position)
        colon = self._outside(head.end(), ":") if head else -1
        if head is None or colon < 0:
            return None
        over = self._over(head.end(), colon)
        if not over:
            return None
        names = [n for n in (head[1], head[2], head[3]) if n]
        rounds = [
            dict(zip(names, (value, index), strict=False))
            for index, value in enumerate(over[:_MOST])
        ]
        return _Loop(names, rounds, colon + 1)

    def _over(self, start: int, end: int) -> list[Any]:
        """What a loop goes over."""
        text = self._text[start:end].strip()
        count = re.fullmatch(r"range\(\s*(\d+)\s*,\s*(\d+)\s*\)", text)
        if count:
            return list(range(int(count[1]), int(count[1]) + min(int(count[2]), _MOST)))
        pairs = re.fullmatch(r"items\((.*)\)", text, re.DOTALL)
        if pairs:
            held = self._evaluate(pairs[1].strip())
            out = []
            for key, value in held.items() if isinstance(held, dict) else ():
                entry = Object()
                entry["key"], entry["value"] = key, value
                if isinstance(held, Object) and key in held.written:
                    entry.written["value"] = held.written[key]
                out.append(entry)
            return out
        if text.startswith("["):
            value, _ = self._value(self._skip(start), ("=for",), 0)
        else:
            value = self._evaluate(text)
        return list(value) if isinstance(value, list) else []

    def _block(
        self, found: re.Match[str], outer: Declared | None, name: str
    ) -> tuple[Declared, int]:
        """A block and where it ends; one within another is a part of it, and its type goes on from there."""
        type_ = found["type"]
        start = self._body_start(found.end())
        body, end = self._value(start, (name,), 0)
        line = self._lines[(name,)] = self._line(found.start("what"))
        said = _PARENT.search(self._text, start, end)
        parent = outer.name if outer else said[1] if said else ""
        if outer and "." not in type_.partition("/")[0]:
            type_ = f"{outer.type.partition('@')[0]}/{type_}"
        last, existing = self._line(end), bool(found["existing"])
        return Declared(found["what"], name, type_, line, last, body, existing, parent), end

    def _body_start(self, position: int) -> int:
        """Past `if (…)` and `[for … :` to the body's brace."""
        position = self._skip(position)
        if self._text.startswith("[", position):
            position = self._past_loop(position + 1)
        brace = self._outside(position, "{")
        if brace < 0:
            raise Unreadable("is not valid Bicep: a block without a body", self._line(position))
        return brace

    def _past_loop(self, position: int) -> int:
        """Past the `for … :` of a loop; the same position where there is none."""
        if not _LOOP.match(self._text, position):
            return position
        return self._outside(position, ":") + 1 or position

    def _outside(self, position: int, wanted: str) -> int:
        """The next of these characters outside of all brackets, texts and comments; -1 if none is."""
        depth = 0
        while position < len(self._text):
            position = self._past_text(position)
            char = self._text[position : position + 1]
            if depth == 0 and char and char in wanted:
                return position
            depth += (char in _OPENS) - (char in _CLOSES) if char else 0
            if depth < 0:
                return -1
            position += 1
        return -1

    def _past_text(self, position: int) -> int:
        """Past the texts and comments that begin here, one after the other."""
        while True:
            before = position
            if self._text.startswith("'''", position):
                position = self._text.find("'''", position + 3) + 3
                if position < 3:
                    raise Unreadable("is not valid Bicep: a text does not end", self._line(before))
            elif self._text.startswith("'", position):
                position = _string_end(self._text, position)
            elif comment := _COMMENT.match(self._text, position):
                position = comment.end()
            if position == before:
                return position

    def _line(self, position: int) -> int:
        return self._text.count("\n", 0, position) + 1

    def _value(self, position: int, path: Path, depth: int) -> tuple[Any, int]:
        if depth > MAX_DEPTH:
            raise Unreadable(f"nests deeper than {MAX_DEPTH}", self._line(position))
        position = self._skip(position, newlines=False)
        head = self._text[position : position + 1]
        if head == "{":
            return self._object(position + 1, path, depth)
        if head == "[":
            return self._array(position + 1, path, depth)
        end = self._expression_end(position)
        if "{" in self._text[position:end] or "[" in self._text[position:end]:
            found = self._call(position, end, path, depth) or self._mapped(position, path, depth)
            found = found or self._choice(position, end, path, depth)
            if found is not None:
                return found
        return self._expression(position)

    def _mapped(self, position: int, path: Path, depth: int) -> tuple[Any, int] | None:
        """The list that `map` makes of another, as a loop does."""
        head = _MAP.match(self._text, position)
        comma = self._outside(head.end(), ",") if head else -1
        each = _LAMBDA.match(self._text, comma + 1) if comma >= 0 else None
        close = self._outside(head.end(), ")") if head else -1
        over = self._over(head.end(), comma) if head and each else []
        if each is None or close < 0 or not over:
            return None
        names = [n for n in each.groups() if n]
        rounds = [dict(zip(names, (v, i), strict=False)) for i, v in enumerate(over[:_MOST])]
        made, _ = self._rounds(_Loop(names, rounds, each.end()), path, depth)
        return made, close + 1

    def _call(self, position: int, end: int, path: Path, depth: int) -> tuple[Any, int] | None:
        """What `union`, `concat` or brackets make of objects and lists; what is not known is left out."""
        call = _JOIN.match(self._text, position)
        close = self._outside(call.end(), ")") if call else -1
        rest = self._text[close + 1 : end].strip()
        if call is None or close < 0 or not (rest == "" or rest.startswith(":")):
            return None
        parts, at = [], self._skip(call.end())
        while at < close:
            value, after = self._value(at, path, depth + 1)
            parts.append(value)
            at = self._skip(max(after, at + 1))
        found = _together(parts, later=call[1] == "union")
        return None if found is None else (found, close + 1)

    def _choice(self, position: int, end: int, path: Path, depth: int) -> tuple[Any, int] | None:
        """What `… ? … : …` gives of objects and lists: all of both counts, since either may be."""
        mark = self._outside(position, "?")
        if not position < mark < end or self._text[mark - 1 : mark + 2].strip() != "?":
            return None
        at = self._skip(mark + 1)
        colon = self._outside(at, ":")
        parts: list[Any] = []
        if self._text.startswith(("{", "[", "(", "union(", "concat("), at):
            first, after = self._value(at, path, depth + 1)
            parts, colon = [first], self._skip(after)
        if colon < 0 or not self._text.startswith(":", colon):
            return None
        second, after = self._value(self._skip(colon + 1), path, depth + 1)
        found = _together([*parts, second], later=False)
        return None if found is None else (found, after)

    def _object(self, position: int, path: Path, depth: int) -> tuple[Object, int]:
        out = Object()
        while True:
            position = self._skip(position)
            if position >= len(self._text):
                raise Unreadable("is not valid Bicep: an object does not end", self._line(position))
            if self._text[position] == "}":
                return out, position + 1
            key = _KEY.match(self._text, position)
            if key is None:  # a nested resource, a spread: not a setting, walked past
                _, end = self._expression(position)
                if end <= position:
                    what = f"{self._text[position]} closes nothing"
                    raise Unreadable(f"is not valid Bicep: {what}", self._line(position))
                position = end
                continue
            name = _plain(key[1]) if key[1] is not None else key[2]
            here: Path = (*path, name)
            line = self._lines[here] = self._line(key.end() - 1)
            start = key.end()
            out[name], position = self._value(start, here, depth + 1)
            out.written[name] = self._where(start, position, line)

    def _where(self, start: int, end: int, line: int) -> Written:
        """Where a value was written: here, or in the call that gives the parameter that it is."""
        name = self._text[start:end].strip()
        return self._written[name] if name in self._given else (self._file, line)

    def _array(self, position: int, path: Path, depth: int) -> tuple[List, int]:
        loop = self._loop(position)
        if loop is not None:
            return self._rounds(loop, path, depth)
        out = List()
        position = self._past_loop(position)
        while True:
            position = self._skip(position)
            if position >= len(self._text):
                raise Unreadable("is not valid Bicep: an array does not end", self._line(position))
            if self._text[position] == "]":
                return out, position + 1
            here = (*path, len(out))
            line = self._lines[here] = self._line(position)
            before = position
            value, position = self._value(position, here, depth + 1)
            out.written[len(out)] = self._where(before, position, line)
            out.append(value)
            if position <= before:
                position = before + 1

    def _rounds(self, loop: _Loop, path: Path, depth: int) -> tuple[List, int]:
        """A list that a loop makes, and where it ends."""
        out = List()
        end = loop.body
        for values in loop.rounds:
            before = {n: self._locals[n] for n in loop.names if n in self._locals}
            self._locals.update(values)
            here = (*path, len(out))
            start = self._skip(loop.body)
            if self._text.startswith("if", start) and self._outside(start, "{") > 0:
                start = self._outside(start, "{")  # a filter: what it leaves out is not known
            line = self._lines[here] = self._line(start)
            value, end = self._value(start, here, depth + 1)
            out.written[len(out)] = (self._file, line)
            out.append(value)
            for name in loop.names:
                self._locals.pop(name, None)
            self._locals.update(before)
        close = self._text.find("]", end)
        return out, close + 1 if close >= 0 else end

    def _skip(self, position: int, *, newlines: bool = True) -> int:
        """Past blanks, commas and comments."""
        blank = re.compile(
            r"(?:[\s,]|//[^\n]*|/\*.*?\*/)*" if newlines else r"(?:[ \t]|/\*.*?\*/)*", re.DOTALL
        )
        found = blank.match(self._text, position)
        return found.end() if found else position

    def _expression(self, position: int) -> tuple[Any, int]:
        end = self._expression_end(position)
        return self._evaluate(self._text[position:end].strip()), end

    def _expression_end(self, position: int) -> int:
        """The end of an expression: a line's end, a comma or a closing bracket outside of all brackets."""
        depth = 0
        while position < len(self._text):
            if depth or not self._text.startswith("/", position):
                position = self._past_text(position)
            char = self._text[position : position + 1] or "\n"
            if char in _OPENS:
                depth += 1
            elif char in _CLOSES:
                if depth == 0:
                    return position
                depth -= 1
            elif depth == 0 and (char in "\n," or self._text.startswith("//", position)):
                rest = self._text[position:].lstrip()
                if char != "\n" or not rest.startswith(("?", ":")):
                    return position
            position += 1
        return position

    def _evaluate(self, text: str) -> Any:
        if text.startswith("'''") and text.endswith("'''"):
            return text[3:-3]
        if text.startswith("'") and len(text) > 1 and _string_end(text, 0) == len(text):
            return self._string(text[1:-1])
        if text in ("true", "false", "null"):
            return {"true": True, "false": False}.get(text)
        if re.fullmatch(r"-?\d+", text):
            return int(text)
        if _NAME.match(text):
            return self._named(text)
        content = _CONTENT.match(text)
        if content:
            loaded = self._content(content)
            rest = text[content.end() :]
            if rest == "" or _ACCESS.fullmatch(f"x{rest}"):
                found = loaded if rest == "" else self._step(loaded, rest)
                return Unknown(f"the content of {content['file']}") if found is None else found
        access = _ACCESS.fullmatch(text)
        if access and (
            access[1] in self._locals or access[1] in self._starts or access[1] in self._given
        ):
            found = self._step(self._named(access[1]), access[2])
            if found is not None:
                return found
        of_block = self._of_block(text)
        if of_block is not None:
            return of_block
        options = re.fullmatch(r"[^?]+\?\s*('[^']*'|\w+)\s*:\s*('[^']*'|\w+)", text, re.DOTALL)
        if options:
            return [self._evaluate(options[1]), self._evaluate(options[2])]
        return Unknown(f"is computed: {text[:60]}")

    def _of_block(self, text: str) -> Any:
        """What a resource of the file is called, the address that its vault or secret has, or a secret of it."""
        got, found = _GET_SECRET.fullmatch(text), _OF_BLOCK.fullmatch(text)
        if got:
            vault = self._called(got[1])
            what = f"@Microsoft.KeyVault(VaultName={vault};SecretName={got[2]})" if vault else ""
            return Unknown(f"a secret of {got[1]}", what=what)
        name = self._called(found[1]) if found else None
        if found is None or not name:
            return None
        if found[2] == "name":
            return name
        vault, _, secret = name.partition("/")
        address = f"https://{vault}.vault.azure.net/"
        return f"{address}secrets/{secret}" if "secretUri" in found[2] and secret else address

    def _called(self, symbol: str) -> str | None:
        """The name of a resource by what the file calls it, a secret's behind that of its vault; None: not known."""
        found = next((b for b in _BLOCK.finditer(self._text) if b["name"] == symbol), None)
        if found is None or f"~{symbol}" in self._resolving:
            return None
        self._resolving.add(f"~{symbol}")
        try:
            start = self._body_start(found.end())
            body, end = self._value(start, (f"~{symbol}",), 0)
            named = body.get("name") if isinstance(body, dict) else None
            if not isinstance(named, str):
                return None
            if _SECRET.search(found["type"]) is None or "/" in named:
                return named
            said = _PARENT.search(self._text, start, end)
            parent = said[1] if said else self._around(found.start())
            holder = self._called(parent) if parent else None
            return f"{holder}/{named}" if holder else None
        except Unreadable:
            return None
        finally:
            self._resolving.discard(f"~{symbol}")

    def _around(self, position: int) -> str:
        """The name of the innermost resource that a position lies in; empty for none."""
        inner = ""
        for found in _BLOCK.finditer(self._text, 0, position):
            if self._outside(self._body_start(found.end()) + 1, "}") > position:
                inner = found["name"]
        return inner

    def _content(self, found: re.Match[str]) -> Any:
        """What a `load…Content` gives; None if its file is not here."""
        return self._load(found["file"], found["kind"], found["path"] or "") if self._load else None

    def _step(self, value: Any, steps: str) -> Any:
        """What lies in a value; None where it is not known."""
        for found in _STEP.finditer(steps):
            step: Any = found[1] if found[1] is not None else self._evaluate(found[2].strip())
            if isinstance(value, dict):
                value = value.get(str(step))
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def _string(self, text: str) -> Any:
        unknown: list[Unknown] = []
        before = set(self._taken)

        def fill(found: re.Match[str]) -> str:
            inner = found[1].strip()
            plain = _NAME.match(inner) or _ACCESS.fullmatch(inner) or _OF_BLOCK.fullmatch(inner)
            value = self._evaluate(inner) if plain else Unknown("is computed")
            if isinstance(value, (str, int)):
                return str(value)
            unknown.append(value if isinstance(value, Unknown) else Unknown("is computed"))
            return found[0]

        filled = _HOLE.sub(fill, _plain(text))
        if not unknown or "://" in filled or filled.startswith("@"):
            return filled
        self._taken &= before
        return unknown[0]

    def _named(self, name: str) -> Any:
        """The value given to a parameter, its default, or a variable; `Unknown` if there is none, or it is secret.

        An object or a list that is given counts even so: what it is made of stands in the caller.
        """
        if name in self._locals:
            return self._locals[name]
        self._taken.add(name)
        found = self._given.get(name)
        if found is not None and (name not in self._secure or isinstance(found, (dict, list))):
            return found
        if name in self._secure:
            what = found.what if isinstance(found, Unknown) else ""
            return Unknown(f"the secure parameter {name}", what=what)
        if name not in self._starts:
            what = "parameter" if name in self._parameters else "name"
            return Unknown(f"the {what} {name}, which has no default")
        if name not in self._names:
            if name in self._resolving:
                return Unknown(f"{name} refers to itself")
            self._resolving.add(name)
            self._names[name], _ = self._value(self._starts[name], (f"={name}",), 0)
            self._resolving.discard(name)
        return self._names[name]


def _together(parts: list[Any], *, later: bool) -> Any:
    """Objects as one, or lists as one, what is neither left out; None if there is none.

    Where objects hold one key, the later one's value counts, or both do.
    """
    lists = [p for p in parts if isinstance(p, list)]
    objects = [p for p in parts if isinstance(p, dict)]
    if lists and not objects:
        joined = List()
        for part in lists:
            for index, value in enumerate(part):
                if isinstance(part, List) and index in part.written:
                    joined.written[len(joined)] = part.written[index]
                joined.append(value)
        return joined
    out = Object()
    for found in objects:
        for key, value in found.items():
            both = not later and key in out and out[key] != value
            out[key] = [out[key], value] if both else value
            if isinstance(found, Object) and key in found.written:
                out.written[key] = found.written[key]
    return out if objects else None


def _from_elsewhere(node: Any, path: Path) -> Iterator[tuple[Path, Written]]:
    """The paths below a value, and where they were written."""
    if isinstance(node, (Object, List)):
        written: Mapping[Any, Written] = node.written
        for step, where in written.items():
            yield (*path, step), where
    entries = node.items() if isinstance(node, dict) else enumerate(node)
    for step, value in entries:
        if isinstance(value, (dict, list)):
            yield from _from_elsewhere(value, (*path, step))


def _string_end(text: str, position: int) -> int:
    """Past a string of one line; what it interpolates may hold strings again."""
    inside: list[str] = ["'"]  # what closes each string and interpolation that is open
    position += 1
    while inside and position < len(text) and text[position] != "\n":
        char, within = text[position], inside[-1] == "'"
        if within and char == "\\":
            position += 1
        elif char == inside[-1]:
            inside.pop()
        elif within and text.startswith("${", position):
            inside.append("}")
            position += 1
        elif not within and char in "'{":
            inside.append("'" if char == "'" else "}")
        position += 1
    return position


def _plain(text: str) -> str:
    """A text with the escapes undone of quotes, of what begins a hole, and of letters by their numbers."""
    text = _LETTER.sub(lambda m: chr(int(m[1], 16)) if int(m[1], 16) < 0x110000 else m[0], text)
    return text.replace("\\'", "'").replace("\\$", "$")


def uses_of_names(text: str) -> Iterator[str]:
    """Names that a block's text refers to, comments and what strings say left out."""
    inner = "\n".join(re.findall(r"\$\{([^{}\n]*)\}", text))
    bare = re.sub(r"'(?:\\.|[^'\n])*'|//[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL)
    found = re.findall(r"(?<![.\w])([A-Za-z_]\w*)(?=\.)", f"{bare}\n{inner}")
    found += re.findall(r"^\s*(?:parent|scope)\s*:\s*([A-Za-z_]\w*)\s*$", bare, re.MULTILINE)
    yield from dict.fromkeys(found)
