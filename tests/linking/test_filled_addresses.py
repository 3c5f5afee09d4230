"""Configuration whose address is a variable of the container: the address that the container gives it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import analysis, write

OBJECTS = """apiVersion: v1
kind: ConfigMap
metadata: {name: conf, namespace: ward}
data:
  config.yaml: |
    model_list:
      - model_name: a
        litellm_params: {model: openai/m, api_base: os.environ/NAME, api_key: os.environ/K}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: proxy, namespace: ward}
spec:
  selector: {matchLabels: {app: proxy}}
  template:
    metadata: {labels: {app: proxy, data-classification: phi}}
    spec:
      volumes: [{name: c, configMap: {name: conf}}]
      containers:
        - name: a
          image: ghcr.io/berriai/litellm:main
          volumeMounts: [{name: c, mountPath: /app}]
          env:
            - {name: GIVEN, value: "URL"}
"""


@pytest.mark.parametrize("name", ["B", "BASE", "MODEL_SERVER"])
@pytest.mark.parametrize(
    ("given", "url", "hosts"),
    [
        ("", "https://api.openai.com/v1", ["api.openai.com"]),
        ("", "http://localhost:8000/v1", ["localhost"]),  # and nothing is seen to answer there
        ("OTHER", "http://localhost:8000/v1", [None]),
    ],
)
def test_the_address_of_a_variable(
    tmp_path: Path, name: str, given: str, url: str, hosts: list[str | None]
) -> None:
    text = OBJECTS.replace("NAME", name).replace("GIVEN", given or name).replace("URL", url)
    write(tmp_path, a_yaml=text)
    found = analysis(tmp_path, "kubernetes").estate.workloads
    assert [u.host for w in found for u in w.uses] == hosts
