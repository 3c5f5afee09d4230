"""Results to make reports of: the sample's, one with hostile names, and one with a literal key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from scan import ROOT

from hostile_text import HOSTILE, LITERAL
from openai_phi.model import Exempt, Place, Role, Step, Unread
from openai_phi.results import Result


@pytest.fixture(scope="session")
def _one_process() -> Iterator[None]:
    """Checkov's runners one after the other in this process, on the tests' day; all is put back."""
    from checkov.common.models.enums import ParallelizationType
    from checkov.common.parallelizer.parallel_runner import parallel_runner

    names = ("OPENAI_PHI_TODAY", "OPENAI_PHI_POLICY", "CHECKOV_PARALLELIZATION_TYPE", "LOG_LEVEL")
    before, kind = {n: os.environ.get(n) for n in names}, parallel_runner.type
    os.environ["OPENAI_PHI_TODAY"] = "2026-11-20"
    os.environ.pop("OPENAI_PHI_POLICY", None)
    parallel_runner.type = ParallelizationType.NONE
    yield
    parallel_runner.type = kind
    for name, value in before.items():
        os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@pytest.fixture(scope="session")
def sample(_one_process: None) -> Result:
    """The sample's result."""
    from openai_phi.scan import judge

    return judge(str(ROOT / "sample_infra"))


@pytest.fixture(scope="session")
def leaky(_one_process: None, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The result of a folder whose files hold a literal key, in every place that is read."""
    from openai_phi.scan import judge

    folder = tmp_path_factory.mktemp("leaky")
    (folder / "note taker.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    (folder / "main.tf").write_text(TERRAFORM, encoding="utf-8")
    (folder / "broken.yaml").write_text(f"OPENAI_API_KEY: {LITERAL}\n  bad: [\n", encoding="utf-8")
    return judge(str(folder))


@pytest.fixture(scope="session")
def hostile(sample: Result) -> Result:
    """The sample's result with hostile names wherever a name can stand, an exempt finding and unread files."""
    first, second, *_ = sample.findings
    place = Place("a b/%41#?<x>|`.tf", 3, f"tags.{HOSTILE}")
    finding = replace(
        first,
        resource=HOSTILE,
        place=place,
        message=f"{HOSTILE} handles PHI",
        remediation=f"```\n{HOSTILE}",
        trace=(*first.trace, Step(HOSTILE, place, Role.EVIDENCE)),
        variant=HOSTILE,
    )
    exempt = Exempt(second, "accepted", HOSTILE, place, HOSTILE, "2026-12-31", "=cmd|' /C calc'!A0")
    workloads = sample.analysis.estate.workloads
    renamed = {id(w): replace(w, resource=replace(w.resource, id=HOSTILE)) for w in workloads[:2]}
    estate = replace(
        sample.analysis.estate, workloads=tuple(renamed.get(id(w), w) for w in workloads)
    )
    analysis = replace(
        sample.analysis,
        estate=estate,
        assessments=tuple(
            replace(
                a,
                workload=renamed.get(id(a.workload), a.workload),
                use=replace(a.use, host=HOSTILE, through=(HOSTILE,)),
            )
            for a in sample.analysis.assessments
        ),
        unread=(Unread("charts/<b>|x.yaml", HOSTILE, True, "openai", 2),),
    )
    formulas = replace(finding, resource='=HYPERLINK("https://x.example","y")', message="+1+1")
    return replace(
        sample,
        analysis=analysis,
        findings=(finding, formulas, *sample.findings[2:]),
        exempt=(exempt, replace(exempt, kind="skip")),
        notes=(HOSTILE,),
    )


DEPLOYMENT = f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: note-taker
  namespace: clinic
  labels:
    data-classification: phi
spec:
  selector:
    matchLabels: {{app: note-taker}}
  template:
    metadata:
      labels: {{app: note-taker}}
    spec:
      containers:
        - name: app
          image: registry.example/note-taker:1
          env:
            - name: OPENAI_API_KEY
              value: {LITERAL}
            - name: OPENAI_BASE_URL
              value: https://user:{LITERAL}@api.openai.com/v1/conversations?key={LITERAL}
          args: ["--openai-api-key={LITERAL}"]
"""
TERRAFORM = f"""resource "aws_lambda_function" "intake" {{
  function_name = "intake"
  tags          = {{ DataClassification = "PHI", note = "{LITERAL}" }}
  environment {{
    variables = {{
      OPENAI_API_KEY = "{LITERAL}"
      OPENAI_MODEL   = "{LITERAL}"
    }}
  }}
}}
"""
