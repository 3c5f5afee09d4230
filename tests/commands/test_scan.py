"""`openai-phi scan`: what it prints, where reports go, its exit codes, baselines and comparisons."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from scan import ROOT

from command import Ran, started
from openai_phi.scanning.baseline import NEVER

Run = Callable[..., Ran]
RULES = ROOT / "tests" / "rules"
BAD = RULES / "phi_reaches_uncovered_endpoint" / "bad"
GOOD = RULES / "phi_reaches_uncovered_endpoint" / "good"
UNPROVEN = RULES / "cover_unproven" / "bad"


def test_clean_is_0_and_says_what_cover_rests_on(run: Run) -> None:
    ran = run("scan", "-v", GOOD)
    assert ran.status == 0
    assert ran.out.splitlines()[0].startswith(
        "COVERED, agreement attested, settings attested  Deployment.clinic.notes"
    )
    assert ran.out.splitlines()[-1] == "CLEAN: no findings"


def test_findings_are_1_with_way_reason_and_fix(run: Run) -> None:
    ran = run("scan", "-v", BAD)
    assert ran.status == 1
    head, *rest = ran.out.splitlines()
    assert head.startswith("NOT COVERED  Deployment.clinic.notes  ")
    assert [line.split()[0] for line in rest if line[:3] == "  " + line.strip()[:1]][:4] == [
        "PHI",
        "calls",
        "broken",
        "critical",
    ]
    assert "  fix       Team: stop sending PHI to" in ran.out
    assert "1 PHI workload, 1 use: 1 not covered; 1 finding (1 critical)." in ran.out


def test_an_exception_is_said_where_its_workload_stands(run: Run, tmp_path: Path) -> None:
    for file in BAD.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    policy = tmp_path / "openai-policy.yaml"
    policy.write_text(policy.read_text() + "limits: {approvers: [compliance@clinic.example]}\n")
    compliance = tmp_path / "openai-compliance.yaml"
    compliance.write_text(
        compliance.read_text()
        + "exceptions:\n  - {rule: OAI_COVERAGE_1, resource: Deployment.clinic.notes, kind: accepted, "
        "reason: it moves, owner: the team, ticket: T-7, approved_by: compliance@clinic.example, "
        "approved_on: 2026-11-20, expires_on: 2026-12-10}\n"
    )
    excepted = "OAI_COVERAGE_1: not covered (plan until 2026-12-10): it moves"
    ran = run("scan", "-v", tmp_path, "--check", "OAI_COVERAGE_*")
    assert ran.status == 0
    first, *rest = ran.out.splitlines()
    assert first.startswith("NOT COVERED  Deployment.clinic.notes")
    assert any(line.startswith(f"  excepted  {excepted}") for line in rest)
    explained = run("explain", "Deployment.clinic.notes", tmp_path).out
    assert f"Excepted: {excepted}" in explained
    assert "What would change it" not in explained


def test_what_is_excepted_elsewhere_is_said_apart(run: Run, tmp_path: Path) -> None:
    for file in (RULES / "literal_key" / "bad").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    before = run("scan", tmp_path, "--check", "OAI_SECRET_1", "-f", "json").out
    resources = {f["resource"] for f in json.loads(before)["findings"]}
    entries = "".join(
        f"  - {{rule: OAI_SECRET_1, resource: '{r}', kind: accepted, reason: a test key, owner: the team, "
        "why_not: it opens nothing, equivalent_measure: it is revoked each night, "
        "approved_by: compliance@clinic.example, approved_on: 2026-11-20, expires_on: 2026-12-10}\n"
        for r in sorted(resources)
    )
    (tmp_path / "openai-policy.yaml").write_text(
        "version: 1\nlimits: {approvers: [compliance@clinic.example]}\n"
    )
    (tmp_path / "openai-compliance.yaml").write_text(f"version: 1\nexceptions:\n{entries}")
    out = run("scan", "-v", tmp_path, "--check", "OAI_SECRET_1").out
    for resource in resources:
        assert f"excepted  OAI_SECRET_1 of {resource}: accepted until 2026-12-10" in out


def test_wrong_usage_is_64(run: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("[]")
    for args in (
        ["scan", tmp_path / "nowhere"],
        ["scan", GOOD, "--no-such-option"],
        ["scan", GOOD, "--format", "pdf"],
        ["scan", GOOD, "--format", "json", "--format", "csv"],
        ["scan", GOOD, "--format", "json", "--output", tmp_path / "no" / "x.json"],
        ["scan", GOOD, "--policy", tmp_path / "none.yaml"],
        ["scan", GOOD, "--today", "yesterday"],
        ["scan", GOOD, "--baseline", wrong],
        ["scan", GOOD, "--check", "OAI_NOTHING_*"],
        ["scna"],
    ):
        ran = run(*args)
        assert ran.status == 64, args
        assert "Error: " in ran.err, args


def test_several_formats_in_one_scan(run: Run, tmp_path: Path) -> None:
    document, sarif = tmp_path / "a.json", tmp_path / "b.sarif"
    ran = run(
        "scan",
        BAD,
        "-f",
        "text",
        "-o",
        "-",
        "-f",
        "json",
        "-o",
        document,
        "-f",
        "sarif",
        "-o",
        sarif,
    )
    assert ran.status == 1
    assert "NOT COVERED" in ran.out
    assert json.loads(document.read_text())["findings"][0]["rule"] == "OAI_COVERAGE_1"
    assert json.loads(sarif.read_text())["runs"][0]["results"][0]["ruleId"] == "OAI_COVERAGE_1"


def test_beside_reports_in_files_lies_the_evidence(run: Run, tmp_path: Path) -> None:
    run(
        "scan",
        BAD,
        "-f",
        "csv",
        "-o",
        tmp_path / "a.csv",
        "-f",
        "sarif",
        "-o",
        tmp_path / "b.sarif",
    )
    assert sorted(f.name for f in tmp_path.iterdir()) == [
        "a.csv",
        "b.sarif",
        "openai-phi-evidence.json",
    ]
    evidence = json.loads((tmp_path / "openai-phi-evidence.json").read_text("utf-8"))
    assert [f["rule"] for f in evidence["findings"]] == ["OAI_COVERAGE_1"]
    other = tmp_path / "other"
    other.mkdir()
    asked = ("-f", "evidence", "-o", other / "mine.json", "-f", "json", "-o", other / "a.json")
    run("scan", BAD, *asked)
    assert sorted(f.name for f in other.iterdir()) == ["a.json", "mine.json"]


def test_a_fail_level_shows_what_it_lets_pass(run: Run) -> None:
    folder = RULES / "data_not_classified" / "bad"
    assert run("scan", folder, "--fail-level", "low").status == 1
    ran = run("scan", folder)  # high, as in the Action and the README
    assert ran.status == 0
    assert "OAI_DECLARATION_2" in ran.out
    assert "1 of them do not fail" in ran.out


BLANKS = {
    "YYYY-MM-DD": "2026-11-01",
    "proj_…": "proj_a",
    "org-…": "org-a",
    "terms: …": "terms: openai-baa-2026-10",
    "/v1/…": "/v1/responses",
}


def test_the_lines_at_the_end_settle_what_they_say(run: Run, tmp_path: Path) -> None:
    """Paste them, fill in the blanks, scan again."""
    (tmp_path / "notes.yaml").write_bytes((UNPROVEN / "notes.yaml").read_bytes())
    out = run("scan", "-v", tmp_path).out
    said = next(line for line in out.splitlines() if "settle" in line)
    assert said == "2 causes; these 11 lines settle 2 of 2 findings"
    count = 0
    filled: dict[str, str] = {}
    for name in ("openai-compliance.yaml", "openai-policy.yaml"):
        block = out.split(f"  {name}\n")[1]
        lines = []
        for line in block.splitlines():
            if not line.startswith("    ") or line.startswith("     " * 2):
                break
            lines.append(line[4:])
        count += len(lines)
        text = "\n".join(lines)
        (tmp_path / name).write_text(text)
        for blank, said in BLANKS.items():
            text = text.replace(blank, said)
        filled[name] = text
    assert run("scan", tmp_path).status == 1  # what nobody filled in is wrong, and settles nothing
    for name, text in filled.items():
        (tmp_path / name).write_text(text)
    assert count == 11
    ran = run("scan", "-v", tmp_path)
    assert (ran.status, ran.out.splitlines()[-1]) == (0, "CLEAN: no findings")


ARM = """{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "parameters": {"name": {"type": "string"}},
  "resources": [{
    "type": "Microsoft.Web/sites", "apiVersion": "2023-12-01", "name": "[parameters('name')]",
    "properties": {"siteConfig": {"appSettings": [{"name": "OPENAI_API_KEY", "value": "@Microsoft.KeyVault(SecretUri=x)"}]}}
  }]
}
"""


def test_a_name_with_brackets_can_be_pasted(run: Run, tmp_path: Path) -> None:
    (tmp_path / "site.json").write_text(ARM)
    out = run("scan", "-v", tmp_path).out
    (line,) = (x.strip() for x in out.splitlines() if "match: " in x)
    assert (
        line == """- {match: "Microsoft.Web/sites.[parameters('name')]", data: …}"""
        """   # none, phi, or synthetic with its basis"""
    )
    line = line.replace("data: …", "data: none")
    (tmp_path / "openai-compliance.yaml").write_text(f"version: 1\nworkloads:\n  {line}\n")
    ran = run("scan", "-v", tmp_path)
    assert (ran.status, ran.out.splitlines()[-1]) == (0, "CLEAN: no findings")


SETTINGS = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: openai, namespace: a}\n"
    "data: {OPENAI_BASE_URL: https://api.openai.com/v1}\n"
)
DECLARED = "version: 1\nworkloads: [{match: ConfigMap.a.openai, data: %s}]\n"


def test_what_has_no_visible_reader_can_be_declared(run: Run, tmp_path: Path) -> None:
    """Free of PHI settles it; with PHI somebody must show who calls OpenAI with it."""
    (tmp_path / "settings.yaml").write_text(SETTINGS)
    assert "these 3 lines settle 1 of 1 finding" in run("scan", "-v", tmp_path).out
    (tmp_path / "openai-compliance.yaml").write_text(DECLARED % "none")
    assert run("scan", "-v", tmp_path).status == 0
    (tmp_path / "openai-compliance.yaml").write_text(DECLARED % "phi")
    ran = run("scan", "-v", tmp_path)
    said = " ".join(ran.out.split())
    assert (ran.status, ran.out.count("OAI_DECLARATION_2:")) == (0, 2)  # finding and cause
    assert (
        "ConfigMap.a.openai: declared to handle PHI, and nothing in this scan shows who calls"
        in said
    )
    assert "only they can be judged" in said
    (tmp_path / "openai-compliance.yaml").write_text(DECLARED % "none, endpoints: [/v1/nothing]")
    assert "nothing classifies its data" in " ".join(run("scan", "-v", tmp_path).out.split())


def test_no_fix_points_at_lines_that_stand_elsewhere(run: Run, tmp_path: Path) -> None:
    """Where the lines to paste went to the end, what led to them says so; a cause names its resource."""
    source = (UNPROVEN / "notes.yaml").read_text()
    (tmp_path / "notes.yaml").write_text(source)
    out = run("scan", "-v", tmp_path).out
    said = " ".join(out.split())
    assert "in openai-policy.yaml (only if there is one): see the lines at the end." in said
    assert "broken no policy records a BAA" in said
    (tmp_path / "openai-compliance.yaml").write_text(
        "version: 1\nworkloads: [{match: a, data: x}]\n"
    )
    out = run("scan", "-v", tmp_path).out
    assert "1 x       OAI_DECLARATION_1: openai-compliance.yaml:2 workloads[0].data must be" in out


def test_a_declaration_of_nothing_that_was_read_is_told(run: Run, tmp_path: Path) -> None:
    """A slip in `match` would let a workload go undeclared without a word."""
    (tmp_path / "notes.yaml").write_text((UNPROVEN / "notes.yaml").read_text())
    declared = "version: 1\nworkloads:\n  - {match: Deployment.clinic.%s, data: phi}\n"
    (tmp_path / "openai-compliance.yaml").write_text(declared % "nodes")
    said = " ".join(run("scan", tmp_path).out.split())
    assert (
        "note openai-compliance.yaml:3 speaks of Deployment.clinic.nodes, and nothing that was read is "
        "called so. Did you mean Deployment.clinic.notes?" in said
    )
    (tmp_path / "openai-compliance.yaml").write_text(declared % "no*")
    assert "called so" not in run("scan", tmp_path).out


def test_a_baseline_lets_known_findings_pass_and_new_ones_fail(run: Run, tmp_path: Path) -> None:
    folder, known = tmp_path / "infra", tmp_path / "known.json"
    folder.mkdir()
    source = (UNPROVEN / "notes.yaml").read_text()
    (folder / "notes.yaml").write_text(source)
    (folder / "openai-policy.yaml").write_bytes((UNPROVEN / "openai-policy.yaml").read_bytes())
    written = run("scan", folder, "--write-baseline", known)
    assert (written.status, written.err) == (0, f"1 finding written to {known}.\n")
    (folder / "notes.yaml").write_text("# moved\n\n" + source)
    ran = run("scan", folder, "--baseline", known)
    assert ran.status == 0
    assert "1 finding: 1 baseline" in ran.out
    (folder / "more.yaml").write_text(source.replace("notes", "letters"))
    ran = run("scan", folder, "--baseline", known)
    assert ran.status == 1
    assert "Deployment.clinic.letters" in ran.out
    (folder / "other.yaml").write_text(source)  # the same object in another file is new
    (folder / "more.yaml").unlink()
    (folder / "notes.yaml").unlink()
    assert run("scan", folder, "--baseline", known).status == 1


def test_no_baseline_holds_broken_cover(run: Run, tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    ran = run("scan", BAD, "--write-baseline", known)
    assert "not written: OAI_COVERAGE_1 Deployment.clinic.notes" in ran.err
    assert json.loads(known.read_text())["findings"] == []
    document = tmp_path / "all.json"
    run("scan", BAD, "-f", "json", "-o", document)
    forged = json.loads(document.read_text())["findings"]
    for finding in forged:
        finding.setdefault("fingerprint", finding.get("fingerprint"))
        finding["file"] = "notes.yaml"
    known.write_text(json.dumps({"version": 1, "findings": forged}))
    assert run("scan", BAD, "--baseline", known).status == 1
    assert {f"OAI_COVERAGE_{n}" for n in range(1, 9)} <= NEVER


def test_the_change_since_a_revision(run: Run, tmp_path: Path) -> None:
    def git(*args: str) -> None:
        identity = ["-c", "user.name=team", "-c", "user.email=team@clinic.example"]
        subprocess.run(
            ["git", "-C", str(tmp_path), *identity, *args], check=True, capture_output=True
        )

    infra = tmp_path / "infra"
    infra.mkdir()
    for file in GOOD.glob("*"):
        (infra / file.name).write_bytes(file.read_bytes())
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "good")
    for file in BAD.glob("*"):
        (infra / file.name).write_bytes(file.read_bytes())
    more = (BAD / "notes.yaml").read_text().replace("name: notes", "name: letters")
    (infra / "letters.yaml").write_text(more)
    ran = run("scan", "-v", infra, "--diff-base", "HEAD")
    assert ran.status == 1
    change = ran.out.split("Since HEAD:\n")[1].split("\n\n")[0]
    assert "  new     OAI_COVERAGE_1 Deployment.clinic.notes [notes.yaml:" in change
    assert "  use     added: Deployment.clinic.letters calls api.openai.com" in change
    assert "  cover   lost: Deployment.clinic.notes to api.openai.com" in change
    listed = subprocess.run(
        ["git", "-C", str(tmp_path), "worktree", "list"], capture_output=True, text=True, check=True
    )
    assert len(listed.stdout.splitlines()) == 1
    assert run("scan", "-v", infra, "--diff-base", "nowhere").status == 64
    assert run("scan", "-v", infra, "--diff-base=--orphan").status == 64


def test_nothing_in_a_pipe_but_the_report() -> None:
    ran = started("scan", BAD)
    assert ran.status == 1
    assert ran.err == ""
    assert "\x1b" not in ran.out


def test_names_cannot_steer_a_terminal(run: Run, tmp_path: Path) -> None:
    text = (BAD / "notes.yaml").read_text().replace("name: notes", 'name: "no\\u001b[2Jtes"')
    (tmp_path / "notes.yaml").write_text(text)
    assert "\x1b" not in run("scan", "-v", tmp_path).out


@pytest.mark.parametrize("name", ["terraform", "helm"])
def test_a_framework_that_is_left_out_is_said(run: Run, name: str) -> None:
    ran = run("scan", GOOD, "--framework", name)
    assert ran.status == 2
    assert "framework kubernetes: left out by --framework" in ran.out
    assert run("scan", GOOD, "--framework", name, "--allow-unread", "kubernetes").status == 0


CLAIMS = RULES / "claim_without_proof" / "bad"


def test_without_a_policy_nothing_is_covered_where_one_is_required(run: Run) -> None:
    assert run("scan", CLAIMS).status == 0
    ran = run("scan", CLAIMS, "--require-policy")
    assert ran.status == 1
    assert "OAI_COVERAGE_9" in ran.out
    proven = RULES / "claim_without_proof" / "good"
    assert run("scan", proven, "--require-policy").status == 0


@pytest.mark.parametrize("policy", ["", " "])
def test_an_empty_policy_is_wrong_usage(
    run: Run, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    assert run("scan", CLAIMS, "--policy", policy).status == 64
    monkeypatch.setenv("OPENAI_PHI_POLICY", policy)
    ran = run("scan", CLAIMS)
    assert ran.status == 64
    assert "OPENAI_PHI_POLICY is empty" in ran.err


def test_the_calendar_fails_a_scan_only_where_that_is_asked_for(run: Run) -> None:
    due = RULES / "deadline_near" / "bad"
    ran = run("scan", due, "--fail-level", "low")
    assert "OAI_DECLARATION_8" in ran.out
    assert ran.status == 0
    assert run("scan", due, "--fail-on-due").status == 1
    assert run("scan", RULES / "deadline_near" / "good", "--fail-on-due").status == 0


def test_an_option_that_is_given_twice_is_refused(run: Run, tmp_path: Path) -> None:
    for option, one, other in (
        ("--fail-level", "low", "critical"),
        ("--trust-from", "HEAD", "HEAD~1"),
    ):
        ran = run("scan", tmp_path, option, one, option, other)
        assert ran.status == 64
        assert f"{option} is given twice" in ran.err
    several = run("scan", tmp_path, "--policy", "a.yaml", "--policy", "b.yaml")
    assert (several.status, "a.yaml does not exist" in several.err) == (64, True)


def committed(folder: Path, message: str) -> None:
    """Commits all that lies in a folder, which becomes a repository."""
    identity = ["-c", "user.name=team", "-c", "user.email=team@clinic.example"]
    for args in (["init", "-q"], ["add", "-A"], ["commit", "-qm", message]):
        subprocess.run(
            ["git", "-C", str(folder), *identity, *args], check=True, capture_output=True
        )


def test_only_what_is_new_fails_where_that_is_asked_for(run: Run, tmp_path: Path) -> None:
    """The screen begins with the change; what was there before is one line, until the policy's date."""
    for file in BAD.glob("*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    committed(tmp_path, "bad")
    args = ("scan", tmp_path, "--diff-base", "HEAD", "--fail-on", "new")
    ran = run(*args)
    assert ran.status == 0
    assert "CHANGE    since HEAD: 0 new, 0 worse, 0 mended" in ran.out
    assert "before    1 finding that this change did not make" in ran.out
    more = (BAD / "notes.yaml").read_text().replace("name: notes", "name: letters")
    (tmp_path / "letters.yaml").write_text(more)
    ran = run(*args)
    assert ran.status == 1
    assert "CHANGE    since HEAD: 1 new, 0 worse, 0 mended" in ran.out
    assert "Deployment.clinic.letters" in ran.out
    assert "Deployment.clinic.notes" not in ran.out
    (tmp_path / "letters.yaml").unlink()
    policy = tmp_path / "openai-policy.yaml"
    limits = "limits: {old_findings_until: 2026-11-%s}\n"
    written = policy.read_text()
    policy.write_text(written + limits % "20")
    assert run(*args).status == 0
    policy.write_text(written + limits % "19")
    assert run(*args).status == 1
    assert run("scan", tmp_path, "--fail-on", "new").status == 64


def test_a_shallow_checkout_says_what_to_add(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    for file in GOOD.glob("*"):
        (first / file.name).write_bytes(file.read_bytes())
    committed(first, "good")
    (first / "more.txt").write_text("x")
    committed(first, "more")
    clone = ["git", "clone", "-q", "--depth=1", first.as_uri(), str(second)]
    subprocess.run(clone, check=True, capture_output=True)
    ran = run("scan", second, "--diff-base", "HEAD~1")
    assert ran.status == 64
    assert "add before the scan: git fetch --depth=1" in ran.err


def test_the_law_is_told_in_documents_alone(run: Run, tmp_path: Path) -> None:
    """Not where others read it by chance; the policy may leave it out."""
    for file in BAD.glob("*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    for form in ("text", "sarif", "markdown", "json", "github"):
        assert "presumed a breach" not in run("scan", tmp_path, "-f", form).out, form
    assert "presumed a breach" in run("scan", tmp_path, "-f", "html").out
    assert "presumed a breach" in run("scan", tmp_path, "-f", "evidence").out
    policy = tmp_path / "openai-policy.yaml"
    policy.write_text(policy.read_text() + "report: {legal: off}\n")
    assert "presumed a breach" not in run("scan", tmp_path, "-f", "html").out
