"""Makes this process list folders in another order, before anything else is imported.

Python imports a module of this name at its start; `OPENAI_PHI_SHUFFLE` says which order, nothing: as it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

SEED = os.environ.get("OPENAI_PHI_SHUFFLE", "")


def _key(name: Any) -> int:
    """A number that orders names as the seed says: no import, no hash of the process."""
    text = SEED.encode() + (os.fsencode(name) if isinstance(name, (str, bytes)) else b"")
    number = 2166136261
    for byte in text:
        number = ((number ^ byte) * 16777619) & 0xFFFFFFFF
    return number ^ (number >> 15)


class _Entries:
    """What `os.scandir` gives, in another order."""

    def __init__(self, entries: Any) -> None:
        with entries:
            self._left = iter(sorted(entries, key=lambda e: _key(e.name)))

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._left)

    def __enter__(self) -> _Entries:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._left = iter(())


def _listdir(path: Any = ".") -> list[Any]:
    return sorted(_real_listdir(path), key=_key)


def _scandir(path: Any = ".") -> _Entries:
    return _Entries(_real_scandir(path))


_real_listdir, _real_scandir = os.listdir, os.scandir
if SEED:  # `os.walk`, and what later imports of pathlib, glob and shutil take
    os.listdir = _listdir
    os.scandir = _scandir  # type: ignore[assignment]
