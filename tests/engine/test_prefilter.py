"""The look at files before anything is parsed: which frameworks could matter."""

from __future__ import annotations

from pathlib import Path

from inprocess import write
from openai_phi.prefilter import look
from openai_phi.signatures import signatures

CHART = {"chart__Chart_yaml": "apiVersion: v2\nname: a\nversion: 0.1.0\n"}
TRACING = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: t}\ndata: {LANGSMITH_TRACING: 'true'}\n"
)


def test_nothing_that_speaks_needs_no_framework(tmp_path: Path) -> None:
    seen = look(str(write(tmp_path, t_yaml=TRACING, **CHART)), signatures())
    assert (seen.silent, seen.needed()) == (True, frozenset())


def test_who_else_gets_the_content_matters_beside_a_use(tmp_path: Path) -> None:
    """The use is in Terraform; the manifests, which only name a receiver, are built as well."""
    write(tmp_path, t_yaml=TRACING, main_tf='variable "openai_api_key" {}\n')
    seen = look(str(tmp_path), signatures())
    assert seen.needed() == {"terraform", "kubernetes"}


def test_terraform_that_says_nothing_is_left_out(tmp_path: Path) -> None:
    use = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: openai}]}\n"
    write(tmp_path, a_yaml=use, main_tf='resource "null_resource" "a" {}\n')
    assert look(str(tmp_path), signatures()).needed() == {"kubernetes"}
