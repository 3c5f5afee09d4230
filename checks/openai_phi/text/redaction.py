"""Takes secret values out of text and data before anything of it is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from openai_phi.facts.signatures import MASK, Signatures

_ASSIGN = re.compile(
    r"""^(\s*(?:-\s*)?["']?)([A-Za-z_][\w.\-]*)(["']?\s*[:=]\s*)(\S.*?)(\s*,?\s*)$"""
)
_NAME = re.compile(r"""\bname["']?\s*[:=]\s*["']?([A-Za-z_][\w.\-]*)""", re.IGNORECASE)
_VALUE = re.compile(r"""(\bvalue["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,}]+)""", re.IGNORECASE)
_PAIRS = re.compile(r"""([A-Za-z_][\w.\-]*)(["']?\s*[:=]\s*)("[^"$]*"|'[^'$]*')""")


class Redactor:
    """Masks literal keys by their shape, and the values of settings that are named like a key."""

    def __init__(self, names: Signatures) -> None:
        self._names = names

    def may_hold_a_key(self, text: str) -> bool:
        """Whether a text is worth masking at all."""
        return bool(self._names.openai_word(text)) or "sk-" in text or "://" in text

    def lines(self, lines: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
        """Numbered source lines with literal keys masked; lines without one are unchanged."""
        out: list[tuple[int, str]] = []
        awaited = False
        for number, text in lines:
            named = _NAME.search(text)
            if named:
                awaited = self._is_key(named[1])
            clean = self.text(text)
            if awaited and _VALUE.search(clean):
                clean = _VALUE.sub(self._masked_value, clean)
                awaited = False
            out.append((number, clean))
        return out

    def shapes(self, text: str) -> str:
        """A text with everything that has the shape of a key masked."""
        return self._names.masked(text)

    def text(self, text: str) -> str:
        """One line with literal keys masked."""
        clean = self.shapes(text)
        end = "\n" if clean.endswith("\n") else ""
        found = _ASSIGN.match(clean.rstrip("\n"))
        if found and self._is_key(found[2]) and self._is_literal(found[4]):
            return f"{found[1]}{found[2]}{found[3]}{MASK}{found[5]}{end}"
        return _PAIRS.sub(self._masked_pair, clean)

    def data(self, node: Any, name: str = "") -> Any:
        """Plain data with literal keys masked."""
        if isinstance(node, dict):
            pair = node.get("name") if "value" in node else None
            return {
                k: self.data(v, str(pair) if k == "value" and pair else str(k))
                for k, v in node.items()
            }
        if isinstance(node, (list, tuple)):
            return [self.data(v, name) for v in node]
        if isinstance(node, str):
            if name and self._is_key(name) and self._is_literal(node):
                return MASK
            return "\n".join(self.text(t) for t in node.split("\n"))
        return node

    def _is_key(self, name: str) -> bool:
        match = self._names.variable(name, "")
        return match is not None and match.role in ("key", "admin_key")

    def _is_literal(self, value: str) -> bool:
        text = value.strip().strip("\"',")
        if re.match(r"(var|local|data|module|each|aws_|google_|azurerm_|[{\[(<|>])", text):
            return False
        return self._names.key_state(text) == "literal"

    def _masked_value(self, found: re.Match[str]) -> str:
        return found[1] + MASK if self._is_literal(found[2]) else found[0]

    def _masked_pair(self, found: re.Match[str]) -> str:
        if self._is_key(found[1]) and self._is_literal(found[3]):
            return f"{found[1]}{found[2]}{found[3][0]}{MASK}{found[3][0]}"
        return found[0]
