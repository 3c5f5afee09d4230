"""Puts the rule files into the wheel as the engine's data, beside the engine and never with a second copy of it."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class RuleFiles(BuildHookInterface):  # type: ignore[misc,type-arg]
    """Adds `checks/*.py` as `openai_phi/_checks/*.py`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it builds; an editable install reads the folder itself."""
        if version != "editable":
            for file in sorted(Path(self.root, "checks").glob("*.py")):
                build_data["force_include"][str(file)] = f"openai_phi/_checks/{file.name}"
