"""The git repository that holds a folder: where its root is, for addresses that a code host understands."""

from __future__ import annotations

import posixpath
from pathlib import Path


def root_of(folder: Path) -> Path | None:
    """The nearest folder, from this one up, that is the root of a git repository."""
    for candidate in (folder, *folder.parents):
        try:
            if (candidate / ".git").exists():
                return candidate
        except OSError:
            return None
    return None


def below(folder: Path) -> str:
    """Where a folder lies within its repository, as `infra/prod`; empty at the root and outside of one."""
    root = root_of(folder)
    return "" if root is None or root == folder else folder.relative_to(root).as_posix()


def within(prefix: str, file: str) -> str:
    """A file of the scanned folder as seen from the repository's root."""
    return posixpath.normpath(posixpath.join(prefix, file)) if prefix else file
