"""A key that is named for a model or a platform, beside the model that tells whose it is, in every framework."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openai_phi.scanning.scan import Options, scan_folder

FILLED = "*"
"""A variable that is filled from elsewhere, in the framework's own words."""
Variables = dict[str, str]


def _kubernetes(name: str, variables: Variables) -> str:
    env = "".join(
        f"        - {{name: {n}, valueFrom: {{secretKeyRef: {{name: keys, key: k}}}}}}\n"
        if v == FILLED
        else f"        - {{name: {n}, value: {json.dumps(v)}}}\n"
        for n, v in variables.items()
    )
    return (
        f"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, labels: {{data-classification: phi}}}}\n"
        f"spec:\n  template:\n    spec:\n      containers:\n      - name: app\n        image: a:1\n        env:\n{env}"
    )


def _terraform(name: str, variables: Variables) -> str:
    inner = "".join(
        f"      {n} = {'var.key' if v == FILLED else json.dumps(v)}\n" for n, v in variables.items()
    )
    return (
        f'resource "aws_lambda_function" "{name}" {{\n  tags = {{ DataClassification = "PHI" }}\n'
        f"  environment {{\n    variables = {{\n{inner}    }}\n  }}\n}}\n"
    )


def _compose(name: str, variables: Variables) -> str:
    inner = "".join(
        f"      {n}: {'${KEY}' if v == FILLED else json.dumps(v)}\n" for n, v in variables.items()
    )
    return f"  {name}:\n    image: a:1\n    labels: {{data-classification: phi}}\n    environment:\n{inner}"


def _cloudformation(name: str, variables: Variables) -> str:
    inner = "".join(
        f"          {n}: {'!Ref Key' if v == FILLED else json.dumps(v)}\n"
        for n, v in variables.items()
    )
    return (
        f"  {name}:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        f"      Tags: [{{Key: DataClassification, Value: PHI}}]\n"
        f"      Environment:\n        Variables:\n{inner}"
    )


FRAMEWORKS = {
    "k8s.yaml": ("", _kubernetes),
    "main.tf": ('variable "key" { sensitive = true }\n', _terraform),
    "compose.yaml": ("services:\n", _compose),
    "stack.yaml": (
        "AWSTemplateFormatVersion: '2010-09-09'\nParameters:\n  Key: {Type: String, NoEcho: true}\nResources:\n",
        _cloudformation,
    ),
}
USES: dict[str, tuple[Variables, str]] = {
    "model": ({"LLM_API_KEY": FILLED, "LLM_MODEL": "gpt-5"}, "api.openai.com"),
    "prefixed": ({"API_KEY": FILLED, "MODEL": "openai/gpt-4.1"}, "api.openai.com"),
    "written": ({"LLM_API_KEY": "abc123def456", "LLM_MODEL": "gpt-5"}, "api.openai.com"),
    "router": ({"OPENROUTER_API_KEY": FILLED, "MODEL": "openai/gpt-5"}, "openrouter"),
    "routed": ({"MODEL": "openrouter/openai/gpt-4.1"}, "openrouter"),
    "vercel": ({"AI_GATEWAY_API_KEY": FILLED, "MODEL": "openai/gpt-5"}, "vercel"),
    "requesty": ({"REQUESTY_API_KEY": FILLED, "LLM_MODEL": "openai/gpt-4o"}, "requesty"),
    "github": ({"GITHUB_MODELS_TOKEN": FILLED, "MODEL": "openai/gpt-4.1"}, "github"),
}
NONE: dict[str, Variables] = {
    "other": {"LLM_API_KEY": FILLED, "LLM_MODEL": "llama-3"},
    "nokey": {"LLM_API_KEY": "none", "LLM_MODEL": "gpt-5"},
    "weights": {"API_KEY": FILLED, "MODEL": "openai/gpt-oss-120b"},
    "claude": {"OPENROUTER_API_KEY": FILLED, "MODEL": "anthropic/claude-sonnet-4"},
    "routedweights": {"OPENROUTER_API_KEY": FILLED, "MODEL": "openrouter/openai/gpt-oss-20b"},
    "groq": {"GROQ_API_KEY": FILLED, "MODEL": "groq/openai/gpt-oss-20b"},
    "hub": {"HF_TOKEN": FILLED, "HF_MODEL_ID": "openai/whisper-large-v3"},
    "nomodel": {"API_KEY": FILLED, "PORT": "8080"},
}


@pytest.mark.parametrize("file", FRAMEWORKS)
def test_the_model_tells_whose_key_it_is(tmp_path: Path, file: str) -> None:
    head, write = FRAMEWORKS[file]
    given = {n: v for n, (v, _) in USES.items()} | NONE
    text = head + "".join(write(name, variables) for name, variables in given.items())
    (tmp_path / file).write_text(text, encoding="utf-8")
    told: dict[str, dict[str, str]] = {name: {} for name in given}
    for finding in scan_folder(Options(str(tmp_path), today="2026-11-28")).findings:
        name = finding.resource.rpartition(".")[2]
        if name in told:
            told[name][finding.rule] = finding.message
    for name, (_, whose) in USES.items():
        assert whose in told[name].get("OAI_COVERAGE_9", ""), name
    assert {name: told[name] for name in NONE} == {name: {} for name in NONE}
