"""The command `openai-phi checks-dir`."""

from __future__ import annotations

import click

from openai_phi.commands.cli_given import EachOnce
from openai_phi.finding.rule_files import checks_folder


@click.command("checks-dir", cls=EachOnce)
def command() -> None:
    """Print the folder for Checkov's --external-checks-dir.

    \b
    Example:
      checkov -d infra --external-checks-dir "$(openai-phi checks-dir)"
    """
    click.echo(str(checks_folder()))
