"""Helm values and configuration files by themselves: read where nothing renders what they configure."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from openai_phi.reading.templates.file_parts import Part
from openai_phi.text.documents import Document

_VALUES = re.compile(r"(.*[._-])?values([._-][\w.-]+)?\.ya?ml$|(.*[._-])?helm[._-]?values\.ya?ml$")
_CONFIGURATION = re.compile(
    r"^[\"']?(model_list|litellm_settings|(\w+_)?providers)[\"']?\s*:", re.MULTILINE
)
_LIBRECHAT = re.compile(r"librechat\.ya?ml$")


def is_values(file: str, text: str) -> bool:
    """Whether a file holds the values of a chart."""
    base = os.path.basename(file).lower()
    folder = os.path.basename(os.path.dirname(file)).lower()
    named = _VALUES.fullmatch(base) is not None or (
        folder in ("values", "helm-values") and base.endswith((".yaml", ".yml"))
    )
    return named and not (
        re.search(r"^apiVersion:", text, re.MULTILINE) and re.search(r"^kind:", text, re.MULTILINE)
    )


def is_configuration(file: str, text: str) -> bool:
    """Whether a file configures a gateway or a chat application that stands by itself."""
    if not file.endswith((".yaml", ".yml")) or re.search(r"^apiVersion:", text, re.MULTILINE):
        return False
    base = os.path.basename(file).lower()
    return _LIBRECHAT.fullmatch(base) is not None or _CONFIGURATION.search(text) is not None


def parts(document: Document, kind: str) -> Iterator[Part]:
    """The file as one part; each of its top-level sections is a program of its own."""
    if isinstance(document.data, dict):
        yield Part(kind, "", kind)
