"""`init`, `validate`, `explain`, `catalog`, `checks-dir`, help and completion."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from scan import CHECKS, ROOT

from command import Ran, started
from openai_phi.commands.asked import Answers, made_up_environments
from openai_phi.commands.cli import _COMMANDS
from openai_phi.commands.drafts import compliance_draft
from openai_phi.finding.rule_files import load_rules
from openai_phi.scanning.scan import Options, scan_folder

Run = Callable[..., Ran]
RULES = ROOT / "tests" / "rules"
SAMPLE = ROOT / "sample_infra"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The sample without its declarations."""
    folder = tmp_path / "infra"
    shutil.copytree(SAMPLE, folder)
    for file in folder.glob("openai-*.yaml"):
        file.unlink()
    return folder


def test_drafts_are_valid_agree_to_nothing_and_clear_nothing(run: Run, bare: Path) -> None:
    before = run("scan", bare)
    assert run("init", bare).status == 0
    policy = (bare / "openai-policy.yaml").read_text()
    compliance = (bare / "openai-compliance.yaml").read_text()
    assert yaml.safe_load(policy) == {"version": 1}
    assert '#   - {project: proj_…, secretsmanager: "clinic/openai"}' in policy
    declared = yaml.safe_load(compliance)["workloads"]
    assert {w["data"] for w in declared} == {"phi"}
    assert all(set(w) == {"match", "data"} for w in declared)
    assert "Deployment.website.newsletter" not in {w["match"] for w in declared}
    assert run("validate", bare).status == 0
    after = run("scan", bare)
    assert (before.status, after.status) == (1, 1)
    assert after.out.startswith("NOT COVERED  7 of 7 PHI workloads")


def test_a_draft_that_is_completed_is_valid(run: Run, bare: Path) -> None:
    run("init", bare)
    file = bare / "openai-compliance.yaml"
    text = file.read_text().replace("  #   project: proj_…", "    project: proj_clinic", 1)
    file.write_text(text.replace("  #   features:", "    features:", 1))
    (bare / "openai-policy.yaml").write_text("version: 1\nprojects:\n  - {id: proj_clinic}\n")
    assert run("validate", file).status == 0


def test_drafts_do_not_write_over_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "openai-policy.yaml").write_text("version: 1\n")
    assert run("init", tmp_path).status == 64
    assert run("init", tmp_path, "--only", "compliance").status == 0
    assert (tmp_path / "openai-policy.yaml").read_text() == "version: 1\n"
    assert "# agreements:" in run("init", tmp_path, "--stdout").out


def test_a_name_cannot_break_out_of_its_comment(run: Run, tmp_path: Path) -> None:
    text = (RULES / "cover_unproven" / "bad" / "notes.yaml").read_text()
    (tmp_path / "notes.yaml").write_text(text.replace("name: notes", 'name: "x\\nversion: 2"'))
    run("init", tmp_path)
    assert yaml.safe_load((tmp_path / "openai-compliance.yaml").read_text())["version"] == 1


def test_validate_names_line_column_and_hint(run: Run, tmp_path: Path) -> None:
    policy = tmp_path / "openai-policy.yaml"
    policy.write_text(
        "version: 1\nprojects:\n  - {id: proj_a, endpoints: [/v1/respnses]}\n"
        "agreements:\n  - {kind: bba, provider: openai}\n"
    )
    ran = run("validate", policy)
    assert ran.status == 1
    assert f"{policy}:3:30: projects[0].endpoints[0]: names an unknown endpoint" in ran.out
    assert f"{policy}:5:6: agreements[0].kind must be one of baa" in ran.out
    assert "\n  Write one of baa, dua, zdr" in ran.out


def test_validate_shows_no_key_that_somebody_wrote(run: Run, tmp_path: Path) -> None:
    key = "sk-proj-" + "Z9x8" * 10
    file = tmp_path / "openai-compliance.yaml"
    file.write_text(f"version: 1\nworkloads:\n  - {{match: a, data: phi, endpoints: [{key}]}}\n")
    ran = run("validate", file)
    assert ran.status == 1
    assert key not in ran.out + ran.err


def test_validate_says_where_yaml_breaks(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "openai-compliance.yaml"
    file.write_text("version: 1\nworkloads:\n  - match: x\n   data: phi\n")
    ran = run("validate", tmp_path)
    assert ran.status == 1
    assert ran.out.startswith(f"{file}:4:4: is not valid YAML")


def test_validate_without_files_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    assert run("validate", tmp_path).status == 64
    assert run("validate", tmp_path / "none.yaml").status == 64
    assert run("validate", SAMPLE).status == 0


def test_explain_a_rule_prints_its_page(run: Run) -> None:
    for rule in load_rules().rules:
        page = (ROOT / "docs" / "rules" / f"{rule.name}.md").read_text()
        assert run("explain", rule.id).out == page
    assert run("explain", "coverage_9").out == run("explain", "cover_unproven").out


def test_explain_a_resource_says_why_and_what_would_change_it(run: Run) -> None:
    out = run("explain", "discharge-letters", SAMPLE).out
    assert "It handles PHI.\n  phi: data-classification=phi [declared] at kubernetes/" in out
    assert "Verdict: unproven, because" in out
    assert "  missing: which endpoints are used is not declared" in out
    assert "once true (they settle OAI_COVERAGE_9):" in out
    covered = run("explain", "aws_lambda_function.summaries", SAMPLE).out
    assert "Verdict: covered, agreement attested, settings attested, because" in covered
    assert "take one away, and it is no longer covered" in covered
    free = run("explain", "Deployment.website.newsletter", SAMPLE).out
    assert "It is declared free of PHI.\n  declared at openai-compliance.yaml:6\n" in free
    ran = run("explain", "discharge-leters", SAMPLE)
    assert ran.status == 64
    assert "Did you mean Deployment.clinic.discharge-letters" in ran.err


def test_catalogue(run: Run) -> None:
    assert "openai/2024-02" in run("catalog", "list").out
    shown = run("catalog", "show", "azure-openai/2026-10").out
    assert "product-terms: " in shown
    ran = run("catalog", "diff", "2024-02", "2026-10", "--on", SAMPLE)
    assert "/v1/conversations\n  new; zdr: no, on the list: no" in ran.out
    assert run("catalog", "show", "1999-01").status == 64
    assert run("catalog", "diff", "2024-02", "azure-openai/2026-10").status == 64


def test_an_edition_changes_verdicts_of_a_folder(run: Run, tmp_path: Path) -> None:
    for file in (RULES / "phi_reaches_uncovered_endpoint" / "good").glob("*"):
        text = file.read_text().replace("/v1/responses", "/v1/audio/speech")
        (tmp_path / file.name).write_text(text)
    out = run("catalog", "diff", "2024-02", "2026-10", "--on", tmp_path).out
    assert f"In {tmp_path}:\n  Deployment.clinic.notes (notes.yaml:" in out
    assert "not covered -> " in out


def test_checks_dir_is_what_checkov_takes(run: Run) -> None:
    assert run("checks-dir").out == f"{CHECKS}\n"


@pytest.mark.parametrize("name", _COMMANDS)
def test_help_has_examples(run: Run, name: str) -> None:
    ran = run(name, "--help")
    assert ran.status == 0
    assert f"  openai-phi {name}" in ran.out or name == "checks-dir"
    assert "Example" in ran.out


def test_completion_knows_the_commands() -> None:
    ran = started(_OPENAI_PHI_COMPLETE="bash_complete", COMP_WORDS="openai-phi ca", COMP_CWORD="1")
    assert "catalog" in ran.out


def test_a_rule_that_is_none_is_not_searched_among_workloads(run: Run) -> None:
    ran = run("explain", "OAI_COVERAGE_99", SAMPLE)
    assert ran.status == 64
    assert "no rule is OAI_COVERAGE_99. Did you mean OAI_COVERAGE_9" in ran.err


def test_a_draft_that_cannot_be_written_is_said(run: Run, bare: Path) -> None:
    (bare / "openai-policy.yaml").symlink_to(bare / "gone" / "openai-policy.yaml")
    ran = run("init", bare)
    assert ran.status == 64
    assert "openai-policy.yaml: No such file or directory." in ran.err


def test_a_draft_that_is_uncommented_is_valid_yaml_whose_blanks_are_named(
    run: Run, bare: Path
) -> None:
    """As an editor does it: the sign and one space go away."""
    run("init", bare)
    for name in ("openai-policy.yaml", "openai-compliance.yaml"):
        lines = (bare / name).read_text().splitlines()
        text = [
            re.sub(r"^( *)# (?=(?:agreements|projects|credentials|limits):|  |- )", r"\1", line)
            for line in lines
        ]
        (bare / name).write_text("\n".join(text) + "\n")
    ran = run("validate", bare)
    assert ran.status == 1
    assert "YAML:" not in ran.out
    assert "projects[0].id: proj_… is a blank" in ran.out
    assert "is no date" in ran.out


@pytest.mark.parametrize("name", ["scan", "explain", "init", "validate"])
def test_what_is_given_is_refused_by_its_name(
    run: Run, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = ["Pod.a"] if name == "explain" else []
    ran = run(name, *subject, tmp_path / "gone")
    assert (ran.status, "gone" in ran.err) == (64, True)
    if name in ("scan", "explain"):
        ran = run(name, *subject, tmp_path, "--today", "yesterday")
        assert (ran.status, "--today yesterday is not a day" in ran.err) == (64, True)
        ran = run(name, *subject, tmp_path, "--policy", tmp_path / "gone.yaml")
        assert (ran.status, "gone.yaml does not exist." in ran.err) == (64, True)
    monkeypatch.setenv("OPENAI_PHI_TODAY", "soon")
    ran = run(name, *subject, tmp_path)
    assert (ran.status, "OPENAI_PHI_TODAY soon is not a day" in ran.err) == (64, True)


def overlays(root: Path) -> None:
    """A workload with PHI in dev and prod, and one that nothing classifies."""
    plain = (RULES / "data_not_classified" / "bad" / "news.yaml").read_text()
    marked = plain.replace("news", "notes").replace("{app: notes}", "{app: notes, phi: 'true'}")
    for environment in ("dev", "prod"):
        (root / "k8s" / environment).mkdir(parents=True)
        text = marked.replace("namespace: website", f"namespace: clinic-{environment}")
        (root / "k8s" / environment / "notes.yaml").write_text(text)
    (root / "news.yaml").write_text(plain)


def test_a_draft_asks_nothing_without_a_terminal_and_says_what_comes_next(
    run: Run, tmp_path: Path
) -> None:
    overlays(tmp_path)
    ran = run("init", tmp_path, "--non-interactive")
    policy, compliance = (tmp_path / f"openai-{n}.yaml" for n in ("policy", "compliance"))
    assert ran.status == 0
    assert ran.err.splitlines()[-5:] == [
        "Next:",
        f"  1. the team confirms each line of {compliance} and fills in its blanks",
        f"  2. compliance records in {policy} what is signed, and whose key each secret holds",
        f"  3. openai-phi validate {policy} {compliance}",
        f"  4. openai-phi scan {tmp_path}",
    ]
    for kind, file in (("policy", policy), ("compliance", compliance)):
        first = file.read_text().splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema=https://")
        assert first.endswith(f"/schemas/openai-{kind}.schema.json")
    text = compliance.read_text()
    assert '  # - {match: "*", environments: [dev], data: synthetic, basis: …}' in text
    assert "environments: [prod]" not in text


def test_answers_are_lines(tmp_path: Path) -> None:
    """At a terminal: what is made up in dev is said once, prod keeps its own line."""
    overlays(tmp_path)
    result = scan_folder(Options(str(tmp_path)))
    answers = Answers(data={"Deployment.website.news": "none"}, made_up={"dev": "Synthea"})
    said = yaml.safe_load(compliance_draft(result, answers))["workloads"]
    assert [(w["match"], w["data"]) for w in said] == [
        ("*", "synthetic"),
        ("Deployment.clinic-prod.notes", "phi"),
        ("Deployment.website.news", "none"),
    ]
    using = [w for w in result.analysis.estate.workloads if w.uses]
    assert made_up_environments(using) == ["dev"]


@pytest.mark.parametrize("name", ["policy", "compliance", "inventory", "evidence"])
def test_schemas_are_printed(run: Run, name: str) -> None:
    where = run("schema", name, "--path").out.strip()
    assert run("schema", name).out == Path(where).read_text(encoding="utf-8")
    assert where in run("schema").out
    assert run("schema", "nothing").status == 64
