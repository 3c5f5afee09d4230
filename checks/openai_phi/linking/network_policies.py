"""What network policies that select a workload prove of where it may send, and limit of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from openai_phi.facts.catalogue import Catalogue
from openai_phi.facts.signatures import Signatures
from openai_phi.linking.addresses import selected
from openai_phi.observing.egress import EgressRule, bounded, covers, egress_rules
from openai_phi.words.observed import Assurance, Evidence, Use, VoidProof
from openai_phi.words.resources import Resource


@dataclass(frozen=True, kw_only=True)
class NetworkPolicies:
    """The network policies of a scan, and the rules that name a provider's host."""

    policies: tuple[Resource, ...]
    rules: tuple[EgressRule, ...]

    def limiting(self, resource: Resource) -> tuple[Resource, ...]:
        """Those that limit what a workload may reach."""
        return tuple(p for p in self.policies if p.limits_out and selected(p, resource))

    def void(self, resource: Resource) -> tuple[VoidProof, ...]:
        """The rules that name paths of a provider for a workload and bound it to none of them."""
        out = []
        selecting = {id(p): p for p in self.policies if selected(p, resource)}
        for rule in self.rules:
            if id(rule.resource) not in selecting:
                continue
            around = _void_around(resource, selecting.values())
            for each in rule.allowed:
                why = each.void or (around if each.paths else "")
                if why:
                    place = each.evidence.place
                    out.append(VoidProof(host=each.host, place=place, why=why))
        return tuple(dict.fromkeys(out))

    def bound(
        self, resource: Resource, uses: tuple[Use, ...]
    ) -> tuple[tuple[Evidence, ...], tuple[Use, ...]]:
        """What they say of a workload's egress, and its uses with what that proves of host and paths."""
        policies = [p for p in self.policies if selected(p, resource)]
        ids = {id(p) for p in policies}
        rules = [r for r in self.rules if id(r.resource) in ids]
        evidence = tuple(e for r in rules for e in r.evidence)
        uses = tuple(_with_named(use, rules) for use in uses)
        if not rules or any(p.lets_out for p in policies) or _past_policies(resource):
            return evidence, uses
        if not all(map(_denies_the_rest, policies)):
            return evidence, uses
        return evidence, tuple(_bound(use, rules) for use in uses)


def network_policies(
    resources: Sequence[Resource], names: Signatures, catalogue: Catalogue
) -> NetworkPolicies:
    """The network policies among these resources."""
    return NetworkPolicies(
        policies=tuple(r for r in resources if r.selects is not None and r.type != "Service"),
        rules=egress_rules(resources, names, catalogue),
    )


def _void_around(resource: Resource, policies: Iterable[Resource]) -> str:
    """Why what policies name bounds no pod of a workload at all; empty where nothing speaks against it."""
    if _past_policies(resource):
        return "its pods are in the network of their machine (hostNetwork)"
    for policy in policies:
        if any("egressDeny" in s.path for s in policy.settings):
            return f"{policy.id} at {policy.place()} denies egress too, and what it denies is out of reach"
        if not _denies_the_rest(policy):
            return f"{policy.id} at {policy.place()} denies nothing by default"
    return ""


def _past_policies(resource: Resource) -> bool:
    """Whether pods are in the network of their machine, which no policy of pods reaches."""
    return any(
        s.path[-1] == "hostNetwork" and str(s.value).lower() == "true" for s in resource.settings
    )


def _denies_the_rest(policy: Resource) -> bool:
    """Whether what a policy does not allow is out of reach, and it takes nothing back of what it allows."""
    for setting in policy.settings:
        steps = [s for s in setting.path if isinstance(s, str)]
        off = str(setting.value).lower() != "true"
        if (steps[-2:] == ["enableDefaultDeny", "egress"] and off) or "egressDeny" in steps:
            return False
    return True


def _with_named(use: Use, rules: Sequence[EgressRule]) -> Use:
    """A use with the endpoints that rules name for its host without bounding it to them."""
    found = {
        p
        for r in rules
        for a in r.allowed
        if use.host and a.named and covers(a.host, use.host)
        for p in a.named
    }
    return replace(use, endpoints=tuple(sorted({*found, *use.endpoints}))) if found else use


def _bound(use: Use, rules: Sequence[EgressRule]) -> Use:
    if use.host is None:
        hosts = {a.host for r in rules for a in r.allowed if a.evidence.provider == use.provider}
        if len(hosts) != 1 or "*" in next(iter(hosts)):
            return use
        host = hosts.pop()
        return _bound(replace(use, host=host, how="the only host that egress allows"), rules)
    found = bounded(rules, use.host)
    if found is None:
        return use
    paths, evidence = found
    return replace(
        use,
        endpoints=tuple(sorted({*paths, *use.endpoints})),
        closed=Assurance.ENFORCED,
        evidence=(*use.evidence, *evidence),
    )
