"""What `map` makes of a list in Bicep is read, as a loop's is."""

from __future__ import annotations

from pathlib import Path

import pytest

from openai_phi.scanning.scan import Options, scan_folder

APP = """\
VARS
resource app 'Microsoft.App/containerApps@2024-03-01' = {
  name: 'notes'
  location: 'eastus'
  tags: { DataClassification: 'PHI' }
  properties: { template: { containers: [ { name: 'app', image: 'x', env: ENV } ] } }
}
"""
PAIRS = "var envs = { A: 'b', LLM_URL: 'HOST' }"
LIST = "var envs = [ { n: 'A', v: 'b' }, { n: 'LLM_URL', v: 'HOST' } ]"


@pytest.mark.parametrize(
    ("given", "env"),
    [
        (PAIRS, "map(items(envs), e => { name: e.key, value: e.value })"),
        (PAIRS, "map(items(envs), (e) => {\n    name: e.key\n    value: e.value\n  })"),
        (LIST, "map(envs, (each, i) => { name: each.n, value: each.v })"),
        (LIST, "concat(map(envs, e => { name: e.n, value: e.v }), [ { name: 'B', value: 'c' } ])"),
    ],
)
@pytest.mark.parametrize(
    ("host", "rules"),
    [("https://api.openai.com/v1", {"OAI_COVERAGE_9"}), ("http://localhost:8000/v1", set())],
)
def test_the_environment_that_map_makes(
    given: str, env: str, host: str, rules: set[str], tmp_path: Path
) -> None:
    text = APP.replace("VARS", given).replace("ENV", env).replace("HOST", host)
    (tmp_path / "main.bicep").write_text(text)
    found = scan_folder(Options(folder=str(tmp_path), today="2026-11-20")).findings
    assert {f.rule for f in found if f.severity != "LOW"} - {"OAI_COVERAGE_2"} == rules
