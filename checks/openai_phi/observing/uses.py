"""Evidence becomes uses: which provider, host, endpoints, project and features one program uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from openai_phi.facts.catalogue import ALL, Catalogue
from openai_phi.facts.signatures import Signatures, canonical
from openai_phi.words.observed import Assurance, Confidence, Evidence, HostRole, Kind, Use
from openai_phi.words.resources import SecretRef

_MAKES_USE = (
    Kind.KEY,
    Kind.HOST,
    Kind.SETTING,
    Kind.PROJECT,
    Kind.ORGANIZATION,
    Kind.MODEL,
    Kind.DEPLOYMENT,
    Kind.API_VERSION,
)


_CARRYING = (HostRole.CARRIER, HostRole.MODEL)
"""What a provider's requests could go to, and what is no address of its client by that."""


_WHOSE = (Kind.PROJECT, Kind.ORGANIZATION)
"""What only says of the uses of a resource's programs whose they are, where it stands beside them."""


class Seen(Enum):
    """What is seen of a host that a program calls."""

    ANSWERED = "answered"
    """What answers there is seen, or known by its name."""
    OTHER_VENDOR = "another vendor"
    SILENT = "silent"
    """What runs there is seen, and nothing shows what it passes on."""
    NAMED = "named"
    """It lies inside and is named like a model server of one's own, and what runs there is not seen."""
    NOTHING = "nothing"
    """It lies inside, and what runs there is not seen."""
    OUTSIDE = "outside"
    """It has a name of the Internet, and nobody knows whose it is."""


@dataclass
class _Group:
    """The evidence of one program (a container, a block)."""

    evidence: list[Evidence] = field(default_factory=list)

    def of(self, kind: Kind, provider: str = "") -> list[Evidence]:
        return [e for e in self.evidence if e.kind is kind and provider in ("", e.provider)]


def build_uses(
    evidence: Sequence[Evidence],
    names: Signatures,
    catalogue: Catalogue,
    seen: Callable[[str, str], Seen],
) -> tuple[Use, ...]:
    """The uses that this evidence of one workload shows; none if all of it only looks like a use.

    `seen` says what is seen of a host from the group of its evidence.
    """
    groups: dict[str, _Group] = {}
    for item in _filled_in(evidence):
        groups.setdefault(item.group, _Group()).evidence.append(item)
    shared = groups.get("", _Group())
    programs = [g for key, g in groups.items() if key]
    apart = {e.provider for g in programs for e in g.evidence if _makes_use(e)}
    uses: list[Use] = []
    for key, group in sorted(groups.items()):
        alone = key != "" or len(groups) == 1
        whole = _Group(group.evidence + (shared.evidence if key else []))
        held = {e.provider for g in groups.values() for e in g.evidence if _is_held(e)}
        makes = (
            e
            for e in group.evidence
            if not (e.pointer and e.provider in held)
            and not (e.kind in _WHOSE and e.provider in apart)
        )
        if alone or any(_makes_use(e) for e in makes):
            own = whole if key else group
            uses.extend(_uses_of(own, names, catalogue, _from_group(seen, key)))
    return distinct(uses)


def _from_group(seen: Callable[[str, str], Seen], group: str) -> Callable[[str], Seen]:
    return lambda host: seen(host, group)


def _makes_use(item: Evidence) -> bool:
    if item.role in _CARRYING:
        return True
    if item.kind not in _MAKES_USE or not item.provider or item.confidence is Confidence.SUSPECTED:
        return False
    return not (item.kind is Kind.KEY and item.value == "none")


def _is_held(item: Evidence) -> bool:
    """Whether it is a key itself, whose name elsewhere is no other one."""
    return item.kind is Kind.KEY and item.value != "none" and not item.pointer


def _uses_of(
    group: _Group,
    names: Signatures,
    catalogue: Catalogue,
    seen: Callable[[str], Seen],
) -> list[Use]:
    group = _switched_on(group)
    uses = [
        _use(provider, host, how, group, catalogue) for provider, host, how in _hosts(group, names)
    ]
    found = {u.host for u in uses}
    bound = any(e.secrets for e in group.of(Kind.KEY))
    keyed = any(_is_real_key(e) for e in group.of(Kind.KEY))
    for host, named in _of_no_provider(group):
        base = next((e for e in named if _is_base(e)), named[0])
        what = seen(host) if host not in found else Seen.ANSWERED
        how = f"base URL at {base.place}" if _is_base(base) else f"named at {base.place}"
        if what is Seen.OTHER_VENDOR and keyed and bound and _is_base(base):
            use = _use("gateway", host, how, group, catalogue)
            uses.append(replace(use, unseen=True, foreign=True))
        elif any(_is_asked(what, e, group, names, keyed=keyed) for e in named):
            use = _use("gateway", host, how, group, catalogue)
            uses.append(replace(use, unseen=True))
    return [*uses, *_unread(uses, group, names, catalogue)]


def _of_no_provider(group: _Group) -> list[tuple[str, list[Evidence]]]:
    """Hosts of no known provider that its requests could go to, each with what names it so."""
    hosts: dict[str, list[Evidence]] = {}
    for item in group.of(Kind.HOST):
        if item.value and not item.provider and (_is_base(item) or item.role in _CARRYING):
            hosts.setdefault(item.value, []).append(item)
    return sorted(hosts.items())


def _unread(
    uses: Sequence[Use], group: _Group, names: Signatures, catalogue: Catalogue
) -> list[Use]:
    """A use of what cannot be read, where a name says that it is a model's or a provider's address."""
    if any(u.host is None for u in uses):
        return []
    asked = [e for e in group.of(Kind.HOST) if not e.value and _is_unread(e, names)]
    for item in asked[:1]:
        how = f"{item.name} at {item.place} {item.note}"
        return [replace(_use("gateway", None, how, group, catalogue), unseen=True)]
    return []


def _is_unread(item: Evidence, names: Signatures) -> bool:
    if item.role is HostRole.CARRIER:
        return True
    may = item.role in (HostRole.UNREAD_BASE, HostRole.MODEL)
    return may and names.addresses_a_model(item.name)


def _is_asked(seen: Seen, base: Evidence, group: _Group, names: Signatures, *, keyed: bool) -> bool:
    """Whether the provider's requests could go to a base address of which too little is seen.

    With a real key they could wherever it is not seen what answers: a name alone shows nothing. Without one
    they could where the name speaks of a model: outside, and inside unless the key is plainly none.
    """
    if keyed:
        return seen in (Seen.OUTSIDE, Seen.NOTHING, Seen.SILENT, Seen.NAMED)
    if base.role is HostRole.MODEL and not names.addresses_a_model(base.name):
        return seen is Seen.OUTSIDE
    if base.role is not HostRole.CARRIER and not names.addresses_a_model(base.name):
        return False
    none = any(not e.supplied and e.value != "literal" for e in group.of(Kind.KEY))
    return seen is Seen.OUTSIDE or (seen is Seen.NOTHING and not none)


def _is_real_key(item: Evidence) -> bool:
    """Whether a key of a provider comes from somewhere, or stands there; an example of one does not."""
    if item.value == "literal":
        return True
    return item.value == "reference" and item.supplied and item.provider != ""


def _switched_on(group: _Group) -> _Group:
    """What is left of a program where switches are off: a variable's is for all that is named for its
    provider, another's for its own section."""
    on = {e.name for e in group.of(Kind.SETTING)}
    for switch in group.of(Kind.SWITCHED_OFF):
        if switch.name in on:
            continue  # it is said twice, and both may hold
        section = switch.place.path.rpartition(".")[0]
        if switch.name.isupper() or not section:
            group = _Group([e for e in group.evidence if not _governs(switch, e)])
            continue
        group = _Group(
            [
                e
                for e in group.evidence
                if e.place.file != switch.place.file or not e.place.path.startswith(f"{section}.")
            ]
        )
    return group


def _governs(switch: Evidence, item: Evidence) -> bool:
    """Whether what a variable switches off is this: not another provider's, nor a URL named for none."""
    named = item.role is HostRole.BASE or item.kind not in (Kind.HOST, Kind.ENDPOINT)
    return item.provider in ("", switch.provider) and named


def _hosts(group: _Group, names: Signatures) -> list[tuple[str, str | None, str]]:
    """(provider, host or None if unknown, how it is known) of each use in the group."""
    out: dict[tuple[str, str | None], str] = {}
    for item in group.of(Kind.HOST):
        declared = item.provider == "gateway" and names.is_declared_gateway(item.value)
        if (
            (item.provider in names.default_hosts or declared)
            and item.value
            and item.confidence is Confidence.STRUCTURAL
        ):
            out[(item.provider, item.value)] = f"host at {item.place}"
    for provider in _named_providers(group, names):
        bases = [
            e for e in group.of(Kind.HOST) if _is_base(e) and _serves(e, provider, group, names)
        ]
        others = {b.provider for b in bases} - {"", provider}
        if others and provider in _keyed(group):
            if not others <= _keyed(group):
                continue  # the only key beside another provider's address is for that
            bases = [b for b in bases if b.provider not in others]
        known_elsewhere = any(p == provider for p, _ in out)
        if not bases and not known_elsewhere:
            _add_default(out, provider, group, names)
        for base in bases:
            if not base.value:
                out.setdefault((provider, None), f"base URL at {base.place} {base.note}")
            elif base.provider in ("", "gateway") and (
                base.provider or names.is_gateway_name(base.value)
            ):
                out.setdefault(("gateway", base.value), f"base URL at {base.place}")
    return [
        (p, h, how) for (p, h), how in sorted(out.items(), key=lambda i: (i[0][0], i[0][1] or ""))
    ]


def _filled_in(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Evidence with the base URLs that a variable gives, where the workload itself sets that variable."""
    given: dict[str, dict[tuple[str, str], Evidence]] = {}
    for item in evidence:
        if item.kind is Kind.HOST and item.value and _is_base(item):
            given.setdefault(item.name, {})[(item.provider, item.value)] = item
    out = []
    for item in evidence:
        values = list(given.get(item.filled_by, {}).values()) if item.filled_by else []
        if len(values) == 1:
            item = replace(values[0], name=item.name, place=item.place, group=item.group)
        out.append(item)
    return out


def _is_base(item: Evidence) -> bool:
    return item.role is not HostRole.NAMED and item.role not in _CARRYING


def _serves(base: Evidence, provider: str, group: _Group, names: Signatures) -> bool:
    """Whether a base address is that of a provider's client, and not of another component's.

    One that is named for no provider is another's where a key of the same name goes with it, or where it
    is named for a part (embeddings, speech) and a key of the provider is not.
    """
    if base.provider:
        return True
    own = _ADDRESS.fullmatch(canonical(base.name))
    keys = [e for e in group.of(Kind.KEY) if e.value != "none"]
    if own and any(_goes_with(k, own["of"]) for k in keys if not k.provider):
        return False
    part = names.part_of_program(own["of"]) if own else ""
    held = [canonical(k.name) for k in keys if k.provider == provider]
    return not part or not held or any(part in name for name in held)


_ADDRESS = re.compile(
    r"(?P<of>.+?)_(?:api_|binding_)?(?:base_url|url_base|api_base|upstream_url|base|host|url|endpoint)"
    r"(?:_url)?"
)


def _goes_with(key: Evidence, prefix: str) -> bool:
    """Whether a key has the name of a base address but for its last words."""
    return canonical(key.name) in (f"{prefix}_api_key", f"{prefix}_key", f"{prefix}_api_token")


def _keyed(group: _Group) -> set[str]:
    """Providers of which the group has a key."""
    return {e.provider for e in group.of(Kind.KEY) if e.value != "none"}


def _named_providers(group: _Group, names: Signatures) -> list[str]:
    """Providers that names of the group speak of; a key that is no key does not count."""
    named = {e.provider for e in group.evidence if _makes_use(e) and e.kind is not Kind.HOST}
    typed = {e.provider for e in group.of(Kind.SETTING) if e.value.startswith("azure")}
    if "azure-openai" in typed:
        named = {"azure-openai"}
    named = named or _asked_by_models(group, names)
    no_keys = [e for e in group.of(Kind.KEY) if e.value == "none"]
    real = [e for e in group.of(Kind.KEY) if e.value != "none"]
    if no_keys and not real:
        named -= {e.provider for e in no_keys}
    if not no_keys or real:
        named |= {e.provider for e in group.of(Kind.HOST) if not e.value and e.provider}
    return sorted(named)


def _asked_by_models(group: _Group, names: Signatures) -> set[str]:
    """The providers that alone serve a program's models, where its key is named for a model alone."""
    if not any(not e.provider and e.value != "none" for e in group.of(Kind.KEY)):
        return set()
    sure = (e for e in group.of(Kind.MODEL) if e.confidence is Confidence.DECLARED)
    return {p for p in (names.provider_of_model(e.value) for e in sure) if p}


def _platform(provider: str, group: _Group, names: Signatures) -> str:
    """The host of a platform whose key a program has, and none of the provider whose model it asks for."""
    keys = [e for e in group.of(Kind.KEY) if e.value != "none"]
    if any(e.provider == provider for e in keys):
        return ""
    return next((host for host in (names.platform_of_key(e.name) for e in keys) if host), "")


def _add_default(
    out: dict[tuple[str, str | None], str], provider: str, group: _Group, names: Signatures
) -> None:
    default = names.default_hosts.get(provider)
    platform = _platform(provider, group, names)
    if platform:
        out[("third-party", platform)] = "the key is that of a platform for models of others"
    elif default:
        out[(provider, default)] = "the SDK's default, as no base URL is set"
    elif provider in names.default_hosts:
        out[(provider, None)] = "no host is named"


def _use(
    provider: str,
    host: str | None,
    how: str,
    group: _Group,
    catalogue: Catalogue,
) -> Use:
    closed_by_list = [e.value for e in group.of(Kind.ALLOWLIST)]
    observed = [e.value for e in group.of(Kind.ENDPOINT) if e.host in (host, "")]
    models = sorted({e.value for e in group.of(Kind.MODEL)})
    observed += [p for p in map(catalogue.endpoint_of_model, models) if p]
    exact = bool([e for e in group.of(Kind.ENDPOINT) if e.host == host])
    return Use(
        provider=provider,
        host=host,
        how=how,
        evidence=tuple(group.evidence),
        endpoints=tuple(sorted({e for e in observed + closed_by_list if e})),
        closed=_closed(closed_by_list, exact),
        models=tuple(models),
        features=tuple(sorted(_features(group, catalogue, provider))),
        features_closed=Assurance.CLAIMED if group.of(Kind.FEATURE_LIST) else Assurance.NONE,
        project=_single(group, Kind.PROJECT),
        organization=_single(group, Kind.ORGANIZATION),
        secrets=_secrets(group, provider),
        keys=tuple(held_keys(provider, group.evidence)),
        zdr_claim=_claim(group, Kind.ZDR_CLAIM),
        baa_claim=_claim(group, Kind.BAA_CLAIM),
        deployments=tuple(sorted({e.value for e in group.of(Kind.DEPLOYMENT)})),
    )


def _secrets(group: _Group, provider: str) -> tuple[SecretRef, ...]:
    """The secrets that the keys come from, each once."""
    keys = keys_for(provider, group.evidence)
    return tuple(sorted({s for e in keys for s in e.secrets}, key=str))


def keys_for(provider: str, evidence: Iterable[Evidence]) -> list[Evidence]:
    """The keys that go to a provider: those that are named for it, else all of the program."""
    keys = [e for e in evidence if e.kind is Kind.KEY and e.value != "none"]
    return [e for e in keys if e.provider == provider] or keys


def held_keys(provider: str, evidence: Iterable[Evidence]) -> list[Evidence]:
    """The keys that go to a provider, without those that only name one; where all do, those that are followed."""
    keys = keys_for(provider, evidence)
    return [k for k in keys if not k.pointer] or [k for k in keys if k.secrets or k.made_for]


def _closed(allowlist: list[str], exact: bool) -> Assurance:
    if allowlist and "" not in allowlist and ALL not in allowlist:
        return Assurance.CLAIMED
    return Assurance.CLAIMED if exact else Assurance.NONE


def _features(group: _Group, catalogue: Catalogue, provider: str) -> Iterable[str]:
    edition = catalogue.newest(provider)
    for item in group.of(Kind.FEATURE) + group.of(Kind.FEATURE_LIST):
        known = edition.feature(item.value) if edition else None
        if known:
            yield known.id
        elif item.value not in ("", "none"):
            yield item.value


def _single(group: _Group, kind: Kind) -> str | None:
    values = {e.value for e in group.of(kind) if e.value}
    return values.pop() if len(values) == 1 else None


def _claim(group: _Group, kind: Kind) -> bool | None:
    """True only if every claim says so; False as soon as one denies it."""
    values = {e.value for e in group.of(kind)}
    if "false" in values:
        return False
    return True if values == {"true"} else None


def distinct(uses: Iterable[Use]) -> tuple[Use, ...]:
    """Uses that are judged alike, each once, with all that shows them."""
    seen: dict[tuple[object, ...], Use] = {}
    for use in uses:
        key = (
            *(use.provider, use.host, use.endpoints, use.closed, use.features_closed),
            *(use.project, use.organization, use.secrets, use.zdr_claim, use.baa_claim),
            bool(use.via),
        )
        first = seen.get(key)
        seen[key] = _merged(first, use) if first else use
    return tuple(seen.values())


def _merged(one: Use, other: Use) -> Use:
    return replace(
        one,
        evidence=tuple(dict.fromkeys((*one.evidence, *other.evidence))),
        keys=_all_keys(one, other),
        models=tuple(sorted({*one.models, *other.models})),
        features=tuple(sorted({*one.features, *other.features})),
    )


def _all_keys(one: Use, other: Use) -> tuple[Evidence, ...] | None:
    if one.keys is None or other.keys is None:
        return None
    return tuple(dict.fromkeys((*one.keys, *other.keys)))
