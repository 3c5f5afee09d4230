"""A platform that serves OpenAI's models under a key of its own is a party with an agreement of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic import WORKLOAD
from inprocess import told, write

KEY = "{{name: {0}, valueFrom: {{secretKeyRef: {{name: platform, key: k}}}}}}"
HEAD = WORKLOAD.rpartition("            - {name: OPENAI_API_KEY")[0]


def uses(folder: Path, *variables: str) -> list[str]:
    text = HEAD + "".join(f"            - {v}\n" for v in variables)
    return told(write(folder, a_yaml=text), "kubernetes").get("Deployment.clinic.notes", ("", []))[
        1
    ]


@pytest.mark.parametrize(
    ("key", "host"),
    [
        ("OPENROUTER_API_KEY", "openrouter.ai"),
        ("MY_OPEN_ROUTER_KEY", "openrouter.ai"),
        ("AI_GATEWAY_API_KEY", "ai-gateway.vercel.sh"),
        ("REQUESTY_API_KEY", "router.requesty.ai"),
        ("GITHUB_MODELS_TOKEN", "models.github.ai"),
    ],
)
def test_its_key_beside_a_model_of_openai(tmp_path: Path, key: str, host: str) -> None:
    model = "{name: MODEL, value: openai/gpt-4o}"
    assert uses(tmp_path, KEY.format(key), model) == [f"third-party {host}"]
    (tmp_path / "own").mkdir()
    own = uses(tmp_path / "own", KEY.format(key), KEY.format("OPENAI_API_KEY"), model)
    assert own == ["openai api.openai.com"]


@pytest.mark.parametrize(
    ("model", "host"),
    [
        ("openrouter/openai/gpt-4o", "openrouter.ai"),
        ("vercel_ai_gateway/openai/gpt-5", "ai-gateway.vercel.sh"),
        ("requesty/openai/gpt-4o-mini", "router.requesty.ai"),
        ("github/gpt-4o", "models.github.ai"),
    ],
)
def test_its_prefix_of_a_model(tmp_path: Path, model: str, host: str) -> None:
    said = uses(tmp_path, f"{{name: LLM_MODEL, value: {model}}}")
    assert said == [f"third-party {host}"]


@pytest.mark.parametrize(
    "model",
    [
        "anthropic/claude-sonnet-4",
        "openrouter/anthropic/claude-sonnet-4",
        "openrouter/openai/gpt-oss-120b",
        "github/llama-3",
    ],
)
def test_models_of_others_are_no_use(tmp_path: Path, model: str) -> None:
    assert not uses(tmp_path, KEY.format("OPENROUTER_API_KEY"), f"{{name: MODEL, value: {model}}}")
