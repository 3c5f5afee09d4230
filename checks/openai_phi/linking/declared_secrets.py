"""The secrets that the code declares: by the names that people know, and whose keys the code writes into them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from openai_phi.facts.secret_names import (
    naming,
    own_list,
    secret_at,
    space_of,
    spelled,
    wraps,
)
from openai_phi.linking.lookup import Lookup
from openai_phi.linking.secret_writers import SecretWriters
from openai_phi.words.places import Path, show
from openai_phi.words.resources import Resource, SecretRef, Setting, Unknown, may_meet

_MODULE = re.compile(r"(?:module\.[^.]+\.)+")
_REFERRED = re.compile(r"\$\{(?P<name>\w+)(?:\.[\w.]+)?\}(?::(?P<entry>[^:{}]*)(?::[^{}]*)?)?")
"""A reference of a template as a whole, with the entry behind it."""
ACCOUNT = "openai_project"
"""The name that the reader gives to the project of the account which made a key, below the key itself."""
_WHOLE = 2
"""How deep the project of an account stands below what a secret holds as a whole."""
_DEEP = 3
"""How deep in a secret's resource its name stands at most."""
_FOLLOWED = 4
"""How many references from a secret to what names it are followed."""


@dataclass(frozen=True, kw_only=True)
class DeclaredSecrets:
    """Finds the names of secrets that resources of the code are."""

    lookup: Lookup
    writers: SecretWriters

    def of(self, resource: Resource, ref: SecretRef) -> Iterator[SecretRef]:
        """A secret that the code declares: by its own name where that is known, in each variant that meets."""
        found = [t for t in self.lookup.at(resource, ref.address) if may_meet(t, resource)]
        entry = ref.name.partition("#")[2]
        for target in found:
            named = self._name_of(target, _FOLLOWED)
            if named is None:
                yield replace(ref, made_for=self._made_for(target, entry))
                continue
            name = f"{named.name}#{entry}" if entry and "#" not in named.name else named.name
            yield replace(
                named, name=name, address=ref.address, made_for=self._made_for(target, entry)
            )
        if not found:
            yield ref

    def referred(self, resource: Resource, what: str) -> SecretRef | None:
        """The secret of a template that a reference leads to, as `${Key}` or `${Key}:entry::`."""
        found = _REFERRED.fullmatch(what)
        for ref in resource.refs_by_address if found else ():
            if found and ref.address.rpartition(".")[2] == found["name"]:
                held = naming(ref.address.rpartition(".")[0])
                name = f"{ref.address}#{found['entry']}" if found["entry"] else ref.address
                return SecretRef(str(held["store"]), name, ref.address) if held else None
        return None

    def wrapped(self, resource: Resource, setting: Setting) -> Iterator[SecretRef]:
        """The secrets whose addresses the words of a platform stand around, as `@…(SecretUri=${…})`."""
        if wraps(str(setting.value)):
            at = show(resource.within(setting.value_path or setting.path))
            held = (secret_at(r.address) for r in resource.refs_by_address if r.path == at)
            yield from (ref for ref in held if ref)

    def listed(self, resource: Resource, name: str) -> Iterator[Setting]:
        """What an entry of a resource's own list of secrets leads to, by the name of the entry."""
        how = own_list(resource.type)
        if not how:  # a command's
            yield from (s for s in resource.settings if s.name == name and s.role == "env")
        at = {resource.within(s.path): s for s in resource.settings}
        for path, setting in at.items() if how else ():
            if path[-2:-1] and path[-2] in how["lists"] and path[-1] == name:
                yield setting  # an entry that is a name and a value
            elif _in_list(path, how["lists"]) and path[-1] in how["leads"]:
                named = at.get((*path[:-1], "name"))
                if named is not None and named.value == name:
                    yield setting

    def space(self, resource: Resource) -> str:
        """The namespace of a cluster that a resource of Terraform runs in; empty where none is known."""
        how = space_of(resource.type)
        for setting in resource.settings if how else ():
            path = resource.within(setting.path)
            if path[-1] in how["space"] and len(path) <= _DEEP:
                named = self._word(resource, setting, "", _FOLLOWED)
                return named.name if named else ""
        return str(how.get("otherwise", ""))

    def _made_for(self, target: Resource, entry: str) -> tuple[str, ...]:
        """The projects whose service accounts give a secret its content, where the code writes all of it."""
        found: list[str] = []
        for writer in self.writers.of(target):
            made = _accounts(writer, entry)
            if not made:
                return ()  # something else writes it too
            found += made
        return tuple(dict.fromkeys(found))

    def _name_of(self, target: Resource, steps: int) -> SecretRef | None:
        """What the settings of a secret's resource say of its name; None where that is not known."""
        how = naming(target.type)
        store = str(how.get("store", ""))
        for setting in target.settings:
            path = target.within(setting.path)
            if setting.value_path and len(path) == 1 and "name" in how.get("name", ()):
                named = SecretRef(store, setting.name)  # a resource of a name and a value
            elif path[-1:] and path[-1] in how.get("name", ()) and len(path) <= _DEEP:
                found = self._word(target, setting, store, steps)
                if found is None:
                    return None
                named = found
            else:
                continue
            holder = self._holder(target, how.get("holder", ()), steps)
            space = self.space(target) if "space" in how else holder
            return (
                replace(named, name=f"{space}/{named.name}" if space else named.name)
                if space is not None
                else None
            )
        return None

    def _holder(self, target: Resource, keys: Sequence[str], steps: int) -> str | None:
        """The name of what holds a secret; empty where none does, None where it is not known."""
        if not keys:
            return ""
        held = [s for s in target.settings if s.path and s.path[-1] in keys]
        found = [self._word(target, s, "", steps) for s in held]
        led = [r for r in target.refs_by_address if r.path in keys] if not held else []
        found += [self._at(target, r.address, steps) for r in led]
        return found[0].name if found and found[0] else None

    def _word(self, target: Resource, setting: Setting, store: str, steps: int) -> SecretRef | None:
        """A name that stands in a setting, or is that of what it refers to."""
        value = setting.value
        if isinstance(value, str):
            whole = next((r for r in spelled(value) if r.store == store), None)
            return whole or SecretRef(store, value.rpartition("/vaults/")[2] or value)
        address = setting.secret.address if setting.secret else ""
        if not address and isinstance(value, Unknown):
            module = _MODULE.match(target.id)
            address = f"{module[0] if module else ''}{value.what}"
        return self._at(target, address, steps)

    def _at(self, target: Resource, address: str, steps: int) -> SecretRef | None:
        """The name of what stands at an address, if it is one."""
        found = [t for t in self.lookup.at(target, address) if may_meet(t, target)]
        return self._name_of(found[0], steps - 1) if len(found) == 1 and steps else None


def _in_list(path: Path, lists: Sequence[str]) -> bool:
    return len(path) > 2 and isinstance(path[-2], int) and path[-3] in lists


def _accounts(writer: Resource, entry: str) -> list[str]:
    """The projects of the accounts whose keys a resource writes into a secret, or into an entry of it."""
    made = [s for s in writer.settings if s.name == ACCOUNT and s.path[-1:] == (ACCOUNT,)]
    whole = [str(s.value) for s in made if len(writer.within(s.path)) == _WHOLE]
    inside = [str(s.value) for s in made if entry and s.path[-2:-1] == (entry,)]
    return whole or inside
