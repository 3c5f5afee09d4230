"""The manifest: valid, with digests that anybody can compute again, and open about what is not known."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scan import CHECKS, ROOT

from openai_phi.facts.data_files import load_yaml, schema_root, validator
from openai_phi.finding.results import Result
from openai_phi.finding.rule_runs import RuleRun
from openai_phi.reporting.evidence_manifest import as_text, manifest, render, run_of
from openai_phi.scanning.repository import State, state_of
from openai_phi.words.found import Exempt
from openai_phi.words.places import Place

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_RUN_ID": "812",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_REPOSITORY": "clinic/infra",
    "GITHUB_TOKEN": "not-to-be-shown",
}
CLEAN = State("a" * 40, "https://git.example/clinic/infra.git", 0, 0)


def made(
    result: Result, state: State = CLEAN, environ: dict[str, str] | None = None
) -> dict[str, Any]:
    document = manifest(result, state, environ or {})
    schema = validator("openai-phi-evidence.schema.json")
    assert [f"{list(e.absolute_path)}: {e.message}" for e in schema.iter_errors(document)] == []
    return document


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=ci", "-c", "user.email=ci@clinic.example")
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_covered_workloads_carry_what_they_rely_on(sample: Result) -> None:
    document = made(sample)
    covered = {w["workload"]: w for w in document["covered"]}
    assert set(covered) == {
        "Deployment.clinic.triage-bot", "Deployment.clinic.portal-answers", "aws_lambda_function.summaries",
    }  # fmt: skip
    bot = covered["Deployment.clinic.triage-bot"]
    assert bot["verdict"] == "covered, agreement attested, settings attested"
    (use,) = bot["uses"]
    assert use["assurance"] == "attested"
    assert (use["project"], use["organization"]) == ("proj_clinic", "org-clinic")
    assert use["endpoints"] == ["/v1/responses"]
    assert use["agreements"] == ["openai-policy.yaml:6", "openai-policy.yaml:12"]
    assert {
        "part": "baa",
        "why": "BAA is in force at openai-policy.yaml:6",
        "assurance": "attested",
    } in use["rests_on"]
    assert use["broken"] == use["missing"] == []
    assert [w["verdict"] for w in document["not_covered_or_unproven"]] == [
        "not covered", "not covered", "not covered", "unproven",
    ]  # fmt: skip


def test_digests_are_of_the_files(sample: Result) -> None:
    digests = made(sample)["digests"]
    for part, base in (
        ("rules", CHECKS), ("engine", CHECKS / "openai_phi"), ("catalogue", ROOT / "schemas"), ("signatures", ROOT / "schemas"),
    ):  # fmt: skip
        files = digests[part]["files"]
        assert files
        for name, digest in files.items():
            assert digest == hashlib.sha256((base / name).read_bytes()).hexdigest()
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(files.items()))
        assert digests[part]["sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    engine = CHECKS / "openai_phi"
    assert set(digests["engine"]["files"]) == {
        f.relative_to(engine).as_posix() for f in engine.rglob("*.py")
    }
    policy = ROOT / "sample_infra" / "openai-policy.yaml"
    assert digests["policy"] == {
        "file": "openai-policy.yaml",
        "sha256": hashlib.sha256(policy.read_bytes()).hexdigest(),
    }
    assert [c["file"] for c in digests["compliance_files"]] == ["openai-compliance.yaml"]


def test_it_says_who_ran_what(sample: Result) -> None:
    document = made(sample, environ=GITHUB)
    assert document["run"] == {
        "system": "github_actions", "id": "812", "attempt": "2", "repository": "clinic/infra",
    }  # fmt: skip
    assert "not-to-be-shown" not in as_text(document)
    assert made(sample)["run"] is None
    assert [r["id"] for r in document["rules"]] == [r.id for r in sample.rules]
    assert all(document["versions"][n] for n in ("openai-phi", "checkov", "python"))
    assert document["scan"]["day"] == "2026-11-20"
    assert document["scan"]["frameworks"] == list(sample.frameworks)


def test_agreements_are_there_with_their_state_on_the_day(sample: Result) -> None:
    agreements = made(sample)["agreements"]
    (baa,) = [a for a in agreements if a["kind"] == "baa" and a["provider"] == "openai"]
    assert (baa["state"], baa["file"], baa["line"]) == ("in_force", "openai-policy.yaml", 6)
    assert baa["dates"]["signed_on"]


def test_it_states_the_scope(sample: Result) -> None:
    stated = made(sample)["scope"]
    assert any("traffic" in line for line in stated["not_judged"])
    assert "not legal advice" in stated["notice"]
    schema = validator("scope.schema.json")
    assert list(schema.iter_errors(load_yaml(schema_root() / "scope.yaml"))) == []


def test_what_was_not_looked_at_and_what_is_exempt(hostile: Result) -> None:
    left_out = Exempt(
        replace(hostile.findings[0], rule="OAI_SCAN_1"), "accepted", "not deployed", Place("c.yaml", 4),
        "compliance@clinic.example", "2026-12-31", plan=True,
    )  # fmt: skip
    broken = RuleRun(hostile.rules[0], (), "KeyError")
    result = replace(
        hostile,
        exempt=(left_out,),
        gaps=("framework helm: left out",),
        runs=(broken, *hostile.runs[1:]),
    )
    document = made(result)
    assert document["scan"]["complete"] is False
    assert document["scan"]["gaps"] == ["framework helm: left out"]
    assert document["unread"][0]["matters"] is True
    assert document["rules"][0]["error"] == "KeyError"
    (exempt,) = document["exempt"]
    assert (exempt["plan"], exempt["written_at"]) == (True, "c.yaml:4")
    (excluded,) = document["exclusions"]
    assert (excluded["reason"], excluded["written_at"]) == ("not deployed", "c.yaml:4")


def test_the_same_result_and_state_give_the_same_bytes(sample: Result) -> None:
    first, again = (as_text(manifest(sample, CLEAN, GITHUB)) for _ in range(2))
    assert first == again
    assert json.loads(render(sample))["repository"]["folder"] == "sample_infra"


@pytest.mark.parametrize("name", ["runs"])
def test_the_data_fits_its_schema(name: str) -> None:
    data = load_yaml(schema_root() / f"{name}.yaml")
    assert [e.message for e in validator(f"{name}.schema.json").iter_errors(data)] == []


def test_a_run_of_each_system_has_an_id() -> None:
    for each in load_yaml(schema_root() / "runs.yaml")["systems"]:
        environ = {v: f"value of {v}" for v in each["facts"].values()} | {each["present"]: "true"}
        environ[each["facts"]["id"]] = "77"
        found = run_of(environ)
        assert found is not None
        assert (found["system"], found["id"]) == (each["system"], "77")


def test_the_state_of_a_repository(tmp_path: Path) -> None:
    nowhere = state_of(tmp_path)
    assert (nowhere.commit, nowhere.dirty) == ("", None)
    assert nowhere.note == "The folder is in no git repository."
    git(tmp_path, "init", "-q")
    assert state_of(tmp_path).note.startswith("git could not be asked")
    infra = tmp_path / "infra"
    infra.mkdir()
    (infra / "a b.tf").write_text("a", encoding="utf-8")
    (tmp_path / "other").write_text("a", encoding="utf-8")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    git(tmp_path, "remote", "add", "origin", "https://user:secret@git.example/clinic/infra.git")
    state = state_of(infra)
    assert state == State(
        git(tmp_path, "rev-parse", "HEAD"), "https://git.example/clinic/infra.git", 0, 0
    )
    assert state.dirty is False
    (tmp_path / "other").write_text("b", encoding="utf-8")
    assert state_of(infra).dirty is False, "what lies outside the folder was not scanned"
    (infra / "a b.tf").write_text("b", encoding="utf-8")
    (infra / "new.tf").write_text("b", encoding="utf-8")
    dirty = state_of(infra)
    assert (dirty.modified, dirty.untracked, dirty.dirty) == (1, 1, True)


def test_git_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "-q")
    monkeypatch.setenv("PATH", str(tmp_path))
    state = state_of(tmp_path)
    assert (state.dirty, state.note) == (None, "git could not be asked: FileNotFoundError.")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("git@git.example:clinic/infra.git", "git.example:clinic/infra.git"),
        ("ssh://git@git.example:22/clinic/infra.git", "ssh://git.example:22/clinic/infra.git"),
        ("/srv/git/infra.git", ""),
        ("file:///srv/git/infra.git", ""),
        ("C:\\git\\infra", ""),
    ],
)
def test_the_origin_names_no_user_and_no_path_of_a_machine(
    address: str, shown: str, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "first")
    git(tmp_path, "remote", "add", "origin", address)
    assert state_of(tmp_path).origin == shown
