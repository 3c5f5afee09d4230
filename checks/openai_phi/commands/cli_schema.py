"""The command `openai-phi schema`."""

from __future__ import annotations

import click

from openai_phi.commands.cli_given import EachOnce
from openai_phi.facts.data_files import schema_root

_FILES = {
    "policy": "openai-policy.schema.json",
    "compliance": "openai-compliance.schema.json",
    "inventory": "openai-phi-inventory.schema.json",
    "evidence": "openai-phi-evidence.schema.json",
}


@click.command("schema", cls=EachOnce)
@click.argument("name", metavar="[NAME]", required=False, type=click.Choice(list(_FILES)))
@click.option("--path", is_flag=True, help="Print where it lies instead.")
def command(name: str | None, path: bool) -> None:
    """Print the JSON Schema of a file: policy, compliance, inventory (-f json) or evidence; without NAME, where each lies.

    \b
    Examples:
      openai-phi schema
      openai-phi schema policy > openai-policy.schema.json
      openai-phi schema compliance --path
    """
    if name is None:
        for each, file in _FILES.items():
            click.echo(f"{each:<11} {schema_root() / file}")
    elif path:
        click.echo(str(schema_root() / _FILES[name]))
    else:
        click.echo((schema_root() / _FILES[name]).read_text(encoding="utf-8"), nl=False)
