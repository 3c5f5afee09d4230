"""Recall and false alarms of the reading, against labelled lines of fixtures.

    python tests/accuracy/accuracy.py [CASE …]

Each case is a small deployment below `cases/`; `labels/CASE.yaml` says of its lines what they declare:
`use`, `phi`, `egress`, `agreement` or `secret`, and whether it must be found (`yes`), found as a hint
(`weak`) or not be reported (`no`). A line without a label must be silent for every kind.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
CASES, LABELS = HERE / "cases", HERE / "labels"
USE = {
    "key",
    "host",
    "endpoint",
    "endpoint_allowlist",
    "model",
    "project",
    "organization",
    "feature",
    "feature_list",
    "openai_setting",
    "mcp_server",
    "deployment",
    "api_version",
    "proxy",
}
AGREEMENT = {"zdr_claim", "baa_claim", "retention_control", "permission"}


@dataclass(frozen=True, order=True)
class Spot:
    """A line and what kind of thing it declares."""

    file: str
    line: int
    kind: str


@dataclass(frozen=True, order=True)
class Label:
    """What a line must be found to declare."""

    spot: Spot
    expect: str
    text: str


def labels(cases: Iterable[str] = ()) -> list[Label]:
    """The labels of these cases, or of all. Raises ValueError where a line does not hold its text."""
    wanted = set(cases)
    out: list[Label] = []
    for path in sorted(LABELS.glob("*.yaml")):
        if wanted and path.stem not in wanted:
            continue
        for raw in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader):
            file, line = f"{path.stem}/{raw['file']}", int(raw["line"])
            lines = (CASES / file).read_text(encoding="utf-8").splitlines()
            if line > len(lines) or raw["text"] not in lines[line - 1]:
                raise ValueError(f"{file}:{line} does not hold {raw['text']!r}")
            out.append(Label(Spot(file, line, raw["kind"]), raw["expect"], raw["text"]))
    return out


def kinds_of(fact: dict[str, Any]) -> Iterator[str]:
    """The kinds of label that a piece of evidence answers."""
    if fact["kind"] in USE and not (fact["kind"] == "key" and fact["value"] == "none"):
        yield "use"
    if fact["kind"] == "key" and fact["value"] == "literal":
        yield "secret"
    if fact["kind"] in AGREEMENT:
        yield "agreement"
    if fact["kind"] in ("phi", "egress"):
        yield fact["kind"]


def reported(inventory: dict[str, Any]) -> dict[Spot, bool]:
    """Each spot that the inventory reports, and whether firmly (not a hint alone)."""
    out: dict[Spot, bool] = {}

    def note(facts: list[dict[str, Any]], *, firm: bool = True) -> None:
        for fact in facts:
            for kind in kinds_of(fact):
                spot = Spot(fact["file"], fact["line"], kind)
                sure = firm and fact["confidence"] != "suspected"
                out[spot] = out.get(spot, False) or sure

    for workload in inventory["workloads"]:
        note(workload["phi"]["evidence"])
        for use in workload["uses"]:
            note(use["evidence"])
    for item in inventory["without_workload"]:
        note(item["evidence"], firm=False)
    for item in [*inventory["marked"], *inventory["egress"], *inventory["keys"]]:
        note(item["evidence"])
    return out


@dataclass(frozen=True)
class Result:
    """What was missed, what was only a hint, and what was reported without reason."""

    missed: tuple[Label, ...]
    hinted: tuple[Label, ...]
    false_alarms: tuple[Spot, ...]
    expected: Counter[str]

    def table(self) -> str:
        """Recall and false alarms per kind."""
        lines = [f"{'kind':<10} {'labels':>6} {'recall':>7} {'false alarms':>12}"]
        for kind in sorted({*self.expected, *(s.kind for s in self.false_alarms)}):
            wanted = self.expected[kind]
            lost = sum(m.spot.kind == kind for m in (*self.missed, *self.hinted))
            recall = 100 * (wanted - lost) / wanted if wanted else 100
            alarms = sum(s.kind == kind for s in self.false_alarms)
            lines.append(f"{kind:<10} {wanted:>6} {recall:>6.1f}% {alarms:>12}")
        return "\n".join(lines)


def measure(found: dict[Spot, bool], wanted: list[Label], cases: Iterable[str] = ()) -> Result:
    """Compares what was reported in the cases with their labels."""
    by_spot = {label.spot: label for label in wanted}
    only = set(cases)
    missed = [x for x in wanted if x.expect in ("yes", "weak") and x.spot not in found]
    hinted = [x for x in wanted if x.expect == "yes" and found.get(x.spot) is False]
    alarms = [
        spot
        for spot in found
        if (not only or spot.file.split("/")[0] in only)
        and (spot not in by_spot or by_spot[spot].expect == "no")
    ]
    expected = Counter(x.spot.kind for x in wanted if x.expect != "no")
    return Result(tuple(sorted(missed)), tuple(sorted(hinted)), tuple(sorted(alarms)), expected)


def main(cases: list[str]) -> int:
    """Prints the table and each difference; 0 if there is none."""
    from openai_phi.reporting.inventory import of_result
    from openai_phi.scanning.scan import judge

    document = of_result(judge(str(CASES)))
    result = measure(reported(document), labels(cases), cases)
    for label in result.missed:
        print(f"missed   {label.spot.kind:<9} {label.spot.file}:{label.spot.line} {label.text}")
    for label in result.hinted:
        print(f"hinted   {label.spot.kind:<9} {label.spot.file}:{label.spot.line} {label.text}")
    for spot in result.false_alarms:
        line = (CASES / spot.file).read_text(encoding="utf-8").splitlines()[max(spot.line, 1) - 1]
        print(f"alarm    {spot.kind:<9} {spot.file}:{spot.line} {line.strip()}")
    print(result.table())
    return 1 if result.missed or result.hinted or result.false_alarms else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
