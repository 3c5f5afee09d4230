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


@pytest.mark.parametrize(
    ("command", "at"),
    [
        ("docker run --env-file ./app.env x/notes", "app.env"),
        ("docker run --rm \\\n            --env-file=app.env x/notes", "app.env"),
        ('docker run --env-file "$GITHUB_WORKSPACE/deploy/app.env" x/notes', "deploy/app.env"),
        ("docker run --env-file ${{ github.workspace }}/app.env x/notes", "app.env"),
        ("docker run --env-file app.env x/notes", "deploy/app.env"),  # its working directory
    ],
)
@pytest.mark.parametrize(
    "line", ["LLM_URL=https://api.openai.com/v1", "LOG_URL=https://x.example/v1"]
)
def test_variables_that_a_container_is_given_from_a_file(
    tmp_path: Path, command: str, at: str, line: str
) -> None:
    path = tmp_path / ".github" / "workflows" / "nightly.yml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "on: push\njobs:\n  run:\n    runs-on: ubuntu-latest\n    env: {DATA_CLASSIFICATION: phi}\n"
        "    steps:\n      - working-directory: deploy\n        run: |\n"
        f"            {command}\n"
    )
    (tmp_path / "deploy").mkdir()
    (tmp_path / at).write_text(f"PORT=80\n{line}\n")
    found = scan_folder(Options(str(tmp_path), today="2026-11-20")).findings
    told = {(f.rule, f.resource, f.place.file, f.place.line) for f in found if f.severity == "HIGH"}
    wanted = {("OAI_COVERAGE_9", "jobs.nightly.run", at, 2)} if "LLM_URL" in line else set()
    assert told == wanted
