"""Which blocks are worth evaluating: names are followed through every way that a value can take, by text alone."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest
from scan import CHECKS

from command import started
from inprocess import told, write
from openai_phi.reading.terraform.terraform_relevance import Relevance
from openai_phi.reading.terraform.terraform_source import (
    Block,
    ModuleCall,
    Scope,
    Source,
    Variables,
    attributes_in,
)

URL = "https://api.openai.com/v1"


def relevance(root: Path, *variants: str) -> Relevance:
    source = Source(str(root))
    return Relevance(
        source,
        lambda text: "openai" in text.lower(),
        lambda file: Path(file).read_text() if os.path.isfile(file) else "",
        lambda folder: [
            Variables(v, given=(source.var_block(os.path.join(folder, v)),))
            for v in variants
            if os.path.isfile(os.path.join(folder, v))
        ],
    )


def leads(root: Path, text: str, call: ModuleCall | None = None, folder: str = "") -> bool:
    return relevance(root, "prod.tfvars").leads(Scope(str(root / folder), call), text)


WAYS = {
    "the text itself": ("url = {0}", ""),
    "a variable's default": ("url = var.url", 'variable "url" {{ default = {0} }}'),
    "an optional part's default": (
        "url = var.ai.url",
        'variable "ai" {{ type = object({{ url = optional(string, {0}) }}) }}',
    ),
    "a local": ("url = local.url", "locals {{\n  url = {0}\n}}"),
    "a local of a local, in blocks of their own": (
        "v = local.all",
        "locals {{\n  all = merge(local.more, {{}})\n}}\nlocals {{\n  more = {{ u = {0} }}\n}}",
    ),
    "a ternary over two lines": (
        "v = local.all",
        "locals {{\n  all = var.on ?\n    var.a : local.url\n  url = {0}\n}}",
    ),
    "another block's attribute": (
        "v = aws_ssm_parameter.u.value",
        'resource "aws_ssm_parameter" "u" {{\n  value = {0}\n}}',
    ),
    "a data source's attribute": (
        "v = data.aws_ssm_parameter.u[0].name",
        'data "aws_ssm_parameter" "u" {{\n  name = {0}\n}}',
    ),
    "a call that is named so": ("v = module.m.out", 'module "m" {{\n  source = "x/y"\n  z = {0}\n}}'),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("value", "expected"), [(f'"{URL}"', True), ('"https://x.example"', False)]
)
def test_a_name_is_followed(tmp_path: Path, way: str, value: str, expected: bool) -> None:
    text, main = WAYS[way]
    (tmp_path / "main.tf").write_text(main.format(value))
    assert leads(tmp_path, text.format(value)) is expected


def test_a_variable_file_that_is_taken_or_may_be(tmp_path: Path) -> None:
    write(tmp_path, main_tf='variable "url" {}\nvariable "other" {}\n')
    for name in ("terraform.tfvars", "z.auto.tfvars", "prod.tfvars"):
        file = tmp_path / name
        file.write_text(f'other = "x"\nurl = "{URL}"\n')
        assert leads(tmp_path, "var.url")
        assert not leads(tmp_path, "var.other")
        file.unlink()
    (tmp_path / "nobody.tfvars").write_text(f'url = "{URL}"\n')
    assert not leads(tmp_path, "var.url")


MODULE = 'variable "env" {}\nvariable "tags" {}\noutput "used" { value = var.env }\noutput "no" { value = var.tags }\n'
CALL = 'module "m" {\n  source = "./m"\n  env = local.env\n  tags = { a = "b" }\n}\n'


def test_a_call_hands_on_what_its_folder_knows_and_no_other_call_does(tmp_path: Path) -> None:
    quiet = CALL.replace('"m" {', '"quiet" {').replace("local.env", "{}")
    write(
        tmp_path, main_tf=f'{CALL}{quiet}locals {{\n  env = {{ A = "{URL}" }}\n}}\n', m__v_tf=MODULE
    )
    call = ModuleCall(str(tmp_path / "main.tf"), "m")
    assert leads(tmp_path, "merge({}, var.env)", call, "m")
    assert not leads(tmp_path, "var.tags", call, "m")
    assert not leads(tmp_path, "var.env", ModuleCall(str(tmp_path / "main.tf"), "quiet"), "m")


def test_a_call_within_a_call_and_an_item_of_a_loop(tmp_path: Path) -> None:
    inner = 'module "inner" {\n  source = "../i"\n  env = each.value.env\n  for_each = var.env\n}\nvariable "env" {}\n'
    outer = (
        f'module "m" {{\n  source = "./m"\n  env = {{ a = {{ env = {{ A = "{URL}" }} }} }}\n}}\n'
    )
    write(tmp_path, main_tf=outer, m__v_tf=inner, i__v_tf=MODULE)
    call = ModuleCall(str(tmp_path / "m/v.tf"), "inner", ModuleCall(str(tmp_path / "main.tf"), "m"))
    assert leads(tmp_path, "var.env", call, "i")
    write(tmp_path, main_tf=outer.replace(URL, "https://x.example"))
    assert not leads(tmp_path, "var.env", call, "i")


def test_the_output_of_a_module(tmp_path: Path) -> None:
    write(tmp_path, main_tf=CALL + f'locals {{\n  env = {{ A = "{URL}" }}\n}}\n', m__v_tf=MODULE)
    for text in (
        "module.m.used",
        'module.m["a"].used',
        "values(module.m)[*].used",
        "module.m[0].used.x",
    ):
        assert leads(tmp_path, text), text
    assert not leads(tmp_path, "module.m.no")


def test_names_that_lead_in_a_circle_end(tmp_path: Path) -> None:
    circle = 'locals {\n  a = local.b\n  b = local.c\n  c = [local.a, local.%s]\n  d = 1\n  e = "openai"\n}\n'
    for last, expected in (("d", False), ("e", True)):
        write(tmp_path, main_tf=circle % last)
        found = relevance(tmp_path)
        for name in itertools.permutations("abc"):
            assert [found.leads(Scope(str(tmp_path)), f"local.{n}") for n in name] == [expected] * 3


FILES = {
    "opened": ('file("${path.module}/e.json")', True),
    "of an unknown name": ("templatefile(var.x, {})", True),
    "named in a local": ("local.file", True),
    "with a part filled in": ("local.filled", True),
    "another": ('file("${path.module}/o.json")', False),
    "named in a local, and another": ("local.other", False),
    "not there": ('file("${path.module}/none.json")', False),
}


@pytest.mark.parametrize("case", FILES)
def test_files_that_are_taken_in(tmp_path: Path, case: str) -> None:
    text, expected = FILES[case]
    write(tmp_path, e_json=f'{{"A": "{URL}"}}', o_json="{}")
    (tmp_path / "main.tf").write_text(
        'locals {\n  file = file(local.path)\n  path = "${path.module}/e.json"\n'
        '  filled = file("${path.module}/${var.x}.json")\n  other = file("o.json")\n}\n'
    )
    assert leads(tmp_path, text) is expected


def test_attributes_are_told_without_parsing() -> None:
    text = 'locals {\n  a = "x{"\n  # c = 1\n  b = {\n    c = 1\n  }\n  "d" = x == y ?\n  z : w\n  e = <<E\nf = 1\nE\n}'
    assert list(attributes_in(Block("locals", (), "a.tf", 1, 9, text))) == ["a", "b", "d", "e"]
    assert attributes_in(Block("locals", (), "a.tf", 1, 1, "locals {}")) == {}
    json = 'module "m" { object = {"a": {"x": "b, \\"c\\": d"}, "b": [{"e": 1}]}\n}'
    assert list(attributes_in(Block("module", ("m",), "a.tf.json", 1, 2, json))) == ["a", "b"]


# -- the same answer, whatever the order of Checkov's hashes ---------------------------------------

FUNCTION = """resource "aws_lambda_function" "this" {
  function_name = var.name
  environment {
    variables = merge({ LOG_LEVEL = "info", ENVIRONMENT = var.environment }, var.environment_variables)
  }
}
variable "name" { type = string }
variable "environment" { type = string }
variable "environment_variables" {
  type    = map(string)
  default = {}
}
"""
CALLER = """module "{name}" {{
  source      = "../modules/function"
  name        = "{name}"
  environment = var.environment
  environment_variables = {{
    {vars}
  }}
}}
"""
FILLED = {
    "notes": 'OPENAI_API_KEY_SECRET_ARN = module.key.arn\n    CHANNEL = "C012"',
    "export": "FHIR = aws_healthlake_fhir_datastore.d.endpoint\n    BUCKET = module.data.bucket",
}
BESIDE = """variable "environment" { type = string }
resource "aws_healthlake_fhir_datastore" "d" {
  datastore_name = "d"
}
module "key" { source = "../modules/key" }
"""
KEY = """resource "aws_secretsmanager_secret" "key" { name = "k" }
output "arn" { value = aws_secretsmanager_secret.key.arn }
"""
DECLARED = "version: 1\nworkloads:\n  - {match: module.notes.aws_lambda_function.this, data: phi}\n"


def estate(root: Path) -> Path:
    callers = [CALLER.format(name=name, vars=vars_) for name, vars_ in FILLED.items()]
    files = {
        "prod/main.tf": "".join(callers) + BESIDE,
        "prod/terraform.tfvars": 'environment = "prod"\n',
        "modules/function/main.tf": FUNCTION,
        "modules/key/main.tf": KEY,
        "openai-compliance.yaml": DECLARED,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_a_map_that_several_callers_fill_is_evaluated(tmp_path: Path) -> None:
    uses = {"module.notes.aws_lambda_function.this": ("phi", ["openai api.openai.com"])}
    assert told(estate(tmp_path), "terraform") == uses


def test_the_command_gives_the_same_bytes_with_eight_seeds(tmp_path: Path) -> None:
    estate(tmp_path)
    runs = [
        started("scan", tmp_path, "-f", "json", "-o", "-", PYTHONHASHSEED=str(seed))
        for seed in range(8)
    ]
    assert {r.status for r in runs} == {1}
    assert len({r.out for r in runs}) == 1
    assert "module.notes.aws_lambda_function.this" in runs[0].out


CHECKOV = str(Path(sys.executable).parent / "checkov")
ONLY_OURS = (
    "--framework",
    "terraform",
    "--external-checks-dir",
    str(CHECKS),
    "--check",
    "OAI_*",
    "--quiet",
    "--compact",
    "-o",
    "json",
)


def test_plain_checkov_gives_the_same_with_several_seeds(tmp_path: Path) -> None:
    estate(tmp_path)
    found = set()
    for seed in range(3):
        done = subprocess.run(
            [CHECKOV, "-d", str(tmp_path), *ONLY_OURS],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            check=False,
        )
        found.add((done.returncode, done.stdout))
    assert len(found) == 1
    ((status, out),) = found
    assert status == 1
    assert "OAI_COVERAGE_2" in out
