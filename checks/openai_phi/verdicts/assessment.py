"""One (PHI workload, use) judged, with everything that the verdict rests on."""

from __future__ import annotations

from dataclasses import dataclass, field

from openai_phi.facts.catalogue import Edition
from openai_phi.words.observed import Assurance, Use, Workload
from openai_phi.words.verdict import Assured, Broken, Held, Missing, Verdict


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """The verdict on one (PHI workload, use), with everything that it rests on.

    What it was judged by: the project, organization, endpoints and features once all declarations
    are found, and the newest edition of the provider that the use ends at, if there is one.
    """

    workload: Workload
    use: Use
    verdict: Verdict
    assured: Assured = field(default_factory=Assured)
    """What a covered verdict rests on."""
    broken: tuple[Broken, ...] = ()
    missing: tuple[Missing, ...] = ()
    held: tuple[Held, ...] = ()
    project: str | None = None
    organization: str | None = None
    endpoints: tuple[str, ...] = ()
    declared: tuple[str, ...] | None = None
    """The endpoints that the team or the policy declares; None where neither does."""
    features: tuple[str, ...] = ()
    features_closed: bool = False
    """Whether something bounds the features to these."""
    edition: Edition | None = None
    controls: frozenset[str] = frozenset()
    """The retention controls that are shown: `logs` (no abuse logs are kept), `state` (nor what requests ask to store)."""
    deleted_after: int | None = None
    """Days after which what is stored is deleted, as the policy or the team declares it."""
    minimum: Assurance = Assurance.NONE
    """The assurance that cover had to reach."""
    not_judged: tuple[str, ...] = ()
    """Laws that apply to the data and that no rule judges."""

    @property
    def assurance(self) -> Assurance:
        """The weakest that a covered verdict rests on."""
        return self.assured.weakest

    @property
    def weakest(self) -> list[str]:
        """Why the weakest of its parts hold, in words for people."""
        held = [h for h in self.held if not h.fact and h.assurance is self.assurance]
        return [h.because for h in held or self.held]
