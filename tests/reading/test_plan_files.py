"""Plans of Terraform: what an expression refers to, instance by instance; what is sensitive or encoded."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from handmade import around
from openai_phi.facts.signatures import signatures
from openai_phi.gathering.graph_scan import read_files
from openai_phi.reading.disk.prefilter import look
from openai_phi.reading.terraform.plan_files import read_plan
from openai_phi.verdicts.analysis import Analysis, analyse
from openai_phi.words.observed import Use, Workload
from openai_phi.words.scan_input import FilesInput

KEY = "sk-proj-" + "T3st" * 10
POLICY = """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-clinic], terms: openai-baa-2026-10, signed_on: 2026-10-07}
projects:
  - {id: proj_clinic, organization: org-clinic, terraform: openai_project.clinic, endpoints: [/v1/responses], features: []}
  - {id: proj_other, organization: org-clinic, terraform: openai_project.other, endpoints: [/v1/responses], features: []}
"""
CREDENTIALS = "credentials:\n  - {project: proj_clinic, ssm: /clinic/openai}\n"
PARAMETER = ("data.aws_ssm_parameter.key.value", "data.aws_ssm_parameter.key")
PHI = {"DataClassification": "PHI"}


def item(address: str, values: dict[str, Any], sensitive: Any = None) -> dict[str, Any]:
    """A resource as `planned_values` shows it."""
    plain = address.split("[")[0] if "module." not in address else address.split("].", 1)[1]
    mode = "data" if plain.startswith("data.") else "managed"
    type_, name = plain.removeprefix("data.").split(".")
    return {
        "address": address, "mode": mode, "type": type_, "name": name,
        "values": values, "sensitive_values": sensitive or {},
    }  # fmt: skip


def lambda_of(address: str, variables: dict[str, Any], sensitive: Any = None) -> dict[str, Any]:
    values = {"function_name": "f", "tags": PHI, "environment": [{"variables": variables}]}
    return item(address, values, {"environment": [{"variables": sensitive or {}}]})


def config(address: str, *references: str, at: str = "environment") -> dict[str, Any]:
    """A resource of the configuration with what its variables, or a plain argument, refer to."""
    seen: Any = {"references": list(references)}
    expressions = {at: [{"variables": seen}] if at == "environment" else seen}
    return {"address": address, "expressions": expressions}


def plan(
    planned: list[dict[str, Any]],
    configured: list[dict[str, Any]],
    unknown: dict[str, Any] | None = None,
    read: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    changes = [
        {"address": a, "change": {"actions": ["create"], "after_unknown": u}}
        for a, u in (unknown or {}).items()
    ]
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "prior_state": {"values": {"root_module": {"resources": read or []}}},
        "configuration": {"root_module": {"resources": configured}},
    }


def analysed(folder: Path, data: dict[str, Any], policy: str = "") -> Analysis:
    (folder / "tfplan.json").write_text(json.dumps(data, indent=2))
    if policy:
        (folder / "openai-policy.yaml").write_text(policy)
    given = FilesInput("terraform_plan", str(folder), [str(folder / "tfplan.json")])
    return analyse(read_files(given, around()))


def uses(folder: Path, data: dict[str, Any], policy: str = "") -> tuple[Use, ...]:
    return tuple(u for w in analysed(folder, data, policy).estate.workloads for u in w.uses)


PROJECTS = [item("openai_project.clinic", {}), item("openai_project.other", {})]
KEPT = item("openai_project_data_retention.clinic", {"type": "zero_data_retention"})
ACCOUNT = item("openai_project_service_account.clinic", {"name": "f"})
CONFIGURED = [
    config("openai_project_data_retention.clinic", "openai_project.clinic.id", "openai_project.clinic", at="project_id"),
    config("openai_project_service_account.clinic", "openai_project.clinic.id", "openai_project.clinic", at="project_id"),
]  # fmt: skip
CLINIC = ("openai_project.clinic.id", "openai_project.clinic")
OTHER = ("openai_project.other.id", "openai_project.other")
OF_ACCOUNT = ("openai_project_service_account.clinic.api_key", "openai_project_service_account.clinic")  # fmt: skip
BOUND = {
    "nothing": ((*PARAMETER,), (), "", False),
    "its credential": ((*PARAMETER,), (), CREDENTIALS, True),
    "a reference to the project alone": ((*PARAMETER, *CLINIC), ("OPENAI_PROJECT_ID",), "", False),
    "a reference to a project without a control": (
        (*PARAMETER, *OTHER), ("OPENAI_PROJECT_ID",), "", False
    ),
    "one of two": ((*PARAMETER, *CLINIC, *OTHER), ("OPENAI_PROJECT_ID",), "", False),
    "another variable's": ((*PARAMETER, *CLINIC), ("OTHER_ID",), "", False),
    "the account that made its key": ((*OF_ACCOUNT,), ("OPENAI_API_KEY",), "", True),
}  # fmt: skip


@pytest.mark.parametrize("case", BOUND)
def test_a_use_finds_its_project(tmp_path: Path, case: str) -> None:
    references, later, credentials, covered = BOUND[case]
    variables = {"OPENAI_API_KEY": KEY} if "OPENAI_API_KEY" not in later else {}
    planned = [
        lambda_of("aws_lambda_function.f", variables, {"OPENAI_API_KEY": True}),
        *PROJECTS,
        KEPT,
        ACCOUNT,
    ]
    unknown = {
        "aws_lambda_function.f": {"environment": [{"variables": dict.fromkeys(later, True)}]},
        **{r["address"]: {"id": True, "project_id": True} for r in (KEPT, ACCOUNT)},
    }
    parameter = {"name": "/clinic/openai", "value": KEY}
    read = [item("data.aws_ssm_parameter.key", parameter, {"value": True})]
    configured = [config("aws_lambda_function.f", *references), *CONFIGURED]
    found = analysed(tmp_path, plan(planned, configured, unknown, read), POLICY + credentials)
    (judged,) = found.judged()
    assert (judged.verdict.value == "covered") is covered


def test_a_sensitive_value_is_unknown_and_a_constant_is_not(tmp_path: Path) -> None:
    by_reference = config("aws_lambda_function.f", "var.key")
    constant = {
        "address": "aws_lambda_function.f",
        "expressions": {"environment": [{"variables": {"constant_value": {"OPENAI_API_KEY": KEY}}}]},
    }  # fmt: skip
    planned = [lambda_of("aws_lambda_function.f", {"OPENAI_API_KEY": KEY}, {"OPENAI_API_KEY": True})]  # fmt: skip
    for configured, literal in ((by_reference, False), (constant, True)):
        found = analysed(tmp_path, plan(planned, [configured])).estate
        assert bool(found.keys) is literal
        assert len(found.workloads) == 1
        assert (KEY in repr(found)) is literal


def test_a_sensitive_document_is_read(tmp_path: Path) -> None:
    script = "#!/bin/sh\nexport OPENAI_BASE_URL=https://us.api.openai.com/v1\n"
    text = base64.b64encode(script.encode()).decode()
    machine = item("azurerm_linux_virtual_machine.m", {"custom_data": text}, {"custom_data": True})
    seen = plan([machine], [config("azurerm_linux_virtual_machine.m", "path.module", at="custom_data")])  # fmt: skip
    assert [u.host for u in uses(tmp_path, seen)] == ["us.api.openai.com"]
    assert look(str(tmp_path), signatures()).speaking == {"tfplan.json"}


@pytest.mark.parametrize("filled", [None, "", []])
def test_an_empty_value_beside_a_source_of_it(tmp_path: Path, filled: Any) -> None:
    source = [{"secret_key_ref": [{"secret": "llm", "version": "latest"}]}]
    env = {"name": "OPENAI_API_KEY", "value": filled, "value_source": source}
    values = {"name": "s", "template": [{"containers": [{"env": [env]}]}]}
    (use,) = uses(tmp_path, plan([item("google_cloud_run_v2_service.s", values)], []))
    assert use.provider == "openai"


REFERENCES = {
    "for each of the same": (["aws_sqs_queue.q", "each.key"], ['aws_sqs_queue.q["a.b"]']),
    "one that is named": (['aws_sqs_queue.q["c"].arn', 'aws_sqs_queue.q["c"]', "aws_sqs_queue.q"], ['aws_sqs_queue.q["c"]']),
    "all": (["aws_sqs_queue.q"], ['aws_sqs_queue.q["a.b"]', 'aws_sqs_queue.q["c"]']),
    "one that is not planned": (["aws_sqs_queue.x.arn", "aws_sqs_queue.x"], ["aws_sqs_queue.x"]),
    "nothing that is a resource": (["local.x", "var.y", "path.module", "terraform.workspace"], []),
}  # fmt: skip


@pytest.mark.parametrize("case", REFERENCES)
def test_references_of_instances(case: str) -> None:
    names, expected = REFERENCES[case]
    planned = [
        lambda_of('aws_lambda_function.f["a.b"]', {}),
        item('aws_sqs_queue.q["a.b"]', {}),
        item('aws_sqs_queue.q["c"]', {}),
    ]
    data = plan(planned, [config("aws_lambda_function.f", *names)])
    parts = read_plan(json.dumps(data))[1]
    assert [r.address for r in parts[0].refs] == expected


def in_modules() -> dict[str, Any]:
    """Two instances of a module, each with its queue, and a bucket of the root given to both."""
    children = [
        {
            "address": f'module.w["{key}"]',
            "resources": [
                lambda_of(f'module.w["{key}"].aws_lambda_function.f', {"OPENAI_MODEL": "gpt-4o"}),
                item(f'module.w["{key}"].aws_sqs_queue.q', {"tags": PHI if key == "a" else {}}),
            ],
        }
        for key in ("a", "b")
    ]
    inner = {
        "resources": [config("aws_lambda_function.f", "aws_sqs_queue.q.arn", "aws_sqs_queue.q", "var.bucket")],
        "outputs": {"queue": {"expression": {"references": ["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]}}},
    }  # fmt: skip
    data = plan(
        [item("aws_s3_bucket.b", {}), item("aws_iam_policy.p", {})],
        [config("aws_iam_policy.p", 'module.w["a"].queue', 'module.w["a"]', at="policy")],
    )
    data["planned_values"]["root_module"]["child_modules"] = children
    data["configuration"]["root_module"]["module_calls"] = {
        "w": {"expressions": {"bucket": {"references": ["aws_s3_bucket.b.arn"]}}, "module": inner}
    }
    return data


def test_references_across_modules() -> None:
    parts = {p.id: [r.address for r in p.refs] for p in read_plan(json.dumps(in_modules()))[1]}
    for key in ("a", "b"):
        inside = f'module.w["{key}"].'
        expected = [f"{inside}aws_sqs_queue.q", "aws_s3_bucket.b"]
        assert parts[f"{inside}aws_lambda_function.f"] == expected
    assert parts["aws_iam_policy.p"] == ['module.w["a"].aws_sqs_queue.q', 'module.w["b"].aws_sqs_queue.q']  # fmt: skip


def test_phi_stays_with_the_instance(tmp_path: Path) -> None:
    data = in_modules()
    for child in data["planned_values"]["root_module"]["child_modules"]:
        child["resources"][0]["values"]["tags"] = {}
    module = data["configuration"]["root_module"]["module_calls"]["w"]
    module["expressions"] = {}  # a bucket that both shared would carry it
    found: dict[str, Workload] = {w.id: w for w in analysed(tmp_path, data).estate.workloads}
    assert found['module.w["a"].aws_lambda_function.f'].phi.value == "phi"
    assert found['module.w["b"].aws_lambda_function.f'].phi.value != "phi"


def sensitive_map(values: Any, after: Any) -> dict[str, Any]:
    """A plan of a PHI function whose whole environment is sensitive."""
    made = item(
        "aws_lambda_function.f",
        {"function_name": "f", "tags_all": {"DataClassification": "PHI"}, "environment": values},
        {"environment": [{"variables": True}]},
    )
    whole = plan([made], [])
    whole["resource_changes"] = [
        {"address": "aws_lambda_function.f", "change": {"after": {"environment": after}}}
    ]
    return whole


@pytest.mark.parametrize("values", [[{"variables": None}], [{}], [{"variables": {}}]])
def test_what_a_plan_leaves_out_as_sensitive_is_read_where_the_change_names_it(
    tmp_path: Path, values: Any
) -> None:
    after = [{"variables": {"OPENAI_API_KEY": KEY, "MODE": "x"}}]
    found = analysed(tmp_path, sensitive_map(values, after)).estate
    assert [u.provider for w in found.workloads for u in w.uses] == ["openai"]
    assert KEY not in repr(found)


def test_a_sensitive_map_of_which_nothing_is_known_is_a_gap_and_not_absent(tmp_path: Path) -> None:
    other = lambda_of("aws_lambda_function.g", {"OPENAI_API_KEY": "ssm:/k"})
    whole = sensitive_map([{"variables": None}], None)
    whole["planned_values"]["root_module"]["resources"].append(other)
    (tmp_path / "tfplan.json").write_text(json.dumps(whole))
    given = FilesInput("terraform_plan", str(tmp_path), [str(tmp_path / "tfplan.json")])
    gaps = {r.id: [g.path for g in r.gaps] for r in read_files(given, around()).resources if r.gaps}
    assert list(gaps) == ["aws_lambda_function.f"]
    assert gaps["aws_lambda_function.f"][0].endswith("variables")
