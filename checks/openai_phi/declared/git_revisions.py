"""Reads files as they were in a revision of the repository that holds a folder, from git; nothing is checked out."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

_LINK = "120"
"""How git's mode of a link begins."""
_MOST_LINKS = 5


class NoRevision(Exception):
    """The revision cannot be had; the message says why, and where one can, what to do."""


@dataclass(frozen=True, kw_only=True)
class Revision:
    """One revision, as seen from a folder."""

    name: str
    """What it was asked for as."""
    folder: str
    """The folder, absolute and without links."""
    top: str
    """The root of the repository, likewise."""
    commit: str
    """The hash of its commit."""

    def files(self, names: tuple[str, ...]) -> list[str]:
        """Paths relative to the folder of files, and links to such, with these names, outside hidden and vendored folders."""
        said = git(self.folder, "ls-tree", "-r", "-z", self.commit)
        rows = (row.partition("\t") for row in said.split("\0") if row)
        plain = (path for kind, _, path in rows if kind.startswith(("100", _LINK)))
        return sorted(p for p in plain if p.rpartition("/")[2] in names and not _aside(p))

    def read(self, path: str) -> bytes | None:
        """What a file held, by its absolute path; None where it was not there or lies outside.

        Raises `NoRevision` where git cannot give what the revision has: that is not the same as nothing.
        """
        inside = self._inside(path)
        for _ in range(_MOST_LINKS):
            if inside is None or inside.startswith(".."):
                return None
            said = git(self.top, "ls-tree", "-z", self.commit, "--", inside)
            if not said:
                return None
            blob = _run(self.top, "cat-file", "blob", f"{self.commit}:{inside}")
            if not said.startswith(_LINK):
                return blob
            link = os.path.join(os.path.dirname(inside), os.fsdecode(blob))
            inside = None if os.path.isabs(os.fsdecode(blob)) else os.path.normpath(link)
        return None

    def holds(self, path: str) -> bool:
        """Whether a path lies in the repository, so that a change can have written it."""
        return self._inside(path) is not None

    def _inside(self, path: str) -> str | None:
        """A path from the root of the repository, by its names: a link that a change puts there leads nowhere else."""
        folder = path = os.path.abspath(path)
        while folder != os.path.dirname(folder):
            folder = os.path.dirname(folder)
            if os.path.realpath(folder) == self.top:
                return os.path.relpath(path, folder).replace(os.sep, "/")
        real = os.path.relpath(os.path.realpath(path), self.top).replace(os.sep, "/")
        return None if real.startswith("..") else real

    def changed(self) -> list[str]:
        """Absolute paths of all files of the repository that differ from it, with those that git does not follow."""
        differ = git(self.top, "diff", "--name-only", "-z", "--no-renames", self.commit, "--")
        new = git(self.top, "ls-files", "--others", "--exclude-standard", "-z")
        paths = {p for p in (*differ.split("\0"), *new.split("\0")) if p}
        return sorted(os.path.join(self.top, p) for p in paths)


def revision_of(folder: str, name: str) -> Revision:
    """A revision by its name. Raises `NoRevision`."""
    folder = os.path.realpath(folder)
    top = git(folder, "rev-parse", "--show-toplevel").strip()
    try:
        commit = git(
            folder, "rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"
        )
    except NoRevision:
        said = f"git knows no such revision: {name}; {_to_fetch(folder, name)}"
        raise NoRevision(said) from None
    return Revision(name=name, folder=folder, top=os.path.realpath(top), commit=commit.strip())


def _to_fetch(folder: str, name: str) -> str:
    """What to add before the scan, where a checkout holds only its last commits or lacks a branch."""
    remote, _, branch = name.partition("/")
    fetch = f"{remote} {branch}" if branch else f"origin {name}"
    more = ""
    if git(folder, "rev-parse", "--is-shallow-repository").strip() == "true":
        more = ", or set fetch-depth: 0 at actions/checkout"
    return f"add before the scan: git fetch --depth=1 {fetch}{more}"


def git(folder: str, *args: str) -> str:
    """What git says in a folder; hooks of the repository do not run. Raises `NoRevision`."""
    return _run(folder, *args).decode("utf-8", "surrogateescape")


def _run(folder: str, *args: str) -> bytes:
    quiet = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
    command = ["git", "-C", folder, *quiet, *args]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    except (OSError, subprocess.SubprocessError) as error:
        raise NoRevision(f"git cannot be run: {type(error).__name__}") from error
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise NoRevision(said or f"git knows no such revision: {args[-1]}")
    return done.stdout


def _aside(path: str) -> bool:
    folders = path.split("/")[:-1]
    return any(f.startswith(".") or f == "node_modules" for f in folders)
