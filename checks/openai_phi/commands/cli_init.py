"""The command `openai-phi init`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from openai_phi.commands.asked import Answers, ask
from openai_phi.commands.cli_given import EachOnce, check_given
from openai_phi.commands.drafts import compliance_draft, policy_draft
from openai_phi.scanning.outcome import INCOMPLETE
from openai_phi.scanning.scan import Options, ScanBroken, scan_folder


@click.command("init", cls=EachOnce)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path())
@click.option("--stdout", is_flag=True, help="Print the drafts and write nothing.")
@click.option("--only", type=click.Choice(["policy", "compliance"]), help="Only one of the files.")
@click.option("--force", is_flag=True, help="Write over files that are there.")
@click.option(
    "--non-interactive", is_flag=True, help="Ask nothing and leave blanks, as without a terminal."
)
def command(folder: str, stdout: bool, only: str | None, force: bool, non_interactive: bool) -> int:
    """Draft openai-policy.yaml and openai-compliance.yaml in DIR from what a scan sees.

    The drafts are valid, cover nothing and agree to nothing: what only people know is a comment to
    complete. At a terminal it asks what data each workload handles that nothing classifies, and in which
    environments all data is made up. A file that is there is left alone.

    \b
    Examples:
      openai-phi init
      openai-phi init infra --stdout
      openai-phi init infra --only compliance
    """
    check_given(folder)
    names = {"policy": "openai-policy.yaml", "compliance": "openai-compliance.yaml"}
    wanted = {k: Path(folder, n) for k, n in names.items() if only in (None, k)}
    there = [str(p) for p in wanted.values() if p.exists()]
    if there and not force and not stdout:
        verb = "are" if there[1:] else "is"
        raise click.UsageError(
            f"{', '.join(there)} {verb} already there (--only, --stdout, --force)."
        )
    try:
        result = scan_folder(Options(folder))
    except ScanBroken as error:
        click.echo(f"Could not look: {error}.", err=True)
        return INCOMPLETE
    asks = "compliance" in wanted and sys.stdin.isatty() and not (non_interactive or stdout)
    using = [w for w in result.analysis.estate.workloads if w.uses]
    answers = ask(using) if asks else Answers()
    drafts = {"policy": policy_draft(result), "compliance": compliance_draft(result, answers)}
    for kind, path in wanted.items():
        text = drafts[kind]
        if stdout:
            click.echo(text)
        else:
            try:
                path.write_text(text, encoding="utf-8")
            except OSError as error:
                raise click.UsageError(f"{path}: {error.strerror}.") from error
            click.echo(f"{path} is drafted.", err=True)
    lost = [*result.gaps, *(f"{u.file}: {u.reason}" for u in result.unread)]
    for text in lost:
        click.echo(f"Not looked at, so not in the drafts: {text}", err=True)
    if not stdout:
        click.echo(_next(wanted, folder), err=True)
    return INCOMPLETE if lost else 0


def _next(wanted: dict[str, Path], folder: str) -> str:
    """What to do with the drafts, in its order."""
    steps = {
        "compliance": "the team confirms each line of {} and fills in its blanks",
        "policy": "compliance records in {} what is signed, and whose key each secret holds",
    }
    said = [words.format(wanted[kind]) for kind, words in steps.items() if kind in wanted]
    said.append(f"openai-phi validate {' '.join(map(str, wanted.values()))}")
    said.append(f"openai-phi scan {folder}")
    return "\n".join(["Next:", *(f"  {n}. {words}" for n, words in enumerate(said, 1))])
