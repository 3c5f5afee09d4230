"""Reads Terraform blocks again from their source: hcl2 parses, this evaluates what can be known."""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hcl2.parser import Hcl2
from lark import Token, Tree
from lark.exceptions import LarkError

from openai_phi.reading.terraform.terraform_blocks import Block, SourceError, attributes_in, split
from openai_phi.reading.terraform.terraform_escapes import of_hcl
from openai_phi.reading.terraform.terraform_files import (
    alternatives,
    decoded_text,
    matching,
    of_csv,
    within,
)
from openai_phi.reading.terraform.terraform_json import as_body
from openai_phi.reading.terraform.terraform_lexing import PLACE, SPREAD, Written, simplified
from openai_phi.reading.terraform.terraform_templates import (
    Broken,
    Interpolation,
    Loop,
    Piece,
    is_template,
    parsed,
)
from openai_phi.reading.terraform.terraform_types import converted
from openai_phi.reading.terraform.terraform_values import (
    HOLE,
    Encoded,
    Function,
    OneOf,
    Partial,
    Ref,
    Unknown,
    Val,
    call,
    is_known,
    items_of,
    joined,
    lists_of,
    one_of,
    plain,
    refs_of,
    text_of,
    unknown,
    wrap,
)
from openai_phi.text.documents import decoded
from openai_phi.text.file_forms import TERRAFORM
from openai_phi.words.resources import UNKNOWN_PART, Lack

__all__ = [
    "Block",
    "Encoded",
    "ModuleCall",
    "OneOf",
    "Partial",
    "Reading",
    "Ref",
    "Scope",
    "Source",
    "SourceError",
    "Unknown",
    "Variables",
    "attributes_in",
    "read",
    "scopes_of",
]

ALWAYS_TAKEN = ("terraform.tfvars", "terraform.tfvars.json")
AUTO_TAKEN = (".auto.tfvars", ".auto.tfvars.json")
"""Names and endings of the variable files that Terraform reads a root with unasked, in its order."""
GIVEN = "given"
"""The kind of a block of values that a command or an environment gives, of which a run may fill in parts."""
_SCALAR = re.compile(r"\btype\s*=\s*\"?(?:string|number|bool)\b")
MAX_DEPTH = 50
MAX_NESTING = 150
"""Expressions within each other, two for each list or object."""
MAX_INSTANCES = 100
MAX_ITEMS = 2000
"""Items that one `for` goes over."""


@dataclass(frozen=True)
class ModuleCall:
    """The module block through which a module is reached: its file, its name, the call around it.

    `instance` is which one of several of a call with `for_each` or `count`; None where all are meant.
    """

    file: str
    name: str
    outer: ModuleCall | None = None
    instance: int | None = None


@dataclass(frozen=True)
class Scope:
    """Where an expression is evaluated: a module's folder, how it is called, bound names."""

    folder: str
    call: ModuleCall | None = None
    bindings: tuple[tuple[str, Val], ...] = ()

    def bind(self, **names: Val) -> Scope:
        return Scope(self.folder, self.call, (*self.bindings, *names.items()))

    def bound(self, name: str) -> Val | None:
        return next((v for n, v in reversed(self.bindings) if n == name), None)


@dataclass(frozen=True)
class Variables:
    """What somebody plans a root with beside what it always takes: blocks of values, each in order.

    What stands in the `environment` counts less than the root's own files, what is `given` more.
    `sure`: whether it is certain that it is this root that is planned so.
    """

    name: str
    environment: tuple[Block, ...] = ()
    given: tuple[Block, ...] = ()
    sure: bool = True

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (*self.environment, *self.given)


@dataclass
class Reading:
    """One instance of a block: plain data with unknown leaves, lines and references by path."""

    config: dict[str, Any]
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)
    files: dict[tuple[str | int, ...], str] = field(default_factory=dict)
    """Absolute files of what stands elsewhere than in the block: a variable's map, a template."""
    refs: dict[tuple[str | int, ...], tuple[Ref, ...]] = field(default_factory=dict)
    origins: dict[tuple[str | int, ...], tuple[str, int]] = field(default_factory=dict)
    """File and line at which a plain value is written that the block takes from a name."""


class Source:
    """The Terraform files below a root, split into blocks and parsed at need; reads each once."""

    def __init__(self, root: str, read: Callable[[str], str] | None = None) -> None:
        self.root = os.path.abspath(root)
        self._read = read or _read_text
        self._files: dict[str, tuple[Block, ...]] = {}
        self._folders: dict[str, tuple[Block, ...]] = {}
        self._named: dict[str, dict[tuple[str, tuple[str, ...]], Block]] = {}
        self._bodies: dict[Block, Tree[Token]] = {}
        self._literals: dict[tuple[Block, str], tuple[str, int] | None] = {}
        self._expressions: dict[str, Tree[Token] | Token] = {}
        self._written: list[Written] = []
        self.values: dict[tuple[Scope, str], Val] = {}
        self.open: set[tuple[Scope, str]] = set()
        self.planned: tuple[str, Variables] = ("", Variables(""))
        """A root folder and what it is planned with beside the files that it always takes."""

    def with_variables(self, folder: str, variables: Variables) -> Source:
        """The same files, read with variables more; what was parsed is shared."""
        twin = copy.copy(self)
        twin.values, twin.open = {}, set()
        twin.planned = (folder, variables)
        return twin

    def text(self, file: str) -> str:
        """A file's text. Raises SourceError."""
        try:
            return self._read(file)
        except OSError as error:
            raise SourceError(file, 0, f"cannot be opened: {error.strerror}") from None

    def blocks(self, file: str) -> tuple[Block, ...]:
        """Top-level blocks of a file, in order. Raises SourceError where braces do not match."""
        if file not in self._files:
            self._files[file] = tuple(split(self.text(file), file))
        return self._files[file]

    def folder(self, folder: str) -> tuple[Block, ...]:
        """Top-level blocks of all files of a folder that count; those that cannot be split are left out."""
        if folder not in self._folders:
            found: list[Block] = []
            names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
            for name in names:
                if name.endswith(TERRAFORM) and not self.replaced(os.path.join(folder, name)):
                    try:
                        found.extend(self.blocks(os.path.join(folder, name)))
                    except SourceError:
                        continue
            self._folders[folder] = tuple(found)
        return self._folders[folder]

    def replaced(self, file: str) -> bool:
        """Whether a file of OpenTofu alone stands beside a file of this name, and is taken in its place."""
        stem = re.fullmatch(r"(.*)\.tf(\.json)?", file)
        return stem is not None and os.path.isfile(f"{stem[1]}.tofu{stem[2] or ''}")

    def var_block(self, file: str) -> Block:
        """A variable file as one block. Raises SourceError where it cannot be opened."""
        text = self.text(file)
        if file.endswith(".json"):
            return Block(
                "tfvars", (), file, 1, text.count("\n") + 1, f"tfvars {{ object = {text}\n}}"
            )
        # the line that the block's head adds comes before the file's first
        return Block("tfvars", (), file, 0, text.count("\n") + 1, f"tfvars {{\n{text}\n}}")

    def find(self, folder: str, kind: str, labels: tuple[str, ...]) -> Block | None:
        """The block of a kind with these labels in a folder."""
        if folder not in self._named:
            blocks = reversed(self.folder(folder))  # so that of several the first stays
            self._named[folder] = {(b.kind, b.labels): b for b in blocks}
        return self._named[folder].get((kind, labels))

    def body(self, block: Block) -> Tree[Token]:
        """The parsed body of a block. Raises SourceError with the line in the file."""
        if block not in self._bodies:
            try:
                tree = self._tree(block.text + "\n", json=block.file.endswith(".json"))
            except (LarkError, RecursionError) as error:
                line = getattr(error, "line", None)
                at = block.start + line - 1 if isinstance(line, int) and line > 0 else block.start
                raise SourceError(block.file, at, "does not parse as HCL") from None
            body = _first(_first(tree, "body"), "block").children[-1]
            self._bodies[block] = as_body(body) if block.file.endswith(".json") else body
        return self._bodies[block]

    def literal(self, block: Block, name: str) -> tuple[str, int] | None:
        """A quoted text that an attribute is, and its line in the file; None where it is more than that.

        Names of resources are mostly such, and what refers to one need not parse the whole resource.
        """
        key = (block, name)
        if key not in self._literals:
            self._literals[key] = None if block.file.endswith(".json") else _literal(block, name)
        return self._literals[key]

    def expression(self, text: str) -> Tree[Token] | Token:
        """A parsed expression; tokens raise LarkError."""
        if text not in self._expressions:
            tree = self._tree(f"x = ({text}\n)\n")
            self._expressions[text] = _first(_first(tree, "body"), "attribute").children[1]
        return self._expressions[text]

    def _tree(self, text: str, *, json: bool = False) -> Tree[Token]:
        return Hcl2.lark_parser.parse(simplified(text, self._written, json=json))

    def written(self, token: Token) -> Written | None:
        """The text that a token of a parse tree stands for; None where it is no other than its own."""
        text = str(token)
        at = text.startswith(f'"{PLACE}')
        return self._written[int(text[2:-1])] if at else None


_LITERAL = re.compile(r'[ \t]*([\w-]+)[ \t]*=[ \t]*"([^"\\$%\n]*)"[ \t]*\n')


def _literal(block: Block, name: str) -> tuple[str, int] | None:
    if name not in block.text:
        return None
    entry = attributes_in(block).get(name, "")
    found = _LITERAL.match(entry)
    if found is None or found[1] != name or block.text.count(entry) != 1:
        return None
    return found[2], block.start + block.text.count("\n", 0, block.text.index(entry))


def _read_text(file: str) -> str:
    with open(file, "rb") as handle:
        return decoded(handle.read())


# -- reading a block ---------------------------------------------------------------------------


def read(source: Source, block: Block, scope: Scope) -> tuple[Reading, ...]:
    """One reading for each instance of a block; none where count is 0. Raises SourceError."""
    body = source.body(block)
    evaluator = Evaluator(source, block.file, block.start - 1)
    try:
        return tuple(_reading(evaluator, body, s) for s in _instances(evaluator, body, scope))
    except RecursionError:
        raise SourceError(block.file, block.start, "nests too deep") from None


def scopes_of(source: Source, scope: Scope) -> list[Scope]:
    """A scope for each instance of the calls that it is reached through; itself where there is one each."""
    call = scope.call
    if call is None:
        return [scope]
    out: list[Scope] = []
    folder = os.path.dirname(call.file)
    block = source.find(folder, "module", (call.name,))
    for outer in scopes_of(source, Scope(folder, call.outer)):
        count = _count(source, block, outer) if block else 1
        for index in range(count):
            instance = index if count > 1 else None
            out.append(Scope(scope.folder, replace(call, outer=outer.call, instance=instance)))
    return out if 0 < len(out) <= MAX_INSTANCES else [scope]


def _count(source: Source, block: Block, scope: Scope) -> int:
    """How many instances a call of a module has, as far as that is known; one where it is not."""
    if "for_each" not in block.text and "count" not in block.text:
        return 1
    try:
        body = source.body(block)
        return len(list(_instances(Evaluator(source, block.file, block.start - 1), body, scope)))
    except (SourceError, RecursionError):
        return 1


def _instances(evaluator: Evaluator, body: Tree[Token], scope: Scope) -> Iterator[Scope]:
    attributes = dict(_attributes(body))
    if "count" in attributes:
        count = evaluator.evaluate(attributes["count"], scope)
        if isinstance(count.data, (int, float)) and not isinstance(count.data, bool):
            most = MAX_INSTANCES if _uses(evaluator, body, "count") else 1
            for index in range(min(int(count.data), most)):
                yield scope.bind(count=wrap({"index": index}))
            if count.data > most > 1:
                yield scope.bind(count=Val({"index": unknown("count is too large", count)}))
            return
        yield scope.bind(count=Val({"index": unknown("count is unknown", count)}))
    elif "for_each" in attributes:
        yield from _each(evaluator.evaluate(attributes["for_each"], scope), scope, "each")
    else:
        yield scope


def _each(value: Val, scope: Scope, name: str) -> Iterator[Scope]:
    """A scope for each item; where not all are known, or they are too many, one for an unknown one."""
    for key, item in items_of(value, MAX_INSTANCES):
        own = item if isinstance(key.data, int) else key
        yield scope.bind(**{name: Val({"key": own, "value": item})})


def _uses(evaluator: Evaluator, body: Tree[Token], name: str) -> bool:
    named = (str(t.children[0]) == name for t in body.find_data("identifier") if t.children)
    return any(named) or any(f"{name}." in w.text for w in evaluator.written_in(body))


def _attributes(body: Tree[Token]) -> Iterator[tuple[str, Any]]:
    for child in body.children:
        if isinstance(child, Tree) and child.data == "attribute":
            yield _name(child.children[0]), child.children[1]


def _name(node: Any) -> str:
    text = str(node.children[0]) if isinstance(node, Tree) else str(node)
    return text.strip('"')


def _reading(evaluator: Evaluator, body: Tree[Token], scope: Scope) -> Reading:
    value = evaluator.body(body, scope)
    out = Reading({})
    out.config = _flat(value, (), out, (evaluator.file, 0))
    return out


def _flat(value: Val, path: tuple[str | int, ...], out: Reading, at: tuple[str, int]) -> Any:
    """A value as plain data; `at` is the place of what holds it."""
    at = (value.file, value.line) if value.line and value.file else at
    if at[1]:
        out.files[path], out.lines[path] = at
    if value.refs:
        out.refs[path] = tuple(sorted(value.refs))
    if value.origin[1]:
        out.origins[path] = value.origin
    data = value.data
    if isinstance(data, dict):
        return {k: _flat(v, (*path, k), out, at) for k, v in data.items()}
    if isinstance(data, list):
        return [_flat(v, (*path, i), out, at) for i, v in enumerate(data)]
    if isinstance(data, Encoded):
        return Encoded(_flat(data.data, path, out, at))
    if isinstance(data, OneOf):
        return OneOf(
            tuple(
                _flat(o, path, Reading({}), at) if isinstance(o, Val) else o for o in data.options
            )
        )
    return data


class Evaluator:
    """Evaluates parse trees of one block (or file); `offset` is the line before its first."""

    def __init__(self, source: Source, file: str, offset: int) -> None:
        self._source = source
        self.file = file
        self._offset = offset
        self._depth = 0

    def body(self, body: Tree[Token], scope: Scope) -> Val:
        """The attributes and nested blocks of a body."""
        out: dict[str, Val] = {}
        for child in body.children:
            if not isinstance(child, Tree):
                continue
            if child.data == "attribute":
                value = self.evaluate(child.children[1], scope)
                name = _name(child.children[0])
                out[name] = self._placed(value, child, bound=_is_bound(name, child, scope))
            elif child.data == "block":
                self._nested(child, scope, out)
        return Val(out, file=self.file)

    def _placed(self, value: Val, node: Tree[Token], *, bound: bool) -> Val:
        """A scalar's place is its attribute's, a heredoc's that of its first text line.

        What is `bound` (the name or value of a loop's item) stands where the item was written.
        """
        if value.line and value.file and (bound or value.whole):
            return value
        if value.file == self.file and value.line and isinstance(value.data, (dict, list, Encoded)):
            return value
        heredoc = any(w.heredoc for w in self.written_in(node))
        placed = value.at(self._line(node) + (1 if heredoc else 0), self.file)
        if value.line and value.file and (value.file, value.line) != (placed.file, placed.line):
            placed.origin = value.origin if value.origin[1] else (value.file, value.line)
        return placed

    def written_in(self, node: Tree[Token]) -> Iterator[Written]:
        """The templates and heredocs of a parse tree."""
        tokens = node.scan_values(lambda t: isinstance(t, Token) and t.type == "STRING_LIT")
        yield from filter(None, map(self._source.written, tokens))

    def _line(self, node: Any) -> int:
        meta = getattr(node, "meta", None)
        line = getattr(node, "line", None) or (None if meta is None or meta.empty else meta.line)
        return self._offset + line if line else 0

    def _nested(self, node: Tree[Token], scope: Scope, out: dict[str, Val]) -> None:
        name, *labels = [_name(c) for c in node.children[:-1]]
        inner: Any = node.children[-1]
        if name == "dynamic" and labels:
            items = self._dynamic(labels[0], inner, scope)
            name = labels[0]
        else:
            value = self.body(inner, scope).at(self._line(node), self.file)
            for label in reversed(labels):
                value = Val({label: value}, value.line, self.file)
            items = [value]
        held = out.setdefault(name, Val([], self._line(node), self.file))
        if isinstance(held.data, list):
            held.data.extend(items)

    def _dynamic(self, label: str, body: Tree[Token], scope: Scope) -> list[Val]:
        attributes = dict(_attributes(body))
        content = [b for b in body.children if isinstance(b, Tree) and b.data == "block"]
        if "for_each" not in attributes or not content:
            return [unknown("a dynamic block without for_each or content")]
        iterator = label
        if "iterator" in attributes:
            found = next(iter(attributes["iterator"].find_data("identifier")), None)
            iterator = _name(found) if found is not None else label
        inner: Any = content[-1].children[-1]
        each = self.evaluate(attributes["for_each"], scope)
        return [
            self.body(inner, s).at(self._line(content[-1]), self.file).with_refs(refs_of([each]))
            for s in _each(each, scope, iterator)
        ]

    def evaluate(self, node: Any, scope: Scope) -> Val:
        """The value of an expression; what cannot be known is unknown, never an exception."""
        self._depth += 1
        try:
            if self._depth > MAX_NESTING:
                raise RecursionError
            value = self._evaluate(node, scope)
            return value if value.line else value.at(self._line(node), self.file)
        finally:
            self._depth -= 1

    def _evaluate(self, node: Any, scope: Scope) -> Val:
        if isinstance(node, Token):
            return self._token(node, scope)
        handler = getattr(self, f"_{node.data}", None)
        return handler(node, scope) if handler else unknown(f"{node.data} is not evaluated")

    def _token(self, token: Token, scope: Scope) -> Val:
        if token.type != "STRING_LIT":
            return Val(str(token))
        written = self._source.written(token)
        if written is None:
            return Val(of_hcl(str(token)[1:-1]))
        text = of_hcl(written.text) if written.json else written.text
        quoted = not (written.json or written.heredoc)
        value = self._template(text, scope, quoted=quoted)
        if not written.heredoc:
            return value
        line = self._line(token) + 1
        return Val(value.data, line, self.file, value.refs, whole=True) if line else value

    # each method below evaluates the grammar's rule of that name

    def _expr_term(self, node: Tree[Token], scope: Scope) -> Val:
        return self.evaluate(node.children[0], scope) if node.children else unknown("is empty")

    def _identifier(self, node: Tree[Token], scope: Scope) -> Val:
        word = str(node.children[0])
        literal = {"true": True, "false": False, "null": None}
        if word in literal:
            return Val(literal[word])
        bound = scope.bound(word)
        return bound if bound is not None else Val(_Name(word))

    def _int_lit(self, node: Tree[Token], scope: Scope) -> Val:
        return Val(int("".join(map(str, node.children))))

    def _float_lit(self, node: Tree[Token], scope: Scope) -> Val:
        return Val(float("".join(map(str, node.children))))

    def _tuple(self, node: Tree[Token], scope: Scope) -> Val:
        return Val(
            [self.evaluate(c, scope) for c in node.children if _counts(c)],
            self._line(node),
            self.file,
        )

    def _object(self, node: Tree[Token], scope: Scope) -> Val:
        out: dict[str, Val] = {}
        for element in node.children:
            if isinstance(element, Tree) and element.data == "object_elem":
                key = self._key(element.children[0], scope)
                value = self.evaluate(element.children[-1], scope)
                out[key] = self._placed(value, element, bound=_is_bound(key, element, scope))
        return Val(out, self._line(node), self.file)

    def _key(self, node: Any, scope: Scope) -> str:
        if isinstance(node, Tree) and node.data == "identifier":
            return str(node.children[0])
        value = self.evaluate(node, scope)
        if isinstance(value.data, _Name):
            return str(value.data.path[0])
        text = text_of(value)
        return text if text is not None else UNKNOWN_PART

    def _conditional(self, node: Tree[Token], scope: Scope) -> Val:
        parts = [c for c in node.children if _counts(c)]
        return self._choose(
            self._resolved(self.evaluate(parts[0], scope), scope), parts[1:3], scope
        )

    def _choose(self, condition: Val, branches: list[Any], scope: Scope) -> Val:
        if condition.data in (True, "true"):
            return self._resolved(self.evaluate(branches[0], scope), scope)
        if condition.data in (False, "false"):
            return self._resolved(self.evaluate(branches[1], scope), scope)
        options = tuple(self._resolved(self.evaluate(p, scope), scope) for p in branches)
        return Val(OneOf(options), refs=refs_of([condition, *options]))

    def _resolved(self, value: Val, scope: Scope) -> Val:
        return self._named(value.data, scope) if isinstance(value.data, _Name) else value

    def _unary_op(self, node: Tree[Token], scope: Scope) -> Val:
        operand = self._resolved(self.evaluate(node.children[1], scope), scope)
        if str(node.children[0]) == "!":
            if isinstance(operand.data, bool):
                return Val(not operand.data)
            return unknown("not of something unknown", operand)
        return (
            Val(-operand.data)
            if isinstance(operand.data, (int, float))
            else unknown("minus of something unknown", operand)
        )

    def _binary_op(self, node: Tree[Token], scope: Scope) -> Val:
        """The grammar knows no precedence: the chain is taken apart and put together again."""
        operands, operators, choice = _chain(node)
        if choice is not None:
            condition = _Chain(operands, operators)
            return self._choose(self._climb(condition, scope), choice, scope)
        return self._climb(_Chain(operands, operators), scope)

    def _climb(self, chain: _Chain, scope: Scope) -> Val:
        values = [self._resolved(self.evaluate(o, scope), scope) for o in chain.operands]
        operators = list(chain.operators)
        for level in _PRECEDENCE:
            index = 0
            while index < len(operators):
                if operators[index] in level:
                    values[index : index + 2] = [
                        _operate(operators[index], values[index], values[index + 1])
                    ]
                    operators.pop(index)
                else:
                    index += 1
        return values[0]

    def _function_call(self, node: Tree[Token], scope: Scope) -> Val:
        name = _name(node.children[0])
        args: list[Val] = []
        for child in node.children[1:]:
            if isinstance(child, Tree) and child.data == "arguments":
                values = [
                    self._resolved(self.evaluate(c, scope), scope)
                    for c in child.children
                    if _counts(c)
                ]
                args = values
        if args and args[-1].data == SPREAD:
            spread = [
                self._of_call(name, [*args[:-2], *given], scope) for given in lists_of(args[-2])
            ]
            return one_of(spread, refs_of(args))
        return self._of_call(name, args, scope)

    def _of_call(self, name: str, args: list[Val], scope: Scope) -> Val:
        if name in ("file", "filebase64", "templatefile", "fileexists"):
            return self._file(name, args, scope)
        if name == "fileset":
            return self._fileset(args, scope)
        return call(name, args, _OF_TEXTS)

    def _file(self, name: str, args: list[Val], scope: Scope) -> Val:
        path = text_of(args[0]) if args else None
        if path is None:
            return self._any_file(name, args, scope)
        absolute = os.path.normpath(os.path.join(scope.folder, path))
        if not within(absolute, self._source.root) or not os.path.isfile(absolute):
            return (
                Val(False)
                if name == "fileexists"
                else unknown(
                    f"{name}: the file is not in the scan", *args, lack=Lack.FILE, what=path
                )
            )
        if name == "fileexists":
            return Val(True)
        try:
            text = self._source.text(absolute)
        except SourceError:
            return unknown(f"{name}: the file cannot be read", *args)
        if name in ("file", "filebase64"):
            return Val(text, 1, absolute, whole=True)
        names = args[1].data if len(args) > 1 and isinstance(args[1].data, dict) else {}
        filled = self._template(text, Scope(scope.folder, scope.call).bind(**names))
        return Val(filled.data, 1, absolute, filled.refs, whole=True)

    def _any_file(self, name: str, args: list[Val], scope: Scope) -> Val:
        """A file of which a part of the path is unknown: each that it may be."""
        hole = unknown(f"{name} of an unknown path", *args, lack=Lack.FILE)
        data = args[0].data if args else None
        if name == "fileexists" or not isinstance(data, Partial):
            return hole
        found = self._matching(scope.folder, data.text.replace(HOLE, "*"))
        each = [self._file(name, [Val(path), *args[1:]], scope) for path in found[:MAX_INSTANCES]]
        return Val(OneOf((*each, hole)), refs=refs_of([hole, *each])) if each else hole

    def _fileset(self, args: list[Val], scope: Scope) -> Val:
        """The names of the files below a folder that fit a pattern."""
        words = [text_of(a) for a in args]
        if len(words) != 2 or words[0] is None or words[1] is None:
            return unknown("fileset of an unknown path", *args, lack=Lack.FILE)
        folder = os.path.normpath(os.path.join(scope.folder, words[0]))
        if not within(os.path.join(folder, words[1]), self._source.root) or not os.path.isdir(
            folder
        ):
            return unknown("fileset: the folder is not in the scan", lack=Lack.FILE, what=words[0])
        found: list[Val] = [Val(path) for path in self._matching(folder, words[1])]
        if len(found) > MAX_ITEMS:
            found[MAX_ITEMS:] = [unknown("there are too many files to read all", lack=Lack.FILE)]
        return Val(found)

    def _matching(self, folder: str, pattern: str) -> list[str]:
        """The files of the scan that a pattern names, relative to a folder, in order."""
        if not within(os.path.join(folder, pattern), self._source.root):
            return []
        found = {f for p in alternatives(pattern) for f in matching(folder, p)}
        return sorted(found)

    def _get_attr_expr_term(self, node: Tree[Token], scope: Scope) -> Val:
        base = self.evaluate(node.children[0], scope)
        attribute = _name(node.children[1].children[0])
        return self._step(base, attribute, scope)

    def _index_expr_term(self, node: Tree[Token], scope: Scope) -> Val:
        base = self.evaluate(node.children[0], scope)
        index = node.children[1]
        assert isinstance(index, Tree)
        if all(isinstance(c, Token) for c in index.children):
            return self._step(base, int("".join(map(str, index.children))), scope)
        key = self._resolved(
            self.evaluate(next(c for c in index.children if _counts(c)), scope), scope
        )
        if isinstance(key.data, (str, int)) and not isinstance(key.data, bool):
            return self._step(base, key.data, scope)
        keys = self._keys_of(base.data.path, scope) if isinstance(base.data, _Name) else None
        if keys:  # of an instance of a module that is not known: each of them
            return Val(OneOf(tuple(self._step(base, k, scope) for k in keys)), refs=key.refs)
        resolved = self._resolved(base, scope)
        if isinstance(resolved.data, dict) and resolved.data:
            return Val(OneOf(tuple(resolved.data.values())), refs=refs_of([resolved, key]))
        return unknown("an index that is unknown", resolved, key)

    def _attr_splat_expr_term(self, node: Tree[Token], scope: Scope) -> Val:
        return self._splat(node, scope)

    def _full_splat_expr_term(self, node: Tree[Token], scope: Scope) -> Val:
        return self._splat(node, scope)

    def _splat(self, node: Tree[Token], scope: Scope) -> Val:
        base = self.evaluate(node.children[0], scope)
        keys = self._keys_of(base.data.path, scope) if isinstance(base.data, _Name) else None
        base = base if keys is not None else self._resolved(base, scope)
        if keys is None and not isinstance(base.data, list):
            return unknown("a splat of something unknown", base)
        out = base.data if keys is None else [self._step(base, k, scope) for k in keys]
        for step in node.children[1].children:
            name = _name(step.children[0])
            out = [self._step(item, name, scope) for item in out]
        return Val(out, refs=base.refs)

    def _step(self, base: Val, step: str | int, scope: Scope) -> Val:
        if isinstance(base.data, _Name):
            name = _Name(*base.data.path, step)
            whole = len(name.path) == 3 and self._keys_of(name.path, scope) is not None
            return Val(name) if name.is_prefix() or whole else self._named(name, scope)
        if isinstance(base.data, dict):
            if str(step) in base.data:
                return base.data[str(step)].with_refs(base.refs)  # type: ignore[no-any-return]
            whole = UNKNOWN_PART not in base.data
            return unknown(f"has no {step}", *([] if whole else [base]), missing=whole)
        if isinstance(base.data, list) and isinstance(step, int) and step < len(base.data):
            return base.data[step]  # type: ignore[no-any-return]
        if isinstance(base.data, OneOf):
            return Val(
                OneOf(tuple(self._step(o, step, scope) for o in base.data.options)), refs=base.refs
            )
        hole = unknown(f"{step} of something unknown", base, of=str(step))
        return Val(hole.data, refs=base.refs)

    def _for_tuple_expr(self, node: Tree[Token], scope: Scope) -> Val:
        names, items, rest, condition = self._for_parts(node, scope)
        if isinstance(items, Val):
            return unknown("for over something unknown", items)
        out: list[Val] = []
        for key, value in items:
            inner = scope.bind(**_loop_names(names, key, value))
            if condition is None or self._true(condition, inner):
                out.append(self._resolved(self.evaluate(rest[0], inner), inner))
        return Val(out)

    def _for_object_expr(self, node: Tree[Token], scope: Scope) -> Val:
        names, items, rest, condition = self._for_parts(node, scope)
        if isinstance(items, Val):
            return unknown("for over something unknown", items)
        out: dict[str, Val] = {}
        for key, value in items:
            inner = scope.bind(**_loop_names(names, key, value))
            if condition is None or self._true(condition, inner):
                name = text_of(self._resolved(self.evaluate(rest[0], inner), inner)) or UNKNOWN_PART
                out[name] = self._resolved(self.evaluate(rest[1], inner), inner)
        return Val(out)

    def _for_parts(self, node: Tree[Token], scope: Scope) -> Any:
        intro = next(c for c in node.children if isinstance(c, Tree) and c.data == "for_intro")
        names = [_name(c) for c in intro.children if isinstance(c, Tree) and c.data == "identifier"]
        over_node = [
            c
            for c in intro.children
            if _counts(c) and not (isinstance(c, Tree) and c.data == "identifier")
        ][-1]
        over = self._resolved(self.evaluate(over_node, scope), scope)
        rest = [
            c
            for c in node.children
            if isinstance(c, Tree) and c.data not in ("for_intro", "for_cond")
        ]
        cond = next(
            (c for c in node.children if isinstance(c, Tree) and c.data == "for_cond"), None
        )
        condition = next((c for c in cond.children if _counts(c)), None) if cond else None
        items = over if isinstance(over.data, Unknown) else list(items_of(over, MAX_ITEMS))
        return names, items, rest, condition

    def _true(self, node: Any, scope: Scope) -> bool:
        """Whether a filter lets an item through; an unknown one does, so that nothing is lost."""
        return self._resolved(self.evaluate(node, scope), scope).data is not False

    # -- templates and names ------------------------------------------------------------------

    def _template(self, text: str, scope: Scope, *, quoted: bool = False) -> Val:
        """A template filled in; `quoted` where its literal parts hold escapes."""
        if not is_template(text):
            return Val(of_hcl(text) if quoted else text)
        found = parsed(text, quoted=quoted)
        if len(found) == 1 and isinstance(found[0], Interpolation):
            return self._inner(found[0].expression, scope)
        return self._filled(found, scope)

    def _filled(self, pieces: list[Piece], scope: Scope) -> Val:
        """Pieces of a template as one text; one of two where a condition in it is unknown."""
        parts: list[Val] = []
        for piece in pieces:
            parts.append(self._piece(piece, scope))
        return joined(parts)

    def _piece(self, piece: Piece, scope: Scope) -> Val:
        if isinstance(piece, str):
            return Val(piece)
        if isinstance(piece, Interpolation):
            return self._inner(piece.expression, scope)
        if isinstance(piece, Loop):
            return self._repeated(piece, scope)
        if isinstance(piece, Broken):
            return unknown("a template's directives do not fit together")
        condition = self._inner(piece.condition, scope)
        if condition.data in (True, "true"):
            return self._filled(piece.then, scope)
        if condition.data in (False, "false"):
            return self._filled(piece.otherwise, scope)
        both = tuple(self._filled(p, scope) for p in (piece.then, piece.otherwise))
        return Val(OneOf(both), refs=refs_of([condition, *both]))

    def _repeated(self, loop: Loop, scope: Scope) -> Val:
        """What a loop of a template repeats, for each item; once for an unknown one where these are."""
        over = self._inner(loop.over, scope)
        found = [
            self._filled(loop.body, scope.bind(**_loop_names(loop.names, key, value)))
            for key, value in items_of(over, MAX_INSTANCES)
        ]
        return joined(found)

    def _inner(self, expression: str, scope: Scope) -> Val:
        try:
            tree = self._source.expression(expression)
        except (LarkError, RecursionError):
            return unknown("an interpolation does not parse")
        return self._resolved(self.evaluate(tree, scope), scope)

    def _named(self, name: _Name, scope: Scope) -> Val:
        """The value of a traversal such as `var.x`, `local.y`, `module.m.out`, `aws_x.y.attr`."""
        value = self._followed(name.path, scope)
        last = next((s for s in reversed(name.path) if isinstance(s, str)), "")
        if isinstance(value.data, Unknown):
            own = (Scope(scope.folder, scope.call), ".".join(map(str, name.path)))
            names = tuple(dict.fromkeys((own, *value.data.names)))
            return replace(value, data=replace(value.data, of=value.data.of or last, names=names))
        return value

    def _followed(self, path: tuple[Any, ...], scope: Scope) -> Val:
        head = path[0]
        if head in ("var", "local") and len(path) > 1:
            value = self._cached(scope, f"{head}.{path[1]}", head, str(path[1]))
            for step in path[2:]:
                value = self._step(value, step, scope)
            return value
        if head == "module" and len(path) > 1:
            keys = self._keys_of(path, scope)
            if keys is None and len(path) > 2:
                return self._output(str(path[1]), str(path[2]), path[3:], scope)
            if keys is not None and len(path) > 3:
                instance = keys.index(path[2]) if path[2] in keys else None
                return self._output(str(path[1]), str(path[3]), path[4:], scope, instance)
            return self._module(str(path[1]), keys, path[2:], scope)
        if head == "path" and len(path) > 1:
            return Val({"module": ".", "root": ".", "cwd": "."}.get(str(path[1]), "."))
        if head in ("terraform", "self", "each", "count"):
            return unknown(f"{head} is not known here")
        return self._of_resource(path, scope)

    def _cached(self, scope: Scope, key: str, head: str, name: str) -> Val:
        plain_scope = Scope(scope.folder, scope.call)
        at = (plain_scope, key)
        if at in self._source.values:
            return self._source.values[at]
        if at in self._source.open or len(self._source.open) > MAX_DEPTH:
            return unknown("refers to itself")
        self._source.open.add(at)
        try:
            find = self._variable if head == "var" else self._local
            value = self._resolved(find(name, plain_scope), plain_scope)
        finally:
            self._source.open.discard(at)
        self._source.values[at] = value
        return value

    def _variable(self, name: str, scope: Scope) -> Val:
        block = self._source.find(scope.folder, "variable", (name,))
        given = self._given(name, scope)
        if given is not None and given.data is None and block and self._refuses_null(block, scope):
            given = None
        if given is None:
            given = self._attribute(block, "default", scope) if block else None
        if given is None:
            plain_value = block is not None and _SCALAR.search(block.text)
            lack = Lack.VALUE if plain_value else Lack.VARIABLE
            given = unknown(f"variable {name} has no value here", lack=lack, what=name)
        return self._converted(given, block, scope) if block else given

    def _given(self, name: str, scope: Scope) -> Val | None:
        """What a variable is given from outside: by the call of its module, or for a root."""
        if scope.call is None:
            return self._assigned(name, scope)
        caller = Scope(os.path.dirname(scope.call.file), scope.call.outer)
        block = self._source.find(caller.folder, "module", (scope.call.name,))
        return self._argument(block, name, caller, scope.call.instance) if block else None

    def _refuses_null(self, block: Block, scope: Scope) -> bool:
        if "nullable" not in block.text:
            return False
        nullable = self._attribute(block, "nullable", scope)
        return nullable is not None and nullable.data is False

    def _converted(self, value: Val, block: Block, scope: Scope) -> Val:
        """A value as a variable's type makes it, where that has defaults of its own."""
        if "optional" not in block.text:
            return value
        try:
            type_ = dict(_attributes(self._source.body(block))).get("type")
        except SourceError:
            return value
        inner = Evaluator(self._source, block.file, block.start - 1)
        return converted(value, type_, lambda node: inner.evaluate(node, scope))

    def _argument(self, block: Block, name: str, caller: Scope, instance: int | None) -> Val | None:
        """A module's argument; one of several where the module is called for each of something."""
        try:
            body = self._source.body(block)
        except SourceError:
            return unknown("is in a block that does not parse")
        if "for_each" not in block.text and "count" not in block.text:
            return self._attribute(block, name, caller)
        inner = Evaluator(self._source, block.file, block.start - 1)
        scopes = list(_instances(inner, body, caller))
        if instance is not None:
            scopes = scopes[instance : instance + 1]
        found = [self._attribute(block, name, s) for s in scopes]
        values = [v for v in found if v is not None]
        if len(values) < 2 or len({repr(v.data) for v in values}) == 1:
            return values[0] if values else None
        return Val(OneOf(tuple(values)), refs=refs_of(values))

    def _attribute(self, block: Block, name: str, scope: Scope) -> Val | None:
        literal = self._source.literal(block, name)
        if literal is not None:
            return Val(literal[0], literal[1], block.file)
        try:
            body = self._source.body(block)
        except SourceError:
            return unknown("is in a block that does not parse")
        node = dict(_attributes(body)).get(name)
        if node is None:
            return None
        inner = Evaluator(self._source, block.file, block.start - 1)
        return inner._resolved(inner.evaluate(node, scope), scope)

    def _assigned(self, name: str, scope: Scope) -> Val | None:
        """A root variable's value from the environment, its files and what is given; the last one counts."""
        files = [*ALWAYS_TAKEN]
        if os.path.isdir(scope.folder):
            files += sorted(f for f in os.listdir(scope.folder) if f.endswith(AUTO_TAKEN))
        paths = [os.path.join(scope.folder, f) for f in files]
        folder, planned = self._source.planned
        environment, given = (
            (planned.environment, planned.given) if folder == scope.folder else ((), ())
        )
        found = [self._in_variables(block, name, scope) for block in environment]
        found += [self._in_tfvars(path, name, scope) for path in paths if os.path.isfile(path)]
        found += [self._in_variables(block, name, scope) for block in given]
        return next((value for value in reversed(found) if value is not None), None)

    def _in_tfvars(self, path: str, name: str, scope: Scope) -> Val | None:
        try:
            return self._in_variables(self._source.var_block(path), name, scope)
        except SourceError:
            return unknown("is in a variable file that cannot be read")

    def _in_variables(self, block: Block, name: str, scope: Scope) -> Val | None:
        """What a block of values gives a variable; beside what a run fills in also the variable's default."""
        value = self._attribute(block, name, scope) if name in block.text else None
        if value is None or block.kind != GIVEN or is_known(value):
            return value
        own = self._source.find(scope.folder, "variable", (name,))
        default = self._attribute(own, "default", scope) if own else None
        if default is None or default.data in (None, "") or default.data in ([], {}):
            return value
        return Val(OneOf((default, value)), value.line, value.file, refs_of([default, value]))

    def _local(self, name: str, scope: Scope) -> Val:
        for block in self._source.folder(scope.folder):
            if block.kind == "locals" and name in block.text:
                value = self._attribute(block, name, scope)
                if value is not None:
                    return value
        return unknown(f"local {name} is not in the scan")

    def _keys_of(self, path: tuple[Any, ...], scope: Scope) -> list[str | int] | None:
        """The keys of the instances of a module that is called for each of something; None of any other."""
        if path[:1] != ("module",) or len(path) < 2:
            return None
        block = self._source.find(scope.folder, "module", (str(path[1]),))
        if block is None or ("for_each" not in block.text and "count" not in block.text):
            return None
        at = (Scope(scope.folder, scope.call), f"module.{path[1]}")
        if at in self._source.open:
            return None
        self._source.open.add(at)
        try:
            body = self._source.body(block)
            if not {"for_each", "count"} & {n for n, _ in _attributes(body)}:
                return None
            inner = Evaluator(self._source, block.file, block.start - 1)
            found = list(_instances(inner, body, Scope(scope.folder, scope.call)))
        except (SourceError, RecursionError):
            return None
        finally:
            self._source.open.discard(at)
        if "count" in dict(_attributes(body)):
            return list(range(len(found)))
        keys = [k for k in map(_key_of, found) if k is not None]
        return [*keys] if len(keys) == len(found) else None

    def _module(
        self, module: str, keys: list[str | int] | None, rest: tuple[Any, ...], scope: Scope
    ) -> Val:
        """All that a module gives back; of one that is called for each of something by its keys."""
        block = self._source.find(scope.folder, "module", (module,))
        origin = self._attribute(block, "source", scope) if block else None
        path = text_of(origin) if origin else None
        at = (Scope(scope.folder, scope.call), f"all of module.{module}")
        if block is None or path is None or not path.startswith(".") or at in self._source.open:
            return unknown(f"module {module} is not in the scan", lack=Lack.MODULE, what=module)
        inside = self._source.folder(os.path.normpath(os.path.join(scope.folder, path)))
        names = [b.labels[0] for b in inside if b.kind == "output" and b.labels]
        self._source.open.add(at)
        try:
            chosen = (
                [*enumerate(keys or [])]
                if not rest or keys is None
                else [(i, k) for i, k in enumerate(keys) if k == rest[0]]
            )
            each = {
                str(key): Val({n: self._output(module, n, (), scope, i) for n in names})
                for i, key in chosen
            }
            if keys is None:
                return Val({n: self._output(module, n, (), scope) for n in names})
        finally:
            self._source.open.discard(at)
        if rest:
            return each.get(str(rest[0]), unknown(f"module {module} has no such instance"))
        return Val([*each.values()]) if keys and isinstance(keys[0], int) else Val(each)

    def _output(
        self,
        module: str,
        output: str,
        rest: tuple[Any, ...],
        scope: Scope,
        instance: int | None = None,
    ) -> Val:
        block = self._source.find(scope.folder, "module", (module,))
        origin = self._attribute(block, "source", scope) if block else None
        path = text_of(origin) if origin else None
        if block is None or path is None or not path.startswith("."):
            hole = unknown(f"module {module} is not in the scan", lack=Lack.MODULE, what=module)
            hole = hole.with_refs({Ref(scope.folder, f"module.{module}")})
            handed = self._handed_on(block, output, hole, scope) if block else None
            for step in rest if handed else ():
                handed = self._step(handed, step, scope) if handed else None
            return handed or hole
        folder = os.path.normpath(os.path.join(scope.folder, path))
        inner = Scope(folder, ModuleCall(block.file, module, scope.call, instance))
        found = self._source.find(folder, "output", (output,))
        value = self._attribute(found, "value", inner) if found else None
        value = value if value is not None else unknown(f"module {module} has no output {output}")
        prefixed = frozenset(
            Ref(scope.folder, f"module.{module}.{r.address}") if r.folder == folder else r
            for r in refs_of([value])
        )
        value = Val(value.data, value.line, value.file, prefixed)
        for step in rest:
            value = self._step(value, step, scope)
        return value

    def _handed_on(self, block: Block, output: str, hole: Val, scope: Scope) -> Val | None:
        """The tags that a module of elsewhere gives back: at least those that its call passes to it.

        A module of labels also hands on its whole context, in which another one finds them.
        """
        if output not in (*_TAGS, "context") or len(self._source.open) > MAX_DEPTH:
            return None
        at = (Scope(scope.folder, scope.call), f"module.{'.'.join(block.labels)}.{output}")
        if at in self._source.open:
            return None
        self._source.open.add(at)
        try:
            context = self._attribute(block, "context", scope)
            inner = context.data if context and isinstance(context.data, dict) else {}
            passed = [inner.get("tags"), *(self._attribute(block, n, scope) for n in _TAGS)]
        finally:
            self._source.open.discard(at)
        parts = [v.data for v in passed if v is not None and isinstance(v.data, dict)]
        if not any(parts):
            return None
        tags = Val({UNKNOWN_PART: hole, **{k: v for part in parts for k, v in part.items()}})
        return Val({UNKNOWN_PART: hole, "tags": tags}) if output == "context" else tags

    def _of_resource(self, path: tuple[Any, ...], scope: Scope) -> Val:
        head = 3 if path[0] == "data" else 2
        address = ".".join(map(str, path[:head]))
        if len(path) < head:
            return Val(str(path[0])) if len(path) == 1 else unknown(f"{address} is not known")
        refs = frozenset({Ref(scope.folder, address)})
        rest = [p for p in path[head:] if not isinstance(p, int)]
        kind = "data" if path[0] == "data" else "resource"
        block = self._source.find(scope.folder, kind, tuple(map(str, path[:head]))[-2:])
        key = (Scope(scope.folder, scope.call), f"{address}.{rest[0] if rest else ''}")
        if (
            block is not None
            and len(rest) == 1
            and str(rest[0]) in block.text
            and key not in self._source.open
            and len(self._source.open) < MAX_DEPTH
        ):
            self._source.open.add(key)
            try:
                value = self._attribute(block, str(rest[0]), Scope(scope.folder, scope.call))
            finally:
                self._source.open.discard(key)
            if value is not None and isinstance(value.data, (str, int, float, bool)):
                return Val(value.data, value.line, value.file, value.refs | refs)
        hole = unknown(f"is computed by {address}", lack=Lack.APPLY, what=address).with_refs(refs)
        if block is None or kind != "data" or key in self._source.open:
            return hole
        self._source.open.add(key)
        try:
            text = self._text_of_data(block, str(rest[0]) if rest else "", scope)
        finally:
            self._source.open.discard(key)
        return text.with_refs(refs) if text else hole

    def _text_of_data(self, block: Block, attribute: str, scope: Scope) -> Val | None:
        """What a data source that only reads or fills in a text gives; None for any other."""
        type_, here = block.labels[0], Scope(scope.folder, scope.call)
        if len(self._source.open) > MAX_DEPTH:
            return None
        if type_ == "local_file" and attribute in ("content", "content_base64"):
            named = self._attribute(block, "filename", here)
            return self._file("file", [named], here) if named else None
        if type_ == "template_file" and attribute == "rendered":
            template, given = (self._attribute(block, n, here) for n in ("template", "vars"))
            text = text_of(template) if template else None
            names = given.data if given and isinstance(given.data, dict) else {}
            filled = self._template(text, here.bind(**names)) if text is not None else None
            return Val(filled.data, 1, block.file, filled.refs, whole=True) if filled else template
        if type_ in ("cloudinit_config", "template_cloudinit_config") and attribute == "rendered":
            inner = Evaluator(self._source, block.file, block.start - 1)
            parts: Val | None = inner.body(self._source.body(block), here).data.get("part")
            return parts
        return None


_OF_TEXTS: Mapping[str, Function] = {
    "yamldecode": lambda args: decoded_text(args[0], "yaml"),
    "jsondecode": lambda args: decoded_text(args[0], "json"),
    "csvdecode": lambda args: of_csv(args[0]),
}


class _Name:
    """A traversal that is not resolved yet."""

    def __init__(self, *path: Any) -> None:
        self.path = path

    def is_prefix(self) -> bool:
        """Whether more steps are needed before the name stands for a value."""
        need = {"var": 2, "local": 2, "module": 3, "data": 4, "path": 2, "each": 2, "count": 2}
        return len(self.path) < need.get(str(self.path[0]), 3)


@dataclass(frozen=True)
class _Chain:
    """Operands with the operators between them."""

    operands: list[Any]
    operators: list[str]


_PRECEDENCE = (("*", "/", "%"), ("+", "-"), ("<", ">", "<=", ">="), ("==", "!="), ("&&",), ("||",))


def _chain(node: Tree[Token]) -> tuple[list[Any], list[str], list[Any] | None]:
    """Operands and operators of nested binary operations, and the branches of a trailing choice."""
    operands: list[Any] = [node.children[0]]
    operators: list[str] = []
    current: Any = node.children[1]
    while True:
        operators.append("".join(str(t) for t in current.children[0].scan_values(lambda t: True)))
        right = current.children[-1]
        if isinstance(right, Tree) and right.data == "binary_op":
            operands.append(right.children[0])
            current = right.children[1]
        elif isinstance(right, Tree) and right.data == "conditional":
            parts = [c for c in right.children if _counts(c)]
            if isinstance(parts[0], Tree) and parts[0].data == "binary_op":
                inner, more, _ = _chain(parts[0])
                return operands + inner, operators + more, parts[1:3]
            return [*operands, parts[0]], operators, parts[1:3]
        else:
            return [*operands, right], operators, None


_TAGS = ("tags", "labels", "extra_tags", "additional_tags", "tags_all")
"""What modules of labels call what they are given, and what they give back."""


def _key_of(scope: Scope) -> str | None:
    """The key of one instance of a block with `for_each`; None where it is not known."""
    each = scope.bound("each")
    key = each.data["key"].data if each and isinstance(each.data, dict) else None
    return key if isinstance(key, str) else None


def _first(tree: Any, name: str) -> Tree[Token]:
    """The first child of a tree that is the grammar's rule of this name."""
    return next(c for c in tree.children if isinstance(c, Tree) and c.data == name)


_PAIR = frozenset({"name", "key", "value"})


def _is_bound(name: str, attribute: Tree[Token], scope: Scope) -> bool:
    """Whether an attribute of a pair is nothing but the name or value of a loop's item."""
    node: Any = attribute.children[-1]
    steps = 0
    while isinstance(node, Tree) and node.data in ("expr_term", "get_attr_expr_term"):
        steps += node.data == "get_attr_expr_term"
        node = node.children[0]
    bound = isinstance(node, Tree) and node.data == "identifier" and steps < 2
    return name in _PAIR and bound and scope.bound(str(node.children[0])) is not None


def _loop_names(names: list[str], key: Val, value: Val) -> dict[str, Val]:
    return {names[0]: value} if len(names) == 1 else {names[0]: key, names[1]: value}


def _counts(node: Any) -> bool:
    return not (isinstance(node, Token) and node.type != "STRING_LIT")


def _operate(operator: str, left: Val, right: Val) -> Val:
    a, b = left.data, right.data
    if operator in ("&&", "||"):
        decisive = operator == "||"
        if a is decisive or b is decisive:
            return Val(decisive)
        if isinstance(a, bool) and isinstance(b, bool):
            return Val(not decisive)
    elif operator in ("==", "!=") and is_known(left) and is_known(right):
        return Val((plain(left) == plain(right)) == (operator == "=="))
    elif isinstance(a, (int, float)) and isinstance(b, (int, float)):
        table: Mapping[str, Callable[[Any, Any], Any]] = {
            "<": lambda x, y: x < y,
            ">": lambda x, y: x > y,
            "<=": lambda x, y: x <= y,
            ">=": lambda x, y: x >= y,
            "+": lambda x, y: x + y,
            "-": lambda x, y: x - y,
            "*": lambda x, y: x * y,
            "/": lambda x, y: x / y if y else 0,
            "%": lambda x, y: x % y if y else 0,
        }
        if operator in table:
            return Val(table[operator](a, b))
    return unknown(f"{operator} of something unknown", left, right)
