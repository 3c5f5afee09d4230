"""The look at files before anything is parsed: which frameworks could matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import write
from openai_phi.facts.signatures import signatures
from openai_phi.reading.disk.prefilter import look

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


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("phi: yes", True), ("containsPhi: yes", True), ("PHIData: yes", True), ("class: ePHI", True),
        ("contains_phi_data", True), ("framework: HITECH", True), ("standard = hitech,gdpr", True),
        ("Protected Health Information", True), ("image: hapiproject/hapi:v7", True),
        ("graphics", False), ("GRAPHICS", False), ("an architecture", False), ("philosophy", False),
        ("withApiGroups", False), ("Memphis", False),
    ],
)  # fmt: skip
def test_a_word_for_phi_is_heard_and_a_part_of_another_word_is_not(text: str, speaks: bool) -> None:
    assert signatures().speaks(text) is speaks
    assert signatures().speaks(text + " " * 200) is speaks


@pytest.mark.parametrize(
    ("text", "heard"),
    [("a: sk-x", True), ('a: "\\nsk-x"', True), ("disk-1", False), ("mask-a: task-b", False)],
)
def test_the_start_of_a_key_is_no_part_of_a_word(tmp_path: Path, text: str, heard: bool) -> None:
    assert look(str(write(tmp_path, a_yaml=text)), signatures()).silent is not heard


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
KUSTOMIZATION = "resources: [a.yaml]\nconfigMapGenerator:\n  - {name: b, files: [%s]}\n"


def test_prose_and_code_call_for_no_graph(tmp_path: Path) -> None:
    """They stand in none, unless a chart, a kustomization or Terraform takes them in."""
    files = {"README_md": "OPENAI_API_KEY at http://localhost:8080", "a_yaml": POD}
    write(tmp_path, kustomization_yaml=KUSTOMIZATION % "app.py", main_tf="", **files, **CHART)
    seen = look(str(tmp_path), signatures())
    assert (seen.silent, seen.needed()) == (False, frozenset())
    write(tmp_path, main_tf='locals { a = file("README.md") }')
    assert look(str(tmp_path), signatures()).needed() == {"terraform", "kubernetes", "kustomize", "helm"}  # fmt: skip


def test_code_that_a_kustomization_or_a_chart_takes_in_is_heard(tmp_path: Path) -> None:
    write(
        tmp_path, app_py="OPENAI_API_KEY", a_yaml=POD, kustomization_yaml=KUSTOMIZATION % "app.py"
    )
    assert look(str(tmp_path), signatures()).needed() == {"kustomize"}
    write(tmp_path, chart__app_py="OPENAI_API_KEY", **CHART)
    assert look(str(tmp_path), signatures()).needed() == {"kustomize", "helm"}


def test_a_document_that_is_no_object_calls_for_no_graph_of_kubernetes(tmp_path: Path) -> None:
    write(tmp_path, a_yaml=POD, workflow_yaml="env: {OPENAI_API_KEY: x}\n")
    assert look(str(tmp_path), signatures()).needed() == frozenset()
    write(tmp_path, b_yaml=POD + "spec: {env: OPENAI_API_KEY}\n")
    assert look(str(tmp_path), signatures()).needed() == {"kubernetes"}


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ('"\\u004fPENAI_API_KEY" = "x"', True),
        ('"\\U0000004fPENAI_API_KEY" = "x"', True),
        ("'\\u{4f}PENAI_API_KEY': 'x'", True),
        ('url = "https://api.open%61i.com"', True),
        ('x = "\\u20acuro"', False),
        ('x = format("%s-%d", a, b)', False),
    ],
)
def test_letters_by_their_numbers_are_heard(tmp_path: Path, text: str, heard: bool) -> None:
    (tmp_path / "main.tf").write_text(text)
    assert look(str(tmp_path), signatures()).speaking == ({"main.tf"} if heard else set())


@pytest.mark.parametrize(
    ("script", "needed"),
    [
        ("terraform apply -var class=PHI\n", True),
        ("export TF_VAR_class=PHI\n", True),
        ("terraform apply -variable class=PHI\n", False),
    ],
)
def test_what_a_command_gives_to_terraform_may_be_all_that_speaks(
    tmp_path: Path, script: str, needed: bool
) -> None:
    (tmp_path / "main.tf").write_text('variable "class" {}\n')
    (tmp_path / "Makefile.env").write_text(script)
    assert ("terraform" in look(str(tmp_path), signatures()).needed()) is needed
