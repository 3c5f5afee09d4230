"""What OpenAI's own Terraform provider sets proves cover, in the graph of any framework."""

from __future__ import annotations

from pathlib import Path

import pytest

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
    fix = [line for line in one.details if line.startswith("Fix: ")]
    assert len(fix) == 1  # a line in the policy would change nothing, so none is asked for
    assert "for openai_project.clinic at openai.tf:6" in fix[0]
    assert "kind: zdr" not in "".join(one.details)


def test_a_tool_that_terraform_allows_is_not_shown_to_be_off(tmp_path: Path) -> None:
    one, other = found(scan(tmp_path, "zero_data_retention", "true"))
    assert (one.check_id, other.check_id) == ("OAI_COVERAGE_9", "OAI_RETENTION_4")
    assert "that live web search is off is not shown" in one.details[0]


SEARCH = '        - {name: OPENAI_WEB_SEARCH, value: "true"}\n'


def test_a_tool_that_terraform_denies_cannot_be_on(tmp_path: Path) -> None:
    folder = scan(tmp_path, "zero_data_retention", "false")
    (folder / "pod.yaml").write_text(POD + SEARCH)
    assert named(folder) == []
    scan(tmp_path, "zero_data_retention", "true")
    (folder / "pod.yaml").write_text(POD + SEARCH)
    assert named(folder) == ["OAI_COVERAGE_4 Pod.clinic.notes"]


def test_a_model_that_breaks_a_condition_of_its_endpoint(tmp_path: Path) -> None:
    folder = scan(tmp_path, "zero_data_retention", "false")
    for file in ("openai-policy.yaml", "pod.yaml"):
        text = (folder / file).read_text().replace("/v1/responses", "/v1/images/generations")
        (folder / file).write_text(text)
    model = "        - {name: OPENAI_IMAGE_MODEL, value: %s}\n"
    (folder / "pod.yaml").write_text(POD + model % "gpt-image-1")
    assert named(folder) == []
    (folder / "pod.yaml").write_text(POD + model % "dall-e-3")
    (one,) = found(folder)
    assert (one.check_id, one.file_line_range[0]) == ("OAI_COVERAGE_4", 11)
    assert "model dall-e-3 is used, against the condition gpt_image_models_only" in one.details[0]


def test_a_model_that_always_searches_the_web(tmp_path: Path) -> None:
    folder = scan(tmp_path, "zero_data_retention", "true")
    for file in ("openai-policy.yaml", "pod.yaml"):
        text = (folder / file).read_text().replace("/v1/responses", "/v1/chat/completions")
        (folder / file).write_text(text)
    model = "        - {name: OPENAI_MODEL, value: %s}\n"
    (folder / "pod.yaml").write_text(POD + model % "gpt-4o-mini-search-preview")
    (one,) = (r for r in found(folder) if r.check_id != "OAI_RETENTION_4")
    assert (one.check_id, one.file_line_range[0]) == ("OAI_COVERAGE_4", 11)
    assert "search-preview is used, against the condition no_live_web_search" in one.details[0]


def test_a_key_that_is_said_to_belong_to_two_projects_is_unproven(tmp_path: Path) -> None:
    folder = scan(tmp_path, "zero_data_retention", "false")
    other = (
        "  - {id: proj_other, organization: org-clinic, endpoints: [/v1/responses], features: []}\n"
    )
    policy = POLICY.replace("credentials:", other + "credentials:")
    (folder / "openai-policy.yaml").write_text(policy)
    compliance = (
        "version: 1\nworkloads:\n  - {match: Pod.clinic.notes, data: phi, project: proj_other}\n"
    )
    (folder / "openai-compliance.yaml").write_text(compliance)
    (one,) = found(folder)
    assert one.check_id == "OAI_COVERAGE_9"
    assert "more than one is named: proj_clinic by the policy, of the key in " in one.details[0]


ORGANIZATION = 'resource "openai_organization_data_retention" "all" {\n  type = "%s"\n}\n'


@pytest.mark.parametrize(
    ("organization", "rule"),
    [
        ("zero_data_retention", None),
        ("modified_abuse_monitoring", "OAI_COVERAGE_9"),
        ("", "OAI_COVERAGE_9"),
    ],
)
def test_a_project_that_inherits_has_its_organizations_control(
    tmp_path: Path, organization: str, rule: str | None
) -> None:
    folder = scan(tmp_path, "organization_default", "false")
    if organization:
        (folder / "organization.tf").write_text(ORGANIZATION % organization)
    assert [r.check_id for r in found(folder)] == ([rule] if rule else [])


@pytest.mark.parametrize("attested", [False, True])
def test_modified_abuse_monitoring_counts_where_the_policy_attests_it(
    tmp_path: Path, attested: bool
) -> None:
    folder = scan(tmp_path, "modified_abuse_monitoring", "false")
    line = "  - {kind: modified_retention, provider: openai, projects: [proj_clinic], approved_on: 2026-10-10}\n"
    zdr = line.replace("modified_retention", "zdr")
    policy = POLICY.replace("projects:\n", (line if attested else zdr) + "projects:\n")
    (folder / "openai-policy.yaml").write_text(policy)
    expected = [] if attested else ["OAI_COVERAGE_9 Pod.clinic.notes"]
    assert named(folder, "kubernetes") == expected
