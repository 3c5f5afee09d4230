"""What a label, tag or variable says of PHI: which names classify data, which values say or deny it, which leave it open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openai_phi.facts.canonical_names import canonical
from openai_phi.facts.late_patterns import late

_LISTS = re.compile(r"[,;+|&]")
_PARTS = re.compile(r"[,;+|&/\s]+")
_NUMBER = re.compile(r"[-+]?[0-9][0-9_.eE+-]*")


@dataclass(frozen=True)
class Marker:
    """What a label, tag or variable says about PHI; a suspicion is one that leaves it open."""

    says_phi: bool
    confidence: str


_DENIES = Marker(False, "declared")
_OPEN = Marker(True, "suspected")
_Pattern = re.Pattern[str]


@dataclass(frozen=True, kw_only=True)
class _Keys:
    """Names that classify data alike."""

    names: _Pattern
    words: str
    value: _Pattern
    turned: _Pattern
    denied: tuple[_Pattern, ...]
    flag: bool
    says: Marker


class DataClasses:
    """The names and values that classify data, from the signatures."""

    def __init__(self, phi: Mapping[str, Any]) -> None:
        denials = phi["denials"]
        self._keys = [_keys(m, denials) for m in phi["markers"]]
        self._not_keys = _whole(phi["not_markers"])
        self._denying_keys = _whole(phi["denying_markers"])
        self._true = [k.value for k in self._keys if k.flag]
        self._denying = _whole(denials["values"])
        self._beside = late(rf"(?:_|{_bounded(denials['beside'])})*")
        self._open = late(_bounded(phi["open"]))
        self._silent = late(_bounded(phi["silent"]))
        self._not_words = late(_bounded(phi["not_words"]))
        others = phi["other_classes"]
        self._other_keys, self._others = _whole(others["keys"]), _whole(others["values"])

    def marker(self, name: str, value: str) -> Marker | None:
        """What a name with this value says; None if nothing."""
        key = canonical(name)
        if self._denying_keys.fullmatch(key):
            return self._of_denial(canonical(value))
        for keys in self._keys:
            if keys.names.fullmatch(key) and not self._not_keys.fullmatch(key):
                said = self._said(keys, key, value.strip())
                if said is not None:
                    return said
        return None

    def is_other(self, name: str, value: str) -> bool:
        """Whether a name classifies data, and each item of the value is a class that is no PHI by its meaning."""
        key, items = canonical(name), [w for w in map(canonical, _LISTS.split(value)) if w]
        if not items or not self._other_keys.fullmatch(key) or self._not_keys.fullmatch(key):
            return False
        return all(self._others.fullmatch(item) for item in items)

    def _of_denial(self, value: str) -> Marker | None:
        """What a flag says whose name denies PHI."""
        if any(true.fullmatch(value) for true in self._true):
            return _DENIES
        return _OPEN if self._denying.fullmatch(value) else None

    def _said(self, keys: _Keys, key: str, value: str) -> Marker | None:
        """The strongest that the items of a value say: PHI, then what leaves it open, then that there is none."""
        items = [word for word in map(canonical, _LISTS.split(value)) if word]
        found = [said for item in items for said in [self._of_item(keys, item)] if said]
        if found:
            return max(found, key=lambda m: (m.says_phi, m.confidence == keys.says.confidence))
        parts = [canonical(value), *map(canonical, _PARTS.split(value))]
        if any(keys.value.fullmatch(part) for part in parts if part):
            return keys.says
        return self._of_flag(key, value) if keys.flag and value else None

    def _of_item(self, keys: _Keys, item: str) -> Marker | None:
        """What one item of a list says: `item` are its words."""
        left = self._not_words.sub("", self._silent.sub("", item))
        for phrase in keys.denied:
            left = phrase.sub("~", left)
        if re.search(_bounded(keys.words), left):
            return _OPEN if self._open.search(left) else keys.says
        if "~" in left:
            return _DENIES if self._beside.fullmatch(left.replace("~", "_")) else _OPEN
        if keys.value.fullmatch(item):
            return keys.says
        return _DENIES if keys.turned.fullmatch(item) else None

    def _of_flag(self, key: str, value: str) -> Marker | None:
        """What a text under a flag says that no table has."""
        whole = canonical(value)
        if self._denying.fullmatch(whole):
            return _DENIES
        if _NUMBER.fullmatch(value) or self._not_words.search(f"{key}_{whole}"):
            return None
        return _OPEN if self._open.search(whole) else None


def _keys(spec: Mapping[str, Any], denials: Mapping[str, Any]) -> _Keys:
    words, value = spec.get("words", "(?!)"), spec.get("value", "(?!)")
    return _Keys(
        names=_whole(spec["key"]),
        words=words,
        value=_whole(value),
        turned=_whole(f"(?:{denials['before']})_(?:{value})"),
        denied=tuple(_denied(words, denials)),
        flag=bool(spec.get("flag")),
        says=Marker(True, spec["confidence"]),
    )


def _denied(words: str, denials: Mapping[str, Any]) -> Iterator[_Pattern]:
    """The phrases that deny what these words say."""
    for phrase in denials["phrases"]:
        filled = phrase.replace("{word}", f"(?:{words})").replace(
            "{joined}", f"(?:{denials['joined']})"
        )
        yield late(_bounded(filled))


def _bounded(pattern: str) -> str:
    """A pattern that fits whole words of a text alone, which are joined by `_`."""
    return rf"(?<![a-z0-9])(?:{pattern})(?![a-z0-9])"


def _whole(pattern: str) -> _Pattern:
    return late(pattern, re.IGNORECASE | re.DOTALL)
