"""Where a workload's keys come from: the stores that it refers to, and what its secrets are filled from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from openai_phi.facts.secret_names import secret_at
from openai_phi.facts.signatures import Signatures
from openai_phi.linking.lookup import OBJECTS, Lookup
from openai_phi.observing.observer import Observer
from openai_phi.words.observed import Confidence, Evidence, Kind
from openai_phi.words.places import Place, show
from openai_phi.words.references import AllVariables, Content
from openai_phi.words.resources import Resource


@dataclass(frozen=True, kw_only=True)
class KeyTaken:
    """Evidence of a key under another name than the workload's own; `read` is an object that it fills."""

    evidence: Evidence
    read: Resource | None = None


@dataclass(frozen=True, kw_only=True)
class KeySources:
    """Finds the keys that workloads take from elsewhere."""

    lookup: Lookup
    observer: Observer
    names: Signatures

    def keys(self, resource: Resource) -> list[KeyTaken]:
        """The keys that a workload takes under names that tell nothing of them."""
        if not resource.refs and resource.framework not in OBJECTS:
            return []
        if resource.framework in OBJECTS:
            return [*self._of_entries(resource), *self._of_objects(resource)]
        return [KeyTaken(evidence=e) for e in self._by_address(resource)]

    def _by_address(self, resource: Resource) -> Iterator[Evidence]:
        """Keys in the stores that a workload refers to, where the name that it does so by tells nothing."""
        at = {show(s.path): s for s in resource.settings}
        for ref in resource.refs:
            setting = at.get(ref.path)
            name = setting.name if setting else ref.path.rpartition(".")[2]
            if self.names.variable(name, "") or not self.names.is_call(ref.path):
                continue
            for target in self.lookup.referred(resource, ref):
                for key in self.observer.store(target):
                    if key.kind is Kind.KEY:
                        file = setting.file if setting else ""
                        place = resource.place_of(file, ref.line, ref.path)
                        group = setting.group if setting else _group_at(resource, ref.path)
                        found = _key(target, name, key.provider, place, group)
                        held = secret_at(target.id)
                        yield replace(found, secrets=(held,) if held else ())

    def _of_entries(self, resource: Resource) -> Iterator[KeyTaken]:
        """Keys that entries of the cluster's secrets take from a store outside, under another name."""
        for setting in resource.settings:
            secret = setting.secret
            if secret is None or secret.store != "kubernetes":
                continue
            store, _, entry = secret.name.partition("#")
            for target in self.lookup.find(resource, "Secret", store.rpartition("/")[2]):
                place = resource.place_of(
                    setting.file, setting.line, show(setting.path), setting.written
                )
                for filled, name in _filled_from(target):
                    if filled in ("", entry):
                        yield from self._taken(target, setting.name, name, place, setting.group)

    def _of_objects(self, resource: Resource) -> Iterator[KeyTaken]:
        """The same of secrets that are taken whole."""
        for ref in resource.refs:
            match ref:
                case AllVariables(kind="Secret"):
                    group = ref.path
                case Content(kind="Secret"):
                    group = next(iter(ref.mounted), "")
                case _:
                    continue
            place = resource.place_of("", ref.line, ref.path)
            for target in self.lookup.find(resource, ref.kind, ref.name):
                for filled, name in _filled_from(target):
                    yield from self._taken(target, filled or "key", name, place, group)

    def _taken(
        self, target: Resource, holder: str, name: str, place: Place, group: str
    ) -> Iterator[KeyTaken]:
        """The key that a name is filled with from a store's entry of another name, if it is one."""
        key = self.names.key_in(holder, name)
        if key and not self.names.variable(holder, ""):
            found = _key(target, holder, key.provider, place, group)
            yield KeyTaken(evidence=found, read=target)


def _key(target: Resource, name: str, provider: str, place: Place, group: str) -> Evidence:
    return Evidence(
        Kind.KEY,
        "reference",
        place,
        Confidence.STRUCTURAL,
        name,
        provider,
        group,
        f"from {target.id}",
        supplied=True,
    )


def _filled_from(target: Resource) -> Iterator[tuple[str, str]]:
    """What an ExternalSecret takes from a store: the entry that it fills (empty: all of it), the name there."""
    entries = {s.path[:-1]: str(s.value) for s in target.settings if s.name == "secretKey"}
    for setting in target.settings:
        if setting.name in ("key", "property") and isinstance(setting.value, str):
            entry = next((e for p, e in entries.items() if setting.path[: len(p)] == p), "")
            if entry or "extract" in setting.path:
                yield entry, setting.value


def _group_at(resource: Resource, path: str) -> str:
    """The part of a resource that a path lies in, by the settings of it; empty where there is none."""
    steps = path.replace("[", ".").replace("]", "")
    groups = {s.group for s in resource.settings if steps.startswith(f"{s.group}.")}
    return max(groups, key=len, default="")
