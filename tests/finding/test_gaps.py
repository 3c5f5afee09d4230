"""What could not be evaluated is told, and fails where it could say where PHI goes; each with its innocent twin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command import started
from inprocess import analysis, write
from openai_phi.facts.signatures import signatures
from openai_phi.reading.gaps import gaps_of
from openai_phi.reading.terraform.terraform_values import OneOf, Val, call, unknown
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.verdicts.settings_cover import may_lead_elsewhere
from openai_phi.words.observed import Confidence, Evidence, Kind, Use
from openai_phi.words.places import Place
from openai_phi.words.resources import UNKNOWN_PART, Gap, Lack, Setting, Unknown

POLICY = """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-clinic], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_clinic], approved_on: 2026-10-10}
projects:
  - {id: proj_clinic, organization: org-clinic, data: phi, retention: zero_data_retention, endpoints: [/v1/responses], features: [], delegated_to: ["**"]}
credentials:
  - {project: proj_clinic, secretsmanager: k}
"""
SECRET = 'resource "aws_secretsmanager_secret" "k" {\n  name = "k"\n}\n'
BASE = 'OPENAI_BASE_URL = "https://api.openai.com/v1"'
KEY = "OPENAI_API_KEY_SECRET_ARN = aws_secretsmanager_secret.k.arn"
BOTH = f"{{\n      {BASE}\n      {KEY}\n    }}"
F = "aws_lambda_function.f"


def function(variables: str, tags: str = '{ phi = "true" }') -> str:
    return (
        f'resource "aws_lambda_function" "f" {{\n  function_name = "f"\n  tags = {tags}\n'
        f"  environment {{\n    variables = {variables}\n  }}\n}}\n"
    )


def scan(folder: Path, main: str, **files: str) -> list[tuple[str, str]]:
    write(folder, main_tf=SECRET + main, **files)
    (folder / "openai-policy.yaml").write_text(POLICY)
    return [
        (f.rule, f.message) for f in scan_folder(Options(str(folder), today="2026-11-20")).findings
    ]


MORE = 'variable "more" {}\n'
MAP = 'variable "more" {\n  type = map(string)\n}\n'
FAILS = {
    "the later map may hold another address": (f"merge({BOTH}, var.more)", MORE),
    "what fills it speaks, wherever it stands": (
        f"merge(var.openai_more, {BOTH})",
        'variable "openai_more" {}\n',
    ),
    "the key comes before it": (f"merge({{\n      {KEY}\n    }}, var.more, {{\n      {BASE}\n    }})", MORE),
    "no address is written": (f"merge(var.more, {{\n      {KEY}\n    }})", MAP),
    "the output of a module that is not here": (
        f"merge({BOTH}, module.shared.env)",
        'module "shared" {\n  source = "example/shared/aws"\n}\n',
    ),
    "names that are made of what is unknown": (
        f"merge({BOTH}, {{ for k, v in var.more : upper(k) => v }})",
        MORE,
    ),
    "one of two, and one is unknown": (f"merge({BOTH}, var.on ? var.more : {{}})", MORE + 'variable "on" {}\n'),
}  # fmt: skip
QUIET = {
    "both are written after it": (f"merge(var.more, {BOTH})", MORE),
    "nothing is unknown": (f'merge({BOTH}, {{ A = "1" }})', ""),
    "a default closes it": (f"merge({BOTH}, var.more)", 'variable "more" { default = {} }\n'),
    "one of two, and both are known": (
        f'merge({BOTH}, var.on ? {{ A = "1" }} : {{}})',
        'variable "on" {}\n',
    ),
    "only a value is unknown": (
        f"{{\n      {BASE}\n      {KEY}\n      STAGE = var.stage\n    }}",
        'variable "stage" {}\n',
    ),
}


@pytest.mark.parametrize("case", FAILS)
def test_a_gap_beside_a_covered_use_fails(tmp_path: Path, case: str) -> None:
    variables, more = FAILS[case]
    ((rule, message),) = scan(tmp_path, function(variables) + more)
    assert rule == "OAI_COVERAGE_9"
    assert message.startswith(F)
    assert "what environment[0].variables holds (" in message


@pytest.mark.parametrize("case", QUIET)
def test_its_innocent_twin(tmp_path: Path, case: str) -> None:
    variables, more = QUIET[case]
    assert scan(tmp_path, function(variables) + more) == []


def test_a_variable_file_closes_it(tmp_path: Path) -> None:
    main = function(f"merge({BOTH}, var.more)") + MORE
    assert len(scan(tmp_path, main)) == 1
    assert scan(tmp_path, main, terraform_tfvars='more = { A = "1" }\n') == []


@pytest.mark.parametrize(
    ("name", "text", "fails"),
    [
        ("openai_settings", "", True),
        ("more", 'description = "OpenAI settings of the function"', True),
        ("more", 'description = "settings of the function"', False),
    ],
)
def test_a_use_that_nobody_can_see(tmp_path: Path, name: str, text: str, fails: bool) -> None:
    main = function(f"var.{name}") + f'variable "{name}" {{\n  {text}\n}}\n'
    found = scan(tmp_path, main)
    assert [rule for rule, _ in found] == ["OAI_COVERAGE_9"] * fails
    assert all(f"a variable file that sets {name}" in message for _, message in found)


def test_without_phi_it_fails_nothing(tmp_path: Path) -> None:
    main = function("var.openai_settings", tags="{}") + 'variable "openai_settings" {}\n'
    assert scan(tmp_path, main) == []


def test_what_fails_nothing_is_told_and_counted(tmp_path: Path) -> None:
    other = function("var.more").replace('"f"', '"other"')
    assert scan(tmp_path, function(BOTH) + other + MORE) == []
    seen = started("scan", tmp_path, "-f", "json", "-o", "-")
    (told,) = [w["gaps"] for w in json.loads(seen.out)["workloads"] if "gaps" in w]
    assert told == [
        {
            "file": "main.tf",
            "line": 18,
            "path": "environment[0].variables",
            "reason": "variable more has no value here",
            "closes": "a variable file that sets more, or a plan,",
            "speaks": False,
        }
    ]
    text = started("scan", tmp_path).out
    assert "aws_lambda_function.other: what environment[0].variables holds" in text
    assert "1 not evaluated" in text


def test_where_nothing_speaks_nothing_is_evaluated(tmp_path: Path) -> None:
    write(tmp_path, main_tf=function("var.more", tags="{}") + MORE)
    assert [r.gaps for r in analysis(tmp_path, "terraform").resources] == [()]


# -- where settings stand, and what of a use they could be ------------------------------------------

HOLE = Unknown("r", lack=Lack.VARIABLE, what="v")
PATHS = {
    "a map": ("aws_lambda_function", ("environment", 0, "variables"), HOLE, "environment[0].variables"),
    "a part of one": ("t", ("env_vars", UNKNOWN_PART), HOLE, "env_vars"),
    "an entry of a list": ("t", ("containers", 0, "env", 2), HOLE, "containers[0].env"),
    "a pair without a name": ("t", ("env", 0, "name"), HOLE, "env"),
    "all containers": ("t", ("container_definitions",), HOLE, "container_definitions"),
    "a script": ("t", ("user_data",), Unknown("r", lack=Lack.VALUE, what="v"), "user_data"),
    "an argument of a module": ("module_call", ("environment_variables",), HOLE, "environment_variables"),
    "the stage of a module": ("module_call", ("environment",), HOLE, None),
    "a plain value": ("t", ("environment",), Unknown("r", lack=Lack.VALUE, what="v"), None),
    "tags": ("t", ("tags", UNKNOWN_PART), HOLE, None),
    "a role": ("t", ("role",), HOLE, None),
    "the name of a container": ("t", ("container_definitions", 0, "name"), HOLE, None),
    "a value": ("t", ("environment", 0, "variables", "A"), HOLE, None),
    "a known map": ("t", ("environment",), "prod", None),
}  # fmt: skip


@pytest.mark.parametrize("case", PATHS)
def test_what_counts_as_settings(case: str) -> None:
    type_, path, value, expected = PATHS[case]
    setting = Setting(str(path[-1]), value, path, 3)
    found = gaps_of(type_, "main.tf", 1, [setting], signatures())
    assert [(g.path, g.place) for g in found] == (
        [(expected, Place("main.tf", 3))] if expected else []
    )


GAP = Gap(Place("main.tf", 3), "env", "r", "a plan", group="c", sure=("OPENAI_BASE_URL",))


def item(kind: Kind, name: str, value: str, path: str = "env.", group: str = "c") -> Evidence:
    place = Place("main.tf", 4, f"{path}{name}")
    return Evidence(kind, value, place, Confidence.STRUCTURAL, name, "openai", group)


HOST = item(Kind.HOST, "OPENAI_BASE_URL", "api.openai.com")
SEEN = item(Kind.KEY, "OPENAI_API_KEY", "reference", "secrets.")


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ((HOST, SEEN), False),
        ((HOST, item(Kind.KEY, "OPENAI_API_KEY", "reference")), True),
        ((HOST, item(Kind.KEY, "OPENAI_API_KEY", "none", "secrets.")), True),
        ((SEEN,), True),
        ((item(Kind.HOST, "OTHER_URL", "api.openai.com"), SEEN), True),
        ((item(Kind.KEY, "OPENAI_API_KEY", "reference", "x.", "other"),), False),
    ],
)
def test_what_could_hold_address_or_key(evidence: tuple[Evidence, ...], expected: bool) -> None:
    use = Use("openai", "api.openai.com", evidence)
    assert may_lead_elsewhere(GAP, use) is expected


def test_a_use_without_a_key_needs_its_address_only() -> None:
    assert (
        may_lead_elsewhere(GAP, Use("azure-openai", "api.openai.com", (HOST,)), keyless=True)
        is False
    )


def test_merge_keeps_what_is_certain_after_what_is_unknown() -> None:
    known = {"A": Val("1"), "B": Val("2")}
    hole = unknown("why", lack=Lack.MODULE, what="m")
    found = call("merge", [Val(known), hole, Val({"A": Val("3")})])
    assert list(found.data) == ["B", UNKNOWN_PART, "A"]
    assert found.data["A"].data == "3"
    assert found.data[UNKNOWN_PART].data.lack is Lack.MODULE
    assert found.data[UNKNOWN_PART].data.what == "m"


def test_merge_of_one_of_two_keeps_both_values() -> None:
    found = call(
        "merge",
        [Val({"A": Val("1")}), Val(OneOf((Val({"A": Val("2"), "B": Val("3")}), Val(None))))],
    )
    assert isinstance(found.data["A"].data, OneOf)
    assert [o.data for o in found.data["A"].data.options] == ["1", "2"]
    assert found.data["B"].data == "3"
    assert UNKNOWN_PART not in found.data
