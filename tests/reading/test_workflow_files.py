"""Jobs of GitHub Actions: each is called by its workflow and itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.scanning.scan import Options, scan_folder

JOB = "on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    env: {OPENAI_API_KEY: '${{ secrets.OPENAI_API_KEY }}'}\n    steps: [{run: ./build}]\n"


def asked(folder: Path, match: str = "") -> tuple[str, ...]:
    """What nothing classifies of two workflows with a job of the same name."""
    for name in ("app.yml", "site.yaml"):
        path = folder / ".github" / "workflows" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(JOB)
    if match:
        declared = f"version: 1\nworkloads: [{{match: {match}, data: none}}]\n"
        (folder / "openai-compliance.yaml").write_text(declared)
    found = [f for f in scan_folder(Options(str(folder))).findings if f.rule == "OAI_DECLARATION_2"]
    return tuple(sorted(n for f in found for n in (f.resource, *f.also)))


@pytest.mark.parametrize(
    ("match", "left"),
    [
        ("", ("jobs.app.build", "jobs.site.build")),
        ("jobs.app.build", ("jobs.site.build",)),
        ("jobs.build", ()),
        ("'*site*'", ("jobs.app.build",)),
    ],
)
def test_a_line_speaks_of_one_workflow_or_of_all(
    tmp_path: Path, match: str, left: tuple[str, ...]
) -> None:
    assert asked(tmp_path, match) == left
