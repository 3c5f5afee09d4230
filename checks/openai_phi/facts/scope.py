"""What a scan judges and what it does not, from scope.yaml: the statement that evidence carries."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from openai_phi.facts.data_files import load_yaml, schema_root


@lru_cache(maxsize=1)
def scope() -> dict[str, Any]:
    """The statement as plain data. Raises OSError or yaml.YAMLError where the shipped file is broken."""
    data: dict[str, Any] = load_yaml(schema_root() / "scope.yaml")
    return data
