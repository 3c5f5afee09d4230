"""What other tools read at the root: hooks of pre-commit, the example workflow's permissions."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from scan import ROOT

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
PROJECT = (ROOT / "pyproject.toml").read_text()


def test_hooks_start_what_is_installed() -> None:
    assert {h["id"] for h in HOOKS} == {"openai-phi", "openai-phi-validate"}
    for hook in HOOKS:
        program, subcommand = hook["entry"].split()
        assert f'\n{program} = "' in PROJECT.partition("[project.scripts]")[2]
        assert subcommand in ("scan", "validate")
        assert hook["language"] == "python"


@pytest.mark.parametrize(
    ("file", "scan", "validate"),
    [
        ("infra/main.tf", True, False),
        ("chart/templates/_env.tpl", True, False),
        ("openai-policy.yaml", True, True),
        ("teams/a/openai-compliance.yaml", True, True),
        ("src/app.py", False, False),
        ("README.md", False, False),
    ],
)
def test_a_hook_runs_where_files_matter(file: str, scan: bool, validate: bool) -> None:
    asked = {h["id"]: bool(re.search(h["files"], file)) for h in HOOKS}
    assert asked == {"openai-phi": scan, "openai-phi-validate": validate}


def test_the_example_may_read_what_a_private_repository_needs() -> None:
    workflow = yaml.safe_load((ROOT / "docs" / "examples" / "openai-phi.yml").read_text())
    assert workflow["jobs"]["phi"]["permissions"] == {
        "actions": "read", "contents": "read", "security-events": "write",
    }  # fmt: skip


def test_security_says_how_to_report() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    assert "Report a vulnerability" in text
    assert (ROOT / "docs" / "threats.md").is_file()
