"""`make rule` writes a rule that loads, with examples, where nothing is in the way."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from new_rule import KINDS, ROOT, main, scaffold


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one rule, its page and its examples."""
    for part in ("checks", "docs/rules", "tests/rules"):
        (tmp_path / part).mkdir(parents=True)
    shutil.copy(ROOT / "checks" / "no_baa_recorded.py", tmp_path / "checks")
    (tmp_path / "docs/rules/long_gone.md").write_text("# OAI_OLD_1: long_gone\n")
    (tmp_path / "tests/rules/expected.yaml").write_text("# what\nzeal_found/bad: []\n")
    return tmp_path


def test_a_new_rule_loads_and_has_examples_of_each_kind(project: Path) -> None:
    written = scaffold("prompt_left_open", "OAI_PROMPT_1", project)
    assert written[0] == project / "checks/prompt_left_open.py"
    code = (
        f"import sys; sys.path[:0] = [{str(project / 'checks')!r}, {str(ROOT / 'checks')!r}]\n"
        "import prompt_left_open as m; r = m.PromptLeftOpen(); print(r.id, r.name)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "OAI_PROMPT_1 prompt_left_open\n"
    for kind in KINDS:
        assert (project / f"tests/rules/prompt_left_open/{kind}/notes.yaml").exists()
    assert (project / "tests/rules/expected.yaml").read_text() == (
        "# what\nprompt_left_open/bad: []\nprompt_left_open/good: []\n"
        "prompt_left_open/unknown: []\nzeal_found/bad: []\n"
    )


@pytest.mark.parametrize(
    ("name", "rule_id", "why"),
    [
        ("no_baa_recorded", "OAI_NEW_1", "checks/no_baa_recorded.py is there already"),
        ("some_thing", "OAI_COVERAGE_2", "taken: checks/no_baa_recorded.py"),
        ("some_thing", "OAI_OLD_1", "taken: docs/rules/long_gone.md"),
        ("Some_Thing", "OAI_NEW_1", "names no rule"),
        ("thing", "OAI_NEW_1", "names no rule"),
        ("../some_thing", "OAI_NEW_1", "names no rule"),
        ("some_thing", "CKV_NEW_1", "is no id"),
        ("some_thing", "OAI_NEW_01", "is no id"),
    ],
)
def test_what_is_in_the_way_is_said(project: Path, name: str, rule_id: str, why: str) -> None:
    before = sorted(project.rglob("*"))
    with pytest.raises(ValueError, match=why):
        scaffold(name, rule_id, project)
    assert sorted(project.rglob("*")) == before


def test_wrong_usage_is_64(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["", ""]) == 64
    assert main(["no_baa_recorded", "OAI_COVERAGE_2"]) == 64
    assert "usage: make rule NAME=" in capsys.readouterr().err
