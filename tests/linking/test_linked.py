"""A scan is linked once: each set of declarations gives the estate that it would give alone, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from inprocess import write
from openai_phi.linking import linked
from openai_phi.linking.linked import Linked
from openai_phi.linking.lookup import Lookup, lookup_of
from openai_phi.reporting.inventory import as_text, of_result
from openai_phi.scanning.proposed_fixes import lines_that_settle
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.verdicts.analysis import Analysis, analyse
from openai_phi.words.observed import PhiStatus
from openai_phi.words.resources import Resource

PODS = """apiVersion: v1
kind: Pod
metadata: {name: notes, labels: {data-classification: phi}}
spec:
  containers:
    - {name: app, image: "a:1", env: [{name: GATE, value: "http://gate:8080"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: gate, labels: {app: gate}}
spec:
  containers:
    - {name: app, image: "a:1", env: [{name: OPENAI_BASE_URL, value: "https://api.openai.com/v1"}]}
---
apiVersion: v1
kind: Service
metadata: {name: gate}
spec: {selector: {app: gate}}
---
apiVersion: v1
kind: Pod
metadata: {name: silent}
spec:
  containers:
    - {name: app, image: "a:1"}
"""


def said(analysis: Analysis) -> dict[str, tuple[PhiStatus, int]]:
    """Workload -> whether it handles PHI, and the number of its uses."""
    return {w.id: (w.phi, len(w.uses)) for w in analysis.estate.workloads}


def test_one_linking_a_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The inventory and the lines to paste take what the scan linked."""
    linkings: list[int] = []

    def counted(resources: Sequence[Resource]) -> Lookup:
        linkings.append(len(resources))
        return lookup_of(resources)

    monkeypatch.setattr(linked, "lookup_of", counted)
    result = scan_folder(Options(str(write(tmp_path, pods_yaml=PODS))))
    assert as_text(of_result(result)).count('"id": "Pod.silent"') == 1
    assert lines_that_settle(result).lines
    assert linkings == [4]


def test_declarations_leave_no_trace_in_what_is_linked(tmp_path: Path) -> None:
    write(tmp_path, pods_yaml=PODS)
    one = scan_folder(Options(str(tmp_path)))
    write(
        tmp_path,
        **{
            "openai-compliance_yaml": "version: 1\nworkloads:\n"
            "  - {match: Pod.default.notes, data: none}\n  - {match: Pod.default.gate, data: phi}\n"
        },
    )
    two = scan_folder(Options(str(tmp_path)))
    assert said(one.analysis) != said(two.analysis)
    shared: Linked = one.analysis.linked
    for _ in range(2):
        for each in (two, one):
            again = shared.estate(each.inputs.declarations)
            assert again == each.analysis.estate
            own = each.analysis.linked.others(each.analysis.estate, each.inputs.declarations)
            assert shared.others(again, each.inputs.declarations) == own
    assert said(analyse(two.inputs, shared)) == said(two.analysis)
