"""Letters that are written as their numbers in the texts of languages, as they are read."""

from __future__ import annotations

import re

_NUMBERED = re.compile(
    r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\(?:u\{([0-9a-fA-F]{1,8})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2}))"
    r"|(\\\\)"
)
_IN_URLS = re.compile(r"%([2-7][0-9a-fA-F])")
_SHORT = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "/": "/"}
_HCL = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
    r"|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))",
    re.DOTALL,
)


def spelled_out(text: str) -> str:
    """A text of any language with each letter that is written as its number; lines stay where they are.

    To look for words only: it is longer known than what one language makes of it.
    """
    if "\\" in text:
        text = _NUMBERED.sub(_letter, text)
    return _IN_URLS.sub(lambda m: chr(int(m[1], 16)), text) if "%" in text else text


def of_hcl(text: str) -> str:
    """What HCL and JSON make of the escapes in a quoted text."""
    return _HCL.sub(_of_hcl, text) if "\\" in text else text


def _letter(found: re.Match[str]) -> str:
    if found[7]:
        return found[0]
    if found[1]:
        return _pair(found[1], found[2])
    letter = _of(found[3] or found[4] or found[5] or found[6])
    return letter if letter and letter.isprintable() else found[0]


def _of_hcl(found: re.Match[str]) -> str:
    if found[1]:
        return _pair(found[1], found[2])
    number = found[3] or found[4]
    if number:
        return _of(number) or found[0]
    return _SHORT.get(found[5], found[0])


def _pair(high: str, low: str) -> str:
    return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)


def _of(number: str) -> str:
    code = int(number, 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
