"""Parties on the way and receivers: who decrypts or stores needs an agreement, who only transmits does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic import COMPLIANCE, POLICY, WORKLOAD
from inprocess import analysis, found, named

OPENROUTER = {"OPENAI_BASE_URL": "https://openrouter.ai/api/v1"}
PROXY = {
    "HTTPS_PROXY": "http://user:word@proxy.clinic.example:3128",
    "NODE_EXTRA_CA_CERTS": "/ca.pem",
}
AGREED = "  - {kind: baa, provider: openrouter, hosts: [openrouter.ai], signed_on: 2026-10-01}\n"


def gateway(host: str, more: str) -> str:
    return f"gateways:\n  - {{host: {host}, {more}}}\n"


def clinic(folder: Path, env: dict[str, str], policy: str | None = "") -> Path:
    lines = "".join(f'            - {{name: {n}, value: "{v}"}}\n' for n, v in env.items())
    (folder / "notes.yaml").write_text(WORKLOAD + lines)
    (folder / "openai-compliance.yaml").write_text(COMPLIANCE)
    if policy is not None:
        (folder / "openai-policy.yaml").write_text(POLICY + policy)
    else:
        (folder / "openai-compliance.yaml").write_text(
            COMPLIANCE.replace("project: proj_clinic, ", "")
        )
    return folder


def rules(folder: Path, env: dict[str, str], policy: str | None = "") -> list[str]:
    return [n.split(" ")[0] for n in named(clinic(folder, env, policy), "kubernetes")]


FORWARDS = gateway(
    "openrouter.ai", "operated_by: openrouter, forwards_to: openai, project: proj_clinic"
)
OWN = gateway(
    "llm-gateway.clinic.example", "operated_by: self, forwards_to: openai, project: proj_clinic"
)
VENDOR = OWN.replace("operated_by: self", "operated_by: vendor")
CONDUIT = VENDOR.replace("forwards_to", "terminates_tls: false, forwards_to")
GATEWAY = {"OPENAI_BASE_URL": "https://llm-gateway.clinic.example/v1"}
PARTIES = {
    "a known third party without an agreement": (OPENROUTER, "", ["OAI_COVERAGE_5"]),
    "and what it forwards to recorded": (OPENROUTER, FORWARDS, ["OAI_COVERAGE_5"]),
    "with an agreement, and nobody knows where it forwards": (OPENROUTER, AGREED, ["OAI_COVERAGE_9"]),
    "with an agreement, forwarding to OpenAI": (OPENROUTER, AGREED + FORWARDS, []),
    "with an agreement that expired": (
        OPENROUTER, AGREED.replace("signed_on", "expires_on: 2026-11-01, signed_on") + FORWARDS, ["OAI_COVERAGE_5"],
    ),
    "with an agreement for another host": (
        OPENROUTER, AGREED.replace("[openrouter.ai]", "[eu.openrouter.ai]") + FORWARDS, ["OAI_COVERAGE_5"],
    ),
    "a third party that is said to be one's own": (
        OPENROUTER, FORWARDS.replace("operated_by: openrouter", "operated_by: self"), ["OAI_COVERAGE_5"],
    ),
    "a third party that cannot but decrypt": (
        OPENROUTER, FORWARDS.replace("forwards_to", "terminates_tls: false, forwards_to"), ["OAI_COVERAGE_5"],
    ),
    "a gateway that nothing tells of": (GATEWAY, "", ["OAI_COVERAGE_9"]),
    "a gateway of one's own": (GATEWAY, OWN, []),
    "a gateway of a vendor without an agreement": (GATEWAY, VENDOR, ["OAI_COVERAGE_5"]),
    "a vendor that only transmits": (GATEWAY, CONDUIT, []),
    "a proxy that can decrypt": (PROXY, "", ["OAI_COVERAGE_9"]),
    "a proxy of one's own": (PROXY, gateway("proxy.clinic.example", "operated_by: self"), []),
    "a proxy of a vendor": (PROXY, gateway("proxy.clinic.example", "operated_by: vendor"), ["OAI_COVERAGE_5"]),
    "a proxy without an own authority only transmits": ({"HTTPS_PROXY": "http://proxy.clinic.example:3128"}, "", []),
    "an own authority without a proxy": ({"SSL_CERT_FILE": "/ca.pem"}, "", []),
    "a proxy that the host is not sent through": (PROXY | {"NO_PROXY": "localhost,.openai.com"}, "", []),
    "ChatGPT": ({"OPENAI_BASE_URL": "https://chatgpt.com/backend-api"}, "", ["OAI_COVERAGE_6"]),
    "a plan without a BAA": ({"CHATGPT_PLAN": "team"}, "", ["OAI_COVERAGE_6"]),
    "a ChatGPT plan that a BAA may cover": (
        {"CHATGPT_PLAN": "enterprise"},
        "  - {kind: baa, provider: chatgpt, signed_on: 2026-10-01}\n",
        ["OAI_COVERAGE_9"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PARTIES)
def test_parties_on_the_way(case: str, tmp_path: Path) -> None:
    env, policy, expected = PARTIES[case]
    assert rules(tmp_path, env, policy) == expected


def test_without_a_policy_nothing_is_known_of_a_third_party(tmp_path: Path) -> None:
    assert rules(tmp_path, OPENROUTER, None) == ["OAI_COVERAGE_9"]


def test_a_proxy_is_named_without_its_password(tmp_path: Path) -> None:
    clinic(tmp_path, PROXY)
    (record,) = found(tmp_path, "kubernetes")
    text = str(record.details)
    assert "proxy proxy.clinic.example at notes.yaml:13" in text
    assert "word" not in text


LANGFUSE = {"LANGFUSE_PUBLIC_KEY": "pk-lf-1", "LANGFUSE_HOST": "https://hipaa.cloud.langfuse.com"}
OTEL = {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true"}
RECEIVERS = {
    "LangSmith": ({"LANGCHAIN_TRACING_V2": "true"}, "", ["OAI_COVERAGE_7"]),
    "LangSmith, content hidden": (
        {"LANGSMITH_TRACING": "true", "LANGSMITH_HIDE_INPUTS": "true", "LANGSMITH_HIDE_OUTPUTS": "1"}, "", [],
    ),
    "LangSmith, answers not hidden": (
        {"LANGSMITH_TRACING": "true", "LANGSMITH_HIDE_INPUTS": "true"}, "", ["OAI_COVERAGE_7"],
    ),
    "LangSmith, off": ({"LANGSMITH_TRACING": "false", "LANGSMITH_API_KEY": "lsv2"}, "", []),
    "LangSmith of one's own": (
        {"LANGSMITH_TRACING": "true", "LANGSMITH_ENDPOINT": "https://langsmith.clinic.example/api"}, "", [],
    ),
    "LangSmith with an agreement": (
        {"LANGSMITH_TRACING": "true"}, "  - {kind: baa, provider: langsmith, signed_on: 2026-10-01}\n", [],
    ),
    "Langfuse, its HIPAA region": (LANGFUSE, "", ["OAI_COVERAGE_7"]),
    "its HIPAA region, agreed": (
        LANGFUSE, "  - {kind: baa, provider: langfuse, hosts: [hipaa.cloud.langfuse.com], signed_on: 2026-02-01}\n", [],
    ),
    "another region than the agreed one": (
        LANGFUSE | {"LANGFUSE_HOST": "https://cloud.langfuse.com"},
        "  - {kind: baa, provider: langfuse, hosts: [hipaa.cloud.langfuse.com], signed_on: 2026-02-01}\n",
        ["OAI_COVERAGE_7"],
    ),
    "Langfuse in the cluster": (LANGFUSE | {"LANGFUSE_HOST": "http://langfuse:3000"}, "", []),
    "message content to a vendor": (
        OTEL | {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://api.honeycomb.io"}, "", ["OAI_COVERAGE_7"],
    ),
    "message content to nobody knows whom": (
        OTEL | {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://otlp.example.org"}, "", ["OAI_COVERAGE_9"],
    ),
    "and the policy says that it is one's own": (
        OTEL | {"OTEL_EXPORTER_OTLP_ENDPOINT": "https://otlp.example.org"},
        gateway("otlp.example.org", "operated_by: self"),
        [],
    ),
    "message content to one's own collector": (
        OTEL | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.telemetry.svc.cluster.local:4317"}, "", [],
    ),
    "spans without content": ({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://api.honeycomb.io"}, "", []),
    "tracing of the agents SDK": ({"OPENAI_AGENTS_DISABLE_TRACING": "0"}, "", ["OAI_COVERAGE_9"]),
    "which is off": ({"OPENAI_AGENTS_DISABLE_TRACING": "1", "OPENAI_AGENTS_X": "1"}, "", []),
    "a debug log": ({"OPENAI_LOG": "debug"}, "", ["OAI_COVERAGE_7"]),
    "a gateway's debug log": ({"LITELLM_LOG": "DEBUG"}, "", ["OAI_COVERAGE_7"]),
    "a verbose gateway": ({"SET_VERBOSE": "true"}, "", ["OAI_COVERAGE_7"]),
    "a gateway's log of payloads": ({"LOG_PAYLOADS": "true"}, "", ["OAI_COVERAGE_7"]),
    "one without payloads": ({"LOG_PAYLOADS": "false"}, "", []),
    "prompts in the log of spending": ({"STORE_PROMPTS_IN_SPEND_LOGS": "true"}, "", ["OAI_COVERAGE_7"]),
    "another log": ({"OPENAI_LOG": "info"}, "", []),
    "Sentry with personal data": (
        {"SENTRY_SEND_DEFAULT_PII": "true", "SENTRY_DSN": "https://k@o1.ingest.us.sentry.io/1"}, "", ["OAI_COVERAGE_7"],
    ),
    "Sentry without": ({"SENTRY_DSN": "https://k@o1.ingest.us.sentry.io/1"}, "", []),
    "Pinecone": ({"PINECONE_API_KEY": "pc"}, "", ["OAI_COVERAGE_7"]),
    "Weaviate Cloud": ({"WEAVIATE_URL": "https://x.c0.us-east1.gcp.weaviate.cloud"}, "", ["OAI_COVERAGE_7"]),
    "Weaviate in the cluster": ({"WEAVIATE_URL": "http://weaviate.ai.svc"}, "", []),
    "Qdrant Cloud": ({"QDRANT_URL": "https://a.eu-central-1-0.aws.cloud.qdrant.io:6333"}, "", ["OAI_COVERAGE_7"]),
    "Zilliz": ({"MILVUS_URI": "https://in03-a.serverless.gcp-us-west1.cloud.zilliz.com"}, "", ["OAI_COVERAGE_7"]),
    "Astra DB": ({"ASTRA_DB_APPLICATION_TOKEN": "AstraCS:x"}, "", ["OAI_COVERAGE_7"]),
    "Datadog": ({"DD_LLMOBS_ENABLED": "1"}, "", ["OAI_COVERAGE_7"]),
    "Datadog, its site": ({"DD_LLMOBS_ENABLED": "1", "DD_SITE": "datadoghq.eu"}, "", ["OAI_COVERAGE_7"]),
    "Datadog for metrics alone": ({"DD_SITE": "datadoghq.eu"}, "", []),
    "Datadog, switched off": ({"DD_LLMOBS_ENABLED": "false", "DD_SITE": "datadoghq.eu"}, "", []),
    "Helicone": ({"HELICONE_API_KEY": "h"}, "", ["OAI_COVERAGE_7"]),
    "Helicone on the way": ({"OPENAI_BASE_URL": "https://oai.helicone.ai/v1"}, "", ["OAI_COVERAGE_5"]),
    "Helicone of one's own": ({"HELICONE_API_KEY": "h", "HELICONE_BASE_URL": "http://helicone:8585"}, "", []),
    "Traceloop": ({"TRACELOOP_API_KEY": "t"}, "", ["OAI_COVERAGE_7"]),
    "Traceloop, content hidden": ({"TRACELOOP_API_KEY": "t", "TRACELOOP_TRACE_CONTENT": "false"}, "", []),
    "Weights & Biases": ({"WANDB_API_KEY": "w"}, "", ["OAI_COVERAGE_7"]),
    "Weights & Biases, offline": ({"WANDB_API_KEY": "w", "WANDB_MODE": "offline"}, "", []),
    "Braintrust": ({"BRAINTRUST_API_KEY": "b"}, "", ["OAI_COVERAGE_7"]),
    "Phoenix in the cloud": ({"PHOENIX_COLLECTOR_ENDPOINT": "https://app.phoenix.arize.com"}, "", ["OAI_COVERAGE_7"]),
    "Phoenix of one's own": ({"PHOENIX_COLLECTOR_ENDPOINT": "http://phoenix:6006"}, "", []),
}  # fmt: skip


CALLBACKS = [
    "langsmith",
    "langfuse",
    "langfuse_otel",
    "helicone",
    "traceloop",
    "datadog",
    "braintrust",
]


@pytest.mark.parametrize("name", CALLBACKS)
@pytest.mark.parametrize("setting", ["SUCCESS_CALLBACK", "FAILURE_CALLBACK", "CALLBACKS"])
def test_a_callback_of_a_gateway(name: str, setting: str, tmp_path: Path) -> None:
    assert rules(tmp_path, {setting: name}, "") == ["OAI_COVERAGE_7"]


@pytest.mark.parametrize("case", RECEIVERS)
def test_who_else_receives_content(case: str, tmp_path: Path) -> None:
    env, policy, expected = RECEIVERS[case]
    assert rules(tmp_path, env, policy) == expected


def test_a_debug_log_is_no_third_party(tmp_path: Path) -> None:
    (record,) = found(clinic(tmp_path, {"OPENAI_LOG": "debug"}), "kubernetes")
    assert (record.severity.name, record.file_line_range) == ("MEDIUM", [13, 13])
    assert [a.verdict.value for a in analysis(tmp_path, "kubernetes").assessments] == ["covered"]


def test_settings_that_only_a_config_map_holds(tmp_path: Path) -> None:
    clinic(tmp_path, {})
    text = (tmp_path / "notes.yaml").read_text().replace(
        "          env:", "          envFrom: [{configMapRef: {name: tracing}}]\n          env:"
    )  # fmt: skip
    (tmp_path / "notes.yaml").write_text(
        f"{text}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: tracing, namespace: clinic}}\n"
        'data: {LANGSMITH_TRACING: "true"}\n'
    )
    assert named(tmp_path, "kubernetes") == ["OAI_COVERAGE_7 Deployment.clinic.notes"]


def test_what_a_gateway_passes_on_counts_at_its_caller(tmp_path: Path) -> None:
    clinic(tmp_path, {})
    text = WORKLOAD.replace("            - {name: OPENAI_API_KEY", "            - {name: X")
    caller = text[: text.index("            - {name: X")] + (
        '            - {name: MODELS, value: "https://litellm:4000"}\n'
    )
    gateway_of_ours = """---
apiVersion: apps/v1
kind: Deployment
metadata: {name: litellm, namespace: clinic}
spec:
  template:
    metadata: {labels: {app: litellm}}
    spec:
      containers:
        - name: litellm
          image: ghcr.io/berriai/litellm:main
          volumeMounts: [{name: c, mountPath: /app}]
          env:
            - {name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: openai, key: OPENAI_API_KEY}}}
      volumes: [{name: c, configMap: {name: litellm}}]
---
apiVersion: v1
kind: Service
metadata: {name: litellm, namespace: clinic}
spec: {selector: {app: litellm}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: litellm, namespace: clinic}
data:
  config.yaml: |
    model_list: [{model_name: n, litellm_params: {model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY}}]
    litellm_settings: {success_callback: [langfuse]}
    general_settings: {store_prompts_in_spend_logs: true}
"""
    (tmp_path / "notes.yaml").write_text(caller + gateway_of_ours)
    assert named(tmp_path, "kubernetes") == [
        "OAI_COVERAGE_7 Deployment.clinic.notes",
        "OAI_COVERAGE_7 Deployment.clinic.notes",
    ]


SIDECAR = """        - name: proxy
          image: ghcr.io/berriai/litellm:main
          env:
"""
ON = {"LANGSMITH_TRACING": "true"}
HIDDEN = {"LANGSMITH_HIDE_INPUTS": "true", "LANGSMITH_HIDE_OUTPUTS": "true"}
AT_HOME = {"LANGSMITH_ENDPOINT": "https://langsmith.clinic.example"}
CONTAINERS = {
    "hidden where it is on": (ON | HIDDEN, {}, False),
    "hidden in the other one": (ON, HIDDEN, True),
    "on in both, hidden in one": (ON, ON | HIDDEN, True),
    "on in both, hidden in both": (ON | HIDDEN, ON | HIDDEN, False),
    "one's own host in the other one": (ON, AT_HOME, True),
    "off in the other one": (ON, {"LANGSMITH_TRACING": "false"}, True),
}


@pytest.mark.parametrize("case", CONTAINERS)
def test_each_container_hides_its_own_content(case: str, tmp_path: Path) -> None:
    one, other, told = CONTAINERS[case]
    clinic(tmp_path, one)
    lines = "".join(f'            - {{name: {n}, value: "{v}"}}\n' for n, v in other.items())
    with (tmp_path / "notes.yaml").open("a") as file:
        file.write(SIDECAR + lines + "            - {name: PORT, value: '1'}\n")
    expected = ["OAI_COVERAGE_7 Deployment.clinic.notes"] if told else []
    assert named(tmp_path, "kubernetes") == expected


MOUNTED = """---
apiVersion: v1
kind: ConfigMap
metadata: {name: proxy, namespace: clinic}
data:
  config.yaml: |
    litellm_settings: {success_callback: [langfuse], turn_off_message_logging: HIDES}
"""


@pytest.mark.parametrize(("hides", "at", "told"), [
    ("true", 1, False), ("false", 1, True), ("true", 0, True),
])  # fmt: skip
def test_what_a_mounted_file_hides_it_hides_for_who_mounts_it(
    hides: str, at: int, told: bool, tmp_path: Path
) -> None:
    clinic(tmp_path, {})
    mount = "          volumeMounts: [{name: c, mountPath: /app}]\n"
    sidecar = SIDECAR.replace("          env:\n", (mount if at else "") + "          env:\n")
    text = (
        WORKLOAD.replace("          env:\n", ("" if at else mount) + "          env:\n") + sidecar
    )
    text += "            - {name: LANGFUSE_PUBLIC_KEY, value: pk-lf-1}\n"
    text += "      volumes: [{name: c, configMap: {name: proxy}}]\n"
    (tmp_path / "notes.yaml").write_text(text + MOUNTED.replace("HIDES", hides))
    assert bool(named(tmp_path, "kubernetes")) is told


NOWHERE = gateway("llm-gateway.clinic.example", "operated_by: self, forwards_to: none")


def test_a_model_of_ones_own_forwards_nothing(tmp_path: Path) -> None:
    assert rules(tmp_path, GATEWAY, NOWHERE) == []
    (use,) = analysis(tmp_path, "kubernetes").assessments
    assert (use.verdict.value, use.assurance.word) == ("covered", "attested")


@pytest.mark.parametrize("host", ["api.openai.com", "openrouter.ai", "chatgpt.com"])
def test_nobody_can_declare_a_provider_a_model_of_ones_own(tmp_path: Path, host: str) -> None:
    env = {"OPENAI_BASE_URL": f"https://{host}/v1"}
    declared = gateway(host, "operated_by: self, forwards_to: none")
    for name in ("without", "declared"):  # declarations are read once a folder
        (tmp_path / name).mkdir()
    without = rules(tmp_path / "without", env)
    found = rules(tmp_path / "declared", env, declared)
    assert set(without) <= set(found), "nothing that was found may be gone"
    assert (
        found == without or host == "openrouter.ai"
    )  # there, what it forwards to is asked as well
