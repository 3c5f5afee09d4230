"""Plans, Terraform, templates of the clouds and Compose files that are broken, cyclic or deep.

Each gives a result or says that it could not be read and why, within bounded time: never an
exception, never silence.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from openai_phi.reporting.inventory import of_result
from openai_phi.scanning.scan import judge

LONGEST = 20.0
VALUES = {"environment": [{"variables": {"OPENAI_ORG_ID": "org-a"}}]}
FUNCTION = 'resource "aws_lambda_function" "f" {\n  environment {\n    variables = %s\n  }\n}\n'
KEYED = FUNCTION % '{ OPENAI_ORG_ID = "org-a" }'
DYNAMIC = (
    'variable "env" {}\nresource "google_cloud_run_v2_service" "f" {\n  dynamic "env" {\n'
    "    for_each = var.env\n    content {\n      name  = env.key\n      value = env.value\n    }\n  }\n}\n"
)
ARM = '{"$schema": "https://schema.example/2019-04-01/deploymentTemplate.json#", '
CFN = 'AWSTemplateFormatVersion: "2010-09-09"\n'


def plan(**more: Any) -> str:
    resource = {
        "address": "aws_lambda_function.f",
        "mode": "managed",
        "type": "aws_lambda_function",
        "name": "f",
        "values": VALUES,
    }
    root = {"root_module": {"resources": [resource]}}
    return json.dumps({"format_version": "1.2", "planned_values": root, **more})


def nested(depth: int, inner: str = '"OPENAI_API_KEY"') -> str:
    return '{"a": ' * depth + inner + "}" * depth


def bicep(value: str, more: str = "") -> str:
    return (
        f"{more}resource x 'Microsoft.Web/sites@2022-09-01' = {{\n  name: 'a'\n  properties: {{\n"
        "    siteConfig: {\n      appSettings: [\n"
        f"        {{ name: 'AZURE_OPENAI_ENDPOINT', value: {value} }}\n      ]\n    }}\n  }}\n}}\n"
    )


READ: dict[str, dict[str, str | bytes]] = {
    "a plan in one line": {"plan.json": plan()},
    "a plan of a later minor format": {"plan.json": plan(format_version="1.9")},
    "a plan whose changes say nothing of before": {
        "plan.json": plan(resource_changes=[{"address": "x.y", "change": {"actions": ["create"]}}])
    },
    "a plan with changes that are none": {"plan.json": plan(resource_changes={"a": 1}, configuration=[])},
    "a plan with something deep beside": {"plan.json": plan(extra=json.loads(nested(400)))},
    "locals that name each other": {
        "main.tf": "locals {\n  a = local.b\n  b = local.a\n}\n" + FUNCTION % "{ OPENAI_BASE_URL = local.a }"
    },
    "a module that calls itself": {"main.tf": 'module "me" {\n  source = "./"\n}\n' + KEYED},
    "an object of 40 levels": {
        "main.tf": 'resource "aws_lambda_function" "f" {\n  x = '
        + "{ a = " * 40 + '{ OPENAI_ORG_ID = "org-a" }' + " }" * 40 + "\n}\n"
    },
    "variables as JSON": {"main.tf": DYNAMIC, "terraform.tfvars.json": '{"env": {"OPENAI_ORG_ID": "org-a"}}'},
    "Terraform in JSON as lists": {
        "main.tf.json": json.dumps([{"resource": [{"aws_lambda_function": [{"f": [VALUES]}]}]}])
    },
    "a parameter that refers to itself": {
        "template.yaml": CFN + "Parameters:\n  P: {Type: String, Default: !Ref P}\nResources:\n  A:\n"
        "    Type: AWS::Lambda::Function\n"
        "    Properties: {Environment: {Variables: {OPENAI_BASE_URL: !Ref P}}}\n"
    },
    "intrinsic functions without their arguments": {
        "template.yaml": CFN + "Mappings: 3\nResources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        "      Environment: {Variables: {OPENAI_BASE_URL: !FindInMap [3], X: !If [a], Y: !Join [1], Z: !Select []}}\n"
    },
    "ARM variables that name each other": {
        "azuredeploy.json": ARM + '"variables": {"a": "[variables(\'b\')]", "b": "[variables(\'a\')]"}, '
        '"resources": [1, {"type": "Microsoft.Web/sites", "name": "x", "properties": {"siteConfig": '
        '{"appSettings": [{"name": "AZURE_OPENAI_ENDPOINT", "value": "[variables(\'a\')]"}]}}}]}'
    },
    "Bicep variables that name each other": {"main.bicep": bicep("a", "var a = b\nvar b = a\n")},
    "Compose services that extend each other": {
        "compose.yaml": "services:\n  a:\n    extends: {service: b}\n    environment: {OPENAI_ORG_ID: org-a}\n"
        "  b:\n    extends: {service: a}\n"
    },
    "Compose files that are not there": {
        "compose.yaml": "services:\n  a:\n    env_file: [../../etc, ., nothing.env]\n    environment: [OPENAI_ORG_ID=org-a]\n"
    },
    "Latin-1 in a template": {
        "compose.yaml": "# caf\xe9\nservices:\n  a:\n    environment: [OPENAI_ORG_ID=org-a]\n".encode("latin-1")
    },
}  # fmt: skip

UNREAD: dict[str, tuple[dict[str, str | bytes], str, int, str]] = {
    "a plan of a newer format": (
        {"plan.json": plan(format_version="2.0")}, "plan.json", 1, "has the plan format 2.0, which is not known"
    ),
    "a plan without a format": (
        {"plan.json": plan(format_version=None)}, "plan.json", 1, "has the plan format None, which is not known"
    ),
    "a truncated plan": (
        {"plan.json": json.dumps(json.loads(plan()), indent=1)[:-12]}, "plan.json", 21, "is not valid JSON"
    ),
    "a plan with deep values": (
        {"plan.json": plan().replace('"org-a"', nested(200))}, "plan.json", 1, "nests deeper than the limit"
    ),
    "outputs of modules that need each other": (
        {
            "a/main.tf": 'module "b" {\n  source = "../b"\n  url = module.b.url\n}\n'
            'output "url" {\n  value = module.b.url\n}\n',
            "b/main.tf": 'variable "url" {}\nmodule "a" {\n  source = "../a"\n}\noutput "url" {\n'
            "  value = module.a.url\n}\n" + FUNCTION % "{ OPENAI_BASE_URL = var.url }",
        },
        "b/main.tf", 8, "nests too deep",
    ),
    "a deep object": ({"main.tf": FUNCTION % nested(100)}, "main.tf", 1, "nests too deep"),
    "calls within calls": (
        {"main.tf": FUNCTION % ("{ OPENAI_BASE_URL = " + "lower(" * 150 + '"x"' + ")" * 150 + " }")},
        "main.tf", 1, "nests too deep",
    ),
    "a block without an end": ({"main.tf": KEYED[:-6]}, "main.tf", 1, "has a block that does not end"),
    "nonsense": (
        {"main.tf": 'resource "x" "y" {\n  OPENAI_API_KEY = = =\n}\n'}, "main.tf", 1, "it does not parse"
    ),
    "Latin-1": ({"main.tf": b"# caf\xe9\n" + KEYED.encode()}, "main.tf", 1, "it does not parse"),
    "UTF-16": ({"main.tf": KEYED.encode("utf-16")}, "main.tf", 1, "it does not parse"),
    "a broken variable file": (
        {"main.tf": DYNAMIC, "terraform.tfvars": "env = {\n  OPENAI_ORG_ID = =\n"},
        "terraform.tfvars", 2, "does not parse as HCL",
    ),
    "truncated Terraform in JSON": (
        {"main.tf.json": '{"resource": {"aws_lambda_function": {"f": {"OPENAI_API_KEY": '},
        "main.tf.json", 2, "does not parse as JSON",
    ),
    "Terraform in JSON of another form": (
        {"main.tf.json": '{"resource": "OPENAI_API_KEY"}'}, "main.tf.json", 1, "has a value where an object belongs"
    ),
    "deep Terraform in JSON": (
        {"main.tf.json": '{"resource": {"aws_lambda_function": {"f": ' + nested(300) + "}}}"},
        "main.tf.json", 1, "nests too deep",
    ),
    "resources as a list": (
        {"template.yaml": CFN + "Resources:\n  - Type: AWS::Lambda::Function\n    OPENAI_API_KEY: x\n"},
        "template.yaml", 2, "Resources is not a mapping",
    ),
    "a template with tabs": (
        {"template.yaml": CFN + "Resources:\n  A:\n   Type: AWS::Lambda::Function\n  \tOPENAI_API_KEY: [\n"},
        "template.yaml", 5, "is not valid YAML",
    ),
    "a truncated ARM template": (
        {"azuredeploy.json": ARM + '"resources": [{"OPENAI_API_KEY": '}, "azuredeploy.json", 2, "is not valid JSON"
    ),
    "Bicep without an end": (
        {"main.bicep": bicep("'x'")[:-8]}, "main.bicep", 8, "is not valid Bicep"
    ),
    "deep Bicep": (
        {"main.bicep": bicep("{ a: " * 300 + "'x'" + " }" * 300)}, "main.bicep", 6, "nests deeper than"
    ),
    "an anchor within itself": (
        {"compose.yaml": "services: &s\n  a:\n    environment:\n      OPENAI_ORG_ID: org-a\n      more: *s\n"},
        "compose.yaml", 4, "nests deeper than",
    ),
    "anchors that multiply": (
        {
            "compose.yaml": "a: &a [openai, openai, openai, openai, openai, openai, openai, openai, openai]\n"
            + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9))
            + "services: {a: {environment: {OPENAI_ORG_ID: org-a}}}\n"
        },
        "compose.yaml", 1, "holds more than",
    ),
    "a service that is a list": (
        {"compose.yaml": "services:\n  a: [OPENAI_API_KEY]\n"}, "compose.yaml", 2, "services.a is not a mapping"
    ),
    "functions as a list": (
        {"serverless.yml": "service: x\nfunctions:\n  - OPENAI_API_KEY\n"},
        "serverless.yml", 2, "functions is not a mapping",
    ),
    "a job that is a list": (
        {".github/workflows/a.yml": "on: push\njobs:\n  a: [OPENAI_API_KEY]\n"},
        ".github/workflows/a.yml", 3, "jobs.a is not a mapping",
    ),
}  # fmt: skip


def scanned(folder: Path, files: dict[str, str | bytes]) -> dict[str, Any]:
    """The inventory of these files, made in bounded time."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    started = time.monotonic()
    found = of_result(judge(str(folder)))
    assert time.monotonic() - started < LONGEST
    return found


@pytest.mark.parametrize("case", READ)
def test_is_read(tmp_path: Path, case: str) -> None:
    found = scanned(tmp_path, READ[case])
    assert [w["id"] for w in found["workloads"] if w["uses"]] != []
    assert found["unread"] == []


@pytest.mark.parametrize("case", UNREAD)
def test_says_why_it_could_not_be_read(tmp_path: Path, case: str) -> None:
    files, file, line, reason = UNREAD[case]
    found = scanned(tmp_path, files)
    assert [w["id"] for w in found["workloads"] if w["uses"]] == []
    (item,) = found["unread"]
    assert (item["file"], item["line"], item["matters"]) == (file, line, True)
    assert reason in item["reason"]


def test_empty_files_say_nothing(tmp_path: Path) -> None:
    names = ("main.tf", "b.tf.json", "plan.json", "template.yaml", "main.bicep", "compose.yaml")
    found = scanned(tmp_path, dict.fromkeys(names, ""))
    assert (found["workloads"], found["without_workload"]) == ([], [])


def test_a_large_variable_file_is_read(tmp_path: Path) -> None:
    many = "".join(f'  k{i} = "openai {i}"\n' for i in range(5000))
    text = DYNAMIC.replace("var.env", "{ OPENAI_ORG_ID = var.env.last }")
    files: dict[str, str | bytes] = {
        "main.tf": text,
        "terraform.tfvars": f'env = {{\n{many}  last = "org-a"\n}}\n',
    }
    (workload,) = scanned(tmp_path, files)["workloads"]
    (use,) = workload["uses"]
    assert (use["organization"], workload["file"]) == ("org-a", "main.tf")
