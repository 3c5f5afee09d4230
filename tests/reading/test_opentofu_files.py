"""Files that only OpenTofu takes: read as Terraform's, in the place of those that are named alike."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inprocess import said

NOTES = "OAI_COVERAGE_9 aws_lambda_function.notes"
PHI = '{ DataClassification = "PHI" }'


def function(tags: str = PHI, variables: str = '{ OPENAI_API_KEY = "ssm:k" }') -> str:
    return (
        'resource "aws_lambda_function" "notes" {\n  function_name = "notes"\n  role = "r"\n'
        f"  tags = {tags}\n  environment {{\n    variables = {variables}\n  }}\n}}\n"
    )


def in_json(tags: dict[str, str]) -> str:
    environment = {"variables": {"OPENAI_API_KEY": "ssm:k"}}
    notes = {"function_name": "notes", "role": "r", "tags": tags, "environment": environment}
    return json.dumps({"resource": {"aws_lambda_function": {"notes": notes}}}, indent=1)


def lay(folder: Path, files: dict[str, str]) -> set[str]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return said(folder)


GIVEN = 'variable "tags" { default = {} }\n'


@pytest.mark.parametrize("class_", ["PHI", "public"])
@pytest.mark.parametrize(
    "files",
    [
        {"main.tofu": function('{ DataClassification = "CLASS" }')},
        {"main.tofu.json": in_json({"DataClassification": "CLASS"})},
        {"main.tofu": function("var.tags") + GIVEN, "p.tfvars": 'tags = { Data_Classification = "CLASS" }'},
        {"main.tofu": function("var.tags"), "v.tf": 'variable "tags" { default = { hipaa_class = "CLASS" } }'},
        {"main.tf": function("var.tags"), "v.tofu": 'variable "tags" { default = { phi_class = "CLASS" } }'},
        {
            "main.tofu": function("{}"),
            "provider.tf": 'provider "aws" {\n default_tags {\n  tags = { DataClassification = "CLASS" }\n }\n}\n',
        },
        {
            "main.tf": function("{}"),
            "provider.tofu": 'provider "aws" {\n default_tags {\n  tags = { DataClassification = "CLASS" }\n }\n}\n',
        },
        {"main.tofu": function("var.tags") + GIVEN, "up.sh": "tofu apply -var 'tags={DataClassification=\"CLASS\"}'\n"},
        {
            "main.tofu": 'module "f" {\n  source = "./f"\n  tags = { DataClassification = "CLASS" }\n}\n',
            "f/main.tofu": function("var.tags") + 'variable "tags" {}\n',
        },
    ],
)  # fmt: skip
def test_a_file_of_opentofu_is_read(tmp_path: Path, files: dict[str, str], class_: str) -> None:
    found = lay(tmp_path, {n: t.replace("CLASS", class_) for n, t in files.items()})
    high = {f for f in found if f.startswith(("OAI_COVERAGE", "OAI_SCAN"))}
    assert bool(high) is (class_ == "PHI")
    assert {f.partition("aws_")[2] for f in high} <= {"lambda_function.notes"}


def test_it_takes_the_place_of_a_file_of_its_name(tmp_path: Path) -> None:
    plain = function('{ DataClassification = "public" }', "{}")
    assert NOTES not in lay(tmp_path, {"main.tf": function(), "main.tofu": plain})
    assert NOTES in lay(tmp_path, {"main.tf": plain, "main.tofu": function()})
    assert NOTES in lay(
        tmp_path, {"main.tf": function(), "main.tofu": "", "other.tofu": function()}
    )


def test_one_that_does_not_parse_is_told(tmp_path: Path) -> None:
    assert lay(tmp_path, {"main.tofu": function()[:-2]}) >= {"OAI_SCAN_1 main.tofu"}
