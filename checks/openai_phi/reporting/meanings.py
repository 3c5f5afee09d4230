"""What the words of reports mean, in one sentence each, for where they stand."""

from __future__ import annotations

from openai_phi.reporting.markup import Markup, el
from openai_phi.words.observed import Assurance

ASSURANCE = {
    Assurance.ENFORCED: "the code sees to it",
    Assurance.VERIFIED: "read back from the provider",
    Assurance.ATTESTED: "the policy says so",
    Assurance.CLAIMED: "only the workload or its team says so",
    Assurance.NONE: "nothing says so",
}
"""What people read behind the word of an assurance."""
_WORDS = {
    "covered": "the agreements and the settings that are asked for are shown; what each rests on stands beside it",
    "not covered": "something that cover needs is known to be broken",
    "unproven": "nothing is known to be broken, and something that cover needs is shown nowhere",
    **{word.word: said for word, said in ASSURANCE.items() if word is not Assurance.NONE},
    "strict": "an endpoint counts if it is on the provider's list and eligible for zero data retention: the rule where "
    "terms are not known",
    "listed": "an endpoint counts if it is on the provider's list of the terms of 2026",
    "zdr-eligible": "an endpoint counts if it is eligible for zero data retention, as the terms of 2024 ask",
    "declared": "a label, tag or setting says so",
    "structural": "what a resource is, or refers to, shows it",
    "suspected": "only a name suggests it",
}


def words() -> Markup:
    """The words, folded, for a page."""
    told = (
        part for word, said in _WORDS.items() for part in (el("dt", word), el("dd", f"{said}."))
    )
    return el(
        "details", el("summary", "What the words mean"), el("dl", *told), class_="words", id="words"
    )
