"""Names and texts inside Markdown, tables and Mermaid as text alone: no markup, link, mention or break."""

from __future__ import annotations

import re
from functools import lru_cache

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,;/=()-+'")
_GAP = "&#8203;"
_LIST = re.compile(r"^(\d+[.)]|[-+=])")


def plain(text: str, most: int = 400) -> str:
    """One line without control characters, cut to a length."""
    kept = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    line = " ".join(kept.split())
    return line if len(line) <= most else line[: most - 1] + "…"


@lru_cache(maxsize=16_384)
def prose(text: str, most: int = 1000) -> str:
    """A text within a paragraph, a list item or a table's cell."""
    line = plain(text, most)
    head = _LIST.match(line)
    inert = head.end() - 1 if head else -1
    return "".join(
        f"&#{ord(c)};{_GAP}" if c in "@#" else f"&#{ord(c)};" if i == inert else _shown(line, i)
        for i, c in enumerate(line)
    )


@lru_cache(maxsize=16_384)
def code(text: str, most: int = 200) -> str:
    """A name or a place in the type of code, also within a table or HTML."""
    line = plain(text, most)
    return f"<code>{''.join(_shown(line, i) for i in range(len(line)))}</code>"


def _shown(line: str, index: int) -> str:
    """A character as it is where it means nothing to Markdown or HTML, else as an entity."""
    char, before, after = line[index], line[max(0, index - 3) : index], line[index + 1 : index + 3]
    if char == ":":
        safe = after != "//"
    elif char == ".":
        safe = before.lower() != "www"
    elif char == "_":
        safe = before[-1:].isalnum() and after[:1].isalnum()
    else:
        safe = char in _SAFE or ord(char) > 127
    return char if safe else f"&#{ord(char)};"


def fenced(text: str, most: int = 20_000) -> str:
    """Lines of text as a block of code that nothing in them can end."""
    kept = "".join(c if c.isprintable() or c in "\n\t" else " " for c in text)[:most]
    runs = [len(r) for r in re.findall(r"`+", kept)]
    fence = "`" * max(3, *(r + 1 for r in runs)) if runs else "```"
    return f"{fence}text\n{kept}\n{fence}"


def mermaid(text: str, most: int = 60) -> str:
    """A text inside a quoted Mermaid label."""
    line = plain(text, most)
    head = _LIST.match(line)
    inert = head.end() - 1 if head else -1
    return "".join(
        c
        if index != inert and ((c.isascii() and c.isalnum()) or c in " ./-_" or ord(c) > 127)
        else f"#{ord(c)};"
        for index, c in enumerate(line)
    )
