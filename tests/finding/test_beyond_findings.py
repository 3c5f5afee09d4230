"""What code asks for beyond what policy and team allow, and what it may."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic import COVERED, WORKLOAD
from openai_phi.scanning.scan import Options, scan_folder
from openai_phi.verdicts.assessment import Assessment

TEAM = (
    "version: 1\nworkloads:\n  - {match: Deployment.clinic.notes, data: phi, endpoints: [/v1/responses], "
    "features: [], models: [gpt-4o]}\n"
)
ASKS = {
    "an endpoint": ("URL, value: https://api.openai.com/v1/embeddings", ["/v1/embeddings"]),
    "a model": ("OPENAI_MODEL, value: gpt-4.1", ["gpt-4.1"]),
    "the endpoint that is allowed": ("URL, value: https://api.openai.com/v1/responses", []),
    "the model that is allowed": ("OPENAI_MODEL, value: gpt-4o", []),
    "a version of it": ("OPENAI_MODEL, value: gpt-4o-2024-11-20", []),
}


@pytest.mark.parametrize("case", ASKS)
def test_what_code_asks_for_widens_nothing(case: str, tmp_path: Path) -> None:
    value, beyond = ASKS[case]
    (tmp_path / "a.yaml").write_text(WORKLOAD + f"            - {{name: {value}}}\n")
    (tmp_path / "openai-policy.yaml").write_text(COVERED)
    (tmp_path / "openai-compliance.yaml").write_text(TEAM)
    result = scan_folder(Options(str(tmp_path), today="2026-11-20"))
    said = [f.message for f in result.findings if f.rule == "OAI_DECLARATION_4"]
    assert len(said) == len(beyond)
    assert all(f"asks for {b} at a.yaml:13" in m for b, m in zip(beyond, said, strict=True))
    judged: list[Assessment] = list(result.analysis.assessments)
    assert judged
