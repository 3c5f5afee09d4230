"""Makes HTML in which every text and attribute is escaped: names and values are data, never markup."""

from __future__ import annotations

import html
import json
from typing import Any

from openai_phi.reporting.shown_text import no_command, seen


class Markup(str):
    """A text that is HTML already; whatever is not gets escaped."""

    __slots__ = ()


Child = str | int | None


def text(value: object) -> Markup:
    """A value as escaped text; characters that hide or turn others around are shown as codes."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(no_command(seen(str(value))), quote=True))


def _all_seen(value: Any) -> Any:
    """Plain data with every text of it as people are to see it."""
    if isinstance(value, str):
        return seen(value)
    if isinstance(value, dict):
        return {seen(k): _all_seen(v) for k, v in value.items()}
    return [_all_seen(v) for v in value] if isinstance(value, list) else value


def el(tag: str, *children: Child, **attributes: object) -> Markup:
    """An element; `class_` and `aria_label` are `class` and `aria-label`; None and False leave out."""
    parts = [f"<{tag}"]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        name = key.rstrip("_").replace("_", "-")
        parts.append(f" {name}" if value is True else f' {name}="{text(value)}"')
    inner = join(*children)
    return Markup(f"{''.join(parts)}>{inner}" + ("" if tag in _VOID else f"</{tag}>"))


def join(*children: Child) -> Markup:
    """Pieces one after the other; those that are None are left out."""
    return Markup("".join(text(c) for c in children if c is not None))


def data(ident: str, value: Any) -> Markup:
    """Plain data for a script, in an element that no browser runs and that nothing inside can close."""
    written = json.dumps(_all_seen(value), sort_keys=True, separators=(",", ":"))
    for sign in "<>&":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(f'<script type="application/json" id="{text(ident)}">{written}</script>')


_VOID = frozenset({"br", "col", "hr", "input", "link", "meta"})
