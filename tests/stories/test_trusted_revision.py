"""A change beside the revision that it starts from: what raises counts at once, what lowers or excuses waits."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from clinic import COMPLIANCE, DELEGATED, WORKLOAD
from clinic import POLICY as POLICY_OF_CLINIC
from command import DAY, started
from inprocess import found
from openai_phi.finding.results import Result
from openai_phi.scanning.outcome import Outcome, outcome_of
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.scanning.trusted import before

POLICY = """version: 1
limits: {approvers: [compliance@clinic.example], may_stay_unread: [legacy]}
"""
SAYS = "version: 1\nworkloads:\n  - {match: Deployment.clinic.notes, data: %s}\n"
ACCEPTED = (
    "version: 1\nexceptions:\n  - {rule: OAI_COVERAGE_9, resource: Deployment.clinic.notes, kind: accepted, "
    "reason: moving, owner: team, ticket: T-1, approved_by: compliance@clinic.example, "
    "approved_on: 2026-11-15, expires_on: %s}\n"
)
EMERGENCY = (
    "version: 1\nexceptions:\n  - {rule: %s, resource: Deployment.clinic.notes, kind: emergency, "
    "reason: down, incident: INC-7, approved_by: compliance@clinic.example, "
    "approved_on: 2026-11-19, expires_on: 2026-11-22}\n"
)
PLAIN = WORKLOAD.replace("data-classification: phi", "tier: web").replace("clinic", "office")


@dataclass
class Repository:
    """A repository whose first commit is the revision that is trusted."""

    folder: Path

    def git(self, *args: str) -> None:
        who = (
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@clinic.example",
            "-c",
            "commit.gpgsign=false",
        )
        subprocess.run(
            ["git", "-C", str(self.folder), *who, *args], check=True, capture_output=True
        )

    def write(self, **files: str) -> None:
        """Writes files, `a_yaml` as a.yaml; one of "" is taken away."""
        for name, text in files.items():
            path = self.folder / name.replace("_", ".")
            path.write_text(text) if text else path.unlink()

    def commit(self, **files: str) -> None:
        self.write(**files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "x")

    def judged(self, trust: str | None = "HEAD") -> Outcome:
        options = Options(folder=str(self.folder), today=DAY, trust_from=trust)
        result = scan_folder(options)
        known = before(options, result, None, lambda _: None)
        return outcome_of(result, before=known)

    def judged_alone(self) -> Result:
        return scan_folder(Options(folder=str(self.folder), today=DAY, trust_from="HEAD"))

    def names(self, trust: str | None = "HEAD") -> set[str]:
        return {f.rule for f in self.judged(trust).result.findings}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.git("init", "--quiet")
    (tmp_path / "openai-policy.yaml").write_text(POLICY)
    (tmp_path / "openai-compliance.yaml").write_text("version: 1\n")
    made.commit(a_yaml=WORKLOAD)
    return made


def declared(repository: Repository, text: str) -> None:
    (repository.folder / "openai-compliance.yaml").write_text(text)


@pytest.mark.parametrize("data", ["none", "synthetic, basis: Synthea"])
def test_what_lowers_waits_and_is_told(repository: Repository, data: str) -> None:
    named = WORKLOAD.replace("data-classification: phi", "tier: web")
    repository.commit(a_yaml=named)
    assert "OAI_DECLARATION_3" in repository.names()
    repository.write(b_yaml=PLAIN)  # not of declarations alone
    declared(repository, SAYS % data)
    assert "OAI_DECLARATION_3" not in repository.names(None)
    judged = repository.judged()
    assert "OAI_DECLARATION_3" in {f.rule for f in judged.result.findings}
    kind = data.partition(",")[0]
    assert (
        f"openai-compliance.yaml:3: that Deployment.clinic.notes handles {kind} data waits for the merge, and for "
        "the owners of this file: HEAD does not say it."
    ) in judged.result.notes
    repository.commit()
    assert "OAI_DECLARATION_3" not in repository.names()
    assert not repository.judged().result.analysis.declarations.waiting


def test_what_raises_counts_at_once(repository: Repository) -> None:
    repository.commit(a_yaml=PLAIN)
    assert not repository.names() & {"OAI_COVERAGE_9", "OAI_COVERAGE_2"}
    declared(repository, SAYS.replace("clinic", "office") % "phi")
    assert {"OAI_COVERAGE_9", "OAI_COVERAGE_2"} <= repository.names()


@pytest.mark.parametrize("after", ["version: 1\n", "", SAYS.replace("clinic", "office") % "none"])
def test_what_raised_is_not_taken_back(repository: Repository, after: str) -> None:
    declared(repository, SAYS.replace("clinic", "office") % "phi")
    repository.commit(a_yaml=PLAIN)
    repository.write(b_yaml=PLAIN.replace("notes", "others"))
    declared(repository, after)
    if not after:
        (repository.folder / "openai-compliance.yaml").unlink()
    assert "OAI_COVERAGE_9" not in repository.names(None)
    assert "OAI_COVERAGE_9" in repository.names()


def test_an_exception_waits_for_its_approver(repository: Repository) -> None:
    repository.write(b_yaml=PLAIN)
    declared(repository, ACCEPTED % "2026-12-10")
    assert "OAI_COVERAGE_9" not in repository.names(None)
    judged = repository.judged()
    assert "OAI_COVERAGE_9" in {f.rule for f in judged.result.findings}
    assert any("waits for the merge, and for compliance@" in n for n in judged.result.notes)
    repository.commit()
    assert "OAI_COVERAGE_9" not in repository.names()


def test_a_changed_exception_holds_as_it_was_and_a_removed_one_no_longer(
    repository: Repository,
) -> None:
    declared(repository, ACCEPTED % "2026-12-10")
    repository.commit()
    repository.write(b_yaml=PLAIN)
    declared(repository, ACCEPTED % "2027-01-10")
    judged = repository.judged()
    assert "OAI_COVERAGE_9" not in {f.rule for f in judged.result.findings}
    (taken,) = judged.result.exempt
    assert taken.expires_on == "2026-12-10"
    declared(repository, "version: 1\n")
    assert "OAI_COVERAGE_9" in repository.names()


def test_a_plan_keeps_its_first_day(repository: Repository) -> None:
    plan = ACCEPTED.replace("OAI_COVERAGE_9", "OAI_COVERAGE_2")
    declared(repository, (plan % "2026-11-29").replace("2026-11-15", "2026-10-30"))
    repository.commit()
    repository.write(b_yaml=PLAIN)
    declared(repository, plan % "2026-12-10")
    judged = repository.judged()
    said = " ".join(f.message for f in judged.result.findings)
    assert "it lasts 41 days from the first; OAI_COVERAGE_2" in said
    declared(repository, plan % "2026-11-29")
    assert "OAI_DECLARATION_5" not in repository.names()


def test_what_is_left_unread_waits(repository: Repository) -> None:
    entry = (
        "version: 1\nunread:\n  - {path: legacy, reason: old, approved_by: compliance@clinic.example, "
        "approved_on: 2026-11-15, expires_on: 2026-12-10}\n"
    )
    (repository.folder / "legacy").mkdir()
    (repository.folder / "legacy" / "a.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nx: [OPENAI_API_KEY\n"
    )
    declared(repository, entry)
    assert not repository.judged(None).not_looked
    assert repository.judged().not_looked
    repository.commit()
    assert not repository.judged().not_looked


def test_the_policy_of_the_repository_counts_as_it_was(repository: Repository) -> None:
    declared(repository, ACCEPTED % "2026-12-10")
    (repository.folder / "openai-policy.yaml").write_text("version: 1\n")
    repository.commit()
    (repository.folder / "openai-policy.yaml").write_text(POLICY)
    repository.write(b_yaml=PLAIN)
    assert "OAI_COVERAGE_9" not in repository.names(None)
    judged = repository.judged()
    assert "OAI_COVERAGE_9" in {f.rule for f in judged.result.findings}
    assert any(
        n.startswith("openai-policy.yaml:1: what changes in the policy waits")
        for n in judged.result.notes
    )


def test_a_mistake_in_the_new_policy_is_told_at_once(repository: Repository) -> None:
    (repository.folder / "openai-policy.yaml").write_text("version: 1\nlimit: {}\n")
    judged = repository.judged()
    assert "openai-policy.yaml:2" in " ".join(f.message for f in judged.result.findings)


def test_a_policy_from_outside_counts_as_it_is(
    repository: Repository, tmp_path_factory: pytest.TempPathFactory
) -> None:
    policy = tmp_path_factory.mktemp("ci") / "policy.yaml"
    policy.write_text(POLICY)
    declared(repository, ACCEPTED % "2026-12-10")
    (repository.folder / "openai-policy.yaml").unlink()
    repository.commit(b_yaml=PLAIN)
    options = Options(
        folder=str(repository.folder), today=DAY, trust_from="HEAD", policy=str(policy)
    )
    assert "OAI_COVERAGE_9" not in {f.rule for f in scan_folder(options).findings}


def test_declarations_alone_are_judged_by_what_they_make_worse(repository: Repository) -> None:
    assert repository.judged().exit_code == 1
    declared(repository, ACCEPTED % "2026-12-10")
    judged = repository.judged()
    assert judged.exit_code == 0
    assert "OAI_COVERAGE_9" in {e.finding.rule for e in judged.result.exempt if e.kind == "before"}
    declared(repository, "version: 1\nworkload: []\n")
    assert [f.rule for f in repository.judged().failing] == ["OAI_DECLARATION_1"]
    repository.write(b_yaml=PLAIN)
    declared(repository, ACCEPTED % "2026-12-10")
    assert repository.judged().exit_code == 1


def test_an_emergency_counts_at_once_and_once(repository: Repository) -> None:
    repository.write(b_yaml=PLAIN)
    declared(repository, EMERGENCY % "OAI_COVERAGE_9")
    assert "OAI_COVERAGE_9" not in repository.names()
    declared(
        repository,
        (EMERGENCY % "OAI_COVERAGE_9").replace("11-19", "11-14").replace("11-22", "11-17"),
    )
    repository.commit()
    repository.write(c_yaml=PLAIN)
    declared(repository, EMERGENCY % "OAI_COVERAGE_9")
    judged = repository.judged()
    assert "OAI_COVERAGE_9" in {f.rule for f in judged.result.findings}
    assert "is not renewed" in " ".join(f.message for f in judged.result.findings)


def test_no_emergency_for_an_endpoint_that_the_change_adds(repository: Repository) -> None:
    batch = f"{WORKLOAD}            - {{name: URL, value: 'https://api.openai.com/v1/batches'}}\n"
    declared(repository, EMERGENCY % "OAI_COVERAGE_1")
    repository.write(a_yaml=batch)
    judged = repository.judged()
    assert "OAI_COVERAGE_1" in {f.rule for f in judged.failing}
    assert any("and this change adds it" in n for n in judged.result.notes)
    assert any("takes --trust-from to know" in n for n in repository.judged(None).result.notes)
    declared(repository, "version: 1\n")
    repository.commit()
    declared(repository, EMERGENCY % "OAI_COVERAGE_1")
    repository.write(b_yaml=PLAIN)
    assert "OAI_COVERAGE_1" not in repository.names()


def test_a_team_says_whose_key_it_is_in_the_trusted_revision(repository: Repository) -> None:
    """Where the policy lets it say so at all; a line of the policy needs no word of the team."""
    zdr = "  - {kind: zdr, provider: openai, projects: [proj_clinic], approved_on: 2026-10-10}\n"
    (repository.folder / "openai-policy.yaml").write_text(DELEGATED + zdr)
    repository.commit()
    repository.write(b_yaml=PLAIN)
    declared(repository, COMPLIANCE)
    assert "OAI_COVERAGE_9" not in repository.names(None)
    judged = repository.judged()
    assert "OAI_COVERAGE_9" in {f.rule for f in judged.result.findings}
    assert any("has a key of proj_clinic waits for the merge" in n for n in judged.result.notes)
    repository.commit()
    assert "OAI_COVERAGE_9" not in repository.names()
    (repository.folder / "openai-policy.yaml").write_text(POLICY_OF_CLINIC + zdr)
    declared(repository, "version: 1\n")
    repository.commit()
    declared(repository, COMPLIANCE)
    repository.write(c_yaml=PLAIN)
    assert "OAI_COVERAGE_9" not in repository.names()


def test_environments_do_not_narrow_what_is_read(repository: Repository) -> None:
    (repository.folder / "values.yaml").write_text("a: 1\n")
    one = "version: 1\nenvironments:\n  - {name: prod, values: [values.yaml]}\n"
    declared(repository, one)
    declarations = repository.judged().result.analysis.declarations
    assert not declarations.environments
    assert "which environments are read" in {w.what for w in declarations.waiting}
    repository.commit()
    declared(repository, "version: 1\n")
    assert [e.name for e in repository.judged().result.analysis.declarations.environments] == [
        "prod"
    ]


def test_a_revision_that_cannot_be_had(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared(repository, ACCEPTED % "2026-12-10")
    ran = started("scan", repository.folder, "--trust-from", "origin/main")
    assert ran.status == 2
    assert (
        "git knows no such revision: origin/main; add before the scan: git fetch --depth=1 origin main"
        in ran.err
    )
    assert started("scan", repository.folder, "--trust-from", "").status == 64
    assert started("scan", repository.folder, OPENAI_PHI_TRUST_FROM="").status == 64
    monkeypatch.setenv("OPENAI_PHI_TRUST_FROM", "origin/main")
    failed = {r.check_id for r in found(repository.folder)}
    assert {"OAI_DECLARATION_1", "OAI_COVERAGE_9"} <= failed


def test_a_file_that_git_cannot_give_is_not_taken_for_none(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what the revision says of PHI would be lost, and the change would pass."""
    declared(repository, SAYS.replace("clinic", "office") % "phi")
    repository.commit(a_yaml=PLAIN)
    repository.write(b_yaml=PLAIN.replace("notes", "others"))
    declared(repository, "version: 1\n")
    blob = subprocess.run(
        ["git", "-C", str(repository.folder), "rev-parse", "HEAD:openai-compliance.yaml"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    (repository.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    assert "OAI_DECLARATION_1" in {f.rule for f in repository.judged_alone().findings}


def test_the_baseline_is_the_trusted_revisions(repository: Repository) -> None:
    literal = (
        WORKLOAD
        + "            - {name: OPENAI_KEY_2, value: sk-proj-aBcDeFgHiJkLmNoPqRsTuVwX0123456789}\n"
    )
    repository.commit(a_yaml=literal)
    started("scan", repository.folder, "--write-baseline", repository.folder / "known.json")
    repository.write(b_yaml=PLAIN)
    args = ("scan", repository.folder, "--baseline", repository.folder / "known.json")
    held = started(*args)
    assert "OAI_SECRET_1" not in held.out.partition("Also except")[0]
    beside = started(*args, "--trust-from", "HEAD")
    assert "OAI_SECRET_1" in beside.out.partition("Also except")[0]


ZDR = "  - {kind: zdr, provider: openai, projects: [proj_clinic], approved_on: 2026-10-10}\n"
COVERS = POLICY_OF_CLINIC + ZDR + "limits: {approvers: [compliance@clinic.example]}\n"
FIXTURE = COVERS.replace("clinic/openai", "office/openai")
"""A policy that the repository keeps as an example, and that covers what its own does not."""


def put(repository: Repository, **files: str) -> None:
    """Writes files in folders: `a__b_yaml` as a/b.yaml."""
    for name, text in files.items():
        path = repository.folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(text)


def policy(repository: Repository, text: str) -> None:
    (repository.folder / "openai-policy.yaml").unlink(missing_ok=True)
    (repository.folder / "openai-policy.yaml").write_text(text)


def test_a_link_in_the_place_of_the_policy_leads_nowhere(repository: Repository) -> None:
    policy(repository, COVERS)
    put(repository, examples__other_yaml=FIXTURE)
    repository.commit()
    own = repository.folder / "openai-policy.yaml"
    own.unlink()
    own.symlink_to("examples/other.yaml")
    repository.write(b_yaml=PLAIN)
    declared(
        repository, COMPLIANCE.replace("clinic", "office").replace("project: proj_office, ", "")
    )
    assert "OAI_COVERAGE_9" in repository.names()
    options = Options(str(repository.folder), today=DAY, trust_from="HEAD", policy=str(own))
    assert "OAI_COVERAGE_9" in {f.rule for f in scan_folder(options).findings}


def test_extending_another_policy_of_the_repository_waits(repository: Repository) -> None:
    (repository.folder / "openai-policy.yaml").unlink()
    put(repository, policies__own_yaml=COVERS, examples__other_yaml=FIXTURE)
    extends = "version: 1\nextends: {file: %s, sha256: %s}\n"
    sums = {
        name: hashlib.sha256((repository.folder / name).read_bytes()).hexdigest()
        for name in ("policies/own.yaml", "examples/other.yaml")
    }
    declared(repository, extends % ("policies/own.yaml", sums["policies/own.yaml"]))
    repository.commit()
    team = COMPLIANCE.replace("clinic", "office").replace("project: proj_office, ", "")
    other = extends % ("examples/other.yaml", sums["examples/other.yaml"])
    declared(repository, other + team.replace("version: 1\n", ""))
    repository.write(a_yaml="", b_yaml=PLAIN)
    assert "OAI_COVERAGE_9" not in repository.names(None)
    assert "OAI_COVERAGE_9" in repository.names()


def test_a_linked_file_raises_as_it_did(repository: Repository) -> None:
    put(repository, shared__says_yaml=SAYS.replace("clinic", "office") % "phi")
    own = repository.folder / "openai-compliance.yaml"
    own.unlink()
    own.symlink_to("shared/says.yaml")
    repository.commit(a_yaml=PLAIN)
    own.unlink()
    own.write_text("version: 1\n")
    repository.write(b_yaml=PLAIN.replace("notes", "others"))
    assert "OAI_COVERAGE_9" not in repository.names(None)
    assert "OAI_COVERAGE_9" in repository.names()


def test_no_place_takes_the_name_of_another_environment(repository: Repository) -> None:
    lowers = (
        "version: 1\nenvironments:\n  - {name: dev, paths: [sandbox]}\nworkloads:\n"
        '  - {match: "Deployment.*", data: synthetic, basis: Synthea, environments: [dev]}\n'
    )
    declared(repository, lowers)
    put(repository, live__a_yaml=PLAIN.replace("name: notes", "name: patient-notes"))
    repository.commit(a_yaml="")
    assert "OAI_DECLARATION_3" in repository.names()
    declared(repository, lowers.replace("[sandbox]}", "[sandbox]}\n  - {name: dev, paths: [live]}"))
    put(repository, live__b_yaml=PLAIN.replace("name: notes", "name: patient-letters"))
    assert "OAI_DECLARATION_3" not in repository.names(None)
    assert "OAI_DECLARATION_3" in repository.names()


USES = COMPLIANCE.replace("project: proj_clinic, ", "")


@pytest.mark.parametrize(
    ("after", "waits"),
    [
        (USES, "uses no more live_web_search"),
        (USES.replace("Deployment.clinic.notes", '"Deployment.clinic.note*"'), "uses no more what it used"),
        ("version: 1\n", "uses no more what it used"),
    ],
)  # fmt: skip
def test_what_a_workload_uses_is_not_taken_back(
    repository: Repository, after: str, waits: str
) -> None:
    policy(repository, COVERS)
    declared(repository, USES.replace("features: []", "features: [live_web_search]"))
    repository.commit()
    repository.write(b_yaml=PLAIN)
    declared(repository, after)
    judged = repository.judged()
    assert "OAI_COVERAGE_4" in {f.rule for f in judged.result.findings}
    assert any(waits in n for n in judged.result.notes)


def test_that_what_is_stored_is_deleted_waits(repository: Repository) -> None:
    declared(repository, USES)
    repository.commit()
    declared(repository, USES.replace("features: []", "features: [], retention_days: 30"))
    repository.write(b_yaml=PLAIN)
    judged = repository.judged()
    assert any("deletes after 30 days waits for the merge" in n for n in judged.result.notes)
    entries = [w for f in judged.result.analysis.declarations.files for w in f.workloads]
    assert {e.retention_days for e in entries} == {None}


@pytest.mark.parametrize("other", ["Deployment.clinic.no*", '"*.clinic.notes"'])
@pytest.mark.parametrize("nested", [False, True])
def test_an_emergency_is_not_renewed_under_another_name(
    repository: Repository, other: str, nested: bool
) -> None:
    first = (EMERGENCY % "OAI_COVERAGE_9").replace("11-19", "11-14").replace("11-22", "11-17")
    declared(repository, first)
    put(repository, in__a_yaml=WORKLOAD)
    repository.commit(a_yaml="")
    again = (EMERGENCY % "OAI_COVERAGE_9").replace(
        "resource: Deployment.clinic.notes", f"resource: {other}"
    )
    if nested:
        put(repository, **{"in__openai-compliance_yaml": again})
    else:
        declared(repository, again)
    put(repository, in__b_yaml=PLAIN)
    assert "OAI_COVERAGE_9" in repository.names()


def test_a_destination_that_is_new_alone_fails_where_the_policy_asks_so(
    repository: Repository,
) -> None:
    policy(repository, COVERS.replace("limits: {", "limits: {unaccounted: new, "))
    lab = '            - {name: LAB_URL, value: "https://lab.vendor.example/v1"}\n'
    more = lab.replace("LAB_URL", "WARD_URL").replace("lab.", "ward.")
    declared(repository, USES)
    repository.commit(a_yaml=WORKLOAD + lab)
    assert repository.judged().exit_code == 0
    repository.write(a_yaml=WORKLOAD + lab + more)
    (said,) = (f.message for f in repository.judged().failing)
    assert "ward.vendor.example" in said
    assert len(repository.judged(None).failing) == 2


def unknown(name: str) -> str:
    """A function with PHI whose variables nothing fills, and that speaks of no provider."""
    return (
        f'resource "aws_lambda_function" "{name}" {{\n  function_name = "{name}"\n'
        '  tags = { DataClassification = "PHI" }\n  environment {\n    variables = var.more\n  }\n}\n'
    )


@pytest.mark.parametrize(
    ("asked", "before_too", "trusted", "failing"),
    [
        ("show", False, True, []),
        ("fail", False, True, ["aws_lambda_function.a", "aws_lambda_function.b"]),
        ("fail", True, True, ["aws_lambda_function.a", "aws_lambda_function.b"]),
        ("new", True, True, ["aws_lambda_function.b"]),
        ("new", False, True, ["aws_lambda_function.a", "aws_lambda_function.b"]),
        ("new", True, False, ["aws_lambda_function.a", "aws_lambda_function.b"]),
    ],
)
def test_what_is_not_known_of_a_workload_fails_where_the_policy_asks_so(
    repository: Repository, asked: str, before_too: bool, trusted: bool, failing: list[str]
) -> None:
    policy(repository, COVERS.replace("limits: {", f"limits: {{gaps: {asked}, "))
    declared(repository, USES)
    own = 'variable "more" {}\n'
    repository.commit(**({"a_tf": own + unknown("a")} if before_too else {}))
    repository.write(a_tf=own + unknown("a") + unknown("b"))
    judged = repository.judged("HEAD" if trusted else None)
    assert sorted(n for f in judged.failing for n in (f.resource, *f.also)) == failing
    assert {f.rule for f in judged.failing} == ({"OAI_COVERAGE_9"} if failing else set())
    assert judged.exit_code == (1 if failing else 0)


def test_what_is_not_known_of_a_workload_without_phi_fails_nothing(repository: Repository) -> None:
    policy(repository, COVERS.replace("limits: {", "limits: {gaps: fail, "))
    declared(repository, USES)
    repository.commit()
    plain = unknown("a").replace('"PHI"', '"none"')
    repository.write(a_tf='variable "more" {}\n' + plain)
    assert repository.judged().exit_code == 0
