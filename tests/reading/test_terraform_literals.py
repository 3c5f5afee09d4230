"""An attribute that is a plain text is read without parsing its block, and is what the parser makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.reading.terraform.terraform_source import Evaluator, Scope, Source

BLOCKS = {
    "the last of several": ('name_prefix = "b"\n  tags = { a = "c" }\n  name = "a"', ("a", 4)),
    "beside one of its name within": (
        'lifecycle {\n    name = "inner"\n  }\n  name = "outer"',
        ("outer", 5),
    ),
    "after a heredoc that looks alike": (
        'text = <<EOT\n  name = "no"\nEOT\n  name = "yes"',
        ("yes", 5),
    ),
    "before a comment that looks alike": ('name = "a"\n  # name = "b"', ("a", 2)),
    "only within": ('lifecycle {\n    name = "inner"\n  }', None),
    "only in a comment": ('# name = "b"', None),
    "a template": ('name = "a-${var.x}"', None),
    "an escape": ('name = "a\\"b"', None),
    "a reference": ("name = var.x", None),
    "with a comment behind": ('name = "a" # b', None),
    "of another name": ('other_name = "a"', None),
    "twice alike": ('name = "a"\n  b {\n  name = "a"\n  }', ("a", 2)),
}


@pytest.mark.parametrize("case", BLOCKS)
def test_it_is_what_the_parser_makes_of_it(case: str, tmp_path: Path) -> None:
    inside, expected = BLOCKS[case]
    text = f'resource "aws_s3_bucket" "b" {{\n  {inside}\n}}\n'
    (tmp_path / "main.tf").write_text(text)
    source = Source(str(tmp_path))
    (block,) = source.folder(str(tmp_path))
    found = source.literal(block, "name")
    assert found == expected
    if found is None:
        return
    parsed = source.body(block)
    nodes = {str(c.children[0].children[0]): c for c in parsed.children if c.data == "attribute"}
    value = Evaluator(source, block.file, block.start - 1).evaluate(
        nodes["name"].children[-1], Scope(str(tmp_path))
    )
    assert (value.data, value.line) == found
