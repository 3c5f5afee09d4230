"""What a provider keeps of PHI, for how long, and what ends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import found, named, write

POD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: notes, namespace: clinic, labels: {data-classification: phi}}
spec:
  template:
    spec:
      containers:
        - name: app
          image: registry.example.org/notes:1
          env:
            - name: OPENAI_API_KEY
              valueFrom: {secretKeyRef: {name: openai, key: OPENAI_API_KEY}}
"""
ZDR = "  - {kind: zdr, provider: openai, projects: [proj_a], approved_on: 2026-10-10}\n"
MODIFIED = "  - {kind: modified_retention, provider: openai, projects: [proj_a], approved_on: 2026-10-10}\n"


def policy(control: str, most: int | None = None, terms: str = "openai-baa-2026-10") -> str:
    limits = "" if most is None else f"limits: {{max_retention_days: {most}}}\n"
    return (
        "version: 1\nagreements:\n"
        f"  - {{kind: baa, provider: openai, organizations: [org-a], terms: {terms}, signed_on: 2026-10-07}}\n"
        f"{control}projects:\n  - {{id: proj_a, organization: org-a, delegated_to: ['**']}}\n{limits}"
    )


def declared(
    endpoint: str, more: str = "features: []", match: str = "Deployment.clinic.notes"
) -> str:
    return (
        "version: 1\nworkloads:\n"
        f"  - {{match: '{match}', data: phi, project: proj_a, endpoints: [{endpoint}], {more}}}\n"
    )


CASES = {
    # endpoint, control, most days, declared -> the rules that speak
    "logs count where no control is shown": ("/v1/embeddings", "", 7, "features: []", "COVERAGE_9 RETENTION_3"),
    "logs of 30 days are within 30": ("/v1/embeddings", "", 30, "features: []", "COVERAGE_9"),
    "zero retention ends logs": ("/v1/embeddings", ZDR, 0, "features: []", ""),
    "modified retention ends logs": ("/v1/embeddings", MODIFIED, 0, "features: []", ""),
    "but no stored state": ("/v1/responses", MODIFIED, 7, "features: [store]", "RETENTION_2 RETENTION_3"),
    "which zero retention does": ("/v1/responses", ZDR, 7, "features: [store]", ""),
    "what is not stored is not kept": ("/v1/responses", MODIFIED, 7, "features: []", ""),
    "background keeps too": ("/v1/responses", MODIFIED, None, "features: [background]", "RETENTION_2"),
    "nothing declared is no matter": ("/v1/embeddings", ZDR, None, "features: []", ""),
    "a transcription is not kept": ("/v1/audio/transcriptions", ZDR, 0, "features: []", ""),
    "files without an end": ("/v1/files", ZDR, 7, "features: []", "RETENTION_1"),
    "files with one": ("/v1/files", ZDR, 7, "features: [], retention_days: 7", ""),
    "files with a late one": ("/v1/files", ZDR, 7, "features: [], retention_days: 8", "RETENTION_3"),
    "a time that is not known may be too long": ("/v1/images/variations", ZDR, 365, "features: []", "RETENTION_3"),
    "what is not covered is said once": ("/v1/conversations", ZDR, 7, "features: []", "COVERAGE_1"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_kept_of_a_workload(tmp_path: Path, case: str) -> None:
    endpoint, control, most, said, rules = CASES[case]
    write(
        tmp_path,
        notes_yaml=POD,
        **{"openai-policy_yaml": policy(control, most)},
        **{"openai-compliance_yaml": declared(endpoint, said)},
    )
    told = named(tmp_path, "kubernetes", "yaml")
    assert told == [f"OAI_{r} Deployment.clinic.notes" for r in rules.split()]


AZURE = POD[: POD.index("            - name: OPENAI_API_KEY")] + (
    "            - {name: AZURE_OPENAI_ENDPOINT, value: 'https://clinic-ai.openai.azure.com'}\n"
)


@pytest.mark.parametrize(
    ("approved", "rules"),
    [
        ("", ["OAI_AZURE_1", "OAI_RETENTION_3"]),
        ("  - {kind: modified_abuse_monitoring, provider: azure-openai, approved_on: 2026-03-01}\n", []),
    ],
)  # fmt: skip
def test_no_page_says_how_long_azure_keeps_samples(
    tmp_path: Path, approved: str, rules: list[str]
) -> None:
    terms = (
        "{kind: baa, provider: azure-openai, terms: microsoft-product-terms, signed_on: 2026-02-01}"
    )
    write(
        tmp_path,
        notes_yaml=AZURE,
        **{
            "openai-policy_yaml": f"version: 1\nagreements:\n  - {terms}\n{approved}"
            "limits: {max_retention_days: 365}\n"
        },
        **{
            "openai-compliance_yaml": "version: 1\nworkloads:\n  - match: Deployment.clinic.notes\n"
            "    data: phi\n    endpoints: [/v1/embeddings]\n    models: [text-embedding-3-small]\n"
        },
    )
    told = found(tmp_path, "kubernetes", "yaml")
    assert sorted(r.check_id for r in told) == rules
    for record in told:
        if record.check_id == "OAI_RETENTION_3":
            assert "kept for a time that is not known, as logs for abuse" in record.details[0]


def test_under_the_strict_rule_the_endpoint_itself_is_the_finding(tmp_path: Path) -> None:
    write(
        tmp_path,
        notes_yaml=POD,
        **{"openai-policy_yaml": policy(ZDR, 7, "our-own")},
        **{"openai-compliance_yaml": declared("/v1/files")},
    )
    assert named(tmp_path, "kubernetes", "yaml") == ["OAI_COVERAGE_1 Deployment.clinic.notes"]


TERRAFORM = """
resource "openai_vector_store" "kept" {
  name = "notes"
}

resource "openai_vector_store" "ends" {
  name = "notes"
  expires_after {
    anchor = "last_active_at"
    days   = 7
  }
}

resource "openai_file" "late" {
  filepath = "notes.jsonl"
  expires_after {
    anchor  = "created_at"
    seconds = 2592001
  }
}

resource "openai_model_response" "stored" {
  input = "a note"
  model = "gpt-5.4-mini"
  store = true
}
"""


def test_resources_that_store_say_when_it_ends(tmp_path: Path) -> None:
    write(
        tmp_path,
        main_tf=TERRAFORM,
        **{"openai-policy_yaml": policy(MODIFIED, 30)},
        **{"openai-compliance_yaml": declared("", match="openai_*").replace("endpoints: [], ", "")},
    )
    told = [t for t in named(tmp_path, "terraform") if "RETENTION" in t]
    assert told == [
        "OAI_RETENTION_1 openai_vector_store.kept",
        "OAI_RETENTION_2 openai_model_response.stored",
        "OAI_RETENTION_3 openai_file.late",
    ]


def test_the_messages(tmp_path: Path) -> None:
    write(
        tmp_path,
        notes_yaml=POD,
        **{"openai-policy_yaml": policy("", 7)},
        **{"openai-compliance_yaml": declared("/v1/files, /v1/responses")},
    )
    messages = {r.check_id: r.details[0] for r in found(tmp_path) if "RETENTION" in r.check_id}
    assert messages == {
        "OAI_RETENTION_1": "Deployment.clinic.notes handles PHI and has what it sends to /v1/files kept "
        "until somebody deletes it, and nothing says when.",
        "OAI_RETENTION_3": "Deployment.clinic.notes handles PHI and has what it sends to /v1/responses "
        "kept for 30 days (and 1 more), as logs for abuse monitoring, which no shown control ends; the "
        "declared maximum is 7.",
    }


TOOLS = """
resource "openai_project_hosted_tool_permissions" "a" {
  project_id         = "proj_a"
  web_search_enabled = true
}
"""


def test_hosted_tools_are_said_where_they_are_permitted_or_else_at_their_user(
    tmp_path: Path,
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    said = {"openai-compliance_yaml": declared("/v1/embeddings")}
    write(one, main_tf=TOOLS, notes_yaml=POD, **said, **{"openai-policy_yaml": policy(ZDR)})
    assert named(one, "kubernetes") == ["OAI_RETENTION_4 Deployment.clinic.notes"]
    assert named(one, "terraform") == []  # nothing in this graph says that it is for PHI
    marked = policy(ZDR).replace("{id: proj_a,", "{id: proj_a, data: phi,")
    write(two, main_tf=TOOLS, notes_yaml=POD, **said, **{"openai-policy_yaml": marked})
    (one_finding,) = found(two, "terraform", "kubernetes")
    assert (one_finding.check_id, one_finding.resource) == (
        "OAI_RETENTION_4",
        "openai_project_hosted_tool_permissions.a",
    )
    assert one_finding.details[0] == (
        "Project proj_a, which is for PHI (openai-policy.yaml:6), may use hosted tools: live_web_search."
    )
