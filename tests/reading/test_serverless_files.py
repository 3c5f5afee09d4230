"""Serverless Framework: variables from files, from the service and from stages, as each stage deploys it."""

from __future__ import annotations

from pathlib import Path

import pytest

from handmade import around
from inprocess import write
from openai_phi.gathering.graph_scan import read_files
from openai_phi.verdicts.analysis import analyse
from openai_phi.words.observed import Workload
from openai_phi.words.scan_input import FilesInput

HEAD = "service: notes\nprovider:\n  name: aws\n  tags: {DataClassification: PHI}\n"
KEY = "OPENAI_API_KEY: ${ssm:/k}"


def _phi(folder: Path) -> dict[str, Workload]:
    files = tuple(sorted(str(f) for f in folder.rglob("*") if f.is_file()))
    found = analyse(read_files(FilesInput("yaml", str(folder), files), around())).estate.workloads
    return {f"{w.id}{w.resource.variant}": w for w in found if w.uses and w.phi.value == "phi"}


def _files(workload: Workload) -> set[str]:
    return {e.place.file for u in workload.uses for e in u.evidence}


SERVICES = {
    "a whole file": HEAD + "  environment: ${file(env.yml)}\nfunctions: {f: {handler: a.b}}\n",
    "a part of a file": HEAD
    + "  environment: ${file(./all.yml):notes.environment}\nfunctions: {f: {handler: a.b}}\n",
    "of a function": HEAD + "functions: {f: {handler: a.b, environment: '${file(env.yml)}'}}\n",
    "through custom": HEAD
    + "  environment: ${self:custom.env}\ncustom: {env: '${file(env.yml)}'}\nfunctions: {f: {handler: a.b}}\n",
    "functions of a file": HEAD + "functions: ${file(functions.yml)}\n",
    "functions as a list": HEAD + "functions: ['${file(functions.yml)}']\n",
    "one key": HEAD
    + "  environment: {OPENAI_API_KEY: '${file(env.yml):OPENAI_API_KEY}'}\nfunctions: {f: {handler: a.b}}\n",
}


@pytest.mark.parametrize("how", SERVICES)
def test_what_a_file_gives_counts(tmp_path: Path, how: str) -> None:
    write(
        tmp_path,
        serverless_yml=SERVICES[how],
        env_yml=KEY + "\n",
        all_yml=f"notes: {{environment: {{{KEY.replace('${ssm:/k}', 'x-1')}}}}}\n",
        functions_yml=f"f:\n  handler: a.b\n  environment:\n    {KEY}\n",
    )
    assert set(_phi(tmp_path)) == {"functions.f"}


def test_what_a_file_gives_stands_in_that_file(tmp_path: Path) -> None:
    write(tmp_path, serverless_yml=SERVICES["a whole file"], env_yml=f"# one\n{KEY}\n")
    (found,) = _phi(tmp_path).values()
    assert {(e.place.file, e.place.line) for u in found.uses for e in u.evidence} == {
        ("env.yml", 2)
    }


def test_a_service_may_be_written_in_json(tmp_path: Path) -> None:
    write(
        tmp_path,
        serverless_json='{"service": "n", "provider": {"name": "aws", "tags": {"DataClassification": '
        '"PHI"}, "environment": {"OPENAI_API_KEY": "${ssm:/k}"}}, "functions": {"f": {"handler": "a.b"}}}',
    )
    assert set(_phi(tmp_path)) == {"functions.f"}


STAGED = {
    "files": "service: n\nprovider:\n  name: aws\n  stage: ${opt:stage, 'dev'}\n"
    "  tags: {DataClassification: '${file(config.${self:provider.stage}.yml):class}'}\n"
    "  environment: ${file(config.${opt:stage}.yml):env}\nfunctions: {f: {handler: a.b}}\n",
    "custom": "service: n\nprovider:\n  name: aws\n"
    "  tags: {DataClassification: '${self:custom.all.${sls:stage}.class}'}\n"
    "  environment: ${self:custom.all.${opt:stage, 'dev'}.env}\ncustom:\n  all:\n"
    "    dev: {class: synthetic, env: {OPENAI_API_KEY: '${ssm:/k}'}}\n"
    "    prod: {class: PHI, env: {OPENAI_API_KEY: '${ssm:/k}'}}\nfunctions: {f: {handler: a.b}}\n",
    "params": "service: n\nprovider:\n  name: aws\n  tags: {DataClassification: '${param:class}'}\n"
    "  environment: {OPENAI_API_KEY: '${ssm:/k}'}\nparams:\n  dev: {class: synthetic}\n"
    "  prod: {class: PHI}\nfunctions: {f: {handler: a.b}}\n",
}


@pytest.mark.parametrize("how", STAGED)
def test_each_stage_of_the_repository_is_a_variant(tmp_path: Path, how: str) -> None:
    write(
        tmp_path,
        serverless_yml=STAGED[how],
        **{
            f"config.{s}_yml": f"class: {c}\nenv:\n  {KEY}\n"
            for s, c in (("dev", "synthetic"), ("prod", "PHI"))
        },
    )
    found = _phi(tmp_path)
    assert set(found) == {"functions.fprod"}
    if how == "files":
        assert _files(found["functions.fprod"]) == {"config.prod.yml"}


def test_stages_are_not_mixed(tmp_path: Path) -> None:
    write(
        tmp_path,
        serverless_yml="service: n\nprovider:\n  name: aws\n"
        "  tags: {DataClassification: '${self:custom.${opt:stage}.class}'}\n"
        "  environment: {OPENAI_BASE_URL: '${self:custom.${opt:stage}.url}', OPENAI_API_KEY: none}\n"
        "custom:\n  dev: {class: synthetic, url: 'https://api.openai.com/v1'}\n"
        "  prod: {class: PHI, url: 'http://vllm.internal:8000/v1'}\nfunctions: {f: {handler: a.b}}\n"
        "x: ${self:custom.${opt:stage}}\n",
    )
    assert _phi(tmp_path) == {}


def test_files_that_take_each_other_end(tmp_path: Path) -> None:
    write(tmp_path, serverless_yml=HEAD + "  environment: ${self:provider.environment}\n")
    assert _phi(tmp_path) == {}
