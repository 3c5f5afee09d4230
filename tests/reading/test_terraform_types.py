"""Defaults of optional parts, values from files, and what may fail: as Terraform evaluates them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openai_phi.reading.terraform.terraform_source import (
    OneOf,
    Reading,
    Scope,
    Source,
    Unknown,
    read,
)


def reading(folder: Path, expression: str, more: str = "", **files: str) -> Reading:
    (folder / "main.tf").write_text(f'resource "aws_x" "y" {{\n  a = {expression}\n}}\n{more}')
    for name, content in files.items():
        (folder / name.replace("_", ".", 1)).write_text(content)
    source = Source(str(folder))
    block = next(b for b in source.folder(str(folder)) if b.kind == "resource")
    (one,) = read(source, block, Scope(str(folder)))
    return one


def value(folder: Path, expression: str, more: str = "", **files: str) -> Any:
    return reading(folder, expression, more, **files).config["a"]


APP = """variable "app" {
  type = object({
    name = string
    llm  = optional(object({ url = optional(string, "https://api.openai.com/v1") }), {})
    tags = optional(map(object({ class = optional(string, "PHI") })), {})
    off  = optional(string)
  })
DEFAULT}
"""
CASES: dict[str, tuple[str, str, Any]] = {
    "left out, two deep": ("var.app.llm.url", '{ name = "a" }', "https://api.openai.com/v1"),
    "null is left out": (
        "var.app.llm.url",
        '{ name = "a", llm = null }',
        "https://api.openai.com/v1",
    ),
    "given": ("var.app.llm.url", '{ llm = { url = "http://vllm" } }', "http://vllm"),
    "in a map": ('var.app.tags["x"].class', "{ tags = { x = {} } }", "PHI"),
    "in a map, given": (
        'var.app.tags["x"].class',
        '{ tags = { x = { class = "none" } } }',
        "none",
    ),
    "without a default of its own": ("var.app.off", "{}", None),
    "what the type does not have": ('try(var.app.other, "none")', '{ other = "x" }', "none"),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("by", ["default", "tfvars"])
def test_the_default_of_an_optional_part(tmp_path: Path, case: str, by: str) -> None:
    expression, given, expected = CASES[case]
    default = f"  default = {given}\n" if by == "default" else ""
    files = {} if by == "default" else {"terraform_tfvars": f"app = {given}\n"}
    assert value(tmp_path, expression, APP.replace("DEFAULT", default), **files) == expected


def test_a_variable_that_nobody_gives_may_have_its_defaults(tmp_path: Path) -> None:
    found = value(tmp_path, "var.app.tags", APP.replace("DEFAULT", ""))
    assert isinstance(found, OneOf)
    found = value(tmp_path, "var.app.name", APP.replace("DEFAULT", ""))
    assert isinstance(found, Unknown)


def test_files_in_yaml_json_and_csv_keep_their_lines(tmp_path: Path) -> None:
    one = reading(
        tmp_path,
        '{ y = yamldecode(file("e.yaml")), j = jsondecode(file("e.json")),'
        ' c = { for r in csvdecode(file("e.csv")) : r.name => r.value } }',
        e_yaml="A: 1\nB: {C: 2}\n",
        e_json='{\n"A": [1,\n2]}',
        e_csv='name,value\nK,"x,y"\nL,z\n',
    )
    assert one.config["a"] == {
        "y": {"A": 1, "B": {"C": 2}},
        "j": {"A": [1, 2]},
        "c": {"K": "x,y", "L": "z"},
    }
    assert (one.lines["a", "y", "B", "C"], one.files["a", "y", "B", "C"][-6:]) == (2, "e.yaml")
    assert one.lines["a", "j", "A", 1] == 3
    assert (one.lines["a", "c", "L"], one.files["a", "c", "L"][-5:]) == (3, "e.csv")


def test_a_list_is_spread_into_a_call(tmp_path: Path) -> None:
    found = value(
        tmp_path,
        'merge([for f in fileset(path.module, "{e,f}.yaml") : yamldecode(file(f))]...)',
        e_yaml="A: 1\nB: 1\n",
        f_yaml="B: 2\n",
        g_yaml="C: 3\n",
    )
    assert found == {"A": 1, "B": 2}


@pytest.mark.parametrize("folder", ["../..", "nowhere"])
def test_files_that_cannot_be_listed_are_unknown_and_not_none(tmp_path: Path, folder: str) -> None:
    assert isinstance(value(tmp_path, f'fileset("{folder}", "*.yaml")'), Unknown)


def test_a_folder_without_such_files_is_an_empty_list(tmp_path: Path) -> None:
    assert value(tmp_path, 'fileset(path.module, "*.yaml")') == []


TRIED: dict[str, Any] = {
    'try({ a = 1 }.b, "x")': "x",
    'try({ a = 1 }.a, "x")': 1,
    "can({ a = 1 }.b)": False,
    "can({ a = 1 }.a)": True,
}


@pytest.mark.parametrize("expression", TRIED)
def test_what_certainly_fails_is_passed_over(tmp_path: Path, expression: str) -> None:
    assert value(tmp_path, expression) == TRIED[expression]


def test_what_may_be_there_stays_beside_what_comes_after_it(tmp_path: Path) -> None:
    found = value(tmp_path, 'try(var.u, "x")', 'variable "u" {}\n')
    assert isinstance(found, OneOf)
    assert "x" in found.options
    assert any(isinstance(o, Unknown) for o in found.options)


def test_a_loop_over_one_of_two_maps_goes_over_both(tmp_path: Path) -> None:
    text = (
        'resource "aws_x" "y" {\n  for_each = var.on ? { a = 1 } : { b = 2 }\n  k = each.key\n}\n'
        'variable "on" {}\n'
    )
    (tmp_path / "main.tf").write_text(text)
    source = Source(str(tmp_path))
    found = read(source, source.folder(str(tmp_path))[0], Scope(str(tmp_path)))
    assert [r.config["k"] for r in found] == ["a", "b"]


def test_what_is_cut_short_leaves_an_unknown_instance(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_x" "y" {\n  for_each = toset([for i in range(150) : "n${i}"])\n  k = each.key\n}\n'
    )
    source = Source(str(tmp_path))
    found = read(source, source.folder(str(tmp_path))[0], Scope(str(tmp_path)))
    assert isinstance(found[-1].config["k"], Unknown)
