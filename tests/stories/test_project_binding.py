"""How a use in Terraform finds its project, and what Terraform proves of it: told by the verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import found, write

POLICY = """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-clinic], terms: openai-baa-2026-10, signed_on: 2026-10-07}
projects:
  - {id: proj_clinic, organization: org-clinic, terraform: openai_project.clinic, endpoints: [/v1/responses], features: []}
  - {id: proj_other, organization: org-clinic, terraform: openai_project.other, endpoints: [/v1/responses], features: []}
"""
CREDENTIALS = "credentials:\n  - {project: proj_clinic, ssm: /clinic/openai}\n"
DELEGATED = POLICY.replace(
    "terraform: openai_project.clinic,", 'terraform: openai_project.clinic, delegated_to: ["**"],'
)
COMPLIANCE = (
    "version: 1\nworkloads:\n  - {match: aws_lambda_function.f, data: phi, project: proj_clinic}\n"
)
PROJECTS = """resource "openai_project" "clinic" {
  name = "clinic"
}
resource "openai_project" "other" {
  name = "other"
}
resource "openai_project_data_retention" "clinic" {
  project_id = openai_project.clinic.id
  type       = "%s"
}
resource "openai_project_service_account" "clinic" {
  project_id = openai_project.clinic.id
  name       = "f"
}
data "aws_ssm_parameter" "key" {
  name = "/clinic/openai"
}
"""
FUNCTION = """resource "aws_lambda_function" "f" {
  function_name = "f"
  environment {
    variables = {
      %s
    }
  }
  tags = { DataClassification = "PHI" }
}
"""
FROM_STORE = "OPENAI_API_KEY = data.aws_ssm_parameter.key.value\n"
FROM_ACCOUNT = "OPENAI_API_KEY = openai_project_service_account.clinic.api_key\n"
UNPROVEN = ["OAI_COVERAGE_9"]


def rules(
    folder: Path, variables: str, retention: str = "zero_data_retention", **more: str
) -> list[str]:
    """The rules about cover that fail."""
    terraform = PROJECTS % retention + FUNCTION % variables
    files = {"openai-policy_yaml": POLICY, "main_tf": terraform, **more}
    write(folder, **files)
    return [r.check_id for r in found(folder, "terraform") if "COVERAGE" in r.check_id]


BOUND = {
    "nothing": (FROM_STORE, {}, UNPROVEN),
    "its credential": (FROM_STORE, {"openai-policy_yaml": POLICY + CREDENTIALS}, []),
    "OPENAI_PROJECT_ID alone": (FROM_STORE + 'OPENAI_PROJECT_ID = "proj_clinic"', {}, UNPROVEN),
    "and its credential": (
        FROM_STORE + 'OPENAI_PROJECT_ID = "proj_clinic"', {"openai-policy_yaml": POLICY + CREDENTIALS}, []
    ),
    "an id that the policy does not know": (FROM_STORE + 'OPENAI_PROJECT_ID = "proj_x"', {}, UNPROVEN),
    "a reference to the project, of which nobody says that the key is": (
        FROM_STORE + "OPENAI_PROJECT_ID = openai_project.clinic.id", {}, UNPROVEN
    ),
    "a reference to a project without a control": (
        FROM_STORE + "OPENAI_PROJECT_ID = openai_project.other.id", {}, UNPROVEN
    ),
    "the account that made its key": (FROM_ACCOUNT, {}, []),
    "the compliance file alone": (FROM_STORE, {"openai-compliance_yaml": COMPLIANCE}, UNPROVEN),
    "the compliance file, which may say it": (
        FROM_STORE, {"openai-compliance_yaml": COMPLIANCE, "openai-policy_yaml": DELEGATED}, []
    ),
    "two that differ": (
        FROM_ACCOUNT + "OPENAI_PROJECT_ID = openai_project.other.id", {}, UNPROVEN
    ),
    "a key of another name in the store": (
        FROM_STORE, {"openai-policy_yaml": POLICY + CREDENTIALS.replace("/clinic/openai", "/x")}, UNPROVEN
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BOUND)
def test_a_use_finds_its_project(tmp_path: Path, case: str) -> None:
    variables, files, expected = BOUND[case]
    assert rules(tmp_path, variables, **files) == expected


OF_ORGANIZATION = {
    "official": 'resource "openai_organization_data_retention" "all" {\n  type = "%s"\n}\n',
    "community": 'resource "openai_data_retention" "all" {\n  retention_type = "%s"\n}\n',
}
RETENTION = {
    "its own": ("zero_data_retention", "", "", []),
    "switched off": ("none", "official", "zero_data_retention", ["OAI_COVERAGE_3"]),
    "inherited": ("organization_default", "official", "zero_data_retention", []),
    "inherited, set by a community provider": (
        "organization_default", "community", "zero_data_retention", []
    ),
    "inherited, of another kind": (
        "organization_default", "official", "modified_abuse_monitoring", UNPROVEN
    ),
    "inherited from nobody seen": ("organization_default", "", "", UNPROVEN),
}  # fmt: skip


@pytest.mark.parametrize("case", RETENTION)
def test_retention_controls_in_terraform(tmp_path: Path, case: str) -> None:
    own, provider, set_to, expected = RETENTION[case]
    more = {"org_tf": OF_ORGANIZATION[provider] % set_to} if provider else {}
    variables = FROM_ACCOUNT
    assert rules(tmp_path, variables, own, **more) == expected


@pytest.mark.parametrize(("allowed", "expected"), [("false", []), ("true", ["OAI_COVERAGE_4"])])
def test_a_hosted_tool_that_terraform_permits_or_denies(
    tmp_path: Path, allowed: str, expected: list[str]
) -> None:
    tools = (
        'resource "openai_project_hosted_tool_permissions" "clinic" {\n'
        f"  project_id = openai_project.clinic.id\n  web_search_enabled = {allowed}\n"
        "  mcp_enabled = false\n}\n"
    )
    variables = FROM_ACCOUNT + 'OPENAI_WEB_SEARCH = "true"'
    assert rules(tmp_path, variables, tools_tf=tools) == expected


def test_the_only_model_of_a_project_bounds_no_endpoint(tmp_path: Path) -> None:
    model = (
        'resource "openai_project_model_permissions" "clinic" {\n'
        "  project_id = openai_project.clinic.id\n"
        '  mode = "allow_list"\n  model_ids = ["text-embedding-3-small"]\n}\n'
    )
    policy = POLICY.replace(" endpoints: [/v1/responses],", "")
    variables = FROM_ACCOUNT
    files = {"openai-policy_yaml": policy}
    assert rules(tmp_path, variables, **files) == UNPROVEN
    assert rules(tmp_path, variables, models_tf=model, **files) == UNPROVEN
