"""A reference leads to what it names whatever that is called: PHI stays with it, and so does a use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from handmade import an_object, around, by_address, linked, made, manifests
from openai_phi.gathering.graph_scan import read_files
from openai_phi.linking.estate import Estate
from openai_phi.reading.terraform.terraform_source import Scope, Source, read
from openai_phi.verdicts.analysis import analyse
from openai_phi.words.observed import PhiStatus
from openai_phi.words.resources import Resource, Setting
from openai_phi.words.scan_input import FilesInput

NAMES = {
    "plain": "north",
    "dash": "north-east",
    "two words": "north east",
    "three words": "north east one",
    "four words": "north east one two",
    "blanks alone": "  ",
    "blanks around": " north ",
    "a tab": "north\teast",
    "dot": "north.east",
    "dots": "module.north.aws_sqs_queue.q",
    "bracket": "north[0]",
    "closing bracket": "north]",
    "quote": 'north "east" one',
    "quote and bracket": 'north"]',
    "apostrophe": "north's",
    "slash": "north/east",
    "backslash": "north\\east",
    "hash": "north#east",
    "colon": "north: east",
    "a star": "north*",
    "nothing": "",
    "a number": "0",
    "letters": "Köln süd eins",
    "our own envFrom": "envFrom ConfigMap x",
    "our own env": "env ConfigMap x key VAR",
    "our own volume": "volume Secret x",
}
URL = "https://api.openai.com/v1"


def each(names: Mapping[str, str] = NAMES) -> list[Any]:
    """All names, each under what is peculiar about it."""
    return [pytest.param(name, id=what) for what, name in names.items()]


def phi(estate: Estate) -> dict[str, bool]:
    """Workload -> whether it handles PHI."""
    return {w.id: w.phi is PhiStatus.PHI for w in estate.workloads}


def marked(type_: str, address: str) -> Resource:
    """A store of Terraform that is tagged as one with PHI."""
    tag = Setting("data-classification", "phi", ("tags", "data-classification"), 4, role="marker")
    return replace(made(type_, {}), id=address, settings=(tag,))


def program(*addresses: str) -> Resource:
    """A function that calls OpenAI and has these addresses among its variables."""
    said = made("aws_lambda_function", {"environment.variables.OPENAI_BASE_URL": URL})
    refs = tuple(by_address(a, "environment.variables.QUEUE") for a in addresses)
    return replace(said, refs=refs)


def key_of(name: str) -> str:
    """A key of for_each as Terraform writes it into an address."""
    return f"[{json.dumps(name, ensure_ascii=False)}]"


@pytest.mark.parametrize("form", ["aws_sqs_queue.q{}", "module.site{}.aws_sqs_queue.q"])
@pytest.mark.parametrize("name", each())
def test_an_address_with_a_key(form: str, name: str) -> None:
    address = form.format(key_of(name))
    store = marked("aws_sqs_queue", address)
    other = replace(program(form.format(key_of(name + "2"))), id="aws_lambda_function.other")
    assert phi(linked([store, program(address), other])) == {
        "aws_lambda_function.r": True,
        "aws_lambda_function.other": False,
    }


@pytest.mark.parametrize("name", each())
def test_a_connector_between_addresses_with_keys(name: str) -> None:
    """A mapping that hands the queue's messages to the function names both."""
    address = f"aws_sqs_queue.q{key_of(name)}"
    function = replace(program(), id=f"aws_lambda_function.f{key_of(name)}")
    mapping = replace(
        made("aws_lambda_event_source_mapping", {}),
        refs=(by_address(address, "event_source_arn"), by_address(function.id, "function_name")),
    )
    assert phi(linked([marked("aws_sqs_queue", address), function, mapping])) == {function.id: True}


@pytest.mark.parametrize("index", [True, False], ids=["by its key", "without one"])
@pytest.mark.parametrize("name", each())
def test_a_plan(index: bool, name: str, tmp_path: Path) -> None:
    """The reference names the instance by its key, or all of them."""
    key = key_of(name)
    queue = {
        "address": f"aws_sqs_queue.q{key}", "mode": "managed", "type": "aws_sqs_queue", "name": "q",
        "index": name, "values": {"name": "q1", "tags": {"data-classification": "phi"}},
    }  # fmt: skip
    function = {
        "address": "aws_lambda_function.f", "mode": "managed", "type": "aws_lambda_function",
        "name": "f", "values": {
            "function_name": "f", "environment": [{"variables": {"OPENAI_BASE_URL": URL}}],
        },
    }  # fmt: skip
    named = f"aws_sqs_queue.q{key if index else ''}"
    variables = {"references": [f"{named}.url", named, "aws_sqs_queue.q"]}
    configured = [
        {"address": "aws_sqs_queue.q", "expressions": {}},
        {"address": "aws_lambda_function.f", "expressions": {"environment": [{"variables": variables}]}},
    ]  # fmt: skip
    file = tmp_path / "tfplan.json"
    file.write_text(
        json.dumps(
            {
                "format_version": "1.2",
                "planned_values": {"root_module": {"resources": [queue, function]}},
                "configuration": {"root_module": {"resources": configured}},
            }
        )
    )
    given = FilesInput("terraform_plan", str(tmp_path), [str(file)])
    assert phi(analyse(read_files(given, around())).estate) == {"aws_lambda_function.f": True}


@pytest.mark.parametrize("name", each())
def test_the_source_of_terraform(name: str, tmp_path: Path) -> None:
    """A block is read once for all of its instances, so that an address in a source has no keys."""
    key = json.dumps(name, ensure_ascii=False)
    (tmp_path / "main.tf").write_text(
        f'resource "aws_x" "y" {{\n  a = aws_sqs_queue.q[{key}].url\n  b = aws_sqs_queue.q["x"].url\n'
        f"  c = module.site[{key}].queue\n}}\n"
    )
    source = Source(str(tmp_path))
    (block,) = source.folder(str(tmp_path))
    (found,) = read(source, block, Scope(str(tmp_path)))
    addresses = {path[0]: [r.address for r in refs] for path, refs in found.refs.items() if path}
    assert addresses["a"] == addresses["b"] == ["aws_sqs_queue.q"]
    assert addresses["c"] == ["module.site"]


# -- Kubernetes --------------------------------------------------------------------------------


def pod(**more: Any) -> str:
    """A pod whose container and specification say this."""
    container = {"name": "app", "image": "a:1", **more.pop("container", {})}
    return an_object("Pod", "notes", {"containers": [container], **more})


def uses(folder: Path, *texts: str) -> set[str | None]:
    found = linked(manifests(folder, "---\n".join(texts)).resources)
    return {u.host for w in found.workloads for u in w.uses}


def env(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}


OF_OBJECTS = {what: name for what, name in NAMES.items() if name.strip()}


@pytest.mark.parametrize("name", each(OF_OBJECTS))
def test_a_claim_of_a_pod(name: str, tmp_path: Path) -> None:
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": name}}
    reader = pod(container={"env": [env("OPENAI_BASE_URL", URL)]}, volumes=[volume])
    claim = an_object("PersistentVolumeClaim", name, {}, {"data-classification": "phi"})
    found = linked(manifests(tmp_path, f"{reader}---\n{claim}").resources)
    assert phi(found) == {"Pod.notes": True}


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
@pytest.mark.parametrize("name", each(OF_OBJECTS))
def test_all_variables_of_an_object(kind: str, name: str, tmp_path: Path) -> None:
    source = {("configMapRef" if kind == "ConfigMap" else "secretRef"): {"name": name}}
    reader = pod(container={"envFrom": [source]})
    held = "data" if kind == "ConfigMap" else "stringData"
    held_object = an_object(kind, name, **{held: {"OPENAI_BASE_URL": URL}})
    assert uses(tmp_path, reader, held_object) == {"api.openai.com"}


@pytest.mark.parametrize("url", ["https://user:pw@api.openai.com/v1", "https://way.example/v1"])
def test_what_a_secret_holds_is_not_told_but_for_a_known_host(url: str, tmp_path: Path) -> None:
    reader = pod(container={"envFrom": [{"secretRef": {"name": "s"}}]})
    secret = an_object("Secret", "s", stringData={"OPENAI_BASE_URL": url})
    assert uses(tmp_path, reader, secret) == {None}


@pytest.mark.parametrize("name", each(OF_OBJECTS))
@pytest.mark.parametrize("part", ["name", "key", "variable"])
def test_one_variable_of_an_object(part: str, name: str, tmp_path: Path) -> None:
    called = {"name": "c", "key": "url", "variable": "OPENAI_BASE_URL", part: name}
    if part == "variable":
        called["variable"] = f"{name}_OPENAI_BASE_URL"
    reference = {"name": called["name"], "key": called["key"]}
    variable = {"name": called["variable"], "valueFrom": {"configMapKeyRef": reference}}
    data = {called["key"]: URL}
    config = an_object("ConfigMap", called["name"], data=data)
    assert uses(tmp_path, pod(container={"env": [variable]}), config) == {"api.openai.com"}
