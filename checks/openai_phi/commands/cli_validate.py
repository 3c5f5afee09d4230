"""The command `openai-phi validate`."""

from __future__ import annotations

import click

from openai_phi.commands.cli_given import EachOnce, check_day, one_policy
from openai_phi.commands.validating import NothingToCheck, mistakes_in
from openai_phi.facts.signatures import signatures
from openai_phi.scanning.outcome import CLEAN, FINDINGS
from openai_phi.text.redaction import Redactor


@click.command("validate", cls=EachOnce)
@click.argument("paths", metavar="[FILE|DIR]...", nargs=-1, type=click.Path())
@click.option(
    "--policy",
    multiple=True,
    type=click.Path(),
    help="The policy that the compliance files go with; once for each legal entity.",
)
def command(paths: tuple[str, ...], policy: tuple[str, ...]) -> int:
    """Check policy and compliance files: file, line and column of each mistake, and a hint.

    Without arguments, all of them below the working directory. Exits with 1 if something is wrong.

    \b
    Examples:
      openai-phi validate
      openai-phi validate openai-policy.yaml
      openai-phi validate infra --policy ../policy/openai-policy.yaml
    """
    check_day()
    wrong, plain = 0, Redactor(signatures())
    for path in paths or (".",):
        try:
            files, found = mistakes_in(path, one_policy(policy))
        except NothingToCheck as error:
            raise click.UsageError(f"{error}.") from error
        for mistake in found:
            click.echo(plain.shapes(str(mistake)))
        wrong += len(found)
        for file in files:
            if not any(m.file == file for m in found):
                click.echo(f"{file}: fine")
    return FINDINGS if wrong else CLEAN
