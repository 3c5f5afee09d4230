"""PHI flows from workload to workload: services, gateways, aliases, redirections, cycles."""

from __future__ import annotations

from pathlib import Path

from inprocess import analysis, named, told

GATEWAY = """apiVersion: apps/v1
kind: Deployment
metadata: {name: litellm, namespace: ai}
spec:
  template:
    metadata: {labels: {app: litellm}}
    spec:
      containers:
        - name: litellm
          image: ghcr.io/berriai/litellm:main
          volumeMounts: [{name: config, mountPath: /app}]
      volumes: [{name: config, configMap: {name: litellm-config}}]
---
apiVersion: v1
kind: Service
metadata: {name: litellm, namespace: ai}
spec: {selector: {app: litellm}, ports: [{port: 4000}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: litellm-config, namespace: ai}
data:
  config.yaml: |
    model_list:
      - model_name: notes
        litellm_params:
          model: openai/gpt-4o
          api_key: os.environ/OPENAI_API_KEY
"""
CALLER = """apiVersion: apps/v1
kind: Deployment
metadata: {name: abstraction, namespace: clinic}
spec:
  template:
    metadata: {labels: {app: abstraction, data-classification: phi}}
    spec:
      containers:
        - name: app
          image: registry.example.org/abstraction:1
          env:
            - {name: MODEL_SERVER, value: "http://litellm.ai.svc.cluster.local:4000/v1"}
"""


def write(folder: Path, *documents: str) -> Path:
    (folder / "all.yaml").write_text("---\n".join(documents))
    return folder


def test_the_finding_sits_at_the_caller_with_the_whole_way(tmp_path: Path) -> None:
    write(tmp_path, GATEWAY, CALLER)
    assert named(tmp_path, "kubernetes") == [
        "OAI_COVERAGE_2 Deployment.clinic.abstraction",
        "OAI_COVERAGE_9 Deployment.clinic.abstraction",
        "OAI_TRANSPORT_1 Deployment.clinic.abstraction",
    ]
    (workload,) = analysis(tmp_path, "kubernetes").phi_workloads()
    (use,) = workload.uses
    assert (use.provider, use.host, use.through) == (
        "openai",
        "api.openai.com",
        ("litellm.ai.svc.cluster.local",),
    )
    assert tuple(map(str, use.via)) == (
        "calls litellm.ai.svc.cluster.local at all.yaml:41 "
        "(spec.template.spec.containers[0].env.MODEL_SERVER), which is Deployment.ai.litellm at all.yaml:1",
    )


def uses(
    folder: Path, framework: str = "kubernetes"
) -> dict[str, list[tuple[str, str | None, int]]]:
    """Workload -> provider, host and steps on the way of each use; gateways of others left out."""
    return {
        w.id: [(u.provider, u.host, len(u.via)) for u in w.uses]
        for w in analysis(folder, framework).estate.workloads
        if not w.relay
    }


OPENAI = ("openai", "api.openai.com", 1)


def test_a_gateway_is_judged_by_what_it_forwards_to(tmp_path: Path) -> None:
    own = GATEWAY.replace("api_key:", "api_base: http://vllm.ai:8000/v1\n          api_key:")
    assert uses(write(tmp_path, own, CALLER)) == {
        "Deployment.clinic.abstraction": [("gateway", "vllm.ai", 1)]
    }  # with a real key, a name alone proves nothing
    keyless = own.replace("os.environ/OPENAI_API_KEY", "none")
    assert uses(write(tmp_path, keyless, CALLER)) == {}


def test_a_gateway_whose_models_nothing_shows_is_unproven(tmp_path: Path) -> None:
    config = GATEWAY.index("---\napiVersion: v1\nkind: ConfigMap")
    caller = (
        CALLER.replace("MODEL_SERVER", "OPENAI_BASE_URL")
        + "            - {name: OPENAI_API_KEY, value: $(K)}\n"
    )
    write(tmp_path, GATEWAY[:config], caller)
    assert uses(tmp_path) == {
        "Deployment.clinic.abstraction": [("gateway", "litellm.ai.svc.cluster.local", 0)]
    }


def test_what_a_caller_asks_of_a_gateway_counts(tmp_path: Path) -> None:
    caller = CALLER.replace("MODEL_SERVER", "OPENAI_BASE_URL") + (
        "            - {name: OPENAI_API_KEY, value: $(K)}\n"
        "            - {name: OPENAI_EMBEDDING_MODEL, value: text-embedding-3-small}\n"
    )
    write(tmp_path, GATEWAY, caller)
    (workload,) = analysis(tmp_path, "kubernetes").phi_workloads()
    assert [(u.host, u.endpoints) for u in workload.uses] == [
        ("api.openai.com", ("/v1/embeddings",))
    ]


def test_a_gateway_that_handles_phi_itself_is_judged_itself(tmp_path: Path) -> None:
    marked = GATEWAY.replace("labels: {app: litellm}", 'labels: {app: litellm, phi: "true"}')
    write(tmp_path, marked)
    assert uses(tmp_path) == {"Deployment.ai.litellm": [("openai", "api.openai.com", 0)]}


def test_a_gateway_that_nobody_with_phi_calls_is_asked_about(tmp_path: Path) -> None:
    write(tmp_path, GATEWAY, CALLER.replace(", data-classification: phi", ""))
    assert named(tmp_path, "kubernetes") == ["OAI_DECLARATION_2 Deployment.ai.litellm"]


MIDDLE = """apiVersion: apps/v1
kind: Deployment
metadata: {name: router, namespace: clinic}
spec:
  template:
    metadata: {labels: {app: router}}
    spec:
      containers:
        - name: app
          image: registry.example.org/router:1
          env: [{name: UPSTREAM, value: "litellm.ai:4000"}, {name: SELF, value: "http://abstraction"}]
---
apiVersion: v1
kind: Service
metadata: {name: router, namespace: clinic}
spec: {selector: {app: router}}
---
apiVersion: v1
kind: Service
metadata: {name: abstraction, namespace: clinic}
spec: {selector: {app: abstraction}}
"""


def test_a_way_over_two_services_and_back_ends(tmp_path: Path) -> None:
    caller = CALLER.replace("http://litellm.ai.svc.cluster.local:4000/v1", "http://router:8080")
    write(tmp_path, GATEWAY, MIDDLE, caller)
    assert uses(tmp_path) == {
        "Deployment.clinic.abstraction": [("openai", "api.openai.com", 2)],
    }


def test_phi_of_a_namespace_and_a_caller_that_says_nothing(tmp_path: Path) -> None:
    space = (
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: clinic, labels: {compliance: hipaa}}\n"
    )
    caller = CALLER.replace(", data-classification: phi", "").replace(
        "http://litellm.ai.svc.cluster.local:4000/v1", "http://router:8080"
    )
    write(tmp_path, GATEWAY, MIDDLE, space, caller)
    assert uses(tmp_path)["Deployment.clinic.abstraction"] == [("openai", "api.openai.com", 2)]


def test_an_external_name_is_another_name_for_its_host(tmp_path: Path) -> None:
    alias = """apiVersion: v1
kind: Service
metadata: {name: models, namespace: clinic}
spec: {type: ExternalName, externalName: api.openai.com}
"""
    caller = CALLER.replace("http://litellm.ai.svc.cluster.local:4000/v1", "https://models/v1")
    assert uses(write(tmp_path, alias, caller)) == {"Deployment.clinic.abstraction": [OPENAI]}


def test_services_of_other_folders_and_namespaces_are_not_joined(tmp_path: Path) -> None:
    for name, documents in (("a", GATEWAY.replace(", namespace: ai", "")), ("b", CALLER)):
        (tmp_path / name).mkdir()
        caller = documents.replace("litellm.ai.svc.cluster.local", "litellm")
        write(tmp_path / name, caller.replace(", namespace: clinic", ""))
    assert uses(tmp_path) == {"Deployment.litellm": [("openai", "api.openai.com", 0)]}


REDIRECT = """apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: openai, namespace: clinic}
spec:
  hosts: [api.openai.com]
  http:
    - route:
        - destination: {host: vllm.models.svc.cluster.local}
"""
DIRECT = CALLER.replace("MODEL_SERVER", "OPENAI_BASE_URL").replace(
    "http://litellm.ai.svc.cluster.local:4000/v1", "https://api.openai.com/v1"
)


def test_a_redirection_to_an_own_model_ends_the_way(tmp_path: Path) -> None:
    assert uses(write(tmp_path, DIRECT)) == {
        "Deployment.clinic.abstraction": [("openai", "api.openai.com", 0)]
    }
    assert uses(write(tmp_path, DIRECT, REDIRECT)) == {}


def test_a_redirection_that_still_sends_some_there_ends_nothing(tmp_path: Path) -> None:
    both = REDIRECT + "        - destination: {host: api.openai.com}\n"
    assert uses(write(tmp_path, DIRECT, both)) == {
        "Deployment.clinic.abstraction": [("openai", "api.openai.com", 0)]
    }


def test_compose_services_call_each_other_by_name(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(
        "services:\n"
        "  notes:\n    image: registry.example.org/notes:1\n    labels: {phi: 'true'}\n"
        "    environment: {MODELS: 'http://litellm:4000'}\n"
        "  litellm:\n    image: ghcr.io/berriai/litellm:main\n    environment: [OPENAI_API_KEY]\n"
    )
    assert uses(tmp_path, "yaml") == {"services.notes": [OPENAI]}


DEIDENTIFIERS = "version: 1\ndeidentifiers: [Deployment.ai.litellm]\n"


def test_a_declared_deidentifier_ends_the_flow(tmp_path: Path) -> None:
    caller = CALLER.replace("MODEL_SERVER", "MASKING")
    gateway = GATEWAY.replace("litellm.ai", "masking.ai")
    write(tmp_path, gateway, caller)
    before = told(tmp_path, "kubernetes")
    assert "Deployment.clinic.abstraction" in before
    (tmp_path / "openai-compliance.yaml").write_text(DEIDENTIFIERS)
    after = told(tmp_path, "kubernetes")
    assert "Deployment.clinic.abstraction" not in after
    assert after["Deployment.ai.litellm"] == before["Deployment.ai.litellm"]
    (tmp_path / "openai-compliance.yaml").write_text(DEIDENTIFIERS + "nonsense: 1\n")
    assert "Deployment.clinic.abstraction" in told(tmp_path, "kubernetes")
