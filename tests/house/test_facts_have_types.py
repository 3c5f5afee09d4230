"""What decides has a type: a text for people is only shown, and the environment is read at the entries."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from scan import CHECKS

ENGINE = CHECKS / "openai_phi"
MODULES = sorted(CHECKS.rglob("*.py"))


def within(node: ast.AST, *, shown: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Every node below one, and whether it only fills a place in a text."""
    for child in ast.iter_child_nodes(node):
        yield child, shown
        yield from within(child, shown=shown or isinstance(child, ast.FormattedValue))


def deciding_notes(text: str) -> list[int]:
    """The lines of code that reads a note for anything else than to write it into a text."""
    return [
        node.lineno
        for node, shown in within(ast.parse(text))
        if isinstance(node, ast.Attribute)
        and node.attr == "note"
        and isinstance(node.ctx, ast.Load)
        and not shown
    ]


def renders(file: Path) -> bool:
    """Whether a module only says what is, or is the type of a note itself."""
    name = file.relative_to(CHECKS).as_posix()
    return name.startswith(("openai_phi/reporting/", "openai_phi/commands/")) or name in (
        "openai_phi/words/observed.py",
        "openai_phi/words/fixes.py",
    )


@pytest.mark.parametrize("file", MODULES, ids=lambda f: f.stem)
def test_no_note_decides(file: Path) -> None:
    if not renders(file):
        assert deciding_notes(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ('x = item.note == "base URL"', [1]),
        ('x = item.note.startswith("an admin key")', [1]),
        ("x = f'{item.value} {item.note}'", []),
        ("x = f'{item.value}' if item.note else ''", [1]),
        ("item.note = 'x'", []),
    ],
)
def test_what_a_deciding_note_is(line: str, lines: list[int]) -> None:
    assert deciding_notes(line) == lines
