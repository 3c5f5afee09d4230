"""An address and a key in one program: which provider each belongs to."""

from __future__ import annotations

from pathlib import Path

from inprocess import analysis, told, write
from openai_phi.reading.templates.file_parts import Beside
from openai_phi.reading.templates.workflow_files import parts
from openai_phi.text.documents import Document
from openai_phi.text.settings import Walk, walk
from openai_phi.words.observed import Kind

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: web}
spec:
  template:
    spec:
      containers:
        - name: app
          env:
"""


def _uses(folder: Path, *env: str) -> list[str]:
    lines = "".join(f"            - {e}\n" for e in env)
    found = told(write(folder, app_yaml=DEPLOYMENT + lines), "kubernetes")
    return [use for _, uses in found.values() for use in uses]


AZURE = '{name: AZURE_OPENAI_ENDPOINT, value: "https://clinic.openai.azure.com"}'
UNSEEN = "{name: AZURE_OPENAI_ENDPOINT, valueFrom: {secretKeyRef: {name: az, key: url}}}"
KEY = "{name: OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: k, key: k}}}"
AZURE_KEY = "{name: AZURE_OPENAI_API_KEY, valueFrom: {secretKeyRef: {name: k, key: a}}}"


def test_the_only_key_beside_an_azure_endpoint_is_for_that(tmp_path: Path) -> None:
    assert _uses(tmp_path, AZURE, KEY) == ["azure-openai clinic.openai.azure.com"]
    assert _uses(tmp_path, UNSEEN, KEY) == ["azure-openai None"]


def test_each_provider_with_a_key_of_its_own_is_a_use(tmp_path: Path) -> None:
    both = ["azure-openai clinic.openai.azure.com", "openai api.openai.com"]
    assert _uses(tmp_path, AZURE, AZURE_KEY, KEY) == both
    assert _uses(tmp_path, UNSEEN, AZURE_KEY, KEY) == [
        "azure-openai None",
        "openai api.openai.com",
    ]


def test_a_base_url_that_a_pipeline_fills_in_is_unknown_and_no_host(tmp_path: Path) -> None:
    base = '{name: OPENAI_BASE_URL, value: "${{ vars.OPENAI_BASE_URL }}"}'
    assert _uses(tmp_path, base, KEY) == ["openai None"]
    (workload,) = analysis(tmp_path, "kubernetes").estate.workloads
    hosts = [e.value for u in workload.uses for e in u.evidence if e.kind is Kind.HOST]
    assert hosts == [""]


def test_an_empty_list_of_base_urls_is_none(tmp_path: Path) -> None:
    assert _uses(tmp_path, '{name: OPENAI_API_BASE_URLS, value: "[]"}') == []


def test_a_condition_of_a_workflow_is_no_use_and_each_step_has_its_own_variables() -> None:
    file = ".github/workflows/ci.yaml"
    (part,) = parts(Document({"jobs": {"build": JOB}}), f"/r/{file}", file, Beside("/r", str))
    assert part.data == {"steps": [{"run": "make"}, {"env": {"OPENAI_API_KEY": "x"}}]}


JOB = {
    "if": "${{ secrets.OPENAI_API_KEY != '' }}",
    "steps": [{"if": "env.OPENAI_API_KEY", "run": "make"}, {"env": {"OPENAI_API_KEY": "x"}}],
}


def test_a_script_that_asks_whether_a_key_is_set_uses_none() -> None:
    script = 'if [[ -n "${OPENAI_API_KEY}" ]]; then\n  make evaluation\nfi\n'
    names = [s.name for s in walk({"run": script}, Walk(lambda _: 1, lambda _: True))]
    assert "if" not in names
