"""Who else gets the content of a workload's requests: telemetry, tracing, vector stores, its own logs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.signatures import Signatures, canonical
from openai_phi.words.observed import Confidence, Evidence, Kind, Receiver
from openai_phi.words.places import show
from openai_phi.words.resources import Resource, Setting, Unknown

_THIRD_PARTY = "third_party"
_CONTAINER = re.compile(
    r"(?:.*?\.)?(?:(?:init_?)?containers?|container_?definitions)\.\d+", re.IGNORECASE
)


@dataclass(frozen=True)
class _Fit:
    """A name, and the value that it must have."""

    name: re.Pattern[str]
    value: str

    def says(self, setting: Setting, names: Signatures) -> bool | None:
        """Whether a setting has this name and value; None where its value is not known."""
        if not self.name.fullmatch(canonical(setting.name)):
            return False
        if isinstance(setting.value, Unknown):
            return None
        truth = names.truth(setting.value)
        if self.value == "truthy":
            return truth is True
        if self.value == "falsy":
            return truth is False
        return bool(re.fullmatch(self.value, str(setting.value).strip(), re.IGNORECASE))


@dataclass(frozen=True)
class _Signature:
    """What shows that a receiver gets content, and where it is."""

    id: str
    title: str
    what: str
    kind: str
    on: tuple[_Fit, ...]
    off: tuple[_Fit, ...]
    key: re.Pattern[str] | None
    hides: tuple[tuple[_Fit, ...], ...]
    host_from: re.Pattern[str] | None
    default_host: str
    hosts: re.Pattern[str] | None
    others_unproven: bool
    needs_on: bool

    def may_be(self, name: str) -> bool:
        """Whether a setting of this name can show that content goes there."""
        named = (*(f.name for f in self.on), self.key, self.host_from)
        return any(p is not None and p.fullmatch(name) for p in named)


class Receivers:
    """Finds receivers among the settings of a workload."""

    def __init__(self, data: dict[str, Any], names: Signatures) -> None:
        self._names = names
        self._own = re.compile(data["own_hosts"], re.IGNORECASE)
        self._known = tuple(_signature(r) for r in data["receivers"])
        self._shown_by: dict[str, frozenset[str]] = {}

    def find(self, resource: Resource, settings: Iterable[Setting]) -> tuple[Receiver, ...]:
        """All that these settings of a workload send content to; one's own tracing is none."""
        read = [s for s in settings if s.role not in ("marker", "document")]
        shown = frozenset().union(*(self._names_of(s.name) for s in read))
        by_host = any(isinstance(s.value, str) and "://" in s.value for s in read)
        wanted = [
            known
            for known in self._known
            if known.id in shown or (by_host and known.hosts and not known.needs_on)
        ]
        programs = _by_program(read) if wanted else []
        found = [
            self._receiver(resource, seen, known, own) for known in wanted for seen, own in programs
        ]
        return _merged(r for r in found if r)

    def party_of(self, host: str) -> str:
        """The title of the third party whose own host this is; empty if it is none's."""
        found = (
            k.title for k in self._known if k.kind == _THIRD_PARTY and self._is_theirs(k, host)
        )
        return next(found, "")

    def _names_of(self, name: str) -> frozenset[str]:
        """The receivers that a setting of this name may show, by what switches them on, a key, a host."""
        word = canonical(name)
        if word not in self._shown_by:
            self._shown_by[word] = frozenset(k.id for k in self._known if k.may_be(word))
        return self._shown_by[word]

    def _receiver(
        self,
        resource: Resource,
        settings: Sequence[Setting],
        known: _Signature,
        own: frozenset[int],
    ) -> Receiver | None:
        """The receiver that these settings show, if one of a program's own does."""
        shown, sure = self._switched_on(settings, known)
        hosts = self._hosts(settings, known)
        if not shown and not known.needs_on:
            shown, sure = [s for s, host in hosts if host and self._is_theirs(known, host)], True
            shown = [] if self._any(known.off, settings) else shown
        if not any(id(s) in own for s in shown) or self._hidden(settings, known):
            return None
        if known.kind == "logs":
            return Receiver(
                known.id,
                known.title,
                known.what,
                "",
                known.kind,
                sure,
                self._facts(resource, known, shown, ""),
            )
        at = self._where(known, hosts)
        if at is None:
            return None
        host, certain = at
        named = [s for s, h in hosts if h == host and s not in shown]
        facts = self._facts(resource, known, [*shown, *named], host)
        return Receiver(
            known.id, known.title, known.what, host, known.kind, sure and certain, facts
        )

    def _switched_on(
        self, settings: Sequence[Setting], known: _Signature
    ) -> tuple[list[Setting], bool]:
        """The settings that switch it on, and whether that is certain."""
        sure = [s for s in settings if any(f.says(s, self._names) for f in known.on)]
        if sure:
            return sure, True
        maybe = [s for s in settings if any(f.says(s, self._names) is None for f in known.on)]
        if maybe:
            return maybe, False
        keys = [
            s
            for s in settings
            if known.key and known.key.fullmatch(canonical(s.name)) and _is_set(s, self._names)
        ]
        return ([] if self._any(known.off, settings) else keys), True

    def _any(self, fits: Sequence[_Fit], settings: Sequence[Setting]) -> bool:
        return any(f.says(s, self._names) for f in fits for s in settings)

    def _hidden(self, settings: Sequence[Setting], known: _Signature) -> bool:
        return any(all(self._any((fit,), settings) for fit in together) for together in known.hides)

    def _hosts(self, settings: Sequence[Setting], known: _Signature) -> list[tuple[Setting, str]]:
        """(setting, host) of what names its host; an empty host where it cannot be read."""
        out: list[tuple[Setting, str]] = []
        for setting in settings:
            named = known.host_from and known.host_from.fullmatch(canonical(setting.name))
            if isinstance(setting.value, Unknown):
                if named:
                    out.append((setting, ""))
                continue
            text = setting.value if isinstance(setting.value, str) else ""
            if not text or not (named or "://" in text):
                continue
            host = self._names.host(text)
            if named and (host or re.fullmatch(r"[a-z0-9-]+(:\d+)?", text)):
                out.append((setting, host.host if host else text.partition(":")[0]))
            elif named:
                out.append((setting, ""))
            elif host and self._is_theirs(known, host.host):
                out.append((setting, host.host))
        return out

    def _where(
        self, known: _Signature, hosts: Sequence[tuple[Setting, str]]
    ) -> tuple[str, bool] | None:
        """The host, and whether it is known to be the third party's; None if it is one's own."""
        found = [h for _, h in hosts]
        theirs = [h for h in found if h and self._is_theirs(known, h)]
        if theirs:
            return theirs[0], True
        if "" in found:
            return "", False
        others = [h for h in found if not self._own.fullmatch(h)]
        if others:
            return (others[0], False) if known.others_unproven else None
        if found:
            return None
        if known.default_host and self._own.fullmatch(known.default_host):
            return None
        return known.default_host, bool(known.default_host)

    def _is_theirs(self, known: _Signature, host: str) -> bool:
        return known.hosts is not None and known.hosts.fullmatch(host) is not None

    def _facts(
        self, resource: Resource, known: _Signature, shown: Iterable[Setting], host: str
    ) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(
                Kind.RECEIVER,
                known.id,
                resource.place_of(setting.file, setting.line, show(setting.path), setting.written),
                Confidence.STRUCTURAL,
                setting.name,
                group=setting.group,
                note=f"at {host}" if host else "",
            )
            for setting in shown
        )


def _merged(found: Iterable[Receiver]) -> tuple[Receiver, ...]:
    """Each receiver once, with all that shows it."""
    out: dict[tuple[str, str, bool], Receiver] = {}
    for each in found:
        key = (each.party, each.host, each.known)
        first = out.get(key, each)
        facts = tuple(dict.fromkeys((*first.evidence, *each.evidence)))
        out[key] = replace(first, evidence=facts)
    return tuple(out.values())


def _by_program(
    settings: Sequence[Setting],
) -> list[tuple[Sequence[Setting], frozenset[int]]]:
    """The settings that each container sees, with those that are its own; then all, with those of none."""
    programs = {id(s): _programs(s) for s in settings}
    names = sorted({p for each in programs.values() for p in each})
    if len(names) < 2:
        return [(settings, frozenset(programs))]
    out: list[tuple[Sequence[Setting], frozenset[int]]] = []
    for name in names:
        seen = [s for s in settings if not programs[id(s)] or name in programs[id(s)]]
        out.append((seen, frozenset(id(s) for s in seen if programs[id(s)])))
    out.append((settings, frozenset(i for i, own in programs.items() if not own)))
    return out


def _programs(setting: Setting) -> tuple[str, ...]:
    found = _CONTAINER.match(setting.group)
    return (found.group(),) if found else setting.mounted


def _is_set(setting: Setting, names: Signatures) -> bool:
    if isinstance(setting.value, Unknown) or setting.secret:
        return True
    return isinstance(setting.value, str) and names.key_state(setting.value) != "none"


def _signature(data: dict[str, Any]) -> _Signature:
    def pattern(key: str) -> re.Pattern[str] | None:
        return re.compile(data[key], re.IGNORECASE) if data.get(key) else None

    def fits(items: Iterable[dict[str, str]]) -> tuple[_Fit, ...]:
        return tuple(_Fit(re.compile(i["name"]), i["value"]) for i in items)

    return _Signature(
        data["id"],
        data["title"],
        data["what"],
        data.get("kind", _THIRD_PARTY),
        fits(data.get("when", ())),
        fits(data.get("unless", ())),
        pattern("key"),
        tuple(fits(together) for together in data.get("hides", ())),
        pattern("host_from"),
        data.get("default_host", ""),
        pattern("hosts"),
        data.get("others") == "unproven",
        bool(data.get("needs_on")),
    )


@lru_cache(maxsize=1)
def receivers(names: Signatures) -> Receivers:
    """The shipped receivers. Raises what `load_yaml` raises when the file is missing or wrong."""
    return Receivers(load_yaml(schema_root() / "signatures" / "receivers.yaml"), names)
