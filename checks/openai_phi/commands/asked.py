"""What `init` asks whoever runs it: what data a workload handles, and in which environments all of it is made up.

An answer is a line of the compliance file; none leaves its blank. Nothing is asked that compliance answers for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import click

from openai_phi.facts.environments import environment_names
from openai_phi.words.observed import PhiStatus, Workload

_CLASSES = ("phi", "limited_data_set", "none")
_LATER = "later"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What people said."""

    data: Mapping[str, str] = field(default_factory=dict)
    """The id of a workload -> the class of its data."""
    made_up: Mapping[str, str] = field(default_factory=dict)
    """An environment -> what all of its data was made with."""


def made_up_environments(workloads: Iterable[Workload]) -> list[str]:
    """The environments of workloads with PHI in which nobody is treated, in their order."""
    known = environment_names()
    phi = (w for w in workloads if w.phi is PhiStatus.PHI)
    found = {e for w in phi for e in w.resource.environments if known.may_be_made_up(e)}
    return sorted(found, key=lambda e: (known.rank(e), e))


def ask(workloads: Iterable[Workload]) -> Answers:
    """The answers of whoever sits at the terminal; the return key leaves a blank."""
    listed = list(workloads)
    data: dict[str, str] = {}
    for workload in sorted((w for w in listed if w.undecided), key=lambda w: w.id):
        if workload.id not in data:
            where = workload.resource.place()
            said = click.prompt(
                f"What data does {_shown(f'{workload.id} ({where})')} send?",
                type=click.Choice([*_CLASSES, _LATER]),
                default=_LATER,
                err=True,
            )
            data[workload.id] = said
    made_up = {
        name: str(
            click.prompt(
                f"Is all data in {_shown(name)} made up? With what (such as Synthea)? Empty: no",
                default="",
                show_default=False,
                err=True,
            )
        ).strip()
        for name in made_up_environments(listed)
    }
    return Answers(
        data={k: v for k, v in data.items() if v != _LATER},
        made_up={k: v for k, v in made_up.items() if v},
    )


def _shown(text: str) -> str:
    """A text that cannot steer a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
