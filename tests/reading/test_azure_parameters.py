"""Parameters of rules: severity, what counts as PHI, names of one's own, de-identifiers, the role."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import named, reports
from openai_phi.facts.signatures import Extra, signatures

POLICY = """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-a], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_a], approved_on: 2026-10-10}
projects:
  - {id: proj_a, organization: org-a, retention: zero_data_retention, delegated_to: ["**"]}
"""
NOTES = """apiVersion: apps/v1
kind: Deployment
metadata: {name: patient-notes, namespace: a, labels: {app: notesLABELS}}
spec:
  template:
    spec:
      containers:
        - name: app
          env:
            - {name: NAME, valueFrom: {secretKeyRef: {name: keys, key: key}}}
"""


def folder(
    root: Path, policy: str = "", team: str = "", name: str = "OPENAI_API_KEY", labels: str = ""
) -> Path:
    (root / "notes.yaml").write_text(NOTES.replace("NAME", name).replace("LABELS", labels))
    (root / "openai-policy.yaml").write_text(POLICY + policy)
    (root / "openai-compliance.yaml").write_text("version: 1\n" + team)
    return root


def severities(root: Path) -> dict[str, str]:
    found = [r for report in reports(root) for r in report.failed_checks]
    return {r.check_id: r.severity.name for r in found}


@pytest.mark.parametrize(
    ("policy", "team", "severity"),
    [
        (None, None, "HIGH"),
        ("CRITICAL", None, "CRITICAL"),
        ("LOW", None, "HIGH"),
        (None, "CRITICAL", "CRITICAL"),
        ("CRITICAL", "LOW", "CRITICAL"),
        ("LOW", "MEDIUM", "HIGH"),
    ],
)
def test_a_severity_is_only_raised(
    tmp_path: Path, policy: str | None, team: str | None, severity: str
) -> None:
    asked = ["" if s is None else f"parameters: {{severity: {{OAI_DECLARATION_3: {s}}}}}\n" for s in (policy, team)]  # fmt: skip
    assert severities(folder(tmp_path, *asked)) == {"OAI_DECLARATION_3": severity}


def test_names_that_suggest_phi_are_enough_where_a_file_says_so(tmp_path: Path) -> None:
    assert named(folder(tmp_path)) == ["OAI_DECLARATION_3 Deployment.a.patient-notes"]
    asked = "parameters: {phi: suspected}\n"
    unproven = ["OAI_COVERAGE_9 Deployment.a.patient-notes"]
    assert named(folder(tmp_path, asked)) == unproven
    assert named(folder(tmp_path, team=asked)) == unproven
    free = "workloads:\n  - {match: patient-notes, data: none}\n"
    assert named(folder(tmp_path, asked, free)) == []


def test_names_of_ones_own_add_to_the_shipped_ones(tmp_path: Path) -> None:
    assert named(folder(tmp_path, name="ACME_MODEL_KEY")) == []
    own = "parameters: {variables: [{name: acme_*_key, provider: openai, role: key}]}\n"
    asked = ["OAI_DECLARATION_3 Deployment.a.patient-notes"]
    assert named(folder(tmp_path, own, name="ACME_MODEL_KEY")) == asked
    assert named(folder(tmp_path, own, name="acmeModelKey")) == asked
    marked = "parameters: {phi_markers: [{key: acme/class, value: clinical}]}\n"
    assert named(folder(tmp_path, marked, labels=", acme/class: Clinical")) == [
        "OAI_COVERAGE_9 Deployment.a.patient-notes"
    ]


def test_a_team_names_no_hosts_or_variables(tmp_path: Path) -> None:
    own = "parameters: {hosts: [{host: vendor.example, provider: openai}]}\n"
    assert "OAI_DECLARATION_1 openai-compliance.yaml" in named(folder(tmp_path, team=own))


def test_what_ones_own_names_mean() -> None:
    extra = Extra(
        (("ACME_*_KEY", "openai", "key"),),
        (("llm.acme.example", "azure-openai"), ("*.ai.acme.example", "openai")),
        ("acme-ai",),
        (("acme/class", "clinical"),),
    )
    names = signatures(extra)
    match = names.variable("acmeNotesKey", "x")
    assert match
    assert (match.role, match.provider) == ("key", "openai")
    assert [h.provider if (h := names.host(t)) else "" for t in ("llm.acme.example", "eu.ai.acme.example", "llmxacme.example")] == [
        "azure-openai", "openai", "",
    ]  # fmt: skip
    assert names.is_gateway_name("acme-ai.svc.cluster.local")
    assert not names.is_gateway_name("acme-air.svc.cluster.local")
    marker = names.marker("Acme-Class", "CLINICAL")
    assert marker
    assert marker.says_phi
    for text in (
        "ACME_NOTES_KEY",
        "llm.acme.example",
        "x.ai.acme.example",
        "ACME-AI",
        "acme/class",
    ):
        assert names.speaks(text)
    for text in ("ACME_NOTES_KEY", "llm.acme.example", "acme-ai.x", "acme/class"):
        assert not signatures().speaks(text)
    shipped = names.variable("OPENAI_API_KEY", "x")
    assert shipped == signatures().variable("OPENAI_API_KEY", "x")


def test_the_role_decides_which_paragraph_is_cited(tmp_path: Path) -> None:
    for role, paragraph in (
        ("covered_entity", "45 CFR 164.502(e)(1)(i)"),
        ("business_associate", "45 CFR 164.502(e)(1)(ii)"),
    ):
        team = "workloads:\n  - {match: patient-notes, data: phi, project: proj_a, endpoints: [/v1/embeddings], features: []}\n"
        root = folder(tmp_path, f"role: {role}\n", team)
        policy = root / "openai-policy.yaml"
        policy.write_text(policy.read_text().replace("[org-a]", "[org-b]"))
        (record,) = [r for report in reports(root) for r in report.failed_checks]
        assert record.check_id == "OAI_COVERAGE_2"
        law = [line for line in record.details if line.startswith("Law: ")]
        assert len(law) == 1
        both = {"45 CFR 164.502(e)(1)(i)", "45 CFR 164.502(e)(1)(ii)"}
        assert [p for p in law[0].removeprefix("Law: ").split(", ") if p in both] == [paragraph]
