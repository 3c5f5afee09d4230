"""A few lines exhaust no machine: what evaluates or renders to too much is not read, and that is told."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from pathlib import Path

import pytest

from command import started
from openai_phi.reading.disk.child_limits import limited, memory_mb, seconds
from openai_phi.scanning.memory import bounded_by

TERRAFORM = """locals { big = range(%s) }
resource "aws_lambda_function" "f" {
  function_name = "f"
  environment { variables = { OPENAI_BASE_URL = "https://api.openai.com/v1", N = join(",", local.big) } }
  tags = { data-classification = "phi" }
}
"""
CHART = "apiVersion: v2\nname: c\nversion: 0.1.0\n"
LOOPS = "{{ range $i := until 3000 }}{{ range $j := until 3000 }}{{ range $k := until 3000 }}\nOPENAI_API_KEY: {{ $k }}\n{{ end }}{{ end }}{{ end }}\n"


def _children_mb() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


@pytest.mark.parametrize("count", ["100000000", "1000000000"])
def test_a_list_without_end_is_not_evaluated(tmp_path: Path, count: str) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM % count)
    begun = time.monotonic()
    ran = started("scan", tmp_path)
    assert ran.status == 2
    assert "OAI_SCAN_1" in ran.out
    assert "main.tf" in ran.out
    assert time.monotonic() - begun < 60
    assert _children_mb() < 1500


def test_a_list_that_terraform_takes_is_evaluated(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM % 3)
    ran = started("scan", tmp_path)
    assert ran.status == 1
    assert "OAI_SCAN_1" not in ran.out


def test_a_chart_that_renders_to_too_much_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text(CHART)
    (tmp_path / "templates" / "a.yaml").write_text(LOOPS)
    begun = time.monotonic()
    ran = started("scan", tmp_path, OPENAI_PHI_CHILD_MEMORY_MB="512", COLUMNS="300")
    assert ran.status == 2
    assert "it took more memory or time to render than a chart may" in " ".join(ran.out.split())
    assert time.monotonic() - begun < 60
    assert _children_mb() < 1500


def test_the_bound_grows_with_what_is_read_and_goes_with_the_scan(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b" " * 1_000_000)
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with bounded_by([]):
        least = resource.getrlimit(resource.RLIMIT_DATA)[0]
    with bounded_by([str(file), str(tmp_path / "not there")]):
        more = resource.getrlimit(resource.RLIMIT_DATA)[0]
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert 1_500_000_000 < more - least < 2_500_000_000


def test_the_bounds_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_PHI_SCAN_MEMORY_MB", "700")
    with bounded_by([]):
        assert resource.getrlimit(resource.RLIMIT_DATA)[0] == 700 << 20
    before = resource.getrlimit(resource.RLIMIT_DATA)
    monkeypatch.setenv("OPENAI_PHI_SCAN_MEMORY_MB", "0")
    with bounded_by([]):
        assert resource.getrlimit(resource.RLIMIT_DATA) == before
    for said, memory, time_ in (("300", 300, 300), ("soon", 1024, 60), ("0", 1024, 60)):
        monkeypatch.setenv("OPENAI_PHI_CHILD_MEMORY_MB", said)
        monkeypatch.setenv("OPENAI_PHI_CHILD_SECONDS", said)
        assert (memory_mb(), seconds()) == (memory, time_)


def test_a_limited_command_gets_its_words_as_they_are() -> None:
    words = ["a b", "$HOME", "'", '"', "*"]
    done = subprocess.run(
        limited(["printf", "%s\\n", *words]), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == words
    bound = subprocess.run(
        limited(["sh", "-c", "ulimit -d; ulimit -t"]), capture_output=True, text=True, check=True
    )
    assert bound.stdout.split() == [str(1024 * 1024), "60"]
    assert os.name == "posix"
