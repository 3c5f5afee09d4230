"""The command `openai-phi explain`."""

from __future__ import annotations

from difflib import get_close_matches

import click

from openai_phi.commands.cli_given import EachOnce, check_given, one_policy
from openai_phi.commands.explaining import close_to, explain, page_of, rule_named, workloads_named
from openai_phi.finding.rule_files import load_rules
from openai_phi.scanning.outcome import INCOMPLETE
from openai_phi.scanning.scan import Options, ScanBroken, scan_folder
from openai_phi.text.redaction import Redactor


@click.command("explain", cls=EachOnce)
@click.argument("subject", metavar="RULE|RESOURCE")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path())
@click.option(
    "--policy",
    multiple=True,
    type=click.Path(),
    help="The organization's openai-policy.yaml; once for each legal entity.",
)
@click.option("--today", metavar="DATE", help="Judge as on another day (YYYY-MM-DD).")
def command(subject: str, folder: str, policy: tuple[str, ...], today: str | None) -> int:
    """Explain a rule (its page), or why a resource of DIR is judged so and what would change that.

    \b
    Examples:
      openai-phi explain OAI_COVERAGE_9
      openai-phi explain Deployment.clinic.summarizer infra
      openai-phi explain 'aws_lambda_function.*' infra --policy openai-policy.yaml
    """
    rules = load_rules().rules
    rule = rule_named(rules, subject)
    if rule is not None:
        click.echo(page_of(rule), nl=False)
        return 0
    if subject.upper().startswith("OAI_"):
        near = ", ".join(get_close_matches(subject.upper(), [r.id for r in rules], 3))
        raise click.UsageError(
            f"no rule is {subject}." + (f" Did you mean {near}?" if near else "")
        )
    supplied = one_policy(policy)
    check_given(folder, supplied, today)
    try:
        result = scan_folder(Options(folder, policy=supplied, today=today))
    except ScanBroken as error:
        click.echo(f"Could not look: {error}.", err=True)
        return INCOMPLETE
    found = workloads_named(result, subject)
    if not found:
        near = ", ".join(close_to(result, subject))
        hint = f" Did you mean {near}?" if near else " The scan saw no workload."
        where = "this folder" if folder == "." else folder
        raise click.UsageError(f"{subject} is neither a rule nor a workload of {where}.{hint}")
    shapes = Redactor(result.inputs.names).shapes
    for number, workload in enumerate(found):
        if number:
            click.echo()
        for line in explain(result, workload):
            click.echo(shapes("".join(c if c.isprintable() else "\ufffd" for c in line)))
    for gap in result.gaps:
        click.echo(f"Not looked at: {gap}", err=True)
    return INCOMPLETE if result.gaps else 0
