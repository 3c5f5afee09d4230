"""Where a use is seen: repository, environment, cluster and account, by which a policy's line may be limited."""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.written_names import fits
from openai_phi.words.resources import Resource

SCOPES = ("environment", "cluster", "account", "repository")
"""What a line of the credentials may be limited to."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where a use is seen."""

    repository: str = ""
    """The repository that is scanned, as `owner/name`; empty where that is not known."""
    names: tuple[str, ...] = ()
    """The folders, files and variants that it lies in, by which environments, clusters and accounts go."""

    def within(self, scope: Sequence[tuple[str, str]], account: str = "") -> bool:
        """Whether it lies within all that a line is limited to; what is not known does not."""
        held = {"repository": (self.repository,), "account": (account, *self.names)}
        return all(any(n and fits(n, p) for n in held.get(key, self.names)) for key, p in scope)


ANYWHERE = Site()
"""Where nothing is known of: within no limit."""


def site_of(resource: Resource, repository: str) -> Site:
    """Where a resource is seen."""
    folders = [part for path in (resource.scope, resource.file) for part in path.split("/")]
    stems = [re.sub(r"\.\w+$", "", os.path.basename(v)) for v in resource.variant.split(", ")]
    parts = [part for stem in stems for part in re.split(r"[-_.]", stem)]
    names = dict.fromkeys(n for n in (*folders, *stems, *parts) if n)
    return Site(repository=repository, names=tuple(names))


def repository_of(root: str, environment: Mapping[str, str]) -> str:
    """The repository that is scanned: what CI says, else where its copy comes from; empty where nothing says it."""
    data = load_yaml(schema_root() / "repository.yaml")
    said = next((environment[n] for n in data["variables"] if environment.get(n)), "")
    found = re.search(data["address"], said or _origin(root))
    return said if said and not found else found["name"] if found else ""


def _origin(root: str) -> str:
    """The address of the remote that a copy of a repository comes from."""
    git = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        git.read(os.path.join(root, ".git", "config"), encoding="utf-8")
        return git.get('remote "origin"', "url", fallback="")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return ""
