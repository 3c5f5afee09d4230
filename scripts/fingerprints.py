"""Adds the fingerprints of new findings to tests/finding/fingerprints.yaml; those that stand there stay.

    python scripts/fingerprints.py

Users' baselines and code scanning know a finding by its fingerprint: one that changes is a finding
that everybody has to look at again. So nothing that stands in the file is taken out here; who means
to change one takes its line out by hand, and says why.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import yaml
from scan import ROOT

FILE = ROOT / "tests" / "finding" / "fingerprints.yaml"
EXAMPLES = ROOT / "tests" / "rules"
DAY = "2026-11-20"


def cases() -> dict[str, Path]:
    """Name -> folder: the sample, every rule's examples, and the accuracy cases as one estate."""
    found = {p.name: p for p in (ROOT / "sample_infra", ROOT / "tests" / "accuracy" / "cases")}
    for kind in ("bad", "good", "unknown"):
        found.update({f"{p.parent.name}/{kind}": p for p in EXAMPLES.glob(f"*/{kind}")})
    return dict(sorted(found.items()))


def fingerprints(folder: Path) -> list[str]:
    """`fingerprint rule resource` of all that each finding stands for, exempt or not, sorted."""
    from openai_phi.scanning.scan import Options, scan_folder

    result = scan_folder(Options(str(folder), today=DAY))
    found = [*result.findings, *(e.finding for e in result.exempt)]
    members = [m for f in found for m in f.members]
    return sorted(f"{f.fingerprint} {f.rule} {f.resource}" for f in members)


def known() -> dict[str, list[str]]:
    """The fingerprints that are recorded, by case."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def main(_: Sequence[str]) -> int:
    """Adds what is new."""
    recorded = known()
    for name, folder in cases().items():
        found = fingerprints(folder)
        if found or name in recorded:
            new = [f for f in found if f not in recorded.get(name, [])]
            recorded[name] = sorted([*recorded.get(name, []), *new])
    text = yaml.safe_dump(recorded, allow_unicode=True, width=1000)
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
