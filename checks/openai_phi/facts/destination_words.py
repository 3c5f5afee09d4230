"""Words by which what holds a host says that a provider's requests could go there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Any

from openai_phi.facts.canonical_names import canonical
from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.escapes import unescaped
from openai_phi.facts.late_patterns import late


class Speaks(IntEnum):
    """What words around a host speak of, the weakest first."""

    OF_NOTHING = 0
    OF_A_MODEL = 1
    OF_A_PROVIDER = 2


class DestinationWords:
    """The words of the signatures, compiled. Build once with `destination_words()`."""

    def __init__(self, data: dict[str, Any]) -> None:
        word = {k: data[k] for k in ("providers", "models", "bare", "addresses", "ends", "apart")}
        self._apart = late(rf"(?:^|_)(?:{word['apart']})(?:_|$)")
        self._provider = late(rf"(?:^|_)(?:{word['providers']})(?:_|$)")
        tail = rf"(?:_(?:{word['addresses']}))"
        self._of_provider = late(rf"(?:.+_)?(?:{word['providers']}){tail}*")
        self._of_model = late(rf"(?:.+_)?(?:{word['models']}){tail}+")
        self._bare = late(rf"(?:.+_)?(?:{word['bare']})_(?:url|uri|address)s?")
        self._address = late(rf"(?:.+_)?(?:{word['ends']})")
        self._path = late(data["paths"], re.IGNORECASE)
        self._scheme = late(data["schemes"], re.IGNORECASE)
        self._first: tuple[str, ...] = tuple(data["prefilter"])
        self._known: dict[tuple[str, ...], Speaks] = {}

    def may_speak(self, text: str) -> bool:
        """Whether a text holds a word that each of the names holds which speak of a provider."""
        lower = unescaped(text).lower()
        return any(map(lower.__contains__, self._first))

    def of_names(self, sections: Sequence[str], name: str) -> Speaks:
        """What a name speaks of, or it with the sections that it stands in, the innermost last."""
        key = (*sections[-2:], name)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._of(key)
        return known

    def _of(self, names: tuple[str, ...]) -> Speaks:
        words = [canonical(n) for n in names]
        own = words[-1]
        if self._apart.search(own):
            return Speaks.OF_NOTHING
        if self._provider.search(own):
            return Speaks.OF_A_PROVIDER
        for first in range(len(words) - 1, -1, -1):
            joined = "_".join(w for w in words[first:] if w)
            if self._apart.search(joined):
                break
            if self._of_provider.fullmatch(joined):
                return Speaks.OF_A_PROVIDER
            if self._of_model.fullmatch(joined) and not self._bare.fullmatch(joined):
                return Speaks.OF_A_MODEL
        return Speaks.OF_NOTHING

    def is_address(self, name: str) -> bool:
        """Whether a name is that of an address, also where its value cannot be read."""
        return self._address.fullmatch(canonical(name)) is not None

    def is_path(self, path: str) -> bool:
        """Whether a URL's path is one of the provider's API."""
        return self._path.fullmatch(path) is not None

    def carries(self, scheme: str) -> bool:
        """Whether requests may be sent by this scheme; none is said of a bare host."""
        return not scheme or self._scheme.fullmatch(scheme) is not None


@lru_cache(maxsize=1)
def destination_words() -> DestinationWords:
    """The shipped words. Raises what `load_yaml` raises."""
    return DestinationWords(load_yaml(schema_root() / "signatures" / "destinations.yaml"))
