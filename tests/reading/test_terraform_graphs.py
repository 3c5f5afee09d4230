"""What is read in Terraform: values through its language, tags, references, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import analysis, named, told, write

OPENAI = ["openai api.openai.com"]
KEY = "OPENAI_API_KEY = var.key"


def function(
    variables: str = KEY, *, name: str = "f", tags: str = '{ phi = "true" }', more: str = ""
) -> str:
    return (
        f'resource "aws_lambda_function" "{name}" {{\n  tags = {tags}\n{more}'
        f"  environment {{\n    variables = {{\n      {variables}\n    }}\n  }}\n}}\n"
    )


def read(tmp_path: Path, *parts: str) -> dict[str, tuple[str, list[str]]]:
    (tmp_path / "main.tf").write_text("\n".join(parts))
    return told(tmp_path, "terraform")


F = "aws_lambda_function.f"
USES = {
    "a literal": (function('OPENAI_BASE_URL = "https://eu.api.openai.com/v1"'), ["openai eu.api.openai.com"]),
    "a variable's default": (
        function("OPENAI_BASE_URL = var.url") + 'variable "url" { default = "https://eu.api.openai.com/v1" }\n',
        ["openai eu.api.openai.com"],
    ),
    "a local": (
        function("OPENAI_BASE_URL = local.ai.url")
        + 'locals {\n  ai = { url = "https://${local.host}/v1" }\n  host = "eu.api.openai.com"\n}\n',
        ["openai eu.api.openai.com"],
    ),
    "a ternary with a URL": (
        function('OPENAI_BASE_URL = var.on ? "https://eu.api.openai.com/v1" : null')
        + 'variable "on" { default = true }\n',
        ["openai eu.api.openai.com"],
    ),
    "a ternary that nobody can decide": (
        function('OPENAI_API_KEY = var.key\nOPENAI_BASE_URL = var.on ? "https://eu.api.openai.com/v1" : "http://vllm:80/v1"')
        + 'variable "on" {}\n',
        ["openai eu.api.openai.com", "gateway vllm"],
    ),
    "join": (
        function('OPENAI_API_BASE_URLS = join(";", ["http://vllm:80/v1", "https://eu.api.openai.com/v1"])'),
        ["openai eu.api.openai.com"],
    ),
    "format, coalesce and lookup": (
        function('OPENAI_BASE_URL = format("https://%s/v1", coalesce(null, lookup({a = "eu.api.openai.com"}, "a")))'),
        ["openai eu.api.openai.com"],
    ),
    "merge": (
        'resource "aws_lambda_function" "f" {\n  tags = { phi = "true" }\n  environment {\n'
        '    variables = merge({ A = "1" }, { OPENAI_API_KEY = var.key })\n  }\n}\n',
        OPENAI,
    ),
    "an unknown base URL": (
        function("OPENAI_API_KEY = var.key\nOPENAI_BASE_URL = var.url") + 'variable "url" {}\n',
        ["openai None"],
    ),
    "count = 0": (function(more="  count = 0\n"), None),
    "a count that nobody can decide": (function(more="  count = var.n\n"), OPENAI),
}  # fmt: skip


@pytest.mark.parametrize("case", USES)
def test_uses(tmp_path: Path, case: str) -> None:
    text, uses = USES[case]
    expected = {} if uses is None else {F: ("phi", uses)}
    assert read(tmp_path, text) == expected


TASK = """resource "aws_ecs_task_definition" "f" {{
  tags                  = {{ Compliance = "HIPAA" }}
  container_definitions = {definitions}
}}
"""
AS_JSON = """jsonencode([{
    name = "a"
    environment = [{ name = "OPENAI_BASE_URL", value = "https://eu.api.openai.com/v1" }]
    secrets = [{ name = "OPENAI_API_KEY", valueFrom = aws_ssm_parameter.key.arn }]
  }])"""
AS_HEREDOC = """<<EOT
  [{
    "name": "a",
    "environment": [{"name": "OPENAI_BASE_URL", "value": "https://${var.region}.api.openai.com/v1"}]
  }]
  EOT"""


@pytest.mark.parametrize("definitions", [AS_JSON, AS_HEREDOC], ids=["jsonencode", "heredoc"])
def test_container_definitions(tmp_path: Path, definitions: str) -> None:
    region = 'variable "region" { default = "eu" }\n'
    found = read(tmp_path, TASK.format(definitions=definitions), region)
    assert found == {"aws_ecs_task_definition.f": ("phi", ["openai eu.api.openai.com"])}


def test_a_secret_of_a_container_is_known_by_its_name(tmp_path: Path) -> None:
    store = 'resource "aws_ssm_parameter" "key" { name = "/clinic/openai" }\n'
    write(tmp_path, main_tf=TASK.format(definitions=AS_JSON) + store)
    (workload,) = analysis(tmp_path, "terraform").phi_workloads()
    assert [str(s) for s in workload.uses[0].secrets] == ["ssm:/clinic/openai"]


def test_a_secret_that_nothing_names_is_none(tmp_path: Path) -> None:
    given = AS_JSON.replace("aws_ssm_parameter.key.arn", "var.key")
    write(tmp_path, main_tf=TASK.format(definitions=given) + 'variable "key" {}\n')
    (workload,) = analysis(tmp_path, "terraform").phi_workloads()
    assert workload.uses[0].secrets == ()
    assert "OPENAI_API_KEY" in [e.name for e in workload.uses[0].evidence]


def test_a_yaml_heredoc_keeps_its_lines(tmp_path: Path) -> None:
    text = (
        'resource "aws_instance" "f" {\n  tags = { phi = "true" }\n  user_data = <<-EOT\n'
        "    app:\n      openai_base_url: https://eu.api.openai.com/v1\n      port: 80\n    EOT\n}\n"
    )
    assert read(tmp_path, text) == {"aws_instance.f": ("phi", ["openai eu.api.openai.com"])}
    (workload,) = analysis(tmp_path, "terraform").estate.workloads
    assert {e.place.line for e in workload.uses[0].evidence} == {5}


def test_a_dynamic_block(tmp_path: Path) -> None:
    text = (
        'resource "google_cloud_run_service" "f" {\n  labels = { phi = "true" }\n  template {\n    spec {\n'
        '      containers {\n        dynamic "env" {\n          for_each = { OPENAI_BASE_URL = "https://eu.api.openai.com/v1" }\n'
        "          content {\n            name  = env.key\n            value = env.value\n          }\n        }\n"
        "      }\n    }\n  }\n}\n"
    )
    found = read(tmp_path, text)
    assert found == {"google_cloud_run_service.f": ("phi", ["openai eu.api.openai.com"])}


TAGS = {
    "literal": ('{ DataClassification = "PHI" }', "", "phi"),
    "variable": ("var.tags", 'variable "tags" { default = { HIPAA = "true" } }\n', "phi"),
    "merge": (
        'merge(local.common, { Name = "a" })', 'locals { common = { Compliance = "hipaa,soc2" } }\n', "phi",
    ),
    "a comma list": ('{ Compliance = "soc2,hipaa" }', "", "phi"),
    "our own word": ('{ "openai-compliance:data" = "phi" }', "", "phi"),
    "not PHI": ('{ HIPAA = "false" }', "", "not_phi"),
    "other data": ('{ DataClassification = "PII" }', "", "unclassified"),
    "unknown": ("var.tags", 'variable "tags" {}\n', "unclassified"),
}  # fmt: skip


@pytest.mark.parametrize("case", TAGS)
def test_phi_by_tags(tmp_path: Path, case: str) -> None:
    tags, more, status = TAGS[case]
    assert read(tmp_path, function(tags=tags), more) == {F: (status, OPENAI)}


@pytest.mark.parametrize(
    ("provider", "status"), [("", "phi"), ("  provider = aws.plain\n", "unclassified")]
)
def test_default_tags_of_the_provider_in_use(tmp_path: Path, provider: str, status: str) -> None:
    providers = (
        'provider "aws" {\n  default_tags {\n    tags = var.tags\n  }\n}\n'
        'provider "aws" {\n  alias = "plain"\n}\n'
        'variable "tags" { default = { DataClassification = "phi" } }\n'
    )
    assert read(tmp_path, providers, function(tags="{}", more=provider)) == {F: (status, OPENAI)}


STORE = 'resource "aws_s3_bucket" "records" {\n  bucket = "records"\n  tags = { phi = "true" }\n}\n'


@pytest.mark.parametrize(
    ("reference", "status"),
    [
        ("aws_s3_bucket.records.id", "phi"),
        ("aws_healthlake_fhir_datastore.records.datastore_endpoint", "phi"),
        ("aws_kms_key.records.arn", "unclassified"),
        ("aws_cloudwatch_log_group.records.name", "unclassified"),
    ],
)
def test_phi_travels_over_references_to_data_only(
    tmp_path: Path, reference: str, status: str
) -> None:
    kind = reference.split(".")[0]
    target = STORE.replace("aws_s3_bucket", kind)
    found = read(tmp_path, target, function(f"{KEY}\nTARGET = {reference}", tags="{}"))
    assert found == {F: (status, OPENAI)}


def test_the_way_from_a_store_is_told(tmp_path: Path) -> None:
    read(tmp_path, STORE, function(f"{KEY}\nTARGET = aws_s3_bucket.records.id", tags="{}"))
    (workload,) = analysis(tmp_path, "terraform").estate.workloads
    assert [(e.name, e.place.line) for e in workload.phi_evidence] == [
        ("phi", 3),
        ("refers to", 11),
    ]


def test_root_folders_are_apart(tmp_path: Path) -> None:
    write(tmp_path, data__main_tf=STORE)
    write(tmp_path, app__main_tf=function(f"{KEY}\nTARGET = aws_s3_bucket.records.id", tags="{}"))
    assert told(tmp_path, "terraform") == {F: ("unclassified", OPENAI)}


def test_a_module_is_read_with_the_values_of_its_call(tmp_path: Path) -> None:
    module = function(
        "OPENAI_API_KEY = var.key\nOPENAI_BASE_URL = var.url", tags="var.tags"
    ) + 'variable "key" {}\nvariable "url" {}\nvariable "tags" {}\n'  # fmt: skip
    calls = "".join(
        f'module "{name}" {{\n  source = "../module"\n  key = "x"\n  url = "https://{host}/v1"\n'
        f"  tags = {{ phi = {phi} }}\n}}\n"
        for name, host, phi in (
            ("a", "eu.api.openai.com", '"true"'),
            ("b", "us.api.openai.com", '"false"'),
        )
    )
    write(tmp_path, module__main_tf=module, live__main_tf=calls)
    found = told(tmp_path, "terraform")
    assert found["module.a." + F] == ("phi", ["openai eu.api.openai.com"])
    assert found["module.b." + F] == ("not_phi", ["openai us.api.openai.com"])


LOOK_ALIKES = {
    "an alarm": 'resource "aws_cloudwatch_metric_alarm" "openai" {\n  alarm_name = "openai-errors"\n  metric_name = "OPENAI_API_KEY"\n}\n',
    "a private zone": 'resource "azurerm_private_dns_zone" "z" {\n  name = "privatelink.openai.azure.com"\n}\n',
    "an output": 'output "openai_api_key" {\n  value = "x"\n}\n',
    "a comment": 'resource "aws_sqs_queue" "q" {\n  # OPENAI_API_KEY = "sk-abc"\n  name = "q"\n}\n',
    "a description": 'resource "aws_lambda_function" "f" {\n  description = "calls api.openai.com"\n}\n',
    "a self-hosted model": function('OPENAI_API_KEY = "none"\nOPENAI_BASE_URL = "http://vllm.internal:8000/v1"'),
}  # fmt: skip


@pytest.mark.parametrize("case", LOOK_ALIKES)
def test_what_only_looks_like_a_use(tmp_path: Path, case: str) -> None:
    assert read(tmp_path, LOOK_ALIKES[case]) == {}
    assert named(tmp_path, "terraform") == []


def test_a_key_store_is_no_sender(tmp_path: Path) -> None:
    """A key is not asked about beside who uses one; alone, it says that its user is not in the scan."""
    store = 'resource "aws_secretsmanager_secret" "k" {\n  name = "prod/openai-api-key"\n}\n'
    read(tmp_path, store)
    assert named(tmp_path, "terraform") == ["OAI_DECLARATION_2 aws_secretsmanager_secret.k"]
    user = function("OPENAI_SECRET_ARN = aws_secretsmanager_secret.k.arn", tags='{ phi = "false" }')
    assert read(tmp_path, store, user) == {F: ("not_phi", OPENAI)}
    assert named(tmp_path, "terraform") == []


def test_a_file_that_does_not_parse_and_could_matter_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(function() + 'resource "x" {{{\n')
    (tmp_path / "other.tf").write_text('resource "aws_sqs_queue" {{{\n')
    assert named(tmp_path, "terraform") == ["OAI_SCAN_1 main.tf"]


WRITTEN = {
    "a key": (function(r'"\u004fPENAI_API_KEY" = var.key'), ["openai api.openai.com"]),
    "a key in eight digits": (
        function(r'"\U0000004FPENAI_API_KEY" = var.key'),
        ["openai api.openai.com"],
    ),
    "a tag": (function(tags=r'{ DataClassification = "\u0050HI" }'), ["openai api.openai.com"]),
    "a URL": (
        function(r'URL = "https://eu.api.\u006fpenai.com/v1"'),
        ["openai eu.api.openai.com"],
    ),
    "an escape that is none": (function(r'"\\u004fPENAI_API_KEY" = var.key'), []),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_letters_by_their_numbers(tmp_path: Path, case: str) -> None:
    text, uses = WRITTEN[case]
    assert read(tmp_path, text).get(F, ("phi", [])) == ("phi", uses)
