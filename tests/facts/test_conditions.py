"""What conditions of October 2026 ask for: offline web search, image models, per-request residency."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.facts.catalogue import load_catalogue
from openai_phi.scanning.scan import Options, scan_folder

WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: notes, namespace: clinic, labels: {data-classification: phi}}
spec: {template: {spec: {containers: [{name: app, image: "r.example.org/a:1", env: [
  {name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: openai, key: k}}},
  {name: OPENAI_BASE_URL, value: "https://BASE/v1"}]}]}}}
"""
COMPLIANCE = """version: 1
workloads:
  - {match: Deployment.clinic.notes, data: phi, project: proj_c, endpoints: [ENDPOINT], features: [FEATURES]MODELS}
"""
POLICY = """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-c], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_c], approved_on: 2026-10-10}
projects:
  - {id: proj_c, organization: org-c, data: phi, retention: zero_data_retention, delegated_to: ["**"]}
credentials:
  - {project: proj_c, kubernetes: "clinic/openai#k"}
"""
WHOLE = (
    "  - {kind: zdr, provider: openai, organizations: [org-c], approved_on: 2026-10-10}\nprojects:"
)
PROJECT = 'resource "openai_project_data_retention" "p" {\n  project_id = "proj_c"\n  type = "zero_data_retention"\n}\n'
ORGANIZATION = 'resource "openai_organization_data_retention" "o" {{ type = "{}" }}\n'


CONFIG = """apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: clinic}
data:
  config.yaml: |
    openai:
      model: gpt-4.1
      tools: TOOLS
---
"""


def _program(base: str, tools: str, mounted: str) -> str:
    """The workload, with tools in a variable or in a file that is mounted."""
    text = WORKLOAD.replace("BASE", base)
    if tools:
        text = text.replace("env: [", f"env: [{{name: OPENAI_TOOLS, value: '{tools}'}},")
    if mounted:
        volume = "volumes: [{name: c, configMap: {name: settings}}], containers:"
        text = text.replace("containers:", volume).replace(
            "env: [", "volumeMounts: [{name: c, mountPath: /c}], env: ["
        )
        text = CONFIG.replace("TOOLS", mounted) + text
    return text


def _told(
    folder: Path,
    *,
    policy: str = POLICY,
    terraform: str = "",
    endpoint: str = "/v1/responses",
    features: str = "",
    models: str = "",
    base: str = "api.openai.com",
    tools: str = "",
    mounted: str = "",
    model: str = "",
) -> dict[str, str]:
    """The rules that tell of the deployment, and what each says."""
    said = COMPLIANCE.replace("ENDPOINT", endpoint).replace("FEATURES", features)
    said = said.replace("MODELS", f", models: [{models}]" if models else "")
    program = _program(base, tools, mounted)
    if model:
        program = program.replace("env: [", f"env: [{{name: OPENAI_MODEL, value: {model}}},", 1)
    files = {
        "app.yaml": program,
        "openai-compliance.yaml": said,
        "openai-policy.yaml": policy,
        "main.tf": terraform,
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    found = scan_folder(Options(str(folder), today="2026-11-27")).findings
    return {f.rule: f.message for f in found if f.rule.startswith(("OAI_COVERAGE", "OAI_RESID"))}


@pytest.mark.parametrize(
    ("terraform", "policy", "rule", "says"),
    [
        (PROJECT + ORGANIZATION.format("modified_abuse_monitoring"), POLICY, "OAI_COVERAGE_4", "Terraform sets modified_abuse_monitoring for the organization"),
        (PROJECT, POLICY, "OAI_COVERAGE_9", "zero data retention is on for the organization as a whole"),
        ("", POLICY.replace(", retention: zero_data_retention", ", retention: modified_abuse_monitoring").replace("kind: zdr", "kind: modified_retention"), "OAI_COVERAGE_4", "offline_web_search is on and excluded"),
        (PROJECT + ORGANIZATION.format("zero_data_retention"), POLICY, "", ""),
        (PROJECT, POLICY.replace("projects:\n", WHOLE + "\n"), "", ""),
    ],
)  # fmt: skip
def test_offline_search_asks_for_zero_retention_of_project_and_organization(
    tmp_path: Path, terraform: str, policy: str, rule: str, says: str
) -> None:
    told = _told(tmp_path, terraform=terraform, policy=policy, features="offline_web_search")
    assert list(told) == ([rule] if rule else [])
    assert says in told.get(rule, "")


def test_without_offline_search_the_project_alone_counts(tmp_path: Path) -> None:
    terraform = PROJECT + ORGANIZATION.format("modified_abuse_monitoring")
    assert _told(tmp_path, terraform=terraform) == {}


@pytest.mark.parametrize(
    ("tools", "rule", "says"),
    [
        ('[{"type": "web_search"}]', "OAI_COVERAGE_4", "live_web_search is on"),
        ('[{"type": "web_search", "external_web_access": true}]', "OAI_COVERAGE_4", "live_web_search is on"),
        ('[{"type": "web_search_preview", "external_web_access": false}]', "OAI_COVERAGE_4", "live_web_search is on"),
        ('[{"type": "web_search", "external_web_access": false}]', "OAI_COVERAGE_9", "offline_web_search"),
        ('[{"type": "mcp", "server_url": "https://m.example.org"}]', "OAI_COVERAGE_4", "remote_mcp is on"),
        ('[{"type": "function", "name": "web_search"}]', "", ""),
        ("[]", "", ""),
    ],
)  # fmt: skip
def test_the_tools_that_a_request_asks_for_are_read_where_they_are_written(
    tmp_path: Path, tools: str, rule: str, says: str
) -> None:
    for given in ({"tools": tools}, {"mounted": tools}):
        told = _told(tmp_path, terraform=PROJECT, **given)
        assert [r for r in told if r != "OAI_COVERAGE_5"] == ([rule] if rule else []), given
        assert says in told.get(rule, "")


@pytest.mark.parametrize(
    ("models", "says"),
    [
        ("dall-e-3", "model dall-e-3 is used"),
        ("chatgpt-image-latest", "model chatgpt-image-latest is used"),
        ("gpt-image-1", ""),
    ],
)
def test_a_model_that_the_team_declares_breaks_the_condition(
    tmp_path: Path, models: str, says: str
) -> None:
    told = _told(tmp_path, endpoint="/v1/images/generations", models=models)
    assert list(told) == (["OAI_COVERAGE_4"] if says else [])
    assert says in told.get("OAI_COVERAGE_4", "")


@pytest.mark.parametrize(
    ("model", "rule", "says"),
    [
        ("", "OAI_COVERAGE_9", "only gpt-image models are used is not shown: declare the models in use"),
        ("gpt-4.1", "OAI_COVERAGE_9", "only gpt-image models are used is not shown"),
        ("gpt-image-1", "", ""),
        ("dall-e-3", "OAI_COVERAGE_4", "model dall-e-3 is used"),
    ],
)  # fmt: skip
def test_a_list_of_features_says_nothing_of_the_image_models(
    tmp_path: Path, model: str, rule: str, says: str
) -> None:
    told = _told(tmp_path, endpoint="/v1/images/generations", model=model)
    assert list(told) == ([rule] if rule else [])
    assert says in told.get(rule, "")
    assert _told(tmp_path, endpoint="/v1/responses", model="gpt-4.1") == {}


@pytest.mark.parametrize(
    ("model", "breaks"),
    [
        ("dall-e-3", True),
        ("chatgpt-image-latest", True),
        ("gpt-image-1", False),
        ("gpt-image-1-mini", False),
        ("gpt-image-2", False),
        ("gpt-image-2.5-flare-2026-09-08", False),
    ],
)
def test_which_image_models_zero_retention_reaches(model: str, breaks: bool) -> None:
    edition = load_catalogue().edition("openai", "2026-10")
    assert edition
    wrong = edition.conditions["gpt_image_models_only"].wrong_models([model, f"openai/{model}"])
    assert bool(wrong) is breaks


@pytest.mark.parametrize(
    ("endpoint", "notes"),
    [
        ("/v1/chat/completions", ("audio_output_1h", "image_csam_review", "prompt_cache_24h")),
        ("/v1/responses", ("audio_output_1h", "background_10min", "image_csam_review", "containers_ephemeral", "prompt_cache_24h")),
        ("/v1/decisions", ("image_csam_review", "prompt_cache_24h")),
        ("/v1/embeddings", ()),
    ],
)  # fmt: skip
def test_what_the_page_notes_of_a_row(endpoint: str, notes: tuple[str, ...]) -> None:
    edition = load_catalogue().edition("openai", "2026-10")
    assert edition
    assert edition.rows[endpoint].notes == notes


LIMITED = POLICY + "limits: {regions: [eu]}\n"
GLOBAL = LIMITED.replace("data: phi,", "data: phi, geography: global,")
SWITCHED = GLOBAL.replace("geography: global,", "geography: global, per_request_residency: true,")


@pytest.mark.parametrize(
    ("policy", "base", "says"),
    [
        (GLOBAL, "eu.api.openai.com", "per-request data residency is on for the project, which is not recorded"),
        (SWITCHED, "eu.api.openai.com", ""),
        (SWITCHED, "us.api.openai.com", "is bound to us; declared is eu"),
        (SWITCHED, "api.openai.com", "stores in global"),
        (GLOBAL.replace("geography: global", "geography: us"), "eu.api.openai.com", "stores in us"),
        (GLOBAL.replace("limits: {regions: [eu]}", ""), "eu.api.openai.com", ""),
    ],
)  # fmt: skip
def test_a_global_project_selects_the_region_of_each_request_where_its_switch_is_on(
    tmp_path: Path, policy: str, base: str, says: str
) -> None:
    told = _told(tmp_path, policy=policy, base=base)
    assert list(told) == (["OAI_RESIDENCY_1"] if says else [])
    assert says in told.get("OAI_RESIDENCY_1", "")
