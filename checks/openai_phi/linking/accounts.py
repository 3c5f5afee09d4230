"""Accounts of a provider that the code declares: their hosts, settings and models, and who calls them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.words.observed import (
    Account,
    Confidence,
    Deployment,
    Evidence,
    Fact,
    HostRole,
    Kind,
    Use,
)
from openai_phi.words.places import Place, show
from openai_phi.words.resources import Resource, Setting, Unknown, may_meet

_Pattern = re.Pattern[str]


class Accounts:
    """The accounts among the resources of a scan."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._by_id: dict[tuple[str, str], list[Account]] = defaultdict(list)
        self._by_host: dict[str, list[Account]] = defaultdict(list)
        known = _known_type()
        typed = [
            (r, type_of(r)) for r in resources if r.type in _wrappers() or known.fullmatch(r.type)
        ]
        deployments = [
            (r, found) for r, type_ in typed for found in [_deployment(r, type_)] if found
        ]
        self.all = tuple(
            account
            for r, type_ in typed
            for account in [_account(r, type_, _of(r, deployments))]
            if account
        )
        for account in self.all:
            at = account.resource
            for name in (at.id, *(d.resource.id for d in account.deployments)):
                self._by_id[(at.scope, name)].append(account)
            for host in account.hosts:
                self._by_host[host].append(account)

    def referred(self, resource: Resource) -> list[tuple[Account, Place]]:
        """The accounts that a resource refers to, themselves or by a deployment of theirs, and where."""
        found: dict[int, tuple[Account, Place]] = {}
        for ref in resource.refs_by_address if self.all else ():
            for account in self._by_id.get((resource.scope, ref.address), []):
                if may_meet(account.resource, resource) and account.resource is not resource:
                    place = Place(resource.file, ref.line or resource.line, ref.path)
                    found.setdefault(id(account), (account, place))
        return list(found.values())

    def evidence(self, resource: Resource, seen: Sequence[Evidence]) -> list[Evidence]:
        """That a resource uses the accounts that it refers to, where nothing else names their provider."""
        named = {e.provider for e in seen}
        return [
            Evidence(
                Kind.HOST,
                account.host,
                place,
                Confidence.STRUCTURAL,
                "refers to",
                account.provider,
                note="base URL",
                role=HostRole.BASE,
            )
            for account, place in self.referred(resource)
            if account.provider not in named
        ]

    def attach(self, resource: Resource, uses: Sequence[Use]) -> tuple[Use, ...]:
        """The uses of a resource, each with the account that it goes to, where that is known."""
        referred = [account for account, _ in self.referred(resource)]
        return tuple(self._with_account(use, referred) for use in uses)

    def _with_account(self, use: Use, referred: Sequence[Account]) -> Use:
        known = self._by_host.get(use.host or "", [])
        mine = [a for a in referred if a.provider == use.provider]
        if not known and (use.host is None or use.host in {a.host for a in mine}):
            named = {e.value.lower() for e in use.evidence if e.kind is Kind.SETTING}
            known = mine or [
                a for a in self.all if a.provider == use.provider and a.subdomain in named
            ]
        if len(known) != 1:
            return use
        account = known[0]
        fact = Evidence(
            Kind.ACCOUNT,
            account.resource.id,
            account.resource.place(),
            Confidence.STRUCTURAL,
            "account",
            account.provider,
        )
        how = use.how if use.host else f"the endpoint of {account.resource.id}"
        host = use.host or account.host
        return replace(use, account=account, host=host, how=how, evidence=(*use.evidence, fact))


def type_of(resource: Resource) -> str:
    """A resource's type, or the type that it only stands for."""
    for wrapper in _data()["wrappers"] if resource.type in _wrappers() else ():
        if wrapper["type"] == resource.type:
            named = next(
                (s.value for s in resource.settings if s.path == (wrapper["setting"],)), ""
            )
            return str(named).partition("@")[0]
    return resource.type


def _account(resource: Resource, type_: str, deployments: tuple[Deployment, ...]) -> Account | None:
    for spec in _data()["accounts"]:
        if not re.fullmatch(spec["type"], type_, re.IGNORECASE):
            continue
        kind = spec.get("kind")
        if kind and not re.fullmatch(
            kind["value"], _text(resource, kind["setting"]), re.IGNORECASE
        ):
            return None
        subdomain = _text(resource, spec["subdomain"]).lower()
        hosts = _data()["hosts"].get(spec["provider"], ()) if subdomain else ()
        return Account(
            resource=resource,
            provider=spec["provider"],
            subdomain=subdomain,
            hosts=tuple(h.format(subdomain=subdomain) for h in hosts),
            location=_text(resource, spec["location"]),
            public_network=_network(resource, spec),
            local_auth=_switch(resource, spec["local_auth"]),
            fix=spec["fix"],
            deployments=deployments,
        )
    return None


def _network(resource: Resource, spec: Mapping[str, Any]) -> Fact:
    """Whether any network may call it: a firewall that is closed by default limits an open switch."""
    open_to_all = _switch(resource, spec["public_network"])
    firewall = _setting(resource, spec["firewall"]["setting"])
    if open_to_all.value and firewall is not None:
        if isinstance(firewall.value, Unknown):
            return Fact(None, _place(resource, firewall))
        if str(firewall.value).lower() == spec["firewall"]["closed"]:
            return Fact(False, _place(resource, firewall))
    return open_to_all


def _switch(resource: Resource, spec: Mapping[str, str]) -> Fact:
    """Whether a setting is on. Absent it is, except on a plan, where absent is unknown."""
    setting = _setting(resource, spec["setting"])
    if setting is None:
        return Fact(None if resource.framework == "terraform_plan" else True, resource.place())
    word = "" if isinstance(setting.value, Unknown) else str(setting.value).strip().lower()
    return Fact(
        {spec["when_on"]: True, spec["when_off"]: False}.get(word), _place(resource, setting), True
    )


def _deployment(resource: Resource, type_: str) -> Deployment | None:
    for spec in _data()["deployments"]:
        if re.fullmatch(spec["type"], type_, re.IGNORECASE):
            return Deployment(
                resource=resource,
                name=(_text(resource, "name") or resource.name).rpartition("/")[2],
                model=_text(resource, spec["model"]),
                version=_text(resource, spec["version"]),
                sku=_text(resource, spec["sku"]),
            )
    return None


def _of(
    account: Resource, deployments: Sequence[tuple[Resource, Deployment]]
) -> tuple[Deployment, ...]:
    """The deployments of an account: those that refer to it, or carry its name before a slash."""
    return tuple(
        found
        for r, found in deployments
        if r.scope == account.scope
        and may_meet(r, account)
        and (
            any(ref.address == account.id for ref in r.refs_by_address)
            or r.name.rpartition("/")[0] == account.name
        )
    )


def _setting(resource: Resource, suffix: str) -> Setting | None:
    """The setting whose path ends like this, the one nearest to the top."""
    pattern = _ending(suffix)
    found = [s for s in resource.settings if pattern.fullmatch(_steps(s))]
    return min(found, key=lambda s: len(s.path), default=None)


def _text(resource: Resource, suffix: str) -> str:
    setting = _setting(resource, suffix)
    return "" if setting is None or isinstance(setting.value, Unknown) else str(setting.value)


def _steps(setting: Setting) -> str:
    return ".".join(s for s in setting.path if isinstance(s, str))


def _place(resource: Resource, setting: Setting) -> Place:
    file, line = setting.file or resource.file, setting.line or resource.line
    return Place(file, line, show(setting.path))


@lru_cache(maxsize=1)
def _wrappers() -> frozenset[str]:
    return frozenset(str(w["type"]) for w in _data()["wrappers"])


@lru_cache(maxsize=1)
def _known_type() -> _Pattern:
    """The types of accounts and deployments."""
    types = [str(s["type"]) for part in ("accounts", "deployments") for s in _data()[part]]
    return re.compile("|".join(types), re.IGNORECASE)


@lru_cache(maxsize=256)
def _ending(suffix: str) -> _Pattern:
    return re.compile(rf"(?:.*\.)?(?:{suffix})", re.IGNORECASE)


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = load_yaml(schema_root() / "signatures" / "accounts.yaml")
    return data
