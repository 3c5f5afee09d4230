"""Objects of a cluster that Terraform declares: what a program takes in whole of them, by reference or by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from inprocess import analysis, write

PROGRAM = """resource "kubernetes_deployment%s" "notes" {
  metadata { name = "notes" }
  spec {
    template {
      metadata { labels = { data-classification = "phi" } }
      spec {
        container {
          name  = "app"
          image = "x"
          env_from {
            %s
          }
        }
      }
    }
  }
}
"""
MAP = """resource "kubernetes_config_map%s" "c" {
  metadata { name = "conf" }
  data = { LLM_URL = "%s" }
}
"""
SECRET = """variable "key" {}
resource "kubernetes_secret" "s" {
  metadata { name = "keys" }
  data = { API_KEY = var.key }
}
"""
OPENAI, OWN = "https://api.openai.com/v1", "http://localhost:8000/v1"


def _uses(folder: Path, text: str) -> list[str | None]:
    write(folder, main_tf=text)
    found = analysis(folder, "terraform").estate.workloads
    return [u.host for w in found for u in w.uses if w.phi.value == "phi"]


@pytest.mark.parametrize("version", ["", "_v1"])
@pytest.mark.parametrize("name", ['"conf"', "kubernetes_config_map%s.c.metadata[0].name"])
def test_a_config_map(tmp_path: Path, version: str, name: str) -> None:
    taken = f"config_map_ref {{ name = {name % version if '%' in name else name} }}"
    program = PROGRAM % (version, taken)
    assert _uses(tmp_path / "a", MAP % (version, OPENAI) + program) == ["api.openai.com"]
    assert _uses(tmp_path / "b", MAP % (version, OWN) + program) == []
    other = program.replace('"conf"', '"other"').replace(f"map{version}.c", f"map{version}.d")
    assert _uses(tmp_path / "c", MAP % (version, OPENAI) + other) == []


@pytest.mark.parametrize(("prefix", "uses"), [("OPENAI_", 1), ("STRIPE_", 0)])
def test_a_secret_behind_a_prefix(tmp_path: Path, prefix: str, uses: int) -> None:
    taken = f'prefix = "{prefix}"\n            secret_ref {{ name = "keys" }}'
    assert len(_uses(tmp_path, SECRET + PROGRAM % ("", taken))) == uses
