"""Whether the paths that a network rule names bound anything: seen, literal, and requests let through."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from openai_phi.facts.signatures import EgressSignature, dotted
from openai_phi.words.places import Path
from openai_phi.words.resources import Resource, Setting

_PATTERN = re.compile(r"[*+?\[\]()|\\]")
"""What a path holds that stands for several."""
_ESCAPED_DOT = "\\."


def void_paths(resource: Resource, settings: Sequence[Setting], kind: EgressSignature) -> str:
    """Why the paths of one block of a rule bound nothing; empty where they do."""
    if not kind.within:
        return ""
    items: dict[Path, list[Setting]] = defaultdict(list)
    for setting in settings:
        path = resource.within(setting.path)
        if kind.within in path:
            items[_item(path, kind.within)].append(setting)
    found = (_void(resource, item, kind) for item in items.values())
    return next((why for why in found if why), "")


def _void(resource: Resource, settings: Sequence[Setting], kind: EgressSignature) -> str:
    steps = {s for each in settings for s in each.path if isinstance(s, str)}
    entries: dict[Path, list[Setting]] = defaultdict(list)
    for setting in settings:
        path = resource.within(setting.path)
        if kind.entry in path:
            entries[_item(path, kind.entry)].append(setting)
    if not entries:
        return "another port of it names no path"
    if not steps.issuperset(kind.seen_by):
        return f"it sees ciphertext, as it has not both of {' and '.join(kind.seen_by)}"
    named = [_fits(resource, each, kind.paths) for each in entries.values()]
    if not all(named):
        return "one of its entries names no path"
    if any(_PATTERN.search(_plain(t)) for each in named for t in each):
        return "its paths are patterns"
    methods = [_fits(resource, each, kind.method) for each in entries.values()]
    if not any(not each or any(map(_sends, each)) for each in methods):
        return "it lets no POST through"
    return ""


def _fits(
    resource: Resource, settings: Sequence[Setting], pattern: re.Pattern[str] | None
) -> list[str]:
    """The values of what stands at a path."""
    return [
        str(s.value)
        for s in settings
        if pattern and pattern.fullmatch(dotted(resource.within(s.path))) and s.value
    ]


def _plain(path: str) -> str:
    """A path without what only anchors it, and with plain dots."""
    return path.removesuffix("$").removeprefix("^").replace(_ESCAPED_DOT, ".")


def _sends(method: str) -> bool:
    """Whether a method, which may be a pattern, fits POST."""
    try:
        return re.fullmatch(method, "POST") is not None
    except re.error:
        return False


def _item(path: Path, name: str) -> Path:
    """The path up to an item of a list."""
    return path[: path.index(name) + 2]
