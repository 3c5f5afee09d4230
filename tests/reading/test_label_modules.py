"""Modules of labels that lie elsewhere: what is passed to them as tags comes back as tags."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import analysis, write

LABEL = """module "this" {
  source = "cloudposse/label/null"
  NAME   = { DataClassification = "CLASS" }
}
"""
CHAIN = """module "next" {
  source  = "cloudposse/label/null"
  context = module.this.context
}
"""
FUNCTION = """resource "aws_lambda_function" "notes" {
  function_name = "notes"
  tags          = TAGS
  environment { variables = { OPENAI_API_KEY = "ssm:k" } }
}
"""
TAGS = {
    "module.this.tags": "tags",
    "merge({ A = 1 }, module.this.tags)": "tags",
    "module.next.tags": "tags",
    "module.this.labels": "labels",
}


@pytest.mark.parametrize("tags", TAGS)
@pytest.mark.parametrize("class_", ["PHI", "public"])
def test_the_tags_that_a_call_passes_come_back(tmp_path: Path, tags: str, class_: str) -> None:
    label = LABEL.replace("NAME", TAGS[tags]).replace("CLASS", class_)
    write(tmp_path, main_tf=label + CHAIN + FUNCTION.replace("TAGS", tags))
    (found,) = analysis(tmp_path, "terraform").estate.workloads
    assert (found.phi.value == "phi") is (class_ == "PHI")
