"""The secrets that the keys of a program come from: by reference, by the words of a framework, as a file."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from openai_phi.facts.secret_names import in_its_store, literal, naming, spelled, supplied, variable
from openai_phi.facts.signatures import Signatures
from openai_phi.linking.filled_secrets import sources_of
from openai_phi.linking.lookup import Lookup
from openai_phi.linking.mounted_keys import mounted_at
from openai_phi.linking.secret_writers import SecretWriters
from openai_phi.words.observed import Evidence, Kind
from openai_phi.words.places import show
from openai_phi.words.resources import Lack, Resource, SecretRef, Setting, Unknown, may_meet

_MODULE = re.compile(r"(?:module\.[^.]+\.)+")
ACCOUNT = "openai_project"
"""The name that the reader gives to the project of the account which made a key, below the key itself."""
_WHOLE = 2
"""How deep the project of an account stands below what a secret holds as a whole."""
_DEEP = 3
"""How deep in a secret's resource its name stands at most."""
_FOLLOWED = 4
"""How many references from a secret to what names it are followed."""


@dataclass(frozen=True, kw_only=True)
class KeySecrets:
    """Finds the secrets that keys come from."""

    lookup: Lookup
    names: Signatures
    writers: SecretWriters

    def named(
        self, resource: Resource, settings: Iterable[Setting], evidence: Sequence[Evidence]
    ) -> tuple[Evidence, ...]:
        """The same evidence, each key with the secrets that it comes from."""
        if not any(_is_key(e) for e in evidence):
            return tuple(evidence)
        at: dict[tuple[str, str], list[Setting]] = defaultdict(list)
        for setting in settings:
            at[(setting.file or resource.file, show(setting.path))].append(setting)
        found = [self._with_secrets(resource, e, at) if _is_key(e) else e for e in evidence]
        held: dict[str, list[Evidence]] = defaultdict(list)
        for key in (e for e in found if _is_key(e) and not e.pointer):
            held[key.name].append(key)
        return tuple(self._led(e, at, held) if e.pointer else e for e in found)

    def _led(
        self,
        key: Evidence,
        at: Mapping[tuple[str, str], Sequence[Setting]],
        held: Mapping[str, Sequence[Evidence]],
    ) -> Evidence:
        """A key that names a variable of the same program, with the secrets that the variable comes from."""
        settings = at.get((key.place.file, key.place.path), ())
        names = [self.names.filling_variable(str(s.value)) for s in settings]
        keys = [k for name in dict.fromkeys(names) for k in held.get(name, ())]
        if not keys or not all(k.secrets or k.made_for for k in keys):
            return key
        return replace(
            key,
            secrets=tuple(dict.fromkeys(s for k in keys for s in k.secrets)),
            made_for=tuple(dict.fromkeys(p for k in keys for p in k.made_for)),
        )

    def _with_secrets(
        self, resource: Resource, key: Evidence, at: Mapping[tuple[str, str], Sequence[Setting]]
    ) -> Evidence:
        file, path = key.place.file, key.place.path
        settings = at.get((file, path), ())
        made = [s.value for s in at.get((file, f"{path}.{ACCOUNT}"), ()) if s.name == ACCOUNT]
        held = [s for s in settings if s.name == key.name] or settings
        own = [ref for s in held for ref in self._of(resource, s)]
        known = [full for ref in own or key.secrets for full in self._full(resource, ref)]
        pointer = not known and key.value == "reference" and self._points(held)
        return replace(
            key,
            secrets=tuple(dict.fromkeys(known)),
            pointer=pointer,
            made_for=tuple(dict.fromkeys(map(str, made))),
        )

    def _of(self, resource: Resource, setting: Setting) -> tuple[SecretRef, ...]:
        """The secrets that a setting's value comes from, as it names them."""
        if setting.secret:
            return (setting.secret, *setting.others)
        value = setting.value
        if isinstance(value, Unknown):
            found = variable(value.what, resource.type) or self._supplied(resource, value)
            return spelled(value.what, resource.type) or ((found,) if found else ())
        if not isinstance(value, str):
            return ()
        mounted = mounted_at(resource, value, setting.group, self.lookup)
        match = self.names.variable(setting.name, "")
        reference = match is not None and match.role == "key_reference"
        plain = literal(setting.name, value) if reference else ()
        return mounted or spelled(value, resource.type) or plain

    def _supplied(self, resource: Resource, value: Unknown) -> SecretRef | None:
        """The variable of a root that a value is, where its name is that of a provider's key."""
        named = self.names.variable(value.of, "") if value.lack is Lack.VARIABLE else None
        key = named is not None and named.role == "key"
        return supplied(value.of, resource.framework) if key else None

    def _points(self, settings: Sequence[Setting]) -> bool:
        """Whether a key only names what holds it: a variable of the program, or an entry of a volume."""
        return all(self._names_another(s) for s in settings)

    def _names_another(self, setting: Setting) -> bool:
        if isinstance(setting.value, Unknown):
            return False
        named = self.names.referred_key(str(setting.value)) is not None
        return named or self.names.variable(setting.name, "") is None

    def _full(self, resource: Resource, ref: SecretRef) -> Iterator[SecretRef]:
        """A secret by the name that people know, or those that it is filled from in turn."""
        ref = in_its_store(ref, resource.type)
        if ref.address:
            yield from self._declared(resource, ref)
        elif ref.store == "kubernetes":
            yield from sources_of(resource, _in_space(ref, resource), self.lookup, self.names)
        else:
            yield ref

    def _declared(self, resource: Resource, ref: SecretRef) -> Iterator[SecretRef]:
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
                return SecretRef(store, setting.name)  # a resource of a name and a value
            if path[-1:] and path[-1] in how.get("name", ()) and len(path) <= _DEEP:
                named = self._word(target, setting, store, steps)
                holder = self._holder(target, how.get("holder", ()), steps)
                if named is None or holder is None:
                    return None
                return replace(named, name=f"{holder}/{named.name}" if holder else named.name)
        return None

    def _holder(self, target: Resource, keys: Sequence[str], steps: int) -> str | None:
        """The name of what holds a secret; empty where none does, None where it is not known."""
        if not keys:
            return ""
        held = [s for s in target.settings if s.path and s.path[-1] in keys]
        found = [self._word(target, s, "", steps) for s in held]
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
        found = [t for t in self.lookup.at(target, address) if may_meet(t, target)]
        return self._name_of(found[0], steps - 1) if len(found) == 1 and steps else None


def _accounts(writer: Resource, entry: str) -> list[str]:
    """The projects of the accounts whose keys a resource writes into a secret, or into an entry of it."""
    made = [s for s in writer.settings if s.name == ACCOUNT and s.path[-1:] == (ACCOUNT,)]
    whole = [str(s.value) for s in made if len(writer.within(s.path)) == _WHOLE]
    inside = [str(s.value) for s in made if entry and s.path[-2:-1] == (entry,)]
    return whole or inside


def _is_key(item: Evidence) -> bool:
    return item.kind is Kind.KEY and item.value != "none"


def _in_space(ref: SecretRef, resource: Resource) -> SecretRef:
    """A Secret with its namespace, where that is known."""
    spaced = resource.namespace and "/" not in ref.name
    return replace(ref, name=f"{resource.namespace}/{ref.name}") if spaced else ref
