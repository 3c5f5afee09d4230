"""Every destination and credential of a workload with PHI ends in one state, with its reason and place."""

from __future__ import annotations

from pathlib import Path

from handmade import linked, manifests
from openai_phi.words.destinations import Sort, State

APP = """apiVersion: apps/v1
kind: Deployment
metadata: {name: notes, namespace: clinic}
spec:
  template:
    metadata: {labels: {app: notes, data-classification: phi}}
    spec:
      containers:
        - name: app
          image: registry.example.org/notes:1
          env:
            - name: OPENAI_API_KEY
              valueFrom: {secretKeyRef: {name: openai, key: OPENAI_API_KEY}}
            - name: GROQ_API_KEY
              valueFrom: {secretKeyRef: {name: groq, key: key}}
            - {name: GROQ_URL, value: "https://api.groq.com/openai/v1"}
            - {name: SENTRY_DSN, value: "https://k@o1.ingest.sentry.io/1"}
            - {name: LAB_URL, value: "https://lab.example/orders"}
            - {name: LLM_SERVER, value: "https://way.example"}
            - {name: RISK_URL, value: "http://risk:8000"}
---
apiVersion: v1
kind: Service
metadata: {name: risk, namespace: clinic}
spec: {selector: {app: risk}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: risk, namespace: clinic}
spec:
  template:
    metadata: {labels: {app: risk}}
    spec: {containers: [{name: app, image: "registry.example.org/IMAGE:1"}]}
"""


def _states(folder: Path, image: str = "risk", text: str = APP) -> dict[str, State]:
    estate = linked(manifests(folder, text.replace("IMAGE", image)).resources)
    (workload,) = estate.accounted()
    return {d.name: d.state for d in workload.destinations}


def test_each_ends_in_one_state(tmp_path: Path) -> None:
    assert _states(tmp_path) == {
        "api.openai.com": State.JUDGED,
        "api.groq.com": State.OTHER_VENDOR,
        "o1.ingest.sentry.io": State.OTHER_VENDOR,
        "lab.example": State.UNACCOUNTED,
        "way.example": State.UNACCOUNTED,
        "risk": State.INSIDE,
        "kubernetes:clinic/openai#OPENAI_API_KEY": State.JUDGED,
        "kubernetes:groq#key": State.OTHER_VENDOR,
    }
    assert _states(tmp_path, "vllm")["risk"] is State.OWN_MODEL


def test_only_what_requests_could_go_to_carries_and_each_has_its_line(tmp_path: Path) -> None:
    estate = linked(manifests(tmp_path, APP).resources)
    (workload,) = estate.accounted()
    lost = {d.name: (d.carries, d.place.line) for d in workload.unaccounted}
    assert lost == {"lab.example": (False, 18), "way.example": (True, 19)}
    assert {d.sort for d in workload.destinations} == {Sort.DESTINATION, Sort.CREDENTIAL}


def test_a_workload_without_a_use_is_accounted_for_and_one_without_phi_is_not(
    tmp_path: Path,
) -> None:
    keyless = APP[: APP.index("            - name: OPENAI")] + (
        '            - {name: LAB_URL, value: "https://lab.example"}\n'
    )
    assert _states(tmp_path, text=keyless) == {"lab.example": State.UNACCOUNTED}
    other = keyless.replace(", data-classification: phi", "")
    assert linked(manifests(tmp_path, other).resources).accounted() == ()
