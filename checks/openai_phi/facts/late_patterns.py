"""Patterns of the data, compiled at their first use: most of Checkov's processes ask a few of four hundred."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:

    def late(pattern: str, flags: int = 0) -> re.Pattern[str]:
        """A pattern that is compiled when something is first asked of it. That raises `re.error`."""
        raise NotImplementedError

else:

    class late:
        """A pattern that is compiled when something is first asked of it. That raises `re.error`."""

        def __init__(self, pattern: str, flags: int = 0) -> None:
            self._given = (pattern, flags)

        def __getattr__(self, name: str) -> Any:
            if name not in _ASKED:
                raise AttributeError(name)
            compiled = re.compile(*self._given)
            for each in _ASKED:  # found as its own from then on, as quick as on the pattern itself
                self.__dict__[each] = getattr(compiled, each)
            return self.__dict__[name]

        def __reduce__(self) -> tuple[Any, ...]:
            return late, self._given

        def __eq__(self, other: object) -> bool:
            return isinstance(other, late) and self._given == other._given

        def __hash__(self) -> int:
            return hash(self._given)


_ASKED = (
    *("search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"),
    *("pattern", "flags", "groups", "groupindex"),
)
