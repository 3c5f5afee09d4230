"""Whose key it is, and by whose word: the policy, the code, a team that may say it; and who may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic import COMPLIANCE, POLICY, WORKLOAD
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.observed import Assurance
from openai_phi.words.verdict import Conjunct, Outcome, Verdict

LINE = 'credentials:\n  - {project: proj_clinic, kubernetes: "clinic/openai#OPENAI_API_KEY"}\n'
NO_LINES = POLICY.replace(LINE, "")
DAY = "2026-11-20"


def assessed(
    folder: Path, policy: str, *, workload: str = WORKLOAD, team: str = COMPLIANCE
) -> Assessment:
    (folder / "notes.yaml").write_text(workload)
    (folder / "openai-compliance.yaml").write_text(team)
    (folder / "openai-policy.yaml").write_text(policy)
    (found,) = scan_folder(Options(str(folder), today=DAY)).analysis.assessments
    return found


def line(text: str) -> str:
    return NO_LINES.replace(
        "agreements:", f"credentials:\n  - {{project: proj_clinic, {text}}}\nagreements:"
    )


def delegated(to: str) -> str:
    return NO_LINES.replace("zero_data_retention}", f"zero_data_retention, delegated_to: [{to}]}}")


def missing(found: Assessment) -> list[str]:
    return [m.what for m in found.missing if m.conjunct is Conjunct.CREDENTIAL]


BOUND = {
    "its line": POLICY,
    "of whatever entry": line("kubernetes: clinic/openai"),
    "with one pattern": line('kubernetes: "clinic/open*#OPENAI_API_KEY"'),
    "a team that may say it, everywhere": delegated('"**"'),
    "in this file": delegated("openai-compliance.yaml"),
    "of this workload's file": delegated('"notes.*"'),
}
NOT_BOUND = {
    "nobody's": NO_LINES,
    "another entry": line('kubernetes: "clinic/openai#OTHER"'),
    "another namespace": line('kubernetes: "ward/openai#OPENAI_API_KEY"'),
    "another store": line("vault: clinic/openai"),
    "a pattern that stops at a slash": line('kubernetes: "cli*#OPENAI_API_KEY"'),
    "a line for another environment": line("kubernetes: clinic/openai, environment: prod"),
    "a line for a repository that is not known": line("kubernetes: clinic/openai, repository: clinic/notes"),
    "a team that may say it elsewhere": delegated("services/notes/**"),
    "a team of a repository that is not known": delegated("{repository: clinic/notes}"),
    "a key that is put in, though one is shown": line("key: injected, workload: Deployment.clinic.notes"),
}  # fmt: skip


@pytest.mark.parametrize("case", BOUND)
def test_a_word_that_counts(case: str, tmp_path: Path) -> None:
    found = assessed(tmp_path, BOUND[case])
    assert (found.verdict, missing(found)) == (Verdict.COVERED, [])


@pytest.mark.parametrize("case", NOT_BOUND)
def test_a_word_that_does_not(case: str, tmp_path: Path) -> None:
    found = assessed(tmp_path, NOT_BOUND[case])
    assert found.verdict is Verdict.UNPROVEN
    assert missing(found) == [
        "which organization and project OPENAI_API_KEY from kubernetes:clinic/openai#OPENAI_API_KEY at "
        "notes.yaml:12 belongs to is not recorded: openai-compliance.yaml:3 alone says proj_clinic"
    ]


def test_the_line_to_paste_is_the_one_that_is_missing(tmp_path: Path) -> None:
    found = assessed(tmp_path, NO_LINES)
    lines = [a.line for m in found.missing for a in m.additions]
    assert lines == ['  - {project: proj_clinic, kubernetes: "clinic/openai#OPENAI_API_KEY"}']


def test_the_reasons_say_which_key_whose_and_by_whose_word(tmp_path: Path) -> None:
    key = "OPENAI_API_KEY from kubernetes:clinic/openai#OPENAI_API_KEY at notes.yaml:12 is of proj_clinic"
    by_line = assessed(tmp_path, POLICY)
    assert f"{key}, as openai-policy.yaml:5 says" in [h.because for h in by_line.held]
    by_team = assessed(tmp_path, delegated('"**"'))
    said = (
        f"{key}, as openai-compliance.yaml:3 says, which openai-policy.yaml:3 accepts (delegated)"
    )
    assert said in [h.because for h in by_team.held]


def test_each_key_is_bound_for_itself(tmp_path: Path) -> None:
    second = WORKLOAD + (
        "            - {name: OPENAI_API_KEY_2, valueFrom: {secretKeyRef: {name: more, key: token}}}\n"
    )
    found = assessed(tmp_path, POLICY, workload=second)
    assert [w.partition(" at ")[0] for w in missing(found)] == [
        "which organization and project OPENAI_API_KEY_2 from kubernetes:clinic/more#token"
    ]


SAYS = [
    "annotations: {openai-compliance/project: proj_clinic}, name: notes",
    'labels: {openai-compliance/project: proj_clinic, data-classification: phi}, name: "notes"',
]


@pytest.mark.parametrize("said", SAYS)
def test_what_a_workload_says_of_itself_is_a_claim(said: str, tmp_path: Path) -> None:
    workload = WORKLOAD.replace(
        "name: notes, namespace: clinic, labels: {data-classification: phi}",
        f"{said}, namespace: clinic"
        + ("" if "labels" in said else ", labels: {data-classification: phi}"),
    )
    team = COMPLIANCE.replace("project: proj_clinic, ", "")
    found = assessed(tmp_path, NO_LINES, workload=workload, team=team)
    assert found.verdict is Verdict.UNPROVEN
    assert missing(found)[0].endswith("the workload alone says proj_clinic")
    assert assessed(tmp_path, POLICY, workload=workload, team=team).verdict is Verdict.COVERED


def test_a_policy_that_asks_for_claims_alone_takes_them(tmp_path: Path) -> None:
    found = assessed(tmp_path, NO_LINES + "limits: {minimum_assurance: claimed}\n")
    assert (found.verdict, found.assured.agreement, found.assured.settings) == (
        Verdict.COVERED, Assurance.ATTESTED, Assurance.CLAIMED,
    )  # fmt: skip


WRONG = {
    "two projects": (
        '{project: proj_clinic, kubernetes: "clinic/openai#K"}',
        '{project: proj_b, kubernetes: "clinic/openai#K"}',
        "holds the key of proj_b",
    ),
    "a pattern over a name": (
        '{project: proj_b, kubernetes: "clinic/open*#K"}',
        '{project: proj_clinic, kubernetes: "clinic/openai#K"}',
        "holds the key of proj_clinic",
    ),
    "a pattern that is too wide": ('{project: proj_clinic, kubernetes: "*/openai#K"}', "", "too wide"),
    "two patterns": ('{project: proj_clinic, kubernetes: "pr-*/open*#K"}', "", "too wide"),
    "nobody": ("{kubernetes: clinic/openai}", "", "says not whose key it is"),
    "a host for a project": ("{project: proj_clinic, host: api.openai.com}", "", "all that goes to a host"),
    "a workload without its key": (
        "{project: proj_clinic, workload: Deployment.clinic.notes}", "", "a workload without its key",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("turned", [False, True])
def test_lines_that_are_wrong(case: str, turned: bool, tmp_path: Path) -> None:
    first, second, said = WRONG[case]
    pair = [f"  - {text}\n" for text in (first, second) if text]
    lines = "".join(reversed(pair) if turned else pair)
    policy = NO_LINES.replace(
        "agreements:",
        f"  - {{id: proj_b, organization: org-clinic}}\ncredentials:\n{lines}agreements:",
    )
    (tmp_path / "openai-policy.yaml").write_text(policy)
    (tmp_path / "notes.yaml").write_text(WORKLOAD)
    result = scan_folder(Options(str(tmp_path), today=DAY))
    found = [f.message for f in result.findings if f.rule == "OAI_DECLARATION_1"]
    assert found
    if not (second and turned):
        assert any(said in m for m in found), found


SCRIBE = """apiVersion: apps/v1
kind: Deployment
metadata: {name: notes, namespace: clinic, labels: {data-classification: phi}}
spec:
  template:
    metadata: {labels: {app: notes}}
    spec:
      containers:
        - name: app
          image: registry.example.org/notes:1
          env:
            - {name: SCRIBE_URL, value: "https://api.scribe.example/v1/notes"}
"""
VENDOR = (
    "gateways:\n  - {host: api.scribe.example, operated_by: scribe, account: vendor, agreement: with-scribe%s}\n"
    "agreements:\n  - {kind: baa, id: with-scribe, provider: scribe, signed_on: 2026-10-01%s}\n"
)
VENDORS = {
    "bound": (", subcontractors: bound", "", Verdict.COVERED),
    "subcontractors that nobody binds": ("", "", Verdict.UNPROVEN),
    "expired": (", subcontractors: bound", ", expires_on: 2026-11-01", Verdict.NOT_COVERED),
}


@pytest.mark.parametrize("case", VENDORS)
def test_a_vendor_with_an_account_of_its_own(case: str, tmp_path: Path) -> None:
    """It is judged whatever it is called, by our agreement with it, and nothing of ours with OpenAI is asked."""
    gateway, agreement, verdict = VENDORS[case]
    found = assessed(
        tmp_path,
        f"version: 1\n{VENDOR % (gateway, agreement)}",
        workload=SCRIBE,
        team="version: 1\n",
    )
    assert (found.verdict, found.use.host) == (verdict, "api.scribe.example")
    told: list[Outcome] = [*found.broken, *found.missing, *found.held]
    assert {o.conjunct for o in told} == {Conjunct.PARTY}


TERRAFORM = """
resource "openai_project_service_account" "a" {
  project_id = "PROJECT"
  name       = "a"
}
resource "aws_secretsmanager_secret" "k" { name = "clinic/key" }
resource "aws_secretsmanager_secret_version" "k" {
  secret_id     = aws_secretsmanager_secret.k.id
  secret_string = CONTENT
}
resource "aws_ecs_task_definition" "n" {
  family = "n"
  tags   = { DataClassification = "PHI" }
  container_definitions = jsonencode([{ name = "app", image = "x/y:1", secrets = [
    { name = "OPENAI_API_KEY", valueFrom = aws_secretsmanager_secret.k.arn } ] }])
}
"""
MADE = "openai_project_service_account.a.api_key"


@pytest.mark.parametrize(
    ("content", "project", "proven"),
    [
        (MADE, "proj_clinic", True),
        (f"jsonencode({{ OPENAI_API_KEY = {MADE} }})", "proj_clinic", False),
        ("var.key", "proj_clinic", False),
        (MADE, "proj_other", False),
    ],
)
def test_a_secret_whose_content_the_code_takes_from_a_projects_account(
    content: str, project: str, proven: bool, tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text(
        TERRAFORM.replace("CONTENT", content).replace("PROJECT", project)
    )
    (tmp_path / "openai-policy.yaml").write_text(NO_LINES)
    (found,) = scan_folder(Options(str(tmp_path), today=DAY)).analysis.assessments
    held = [h.assurance for h in found.held if h.conjunct is Conjunct.CREDENTIAL]
    assert (held == [Assurance.ENFORCED] and found.organization == "org-clinic") is proven
