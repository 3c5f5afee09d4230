"""What a scan says in the end: findings, what is exempt, and what was not read."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Finding:
    """One cause at one resource, with its trace in order and what to do about it.

    `severity` is that of its rule unless it says another; `cause` tells findings of one rule at one
    resource apart without naming a line.
    """

    rule: str
    resource: str
    place: Place
    message: str
    remediation: str = ""
    trace: tuple[Step, ...] = ()
    handle: int = field(default=-1, compare=False)
    end_line: int = 0
    variant: str = ""
    severity: str = ""
    cause: str = ""
    law: tuple[str, ...] = ()
    """The paragraphs that it cites, those for the role of the policy."""
    also: tuple[str, ...] = ()
    """The other resources that it speaks for; an exception must match each of them."""

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits that stay the same while lines move and other findings come and go."""
        cause = self.cause or _LINES.sub("", self.message)
        whole = (self.rule, self.resource, self.place.file, self.variant, cause)
        return hashlib.sha256("\0".join(whole).encode("utf-8", "backslashreplace")).hexdigest()[:32]


@dataclass(frozen=True)
class Exempt:
    """A finding that does not count as failed: by an exception of a compliance file, or a skip inline.

    `kind` is `correction`, `accepted` or `skip`; `place` is where that is written.
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

    def say(self) -> str:
        """Why the finding does not count, in one line."""
        if self.kind == "skip":
            return self.reason
        until = f" until {self.expires_on}" if self.expires_on else ""
        head = f"not covered (plan{until})" if self.plan else f"{self.kind}{until}"
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


@dataclass(frozen=True)
class Weakening:
    """Something in the repository that weakens the gate; `cause` tells two in one file apart.

    `skip` is the inline skip that it is, if it is one: an exception for its rule and resource settles it.
    """

    place: Place
    message: str
    remediation: str
    cause: str
    skip: Skip | None = None


_LINES = re.compile(r":\d+")
