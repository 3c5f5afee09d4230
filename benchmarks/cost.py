"""What the checks cost on top of Checkov: stages timed in process, beside paired runs of the whole.

    python benchmarks/cost.py [RESOURCES] [RUNS]

Generates RESOURCES (default 1000) Terraform resources and as many Kubernetes objects, a tenth of
which use OpenAI and a twentieth of which handle PHI. Prints the processor seconds that our code takes
within Checkov's own process (Checkov asks graph checks from threads, where the clock on the wall also
counts the others) and the share of the whole; then, of RUNS rounds of the whole command, medians of clock
and processor time of all its processes: without external checks, with an empty folder of them (Checkov
runs its yaml and json runners for any), and with ours. Needs a quiet machine.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
from scan import CHECKS, checkov

FUNCTION = """resource "aws_lambda_function" "f{n}" {{
  function_name = "f{n}"
  role          = "arn:aws:iam::111122223333:role/f{n}"
  image_uri     = "111122223333.dkr.ecr.us-east-1.amazonaws.com/f{n}:1"
  tags          = merge(var.tags, {{ {phi} }})
  environment {{
    variables = {{
      TABLE = aws_dynamodb_table.t{table}.name
      {openai}
    }}
  }}
}}
"""
TABLE = """resource "aws_dynamodb_table" "t{n}" {{
  name         = "t{n}"
  hash_key     = "id"
  billing_mode = "PAY_PER_REQUEST"
  attribute {{
    name = "id"
    type = "S"
  }}
}}
"""
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: d{n}
  namespace: n{space}
  labels: {{app: d{n}{phi}}}
spec:
  selector: {{matchLabels: {{app: d{n}}}}}
  template:
    metadata: {{labels: {{app: d{n}}}}}
    spec:
      containers:
        - name: app
          image: registry.example.org/d{n}:1
          resources: {{limits: {{cpu: 100m, memory: 128Mi}}}}
          env:
            - {{name: PORT, value: "8080"}}
{openai}"""


def generate(root: Path, count: int) -> None:
    """Writes the repository: files of 25 resources, always the same for the same count."""
    draw = random.Random(1)
    for name in ("terraform", "kubernetes"):
        (root / name).mkdir()
    (root / "terraform" / "variables.tf").write_text(
        'variable "tags" {\n  default = { Team = "a" }\n}\nvariable "key" {}\n'
    )
    for start in range(0, count, 25):
        terraform, manifests = [], []
        for n in range(start, min(start + 25, count)):
            openai, phi = draw.random() < 0.1, draw.random() < 0.05
            key = "OPENAI_API_KEY = var.key" if openai else ""
            marker = 'DataClassification = "PHI"' if phi else ""
            function = FUNCTION.format(n=n, table=n - 1 + n % 2, openai=key, phi=marker)
            terraform.append(function if n % 2 == 0 else TABLE.format(n=n))
            env = "            - {name: OPENAI_API_KEY, value: $(KEY)}\n" if openai else ""
            label = ", phi: 'true'" if phi else ""
            manifests.append(DEPLOYMENT.format(n=n, space=n % 7, openai=env, phi=label))
        (root / "terraform" / f"main{start}.tf").write_text("\n".join(terraform))
        (root / "kubernetes" / f"all{start}.yaml").write_text("---\n".join(manifests))


def in_process(root: Path) -> tuple[float, float, int]:
    """Processor seconds of the whole and of our code, and the number of findings, in one process."""
    os.environ["CHECKOV_PARALLELIZATION_TYPE"] = "none"
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    from checkov.main import Checkov

    sys.path.insert(0, str(CHECKS))
    from openai_phi.plugin import bridge, checkov_records

    spent = [0.0]
    here = threading.local()

    def timed(function, every=1):  # type: ignore[no-untyped-def]
        calls = itertools.count()

        def inner(*args, **kwargs):  # type: ignore[no-untyped-def]
            if next(calls) % every != every // 2:
                return function(*args, **kwargs)
            depth = here.depth = getattr(here, "depth", 0) + 1
            before = time.thread_time()
            started = time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                here.depth -= 1
                if (
                    depth == 1
                ):  # less what reading the clock takes, which is more than some calls do
                    spent[0] += every * (time.thread_time() - started - (started - before))

        return inner

    for module, name in (
        (bridge, "publish"),
        (bridge, "findings_of"),
        (bridge, "_finish_files"),
        (bridge, "vertices"),
        (checkov_records, "finish"),
    ):
        setattr(module, name, timed(getattr(module, name)))
    # a hundred thousand calls: reading the clock for each would cost more than they do
    setattr(checkov_records, "clean", timed(checkov_records.clean, every=97))  # noqa: B010
    started = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        scan = Checkov(["-d", str(root), "--external-checks-dir", str(CHECKS), "--quiet"])
        scan.run()
    whole = time.process_time() - started
    found = sum(c.check_id.startswith("OAI_") for r in scan.scan_reports for c in r.failed_checks)
    return whole, spent[0], found


def once(root: Path, *args: str) -> tuple[float, float]:
    """Clock and processor seconds of one run of the command, all its processes together."""
    command = [checkov(), "-d", str(root), "--quiet", "--compact", *args]
    env = {**os.environ, "LOG_LEVEL": "ERROR"}
    for name in ("CHECKOV_PARALLELIZATION_TYPE", "PYTHONDONTWRITEBYTECODE"):
        env.pop(name, None)
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, capture_output=True, check=False, env=env)
    clock, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rounds(root: Path, empty: Path, runs: int) -> None:
    """Prints the medians of the three ways, which take turns so that a busy moment falls on all."""
    ways: dict[str, tuple[str, ...]] = {
        "without": (),
        "empty folder": ("--external-checks-dir", str(empty)),
        "ours": ("--external-checks-dir", str(CHECKS)),
    }
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    once(root, *ways["ours"])  # compiles what is not compiled yet
    for _ in range(runs):
        for name, args in ways.items():
            took[name].append(once(root, *args))
    base = [statistics.median(t[i] for t in took["without"]) for i in (0, 1)]
    for name, pairs in took.items():
        clock, processor = (statistics.median(t[i] for t in pairs) for i in (0, 1))
        print(
            f"whole command, {name}: clock {clock:.2f} s ({100 * (clock / base[0] - 1):+.1f} %), "
            f"processor {processor:.2f} s ({100 * (processor / base[1] - 1):+.1f} %)"
        )


def main(count: int, runs: int) -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as folder:
        root, empty = Path(folder) / "infra", Path(folder) / "no-checks"
        root.mkdir()
        empty.mkdir()
        generate(root, count)
        whole, ours, found = in_process(root)
        print(f"{count} Terraform and {count} Kubernetes resources, {found} findings")
        print(
            f"in process: {whole:.2f} s of processor time, of which ours {ours:.2f} s: "
            f"{100 * ours / (whole - ours):.1f} % on top of Checkov's own time"
        )
        if runs:
            rounds(root, empty, runs)


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:]]
    main(*(numbers + [1000, 3][len(numbers) :]))
