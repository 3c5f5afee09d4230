"""Writes the outputs of the GitHub Action: `name=value` lines, numbers and fixed words only.

python -m openai_phi.reporting.action_outputs STATUS REPORTS
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

_VERDICTS = {"0": "clean", "1": "findings", "2": "incomplete"}


def outputs(status: str, reports: str) -> Iterator[str]:
    """The lines for `GITHUB_OUTPUT`, from the exit code and the JSON report, if there is one."""
    yield f"status={int(status)}"
    yield f"verdict={_VERDICTS.get(status, 'usage')}"
    yield f"reports={reports}"
    sarif = os.path.join(reports, "openai-phi.sarif")
    if os.path.isfile(sarif):
        yield f"sarif={sarif}"
    document = _document(os.path.join(reports, "openai-phi.json"))
    if document is not None:
        uses = [u for w in document["workloads"] for u in w["uses"]]
        yield f"findings={len(document['findings'])}"
        yield f"not-covered={sum(u.get('verdict') == 'not covered' for u in uses)}"
        yield f"unproven={sum(u.get('verdict') == 'unproven' for u in uses)}"
        yield f"unread={sum(bool(u['matters']) for u in document['unread'])}"


def _document(file: str) -> dict[str, Any] | None:
    try:
        with open(file, encoding="utf-8") as handle:
            found: dict[str, Any] = json.load(handle)
    except (OSError, ValueError):
        return None
    return found


if __name__ == "__main__":
    for line in outputs(sys.argv[1], sys.argv[2]):
        print(line)
