"""No name of a repository begins a line of its own, hides or turns text around, or shows a glued key, in any format."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from command import started
from openai_phi.reporting.reports import FORMATS
from openai_phi.reporting.shown_text import no_command, seen

KEY = "sk-" + "proj-" + "abcdefghij0123456789ABCDEFGHIJ"
HOSTILE = f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: "notes\\n::error title=x::boo\\u202e\\u0007"
  namespace: "=cmd|' /C calc'!A0"
  labels: {{data-classification: phi}}
spec:
  template:
    spec:
      containers:
        - name: "##vso[task.complete]"
          image: example/notes:1
          env:
            - name: OPENAI_API_KEY
              valueFrom: {{secretKeyRef: {{name: "open\\n::warning::ai", key: "k\\u2066"}}}}
            - {{name: OPENAI_BASE_URL, value: "https://api.openai.com/v1/x{KEY}yy\\n##vso[task.complete]"}}
"""
RAW = re.compile("[\x07\u202e\u2066]")


@pytest.mark.parametrize("format", ["text", "github", *FORMATS])
def test_a_hostile_name_is_data(tmp_path: Path, format: str) -> None:
    (tmp_path / "a.yaml").write_text(HOSTILE)
    ran = started("scan", tmp_path, "-f", format, "-o", "-")
    assert ran.status == 1
    assert "notes" in ran.out
    assert not RAW.search(ran.out)
    assert KEY[8:].lower() not in ran.out.lower()
    own = r"::(error|warning|notice) title=OAI_" if format == "github" else r"(?!)"
    steering = [x for x in ran.out.splitlines() if re.match(r"\s*(::|##vso|##\[)", x)]
    assert [x for x in steering if not re.match(own, x)] == []


def test_what_hides_is_seen_and_means_the_same_in_json() -> None:
    hidden = "a\u202eb\x7f\ufeff"
    text = json.dumps(hidden, ensure_ascii=False)
    assert seen(text) == r'"a\u202eb\u007f\ufeff"'
    assert json.loads(seen(text)) == hidden
    assert seen("ä\t€\r\n") == "ä\t€\r\n"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a\n::error::x", "a\n\\::error::x"),
        ("  ##vso[task]", "  \\##vso[task]"),
        ("##[group]", "\\##[group]"),
        ("a :: b\n## heading", "a :: b\n## heading"),
    ],
)
def test_no_line_steers_a_runner(text: str, safe: str) -> None:
    assert no_command(text) == safe
