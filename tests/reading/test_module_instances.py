"""Instances of a module that is called for each of something: read one by one, not mixed."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import analysis, write

INNER = """variable "class" {}
variable "url" {}
resource "aws_lambda_function" "this" {
  function_name = "f"
  tags          = { DataClassification = var.class }
  environment {
    variables = { OPENAI_API_KEY = "ssm:k", OPENAI_BASE_URL = var.url }
  }
}
"""
OPENAI, OWN = "https://api.openai.com/v1", "http://llm.internal:8000/v1"
FOR_EACH = """module "fn" {
  for_each = {
    notes = { class = "PHI", url = "NOTES" }
    ads   = { class = "public", url = "ADS" }
  }
  source = "./fn"
  class  = each.value.class
  url    = each.value.url
}
"""
COUNT = """locals { all = [{ class = "PHI", url = "NOTES" }, { class = "public", url = "ADS" }] }
module "fn" {
  count  = 2
  source = "./fn"
  class  = local.all[count.index].class
  url    = local.all[count.index].url
}
"""
NESTED = FOR_EACH.replace("./fn", "./outer")
OUTER = """variable "class" {}
variable "url" {}
module "in" {
  source = "../fn"
  class  = var.class
  url    = var.url
}
"""


def seen(folder: Path, call: str, notes: str, ads: str) -> set[tuple[str, str | None]]:
    text = call.replace("NOTES", notes).replace("ADS", ads)
    write(folder, main_tf=text, fn__main_tf=INNER, outer__main_tf=OUTER)
    return {
        (w.phi.value, use.host)
        for w in analysis(folder, "terraform").estate.workloads
        for use in w.uses
        if w.id.startswith("module.")
    }


@pytest.mark.parametrize("call", [FOR_EACH, COUNT, NESTED])
def test_each_instance_has_its_own_values(tmp_path: Path, call: str) -> None:
    assert ("phi", "api.openai.com") in seen(tmp_path, call, OPENAI, OWN)
    mixed = seen(tmp_path, call, OWN, OPENAI)
    assert ("phi", "api.openai.com") not in mixed
    assert ("unclassified", "api.openai.com") in mixed


def test_instances_that_are_alike_are_one(tmp_path: Path) -> None:
    call = FOR_EACH.replace("each.value.class", '"PHI"').replace("each.value.url", f'"{OPENAI}"')
    write(tmp_path, main_tf=call, fn__main_tf=INNER)
    assert len(analysis(tmp_path, "terraform").estate.workloads) == 1


def test_an_unknown_number_is_read_as_one(tmp_path: Path) -> None:
    call = FOR_EACH.split("  source")
    head = 'variable "all" {}\nmodule "fn" {\n  for_each = var.all\n'
    write(tmp_path, main_tf=f"{head}  source{call[1]}", fn__main_tf=INNER)
    assert len(analysis(tmp_path, "terraform").estate.workloads) == 1


QUEUE = 'resource "aws_sqs_queue" "in" {}\n'


@pytest.mark.parametrize("own", [True, False])
def test_a_store_of_each_instance_is_not_shared_by_them(tmp_path: Path, own: bool) -> None:
    """One outside of the module is, and what reads from it after PHI got there handles it."""
    value = "aws_sqs_queue.in.url" if own else "var.queue"
    inner = INNER.replace('"ssm:k",', f'"ssm:k", QUEUE = {value},') + (
        QUEUE if own else 'variable "queue" {}\n'
    )
    call = FOR_EACH if own else FOR_EACH.replace('./fn"', './fn"\n  queue = aws_sqs_queue.in.url')
    text = call.replace("NOTES", OPENAI).replace("ADS", OPENAI) + ("" if own else QUEUE)
    write(tmp_path, main_tf=text, fn__main_tf=inner)
    found = {w.phi.value for w in analysis(tmp_path, "terraform").estate.workloads}
    assert found == ({"phi", "unclassified"} if own else {"phi"})


HOSTS = """variable "url" {}
output "url" { value = var.url }
output "llm" { value = { base = var.url } }
"""
EACH = """module "host" {
  for_each = { own = "%s", theirs = "%s" }
  source   = "./host"
  url      = each.value
}
"""
READERS: dict[str, set[str]] = {
    'module.host["theirs"].url': {"api.openai.com"},
    'module.host["own"].url': set(),
    'module.host["theirs"].llm.base': {"api.openai.com"},
    "module.host[var.which].url": {"api.openai.com"},
    "values(module.host)[1].url": {"api.openai.com"},
    "{ for k, m in module.host : k => m.url }.own": set(),
    'lookup({ for k, m in module.host : k => m.url }, "theirs", "x")': {"api.openai.com"},
}
COUNTED = {
    "module.host[0].url": {"api.openai.com"},
    "module.host.0.url": {"api.openai.com"},
    "one(module.host[*].url)": {"api.openai.com"},
    'join("", module.host[*].url)': {"api.openai.com"},
    "element(module.host.*.url, 0)": {"api.openai.com"},
}


def _hosts(folder: Path, call: str, url: str) -> set[str | None]:
    notes = INNER.replace("var.class", '"PHI"').replace("var.url", url)
    write(folder, main_tf=call + 'variable "which" {}\n' + notes, host__main_tf=HOSTS)
    found = analysis(folder, "terraform").estate.workloads
    return {use.host for w in found for use in w.uses if w.id == "aws_lambda_function.this"}


@pytest.mark.parametrize("url", READERS)
def test_what_one_instance_of_a_module_gives_back(tmp_path: Path, url: str) -> None:
    assert _hosts(tmp_path, EACH % (OWN, OPENAI), url) == READERS[url]


@pytest.mark.parametrize("url", COUNTED)
def test_what_a_module_that_is_counted_gives_back(tmp_path: Path, url: str) -> None:
    call = f'module "host" {{\n  count  = 1\n  source = "./host"\n  url    = "{OPENAI}"\n}}\n'
    assert _hosts(tmp_path, call, url) == COUNTED[url]
