"""Lines of a policy that can never take effect are told by `validate`, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.commands.validating import mistakes_in

POLICY = """\
version: 1
agreements:
  - {kind: baa, provider: openai, organizations: [org-a], terms: openai-baa-2026-10, signed_on: 2026-10-07}
  - {kind: zdr, provider: openai, projects: [proj_a], approved_on: 2026-10-10}
projects:
  - {id: proj_a, organization: org-a, endpoints: [/v1/responses], features: []}
credentials:
  - {project: proj_a, kubernetes: "ward/openai#key"}
"""


def told(folder: Path, policy: str) -> list[tuple[int, str]]:
    """The line and the words of what `validate` says of a policy."""
    (folder / "openai-policy.yaml").write_text(policy)
    (folder / "teams").mkdir(exist_ok=True)
    (folder / "teams" / "openai-compliance.yaml").write_text("version: 1\nworkloads: []\n")
    return [(m.line, m.message) for m in mistakes_in(str(folder), None)[1]]


def test_a_policy_whose_lines_hang_together_is_fine(tmp_path: Path) -> None:
    assert told(tmp_path, POLICY) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("organizations: [org-a]", "organizations: [org-b]", 3, "no project is of org-b"),
        ("projects: [proj_a]", "projects: [proj_b]", 4, "proj_b is no project of this policy"),
        (
            "features: []}",
            'features: [], delegated_to: [team]}',
            6,
            "delegated_to names team,",
        ),
    ],
)  # fmt: skip
def test_a_line_that_never_counts_is_told(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    assert old in POLICY
    found = told(tmp_path, POLICY.replace(old, new, 1))
    assert [n for n, _ in found] == [line]
    assert says in found[0][1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("organizations: [org-a]", "organizations: [org-a, org-old]"),
        ("features: []}", 'features: [], delegated_to: [teams]}'),
        ("features: []}", 'features: [], delegated_to: [{repository: "clinic/notes"}]}'),
        (
            "credentials:\n  - {project: proj_a, kubernetes: \"ward/openai#key\"}\n",
            "gateways:\n  - {host: llm.ward.svc, forwards_to: openai, project: proj_a}\n",
        ),
        ("id: proj_a, organization", "id: proj_a, terraform: openai_project.a, organization"),
    ],
)  # fmt: skip
def test_a_line_that_may_count_is_not(tmp_path: Path, old: str, new: str) -> None:
    assert old in POLICY
    assert told(tmp_path, POLICY.replace(old, new, 1)) == []


def test_a_policy_without_projects_is_fine(tmp_path: Path) -> None:
    assert told(tmp_path, POLICY.partition("projects:\n")[0]) == []
