"""What a scan says in the end: findings, what is exempt, and what was not read."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from openai_phi.words.fixes import Fix
from openai_phi.words.observed import Step
from openai_phi.words.places import Place


@dataclass(frozen=True)
class Unread:
    """Something that was not read: the file, why, and whether a signature shows that it matters."""

    file: str
    reason: str
    matters: bool
    signature: str = ""
    line: int = 1


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One cause at one resource, with its trace in order and what to do about it."""

    rule: str
    """The id of the rule that found it."""
    resource: str
    """The id of the resource that it is at; a file, where it is about that."""
    place: Place
    """The line that it is shown at."""
    message: str
    """What is wrong, as one sentence."""
    cause: str
    """What tells findings of one rule at one resource apart, without naming a line.

    It is part of the fingerprint, so it stays as it is when the message is worded anew.
    """
    fixes: tuple[Fix, ...] = ()
    """What mends it, in the order in which it is told."""
    trace: tuple[Step, ...] = ()
    """The way from PHI to the cause, step by step."""
    handle: int = field(default=-1, compare=False)
    """The vertex of Checkov's graph that it hangs on; -1 for none."""
    said: str = ""
    """What is wrong, as a fact of its own that names neither workload nor place; empty: the message is."""
    end_line: int = 0
    """The last line of what it is about; 0 where only its first is known."""
    variant: str = ""
    """What built the resource: the values or variables that it exists with; empty where all do."""
    severity: str = ""
    """Its own severity; empty for that of its rule."""
    law: tuple[str, ...] = ()
    """The paragraphs that it cites, those for the role of the policy."""
    also: tuple[str, ...] = ()
    """The other resources that it speaks for; an exception must match each of them."""
    changed_at: Place | None = None
    """Where a person changes it, if that is not its place: a caller's line, a key in a values file."""
    workload: str = ""
    """What it is at, named alike in every environment: a file and a name without what tells one."""
    lacks: tuple[str, ...] = ()
    """What nothing shows, of a finding that says no more than that."""
    known_as: str = ""
    """The file by which the first version of its fingerprint knows it, if that is not its place's."""
    environments: tuple[str, ...] = ()
    """The environments that it is in; none where nothing tells any."""
    each: tuple[Finding, ...] = ()
    """The findings of one resource in one environment that it stands for; none: it is such a one."""

    @property
    def remediation(self) -> str:
        """Its fixes as text, a line each."""
        return "\n".join(line for fix in self.fixes for line in fix.lines())

    @property
    def legal(self) -> str:
        """What the law makes of it, for documents; no report that others may read by chance says so."""
        return " ".join(dict.fromkeys(fix.law for fix in self.fixes if fix.law))

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits that stay the same while lines move and other findings come and go.

        The first version: each environment has its own. Of a finding in several it is that of the first.
        """
        if self.each:
            return self.each[0].fingerprint
        return _digits(self.rule, self.resource, self.first_file, self.variant, self.cause)

    @property
    def wrong(self) -> str:
        """What is wrong, in words that are the same wherever it is."""
        text = self.said or self.message
        for own in (
            f"{self.place.file}:{self.place.line}: ",
            f"{self.place.file}:{self.place.line} ",
        ):
            text = text.removeprefix(own)
        if text.startswith(f"{self.resource} "):
            text = f"it {text[len(self.resource) + 1 :]}"
        text = _SEEN_AT.sub("", text).rstrip(".")
        return text if _NAME.match(text) else text[:1].upper() + text[1:]

    @property
    def first_file(self) -> str:
        """The file that the first version of its fingerprint holds."""
        return self.each[0].first_file if self.each else self.known_as or self.place.file

    @property
    def fingerprint_v2(self) -> str:
        """32 hexadecimal digits of rule, workload and cause, the same in every environment."""
        return _digits(self.rule, self.workload, alike(self.cause))

    @property
    def members(self) -> tuple[Finding, ...]:
        """The findings that it stands for, each of one resource in one environment; itself if it is such a one."""
        return self.each or (self,)

    def is_at(self, resource: str, file: str) -> bool:
        """Whether it is, in some environment, at a resource of this id in this file."""
        return any(m.resource == resource and m.place.file == file for m in self.members)

    def speaks_for(self, resource: str, file: str) -> bool:
        """The same, also where the resource is one of several that one finding names."""
        return any(resource in (m.resource, *m.also) and m.place.file == file for m in self.members)


def _digits(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def alike(text: str) -> str:
    """A cause without what tells an environment: the part of a path, and what stands behind `at`."""
    return _PLACE.sub("", without_lines(text))


def without_lines(text: str) -> str:
    """A text without the numbers of lines, as a cause must be."""
    return _LINES.sub("", text)


@dataclass(frozen=True)
class Exempt:
    """A finding that does not count as failed: by an exception of a compliance file, or a skip inline.

    `kind` is `correction`, `accepted`, `emergency` or `skip`; `place` is where that is written.
    """

    finding: Finding
    kind: str
    reason: str
    place: Place
    approved_by: str = ""
    expires_on: str = ""
    ticket: str = ""
    plan: bool = False
    """Whether it is a plan to mend the cause: the verdict on the workload stays."""
    owner: str = ""
    approved_on: str = ""

    @property
    def alarm(self) -> str:
        """An emergency in one line, as every report begins with."""
        return f"{self.finding.rule} at {self.finding.resource}: {self.say()}"

    def say(self) -> str:
        """Why the finding does not count, in one line."""
        if self.kind == "skip":
            return self.reason
        until = f" until {self.expires_on}" if self.expires_on else ""
        head = f"{self.kind}{until}"
        if self.plan:
            head = (
                f"verdict unchanged ({head})"
                if self.kind == "emergency"
                else f"not covered (plan{until})"
            )
        approved = f"approved by {self.approved_by}" if self.approved_by else ""
        facts = ", ".join(f for f in (approved, self.ticket) if f)
        return f"{head}: {self.reason}{f' ({facts})' if facts else ''} at {self.place}"


@dataclass(frozen=True)
class Skip:
    """A skip that stands in the source itself: a comment in Terraform, an annotation in Kubernetes."""

    rule: str
    resource: str
    place: Place
    reason: str
    variant: str = ""
    """The build that carries it; empty where that is not told apart."""


@dataclass(frozen=True)
class Weakening:
    """Something in the repository that weakens the gate; `cause` tells two in one file apart.

    `skip` is the inline skip that it is, if it is one: an exception for its rule and resource settles it.
    """

    place: Place
    message: str
    fixes: tuple[Fix, ...]
    cause: str
    skip: Skip | None = None


_NAME = re.compile(r"[^\s:]*[._/=]")
_SEEN_AT = re.compile(r"\s*\bat [^\s()]+:\d+(?: \([^()]*\))?")
_LINES = re.compile(r":\d+")
_PLACE = re.compile(r"\s*\bat \S*[/.]\S*( \([^)]*\))?")
