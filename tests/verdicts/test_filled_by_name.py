"""A cluster's secret that its own line covers, filled by the repository from a store of which the policy names others."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.scanning.scan import Options, scan_folder

POLICY = """\
version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-a], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_a, proj_b], approved_on: 2026-10-10}
projects:
  - {id: proj_a, organization: org-a, endpoints: [/v1/responses], features: []}
  - {id: proj_b, organization: org-a, endpoints: [/v1/responses], features: []}
credentials:
  - {project: proj_a, kubernetes: "ward/intake-openai#key"}
  - {project: proj_a, secretsmanager: lindenhof/letters-openai}
  - {project: proj_b, secretsmanager: outreach/mailer}
"""
FILES = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: notes, namespace: ward, labels: {data-classification: phi}}
spec:
  selector: {matchLabels: {app: notes}}
  template:
    metadata: {labels: {app: notes}}
    spec:
      containers:
        - name: app
          image: x/notes:1
          env: [{name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: intake-openai, key: key}}}]
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: st, namespace: ward}
spec: {provider: {aws: {service: SecretsManager, region: eu-west-1}}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: intake-openai, namespace: ward}
spec:
  secretStoreRef: {name: st, kind: SecretStore}
  target: {name: intake-openai}
  data: [{secretKey: key, remoteRef: {key: REMOTE}}]
"""


@pytest.mark.parametrize(
    ("remote", "rules"),
    [
        ("lindenhof/intake-openai", set()),
        ("ward/intake-openai", set()),
        ("intake-openai", set()),
        ("lindenhof/letters-openai", set()),  # another key of the same project
        ("marketing/intake-openai", {"OAI_COVERAGE_9"}),  # a word that no line of the project has
        ("outreach/intake-openai", {"OAI_COVERAGE_9"}),  # a word of another project's lines
        ("lindenhof/dev/intake-openai", {"OAI_COVERAGE_9"}),
        ("lindenhof/mailer", {"OAI_COVERAGE_9"}),
    ],
)
def test_it_is_covered_where_what_fills_it_goes_by_its_name(
    remote: str, rules: set[str], tmp_path: Path
) -> None:
    (tmp_path / "notes.yaml").write_text(FILES.replace("REMOTE", remote))
    (tmp_path / "openai-policy.yaml").write_text(POLICY)
    result = scan_folder(Options(folder=str(tmp_path), today="2026-11-27"))
    assert {f.rule for f in result.findings if f.severity != "LOW"} == rules
