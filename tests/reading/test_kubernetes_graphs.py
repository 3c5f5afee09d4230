"""What is read in Kubernetes manifests: places of OpenAI use, PHI, links, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import analysis, named, told

OPENAI = ["openai api.openai.com"]


def pod(
    *,
    name: str = "a",
    env: str = "",
    labels: str = '{phi: "true"}',
    image: str = "registry.example.org/a:1",
    namespace: str = "",
    annotations: str = "{}",
    more: str = "",
) -> str:
    space = f"  namespace: {namespace}\n" if namespace else ""
    lines = "".join(f"        {line}\n" for line in env.strip().splitlines())
    variables = f"      env:\n{lines}" if env else ""
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\n{space}  labels: {labels}\n"
        f"  annotations: {annotations}\nspec:\n  containers:\n    - name: app\n      image: {image}\n"
        f"{variables}{more}"
    )


def value(name: str, text: str) -> str:
    return f"- name: {name}\n  value: {text}\n"


def key(name: str = "OPENAI_API_KEY", secret: str = "openai") -> str:
    return f"- name: {name}\n  valueFrom: {{secretKeyRef: {{name: {secret}, key: k}}}}\n"


def read(tmp_path: Path, *documents: str) -> dict[str, tuple[str, list[str]]]:
    (tmp_path / "all.yaml").write_text("---\n".join(documents))
    return told(tmp_path, "kubernetes")


USES = {
    "a key and no base URL": (key(), OPENAI),
    "odd spelling": (key("OPEN_AI_KEY"), OPENAI),
    "a prefix of the application": (key("DISPATCH_OPENAI_API_KEY"), OPENAI),
    "a numbered key": (key("AZURE_OPENAI_API_KEY_2"), ["azure-openai None"]),
    "a key's secret by name": (value("OPENAI_SECRET_NAME", "prod/openai"), OPENAI),
    "a base URL": (value("OPENAI_BASE_URL", "https://eu.api.openai.com/v1"), ["openai eu.api.openai.com"]),
    "a list joined by semicolons": (
        value("OPENAI_API_BASE_URLS", "http://vllm:8000/v1;https://api.openai.com/v1"), OPENAI,
    ),
    "a full URL": (
        value("SUMMARY_URL", "https://api.openai.com/v1/chat/completions"),
        ["openai api.openai.com /v1/chat/completions"],
    ),
    "a model that decides the endpoint": (
        key() + value("OPENAI_EMBEDDING_MODEL", "text-embedding-3-small"),
        ["openai api.openai.com /v1/embeddings"],
    ),
    "an assistant's id": (
        key() + value("OPENAI_ASSISTANT_ID", "asst_abc123def"), ["openai api.openai.com /v1/assistants"],
    ),
    "an allowlist": (
        key() + value("OPENAI_ALLOWED_ENDPOINTS", '"/v1/responses, embeddings"'),
        ["openai api.openai.com /v1/embeddings,/v1/responses"],
    ),
    "Azure by its type": (
        key() + value("OPENAI_API_TYPE", "azure"), ["azure-openai None"],
    ),
    "Azure by its endpoint": (
        key("AZURE_OPENAI_API_KEY") + value("AZURE_OPENAI_ENDPOINT", "https://x.openai.azure.com/"),
        ["azure-openai x.openai.azure.com"],
    ),
    "a gateway by its name": (
        key() + value("OPENAI_BASE_URL", "http://litellm.ai.svc:4000/v1"), ["gateway litellm.ai.svc"],
    ),
    "a third party": (
        key() + value("OPENAI_BASE_URL", "https://openrouter.ai/api/v1"), ["third-party openrouter.ai"],
    ),
    "ChatGPT": (value("AI_URL", "https://chatgpt.com/backend-api"), ["chatgpt chatgpt.com"]),
    "JSON in a variable": (
        value("CONFIG", """'{"openai": {"apiKey": "sk-abcdefghijklmnopqrstuvwx"}}'"""), OPENAI,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", USES)
def test_uses(tmp_path: Path, case: str) -> None:
    env, uses = USES[case]
    assert read(tmp_path, pod(env=env)) == {"Pod.a": ("phi", uses)}


LOOK_ALIKES = {
    "a protocol's server": pod(image="vllm/vllm-openai:v0.6"),
    "its entrypoint": pod(more='      command: ["python", "-m", "vllm.entrypoints.openai.api_server"]\n'),
    "a model served by oneself": pod(env=value("MODEL", "openai/whisper-base")),
    "another vendor's path": pod(
        env=key("GROQ_API_KEY") + value("LLM_URL", "https://api.groq.com/openai/v1")
    ),
    "an empty key": pod(env=value("OPENAI_API_KEY", '""')),
    "a fake key": pod(env=value("OPENAI_API_KEY", "fake-key")),
    "a fake key beside a model": pod(
        env=value("OPENAI_API_KEY", "fake") + value("OPENAI_MODEL", "llama3")
    ),
    "xxx": pod(env=value("OPENAI_API_KEY", "xxx")),
    "none": pod(env=value("OPENAI_API_KEY", "none")),
    "switched off": pod(env=value("ENABLE_OPENAI_API", '"false"') + key()),
    "commented out": pod(env=value("PORT", '"80"')) + "#  - name: OPENAI_API_KEY\n#    value: sk-abc\n",
    "a description": pod(annotations="{description: asks api.openai.com for summaries}"),
    "a network policy": (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: openai}\nspec: {podSelector: {}}\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LOOK_ALIKES)
def test_what_only_looks_like_a_use(tmp_path: Path, case: str) -> None:
    assert read(tmp_path, LOOK_ALIKES[case]) == {}


PHI = {
    '{phi: "true"}': "phi",
    "{Compliance: HIPAA}": "phi",
    "{compliance: hipaa.fda}": "phi",
    "{data-classification: phi}": "phi",
    "{example.com/data-classification: PHI}": "phi",
    "{hipaa: in-scope}": "phi",
    "{openai-compliance/data: phi}": "phi",
    '{contains_phi: "true"}': "phi",
    "{ComplianceScope: HIPAA-BAA}": "phi",
    '{phi: "false"}': "not_phi",
    '{HIPAA: "false"}': "not_phi",
    "{data-classification: no-phi}": "not_phi",
    "{data-classification: PII}": "unclassified",
    "{model: phi-4}": "unclassified",
    "{app: phi-4-server}": "unclassified",
    "{note: be-patient}": "unclassified",
    "{openai-compliance/data: none}": "not_phi",
}


@pytest.mark.parametrize("labels", PHI)
def test_phi_by_labels(tmp_path: Path, labels: str) -> None:
    assert read(tmp_path, pod(labels=labels, env=key()))["Pod.a"][0] == PHI[labels]


@pytest.mark.parametrize(
    ("image", "status"),
    [
        ("hapiproject/hapi:v7", "phi"),
        ("docker.io/healthsamurai/aidboxone:stable", "phi"),
        ("ghcr.io/acme/orthanc-server:1", "phi"),
        ("registry.example.org/patient-portal:1", "suspected"),
        ("registry.example.org/phi-4:1", "unclassified"),
    ],
)
def test_phi_by_image(tmp_path: Path, image: str, status: str) -> None:
    assert read(tmp_path, pod(labels="{}", image=image, env=key()))["Pod.a"][0] == status


def test_phi_by_variable_and_by_annotation(tmp_path: Path) -> None:
    by_variable = pod(name="b", labels="{}", env=key() + value("CONTAINS_PHI", '"true"'))
    by_annotation = pod(name="c", labels="{}", env=key(), annotations="{hipaa: required}")
    found = read(tmp_path, by_variable, by_annotation)
    assert {k: v[0] for k, v in found.items()} == {"Pod.b": "phi", "Pod.c": "phi"}


NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: ward, labels: {hipaa: 'true'}}\n"


def test_a_namespace_hands_its_marker_down_but_default_joins_nothing(tmp_path: Path) -> None:
    (tmp_path / "namespaces").mkdir()
    (tmp_path / "namespaces" / "ward.yaml").write_text(NAMESPACE)
    (tmp_path / "namespaces" / "default.yaml").write_text(NAMESPACE.replace("ward", "default"))
    found = read(
        tmp_path,
        pod(name="in", namespace="ward", labels="{}", env=key()),
        pod(name="out", namespace="web", labels="{}", env=key()),
        pod(name="nowhere", labels="{}", env=key()),
    )
    assert {k: v[0] for k, v in found.items()} == {
        "Pod.ward.in": "phi",
        "Pod.web.out": "unclassified",
        "Pod.nowhere": "unclassified",
    }


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n  OPENAI_BASE_URL: https://api.openai.com/v1\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData:\n  OPENAI_API_KEY: c2VjcmV0\n"
EXTERNAL = (
    "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: keys}\n"
    "spec:\n  data:\n    - secretKey: OPENAI_API_KEY\n      remoteRef: {key: prod/openai}\n"
)


@pytest.mark.parametrize("source", [CONFIG, SECRET], ids=["ConfigMap", "Secret"])
def test_env_from_an_object_of_another_file(tmp_path: Path, source: str) -> None:
    kind = "configMapRef: {name: settings}" if "ConfigMap" in source else "secretRef: {name: keys}"
    (tmp_path / "config.yaml").write_text(source)
    found = read(tmp_path, pod(more=f"      envFrom:\n        - {kind}\n"))
    assert found == {"Pod.a": ("phi", OPENAI)}
    (workload,) = analysis(tmp_path, "kubernetes").estate.workloads
    assert {e.place.file for e in workload.uses[0].evidence} == {"config.yaml"}
    assert {e.place.line for e in workload.uses[0].evidence} == {5}


def test_a_single_key_of_a_config_map(tmp_path: Path) -> None:
    ref = "- name: OPENAI_BASE_URL\n  valueFrom: {configMapKeyRef: {name: settings, key: OPENAI_BASE_URL}}\n"
    (tmp_path / "config.yaml").write_text(CONFIG)
    assert read(tmp_path, pod(env=ref)) == {"Pod.a": ("phi", OPENAI)}


@pytest.mark.parametrize(
    "text",
    [
        "llm:\n      openai_api_key: ${KEY}\n      base_url: https://api.openai.com/v1",
        'providers: {"openAI": {"apiKey": "$KEY"}}',
        "OPENAI_API_KEY=${KEY}\n    PORT=80",
    ],
    ids=["YAML", "JSON", "dotenv"],
)
def test_a_mounted_config_file(tmp_path: Path, text: str) -> None:
    config = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: files}}\ndata:\n  app.conf: |\n    {text}\n"
    volume = "  volumes:\n    - name: v\n      configMap: {name: files}\n"
    found = read(tmp_path, pod(more=volume), config)
    assert found == {"Pod.a": ("phi", OPENAI)}


def test_settings_with_no_visible_reader_are_asked_about_once_and_a_key_is_not(
    tmp_path: Path,
) -> None:
    for name, text in (("a", CONFIG.replace("settings", "s1")), ("b", SECRET)):
        (tmp_path / f"{name}.yaml").write_text(text)
    assert told(tmp_path, "kubernetes") == {}
    assert named(tmp_path, "kubernetes") == ["OAI_DECLARATION_2 ConfigMap.s1"]


def test_an_object_of_the_same_name_in_another_folder_is_not_joined(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "config.yaml").write_text(CONFIG)
    reader = pod(more="      envFrom:\n        - configMapRef: {name: settings}\n")
    (tmp_path / "two" / "pod.yaml").write_text(reader)
    assert told(tmp_path, "kubernetes") == {}


def test_an_env_from_a_secret_that_is_not_in_the_scan_counts_by_its_name(tmp_path: Path) -> None:
    found = read(tmp_path, pod(more="      envFrom:\n        - secretRef: {name: openai-api}\n"))
    assert found == {"Pod.a": ("phi", OPENAI)}


def test_two_containers_are_two_programs(tmp_path: Path) -> None:
    second = f"    - name: b\n      image: x\n      env:\n        {value('OPENAI_BASE_URL', 'http://vllm:80/v1').strip().replace(chr(10), chr(10) + '        ')}\n"
    assert read(tmp_path, pod(env=key(), more=second)) == {"Pod.a": ("phi", OPENAI)}


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        ("Deployment", "spec:\n  template:\n"),
        ("StatefulSet", "spec:\n  template:\n"),
        ("CronJob", "spec:\n  jobTemplate:\n    spec:\n      template:\n"),
    ],
)
def test_pods_of_every_controller_hang_on_it(tmp_path: Path, kind: str, head: str) -> None:
    indent = " " * (8 if kind == "CronJob" else 4)
    lines = [
        "metadata:",
        "  labels: {phi: 'true'}",
        "spec:",
        "  containers:",
        "  - name: c",
        "    image: x",
        "    env:",
    ]
    lines += [f"    {line}" for line in key().strip().splitlines()]
    api = "batch/v1" if kind == "CronJob" else "apps/v1"
    body = "".join(f"{indent}{line}\n" for line in lines)
    found = read(tmp_path, f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: a}}\n{head}{body}")
    assert found == {f"{kind}.a": ("phi", OPENAI)}


def test_two_objects_of_one_name_in_one_file_keep_their_own_pods(tmp_path: Path) -> None:
    head = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n"
    spec = "    metadata: {labels: {phi: 'true'}}\n    spec:\n      containers:\n      - {name: c, image: x, env: [%s]}\n"
    one, other = spec % "{name: OPENAI_API_KEY, value: $(K)}", spec % "{name: PORT, value: '80'}"
    for first, second in ((one, other), (other, one)):
        assert read(tmp_path, head + first, head + second) == {"Deployment.a": ("phi", OPENAI)}


def test_lines_are_those_of_the_source(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(pod(env=value("PORT", '"80"') + key()))
    (workload,) = analysis(tmp_path, "kubernetes").estate.workloads
    (use,) = workload.uses
    assert [str(e.place) for e in use.evidence] == [
        "a.yaml:14 (spec.containers[0].env.OPENAI_API_KEY)"
    ]
    assert [(e.value, e.place.line) for e in workload.phi_evidence] == [("true", 5)]
