"""Templates are taken apart and filled in as Terraform does it; what is unknown of them stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openai_phi.reading.terraform.terraform_lexing import closing, simplified
from openai_phi.reading.terraform.terraform_source import OneOf, Partial, Scope, Source, read


def value(folder: Path, expression: str, more: str = "", **files: str) -> Any:
    (folder / "main.tf").write_text(f'resource "aws_x" "y" {{\n  a = {expression}\n}}\n{more}')
    for name, content in files.items():
        (folder / name.replace("_", ".", 1)).write_text(content)
    source = Source(str(folder))
    block = next(b for b in source.folder(str(folder)) if b.kind == "resource")
    (one,) = read(source, block, Scope(str(folder)))
    return one.config["a"]


FILLED = {
    "a loop": ('"%{ for k in ["a", "b"] }<${k}>%{ endfor }"', "<a><b>"),
    "a loop over a map": ('"%{ for k, v in { b = 2, a = 1 } }${k}=${v};%{ endfor }"', "a=1;b=2;"),
    "a condition that holds": ('"%{ if "x" == "x" }yes%{ else }no%{ endif }"', "yes"),
    "a condition that does not": ('"%{ if "x" == "y" }yes%{ else }no%{ endif }"', "no"),
    "without an else": ('"a%{ if false }b%{ endif }c"', "ac"),
    "white space taken away": ('"a  %{~ if true ~}  b  %{~ endif ~}  c"', "abc"),
    "a loop in a loop": (
        '"%{ for a in ["x", "y"] }%{ for b in [1, 2] }${a}${b} %{ endfor }%{ endfor }"',
        "x1 x2 y1 y2 ",
    ),
    "what is no template": ('"$${a} %%{b}"', "${a} %{b}"),
    "an escape that makes no template": (r'"\u0024{a}"', "${a}"),
    "escapes around an interpolation": (r'"\u004f${"PEN"}\u0041I"', "OPENAI"),
    "quotes in quotes": ('"${"a${"b${"c"}"}"}"', "abc"),
    "a brace in a quote": ('"${"}"}x"', "}x"),
    "a heredoc with an odd quote": ('<<EOT\nit"s ${"x"}\nEOT', 'it"s x\n'),
    "a heredoc of one letter": ("<<-E\n  a\n    b\n  E", "a\n  b\n"),
    "a heredoc whose word starts a line": ("<<EOT\nEOTX\nEOT", "EOTX\n"),
    "a heredoc with braces": ("<<EOT\n{ { \nEOT", "{ { \n"),
    "an exponent": ("1e+09", 1000000000),
    "a small number": ("[1.5e3, 25e-1]", [1500, 2.5]),
}


@pytest.mark.parametrize("case", FILLED)
def test_what_is_known_is_filled_in(tmp_path: Path, case: str) -> None:
    expression, expected = FILLED[case]
    assert value(tmp_path, expression) == expected


def test_a_file_with_a_loop_and_names(tmp_path: Path) -> None:
    found = value(
        tmp_path,
        'templatefile("c.tpl", { s = var.s })',
        'variable "s" { default = { OPENAI_API_KEY = "arn:x" } }\n',
        c_tpl='[%{ for k, v in s }{"name":"${k}","valueFrom":"${v}"}%{ endfor }]',
    )
    assert found == '[{"name":"OPENAI_API_KEY","valueFrom":"arn:x"}]'


def test_an_unknown_condition_keeps_both(tmp_path: Path) -> None:
    found = value(tmp_path, '"x%{ if var.on }a%{ else }b%{ endif }"', 'variable "on" {}\n')
    assert found == OneOf(("xa", "xb"))
    assert value(tmp_path, '"x${var.on ? "a" : "b"}"', 'variable "on" {}\n') == OneOf(("xa", "xb"))


def test_too_many_unknown_conditions_keep_each_option(tmp_path: Path) -> None:
    found = value(tmp_path, '"' + '${var.on ? "a" : "b"}' * 5 + '"', 'variable "on" {}\n')
    assert isinstance(found, OneOf)
    assert Partial("a${…}${…}${…}${…}") in found.options
    assert Partial("${…}${…}${…}${…}b") in found.options


def test_an_unknown_loop_leaves_a_hole(tmp_path: Path) -> None:
    found = value(tmp_path, '"[%{ for k in var.l }${k}%{ endfor }]"', 'variable "l" {}\n')
    assert found == Partial("[${…}]")


@pytest.mark.parametrize("text", ['"%{ for x }a%{ endfor }"', '"%{ if true }a"', '"%{ endif }"'])
def test_directives_that_do_not_fit_are_a_hole(tmp_path: Path, text: str) -> None:
    found = value(tmp_path, text)
    assert isinstance(found, Partial)
    assert "${…}" in found.text


def test_json_undoes_its_escapes_before_the_template(tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").write_text(
        '{"resource": {"aws_x": {"y": {"a": "${merge({}, {\\"\\u004fPENAI_API_KEY\\" = \\"k\\"})}", "b": "https:\\/\\/x.test"}}}}'
    )
    source = Source(str(tmp_path))
    (block,) = source.folder(str(tmp_path))
    (one,) = read(source, block, Scope(str(tmp_path)))
    assert one.config == {"a": {"OPENAI_API_KEY": "k"}, "b": "https://x.test"}


def test_lines_stay_where_they_are() -> None:
    text = 'a = <<EOT\none\ntwo\nEOT\nb = "x${\n1}"\n'
    held: list[Any] = []
    assert simplified(text, held).count("\n") == text.count("\n")
    assert [w.heredoc for w in held] == [True, False]


@pytest.mark.parametrize("inner", ['"}"', '"${"}"}"', "# }\n", "/* } */", "<<E\n}\nE\n", r'"\"}"'])
def test_a_block_ends_at_its_own_brace(inner: str) -> None:
    text = f"x {{ a = {inner} \n}} y {{}}"
    assert closing(text, 2) == text.index("} y")
