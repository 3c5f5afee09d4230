"""The README's table of the sample is what the real checkov reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from demo import differences, promised
from scan import ROOT, scan


def test_sample_behaves_as_the_readme_says(failed: Callable[..., list[dict[str, Any]]]) -> None:
    rows = promised((ROOT / "README.md").read_text(encoding="utf-8"))
    found = {
        (c["file_path"].lstrip("/"), c["resource"], c["check_id"])
        for c in failed(ROOT / "sample_infra")
    }
    assert len(rows) >= 8
    assert differences(rows, found) == []


def test_sample_fails_the_scan() -> None:
    assert scan(str(ROOT / "sample_infra"), "--quiet", capture=True).returncode == 1


def test_a_key_never_reaches_checkovs_output(tmp_path: Path) -> None:
    key = "sk-" + "proj-abcdefghijklmnopqrstuvwx"
    (tmp_path / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: {phi: 'true'}\nspec:\n"
        f"  containers:\n  - name: c\n    image: x\n    env:\n    - name: OPENAI_API_KEY\n      value: {key}\n"
    )
    (tmp_path / "main.tf").write_text(
        'resource "aws_lambda_function" "f" {\n  tags = { phi = "true" }\n  environment {\n'
        f'    variables = {{ OPENAI_API_KEY = "{key}" }}\n  }}\n}}\n'
    )
    for output in ("json", "sarif", "cli"):
        args = ["-o", output, "--check", "OAI_*,CKV_*"]
        if output == "sarif":
            args += ["--output-file-path", str(tmp_path / "out")]
        done = scan(str(tmp_path), *args, capture=True)
        text = done.stdout + done.stderr
        if output == "sarif":
            text += (tmp_path / "out" / "results_sarif.sarif").read_text()
        assert "OAI_COVERAGE_2" in text
        assert key not in text, output
