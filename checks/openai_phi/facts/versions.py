"""The versions of what made a result: openai-phi, Checkov, Python."""

from __future__ import annotations

import platform
import re
from importlib import metadata

from openai_phi.facts.data_files import engine_folder


def version() -> str:
    """The version of openai-phi: the installed one's, else the checkout's, else `0+unknown`."""
    try:
        return metadata.version("openai-phi")
    except metadata.PackageNotFoundError:
        return _of_checkout() or "0+unknown"


def versions() -> dict[str, str]:
    """Name -> version of everything that decides what a result says."""
    out = {"openai-phi": version(), "python": platform.python_version()}
    for name in ("checkov", "bc-python-hcl2", "helm-python-sdk"):
        try:
            out[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            out[name] = ""
    return out


def _of_checkout() -> str:
    """The version that pyproject.toml says, where the engine runs from a checkout."""
    file = engine_folder().parent.parent / "pyproject.toml"
    try:
        found = re.search(r'^version = "([^"]+)"', file.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return ""
    return found[1] if found else ""
