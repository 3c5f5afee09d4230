"""Refuses what a command is given and cannot use: a folder, a policy or a day that is none."""

from __future__ import annotations

import os
from datetime import date

import click

from openai_phi.words.scan_input import POLICY_VARIABLE, TODAY_VARIABLE, TRUST_VARIABLE


class EachOnce(click.Command):
    """A command that refuses an option which is given twice and can hold one value: none is dropped unsaid."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As every command does. Raises UsageError for a second value."""
        order = self.make_parser(ctx).parse_args(args=list(args))[2]
        seen: set[str | None] = set()
        for parameter in order:
            once = isinstance(parameter, click.Option) and not (
                parameter.multiple or parameter.is_flag or parameter.count
            )
            if once and parameter.name in seen:
                raise click.UsageError(f"{parameter.opts[0]} is given twice: give it once.", ctx)
            seen.add(parameter.name)
        return super().parse_args(ctx, args)


def check_given(folder: str, policy: str | None = None, today: str | None = None) -> None:
    """Refuses a folder or a policy that is not there or is empty, and a day that is none."""
    if not os.path.isdir(folder):
        raise click.UsageError(f"{folder} is not a folder.")
    supplied = os.environ.get(POLICY_VARIABLE) if policy is None else policy
    if supplied is not None and not supplied.strip():
        name = POLICY_VARIABLE if policy is None else "--policy"
        raise click.UsageError(f"{name} is empty: name the policy's file, or leave it out.")
    for path in (policy or "").split(os.pathsep) if policy else ():
        if not os.path.isfile(path):
            why = "is no file" if os.path.exists(path) else "does not exist"
            raise click.UsageError(f"the policy {path or '(an empty name)'} {why}.")
    check_day(today)


def one_policy(given: tuple[str, ...]) -> str | None:
    """The policies that are given, as one text, with what separates paths in a variable between them."""
    if any(not p.strip() for p in given):
        return ""
    return os.pathsep.join(given) or None


def trusted_revision(given: str | None) -> str | None:
    """The revision to trust, given or from the environment; one that is named and empty is refused."""
    said = os.environ.get(TRUST_VARIABLE) if given is None else given
    if said is not None and not said.strip():
        name = TRUST_VARIABLE if given is None else "--trust-from"
        raise click.UsageError(
            f"{name} is empty: name the revision that a change starts from, or leave it out where nothing "
            "is proposed (a push, a schedule)."
        )
    return said


def check_day(today: str | None = None) -> None:
    """Refuses a day that is none, given or from the environment."""
    for name, day in (("--today", today), (TODAY_VARIABLE, os.environ.get(TODAY_VARIABLE))):
        try:
            date.fromisoformat(day or "2000-01-01")
        except ValueError as error:
            raise click.UsageError(f"{name} {day} is not a day such as 2026-11-20.") from error
