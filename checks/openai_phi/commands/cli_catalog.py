"""The command `openai-phi catalog`."""

from __future__ import annotations

import os

import click

from openai_phi.commands.editions import NoEdition, differences, edition_named, on_result, standings
from openai_phi.facts.catalogue import Catalogue, load_catalogue
from openai_phi.scanning.outcome import INCOMPLETE
from openai_phi.scanning.scan import Options, ScanBroken, scan_folder


@click.group("catalog")
def command() -> None:
    """What providers promised for each endpoint, edition by edition.

    \b
    Examples:
      openai-phi catalog list
      openai-phi catalog show 2026-10
      openai-phi catalog diff 2024-02 2026-10 --on infra
    """


@command.command("list")
def listed() -> None:
    """List the editions, each with its date and when it must be reviewed."""
    for edition in _catalogue().editions:
        name = f"{edition.provider}/{edition.id}"
        click.echo(
            f"{name:<24} as of {edition.as_of}, review by {edition.review_by}, "
            f"{len(edition.rows)} endpoints, {len(edition.features)} features"
        )


@command.command("show")
@click.argument("edition", metavar="EDITION")
def show(edition: str) -> None:
    """Show each endpoint of an edition: how it stands under each coverage rule, and its source."""
    try:
        found = edition_named(_catalogue(), edition)
    except NoEdition as error:
        raise click.UsageError(f"{error}.") from error
    click.echo(f"{found.provider}/{found.id}, as of {found.as_of}, review by {found.review_by}")
    click.echo(f"source: {found.source}")
    for endpoint in sorted(found.rows):
        row = found.rows[endpoint]
        under = ", ".join(f"{rule}: {word}" for rule, word in standings(found, endpoint).items())
        click.echo(f"\n{endpoint}\n  {under}")
        click.echo(f"  kept for abuse monitoring: {row.abuse_logs}; of its own: {row.state}")
        for text in (*(f"requires {r}" for r in row.requires), *row.notes):
            click.echo(f"  {text}")
        click.echo(f"  {row.source} ({row.as_of})")
    for feature in found.features.values():
        click.echo(f"\nfeature {feature.id}\n  covered: {feature.covered}; {feature.note}")


@command.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("--on", "folder", type=click.Path(), help="Also say what changes for this folder.")
def diff(old: str, new: str, folder: str | None) -> int:
    """Say what changed from edition A to edition B, and with --on DIR what that changes there."""
    catalogue = _catalogue()
    try:
        before, after = edition_named(catalogue, old), edition_named(catalogue, new)
    except NoEdition as error:
        raise click.UsageError(f"{error}.") from error
    if before.provider != after.provider:
        raise click.UsageError("the editions are of two providers.")
    for difference in differences(before, after):
        click.echo(difference.name)
        for change in difference.changes:
            click.echo(f"  {change}")
    if folder is None:
        return 0
    if not os.path.isdir(folder):
        raise click.UsageError(f"{folder} is not a folder.")
    try:
        result = scan_folder(Options(folder))
    except ScanBroken as error:
        click.echo(f"Could not look: {error}.", err=True)
        return INCOMPLETE
    lines = on_result(result, before, after)
    click.echo(f"\nIn {folder}:" if lines else f"\nNo verdict in {folder} changes.")
    for line in lines:
        click.echo(f"  {line}")
    return INCOMPLETE if result.gaps or result.unread else 0


def _catalogue() -> Catalogue:
    return load_catalogue()
