"""Where workloads with PHI send to, as each format shows it."""

from __future__ import annotations

from pathlib import Path

from inprocess import analysis, write
from openai_phi.reporting.accounted_rows import data_of, html_of, line_of, manifest_rows

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
            - {name: GROQ_URL, value: "https://api.groq.com/openai/v1"}
            - {name: LAB_URL, value: "https://lab.example/orders"}
"""


def test_one_line_counts_them_and_names_those_of_which_nothing_tells(tmp_path: Path) -> None:
    found = analysis(write(tmp_path, all_yaml=APP), "kubernetes")
    assert line_of(found) == ("accounted 1 destination of workloads with PHI; 1 not: lab.example")
    none = APP.replace(", data-classification: phi", "")
    assert line_of(analysis(write(tmp_path, all_yaml=none), "kubernetes")) == ""


def test_documents_hold_each_with_state_reason_and_place(tmp_path: Path) -> None:
    found = analysis(write(tmp_path, all_yaml=APP), "kubernetes")
    (workload,) = found.estate.accounted()
    rows = {r["name"]: r for r in data_of(workload)["destinations"]}
    assert (rows["lab.example"]["state"], rows["lab.example"]["line"]) == ("unaccounted", 13)
    assert rows["api.groq.com"]["state"] == "another vendor"
    assert [r["workload"] for r in manifest_rows(found)] == [workload.id] * 2
    assert "lab.example" in str(html_of(found))
