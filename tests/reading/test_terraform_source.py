"""Blocks read again from their source: what is known is right, what is not is unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openai_phi.reading.terraform.terraform_source import (
    ModuleCall,
    OneOf,
    Partial,
    Reading,
    Scope,
    Source,
    SourceError,
    Unknown,
    read,
)


def readings(folder: Path, text: str, kind: str = "resource", **files: str) -> tuple[Reading, ...]:
    (folder / "main.tf").write_text(text)
    for name, content in files.items():
        (folder / name.replace("_", ".", 1)).write_text(content)
    source = Source(str(folder))
    block = next(b for b in source.folder(str(folder)) if b.kind == kind)
    return read(source, block, Scope(str(folder)))


def config(folder: Path, text: str, **files: str) -> dict[str, Any]:
    (one,) = readings(folder, text, **files)
    return one.config


def resource(body: str) -> str:
    return f'resource "aws_x" "y" {{\n{body}\n}}\n'


def test_ternary_with_a_url_takes_the_whole_url(tmp_path: Path) -> None:
    text = 'variable "url" { default = "https://api.openai.com/v1" }\nvariable "on" { default = true }\n'
    text += resource(
        '  a = var.on ? var.url : null\n  b = var.url != "" ? "https://x.test/y" : "https://z.test"'
    )
    assert config(tmp_path, text) == {"a": "https://api.openai.com/v1", "b": "https://x.test/y"}


def test_ternary_with_an_unknown_condition_is_one_of_two(tmp_path: Path) -> None:
    text = 'variable "on" {}\n' + resource('  a = var.on ? "https://api.openai.com" : null')
    assert config(tmp_path, text)["a"] == OneOf(("https://api.openai.com", None))


def test_yaml_heredoc_keeps_its_lines(tmp_path: Path) -> None:
    text = resource("  a = <<-EOT\n    one: 1\n    two:\n      three: x\n  EOT")
    (one,) = readings(tmp_path, text)
    assert one.config["a"] == "one: 1\ntwo:\n  three: x\n"
    assert one.lines[("a",)] == 3


def test_join_with_a_semicolon(tmp_path: Path) -> None:
    text = resource('  a = join(";", ["https://api.openai.com/v1", "https://b.test"])')
    assert config(tmp_path, text)["a"] == "https://api.openai.com/v1;https://b.test"


def test_map_index_inside_a_heredoc(tmp_path: Path) -> None:
    text = 'variable "hosts" { default = { a = "api.openai.com" } }\n'
    text += resource('  a = <<EOT\nhost: ${var.hosts["a"]}\nEOT')
    assert config(tmp_path, text)["a"] == "host: api.openai.com\n"


def test_dynamic_block_expands(tmp_path: Path) -> None:
    text = resource(
        '  dynamic "env" {\n    for_each = { A = "1", B = "2" }\n    content {\n'
        "      name = env.key\n      value = env.value\n    }\n  }"
    )
    assert config(tmp_path, text)["env"] == [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "2"},
    ]


def test_dynamic_block_over_something_unknown_is_unknown(tmp_path: Path) -> None:
    text = 'variable "env" {}\n' + resource(
        '  dynamic "env" {\n    for_each = var.env\n    content {\n      value = env.value\n    }\n  }'
    )
    assert isinstance(config(tmp_path, text)["env"][0]["value"], Unknown)


def test_count_zero_is_no_instance(tmp_path: Path) -> None:
    assert readings(tmp_path, resource("  count = 0\n  a = 1")) == ()


def test_for_each_over_a_known_map(tmp_path: Path) -> None:
    found = readings(tmp_path, resource('  for_each = { a = "x", b = "y" }\n  v = each.value'))
    assert [r.config["v"] for r in found] == ["x", "y"]


def test_for_expression_from_tfvars(tmp_path: Path) -> None:
    text = 'variable "env" {}\n' + resource(
        '  e = [for k, v in var.env : { name = k, value = v } if v != ""]'
    )
    found = config(
        tmp_path, text, terraform_tfvars='env = { OPENAI_API_BASE = "https://api.openai.com" }\n'
    )
    assert found["e"] == [{"name": "OPENAI_API_BASE", "value": "https://api.openai.com"}]


def test_merge_keeps_the_lines_of_both(tmp_path: Path) -> None:
    text = 'variable "tags" { default = { A = "1" } }\n' + resource(
        '  tags = merge(var.tags, {\n    B = "2"\n  })'
    )
    (one,) = readings(tmp_path, text)
    assert one.config["tags"] == {"A": "1", "B": "2"}
    assert one.lines[("tags", "B")] == 4


def test_value_through_two_modules(tmp_path: Path) -> None:
    (tmp_path / "m" / "n").mkdir(parents=True)
    (tmp_path / "main.tf").write_text(
        'module "m" {\n  source = "./m"\n  url = "https://api.openai.com"\n}\n'
    )
    (tmp_path / "m" / "main.tf").write_text(
        'variable "url" {}\nmodule "n" {\n  source = "./n"\n  base = "${var.url}/v1"\n}\n'
    )
    (tmp_path / "m" / "n" / "main.tf").write_text(
        'variable "base" {}\n' + resource("  a = var.base")
    )
    source = Source(str(tmp_path))
    inner = tmp_path / "m" / "n"
    call = ModuleCall(
        str(tmp_path / "m" / "main.tf"), "n", ModuleCall(str(tmp_path / "main.tf"), "m")
    )
    block = source.find(str(inner), "resource", ("aws_x", "y"))
    assert block is not None
    (one,) = read(source, block, Scope(str(inner), call))
    assert one.config["a"] == "https://api.openai.com/v1"


def test_module_output(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(
        'output "url" {\n  value = "https://api.openai.com"\n}\n'
    )
    text = 'module "m" {\n  source = "./m"\n}\n' + resource("  a = module.m.url")
    assert config(tmp_path, text)["a"] == "https://api.openai.com"


def test_unresolved_part_keeps_the_host(tmp_path: Path) -> None:
    text = 'variable "path" {}\n' + resource('  a = "https://api.openai.com/${var.path}"')
    assert config(tmp_path, text)["a"] == Partial("https://api.openai.com/${…}")


def test_cycle_of_locals_ends(tmp_path: Path) -> None:
    text = "locals {\n  a = local.b\n  b = local.a\n}\n" + resource("  a = local.a")
    assert isinstance(config(tmp_path, text)["a"], Unknown)


def test_references_are_recorded_through_locals(tmp_path: Path) -> None:
    text = "locals {\n  t = aws_dynamodb_table.phi.arn\n}\n" + resource("  a = local.t")
    (one,) = readings(tmp_path, text)
    assert [r.address for r in one.refs[("a",)]] == ["aws_dynamodb_table.phi"]


def test_unknown_operators_stay_unknown(tmp_path: Path) -> None:
    text = 'variable "x" {}\n' + resource(
        "  a = !var.x\n  b = false && var.x\n  c = var.x || true\n  d = var.x && true"
    )
    found = config(tmp_path, text)
    assert isinstance(found["a"], Unknown)
    assert found["b"] is False
    assert found["c"] is True
    assert isinstance(found["d"], Unknown)


def test_block_scanner_knows_strings_comments_and_heredocs(tmp_path: Path) -> None:
    text = (
        '# resource "a" "no" {\n/* resource "b" "no" { */\n'
        + resource('  a = "}{ ${var.x["}"]}"\n  b = <<EOT\n}}}\nEOT\n  # }\n')
        + 'resource "aws_x" "z" {}\n'
    )
    (tmp_path / "main.tf").write_text(text)
    found = Source(str(tmp_path)).blocks(str(tmp_path / "main.tf"))
    assert [(b.labels[1], b.start, b.end) for b in found] == [("y", 3, 10), ("z", 11, 11)]


def test_a_block_that_does_not_parse_says_where(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        readings(tmp_path, resource("  a = = 1"))
    assert caught.value.line == 2
    assert caught.value.reason == "does not parse as HCL"
