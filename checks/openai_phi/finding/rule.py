"""A rule: metadata and one predicate over the analysis; everything shown about it derives from here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.fixes import Fix
    from openai_phi.words.found import Finding
    from openai_phi.words.observed import Step
    from openai_phi.words.places import Place

PAGES = "https://github.com/openai-phi/openai-phi/blob/main/docs/rules/"


class Rule(ABC):
    """One promise checked. A subclass is named after what it flags; its file and page likewise."""

    id: ClassVar[str]
    title: ClassVar[str]
    severity: ClassVar[str]
    why: ClassVar[str]
    law: ClassVar[tuple[str, ...]] = ()
    prove: ClassVar[str] = ""
    """What shows that a flagged thing is fine, for the rule's page."""
    of_findings: ClassVar[bool] = False
    """Whether it also judges what the other rules found, and so runs after them."""

    @property
    def name(self) -> str:
        """The rule's name: its class's in words joined by `_`, which is also its file's name."""
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in type(self).__name__).lstrip(
            "_"
        )

    @property
    def flags(self) -> str:
        """What is wrong where it finds something, as people read it: what the first line of its file says.

        Its title is a requirement, as Checkov's own are, and is shown by Checkov alone.
        """
        said = (type(self).judge.__globals__.get("__doc__") or "").partition("\n")[0]
        text = said.partition(": ")[2].rstrip(".") or self.title
        return text if text.startswith("openai_") else text[:1].upper() + text[1:]

    @property
    def page(self) -> str:
        """The address of the rule's page."""
        return f"{PAGES}{self.name}.md"

    @abstractmethod
    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        """The findings of this rule in the analysis of one graph."""

    def finding(
        self,
        resource: str,
        place: Place,
        message: str,
        *,
        cause: str,
        fixes: tuple[Fix, ...] = (),
        trace: tuple[Step, ...] = (),
        handle: int = -1,
        end_line: int = 0,
        variant: str = "",
        severity: str = "",
        also: tuple[str, ...] = (),
        changed_at: Place | None = None,
        environments: tuple[str, ...] = (),
        lacks: tuple[str, ...] = (),
        said: str = "",
    ) -> Finding:
        """A finding of this rule. Raises ValueError where message, place or cause says nothing.

        The cause is part of the fingerprint. Some rules give their message as it was first worded,
        without its lines: who words such a message anew leaves the cause as it was.
        """
        from openai_phi.words.found import (
            Finding,  # heavy to load, and most of Checkov's processes find nothing
        )

        if not message or not place.file or not cause:
            raise ValueError(f"{self.id}: a finding needs a message, a place and a cause")
        return Finding(
            rule=self.id,
            resource=resource,
            place=place,
            message=message,
            cause=cause,
            fixes=fixes,
            trace=trace,
            handle=handle,
            end_line=end_line,
            variant=variant,
            severity=severity,
            also=also,
            changed_at=changed_at,
            environments=environments,
            lacks=lacks,
            said=said,
        )

    def broken_by(self, error: Exception) -> Finding:
        """The finding that says that this rule could not judge; the error's type only, never its data."""
        from openai_phi.words.fixes import Fix
        from openai_phi.words.found import without_lines
        from openai_phi.words.places import Place

        where, reason = getattr(error, "file", None), getattr(error, "reason", None)
        said = f"{type(error).__name__}" + (f" in {where}: {reason}" if where and reason else "")
        return self.finding(
            "scan",
            Place("openai-phi", 1),
            f"{self.id} could not judge anything: {said}. Nothing is known to be fine.",
            cause=without_lines(
                f"{self.id} could not judge anything: {said}. Nothing is known to be fine."
            ),
            fixes=(
                Fix(
                    what="Run with LOG_LEVEL=ERROR to see where it broke, and report it; until then treat "
                    "this scan as not made."
                ),
            ),
            handle=0,
        )
