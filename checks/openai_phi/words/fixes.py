"""What mends the cause of a finding, as data: who acts, what they do, and what they add to declarations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

_WORDS = ("null", "true", "false", "yes", "no", "on", "off", ".inf", ".nan")
_PLAIN = re.compile(r"\.?[^\W\d_][\w./…-]*|/[\w./…-]+|…")


class Actor(str, Enum):
    """Who can give a proof or mend a cause."""

    TEAM = "team"
    COMPLIANCE = "compliance"
    OWNER = "whoever owns that file"


class Declares(str, Enum):
    """The two files in which people declare; the value is the file's name."""

    POLICY = "openai-policy.yaml"
    COMPLIANCE = "openai-compliance.yaml"


@dataclass(frozen=True)
class Blank:
    """A value that only people know, left for them to fill in."""

    shown: str
    """How it is written."""
    as_if: str = ""
    """What stands in its place when additions are tried; empty for the day of the scan."""


DAY = Blank("YYYY-MM-DD")
SOME_DAY = Blank("…")
PROJECT = Blank("proj_…", "proj_blank")
ORGANIZATION = Blank("org-…", "org-blank")
SUBSCRIPTION = Blank("<subscription>", "<subscription>")
ANYTHING = Blank("…", "x")
UNDECIDED = Blank("…", "none")
SUSPECTED = Blank("…", "phi")
ENDPOINT = Blank("/v1/…", "/v1/responses")


@dataclass(frozen=True)
class Secret:
    """The name of a secret, which is always written in quotes."""

    name: str


Scalar = str | Blank | Secret
Value = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True)
class Addition:
    """One entry to add to a list of a declaration file, once it is true."""

    file: Declares
    section: str
    """The list: `agreements`, `projects`, `credentials`, `gateways`, `workloads` or `exceptions`."""
    entry: tuple[tuple[str, Value], ...]
    """Its keys with their values, in the order in which they are written."""
    comment: str = ""
    """What else could stand there, as a comment behind it."""

    @property
    def line(self) -> str:
        """The entry as a line of YAML."""
        inside = ", ".join(f"{key}: {_written(value)}" for key, value in self.entry)
        return f"  - {{{inside}}}" + (f"   # {self.comment}" if self.comment else "")

    def as_if(self, day: str) -> dict[str, str | list[str]]:
        """The entry as data, with something in each of its blanks; `day` is that of the scan."""
        return {key: _filled(value, day) for key, value in self.entry}


def added(file: Declares, section: str, entry: Mapping[str, Value], comment: str = "") -> Addition:
    """An addition, its entry written as a dictionary."""
    return Addition(file, section, tuple(entry.items()), comment)


@dataclass(frozen=True, kw_only=True)
class Fix:
    """One thing that somebody can do about a finding."""

    who: Actor | None = None
    """Who acts; None where whoever reads it does."""
    what: str = ""
    """What they do, as a sentence; empty where adding to a declaration file is all of it."""
    additions: tuple[Addition, ...] = ()
    """What they add to declaration files, each if it is true."""
    choice: bool = False
    """Whether the additions are a choice, of which some may not be true."""
    whole: bool = False
    """Whether the additions are shown as a whole file, with its version."""
    code: tuple[str, ...] = ()
    """Lines of the deployment itself, as they would be written there."""
    after: str = ""
    """What is said below the lines: another way, or how to look at what is set."""
    law: str = ""
    """What the law makes of it; only documents that stay with whoever asked for them say so."""

    @property
    def head(self) -> str:
        """Who does what: what stands before the lines."""
        who = self.who.value.capitalize() if self.who else ""
        if self.what:
            return f"{who}: {self.what}" if who else self.what
        files = ", ".join(dict.fromkeys(a.file.value for a in self.additions))
        return f"{who}, in {files}{', what is true of these' if self.choice else ''}:"

    def lines(self) -> Iterator[str]:
        """The fix as lines of text."""
        yield self.head
        yield from self.code
        yield from self.yaml()
        if self.after:
            yield self.after

    def yaml(self) -> Iterator[str]:
        """The additions as lines of YAML, those of a section together below its name."""
        if self.whole:
            yield "version: 1"
        section = ""
        for addition in self.additions:
            if addition.section != section:
                section = addition.section
                yield f"{section}:"
            yield addition.line


def scalar(text: str) -> str:
    """A text as YAML on one line: quoted unless it is plain."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=not text.isprintable())


def _written(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, Secret):
        return json.dumps(value.name)
    return value.shown if isinstance(value, Blank) else scalar(value)


def _filled(value: Value, day: str) -> str | list[str]:
    return [_one(v, day) for v in value] if isinstance(value, tuple) else _one(value, day)


def _one(value: Scalar, day: str) -> str:
    if isinstance(value, Blank):
        return value.as_if or day
    return value.name if isinstance(value, Secret) else value
