"""The words of a verdict: its parts, and what holds, is broken or is missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from openai_phi.words.observed import Assurance
from openai_phi.words.places import Place


class Verdict(str, Enum):
    COVERED = "covered"
    NOT_COVERED = "not covered"
    UNPROVEN = "unproven"


class Conjunct(str, Enum):
    """The parts that cover is made of; each may hold, be broken, or lack its proof."""

    ENDPOINT = "endpoint"
    BAA = "baa"
    RETENTION = "retention"
    FEATURE = "feature"
    GROUNDING = "grounding"
    AVAILABILITY = "availability"
    PARTY = "party"
    PRODUCT = "product"
    RECEIVER = "receiver"
    DECLARATION = "declaration"


@dataclass(frozen=True)
class Held:
    """A conjunct that holds, on what assurance, and why."""

    conjunct: Conjunct
    assurance: Assurance
    because: str


@dataclass(frozen=True)
class Broken:
    """A conjunct that is known not to hold, why, and where that was seen."""

    conjunct: Conjunct
    reason: str
    subject: str = ""
    places: tuple[Place, ...] = ()
    paste: str = ""
    assurance: Assurance = Assurance.ATTESTED
    """Who says so: `ENFORCED` is the code itself, so that a line of the policy changes nothing."""


@dataclass(frozen=True)
class Missing:
    """A proof that is missing: what, who can give it, and YAML to paste."""

    conjunct: Conjunct
    what: str
    who: str
    paste: str = ""
    file: str = ""
