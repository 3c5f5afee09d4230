"""Destinations are accounted for: routes are followed, and what nothing shows is asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import analysis, named

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


ALONE = CALLER.replace('{name: LLM_URL, value: "http://way.mesh.example/v1"}', "SETTING")
BESIDE = ALONE + KEYED[KEYED.index("            - name: OPENAI_API_KEY") :]
ELSEWHERE = "{name: NAME, valueFrom: {configMapKeyRef: {name: elsewhere, key: url}}}"


def _asks(folder: Path, text: str) -> bool:
    (folder / "all.yaml").write_text(text)
    return any("way.example" in s or "cannot be read" in s for s in _missing(folder))


def _missing(folder: Path) -> list[str]:
    assessed = analysis(folder, "kubernetes").assessments
    return [m.what for a in assessed for m in a.missing]


@pytest.mark.parametrize("around", [ALONE, BESIDE], ids=["alone", "beside a key"])
@pytest.mark.parametrize(
    ("name", "value", "asked"),
    [
        ("OPENAI_UPSTREAM", "https://way.example/v1", True),
        ("LLM_SERVER", "https://way.example", True),
        ("MODEL_ENDPOINT", "https://way.example", True),
        ("SUMMARY_URL", "https://way.example/v1/chat/completions", True),
        ("SUMMARY_URL", "https://way.example/notes", False),
        ("PAYMENT_GATEWAY_URL", "https://way.example", False),
        ("MODEL_REGISTRY_URL", "https://way.example", False),
        ("LLM_CACHE_URL", "redis://way.example", False),
    ],
)
def test_a_host_that_requests_could_go_to_by_the_words_around_it(
    tmp_path: Path, around: str, name: str, value: str, asked: bool
) -> None:
    setting = f'{{name: {name}, value: "{value}"}}'
    assert _asks(tmp_path, around.replace("SETTING", setting)) is asked


@pytest.mark.parametrize("around", [ALONE, BESIDE], ids=["alone", "beside a key"])
@pytest.mark.parametrize(
    ("name", "asked"),
    [("LLM_BASE_URL", True), ("OPENAI_UPSTREAM", True), ("LAB_URL", False)],
)
def test_an_address_that_stands_elsewhere_is_asked_for(
    tmp_path: Path, around: str, name: str, asked: bool
) -> None:
    setting = ELSEWHERE.replace("NAME", name)
    assert _asks(tmp_path, around.replace("SETTING", setting)) is asked


def test_a_key_at_a_host_that_is_only_named_like_a_model_server(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(KEYED.replace("BASE", "http://vllm.models.svc/v1"))
    assert "OAI_COVERAGE_9" in _rules(tmp_path, "kubernetes")
    keyless = KEYED.replace("BASE", "http://vllm.models.svc/v1")
    start = keyless.index("            - name: OPENAI_API_KEY")
    (tmp_path / "all.yaml").write_text(keyless[:start])
    assert "OAI_COVERAGE_9" not in _rules(tmp_path, "kubernetes")
