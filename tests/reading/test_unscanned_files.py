"""A deployment in a file that no framework takes is said, and nothing else is."""

from __future__ import annotations

import codecs
import json
import os
from pathlib import Path

import pytest
import yaml

from clinic import WORKLOAD
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.signatures import signatures
from openai_phi.finding.results import Result
from openai_phi.scanning.scan import Options, scan_folder

BLOCK = 'resource "aws_lambda_function" "a" {\n  environment { variables = { OPENAI_API_KEY = "a" } }\n}\n'
HANDED = (
    'terraform {\n  source = "../m"\n}\ninputs = { env = { OPENAI_API_KEY = "/clinic/openai" } }\n'
)
COMPOSE = "services: {web: {image: a, environment: {OPENAI_API_KEY: a}}}\n"


def scanned(folder: Path) -> Result:
    return scan_folder(Options(str(folder)))


def unread(folder: Path) -> list[str]:
    return [f"{u.file}: {u.reason}" for u in scanned(folder).unread]


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        (".infra/notes.yaml", WORKLOAD, "hidden files and folders are not read"),
        (".notes.yaml", WORKLOAD, "hidden files and folders are not read"),
        (".infra/main.tf", BLOCK, "hidden files and folders are not read"),
        (".infra/docker-compose.yml", COMPOSE, "hidden files and folders are not read"),
        ("notes.YAML", WORKLOAD, "its ending is not in lower case"),
        ("notes.Json", json.dumps(yaml.safe_load(WORKLOAD)), "its ending is not in lower case"),
        (
            "Pulumi.yaml",
            "name: n\nruntime: yaml\nresources:\n  n: {type: 'aws:lambda:Function', properties: {environment: {OPENAI_API_KEY: a}}}\n",
            "programs of Pulumi are not read",
        ),
        ("live/terragrunt.hcl", HANDED, "what it hands to Terraform modules is not followed"),
        ("notes.yaml.j2", WORKLOAD, "it is a template that nothing here fills in"),
        ("docker-compose.yml.tmpl", COMPOSE, "it is a template that nothing here fills in"),
    ],
)
def test_a_deployment_that_no_framework_takes(
    tmp_path: Path, name: str, text: str, why: str
) -> None:
    assert unread(put(tmp_path, name, text)) == [f"{name}: {why}"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".infra/notes.yaml", WORKLOAD.replace("OPENAI", "X").replace("openai", "x").replace("phi", "x")),
        (".github/workflows/a.yml", "on: push\njobs: {a: {env: {OPENAI_API_KEY: '${{ secrets.K }}'}}}\n"),
        (".gitlab-ci.yml", "test: {variables: {OPENAI_API_KEY: a}}\n"),
        (".devcontainer/docker-compose.yml", COMPOSE),
        (".terraform/modules/a/main.tf", BLOCK),
        (".cache/notes.yaml", WORKLOAD),
        ("notes.txt", WORKLOAD),
        ("README.md", f"```yaml\n{WORKLOAD}```\n"),
    ],
)  # fmt: skip
def test_what_deploys_nothing_or_belongs_to_other_tools_is_no_finding(
    tmp_path: Path, name: str, text: str
) -> None:
    assert unread(put(tmp_path, name, text)) == []


def test_a_template_that_terraform_fills_in_is_read_by_it(tmp_path: Path) -> None:
    put(tmp_path, "notes.yaml.tpl", WORKLOAD)
    call = 'templatefile("${path.module}/notes.yaml.tpl", {})'
    put(tmp_path, "main.tf", f'resource "kubectl_manifest" "a" {{\n  yaml_body = {call}\n}}\n')
    result = scanned(tmp_path)
    assert not result.unread
    assert {f.resource for f in result.findings} == {"kubectl_manifest.a"}


def test_what_lies_behind_a_link_out_of_the_folder(tmp_path: Path) -> None:
    put(tmp_path / "shared", "notes.yaml", WORKLOAD)
    inside = put(tmp_path / "repo", "a/plain.yaml", "a: b\n")
    (inside / "linked").symlink_to(tmp_path / "shared")
    (inside / "again").symlink_to(inside / "a")
    (inside / "loop").symlink_to(inside)
    why = "it lies behind a link that leads out of the folder"
    assert unread(inside) == [f"linked/notes.yaml: {why}"]


@pytest.mark.parametrize("name", ["a.yaml", "a.tf", "openai-policy.yaml", "docker-compose.yml"])
def test_nobody_waits_for_a_pipe(tmp_path: Path, name: str) -> None:
    put(tmp_path, "notes.yaml", WORKLOAD)
    put(tmp_path, "chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n")
    os.mkfifo(tmp_path / name)
    os.mkfifo(tmp_path / "chart" / "values.yaml")
    assert "Deployment.clinic.notes" in {f.resource for f in scanned(tmp_path).findings}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("marked", [True, False])
def test_any_encoding_of_yaml_is_read(tmp_path: Path, encoding: str, marked: bool) -> None:
    name = encoding.replace("-", "_").upper()
    mark = getattr(codecs, f"BOM_{name.replace('UTF_', 'UTF')}") if marked else b""
    (tmp_path / "a.yaml").write_bytes(mark + WORKLOAD.encode(encoding))
    found = {f.resource for f in scanned(tmp_path).findings}
    assert found & {"Deployment.clinic.notes", "a.yaml"}


def test_a_manifest_behind_five_megabytes_of_comment(tmp_path: Path) -> None:
    put(tmp_path, "a.yaml", "# " + "a" * 21_000_000 + "\n" + WORKLOAD)
    assert unread(tmp_path) == ["a.yaml: is longer than 5 MB"]


def test_a_workload_without_a_name(tmp_path: Path) -> None:
    put(tmp_path, "a.yaml", WORKLOAD.replace("name: notes, ", ""))
    assert "a.yaml: a Deployment has no name" in unread(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com@proxy.example/v1",
        "https://api.openai.com:key@proxy.example/v1",
        "https://api.openai.com\\@proxy.example/v1",
    ],
)
def test_a_url_that_programs_read_differently_has_no_host(url: str) -> None:
    assert signatures().host(url) is None


@pytest.mark.parametrize(
    "url", ["https://api.openai.com#@proxy.example", "https://a:b@api.openai.com?x=1"]
)
def test_the_host_of_an_odd_url(url: str) -> None:
    host = signatures().host(url)
    assert host
    assert (host.host, host.provider) == ("api.openai.com", "openai")


@pytest.mark.parametrize(
    "path",
    [
        "https://api.openai.com//v1//files",
        "https://api.openai.com/v1/%66iles",
        "https://api.openai.com\\/v1\\/files",
        "/%76%31/files",
        "//v1/files",
        "/v1/responses/../files",
        "/v1/./files;x",
    ],
)
def test_a_path_is_taken_as_a_server_takes_it(path: str) -> None:
    assert load_catalogue().normalise(path) == "/v1/files"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".infra/notes.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {phi: 'true'}}\n"),
        ("notes.yaml.j2", "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {phi: 'true'}}\n"),
        ("a/override.tf", 'resource "aws_s3_bucket" "a" {\n  tags = { Compliance = "HIPAA" }\n}\n'),
        ("env/prod.tfvars", 'tags = { Compliance = "HIPAA" }\n'),
    ],
)  # fmt: skip
def test_phi_alone_matters_only_beside_a_use(tmp_path: Path, name: str, text: str) -> None:
    put(tmp_path, name, text)
    put(tmp_path, "b/main.tf", 'resource "aws_s3_bucket" "b" {}\n')
    assert unread(tmp_path) == []
    put(tmp_path, "b/main.tf", BLOCK)
    put(tmp_path, "c/notes.yaml", WORKLOAD)
    assert [u.partition(":")[0] for u in unread(tmp_path)] == [name]
