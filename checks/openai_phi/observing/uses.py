"""Evidence becomes uses: which provider, host, endpoints, project and features one program uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from openai_phi.facts.catalogue import ALL, Catalogue
from openai_phi.facts.signatures import Signatures
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
    unseen: Callable[[str], bool],
) -> tuple[Use, ...]:
    """The uses that this evidence of one workload shows; none if all of it only looks like a use.

    `unseen` says whether a host is one's own and nothing shows what answers there.
    """
    groups: dict[str, _Group] = {}
    for item in _filled_in(evidence):
        groups.setdefault(item.group, _Group()).evidence.append(item)
    shared = groups.get("", _Group())
    uses: list[Use] = []
    for key, group in sorted(groups.items()):
        alone = key != "" or len(groups) == 1
        whole = _Group(group.evidence + (shared.evidence if key else []))
        held = {e.provider for g in groups.values() for e in g.evidence if _is_held(e)}
        makes = (e for e in group.evidence if not (e.pointer and e.provider in held))
        if alone or any(_makes_use(e) for e in makes):
            uses.extend(_uses_of(whole if key else group, names, catalogue, unseen))
    return distinct(uses)


def _makes_use(item: Evidence) -> bool:
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
    unseen: Callable[[str], bool],
) -> list[Use]:
    group = _switched_on(group)
    uses = [
        _use(provider, host, how, group, catalogue) for provider, host, how in _hosts(group, names)
    ]
    found = {u.host for u in uses}
    for base in _unseen_bases(group, unseen):
        if base.value not in found:
            how = f"base URL at {base.place}"
            use = _use("gateway", base.value, how, group, catalogue)
            uses.append(replace(use, unseen=True))
    return uses


def _unseen_bases(group: _Group, unseen: Callable[[str], bool]) -> list[Evidence]:
    """Base URLs of one's own that a real key goes with, where nothing shows what answers there."""
    if not any(_is_real_key(e) for e in group.of(Kind.KEY)):
        return []
    bases = {e.value: e for e in group.of(Kind.HOST) if _is_base(e) and not e.provider}
    return [base for host, base in sorted(bases.items()) if host and unseen(host)]


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
        if (
            item.provider in names.default_hosts
            and item.value
            and item.confidence is Confidence.STRUCTURAL
        ):
            out[(item.provider, item.value)] = f"host at {item.place}"
    for provider in _named_providers(group):
        bases = [e for e in group.of(Kind.HOST) if _is_base(e)]
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
    return item.role is not HostRole.NAMED


def _keyed(group: _Group) -> set[str]:
    """Providers of which the group has a key."""
    return {e.provider for e in group.of(Kind.KEY) if e.value != "none"}


def _named_providers(group: _Group) -> list[str]:
    """Providers that names of the group speak of; a key that is no key does not count."""
    named = {e.provider for e in group.evidence if _makes_use(e) and e.kind is not Kind.HOST}
    typed = {e.provider for e in group.of(Kind.SETTING) if e.value.startswith("azure")}
    if "azure-openai" in typed:
        named = {"azure-openai"}
    no_keys = [e for e in group.of(Kind.KEY) if e.value == "none"]
    real = [e for e in group.of(Kind.KEY) if e.value != "none"]
    if no_keys and not real:
        named -= {e.provider for e in no_keys}
    if not no_keys or real:
        named |= {e.provider for e in group.of(Kind.HOST) if not e.value and e.provider}
    return sorted(named)


def _add_default(
    out: dict[tuple[str, str | None], str], provider: str, group: _Group, names: Signatures
) -> None:
    default = names.default_hosts.get(provider)
    if default:
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
        models=tuple(sorted({*one.models, *other.models})),
        features=tuple(sorted({*one.features, *other.features})),
    )
