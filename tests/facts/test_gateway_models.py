"""Models of a gateway's list: a base that a variable gives is unknown, and the prefix names the provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.scanning.scan import Options, scan_folder

CONFIG = """apiVersion: v1
kind: ConfigMap
metadata: {{name: litellm-config, namespace: t}}
data:
  config.yaml: |
    model_list:
      - model_name: one
        litellm_params:
          model: {model}
{more}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: litellm, namespace: t, labels: {{data-classification: phi}}}}
spec:
  template:
    spec:
      volumes: [{{name: cfg, configMap: {{name: litellm-config}}}}]
      containers:
        - name: litellm
          image: ghcr.io/berriai/litellm:main-stable
          args: [--config, /app/config.yaml]
          volumeMounts: [{{name: cfg, mountPath: /app}}]
          {env}
"""
FROM_SECRET = "envFrom: [{secretRef: {name: litellm-env}}]"


def _said(folder: Path, model: str, env: str = FROM_SECRET, **more: str) -> dict[str, str]:
    """The rules that tell of the gateway, and what each says."""
    lines = "\n".join(f"          {k}: {v}" for k, v in more.items())
    text = CONFIG.format(model=model, more=lines, env=env)
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    found = scan_folder(Options(str(folder), today="2026-11-27")).findings
    return {f.rule: f.message for f in found if f.resource.endswith("litellm")}


@pytest.mark.parametrize(
    ("model", "more", "host"),
    [
        ("azure/gpt-4.1", {"api_base": "os.environ/AZURE_API_BASE", "api_key": "os.environ/AZURE_API_KEY"}, "azure-openai"),
        ("azure_ai/gpt-4.1", {"api_base": "os.environ/AZURE_AI_API_BASE", "api_key": "os.environ/K"}, "azure-openai"),
        ("openai/gpt-4.1", {"api_base": "os.environ/OPENAI_API_BASE", "api_key": "os.environ/OPENAI_API_KEY"}, "openai"),
        ("openai/gpt-6-luna", {}, "api.openai.com"),
        ("gpt-6.1-sol", {}, "api.openai.com"),
        ("openrouter/openai/gpt-4.1", {}, "third-party"),
        ("vercel_ai_gateway/openai/gpt-5", {}, "third-party"),
        ("github/gpt-4.1", {}, "third-party"),
        ("databricks/databricks-gpt-5", {}, "third-party"),
        ("chatgpt/gpt-5", {}, "chatgpt.com"),
        ("'*'", {}, "api.openai.com"),  # whatever is asked for
        ("openai/*", {}, "api.openai.com"),
    ],
)  # fmt: skip
def test_a_model_of_openai_is_a_use(
    tmp_path: Path, model: str, more: dict[str, str], host: str
) -> None:
    said = _said(tmp_path, model, **more)
    rule = "OAI_COVERAGE_6" if host == "chatgpt.com" else "OAI_COVERAGE_9"
    assert host in said[rule]


@pytest.mark.parametrize(
    ("model", "more"),
    [
        ("openai/gpt-oss-120b", {"api_base": "http://gpt-oss.models.svc:8000/v1", "api_key": "none"}),
        ("openai/gpt-oss-120b", {"api_base": "os.environ/VLLM_BASE", "api_key": "none"}),
        ("groq/openai/gpt-oss-120b", {"api_key": "os.environ/GROQ_API_KEY"}),
        ("openrouter/anthropic/claude-sonnet-4", {"api_key": "os.environ/OPENROUTER_API_KEY"}),
        ("github/mistral-large", {"api_key": "os.environ/GITHUB_API_KEY"}),
        ("databricks/databricks-claude-sonnet-4", {"api_key": "os.environ/DATABRICKS_API_KEY"}),
        ("hosted_vllm/llama-3", {"api_base": "os.environ/VLLM_BASE"}),
        ("anthropic/*", {"api_key": "os.environ/ANTHROPIC_API_KEY"}),
        ("ollama/*", {"api_base": "http://ollama.models.svc:11434"}),
        ("anthropic/claude-sonnet-4", {"api_base": "os.environ/ANTHROPIC_API_BASE"}),
    ],
)  # fmt: skip
def test_a_model_of_others_is_none(tmp_path: Path, model: str, more: dict[str, str]) -> None:
    assert _said(tmp_path, model, **more) == {}


def test_a_variable_that_the_program_gives_itself_is_known(tmp_path: Path) -> None:
    env = "env: [{name: OPENAI_API_BASE, value: 'http://vllm.models.svc:8000/v1'}]"
    base = {"api_base": "os.environ/OPENAI_API_BASE", "api_key": "none"}
    assert _said(tmp_path, "openai/llama-3", env, **base) == {}
