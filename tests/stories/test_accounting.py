"""Destinations are accounted for: routes are followed, and what nothing shows is asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import named

CALLER = """apiVersion: apps/v1
kind: Deployment
metadata: {name: summary, namespace: clinic}
spec:
  template:
    metadata: {labels: {app: summary, data-classification: phi}}
    spec:
      containers:
        - name: app
          image: registry.example.org/summary:1
          env:
            - {name: LLM_URL, value: "http://way.mesh.example/v1"}
"""
ENTRY = """apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: way, namespace: clinic}
spec: {hosts: [way.mesh.example], endpoints: [{address: END}]}
"""
KEYED = CALLER.replace("LLM_URL", "OPENAI_BASE_URL").replace(
    "http://way.mesh.example/v1", "BASE"
) + (
    "            - name: OPENAI_API_KEY\n"
    "              valueFrom: {secretKeyRef: {name: openai, key: OPENAI_API_KEY}}\n"
)


def _rules(folder: Path, framework: str) -> set[str]:
    return {line.split()[0] for line in named(folder, framework)}


@pytest.mark.parametrize(
    ("end", "found"),
    [("api.openai.com", True), ("relay.example.org", True), ("api.anthropic.com", False)],
)
def test_a_service_entry_is_followed(tmp_path: Path, end: str, found: bool) -> None:
    (tmp_path / "all.yaml").write_text(f"{CALLER}---\n{ENTRY.replace('END', end)}")
    assert any(r.startswith("OAI_COVERAGE") for r in _rules(tmp_path, "kubernetes")) is found


@pytest.mark.parametrize(
    ("base", "asked"),
    [("https://relay.example.net/v1", True), ("https://api.groq.com/openai/v1", False)],
)
def test_a_key_at_a_host_that_nothing_accounts_for(tmp_path: Path, base: str, asked: bool) -> None:
    (tmp_path / "all.yaml").write_text(KEYED.replace("BASE", base))
    assert ("OAI_COVERAGE_9" in _rules(tmp_path, "kubernetes")) is asked
