"""The report for a terminal tells a workload once in all of its environments."""

from __future__ import annotations

import pytest

from openai_phi.reporting import report_text
from openai_phi.scanning.outcome import outcome_of
from openai_phi.scanning.proposed_fixes import lines_that_settle
from openai_phi.scanning.scan import Options, scan_folder

POLICY = """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-a], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_a], approved_on: 2026-10-10}
projects:
  - {id: proj_a, organization: org-a, endpoints: [/v1/responses], features: []}
"""
MODULE = """variable "environment" { type = string }
variable "endpoint" { type = string }
variable "tls" { type = string }
data "aws_secretsmanager_secret" "key" {
  name = "clinic/${var.environment}/openai"
}
resource "aws_lambda_function" "notes" {
  function_name = "notes"
  role          = "arn:aws:iam::111111111111:role/x"
  tags          = { DataClassification = "PHI" }
  environment {
    variables = merge({
      OPENAI_SECRET_ARN            = data.aws_secretsmanager_secret.key.arn
      OPENAI_ENDPOINT              = var.endpoint
      NODE_TLS_REJECT_UNAUTHORIZED = var.tls
    }, {})
  }
}
"""
CALL = """module "notes" {
  source      = "../../modules/notes"
  environment = "%s"
  endpoint    = "https://api.openai.com/v1/%s"
  tls         = "0"
}
"""


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    root = tmp_path_factory.mktemp("estate")
    called = {"dev": "responses", "stage": "responses", "prod": "conversations"}
    files = {f"envs/{e}/main.tf": CALL % (e, called[e]) for e in called}
    for name, text in {
        **files,
        "modules/notes/main.tf": MODULE,
        "openai-policy.yaml": POLICY,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    result = scan_folder(Options(str(root), today="2026-11-20"))
    text = report_text.render(outcome_of(result), lines_that_settle(result), width=200)
    return text.splitlines()


def starting(lines: list[str], word: str) -> list[str]:
    return [line.strip() for line in lines if line.strip().startswith(word)]


def test_one_block_with_its_environments(lines: list[str]) -> None:
    (head,) = starting(lines, "NOT COVERED")
    assert head.startswith(
        "NOT COVERED  module.notes.aws_lambda_function.notes in dev, stage, prod  "
    )
    assert len(starting(lines, "PHI  ")) == 1
    assert len(starting(lines, "calls")) == 2
    assert (
        sum("/v1/responses (host" in line and line.endswith(", in dev, stage") for line in lines)
        == 1
    )


def test_a_key_is_missing_once_for_each_environment(lines: list[str]) -> None:
    """Not once for each setting that the same secret fills, nor again as a fix."""
    asked = [line for line in lines if "which organization and project" in line]
    named = [line for line in asked if line.strip().startswith("missing")]
    assert [line.count(f"/{e}/openai") for line in named for e in ("dev", "stage", "prod")].count(
        1
    ) == 3
    assert not [line for line in asked if "ompliance: which" in line]


def test_what_mends_several_is_told_once(lines: list[str]) -> None:
    assert len([line for line in lines if "leave verification on" in line]) == 1
