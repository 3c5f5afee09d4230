"""Declarations with more in them: made again in memory, checked like files, the files left as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.declared.declaration_loader import as_if, load
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.vocabulary import CatalogueWords
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.words.fixes import DAY, Declares, Secret, Value, added
from openai_phi.words.resources import SecretRef

POLICY = "version: 1\nprojects:\n  - {id: proj_a, organization: org-a, data: phi}\n"
TEAM = "version: 1\nworkloads:\n  - {match: Deployment.a, data: phi, project: proj_b}\n"
BAA: dict[str, Value] = {
    "kind": "baa", "provider": "openai", "organizations": ("org-a",), "signed_on": DAY,
}  # fmt: skip
WORDS = CatalogueWords(load_catalogue())


def loaded(folder: Path, policy: str = POLICY, team: str = "") -> Declarations:
    if policy:
        (folder / "openai-policy.yaml").write_text(policy)
    if team:
        (folder / "openai-compliance.yaml").write_text(team)
    return load(str(folder), policy_path=None, known=WORDS)


def tried(declared: Declarations, file: Declares, section: str, **entry: Value) -> Declarations:
    return as_if(declared, [added(file, section, entry)], day="2026-11-20", known=WORDS)


def test_an_addition_to_a_policy_stands_beside_what_is_there(tmp_path: Path) -> None:
    declared = loaded(tmp_path)
    found = tried(declared, Declares.POLICY, "agreements", **BAA)
    assert found.policy is not None
    assert [a.dates for a in found.policy.agreements] == [{"signed_on": "2026-11-20"}]
    assert set(found.policy.projects) == {"proj_a"}
    assert found.mistakes == ()
    assert declared.policy is not None
    assert declared.policy.agreements == ()
    assert (tmp_path / "openai-policy.yaml").read_text() == POLICY


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    declared = loaded(tmp_path, policy="")
    found = tried(declared, Declares.POLICY, "agreements", **BAA)
    found = tried(found, Declares.COMPLIANCE, "workloads", match="Deployment.a", data="phi")
    assert (found.policy is not None, [f.file for f in found.files]) == (
        True,
        ["openai-compliance.yaml"],
    )
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_in_an_addition_is_a_mistake(tmp_path: Path) -> None:
    declared = loaded(tmp_path)
    found = tried(declared, Declares.COMPLIANCE, "workloads", match="Deployment.a", data="x")
    assert len(found.mistakes) == 1
    assert declared.mistakes == ()


def test_an_addition_may_cure_a_mistake_of_another_file(tmp_path: Path) -> None:
    declared = loaded(tmp_path, team=TEAM)
    assert [m.place.file for m in declared.mistakes] == ["openai-compliance.yaml"]
    found = tried(declared, Declares.POLICY, "projects", id="proj_b", organization="org-a")
    assert found.mistakes == ()


def test_what_could_not_be_read_stays_so(tmp_path: Path) -> None:
    declared = loaded(tmp_path, policy="version: [1\n")
    found = tried(declared, Declares.POLICY, "agreements", **BAA)
    assert set(declared.mistakes) <= set(found.mistakes)
    assert found.policy is not None
    assert found.policy.agreements == ()


@pytest.mark.parametrize("name", ["openai-policy.yaml", "ours.yaml"])
def test_the_policy_that_a_file_extends_is_the_one_added_to(name: str, tmp_path: Path) -> None:
    import hashlib

    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / name).write_text(POLICY)
    digest = hashlib.sha256(POLICY.encode()).hexdigest()
    team = f"version: 1\nextends: {{file: policy/{name}, sha256: {digest}}}\n"
    declared = loaded(tmp_path, policy="", team=team)
    key: dict[str, Value] = {"project": "proj_a", "kubernetes": Secret("clinic/key")}
    found = tried(declared, Declares.POLICY, "credentials", **key)
    assert found.mistakes == ()
    (line,) = found.credentials_of(SecretRef("kubernetes", "clinic/key"))
    assert line.project == "proj_a"
