"""Entries of `unread`: what takes in whatever comes later to a folder is refused."""

from __future__ import annotations

from datetime import date

import pytest

from openai_phi.declared.declaration_files import DeclarationFile
from openai_phi.declared.declared_limits import Limits
from openai_phi.declared.exceptions import entries_of

APPROVER = "compliance@clinic.example"


def faults(folder: str, path: str) -> list[str]:
    """Why an entry for a path, in the compliance file of a folder, does not hold; empty if it does."""
    name = f"{folder}/openai-compliance.yaml" if folder else "openai-compliance.yaml"
    data = {
        "path": path,
        "reason": "it goes",
        "approved_by": APPROVER,
        "approved_on": "2026-11-01",
        "expires_on": "2026-12-01",
    }
    file = DeclarationFile(name, f"/nowhere/{name}")
    file.data = {"unread": [data]}
    (entry,) = entries_of(file)
    fault = entry.fault(date(2026, 11, 20), Limits(approvers=(APPROVER,)))
    return [fault.reason] if fault else []


WHOLE = ["its path takes in whatever comes later"]


@pytest.mark.parametrize(
    ("folder", "path"),
    [
        *(("", p) for p in (".", "./", "charts/..", "*", "**")),
        *(("team", p) for p in (".", "./", "", "../team", "old/..", "*", "..", "../")),
        *(
            ("team/app", p)
            for p in (".", "../app", "..", "../..", "../../team", "*", "../app*", "../*app*")
        ),
    ],
)
def test_the_whole_own_folder_is_refused(folder: str, path: str) -> None:
    assert faults(folder, path) == WHOLE


@pytest.mark.parametrize(
    ("folder", "path"),
    [
        ("", "charts"),
        ("", "charts/old/"),
        ("team", "team"),
        ("team", "main.tf"),
        ("team/app", "old-*"),
        ("team/app", "../app/old"),
    ],
)
def test_a_part_of_it_is_not(folder: str, path: str) -> None:
    assert faults(folder, path) == []
