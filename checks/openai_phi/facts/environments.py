"""The names of environments: what a folder, a values file or a parameter file says of where it deploys to."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import lru_cache

from openai_phi.facts.data_files import load_yaml, schema_root

ANY = "*"
"""Stands in a path or name for what tells its environment."""
_PARTS = re.compile(r"[._-]+")
_ENDINGS = (".yaml", ".yml", ".json", ".tfvars", ".gotmpl", ".bicepparam", ".toml", ".env")


@dataclass(frozen=True)
class EnvironmentNames:
    """The words that tell environments, from environments.yaml."""

    words: tuple[str, ...]
    """In the order in which a change goes through them."""
    production: frozenset[str]
    """Those in which people are treated."""
    folders: frozenset[str]
    beside: frozenset[str]

    def tells(self, name: str) -> bool:
        """Whether the name of a folder or file holds the word of an environment."""
        return any(p in self.words for p in _PARTS.split(name.lower()))

    def telling(self, name: str) -> tuple[str, ...]:
        """The parts of an environment's name that tell it from others; all where none is a known word."""
        parts = [p for p in _PARTS.split(name.lower()) if p]
        return tuple(p for p in parts if p in self.words) or tuple(parts)

    def may_be_made_up(self, name: str) -> bool:
        """Whether all data of an environment of this name may be synthetic: it is a known one, and treats nobody."""
        parts = _PARTS.split(name.lower())
        return self.tells(name) and not self.production.intersection(parts)

    def rank(self, name: str) -> int:
        """Where an environment stands in the order in which a change goes through them."""
        found = [self.words.index(p) for p in _PARTS.split(name.lower()) if p in self.words]
        return max(found, default=len(self.words))

    def of_path(self, path: str) -> str:
        """The environment that a folder or file is of, as it is called there; empty if none is told."""
        parts = [p for p in path.split("/") if p not in ("", ".", "..")]
        for index in range(len(parts) - 1, -1, -1):
            bare = self._bare(parts[index])
            if self.tells(bare) or (index and parts[index - 1].lower() in self.folders and bare):
                return bare
        return ""

    def of_file(self, path: str) -> str:
        """The environment that a file of values makes: what its path tells, else its own name."""
        return self.of_path(path) or self._bare(os.path.basename(path)) or os.path.basename(path)

    def without(self, path: str) -> str:
        """A path in which what tells its environment is replaced, so that twins are alike."""
        parts = path.split("/")
        out: list[str] = []
        for index, part in enumerate(parts):
            inside = index and parts[index - 1].lower() in self.folders and index < len(parts) - 1
            out.append(ANY if inside else self.bare_name(part))
        return "/".join(out)

    def bare_name(self, name: str) -> str:
        """A name whose words of an environment are replaced."""
        parts = re.split(r"([._-]+)", name)
        return "".join(ANY if p.lower() in self.words else p for p in parts)

    def _bare(self, name: str) -> str:
        """What is left of the name of a file without its ending and what every such file is called."""
        base = name.removesuffix(".gotmpl")
        for ending in _ENDINGS:
            base = base.removesuffix(ending)
        pieces = re.split(r"([._-]+)", base)
        while pieces and (pieces[0].lower() in self.beside or not pieces[0].strip("._-")):
            pieces.pop(0)
        while pieces and (pieces[-1].lower() in self.beside or not pieces[-1].strip("._-")):
            pieces.pop()
        return "".join(pieces)


@lru_cache(maxsize=1)
def environment_names() -> EnvironmentNames:
    """The shipped words. Raises OSError or yaml.YAMLError where the file is broken."""
    data = load_yaml(schema_root() / "environments.yaml")
    return EnvironmentNames(
        tuple(data["words"]),
        frozenset(data["production"]),
        frozenset(data["folders"]),
        frozenset(data["beside"]),
    )
