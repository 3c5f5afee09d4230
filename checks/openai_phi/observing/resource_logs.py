"""Logs of resources on the way that keep content: what an account or a gateway of the cloud is told to log."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.facts.signatures import Signatures
from openai_phi.words.observed import Confidence, Evidence, Kind, Receiver
from openai_phi.words.places import show
from openai_phi.words.resources import Resource, Setting, Unknown, may_meet

_Pattern = re.Pattern[str]


@dataclass(frozen=True)
class _Log:
    """A type of resource that says what is logged: of which others, by which settings, and to whom."""

    id: str
    title: str
    what: str
    types: _Pattern
    of: tuple[_Pattern, ...]
    on: tuple[tuple[_Pattern, _Pattern], ...]
    elsewhere: _Pattern | None


class ResourceLogs:
    """The logs among the resources of a scan, by what they are of."""

    def __init__(self, resources: Sequence[Resource], names: Signatures) -> None:
        self._names = names
        known = resource_logs()
        self._by_id: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        found = [(r, log) for r in resources for log in known if log.types.fullmatch(r.type)]
        if found:
            for resource in resources:
                self._by_id[(resource.scope, resource.id)].append(resource)
        self._logs = [(r, log, self._subjects(r, log)) for r, log in found]

    def of(self, touched: Iterable[Resource]) -> tuple[Receiver, ...]:
        """Who keeps what passes these resources, or others that they refer to."""
        if not self._logs:
            return ()
        reached: dict[int, Resource] = {}
        for resource in touched:
            for each in (resource, *self._referred(resource)):
                reached.setdefault(id(each), each)
        return tuple(
            receiver
            for log, spec, subjects in self._logs
            if any(id(s) in reached for s in subjects)
            for receiver in self._kept(log, spec)
        )

    def _referred(self, resource: Resource) -> Iterator[Resource]:
        for ref in resource.refs_by_address:
            for target in self._by_id.get((resource.scope, ref.address), []):
                if may_meet(target, resource):
                    yield target

    def _subjects(self, resource: Resource, log: _Log) -> list[Resource]:
        """What it is a log of: of a part and its whole, the part."""
        referred = list(self._referred(resource))
        for types in log.of:
            found = [r for r in referred if types.fullmatch(r.type)]
            if found:
                return found
        return []

    def _kept(self, resource: Resource, log: _Log) -> Iterator[Receiver]:
        shown = [s for s in resource.settings if self._on(resource, s, log)]
        if not shown:
            return
        facts = tuple(_fact(resource, log, s) for s in shown)
        yield Receiver(log.id, log.title, log.what, "", "logs", True, facts)
        others = [s for s in resource.settings if log.elsewhere and _ends(log.elsewhere, s)]
        if others:
            title = "what the logs are sent to besides"
            facts = tuple(_fact(resource, log, s) for s in (*others, *shown))
            yield Receiver(log.id, title, log.what, "", "third_party", False, facts)

    def _on(self, resource: Resource, setting: Setting, log: _Log) -> bool:
        if isinstance(setting.value, Unknown):
            return False
        value = str(setting.value).strip()
        if not any(_ends(name, setting) and fits.fullmatch(value) for name, fits in log.on):
            return False
        beside = (*setting.path[:-1], "enabled")
        return not any(
            s.path == beside and self._names.truth(s.value) is False for s in resource.settings
        )


def _ends(pattern: _Pattern, setting: Setting) -> bool:
    return pattern.fullmatch(".".join(s for s in setting.path if isinstance(s, str))) is not None


def _fact(resource: Resource, log: _Log, setting: Setting) -> Evidence:
    place = resource.place_of(setting.file, setting.line, show(setting.path), setting.written)
    return Evidence(Kind.RECEIVER, log.id, place, Confidence.STRUCTURAL, setting.name)


@lru_cache(maxsize=1)
def resource_logs() -> tuple[_Log, ...]:
    """The shipped types of logs. Raises what `load_yaml` raises when the file is missing or wrong."""
    data: dict[str, Any] = load_yaml(schema_root() / "signatures" / "receivers.yaml")
    return tuple(
        _Log(
            spec["id"],
            spec["title"],
            spec["what"],
            _pattern(spec["type"]),
            tuple(_pattern(t) for t in spec["of"]),
            tuple(
                (_pattern(f"(.+\\.)?({i['setting']})"), _pattern(i["value"])) for i in spec["when"]
            ),
            _pattern(f"(.+\\.)?({spec['elsewhere']})") if spec.get("elsewhere") else None,
        )
        for spec in data["resource_logs"]
    )


def judges(type_: str) -> bool:
    """Whether a resource of this type may say what is logged."""
    return any(log.types.fullmatch(type_) for log in resource_logs())


def _pattern(text: str) -> _Pattern:
    return re.compile(text, re.IGNORECASE)
