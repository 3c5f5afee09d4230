"""Policy and compliance files: what is wrong with them and where, and how nearer files narrow."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from openai_phi.declared.agreements import Agreement, AgreementState
from openai_phi.declared.declaration_loader import load
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.declared_workloads import Named
from openai_phi.declared.vocabulary import CatalogueWords
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.data_files import validator
from openai_phi.words.places import Place
from openai_phi.words.resources import SecretRef

TODAY = date(2026, 11, 20)
POLICY = """version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-a], terms: openai-baa-2026-10, signed_on: 2026-10-07}
projects:
  - {id: proj_a, organization: org-a, data: phi, retention: zero_data_retention, endpoints: [/v1/responses, /v1/embeddings]}
"""
DIGEST = hashlib.sha256(POLICY.encode()).hexdigest()
P, C, SUB, ORG = "openai-policy.yaml", "openai-compliance.yaml", "sub/openai-compliance.yaml", "org/openai-policy.yaml"  # fmt: skip
V = "version: 1\n"
W = V + "workloads:\n"


def declared(root: Path, files: dict[str, str], policy: str | None = None) -> Declarations:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    path = str(root / policy) if policy else None
    return load(str(root), policy_path=path, known=CatalogueWords(load_catalogue()))


WRONG: dict[str, tuple[dict[str, str], str, str]] = {
    # name: files, the place of the mistake, what it says
    "no YAML": ({C: W + "  [\n"}, f"{C}:4", "is not valid YAML"),
    "a tab": ({C: W + "\t- {match: a}\n"}, f"{C}:3", "is not valid YAML"),
    "no class of data": (
        {C: W + "  - {match: a, data: pii}\n"},
        f"{C}:3",
        "data must be one of phi, limited_data_set, part2, psychotherapy_notes, none, synthetic, deidentified, personal_eu",
    ),
    "a blank of a fix": (
        {P: POLICY.replace("org-a]", "org-…]")}, f"{P}:3", "organizations[0]: org-… is a blank",
    ),
    "a blank of three dots": (
        {C: W + "  - {match: a, project: ...}\n"}, f"{C}:3", "project: ... is a blank",
    ),
    "no mapping": ({C: "- a\n"}, f"{C}:1", "one YAML document with a mapping"),
    "empty": ({C: ""}, f"{C}:1", "one YAML document with a mapping"),
    "two documents": ({C: f"{V}---\n{V}"}, f"{C}:1", "one YAML document"),
    "nested 200 deep": ({C: W + "  - match: " + "[" * 200 + "]" * 200 + "\n"}, f"{C}:3", "nests deeper"),
    "a key twice": ({C: V + V}, f"{C}:2", "the key version twice"),
    "unknown key": ({C: V + "worklods: []\n"}, f"{C}:2", "unknown key worklods"),
    "agreement of a team": ({C: V + "agreements: []\n"}, f"{C}:2", "unknown key agreements"),
    "other version": ({C: "version: 2\n"}, f"{C}:1", "version must be one of 1"),
    "no version": ({C: "workloads: []\n"}, f"{C}:1", "lacks version"),
    "unknown endpoint": (
        {C: W + "  - match: a\n    endpoints:\n    - /v1/responses\n    - /v1/nope\n"},
        f"{C}:6",
        "unknown endpoint /v1/nope",
    ),
    "unknown feature": (
        {C: W + "  - {match: a, features: [telepathy]}\n"}, f"{C}:3", "unknown feature telepathy",
    ),
    "unknown project": (
        {P: POLICY, C: W + "  - {match: a, project: proj_b}\n"}, f"{C}:3", "project proj_b",
    ),
    "more than the project": (
        {P: POLICY, C: W + "  - match: a\n    project: proj_a\n    endpoints: [/v1/files]\n"},
        f"{C}:5",
        "widens the endpoints of project proj_a: /v1/files",
    ),
    "synthetic without basis": (
        {C: W + "  - {match: a, data: synthetic}\n"}, f"{C}:3", "lacks basis",
    ),
    "de-identified without expert": (
        {C: W + "  - {match: a, data: deidentified, method: safe_harbor, by: x, on: 2026-01-01}\n"},
        f"{C}:3",
        "lacks reference",
    ),
    "no date": ({P: POLICY.replace("2026-10-07", "2026-13-07")}, f"{P}:3", "2026-13-07 is no date"),
    "unknown edition": (
        {P: POLICY + "catalogue: {edition: 2099-01}\n"}, f"{P}:6", "unknown edition 2099-01",
    ),
    "project twice": (
        {P: POLICY + "  - {id: proj_a, organization: org-a}\n"}, f"{P}:6", "proj_a is there twice",
    ),
    "BAA for nobody": (
        {P: POLICY.replace("organizations: [org-a], ", "")}, f"{P}:3", "must name the organizations",
    ),
    "credential of no project": (
        {P: POLICY + "credentials:\n  - {project: proj_x, kubernetes: a/b}\n"}, f"{P}:7", "proj_x",
    ),
    "digest differs": (
        {ORG: POLICY, C: V + f"extends: {{file: {ORG}, sha256: {'ab' * 32}}}\n"},
        f"{C}:2",
        "digest differs",
    ),
    "policy not there": (
        {C: V + f"extends: {{file: {ORG}, sha256: {'ab' * 32}}}\n"}, f"{C}:2", "cannot be read",
    ),
    "policy that nothing names": ({ORG: POLICY}, f"{ORG}:1", "a policy that nothing names"),
    "second policy": ({P: POLICY, ORG: POLICY + "\n"}, f"{ORG}:1", "a second policy beside"),
    "nested file lowers": (
        {C: W + "  - {match: a, data: phi}\n", SUB: W + "  - match: a\n    data: none\n"},
        f"{SUB}:4",
        f"widens a: {C}:3 declares phi",
    ),
    "nested file adds endpoints": (
        {
            C: W + "  - {match: a, endpoints: [/v1/embeddings]}\n",
            SUB: W + "  - match: a\n    endpoints: [/v1/embeddings, /v1/responses]\n",
        },
        f"{SUB}:4",
        "widens the endpoints",
    ),
    "nested file lowers the assurance": (
        {P: POLICY, SUB: V + "limits:\n  minimum_assurance: claimed\n"},
        f"{SUB}:3",
        "from attested to claimed",
    ),
    "nested file extends a limit": (
        {P: POLICY + "limits: {max_exception_days: 30}\n", SUB: V + "limits:\n  max_exception_days: 60\n"},
        f"{SUB}:3",
        "from 30 to 60",
    ),
    "looser coverage rule": (
        {P: POLICY, C: V + "limits: {coverage: listed}\n"}, f"{C}:2", "must be one of strict",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_named_at_its_line(tmp_path: Path, case: str) -> None:
    files, place, said = WRONG[case]
    found = declared(tmp_path, files).mistakes
    at_place = [m for m in found if f"{m.place.file}:{m.place.line}" == place]
    assert any(said in m.message for m in at_place), found


def test_right_files_have_no_mistake(tmp_path: Path) -> None:
    files = {
        ORG: POLICY,
        C: V + f"extends: {{file: {ORG}, sha256: {DIGEST}}}\nworkloads:\n"
        "  - {match: a, data: phi, project: proj_a, endpoints: [responses]}\n"
        "  - {match: b, data: synthetic, basis: Synthea}\n",
        SUB: W + "  - {match: a, endpoints: [/v1/responses]}\n",
    }
    found = declared(tmp_path, files)
    assert found.mistakes == ()
    assert found.policy
    assert found.policy.digest == DIGEST


def test_a_supplied_policy_is_the_only_one_and_its_digest_is_held(tmp_path: Path) -> None:
    files = {ORG: POLICY, C: V + f"extends: {{file: {ORG}, sha256: {'ab' * 32}}}\n"}
    found = declared(tmp_path, files, policy=ORG)
    (mistake,) = found.mistakes
    assert (mistake.place.file, mistake.place.line) == (C, 2)
    assert "differs from the one that CI supplies" in mistake.message
    assert found.policy


def test_a_mistake_breaks_what_lies_below_it_and_a_policys_breaks_all(tmp_path: Path) -> None:
    found = declared(tmp_path, {SUB: "version: 2\n", C: V})
    assert found.broken_for("sub/deep/a.yaml")
    assert not found.broken_for("other/a.yaml")
    found = declared(tmp_path, {P: POLICY.replace("2026-10-07", "soon"), SUB: V})
    assert found.broken_for("other/a.yaml")


def workload(root: Path, files: dict[str, str], path: str, name: str) -> object:
    return declared(root, files).workload(Named(names=(name,), path=path))


def test_a_nearer_file_narrows_and_never_replaces(tmp_path: Path) -> None:
    files = {
        C: W
        + "  - {match: 'x*', data: phi, project: proj_a, endpoints: [/v1/responses, /v1/files]}\n",
        SUB: W + "  - {match: x1, data: none, project: proj_b, endpoints: [/v1/responses]}\n"
        "  - {match: x2, endpoints: [/v1/assistants]}\n",
    }
    found = declared(tmp_path, files)
    narrowed = found.workload(Named(names=("x1",), path="sub/a.yaml"))
    assert narrowed
    assert (narrowed.data, narrowed.project) == ("phi", "proj_a")
    assert narrowed.endpoints == ("/v1/responses",)
    wider = found.workload(Named(names=("x2",), path="sub/a.yaml"))
    assert wider
    assert set(wider.endpoints or ()) == {"/v1/responses", "/v1/files", "/v1/assistants"}
    elsewhere = found.workload(Named(names=("x1",), path="a.yaml"))
    assert elsewhere
    assert elsewhere.endpoints == ("/v1/responses", "/v1/files")


def test_in_one_file_the_exact_entry_decides(tmp_path: Path) -> None:
    files = {
        C: W
        + "  - {match: '*', data: phi}\n  - {match: x, data: none}\n  - {match: 'y*', data: none}\n"
    }
    found = declared(tmp_path, files)
    data = [
        getattr(found.workload(Named(names=(n,), path="a.yaml")), "data", None)
        for n in ("x", "y1", "z")
    ]
    assert data == ["none", "phi", "phi"]


def test_an_entry_with_a_path_holds_only_below_it(tmp_path: Path) -> None:
    found = declared(tmp_path, {SUB: W + "  - {match: x, data: none, path: dev}\n"})
    assert found.workload(Named(names=("x",), path="sub/dev/a.yaml"))
    assert found.workload(Named(names=("x",), path="sub/a.yaml")) is None
    assert found.workload(Named(names=("x",), path="sub/development/a.yaml")) is None


@pytest.mark.parametrize(
    ("dates", "state"),
    [
        ("signed_on: 2026-11-20", "in_force"),
        ("signed_on: 2026-11-21", "not_yet_signed"),
        ("signed_on: 2026-01-01, expires_on: 2026-11-20", "in_force"),
        ("signed_on: 2026-01-01, expires_on: 2026-11-19", "expired"),
        ("signed_on: 2025-01-01, reviewed_on: 2025-10-01, review_every: 365d", "review_overdue"),
        ("signed_on: 2025-01-01, reviewed_on: 2026-10-01, review_every: 365d", "in_force"),
    ],
)
def test_state_of_an_agreement_on_a_day(tmp_path: Path, dates: str, state: str) -> None:
    found = declared(tmp_path, {P: POLICY.replace("signed_on: 2026-10-07", dates)})
    assert found.baa("org-a", "openai", TODAY).state.value == state
    assert found.baa("org-b", "openai", TODAY).state is AgreementState.MISSING


@pytest.mark.parametrize("dates", [{"expires_on": "never"}, {"signed_on": "2026-02-30"}])
def test_a_date_that_does_not_parse_counts_as_expired(dates: dict[str, str]) -> None:
    agreement = Agreement(
        kind="baa", provider="openai", organizations=("org-a",), dates=dates, place=Place(P, 3)
    )
    assert agreement.standing(TODAY).state is AgreementState.EXPIRED


def test_a_secret_by_its_reference_names_its_project(tmp_path: Path) -> None:
    more = (
        "credentials:\n  - {project: proj_a, kubernetes: clinic/openai#key, ssm: /clinic/openai}\n"
    )
    found = declared(tmp_path, {P: POLICY + more})
    names = ("clinic/openai#key", "clinic/openai", "clinic/openai#other", "openai#key")
    bound = [[c.project for c in found.credentials_of(SecretRef("kubernetes", n))] for n in names]
    assert bound == [["proj_a"], ["proj_a"], [], []]
    (line,) = found.credentials_of(SecretRef("ssm", "/clinic/openai"))
    assert (line.project, line.place.line) == ("proj_a", more.count("\n") + POLICY.count("\n"))
    assert found.credentials_of(SecretRef("secretsmanager", "/clinic/openai")) == ()


@pytest.mark.parametrize(
    ("second", "wrong"),
    [
        ("{project: proj_b, kubernetes: clinic/openai#key}", True),
        ("{project: proj_b, kubernetes: clinic/openai}", True),
        ("{project: proj_b, kubernetes: clinic/openai#other}", False),
        ("{project: proj_a, kubernetes: clinic/openai#key}", False),
    ],
)
def test_two_lines_for_one_secret_name_one_project(
    tmp_path: Path, second: str, wrong: bool
) -> None:
    first = "{project: proj_a, kubernetes: clinic/openai#key}"
    policy = (
        "version: 1\nprojects: [{id: proj_a, organization: o}, {id: proj_b, organization: o}]\n"
    )
    for lines in ((first, second), (second, first)):
        text = f"{policy}credentials:\n  - {lines[0]}\n  - {lines[1]}\n"
        found = declared(tmp_path, {P: text})
        assert [m.place.line for m in found.mistakes] == ([5] if wrong else [])


@pytest.mark.parametrize("name", ["openai-policy", "openai-compliance", "catalog"])
def test_schemas_are_draft_2020_12_and_every_field_is_described(name: str) -> None:
    schema = validator(f"{name}.schema.json").schema
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"].endswith("2020-12/schema")
    if name != "catalog":
        for key, field in schema["properties"].items():
            assert field.get("description"), key
            inner = field.get("items", field).get("properties", {})
            bare = [k for k, f in inner.items() if not f.get("description") and "$ref" not in f]
            assert bare == [], key


def test_a_tab_is_named_as_what_is_wrong(tmp_path: Path) -> None:
    """Nobody sees it, and the parser's words do not say it."""
    (found,) = declared(tmp_path, {C: W + "\t- {match: a}\n"}).mistakes
    assert found.hint == "Indent with spaces, not with tabs."
    (found,) = declared(tmp_path, {C: W + "  - {match: [a}\n"}).mistakes
    assert found.hint == "Correct the YAML."


def test_a_blank_is_one_mistake_and_a_sentence_none(tmp_path: Path) -> None:
    text = POLICY.replace("2026-10-07", "…").replace("zero_data_retention", "…")
    found = declared(tmp_path, {P: text}).mistakes
    assert [(m.place.line, m.place.path) for m in found] == [
        (3, "agreements[0].signed_on"),
        (5, "projects[0].retention"),
    ]
    reason = "document: {reference: signed … and filed}, signed_on"
    assert not declared(tmp_path, {P: POLICY.replace("signed_on", reason)}).mistakes


def test_a_policy_that_cannot_be_read_is_the_only_mistake(tmp_path: Path) -> None:
    """What other files say of its projects is not held against them."""
    team = W + "  - {match: a, project: proj_a, endpoints: [/v1/responses]}\n"
    found = declared(tmp_path, {P: POLICY.replace("  - {kind", "\t- {kind"), C: team}).mistakes
    assert [(m.place.file, m.place.line) for m in found] == [(P, 3)]


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "openai-compliance.yaml")
    (mistake,) = declared(tmp_path, {}).mistakes
    assert "it is no file" in mistake.message
