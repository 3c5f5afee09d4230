"""An entry of a Secret that is empty here: a use where a program names it by a prefix of its own, else none."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import named, write

OBJECTS = """apiVersion: batch/v1
kind: Job
metadata: {name: nightly, namespace: clinic}
spec:
  template:
    metadata: {labels: {data-classification: phi}}
    spec:
      containers:
        - name: job
          image: registry.example.org/nightly:1
          envFrom: [{PREFIXsecretRef: {name: llm}}]
---
apiVersion: v1
kind: Secret
metadata: {name: llm, namespace: clinic}
data: {ENTRY: ""}
"""


@pytest.mark.parametrize(
    ("prefix", "entry", "used"),
    [
        ("prefix: OPENAI_, ", "API_KEY", True),
        ("prefix: LAB_, ", "API_KEY", False),
        ("", "OPENAI_API_KEY", False),
    ],
)
def test_what_a_prefix_names_is_awaited(
    tmp_path: Path, prefix: str, entry: str, used: bool
) -> None:
    write(tmp_path, all_yaml=OBJECTS.replace("PREFIX", prefix).replace("ENTRY", entry))
    found = named(tmp_path, "kubernetes")
    assert ("OAI_COVERAGE_9 Job.clinic.nightly" in found) is used
    assert used or found == []
