"""What a log says of an error: where it came from, and never its text, which may quote a value."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from openai_phi.commands import cli_scan
from openai_phi.commands.cli import run
from openai_phi.text.error_words import way_of

KEY = "sk-proj-AaBbCcDdEeFfGgHhIiJjKkLlMm12"
CHECKS = Path(__file__).resolve().parents[2] / "checks"


def _breaks(*_: object, **__: object) -> None:
    raise RuntimeError(f"cannot read {KEY}")


def test_the_way_of_an_error_is_told_without_its_text() -> None:
    with pytest.raises(RuntimeError) as caught:
        _breaks()
    head, *steps = way_of(caught.value).split("\n")
    assert head == "RuntimeError"
    assert steps[-1].endswith("in _breaks")
    assert KEY not in "".join(steps)


def test_a_command_that_breaks_ends_with_2_and_logs_no_value(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\n")
    monkeypatch.setattr(cli_scan, "scan_folder", _breaks)
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    with caplog.at_level(logging.DEBUG, logger="openai_phi"):
        assert run(["scan", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert "openai-phi stopped: RuntimeError. Nothing is known to be fine." in shown.err
    assert "in _breaks" in caplog.text
    assert KEY not in caplog.text + shown.out + shown.err


def test_no_log_of_ours_takes_the_text_of_an_error() -> None:
    loud = [f.name for f in CHECKS.rglob("*.py") if "exc_info" in f.read_text(encoding="utf-8")]
    assert loud == []
