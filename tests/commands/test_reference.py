"""Every option of the command and every key of its files is in the documentation."""

from __future__ import annotations

import json

import click
import pytest
from reference import FILES, KEYS, OPTIONS, described, references
from scan import ROOT

from openai_phi.commands.cli import command as cli


def test_the_pages_are_what_their_sources_say() -> None:
    for path, text in references().items():
        assert path.read_text(encoding="utf-8") == text, "run: python scripts/pages.py"


def test_every_option_is_told_with_what_it_does() -> None:
    text = OPTIONS.read_text(encoding="utf-8")
    context = click.Context(cli)
    for name in cli.list_commands(context):
        found = cli.get_command(context, name)
        assert found is not None
        for option in (p for p in found.params if isinstance(p, click.Option)):
            assert option.help, f"{name} {option.opts}"
            assert option.opts[0] in text


@pytest.mark.parametrize("schema", [s for s, _ in FILES.values()])
def test_every_key_is_told_with_what_it_says(schema: str) -> None:
    text = KEYS.read_text(encoding="utf-8")
    data = json.loads((ROOT / "schemas" / schema).read_text(encoding="utf-8"))
    for path, said in described(data):
        assert f"| `{path}` |" in text
        assert said.strip("."), f"{path} says nothing"
