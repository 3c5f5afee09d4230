"""What decides has a type: a text for people is only shown, and the environment is read at the entries."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from scan import CHECKS

from inprocess import named, said
from openai_phi.reading.charts.helm_renderer import JOURNAL
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.words.scan_input import JOURNAL_VARIABLE

WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: notes, labels: {data-classification: phi}}
spec: {template: {spec: {containers: [{name: a, image: a, env: [{name: OPENAI_API_KEY, value: x}]}]}}}
"""
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


THE_ENVIRONMENT = {
    "openai_phi/plugin/bridge.py": "the entry for plain Checkov makes the context",
    "openai_phi/scanning/scan.py": "the entry for the command makes it, and puts back what Checkov changed",
    "openai_phi/reading/charts/helm_renderer.py": "is started by Checkov as `helm`: an entry of its own",
    "openai_phi/plugin/checkov_graphs.py": "sets what Checkov reads while it is imported",
    "openai_phi/scanning/repository.py": "starts git",
    "openai_phi/reading/manifests/kustomize_builder.py": "starts the builder, and gives it PATH alone",
    "openai_phi/reading/disk/child_limits.py": "bounds what a scan starts, whoever starts it",
    "openai_phi/scanning/memory.py": "bounds the scan of the command",
    "openai_phi/reporting/evidence_manifest.py": "says which run of a CI system this is",
    "openai_phi/reporting/annotations.py": "names files as a run of GitHub finds them",
    "openai_phi/commands/cli.py": "the command line",
    "openai_phi/commands/cli_given.py": "the command line",
    "openai_phi/commands/cli_scan.py": "the command line",
}
"""Modules that read or set the environment, and why. Whoever else needs something of it is given it."""
OUR_OWN = ("OPENAI_PHI_POLICY", "OPENAI_PHI_TODAY", "OPENAI_PHI_HELM_JOURNAL")


def reading(attribute: str, of: str) -> set[str]:
    """The modules that read an attribute of a name, as `os.environ`."""
    return {
        file.relative_to(CHECKS).as_posix()
        for file in MODULES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr == attribute
        and isinstance(node.value, ast.Name)
        and node.value.id == of
    }


def test_the_environment_is_read_at_the_entries() -> None:
    assert reading("environ", "os") | reading("getenv", "os") == set(THE_ENVIRONMENT)


def test_the_day_and_the_working_directory_are_asked_for_at_the_entries() -> None:
    assert reading("today", "date") == {"openai_phi/words/scan_input.py"}
    assert reading("getcwd", "os") == {
        "openai_phi/plugin/bridge.py",
        "openai_phi/plugin/checkov_runs.py",
        "openai_phi/scanning/scan.py",
    }
    assert not reading("cwd", "Path") | reading("now", "datetime")


def test_our_own_variables_are_named_where_the_context_is_made() -> None:
    found = {
        f.relative_to(CHECKS).as_posix()
        for f in MODULES
        for n in ast.walk(ast.parse(f.read_text(encoding="utf-8")))
        if isinstance(n, ast.Constant) and n.value in OUR_OWN
    }
    assert found == {
        "openai_phi/words/scan_input.py",
        "openai_phi/reading/charts/helm_renderer.py",
    }
    assert JOURNAL == JOURNAL_VARIABLE


def test_nothing_has_to_be_forgotten_before_another_scan() -> None:
    """What is kept in the process is facts alone, which no scan changes."""
    for file in MODULES:
        names = {
            n.attr
            for n in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(n, ast.Attribute)
        }
        assert "cache_clear" not in names, file


def test_two_scans_of_one_folder_are_two(tmp_path: Path) -> None:
    """Plain Checkov and the command, in one process, after the declarations and the day have changed."""
    (tmp_path / "all.yaml").write_text(WORKLOAD)
    for text, day, found in (
        ("version: 1\nnonsense: 1\n", "2026-11-20", True),
        ("version: 1\n", "2026-11-21", False),
    ):
        (tmp_path / "openai-compliance.yaml").write_text(text)
        wrong = "OAI_DECLARATION_1 openai-compliance.yaml"
        assert (wrong in named(tmp_path, "yaml")) is found
        assert (wrong in said(tmp_path)) is found
        assert scan_folder(Options(str(tmp_path), today=day)).inputs.today.isoformat() == day
