"""Base URLs of one's own cluster that the scan does not hold: asked about for PHI, decided where it is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic import COMPLIANCE, DELEGATED, WORKLOAD
from inprocess import named, write
from openai_phi.scanning.scan import Options, scan_folder

INSIDE = "http://models.ai.svc.cluster.local:4000/v1"
ASKED = ["OAI_COVERAGE_9 Deployment.clinic.notes", "OAI_TRANSPORT_1 Deployment.clinic.notes"]


def notes(url: str = INSIDE, name: str = "OPENAI_BASE_URL") -> str:
    return WORKLOAD + f'            - {{name: {name}, value: "{url}"}}\n'


def clinic(folder: Path, *documents: str, policy: str = "") -> Path:
    (folder / "all.yaml").write_text("---\n".join(documents))
    (folder / "openai-compliance.yaml").write_text(COMPLIANCE)
    (folder / "openai-policy.yaml").write_text(DELEGATED + policy)
    return folder


SERVER = """apiVersion: apps/v1
kind: Deployment
metadata: {name: server, namespace: ai}
spec:
  template:
    metadata: {labels: {app: server}}
    spec: {containers: [{name: server, image: registry.example.org/vllm-openai:1}]}
---
apiVersion: v1
kind: Service
metadata: {name: models, namespace: ai}
spec: {selector: {app: server}}
"""
EXTERNAL = """apiVersion: v1
kind: Service
metadata: {name: models, namespace: ai}
spec: {type: ExternalName, externalName: HOST}
"""
HOSTS = {
    "cluster DNS": (INSIDE, True),
    "cluster DNS of another domain": ("https://models.ai.svc.k8s.clinic.example/v1", True),
    "a name alone": ("http://models:8000/v1", True),
    "a name and a namespace that is here": ("http://models.clinic:8000/v1", True),
    "a name and what can be no top level domain": ("http://models.ml-platform:8000/v1", True),
    "an address of one's own": ("http://10.1.2.3:8000/v1", True),
    "an internal zone": ("https://models.clinic.internal/v1", True),
    "the same pod, of which nothing tells": ("http://localhost:8000/v1", True),
    "another vendor's": ("https://api.groq.com/openai/v1", False),
    "nobody knows whose": ("https://api.models.example.org/openai/v1", True),
    # a name alone proves nothing of where a real key goes
    "vLLM": ("http://vllm.ai.svc.cluster.local:8000/v1", True),
    "vLLM's router": ("http://prod-vllm-router.ai.svc:8000/v1", True),
    "Ollama": ("http://ollama:11434/v1", True),
    "a model by its name": ("http://llama3-70b.clinic:8000/v1", True),
    "TGI": ("http://tgi.ai.svc.cluster.local/v1", True),
    "LM Studio": ("http://lmstudio:1234/v1", True),
    "KubeAI": ("http://kubeai.kubeai.svc/openai/v1", True),
    "a name that only begins so": ("http://tgiving:8000/v1", True),
    "a name of the Internet that begins so": ("https://vllm.models.example.org/v1", True),
    "a namespace of that name tells nothing": ("http://router.vllm.svc:8000/v1", True),
}  # fmt: skip


SERVERS = ("vLLM", "vLLM's router", "Ollama", "a model by its name", "TGI", "LM Studio", "KubeAI")


@pytest.mark.parametrize("case", HOSTS)
def test_which_hosts_are_asked_about(case: str, tmp_path: Path) -> None:
    url, asked = HOSTS[case]
    clinic(tmp_path, notes(url))
    found = named(tmp_path, "kubernetes")
    assert ("OAI_COVERAGE_9 Deployment.clinic.notes" in found) is asked
    assert bool(found) is asked


@pytest.mark.parametrize("case", SERVERS)
def test_without_a_real_key_the_name_of_a_model_server_is_enough(case: str, tmp_path: Path) -> None:
    key = "valueFrom: {secretKeyRef: {name: openai, key: OPENAI_API_KEY}}"
    clinic(tmp_path, notes(HOSTS[case][0]).replace(key, "value: none"))
    assert named(tmp_path, "kubernetes") == []


def test_the_finding_says_where_it_leads(tmp_path: Path) -> None:
    result = scan_folder(Options(str(clinic(tmp_path, notes()))))
    (finding,) = (f for f in result.findings if f.rule == "OAI_COVERAGE_9")
    assert "a service that is not in this scan: models.ai.svc.cluster.local" in finding.message
    assert "gateways:\n  - {host: models.ai.svc.cluster.local" in finding.remediation


KEYS = {
    "another secret": ("valueFrom: {secretKeyRef: {name: k, key: v}}", True),
    "a literal": (f"value: sk-proj-{'a1' * 20}", True),
    "none": ("value: none", False),
    "a fake": ("value: sk-fake-key", False),
    "empty": ('value: ""', False),
    "a placeholder": ('value: "<your key>"', False),
    "some word": ("value: internal", False),
}


@pytest.mark.parametrize("case", KEYS)
def test_only_a_real_key_tells_of_a_provider(case: str, tmp_path: Path) -> None:
    key, asked = KEYS[case]
    text = notes().replace(
        "valueFrom: {secretKeyRef: {name: openai, key: OPENAI_API_KEY}}", key
    )  # fmt: skip
    clinic(tmp_path, text)
    assert ("OAI_COVERAGE_9 Deployment.clinic.notes" in named(tmp_path, "kubernetes")) is asked


def test_without_phi_it_is_no_matter(tmp_path: Path) -> None:
    other = notes().replace(", labels: {data-classification: phi}", "").replace("clinic", "shop")
    (tmp_path / "all.yaml").write_text(other)
    assert named(tmp_path, "kubernetes") == []
    (tmp_path / "all.yaml").write_text(other.replace("notes", "patients"))
    assert named(tmp_path, "kubernetes") == []


def test_workloads_that_use_no_provider_settle_it(tmp_path: Path) -> None:
    assert named(clinic(tmp_path, notes(), SERVER), "kubernetes") == []


def test_a_workload_that_shows_nothing_settles_nothing(tmp_path: Path) -> None:
    """A key that is real goes to it: what it passes on is asked, or shown by its image or what it names."""
    silent = SERVER.replace("vllm-openai:1", "server:1")
    assert named(clinic(tmp_path, notes(), silent), "kubernetes") == ASKED
    other = silent.replace(
        "server:1}", "server:1, env: [{name: URL, value: 'https://api.anthropic.com'}]}"
    )
    assert named(clinic(tmp_path, notes(), other), "kubernetes") == []


SIDECAR = "        - {name: side, image: %s}\n"


@pytest.mark.parametrize(
    ("image", "asked"),
    [("registry.example.org/proxy:1", True), ("ghcr.io/ggml-org/llama.cpp:server", False)],
)
def test_the_machine_itself_is_the_sidecar(image: str, asked: bool, tmp_path: Path) -> None:
    clinic(tmp_path, notes("http://127.0.0.1:8000/v1") + SIDECAR % image)
    found = named(tmp_path, "kubernetes")
    assert found == (["OAI_COVERAGE_9 Deployment.clinic.notes"] if asked else [])


NO_KEY = WORKLOAD.partition("          env:")[0] + "          env:\n"


@pytest.mark.parametrize(
    ("name", "url", "asked"),
    [
        ("LLM_URL", "https://llm.vendor.example/v1", True),
        ("OPENAI_BASE_URL", "https://anything.example", True),
        ("AI_GATEWAY_URL", "https://gate.vendor.example", True),
        ("LLM_API_BASE", "http://relay.tools.svc:8080", True),
        ("LLM_URL", "https://api.anthropic.com", False),
        ("PAYMENT_GATEWAY_URL", "https://pay.vendor.example", False),
        ("MODEL_REGISTRY_URL", "https://models.vendor.example", False),
        ("CHAT_SERVICE_URL", "https://chat.vendor.example", False),
        ("COMPLETION_WEBHOOK_URL", "https://hook.vendor.example", False),
        ("SENTRY_DSN", "https://1@errors.vendor.example/2", False),
        ("GATEWAY_BASE_URL", "https://gateway.vendor.example", False),
    ],
)
def test_an_address_that_speaks_of_a_model_is_asked_about_without_a_key(
    name: str, url: str, asked: bool, tmp_path: Path
) -> None:
    clinic(tmp_path, f'{NO_KEY}            - {{name: {name}, value: "{url}"}}\n')
    assert ("OAI_COVERAGE_9 Deployment.clinic.notes" in named(tmp_path, "kubernetes")) is asked


LITELLM = {
    "litellm.yaml": (
        "model_list:\n  - model_name: chat\n    litellm_params: {model: MODEL, api_base: 'BASE'}\n"
    ),
    "compose.yaml": (
        "services:\n  notes:\n    image: registry.example.org/notes:1\n"
        "    labels: {phi: 'true'}\n    environment:\n"
        "      {OPENAI_API_KEY: '${KEY:?}', OPENAI_BASE_URL: 'http://litellm:4000'}\n"
        "  litellm:\n    image: ghcr.io/berriai/litellm:v1.77.0\n"
        "    command: ['--config', '/app/config.yaml']\n"
        "    volumes: ['./litellm.yaml:/app/config.yaml:ro']\n"
        "  ollama: {image: 'ollama/ollama:0.12.0'}\n"
    ),
}


@pytest.mark.parametrize(
    ("model", "base", "asked"),
    [
        ("ollama/llama3.2", "http://ollama:11434", False),
        ("azure/gpt-4o", "https://clinic.openai.azure.com", True),
        ("openai/gpt-4o", "https://api.openai.com/v1", True),
    ],
)
def test_a_gateway_that_shows_where_it_passes_requests(
    model: str, base: str, asked: bool, tmp_path: Path
) -> None:
    for name, text in LITELLM.items():
        (tmp_path / name).write_text(text.replace("MODEL", model).replace("BASE'", f"{base}'"))
    assert ("OAI_COVERAGE_9 services.notes" in rules(tmp_path)) is asked
    (tmp_path / "litellm.yaml").unlink()
    assert "OAI_COVERAGE_9 services.notes" in rules(tmp_path)


BOUND = 'credentials:\n  - {project: proj_clinic, kubernetes: "clinic/openai#OPENAI_API_KEY"}\n'


def test_a_key_that_the_policy_binds_is_not_sent_to_another_vendor(tmp_path: Path) -> None:
    text = notes("https://api.groq.com/openai/v1")
    assert named(clinic(tmp_path, text), "kubernetes") == []
    found = named(clinic(tmp_path, text, policy=BOUND), "kubernetes")
    assert found == ["OAI_COVERAGE_9 Deployment.clinic.notes"]
    own = text.replace("name: openai,", "name: groq,")
    assert named(clinic(tmp_path, own, policy=BOUND), "kubernetes") == []


def test_a_service_without_its_workloads_settles_nothing(tmp_path: Path) -> None:
    service = SERVER.partition("---\n")[2]
    assert named(clinic(tmp_path, notes(), service), "kubernetes") == ASKED


ALIASES = {"api.openai.com": True, "models.other.svc.cluster.local": True, "vllm.other.svc": True}


@pytest.mark.parametrize("host", ALIASES)
def test_another_name_is_what_it_stands_for(host: str, tmp_path: Path) -> None:
    clinic(tmp_path, notes().replace("http:", "https:"), EXTERNAL.replace("HOST", host))
    found = named(tmp_path, "kubernetes")
    asked = host != "api.openai.com"  # which is declared and covered
    expected = ALIASES[host] and asked
    assert found == (["OAI_COVERAGE_9 Deployment.clinic.notes"] if expected else [])


def test_a_gateway_that_the_policy_knows(tmp_path: Path) -> None:
    own = (
        "gateways:\n  - {host: models.ai.svc.cluster.local, operated_by: self, "
        "forwards_to: openai, project: proj_clinic}\n"
    )
    assert named(clinic(tmp_path, notes(), policy=own), "kubernetes") == ASKED[1:]


REDIRECT = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: openai, namespace: clinic}
spec:
  hosts: [api.openai.com]
  http: [{route: [{destination: {host: models.ai.svc.cluster.local}}]}]
"""


def test_a_redirection_to_what_nobody_sees_is_asked_about(tmp_path: Path) -> None:
    direct = notes("https://api.openai.com/v1")
    assert named(clinic(tmp_path, direct), "kubernetes") == []
    assert named(clinic(tmp_path, direct, REDIRECT), "kubernetes") == ASKED[:1]
    assert named(clinic(tmp_path, direct, REDIRECT, SERVER), "kubernetes") == []


def test_an_application_has_addresses_of_its_own(tmp_path: Path) -> None:
    """Only the address of a client of the provider takes the place of the default."""
    for name in ("APP_BASE_URL", "BASE_URL", "FHIR_BASE_URL"):
        clinic(tmp_path, notes("https://notes.clinic.example", name))
        (tmp_path / "openai-policy.yaml").unlink()
        (tmp_path / "openai-compliance.yaml").unlink()
        found = named(tmp_path, "kubernetes")
        assert "OAI_COVERAGE_9 Deployment.clinic.notes" in found, name
    server = SERVER.replace("name: models", "name: vllm").replace(
        "namespace: ai", "namespace: clinic"
    )
    own = notes("http://vllm:8000/v1", "LLM_BASE_URL")
    assert named(clinic(tmp_path, own, server), "kubernetes") == []
    assert "OAI_COVERAGE_9 Deployment.clinic.notes" in named(clinic(tmp_path, own), "kubernetes")


def test_compose(tmp_path: Path) -> None:
    text = (
        "services:\n  notes:\n    image: registry.example.org/notes:1\n    labels: {phi: 'true'}\n"
        "    environment: {OPENAI_API_KEY: '${KEY:?}', OPENAI_BASE_URL: 'http://models:8000/v1'}\n"
    )
    write(tmp_path, compose_yaml=text)
    assert "OAI_COVERAGE_9 services.notes" in named(tmp_path, "yaml")
    write(tmp_path, compose_yaml=text + "  models:\n    image: registry.example.org/ollama:1\n")
    assert named(tmp_path, "yaml") == []


CHART = {
    "charts__models__Chart_yaml": "apiVersion: v2\nname: models\nversion: 1.0.0\n",
    "charts__models__templates__all_yaml": SERVER,
}


def rules(folder: Path) -> list[str]:
    return sorted(f"{f.rule} {f.resource}" for f in scan_folder(Options(str(folder))).findings)


def test_the_joined_scan_decides_it_where_a_chart_holds_the_service(tmp_path: Path) -> None:
    pytest.importorskip("helm_python")
    clinic(tmp_path, notes())
    assert rules(tmp_path) == ASKED
    write(tmp_path, **CHART)
    assert rules(tmp_path) == []


def test_a_chart_without_a_namespace_decides_nothing(tmp_path: Path) -> None:
    pytest.importorskip("helm_python")
    clinic(tmp_path, notes())
    chart = {k: v.replace(", namespace: ai", "") for k, v in CHART.items()}
    assert rules(write(tmp_path, **chart)) == ASKED


def test_a_gateway_in_a_chart_is_judged_by_what_it_forwards_to(tmp_path: Path) -> None:
    pytest.importorskip("helm_python")
    clinic(tmp_path, notes())
    server = SERVER.replace(
        "image: registry.example.org/vllm-openai:1",
        "image: registry.example.org/server:1, env: [{name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: other, key: k}}}]",
    )
    write(tmp_path, **{**CHART, "charts__models__templates__all_yaml": server})
    assert "OAI_TRANSPORT_1 Deployment.clinic.notes" in rules(tmp_path)
    (workload,) = scan_folder(Options(str(tmp_path))).analysis.phi_workloads()
    assert [(u.provider, u.host, u.unseen) for u in workload.uses] == [
        ("openai", "api.openai.com", False)
    ]


@pytest.mark.parametrize(
    ("settings", "gets"),
    [
        ({"DD_SITE": "datadoghq.eu"}, False),
        ({"DD_SITE": "datadoghq.eu", "DD_LLMOBS_ENABLED": "false"}, False),
        ({"DD_SITE": "datadoghq.eu", "DD_LLMOBS_ENABLED": "true"}, True),
    ],
)
def test_a_site_for_traces_of_infrastructure_gets_no_prompts(
    settings: dict[str, str], gets: bool, tmp_path: Path
) -> None:
    lines = "".join(f'            - {{name: {n}, value: "{v}"}}\n' for n, v in settings.items())
    clinic(tmp_path, WORKLOAD + lines)
    (workload,) = scan_folder(Options(str(tmp_path))).analysis.phi_workloads()
    assert any(r.party == "datadog" for u in workload.uses for r in u.receivers) is gets
