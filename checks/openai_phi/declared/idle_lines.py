"""Lines of a policy that can never take effect: what they speak of is nowhere else in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from openai_phi.declared.agreements import Agreement
from openai_phi.declared.declaration_files import Mistake
from openai_phi.declared.policy_file import Policy, Project

_OF_PROJECTS = "openai"
"""The provider whose agreements hold for organizations and projects that a policy records."""


def idle_lines(policy: Policy | None, files: Sequence[str] = ()) -> Iterator[Mistake]:
    """What nothing in a policy leads to; `files` are those of the folder that it goes with, if there is one."""
    if policy is None or not policy.projects:
        return
    for agreement in policy.agreements:
        if agreement.provider == _OF_PROJECTS:
            yield from _of_agreement(agreement, policy)
    for project in policy.projects.values():
        yield from _of_project(project, files)


def _of_agreement(agreement: Agreement, policy: Policy) -> Iterator[Mistake]:
    known = {p.organization for p in policy.projects.values() if p.organization}
    strange = [o for o in agreement.organizations if known and o not in known]
    if strange and len(strange) == len(agreement.organizations):
        names = ", ".join(strange)
        yield Mistake(
            place=agreement.place,
            message=f"no project is of {names}, so that this {agreement.kind} is never used",
            hint="Name the organization of a project (projects[].organization), or take the line out.",
        )
    recorded = {p.id for p in policy.projects.values()}
    recorded |= {p.terraform for p in policy.projects.values() if p.terraform}
    lost = [p for p in agreement.projects if p not in recorded]
    if lost and len(lost) == len(agreement.projects):
        yield Mistake(
            place=agreement.place,
            message=f"{', '.join(lost)} is no project of this policy, so that this {agreement.kind} is never used",
            hint="Record the project (projects:), or take the line out.",
        )


def _of_project(project: Project, files: Sequence[str]) -> Iterator[Mistake]:
    for delegation in project.delegated_to:
        if files and not delegation.repository and not delegation.accepts(files, ""):
            yield Mistake(
                place=project.place,
                message=f"delegated_to names {delegation.path}, and no file of this folder is called so",
                hint="Write the path from the folder that is scanned; ** stands for folders.",
            )


def files_below(root: str) -> list[str]:
    """The files below a folder, as patterns of paths speak of them."""
    out: list[str] = []
    for base, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f != ".git")
        out += (os.path.relpath(os.path.join(base, n), root).replace(os.sep, "/") for n in names)
    return sorted(out)
