"""What a second reading found wrong in the facts: each error by the rule and the row that it bore on, beside its twin.

A case scans a folder with PHI that holds the error's own input, and a second one that differs in what matters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.scanning.scan import Options, scan_folder

DAY = "2026-11-28"
KEY = "{name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: openai, key: k}}}"
POLICY = """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-c], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_c], approved_on: 2026-10-10}
projects:
  - {id: proj_c, organization: org-c, data: phi, retention: zero_data_retention, delegated_to: ["**"]}
credentials:
  - {project: proj_c, kubernetes: "clinic/openai#k"}
limits: {coverage: listed, approvers: [dpo@clinic.example]}
"""
ORGANIZATION = (
    'resource "openai_organization_data_retention" "o" {{ type = "{}" }}\n'
    'resource "openai_project_data_retention" "p" {{\n  project_id = "proj_c"\n  type = "zero_data_retention"\n}}\n'
)
AZURE_POLICY = """version: 1
agreements:
  - {kind: baa, provider: azure-openai, hosts: [x.openai.azure.com], terms: microsoft-product-terms, signed_on: 2026-10-07}
"""


def _env(**variables: str) -> str:
    return ", ".join(f'{{name: {n}, value: "{v}"}}' for n, v in variables.items())


def _app(env: str = KEY, *, labels: str = "data-classification: phi", more: str = "") -> str:
    return (
        "apiVersion: apps/v1\nkind: Deployment\n"
        f"metadata: {{name: notes, namespace: clinic, labels: {{{labels}}}}}\n"
        f'spec: {{template: {{spec: {{containers: [{{name: app, image: "r.example.org/a:1"{more}, env: [{env}]}}]}}}}}}\n'
    )


def _said(endpoints: str = "/v1/responses", features: str = "", **more: str) -> str:
    words = "".join(f", {k}: {v}" for k, v in more.items())
    return (
        "version: 1\nworkloads:\n"
        f'  - {{match: Deployment.clinic.notes, data: phi, project: proj_c, endpoints: ["{endpoints}"], features: [{features}]{words}}}\n'
    )


def _azure(more: str, features: str = "") -> str:
    return _said(features=features).replace("project: proj_c, ", "").replace("}\n", f", {more}}}\n")


def _excepted(rule: str, until: str, more: str = "") -> str:
    return (
        f"exceptions:\n  - {{rule: {rule}, resource: Deployment.clinic.notes, kind: accepted, reason: it ends, "
        "owner: notes@clinic.example, ticket: T-1, approved_by: dpo@clinic.example, approved_on: 2026-11-20, "
        f"expires_on: {until}{more}}}\n"
    )


def _litellm(model: str, *lines: str) -> str:
    more = "".join(f"          {x}\n" for x in lines)
    return (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cfg, namespace: clinic}\ndata:\n  config.yaml: |\n"
        f"    model_list:\n      - model_name: one\n        litellm_params:\n          model: {model}\n{more}---\n"
        "apiVersion: apps/v1\nkind: Deployment\n"
        "metadata: {name: notes, namespace: clinic, labels: {data-classification: phi}}\n"
        "spec: {template: {spec: {volumes: [{name: c, configMap: {name: cfg}}], containers: [{name: app, "
        "image: ghcr.io/berriai/litellm:main, args: [--config, /app/config.yaml], "
        "envFrom: [{secretRef: {name: litellm}}], volumeMounts: [{name: c, mountPath: /app}]}]}}}\n"
    )


@dataclass(frozen=True)
class Case:
    """What is scanned, which rule must tell of the deployment, and in which words; no rule: none may."""

    files: dict[str, str] = field(default_factory=dict)
    rule: str = ""
    says: str = ""
    day: str = DAY


def _declared(
    endpoints: str,
    rule: str = "",
    says: str = "",
    *,
    env: str = KEY,
    policy: str = POLICY,
    terraform: str = "",
    **more: str,
) -> Case:
    files = {
        "app.yaml": _app(env),
        "openai-compliance.yaml": _said(endpoints, **more),
        "openai-policy.yaml": policy,
        "main.tf": terraform,
    }
    return Case(files, rule, says)


def _alone(text: str, rule: str = "", says: str = "", policy: str = "version: 1\n") -> Case:
    return Case({"app.yaml": text, "openai-policy.yaml": policy}, rule, says)


def _accepted(rule: str, until: str, wrong: str, **broken: str) -> Case:
    files = _declared("/v1/responses").files
    env = broken.get("env", KEY)
    files |= {
        "app.yaml": _app(env),
        "openai-policy.yaml": broken.get("policy", POLICY),
        "openai-compliance.yaml": broken.get("said", _said(features=broken.get("features", "")))
        + _excepted(rule, until, broken.get("more", "")),
    }
    return Case(files, "OAI_DECLARATION_5" if wrong else "", wrong)


LITERAL = '{name: OPENAI_API_KEY, value: "sk-proj-' + "Zq3" * 12 + '"}'
GLOBAL = POLICY.replace("data: phi,", "data: phi, geography: global,").replace(
    "coverage: listed", "regions: [eu], coverage: listed"
)
EU = f"{KEY}, {_env(OPENAI_BASE_URL='https://eu.api.openai.com/v1')}"
CHATGPT = _env(CHATGPT_ACCESS_TOKEN="${TOKEN}")
WITH_MODEL = f"{KEY}, {{name: OPENAI_MODEL, value: MODEL}}"
NEW_MODEL = _env(OPENAI_BASE_URL="http://models.internal/v1", OPENAI_MODEL="gpt-6.1-sol")

ABOUT = re.compile(r"OAI_(COVERAGE_\d|AZURE_[24]|RESIDENCY_\d|DECLARATION_[145])$")
AT_AZURE = _env(AZURE_OPENAI_ENDPOINT="https://x.openai.azure.com/openai/v1")
AZURE = AZURE_POLICY + "limits: {approvers: [dpo@clinic.example]}\n"

# what was wrong -> the case, and its twin
READ_AGAIN: dict[str, tuple[Case, Case]] = {
    "an Azure host with a slash at its end": (
        _alone(_app(_env(AZURE_OPENAI_ENDPOINT="https://x.services.ai.azure.com/")), "OAI_COVERAGE_9", "x.services.ai.azure.com"),
        _alone(_app(_env(AZURE_SPEECH_ENDPOINT="https://x.services.ai.azure.com/"))),
    ),
    "a client's name that fell back to its parent": (
        _declared("realtime.translations", "OAI_COVERAGE_9", "/v1/realtime/translations"),
        _declared("realtime"),
    ),
    "a consent to a voice that counted as a transcription": (
        _declared("audio.voice_consents", "OAI_COVERAGE_9", "/v1/audio/voice_consents"),
        _declared("audio.transcriptions"),
    ),
    "a model that translates as one of the realtime row": (
        _declared("/v1/realtime", "OAI_COVERAGE_9", "/v1/realtime/translations", env=WITH_MODEL.replace("MODEL}", "gpt-realtime-translate}")),
        _declared("/v1/realtime", env=WITH_MODEL.replace("MODEL}", "gpt-realtime-2}")),
    ),
    "offline web search by the project alone": (
        _declared("/v1/responses", "OAI_COVERAGE_4", "modified_abuse_monitoring for the organization", terraform=ORGANIZATION.format("modified_abuse_monitoring"), features="offline_web_search"),
        _declared("/v1/responses", terraform=ORGANIZATION.format("zero_data_retention"), features="offline_web_search"),
    ),
    "a gateway's model whose base a variable gives": (
        _alone(_litellm("azure/gpt-4.1", "api_base: os.environ/AZURE_API_BASE", "api_key: os.environ/AZURE_API_KEY"), "OAI_COVERAGE_9", "azure-openai"),
        _alone(_litellm("hosted_vllm/llama-3", "api_base: os.environ/VLLM_BASE")),
    ),
    "a year's acceptance of retention known to be off": (
        _accepted("OAI_COVERAGE_3", "2027-11-19", "30 days", policy=POLICY.replace("retention: zero_data_retention", "retention: none").replace("  - {kind: zdr, provider: openai, projects: [proj_c], approved_on: 2026-10-10}\n", "")),
        _accepted("OAI_COVERAGE_3", "2026-12-19", "", policy=POLICY.replace("retention: zero_data_retention", "retention: none").replace("  - {kind: zdr, provider: openai, projects: [proj_c], approved_on: 2026-10-10}\n", "")),
    ),
    "a year's acceptance of live web search": (
        _accepted("OAI_COVERAGE_4", "2027-11-19", "30 days", features="live_web_search"),
        _accepted("OAI_COVERAGE_4", "2026-12-19", "", features="live_web_search"),
    ),
    "a year's acceptance of a ChatGPT plan": (
        _accepted("OAI_COVERAGE_6", "2027-11-19", "30 days", env=CHATGPT),
        _accepted("OAI_COVERAGE_6", "2026-12-19", "", env=CHATGPT),
    ),
    "a year's acceptance of a preview": (
        _accepted("OAI_AZURE_2", "2027-11-19", "30 days", env=AT_AZURE, policy=AZURE, said=_azure("models: [gpt-5.1-chat]")),
        _accepted("OAI_AZURE_2", "2026-12-19", "", env=AT_AZURE, policy=AZURE, said=_azure("models: [gpt-5.1-chat]")),
    ),
    "a year's acceptance of web grounding": (
        _accepted("OAI_AZURE_4", "2027-11-19", "30 days", env=AT_AZURE, policy=AZURE, said=_azure("models: [gpt-5]", "web_grounding")),
        _accepted("OAI_AZURE_4", "2026-12-19", "", env=AT_AZURE, policy=AZURE, said=_azure("models: [gpt-5]", "web_grounding")),
    ),
    "evaluations, which end on 30 November 2026": (
        replace(_declared("/v1/evals", "OAI_COVERAGE_1", "/v1/evals: the provider shut it down on 2026-11-30"), day="2026-11-30"),
        replace(_declared("/v1/batches"), day="2026-11-30"),
    ),
    "assistants, which were shut down": (
        _declared("/v1/assistants", "OAI_COVERAGE_1", "/v1/assistants: the provider shut it down on 2026-08-26"),
        _declared("/v1/files"),
    ),
    "an Azure path without a deployment": (
        _alone(_app(_env(AZURE_OPENAI_ENDPOINT="https://x.openai.azure.com/openai/dreams?api-version=2026-01-01")), "OAI_COVERAGE_9", "/v1/dreams"),
        Case({
            "app.yaml": _app(_env(AZURE_OPENAI_ENDPOINT="https://x.openai.azure.com/openai/responses?api-version=2026-01-01")),
            "openai-compliance.yaml": _azure("models: [gpt-5]"),
            "openai-policy.yaml": AZURE_POLICY,
        }),
    ),
    "a Global project at a regional host": (
        _declared("/v1/responses", "OAI_RESIDENCY_1", "per-request data residency", env=EU, policy=GLOBAL),
        _declared("/v1/responses", env=EU, policy=GLOBAL.replace("geography: global", "geography: global, per_request_residency: true")),
    ),
    "a variation of an image as a new one": (
        _declared("images.createVariation", "OAI_COVERAGE_1", "/v1/images/variations", policy=POLICY.replace("listed,", "strict,")),
        _declared("images.generate", models="[gpt-image-1]", policy=POLICY.replace("listed,", "strict,")),
    ),
    "a resource's name as an identifier": (
        _declared("/v1/files/{file_id}/file_batches", "OAI_DECLARATION_1", "unknown endpoint /v1/files/{file_id}/file_batches"),
        _declared("/v1/vector_stores/{id}/file_batches/vsfb_1/cancel"),
    ),
    "what may be used for PHI as what holds it": (
        _alone(_app(labels="compliance: hipaa"), "OAI_COVERAGE_9", "handles PHI"),
        _alone(_app(labels="compliance: hipaa-eligible")),
    ),
    "open weights that one serves oneself": (
        _alone(_app(_env(OPENAI_BASE_URL="http://llm-gateway.models.svc:8000/v1")), "OAI_COVERAGE_9", "llm-gateway.models.svc"),
        _alone(_app(_env(OPENAI_BASE_URL="http://gpt-oss-120b.models.svc:8000/v1"))),
    ),
    "open weights as a model of OpenAI's own": (
        _alone(_litellm("openai/gpt-4.1"), "OAI_COVERAGE_9", "api.openai.com"),
        _alone(_litellm("openai/gpt-oss-120b")),
    ),
    "an acceptance that excused the standard beside the specification": (
        _accepted("OAI_SECRET_1", "2027-05-19", "45 CFR 164.312(d)", env=LITERAL),
        _accepted("OAI_SECRET_1", "2027-05-19", "", env=LITERAL, more=", why_not: the machine has no store, equivalent_measure: the key opens one network alone"),
    ),
    "models that came after the names": (
        _alone(_app(NEW_MODEL), "OAI_COVERAGE_9", "models.internal"),
        _alone(_app(_env(OPENAI_BASE_URL="http://vllm.models.svc:8000/v1", OPENAI_MODEL="gpt-oss-120b"))),
    ),
}  # fmt: skip


def _told(folder: Path, case: Case) -> dict[str, str]:
    """What is said of the deployment, or of the declaration, by rule."""
    for name, text in case.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    found = scan_folder(Options(str(folder), today=case.day)).findings
    return {f.rule: f.message for f in found if ABOUT.match(f.rule)}


@pytest.mark.parametrize("error", READ_AGAIN)
def test_the_error_is_told_by_its_rule_and_row(tmp_path: Path, error: str) -> None:
    case = READ_AGAIN[error][0]
    told = _told(tmp_path, case)
    assert case.rule in told
    assert case.says in told[case.rule]


@pytest.mark.parametrize("error", READ_AGAIN)
def test_its_twin_is_not(tmp_path: Path, error: str) -> None:
    assert _told(tmp_path, READ_AGAIN[error][1]) == {}


def test_the_exemption_for_treatment_does_not_reach_a_vendor() -> None:
    terms = {s["id"]: s for s in load_yaml(schema_root() / "terms.yaml")["statements"]}
    said = terms["openai-minimum-necessary"]["statement"]
    assert "treatment is exempt" not in said
    assert "to a health care provider for treatment does not reach a vendor" in said


@pytest.mark.parametrize(
    ("endpoint", "note", "noted"),
    [
        ("/v1/chat/completions", "prompt_cache_24h", True),
        ("/v1/responses", "prompt_cache_24h", True),
        ("/v1/decisions", "prompt_cache_24h", True),
        ("/v1/embeddings", "prompt_cache_24h", False),
        ("/v1/responses", "audio_output_1h", True),
        ("/v1/chat/completions", "audio_output_1h", True),
        ("/v1/decisions", "audio_output_1h", False),
    ],
)
def test_the_notes_stand_at_every_row_that_the_page_gives_them(
    endpoint: str, note: str, noted: bool
) -> None:
    edition = load_catalogue().edition("openai", "2026-10")
    assert edition
    assert (note in edition.rows[endpoint].notes) is noted


def test_the_days_of_a_plan_are_no_grace_period_and_count_from_the_first_finding(
    tmp_path: Path,
) -> None:
    source = load_yaml(schema_root() / "exceptions.yaml")["plans"]["source"]
    assert "which is no grace period" in source
    assert "is not protected" in source
    renewed = READ_AGAIN["a year's acceptance of live web search"][1]
    for first, wrong in (("2026-10-01", True), ("2026-11-20", False)):
        files = dict(renewed.files)
        text = files["openai-compliance.yaml"]
        files["openai-compliance.yaml"] = text.replace(
            "approved_on:", f"first_accepted_on: {first}, approved_on:"
        )
        told = _told(tmp_path, replace(renewed, files=files))
        assert ("30 days" in told.get("OAI_DECLARATION_5", "")) is wrong
