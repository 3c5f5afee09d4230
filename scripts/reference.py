"""Writes what is only to be looked up: every option of the command, every key of the two files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from scan import ROOT

from openai_phi.commands.cli import command as cli

OPTIONS = ROOT / "docs" / "options.md"
KEYS = ROOT / "docs" / "declarations.md"
FILES = {
    "openai-policy.yaml": ("openai-policy.schema.json", "The organization's; compliance owns it."),
    "openai-compliance.yaml": (
        "openai-compliance.schema.json",
        "A repository's; the team owns it, and it only narrows the policy.",
    ),
}
_GENERATED = "<!-- Written by scripts/pages.py; edit the source, not this page. -->\n\n"


def references() -> dict[Path, str]:
    """The pages by their files."""
    return {OPTIONS: options(), KEYS: keys()}


def options() -> str:
    """Every command with its arguments and options."""
    parts = [f"{_GENERATED}# Options\n\nWhat each command of `openai-phi` takes.\n"]
    context = click.Context(cli)
    for name in cli.list_commands(context):
        found = cli.get_command(context, name)
        assert found is not None
        parts += _command(f"openai-phi {name}", found)
    return "\n".join(parts)


def _command(name: str, command: click.Command) -> Iterator[str]:
    yield f"## {name}\n\n{_first(command.help or '')}\n"
    if isinstance(command, click.Group):
        for inner, each in sorted(command.commands.items()):
            yield from _command(f"{name} {inner}", each)
        return
    rows = [_option(p) for p in command.params if isinstance(p, click.Option)]
    if rows:
        table = "\n".join(["| option | what it does |", "|---|---|", *rows])
        yield f"{table}\n"


def _option(option: click.Option) -> str:
    value = ""
    if not option.is_flag:
        choices = getattr(option.type, "choices", None)
        value = " " + ("|".join(map(str, choices)) if choices else option.metavar or "VALUE")
    default = f" Default: {option.default}." if option.show_default else ""
    several = " May be given several times." if option.multiple else ""
    names = ", ".join(f"`{o}{value}`".replace("|", "\\|") for o in option.opts)
    return f"| {names} | {option.help or ''}{default}{several} |"


def _first(text: str) -> str:
    return " ".join(text.replace("\b", "").split("\n\n")[0].split())


def keys() -> str:
    """Every key of the two files, from their schemas."""
    parts = [
        f"{_GENERATED}# Policy and compliance file\n\nEvery key, as the schemas beside the code say it; editors "
        "complete them.\n"
    ]
    for file, (schema, whose) in FILES.items():
        data = json.loads((ROOT / "schemas" / schema).read_text(encoding="utf-8"))
        rows = [f"| `{path}` | {said} |" for path, said in described(data)]
        table = "\n".join(["| key | what it says |", "|---|---|", *rows])
        parts.append(f"## {file}\n\n{whose} {data['description']}\n\n{table}\n")
    return "\n".join(parts)


def described(schema: dict[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Each key of a schema with its path, and what it says."""
    for name, inner in schema.get("properties", {}).items():
        path = f"{above}.{name}" if above else name
        yield path, _said(inner)
        yield from described(inner, path)
        if isinstance(inner.get("items"), dict):
            yield from described(inner["items"], f"{path}[]")


def _said(schema: dict[str, Any]) -> str:
    text = str(schema.get("description", "")).rstrip(".")
    words = schema.get("enum") or next(
        (o["enum"] for o in schema.get("oneOf", ()) if "enum" in o), None
    )
    choice = f": {', '.join(f'`{w}`' for w in words if isinstance(w, str))}" if words else ""
    return f"{text}{choice}.".replace("|", "\\|").replace("\n", " ")
