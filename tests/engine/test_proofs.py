"""What OpenAI's own Terraform provider sets proves cover, in the graph of any framework."""

from __future__ import annotations

from pathlib import Path

from inprocess import found, named, write

POLICY = """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-clinic], terms: openai-baa-2026-10, signed_on: 2026-10-07}
projects:
  - {id: proj_clinic, organization: org-clinic, terraform: openai_project.clinic, endpoints: [/v1/responses]}
credentials:
  - {project: proj_clinic, kubernetes: "clinic/openai"}
"""
POD = """apiVersion: v1
kind: Pod
metadata: {name: notes, namespace: clinic, labels: {phi: "true"}}
spec:
  containers:
    - name: app
      image: registry.example.org/notes:1
      env:
        - name: OPENAI_API_KEY
          valueFrom: {secretKeyRef: {name: openai, key: OPENAI_API_KEY}}
"""
TERRAFORM = """resource "openai_project" "clinic" {
  name = "clinic"
}
resource "openai_project_data_retention" "clinic" {
  project_id = openai_project.clinic.id
  type       = "%s"
}
resource "openai_project_hosted_tool_permissions" "clinic" {
  project_id         = openai_project.clinic.id
  web_search_enabled = %s
  mcp_enabled        = false
}
"""


def scan(folder: Path, retention: str, web_search: str) -> Path:
    terraform = TERRAFORM % (retention, web_search)
    return write(folder, **{"openai-policy_yaml": POLICY, "pod_yaml": POD, "openai_tf": terraform})


def test_retention_and_tools_set_in_terraform_prove_a_pods_cover(tmp_path: Path) -> None:
    assert named(scan(tmp_path, "zero_data_retention", "false")) == []


def test_retention_switched_off_in_terraform_breaks_a_pods_cover(tmp_path: Path) -> None:
    (one,) = found(scan(tmp_path, "none", "false"))
    assert (one.check_id, one.resource) == ("OAI_COVERAGE_3", "Pod.clinic.notes")
    assert (
        "Terraform switches the retention control off for openai_project.clinic" in one.details[0]
    )


def test_a_tool_that_terraform_allows_is_not_shown_to_be_off(tmp_path: Path) -> None:
    (one,) = found(scan(tmp_path, "zero_data_retention", "true"))
    assert one.check_id == "OAI_COVERAGE_9"
    assert "that live web search is off is not shown" in one.details[0]
