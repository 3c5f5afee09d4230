"""Writes the files that a new rule needs: itself, its examples and what they report. `make rule NAME=… ID=…`"""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
USAGE = "usage: make rule NAME=what_it_flags ID=OAI_GROUP_NUMBER"
_NAME = re.compile(r"[a-z]+(_[a-z0-9]+)+")
_ID = re.compile(r"OAI_[A-Z]+_[1-9][0-9]*")

RULE = '''"""{id}: TODO what it flags, in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from openai_phi.finding.rule import Rule
from openai_phi.plugin.bridge import publish

if TYPE_CHECKING:
    from openai_phi.verdicts.analysis import Analysis
    from openai_phi.words.found import Finding


class {cls}(Rule):
    id = "{id}"
    title = "Ensure that TODO"
    severity = "HIGH"
    why = "TODO why that matters."
    law = ("45 CFR 164.308(a)(1)(ii)(B)",)
    prove = "TODO what shows that a flagged thing is fine."

    def judge(self, analysis: Analysis) -> Iterator[Finding]:
        for assessment in analysis.assessments:
            workload = assessment.workload
            if workload.id == "TODO":
                yield self.finding(
                    workload.id,
                    workload.resource.place(),
                    f"{{workload.id}} handles PHI and TODO.",
                    cause="TODO",
                    handle=workload.resource.handle,
                    end_line=workload.resource.end_line,
                )


publish({cls}())
'''
KINDS = ("bad", "good", "unknown")
"""What is known to be wrong, what is right, and what cannot be told."""
EXAMPLE = ROOT / "tests" / "rules" / "no_baa_recorded" / "good"
"""A deployment that is covered, to begin the examples with."""


def scaffold(name: str, rule_id: str, root: Path = ROOT) -> list[Path]:
    """Writes the files and returns them. Raises ValueError where a name or an id will not do."""
    refused = _refused(name, rule_id, root)
    if refused:
        raise ValueError(refused)
    cls = "".join(word.capitalize() for word in name.split("_"))
    examples = root / "tests" / "rules"
    new = {root / "checks" / f"{name}.py": RULE.format(id=rule_id, cls=cls)}
    for kind in KINDS:
        files = sorted(EXAMPLE.iterdir())
        new |= {examples / name / kind / f.name: f.read_text(encoding="utf-8") for f in files}
    for file, text in new.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    expected = examples / "expected.yaml"
    expected.write_text(_with(expected.read_text(encoding="utf-8"), name), encoding="utf-8")
    return [*new, expected]


def _refused(name: str, rule_id: str, root: Path) -> str:
    """Why a name or an id will not do, or an empty string."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        return f"{name!r} names no rule: words in lower case joined by _, at least two"
    if not _ID.fullmatch(rule_id):
        return f"{rule_id!r} is no id: OAI_, a group in capitals, a number"
    if (root / "checks" / f"{name}.py").exists():
        return f"checks/{name}.py is there already"
    pages = (*(root / "checks").glob("*.py"), *(root / "docs" / "rules").glob("*.md"))
    taken = next((f for f in pages if _names(f, rule_id)), None)
    return f"{rule_id} is taken: {taken.relative_to(root)}; ids are for ever" if taken else ""


def _names(file: Path, rule_id: str) -> bool:
    """Whether a file is that of a rule with this id."""
    head = file.read_text(encoding="utf-8").partition("\n")[0]
    return re.search(rf"\b{rule_id}\b", head) is not None


def _with(expected: str, name: str) -> str:
    """What the examples report, with those of a new rule in their place."""
    lines = expected.splitlines()
    head = [line for line in lines if line.startswith("#")]
    rows = [line for line in lines if line and not line.startswith("#")]
    rows += [f"{name}/{kind}: []" for kind in KINDS]
    return "\n".join([*head, *sorted(rows)]) + "\n"


def main(arguments: list[str]) -> int:
    """Writes them and says what comes next. Exit code 64 where it cannot."""
    if len(arguments) != 2 or not all(arguments):
        print(USAGE, file=sys.stderr)
        return 64
    try:
        written = scaffold(arguments[0], arguments[1])
    except ValueError as error:
        print(f"{error}\n{USAGE}", file=sys.stderr)
        return 64
    for file in written:
        print(file.relative_to(ROOT))
    name = arguments[0]
    print(
        f"Now: write the rule and make its examples differ, say in expected.yaml what each reports,\n"
        f"then  python scripts/snapshots.py {name}  (read it: that is what people see),  make pages,\n"
        f"pytest tests/finding/test_rules.py. CONTRIBUTING says what else a rule may need."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
