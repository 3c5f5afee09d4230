"""The git repository that holds a folder: its root, its commit and whether files differ from it."""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
from dataclasses import dataclass
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


@dataclass(frozen=True)
class State:
    """What git says of a folder. `commit` is empty and the rest None where it says nothing: `note` says why."""

    commit: str = ""
    origin: str = ""
    modified: int | None = None
    untracked: int | None = None
    note: str = ""

    @property
    def dirty(self) -> bool | None:
        """Whether files of the folder differ from the commit; None if that is not known."""
        return None if self.modified is None else bool(self.modified or self.untracked)


def state_of(folder: Path) -> State:
    """The commit of a folder and what differs from it below the folder. Never raises."""
    if root_of(folder) is None:
        return State(note="The folder is in no git repository.")
    try:
        commit = _git(folder, "rev-parse", "--verify", "HEAD").strip()
        status = _git(
            folder,
            "status",
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=normal",
            "--",
            ".",
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return State(note=f"git could not be asked: {type(error).__name__}.")
    lines = [part for part in status.split("\0") if part[2:3] == " "]
    untracked = sum(line.startswith("??") for line in lines)
    return State(commit, _origin(folder), len(lines) - untracked, untracked)


def _origin(folder: Path) -> str:
    """The address that the repository was taken from, without a user or a password in it."""
    try:
        address = _git(folder, "config", "--get", "remote.origin.url").strip()
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    if "://" not in address:
        # `host:path` over ssh; a path of this machine says nothing to anybody else
        host = address.partition("@")[2] or address
        return host if re.match(r"[\w.-]+:[^/\\]", host) else ""
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return "" if scheme == "file" else f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def _git(folder: Path, *words: str) -> str:
    """What git answers. The folder's own configuration starts no program, and nothing is locked."""
    quiet = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
    done = subprocess.run(
        ["git", *quiet, *words],
        cwd=folder,
        env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        capture_output=True,
        check=True,
        timeout=60,
    )
    return done.stdout.decode("utf-8", "backslashreplace")
