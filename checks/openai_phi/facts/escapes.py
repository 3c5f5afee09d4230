"""What a text may say once the escapes of the language that it is written in are undone."""

from __future__ import annotations

import base64
import re
import unicodedata

_ESCAPE = re.compile(
    r"\\x(?P<x>[0-9A-Fa-f]{2})|\\u(?P<u>[0-9A-Fa-f]{4})|\\U(?P<long>[0-9A-Fa-f]{8})"
    r"|\\u\{(?P<braced>[0-9A-Fa-f]{1,6})\}|%(?P<percent>[2-7][0-9A-Fa-f])|(?P<joined>\\\r?\n[ \t]*)"
)
_BINARY = re.compile(r"!(?:!|<tag:yaml\.org,2002:)binary>?\s+[|>]?-?\s*[\"']?([A-Za-z0-9+/=\s]+)")
_MARKS = ("\\x", "\\u", "\\U", "%", "\\\n", "\\\r", "binary")


def unescaped(text: str) -> str:
    """A text with everything undone that YAML, JSON, HCL, Bicep or a URL may write a letter as.

    It is no text of any one language: what it holds is what the text may say, and is asked about only.
    """
    if text.isascii() and not any(map(text.__contains__, _MARKS)):
        return text
    plain = _ESCAPE.sub(_letter, narrow(text))
    packed = " ".join(map(_decoded, _BINARY.findall(text)))
    if packed:
        return f"{plain}\n{packed}"
    return text if plain == text else plain


def narrow(text: str) -> str:
    """A text with its wide letters and the dots of other scripts as a client writes them in a host."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).translate(_DOTS)


_DOTS = {ord("\u3002"): ".", ord("\uff61"): "."}


def _letter(found: re.Match[str]) -> str:
    code = next((found[n] for n in ("x", "u", "long", "braced", "percent") if found[n]), "")
    return chr(int(code, 16)) if code and int(code, 16) <= 0x10FFFF else ""


def _decoded(word: str) -> str:
    compact = "".join(word.split())
    try:
        return base64.b64decode(compact[: len(compact) // 4 * 4]).decode("utf-8", "replace")
    except ValueError:
        return ""
