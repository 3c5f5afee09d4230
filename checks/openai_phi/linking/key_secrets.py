"""The secrets that the keys of a program come from: by reference, by the words of a framework, as a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from openai_phi.facts.secret_names import (
    OWN,
    FromAction,
    content_of,
    from_action,
    given_at,
    in_its_store,
    literal,
    spelled,
    supplied,
    templated,
    variable,
    written_by_agent,
)
from openai_phi.facts.signatures import Signatures
from openai_phi.linking.declared_secrets import ACCOUNT, DeclaredSecrets
from openai_phi.linking.filled_secrets import sources_of
from openai_phi.linking.lookup import OBJECTS, Lookup
from openai_phi.linking.mounted_keys import mounted_at
from openai_phi.words.observed import Confidence, Evidence, Kind
from openai_phi.words.places import show
from openai_phi.words.resources import Lack, Resource, SecretRef, Setting, Unknown

_OF_MODEL = (Kind.MODEL, Kind.SETTING)
"""What tells that a gateway serves a model of a provider."""


@dataclass(frozen=True, kw_only=True)
class KeySecrets:
    """Finds the secrets that keys come from."""

    lookup: Lookup
    names: Signatures
    declared: DeclaredSecrets

    def named(
        self, resource: Resource, settings: Sequence[Setting], evidence: Sequence[Evidence]
    ) -> tuple[Evidence, ...]:
        """The same evidence, each key with the secrets that it comes from."""
        evidence = (*evidence, *self._of_models(resource, settings, evidence))
        if not any(_is_key(e) for e in evidence):
            return tuple(evidence)
        at: dict[tuple[str, str], list[Setting]] = defaultdict(list)
        for setting in settings:
            at[(setting.file or resource.file, show(setting.path))].append(setting)
        found = [self._with_secrets(resource, e, at) if _is_key(e) else e for e in evidence]
        held: dict[str, list[Evidence]] = defaultdict(list)
        for key in (e for e in found if _is_key(e) and not e.pointer):
            held[key.name].append(key)
        return tuple(self._led(resource, e, at, held) if e.pointer else e for e in found)

    def _of_models(
        self, resource: Resource, settings: Iterable[Setting], evidence: Sequence[Evidence]
    ) -> Iterator[Evidence]:
        """The keys of a gateway's models of a provider that name a variable of its own program."""
        held = {e.group for e in evidence if _is_key(e)}
        of = {e.group: e.provider for e in evidence if e.kind in _OF_MODEL and e.provider}
        for setting in settings:
            provider = of.get(setting.group, "") if setting.group not in held else ""
            named = provider and self.names.supporting(setting.name) == "model_key"
            if named and self.names.filling_variable(str(setting.value)):
                yield Evidence(
                    Kind.KEY,
                    "reference",
                    resource.place_of(setting.file, setting.line, show(setting.path)),
                    Confidence.DECLARED,
                    setting.name,
                    provider,
                    setting.group,
                    "names the variable of a key",
                    supplied=True,
                )

    def _led(
        self,
        resource: Resource,
        key: Evidence,
        at: Mapping[tuple[str, str], Sequence[Setting]],
        held: Mapping[str, Sequence[Evidence]],
    ) -> Evidence:
        """A key that names a variable of the same program, with the secrets that the variable comes from."""
        settings = at.get((key.place.file, key.place.path), ())
        names = [self.names.filling_variable(str(s.value)) for s in settings]
        keys = [k for name in dict.fromkeys(names) for k in held.get(name, ())]
        others = [s for n in at.values() for s in n if not keys and s.name in names]
        plain = [
            [f for r in self._of(resource, s) for f in self._full(resource, r)] for s in others
        ]
        if not (keys or plain) or not all((*(k.secrets or k.made_for for k in keys), *plain)):
            return key
        secrets = [*(s for k in keys for s in k.secrets), *(s for found in plain for s in found)]
        return replace(
            key,
            secrets=tuple(dict.fromkeys(secrets)),
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
            found = (
                variable(value.what, resource.type)
                or self._supplied(resource, value)
                or self.declared.referred(resource, value.what)
            )
            return spelled(value.what, resource.type) or ((found,) if found else ())
        if not isinstance(value, str):
            return ()
        path = content_of(value)
        if path:
            return self._in_file(resource, path, setting)
        mounted = self._in_file(resource, value, setting)
        match = self.names.variable(setting.name, "")
        reference = match is not None and match.role == "key_reference"
        plain = literal(setting.name, value) if reference else ()
        whole = mounted or spelled(value, resource.type)
        whole = whole or self._templated(resource, setting) or self._of_action(resource, setting)
        return whole or tuple(self.declared.wrapped(resource, setting)) or plain

    def _in_file(self, resource: Resource, path: str, setting: Setting) -> tuple[SecretRef, ...]:
        """The secret that a volume, a framework or an agent puts into a file."""
        found = mounted_at(resource, path, setting.group, self.lookup)
        if found or not path.startswith("/"):
            return found
        given = [s.secret for s in resource.settings if s.secret and path == given_at(s.path)]
        if given and resource.framework not in OBJECTS:
            return tuple(given)
        agent = written_by_agent(path)
        named = [s.value for s in resource.settings if agent and s.name == agent[0]]
        if agent and len(named) == 1:
            return (SecretRef(agent[1], str(named[0])),)
        return spelled(path, resource.type)

    def _of_action(self, resource: Resource, setting: Setting) -> tuple[SecretRef, ...]:
        """What an action of a workflow takes from a store: what of it speaks of a provider, else all."""
        uses = [s.value for s in resource.settings if s.path == (*setting.path[:-2], "uses")]
        taken = (
            list(from_action(str(uses[0]), {str(setting.path[-1]): setting.value})) if uses else []
        )
        speaks = [f for f in taken if self.names.variable(f.name, "") or _named(f, self.names)]
        return tuple(r for f in speaks or taken for r in spelled(f.spelling))

    def _templated(self, resource: Resource, setting: Setting) -> tuple[SecretRef, ...]:
        """The secret that a template in a text of the resource takes a value from."""
        around = [s.value for s in resource.settings if s.path == setting.path[:-1]]
        return templated(str(setting.value), str(around[0])) if around else ()

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
        marks = (s for s in resource.settings if s.role == "marker")
        ref = in_its_store(ref, resource.type, {s.name: str(s.value) for s in marks})
        if ref.store == OWN:
            yield from self._listed(resource, ref)
        elif ref.address:
            yield from self.declared.of(resource, ref)
        elif ref.store == "kubernetes":
            own = resource.namespace or self.declared.space(resource)
            for space in resource.spaces or (own,):
                yield from sources_of(resource, _in_space(ref, space), self.lookup, self.names)
        else:
            yield ref

    def _listed(self, resource: Resource, ref: SecretRef) -> Iterator[SecretRef]:
        """What an entry of the resource's own list of secrets is, by its name; as it is where nothing leads on."""
        held = [r for s in self.declared.listed(resource, ref.name) for r in self._of(resource, s)]
        for found in held:
            if found.store != OWN:
                yield from self._full(resource, found)
        if not held:
            yield replace(ref, store="secret")


def _named(found: FromAction, names: Signatures) -> bool:
    return any(names.key_in(found.name, r.name) for r in spelled(found.spelling))


def _is_key(item: Evidence) -> bool:
    return item.kind is Kind.KEY and item.value != "none"


def _in_space(ref: SecretRef, space: str) -> SecretRef:
    """A Secret with its namespace, where that is known."""
    return replace(ref, name=f"{space}/{ref.name}") if space and "/" not in ref.name else ref
