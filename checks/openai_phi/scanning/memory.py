"""Bounds the memory that a scan takes by the size of what it reads, so that a few lines cannot exhaust a machine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator

VARIABLE = "OPENAI_PHI_SCAN_MEMORY_MB"
"""Sets the bound in MB; 0: none."""
_AT_LEAST = 1 << 30
"""What a scan of nothing may take beside what the process holds already, in bytes."""
_A_BYTE = 2000
"""What each byte of input may take more."""


@contextlib.contextmanager
def bounded_by(files: Iterable[str]) -> Iterator[None]:
    """For its time no more memory than files of this size account for: past it Python raises MemoryError.

    Where the system knows no such limit, there is none.
    """
    try:
        import resource  # of Unix alone

        before = resource.getrlimit(resource.RLIMIT_DATA)
        most = _most(files)
    except (ImportError, OSError, ValueError):
        yield
        return
    soft, hard = before
    known = [n for n in (most, soft, hard) if n not in (None, resource.RLIM_INFINITY)]
    if most is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (min(n for n in known if n is not None), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _most(files: Iterable[str]) -> int | None:
    """The bound in bytes; None for no bound. Raises OSError where the system does not say what is held."""
    said = os.environ.get(VARIABLE, "")
    if said.isascii() and said.isdigit():
        return (int(said) << 20) or None
    with open("/proc/self/statm", encoding="ascii") as handle:
        held = int(handle.read().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    return held + _AT_LEAST + _A_BYTE * sum(map(_size, files))


def _size(file: str) -> int:
    try:
        return os.path.getsize(file)
    except OSError:
        return 0
