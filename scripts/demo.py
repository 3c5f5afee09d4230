"""Scans sample_infra and holds what Checkov reports against the table in the README."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from scan import ROOT, scan

Row = tuple[str, str, str]


def promised(readme: str) -> set[Row]:
    """(file, resource, rule) of each row of the README's sample table; rule is `passes` or an id."""
    table = readme.split("<!-- sample:start -->")[1].split("<!-- sample:end -->")[0]
    rows: set[Row] = set()
    for line in table.splitlines():
        cells = [c.strip().strip("`") for c in line.strip().strip("|").split("|")]
        if len(cells) == 4 and not set(cells[0]) <= set("-: ") and cells[0] != "file":
            for rule in re.findall(r"OAI_[A-Z]+_\d+|passes", cells[3]):
                rows.add((cells[0], cells[1], rule))
    return rows


def reported(output: str) -> set[Row]:
    """(file, resource, rule) of each failed check in Checkov's JSON."""
    data: Any = json.loads(output)
    reports = data if isinstance(data, list) else [data]
    return {
        (check["file_path"].lstrip("/"), check["resource"], check["check_id"])
        for report in reports
        for check in report.get("results", {}).get("failed_checks", [])
    }


def differences(rows: set[Row], found: set[Row]) -> list[str]:
    """What the README says and Checkov does not, and the other way round."""
    failing = {r for r in rows if r[2] != "passes"}
    out = [f"README says, Checkov does not: {row}" for row in sorted(failing - found)]
    out += [f"Checkov says, README does not: {row}" for row in sorted(found - failing)]
    passing = {(file, resource) for file, resource, rule in rows if rule == "passes"}
    out += [f"should pass: {row}" for row in sorted(found) if row[:2] in passing]
    return out


def main() -> int:
    """Prints the findings and Checkov's status; 0 if the sample behaved as the README says."""
    sample = str(ROOT / "sample_infra")
    shown = scan(sample, "--compact", "--quiet")
    print(f"checkov exited with {shown.returncode}")
    found = reported(scan(sample, "-o", "json", capture=True).stdout)
    wrong = differences(promised((ROOT / "README.md").read_text(encoding="utf-8")), found)
    for line in wrong:
        print(line)
    if shown.returncode != 1:
        wrong.append("checkov did not exit with 1")
    print("The sample behaves as the README says." if not wrong else "The sample does not behave.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
