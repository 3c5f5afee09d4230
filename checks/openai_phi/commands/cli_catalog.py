"""The command `openai-phi catalog`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from openai_phi.commands.edition_check import CannotCompare, compare
from openai_phi.commands.editions import NoEdition, differences, edition_named, on_result, standings
from openai_phi.facts.catalogue import Catalogue, Edition, load_catalogue
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
      openai-phi catalog check openapi.yaml
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
    if found.described:
        click.echo(
            f"compared with the API's description at commit {found.described[0]} ({found.described[1]})"
        )
    for endpoint in sorted(found.rows):
        row = found.rows[endpoint]
        under = ", ".join(f"{rule}: {word}" for rule, word in standings(found, endpoint).items())
        click.echo(f"\n{endpoint}\n  {under}")
        click.echo(f"  kept for abuse monitoring: {row.abuse_logs}; of its own: {row.state}")
        for text in (*(f"requires {r}" for r in row.requires), *row.notes):
            click.echo(f"  {text}")
        if row.below:
            click.echo(f"  with the same data below it: {', '.join(row.below)}")
        click.echo(f"  source: {row.source}")
        click.echo(f"  taken {row.as_of}, review by {found.review_by}{_retired(found, endpoint)}")
    for endpoint in sorted(found.unlisted):
        click.echo(f"\n{endpoint}\n  in no table: never covered{_retired(found, endpoint)}")
    for endpoint in sorted(found.no_customer_content):
        click.echo(f"\n{endpoint}\n  without customer content")
    for feature in found.features.values():
        click.echo(f"\nfeature {feature.id}\n  covered: {feature.covered}; {feature.note}")
        click.echo(f"  source: {feature.source}")
        click.echo(f"  taken {feature.as_of}, review by {found.review_by}")


def _retired(edition: Edition, endpoint: str) -> str:
    ended = edition.retired_on(endpoint)
    return f", retired on {ended[0]}: not covered from that day ({ended[1]})" if ended else ""


@command.command("check")
@click.argument("file", type=click.Path())
@click.option("--edition", "name", help="The edition to compare with (default: OpenAI's newest).")
def check(file: str, name: str | None) -> int:
    """Say what is new in FILE: an OpenAPI description, or the page on data controls, that you saved.

    Ends with 1 if something is new, with 2 if the file cannot be compared.
    """
    catalogue = _catalogue()
    try:
        edition = edition_named(catalogue, name) if name else catalogue.newest("openai")
    except NoEdition as error:
        raise click.UsageError(f"{error}.") from error
    if edition is None:
        raise click.UsageError("there is no edition.")
    try:
        found = compare(Path(file), edition, catalogue)
    except CannotCompare as error:
        click.echo(f"{file} {error}.", err=True)
        return INCOMPLETE
    click.echo(
        f"{file}: {found.kind}, compared with {edition.provider}/{edition.id} of {edition.as_of}"
    )
    for item in found.news:
        click.echo(f"  {item.endpoint}: {item.what}")
    if found.absent:
        click.echo(f"Of the edition it does not name: {', '.join(found.absent)}.")
    how = f"{len(found.news)} to place; how: CONTRIBUTING.md, Add an edition."
    click.echo(how if found.news else "Nothing is new.")
    return 1 if found.news else 0


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
