"""Names of variables, hosts and models that mean a use of OpenAI's models, each beside its look-alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.scanning.scan import Options, scan_folder

SECRET = "*"
"""A variable that is filled from a secret."""
REAL_KEY = ("OPENAI_API_KEY", SECRET)

# what a PHI workload's variables say; which rule tells of it
USES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    # hosts of Azure OpenAI and of Foundry
    "slash": ("OAI_COVERAGE_9", [("AZURE_OPENAI_ENDPOINT", "https://x.cognitiveservices.azure.com/")]),
    "no-slash": ("OAI_COVERAGE_9", [("AZURE_OPENAI_ENDPOINT", "https://x.cognitiveservices.azure.com")]),
    "foundry-slash": ("OAI_COVERAGE_9", [("AZURE_OPENAI_ENDPOINT", "https://x.services.ai.azure.com/")]),
    "foundry-models": ("OAI_COVERAGE_9", [("MODEL_URL", "https://x.services.ai.azure.com/models")]),
    "foundry-project": ("OAI_COVERAGE_9", [("AGENT_URL", "https://x.services.ai.azure.com/api/projects/p")]),
    "other-path": ("OAI_COVERAGE_9", [("AZURE_OPENAI_ENDPOINT", "https://x.cognitiveservices.azure.com/mine")]),
    "government": ("OAI_COVERAGE_9", [("AZURE_OPENAI_ENDPOINT", "https://x.cognitiveservices.azure.us/")]),
    "government-foundry": ("OAI_COVERAGE_9", [("LLM_URL", "https://x.services.ai.azure.us/openai/v1/")]),
    "china": ("OAI_COVERAGE_9", [("AZURE_OPENAI_ENDPOINT", "https://x.openai.azure.cn/")]),
    "regional": ("OAI_COVERAGE_9", [("AZURE_OPENAI_ENDPOINT", "https://eastus.api.cognitive.microsoft.com/")]),
    "regional-path": ("OAI_COVERAGE_9", [("LLM", "https://eastus.api.cognitive.microsoft.com/openai/v1")]),
    "management-us": ("OAI_COVERAGE_9", [REAL_KEY, ("OPENAI_BASE_URL", "https://x.azure-api.us/openai")]),
    # gateways and platforms of others
    "github": ("OAI_COVERAGE_9", [("OPENAI_BASE_URL", "https://models.github.ai/inference")]),
    "github-azure": ("OAI_COVERAGE_9", [("LLM_URL", "https://models.inference.ai.azure.com")]),
    "helicone-eu": ("OAI_COVERAGE_9", [("OPENAI_BASE_URL", "https://eu.helicone.ai/v1")]),
    "requesty": ("OAI_COVERAGE_9", [("OPENAI_BASE_URL", "https://router.requesty.ai/v1")]),
    "truefoundry": ("OAI_COVERAGE_9", [("OPENAI_BASE_URL", "https://gateway.truefoundry.ai/v1")]),
    "braintrust": ("OAI_COVERAGE_9", [("OPENAI_BASE_URL", "https://api.braintrust.dev/v1/proxy")]),
    "braintrust-gateway": ("OAI_COVERAGE_9", [("OPENAI_BASE_URL", "https://gateway.braintrust.dev/v1")]),
    "martian": ("OAI_COVERAGE_9", [("OPENAI_BASE_URL", "https://api.withmartian.com/v1")]),
    "databricks": ("OAI_COVERAGE_9", [("OPENAI_BASE_URL", "https://a-1.cloud.databricks.com/serving-endpoints")]),
    "databricks-azure": ("OAI_COVERAGE_9", [("OPENAI_BASE_URL", "https://adb-1.2.azuredatabricks.net/serving-endpoints")]),
    "snowflake": ("OAI_COVERAGE_9", [("OPENAI_BASE_URL", "https://a.snowflakecomputing.com/api/v2/cortex/v1")]),
    # variables of programs
    "inference": ("OAI_COVERAGE_9", [("AZURE_INFERENCE_ENDPOINT", "https://x.services.ai.azure.com/models")]),
    "inference-key": ("OAI_COVERAGE_9", [("AZURE_INFERENCE_CREDENTIAL", SECRET)]),
    "foundry-key": ("OAI_COVERAGE_9", [("AZURE_FOUNDRY_API_KEY", SECRET)]),
    "ai-key": ("OAI_COVERAGE_9", [("AZURE_AI_API_KEY", SECRET)]),
    "project": ("OAI_COVERAGE_9", [("AZURE_AI_PROJECT_ENDPOINT", "https://x.services.ai.azure.com/api/projects/p")]),
    "librechat-dalle": ("OAI_COVERAGE_9", [("DALLE3_API_KEY", SECRET)]),
    "librechat-dalle-2": ("OAI_COVERAGE_9", [("DALLE_API_KEY", SECRET)]),
    "librechat-image": ("OAI_COVERAGE_9", [("IMAGE_GEN_OAI_API_KEY", SECRET)]),
    "librechat-assistants": ("OAI_COVERAGE_1", [("ASSISTANTS_API_KEY", SECRET)]),
    "librechat-endpoints": ("OAI_COVERAGE_1", [("ENDPOINTS", "openAI,assistants,anthropic")]),
    "codex": ("OAI_COVERAGE_9", [("CODEX_API_KEY", SECRET)]),
    "spring": ("OAI_COVERAGE_9", [("SPRING_AI_MODEL_CHAT", "openai")]),
    "spring-azure": ("OAI_COVERAGE_9", [("SPRING_AI_MODEL_CHAT", "azure-openai")]),
    "lightrag": ("OAI_COVERAGE_9", [("LLM_BINDING", "openai")]),
    "webui-rag": ("OAI_COVERAGE_9", [("RAG_EMBEDDING_ENGINE", "openai")]),
    "webui-stt": ("OAI_COVERAGE_9", [("AUDIO_STT_ENGINE", "openai")]),
    "webui-tts": ("OAI_COVERAGE_9", [("AUDIO_TTS_ENGINE", "openai")]),
    "webui-image": ("OAI_COVERAGE_9", [("IMAGE_GENERATION_ENGINE", "openai")]),
    "copilot-chat": ("OAI_COVERAGE_9", [("Global__LlmService", "AzureOpenAI")]),
    "conversation": ("OAI_COVERAGE_1", [("OPENAI_CONVERSATION_ID", "conv_68b0a1c2")]),
    "container": ("OAI_COVERAGE_9", [("OPENAI_CONTAINER_ID", "cntr_68b0a1c2")]),
    "prompt": ("OAI_COVERAGE_9", [("OPENAI_PROMPT_ID", "pmpt_68b0a1c2")]),
    "workflow": ("OAI_COVERAGE_9", [("CHATKIT_WORKFLOW_ID", "wf_68b0a1c2")]),
    "residency": ("OAI_COVERAGE_9", [("OPENAI_DATA_RESIDENCY", "eu")]),
}  # fmt: skip

# what the finding says besides: whom an agreement is missing with, or which endpoint is called
SAYS = {
    "github": "an agreement with github", "github-azure": "an agreement with github",
    "helicone-eu": "an agreement with helicone", "requesty": "an agreement with requesty",
    "truefoundry": "an agreement with truefoundry", "braintrust": "an agreement with braintrust",
    "martian": "an agreement with martian", "databricks": "an agreement with databricks",
    "snowflake": "an agreement with snowflake", "librechat-image": "/v1/images/generations",
    "webui-rag": "/v1/embeddings", "webui-stt": "/v1/audio/transcriptions",
    "webui-tts": "/v1/audio/speech", "container": "/v1/containers", "prompt": "/v1/prompts",
    "workflow": "/v1/chatkit/sessions", "foundry-models": "which endpoints are used is not declared",
    "codex": "api.openai.com", "spring-azure": "an unknown host of azure-openai",
}  # fmt: skip

# the same words where they mean something else
LOOK_ALIKES: dict[str, list[tuple[str, str]]] = {
    "speech": [("AZURE_SPEECH_ENDPOINT", "https://x.cognitiveservices.azure.com/")],
    "documents": [("DOCUMENT_INTELLIGENCE_ENDPOINT", "https://x.cognitiveservices.azure.com/")],
    "forms": [("FORM_RECOGNIZER_ENDPOINT", "https://x.cognitiveservices.azure.com/")],
    "translator-path": [("TEXT_URL", "https://x.cognitiveservices.azure.com/translator/text/v3.0")],
    "regional-speech": [("SPEECH_URL", "https://eastus.api.cognitive.microsoft.com/")],
    "regional-token": [("STS", "https://eastus.api.cognitive.microsoft.com/sts/v1.0/issueToken")],
    "claude-in-foundry": [("CLAUDE_URL", "https://x.services.ai.azure.com/anthropic/v1/messages")],
    "search": [("AZURE_AI_SEARCH_ENDPOINT", "https://x.search.windows.net"), ("AZURE_AI_SEARCH_API_KEY", SECRET)],
    "maas": [("LLAMA_URL", "https://l.eastus2.models.ai.azure.com")],
    "warehouse": [("SNOWFLAKE_URL", "https://a.snowflakecomputing.com/api/v2/statements")],
    "own-serving": [("SERVING_URL", "https://a-1.cloud.databricks.com/serving-endpoints/readmission/invocations")],
    "braintrust-logs": [("BT_APP", "https://www.braintrust.dev/app")],
    "spring-ollama": [("SPRING_AI_MODEL_CHAT", "ollama")],
    "lightrag-own": [("LLM_BINDING", "ollama"), ("LLM_BINDING_HOST", "http://ollama:11434")],
    "lightrag-vllm": [("LLM_BINDING", "openai"), ("LLM_BINDING_HOST", "http://vllm.models.svc:8000/v1")],
    "webui-local": [("RAG_EMBEDDING_ENGINE", ""), ("AUDIO_STT_ENGINE", "whisper")],
    "own-endpoints": [("ENDPOINTS", "patients,visits")],
    "workflow-id": [("WORKFLOW_ID", "wf_68b0a1c2")],
    "gpt-oss": [("OPENAI_API_KEY", "none"), ("OPENAI_BASE_URL", "http://gpt-oss-120b.models.svc:8000/v1")],
    "github-rest": [("GITHUB_URL", "https://api.github.com/models")],
}  # fmt: skip


def _manifest(name: str, variables: list[tuple[str, str]]) -> str:
    env = "".join(
        f"            - {{name: {n}, valueFrom: {{secretKeyRef: {{name: keys, key: k}}}}}}\n"
        if value == SECRET
        else f"            - {{name: {n}, value: {value!r}}}\n"
        for n, value in variables
    )
    return (
        "apiVersion: apps/v1\nkind: Deployment\n"
        f"metadata: {{name: {name}, namespace: t, labels: {{data-classification: phi}}}}\n"
        "spec:\n  template:\n    spec:\n      containers:\n"
        f"        - name: app\n          image: registry.example.org/app:1\n          env:\n{env}"
    )


def _scanned(folder: Path, given: dict[str, list[tuple[str, str]]]) -> dict[str, dict[str, str]]:
    """Each workload -> the rules that tell of it, and what each says."""
    texts = [_manifest(name, variables) for name, variables in given.items()]
    (folder / "all.yaml").write_text("---\n".join(texts), encoding="utf-8")
    out: dict[str, dict[str, str]] = {name: {} for name in given}
    for finding in scan_folder(Options(str(folder), today="2026-11-27")).findings:
        name = finding.resource.rpartition(".")[2]
        if name in out:
            out[name][finding.rule] = finding.message
    return out


@pytest.fixture(scope="module")
def uses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    return _scanned(tmp_path_factory.mktemp("uses"), {n: v for n, (_, v) in USES.items()})


@pytest.fixture(scope="module")
def innocents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    return _scanned(tmp_path_factory.mktemp("innocents"), LOOK_ALIKES)


@pytest.mark.parametrize("name", USES)
def test_a_name_of_a_use(uses: dict[str, dict[str, str]], name: str) -> None:
    assert USES[name][0] in uses[name]
    assert SAYS.get(name, "") in uses[name][USES[name][0]]


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_look_alike_is_none(innocents: dict[str, dict[str, str]], name: str) -> None:
    assert innocents[name] == {}
