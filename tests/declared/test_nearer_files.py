"""What a nearer compliance file may say of the same workload, and whom a retention agreement serves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from openai_phi.declared.agreements import Agreement
from openai_phi.declared.compliance_file import ComplianceFile
from openai_phi.declared.declaration_files import Entry
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.declared_limits import Limits, Tightening, tightening_of
from openai_phi.declared.declared_workloads import Named, lowers_a_kind
from openai_phi.declared.policy_file import Policy, Project
from openai_phi.declared.retention_controls import RetentionState
from openai_phi.words.places import Place
from openai_phi.words.workload_declarations import WorkloadDeclaration

TODAY = date(2026, 11, 20)
POLICY = Policy(file="openai-policy.yaml")


def entry(file: str, match: str = "a", **said: Any) -> WorkloadDeclaration:
    """An entry for a workload in one file, which says just this."""
    nothing = WorkloadDeclaration(match=match, place=Place(file, 3))
    return replace(nothing, **said)


def both(outer: WorkloadDeclaration, inner: WorkloadDeclaration) -> WorkloadDeclaration:
    """What holds of the workload `a` in `team/main.tf` by the files of its root and of its folder."""
    files = (
        ComplianceFile(file="team/openai-compliance.yaml", folder="team", workloads=(inner,)),
        ComplianceFile(file="openai-compliance.yaml", folder="", workloads=(outer,)),
    )
    found = Declarations(files=files).workload(Named(names=("a",), path="team/main.tf"))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("outer", "inner", "holds"),
    [(True, False, True), (True, True, True), (False, True, True), (False, False, False)],
)
def test_a_nearer_file_cannot_take_personal_eu_away(outer: bool, inner: bool, holds: bool) -> None:
    found = both(
        entry("openai-compliance.yaml", "*a", data="phi", personal_eu=outer),
        entry("team/openai-compliance.yaml", data="phi", personal_eu=inner),
    )
    assert found.personal_eu is holds


def test_nor_does_the_exact_entry_of_one_file() -> None:
    """A pattern and the name itself in one file: the name decides, and takes nothing away."""
    file = ComplianceFile(
        file="openai-compliance.yaml",
        folder="",
        workloads=(entry("x", "*a", personal_eu=True), entry("x", "a", data="none")),
    )
    found = Declarations(files=(file,)).workload(Named(names=("a",), path="main.tf"))
    assert found is not None
    assert (found.data, found.personal_eu) == ("none", True)


def asked(key: str, days: object) -> Tightening:
    """What a compliance file asks with one limit, if there is one."""
    data = {} if days is None else {key: days}
    return tightening_of(Entry(path=("limits",), place=Place("x.yaml", 2), data=data))


@pytest.mark.parametrize("key", ["max_retention_days", "max_exception_days"])
@pytest.mark.parametrize(
    ("policy", "outer", "inner", "holds"),
    [
        (30, None, 90, 30),
        (30, None, 7, 7),
        (30, 7, 90, 7),
        (30, 90, 60, 30),
        (None, 30, 90, 30),
        (None, None, 90, 90),
        (None, None, None, None),
        (0, None, 90, 0),
        (30, None, 0, 0),
        (30, "10", "d90", 30),
    ],
)
def test_a_nearer_file_cannot_widen_a_maximum_of_days(
    key: str, policy: int | None, outer: object, inner: object, holds: int | None
) -> None:
    limits = replace(Limits(), max_retention_days=policy, max_exception_days=policy)
    files = tuple(
        ComplianceFile(file=f"{folder}x.yaml", folder=folder, limits=asked(key, days))
        for folder, days in (("team", inner), ("", outer))
    )
    declared = Declarations(policy=replace(POLICY, limits=limits), files=files)
    assert getattr(declared.limits_for("team/main.tf"), key) == holds
    other = "max_exception_days" if key == "max_retention_days" else "max_retention_days"
    assert getattr(declared.limits_for("team/main.tf"), other) == policy


@pytest.mark.parametrize("kind", ["zdr", "modified_retention"])
@pytest.mark.parametrize(
    ("projects", "organizations", "said", "on"),
    [
        (("proj_a",), (), None, {"proj_a"}),
        (("proj_a",), ("org-a",), None, {"proj_a"}),
        (("proj_a",), ("org-a",), "organization_default", {"proj_a"}),
        ((), ("org-a",), None, {"proj_a", "proj_b"}),
        ((), ("org-a",), "organization_default", {"proj_a", "proj_b"}),
        ((), ("org-b",), None, set()),
        ((), (), None, set()),
    ],
)
def test_a_retention_agreement_serves_the_projects_that_it_names(
    kind: str,
    projects: tuple[str, ...],
    organizations: tuple[str, ...],
    said: str | None,
    on: set[str],
) -> None:
    """One that names none serves the organization's; one that names some serves no other."""
    agreement = Agreement(
        kind=kind, provider="openai", organizations=organizations, projects=projects, dates={"approved_on": "2026-10-01"},
        place=Place("openai-policy.yaml", 5),
    )  # fmt: skip
    known = {
        p: Project(id=p, organization="org-a", retention=said, place=Place("openai-policy.yaml", 9))
        for p in ("proj_a", "proj_b")
    }
    declared = Declarations(policy=replace(POLICY, agreements=(agreement,), projects=known))
    assert {p for p in known if declared.retention(p, TODAY).state is RetentionState.ON} == on
    assert {p for p in known if declared.zero_retention(p, TODAY)} == (
        on if kind == "zdr" else set()
    )
    modified = {p for p in known if declared.modified_retention(p, TODAY)}
    assert modified == (set() if kind == "zdr" else on)


def test_an_entry_may_speak_of_environments() -> None:
    """Free of PHI are those that are deployed nowhere else; a pattern may speak of all of an environment."""
    said = WorkloadDeclaration(
        match="*", data="synthetic", environments=("dev",), place=Place("openai-compliance.yaml", 1)
    )
    declared = Declarations(
        files=(ComplianceFile(file="openai-compliance.yaml", folder="", workloads=(said,)),)
    )

    def data(*environments: str) -> str | None:
        of = Named(names=("Deployment.a.app",), path="base/app.yaml", environments=environments)
        found = declared.workload(of)
        return found.data if found else None

    assert data("dev") == "synthetic"
    assert data("prod") is None
    assert data("dev", "prod") is None
    assert data() is None
    everywhere = replace(said, environments=())
    assert lowers_a_kind(everywhere, ["Deployment.a.app"])


def test_a_file_speaks_of_what_its_root_deploys() -> None:
    """A module's resource lies elsewhere than the root that calls it."""
    said = WorkloadDeclaration(
        match="module.app.*", data="synthetic", place=Place("envs/dev/openai-compliance.yaml", 1)
    )
    file = ComplianceFile(
        file="envs/dev/openai-compliance.yaml", folder="envs/dev", workloads=(said,)
    )
    name = "module.app.aws_lambda_function.app"
    of = Named(names=(name,), path="modules/app/main.tf", root="envs/dev")
    declared = Declarations(files=(file,))
    assert declared.workload(of) is not None
    assert declared.workload(replace(of, root="envs/prod")) is None
