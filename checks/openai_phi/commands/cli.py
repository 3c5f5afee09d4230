"""The command `openai-phi`: its entry point, what all its commands share, and its exit codes."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

import click

from openai_phi.scanning.outcome import INCOMPLETE, USAGE
from openai_phi.text.error_words import way_of

EPILOG = """
\b
Exit codes: 0 clean, 1 findings, 2 could not look at everything, 64 wrong usage.
\b
Shell completion:
  bash  eval "$(_OPENAI_PHI_COMPLETE=bash_source openai-phi)"
  zsh   eval "$(_OPENAI_PHI_COMPLETE=zsh_source openai-phi)"
  fish  _OPENAI_PHI_COMPLETE=fish_source openai-phi | source
"""
_COMMANDS = {
    "scan": ("cli_scan", "Scan a folder, judge it, report."),
    "init": ("cli_init", "Draft a policy and a compliance file from what a scan sees."),
    "validate": ("cli_validate", "Check policy and compliance files."),
    "explain": ("cli_explain", "Explain a rule, or why a resource is judged so."),
    "schema": ("cli_schema", "Print the schema of a file, or where it lies."),
    "catalog": ("cli_catalog", "What providers promised, edition by edition."),
    "checks-dir": ("cli_checks_dir", "Print the folder for --external-checks-dir."),
}


class _Commands(click.Group):
    """The commands; each module loads when its command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"openai_phi.commands.{_COMMANDS[name][0]}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, said) for name, (_, said) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            known = f"{error.message} Commands: {', '.join(_COMMANDS)}."
            raise click.UsageError(known, ctx) from error


@click.group(
    cls=_Commands,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="openai-phi", prog_name="openai-phi")
def command() -> None:
    """Says which deployments can send PHI to an OpenAI endpoint that no agreement covers.

    \b
    Examples:
      openai-phi scan
      openai-phi scan infra --policy openai-policy.yaml --fail-level low
      openai-phi explain OAI_COVERAGE_9
    """


def run(args: Sequence[str] | None = None) -> int:
    """Runs the command; the exit code. An error that nobody foresaw is `could not look` (2)."""
    if not os.environ.get("LOG_LEVEL"):
        logging.getLogger("openai_phi").setLevel(logging.CRITICAL)
    try:
        status = command.main(args, prog_name="openai-phi", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort:
        click.echo("Stopped.", err=True)
        return INCOMPLETE
    except click.ClickException as error:
        error.show()
        return USAGE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads on; say nothing at exit
        return INCOMPLETE
    except Exception as error:
        logging.getLogger(__name__).error("openai-phi stopped: %s", way_of(error))
        why = error.strerror if isinstance(error, OSError) else None
        said = f"openai-phi stopped: {why or type(error).__name__}. Nothing is known to be fine."
        click.echo(f"{said} Run with LOG_LEVEL=ERROR to see where.", err=True)
        return INCOMPLETE


def main() -> None:
    """The entry point. Where a stream is closed, what it would have shown goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    sys.exit(run())


if __name__ == "__main__":
    main()
