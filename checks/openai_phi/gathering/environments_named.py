"""Which environments a resource is deployed to: named by a compliance file, or derived from where it lies."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from openai_phi.declared.compliance_file import Environment
from openai_phi.facts.environments import environment_names
from openai_phi.words.resources import Resource

_OBJECT = re.compile(r"\((?P<kind>\w+) (?P<name>[^()]+)\)")
"""How a variant is called that an object of the repository makes."""


@dataclass(frozen=True)
class Environments:
    """The environments of one scan root, and the names that its compliance files give to some."""

    root: str
    named: tuple[Environment, ...] = ()
    _known: dict[tuple[object, ...], tuple[str, ...]] = field(default_factory=dict, compare=False)
    """What was told of resources of one place and make: a file holds many."""

    def of(self, resource: Resource) -> tuple[str, ...]:
        """The environments of a resource, each once; none where nothing tells any."""
        r = resource
        told_by = (r.scope, r.variant, r.built_as, r.file, r.framework)
        if told_by not in self._known:
            self._known[told_by] = self._told(resource)
        return self._known[told_by]

    def _told(self, resource: Resource) -> tuple[str, ...]:
        scope = self._shown(resource.scope)
        variants = [*resource.variant.split(", "), *resource.built_as]
        made = [self._variant(v, scope) for v in variants if v]
        found = [e for e in made if e]
        found = found or [
            self._folder(scope) or self._folder(resource.file) or self._caller(resource, scope)
        ]
        return tuple(dict.fromkeys(e for e in found if e))

    @staticmethod
    def _caller(resource: Resource, scope: str) -> str:
        """The name of a Terraform root that calls a module which lies outside of it."""
        inside = scope in ("", ".") or resource.file.startswith(f"{scope}/")
        return "" if inside or resource.framework != "terraform" else os.path.basename(scope)

    def root_of(self, resource: Resource) -> str:
        """The folder that a resource is deployed from, as findings would show it."""
        shown = self._shown(resource.scope)
        return "" if shown in (".", "") or shown.startswith("..") else shown

    def _variant(self, variant: str, scope: str) -> str:
        """The environment that a variant makes: one of its files, a folder, or an object."""
        shown = variant.partition("; ")[0].partition(" with ")[0]
        thing = _OBJECT.search(shown)
        if thing:
            named = environment_names()
            return thing["name"] if named.tells(thing["name"]) else named.of_path(shown.split()[0])
        file = os.path.normpath(os.path.join(scope, shown)).replace(os.sep, "/")
        said = self._said(e.name for e in self.named if {file, shown} & {*e.values, *e.var_files})
        if said:
            return said
        if "." not in os.path.basename(shown):  # a folder that builds it, or a stage
            return self._folder(shown) or ("" if "/" in shown else shown)
        return environment_names().of_file(shown)

    def _folder(self, path: str) -> str:
        """The environment of what lies at a path."""
        said = self._said(
            e.name for e in self.named for p in e.paths if path == p or path.startswith(f"{p}/")
        )
        return said or environment_names().of_path(path)

    @staticmethod
    def _said(names: Iterable[str]) -> str:
        return next(iter(names), "")

    def _shown(self, scope: str) -> str:
        """A scope relative to the scan root; Terraform's is already."""
        if not os.path.isabs(scope):
            return scope
        return os.path.relpath(scope, os.path.abspath(self.root)).replace(os.sep, "/")
