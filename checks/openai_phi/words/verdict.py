"""The words of a verdict: its parts, and what holds, is broken or is missing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from openai_phi.words.fixes import Actor, Addition
from openai_phi.words.observed import Assurance
from openai_phi.words.places import Place


class Verdict(str, Enum):
    """What is said of a use in the end."""

    COVERED = "covered"
    NOT_COVERED = "not covered"
    UNPROVEN = "unproven"


class Conjunct(str, Enum):
    """The parts that cover is made of; each may hold, be broken, or lack its proof."""

    ENDPOINT = "endpoint"
    BAA = "baa"
    CREDENTIAL = "credential"
    RETENTION = "retention"
    FEATURE = "feature"
    GROUNDING = "grounding"
    AVAILABILITY = "availability"
    PARTY = "party"
    PRODUCT = "product"
    RECEIVER = "receiver"
    DECLARATION = "declaration"
    SETTINGS = "settings"


@dataclass(frozen=True, kw_only=True)
class Assured:
    """What a covered verdict rests on, in two words."""

    agreement: Assurance = Assurance.NONE
    """What its agreements rest on: a contract is attested at best."""
    settings: Assurance = Assurance.NONE
    """The weakest that its settings rest on: retention, endpoints, features, models, whose key it is."""

    @property
    def weakest(self) -> Assurance:
        """The weaker of both."""
        return min(self.agreement, self.settings)

    @property
    def words(self) -> str:
        """Both words, for people."""
        return f"agreement {self.agreement.word}, settings {self.settings.word}"

    def with_other(self, other: Assured) -> Assured:
        """What two verdicts rest on together."""
        return Assured(
            agreement=min(self.agreement, other.agreement),
            settings=min(self.settings, other.settings),
        )


@dataclass(frozen=True, kw_only=True)
class Held:
    """A conjunct that holds."""

    conjunct: Conjunct
    assurance: Assurance
    """How strong what shows it is; the weakest of all conjuncts is the verdict's."""
    because: str
    """Why it holds, in words for people."""
    fact: bool = False
    """Whether it is a fact of the catalogue or of the call itself, which nothing has to assure."""

    @property
    def word(self) -> str:
        """What shows it, in one word."""
        return "fact" if self.fact else self.assurance.word


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A conjunct that is known not to hold."""

    conjunct: Conjunct
    reason: str
    """Why it does not hold, in words for people."""
    subject: str = ""
    """What breaks it: the endpoint, feature, host, party, project or organization."""
    places: tuple[Place, ...] = ()
    """Where that was seen."""
    additions: tuple[Addition, ...] = ()
    """What a policy would say that settles it, if that is true."""
    assurance: Assurance = Assurance.ATTESTED
    """Who says so: `ENFORCED` is the code itself, so that a line of the policy changes nothing."""


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A proof that is missing."""

    conjunct: Conjunct
    what: str
    """The proof, in words for people."""
    who: Actor
    """Who can give it."""
    additions: tuple[Addition, ...] = ()
    """What a policy would say that gives it, if that is true."""
    file: str = ""
    """The declaration file that is wrong, where that is what is missing."""


Outcome = Held | Broken | Missing
"""What is known of one part of cover."""
