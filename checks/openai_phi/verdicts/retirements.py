"""What PHI workloads use that its provider shuts down soon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from openai_phi.declared.deadlines import Deadline
from openai_phi.declared.exceptions import exception_facts
from openai_phi.verdicts.assessment import Assessment
from openai_phi.words.observed import Workload
from openai_phi.words.places import Place


def retirements(
    assessments: Iterable[Assessment], today: date
) -> Iterator[tuple[Workload, Place, Deadline]]:
    """What PHI workloads use and its provider shuts down soon: each workload, the place of the use, the day."""
    seen = set()
    for assessment in assessments:
        resource, edition = assessment.workload.resource, assessment.edition
        for endpoint in assessment.endpoints if edition else ():
            ended = edition.retired_on(endpoint) if edition else None
            key = (resource.scope, resource.id, resource.handle, endpoint)
            if ended is None or key in seen:
                continue
            seen.add(key)
            place = next(
                (e.place for e in assessment.use.evidence if e.value == endpoint), resource.place()
            )
            what = f"{assessment.use.provider} shuts {endpoint} down ({ended[1]}), which {resource.id} uses,"
            due = Deadline(
                place,
                date.fromisoformat(ended[0]),
                what,
                f"Team: move to another endpoint by then; from that day {endpoint} is not covered.",
                exception_facts().retirement_days,
            )
            if due.told(today) and due.day > today:
                yield assessment.workload, place, due
