"""Results to make reports of: the sample's, one with hostile names, and one with a literal key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from scan import ROOT

from hostile_text import HOSTILE, LITERAL
from openai_phi.finding.results import Result
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.words.fixes import Fix
from openai_phi.words.found import Exempt, Unread
from openai_phi.words.observed import Role, Step
from openai_phi.words.places import Place


@pytest.fixture(scope="session")
def sample() -> Result:
    """The sample's result."""
    return _scanned(ROOT / "sample_infra")


@pytest.fixture(scope="session")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The result of a folder whose files hold a literal key, in every place that is read."""
    folder = tmp_path_factory.mktemp("leaky")
    (folder / "note taker.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    (folder / "main.tf").write_text(TERRAFORM, encoding="utf-8")
    (folder / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    return _scanned(folder)


def _scanned(folder: Path) -> Result:
    scanned = scan_folder(Options(str(folder), today="2026-11-20"))
    assert scanned.gaps == ()
    return scanned


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
        fixes=(Fix(what=f"```\n{HOSTILE}"),),
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
              value: https://user:{LITERAL}@api.openai.com/v1/conversations/{LITERAL}?key={LITERAL}
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
BROKEN = f"apiVersion: v1\nkind: ConfigMap\ndata:\n  OPENAI_API_KEY: {LITERAL}\n   bad: [\n"
