"""Writes what is said of many folders, in one process whose order and surroundings the caller sets.

    python tests/same_answer/driver.py OUT ASKED.json

`ASKED.json`: {"cases": {name: folder}, "formats": [...] or null, "plain": bool, "everything": bool,
"handles": bool}.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent.parent / "scripts"))


def main(out: Path, asked: Path) -> None:
    """One file for each case."""
    from characterize import started, told

    wanted = json.loads(asked.read_text(encoding="utf-8"))
    engine = started()
    out.mkdir(parents=True, exist_ok=True)
    for name, folder in wanted["cases"].items():
        text = told(
            engine,
            Path(folder),
            wanted["formats"],
            plain=wanted["plain"],
            everything=wanted["everything"],
        )
        if not wanted["handles"]:
            text = re.sub(r"(\bhandle[=:] *)-?\d+", r"\1_", text)
        (out / f"{name}.txt").write_text(text, encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
