"""Whose the keys of a use are: each bound for itself, by the policy, by the code, or by a team that may say it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openai_phi.declared.declarations import Declarations
from openai_phi.declared.policy_file import Credential, Gateway, Project
from openai_phi.declared.sites import Site
from openai_phi.facts.environments import environment_names
from openai_phi.observing.uses import held_keys
from openai_phi.verdicts.use_facts import Binding, Word
from openai_phi.words.observed import Evidence, Kind, Use, Workload
from openai_phi.words.resources import SecretRef


@dataclass(frozen=True, kw_only=True)
class Bound:
    """Whose the keys of a use are, and the keys of which no word that counts says it."""

    bindings: tuple[Binding, ...] = ()
    unbound: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class KeyBindings:
    """Finds whose keys are in one set of declarations."""

    declared: Declarations

    def of_account(self, workload: Workload, use: Use) -> Bound:
        """In which subscription what a use calls lies: by its host, else by a key of it."""
        site = self.declared.site(workload.resource)
        lines = [c for c in self.declared.credentials if c.subscription]
        found = [self._said(c) for c in lines if c.binds_host(use.host or "", site)]
        for key in keys_of(use) if not found else ():
            for secret in key.secrets:
                found += [self._said(c, key, secret) for c in lines if c.binds(secret, site)]
        return Bound(bindings=tuple(found))

    def of(self, workload: Workload, use: Use, gateway: Gateway | None) -> Bound:
        """Whose the keys of a use of a workload are."""
        if gateway and gateway.project:
            owner = self._id(gateway.project)
            own = Binding(owner=owner, by=Word.GATEWAY, place=gateway.place)
            return Bound(bindings=(own,))
        site = self.declared.site(workload.resource)
        keys = keys_of(use)
        found = {key: self._of_key(key, workload, site) for key in keys}
        bindings = [b for key in keys for b in found[key] or ()]
        if not keys:
            bindings = self._injected(workload, site) or self._delegated(workload)
        unbound = tuple(key for key in keys if found[key] is None)
        return Bound(bindings=tuple(bindings), unbound=unbound)

    def _of_key(self, key: Evidence, workload: Workload, site: Site) -> list[Binding] | None:
        """Whose a key is: each of the secrets that it may come from; None where that is not said of all."""
        if key.made_for:
            return [self._made(p, key) for p in key.made_for]
        each = [self._of_secret(key, secret, site) for secret in key.secrets]
        if each and all(each):
            return [b for found in each for b in found]
        hidden = not key.secrets and key.value != "literal"
        found = self._injected(workload, site, key) if hidden else []
        return found or self._delegated(workload, key) or None

    def _of_secret(self, key: Evidence, secret: SecretRef, site: Site) -> list[Binding]:
        if secret.made_for:
            return [self._made(p, key, secret) for p in secret.made_for]
        lines = [c for c in self.declared.credentials_of(secret, site) if c.project]
        if self._filled_otherwise(secret, site):
            return []
        return [self._said(c, key, secret) for c in lines]

    def _filled_otherwise(self, secret: SecretRef, site: Site) -> bool:
        """Whether an object of the repository fills a secret from one that the policy would name, and does not.

        It would where it names others of that store and the other goes by another name, or where the other's
        name tells of an environment that the secret's own does not.
        """
        stores = {c.store for c in self.declared.credentials}
        for source in secret.filled_from:
            held = stores.intersection((source.store, *source.among)) and _differs(secret, source)
            strange = _made_up(source.name) - _made_up(secret.name)
            if (held or strange) and not self.declared.credentials_of(source, site):
                return True
        return False

    def _injected(
        self, workload: Workload, site: Site, key: Evidence | None = None
    ) -> list[Binding]:
        names = names_of(workload)
        held = self.declared.credentials
        lines = (c for c in held if c.project and c.binds_workload(names, site))
        return [self._said(c, key) for c in lines]

    def _delegated(self, workload: Workload, key: Evidence | None = None) -> list[Binding]:
        """What the team says, where the policy lets it say so of the project."""
        team = workload.declaration
        project = self.declared.project(team.project) if team and team.project else None
        if team is None or project is None:
            return []
        at = team.project_at or team.place
        if not self.declared.delegates(project, (at.file, workload.resource.file)):
            return []
        said = Binding(
            owner=project.id, by=Word.DELEGATED, place=at, key=key, accepted_at=project.place
        )
        return [said]

    def _made(self, project: str, key: Evidence, secret: SecretRef | None = None) -> Binding:
        return Binding(owner=self._id(project), by=Word.CODE, key=key, secret=secret)

    def _said(
        self, line: Credential, key: Evidence | None = None, secret: SecretRef | None = None
    ) -> Binding:
        owner = self._id(line.owner)
        return Binding(owner=owner, by=Word.POLICY, place=line.place, key=key, secret=secret)

    def _id(self, project: str) -> str:
        known: Project | None = self.declared.project(project)
        return known.id if known else project


def keys_of(use: Use) -> list[Evidence]:
    """The keys that go with a use, each once, without those that only lead to one."""
    held = use.keys
    if held is None:
        held = tuple(held_keys(use.provider, use.evidence))
    return list(dict.fromkeys(held))


def names_of(workload: Workload) -> tuple[str, ...]:
    """What declarations may call a workload, its own name first."""
    return tuple(dict.fromkeys((workload.id, *workload.resource.aliases)))


def claims_of(workload: Workload, use: Use) -> Iterator[tuple[str, str]]:
    """The projects that the team and the workload say the keys are of, and where."""
    team = workload.declaration
    if team and team.project:
        yield team.project, str(team.project_at or team.place)
    sent = (e.value for e in use.evidence if e.kind is Kind.PROJECT and e.value)
    for project in dict.fromkeys((*([use.project] if use.project else []), *sent)):
        yield project, "the workload"


def _made_up(name: str) -> set[str]:
    """The words of a secret's name that tell of environments in which nobody is treated."""
    return {w for w in _words(name) if environment_names().may_be_made_up(w)}


def _differs(secret: SecretRef, source: SecretRef) -> bool:
    """Whether the name of what fills a secret does not hold the secret's own."""
    own = secret.name.partition("#")[0].rpartition("/")[2]
    return not set(_words(own)) <= set(_words(source.name))


def _words(name: str) -> list[str]:
    return [w for w in re.split(r"[^A-Za-z0-9]+", name.lower()) if w]


def owners(bindings: Sequence[Binding]) -> list[tuple[str, str]]:
    """The projects that keys are bound to, each with what says so."""
    return [(b.owner, _word(b)) for b in bindings]


def _word(binding: Binding) -> str:
    if binding.by is Word.POLICY and binding.secret:
        return f"the policy, of the key in {binding.secret}"
    return str(binding.place) if binding.place else "the account that made the key"
