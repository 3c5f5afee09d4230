"""Finds the facts of a use in one step: what declarations, catalogue and proofs say of it on a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from openai_phi.declared.agreements import Standing
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.declared_destinations import MODEL_SERVER
from openai_phi.declared.policy_file import Gateway, Project
from openai_phi.declared.retention_controls import RetentionControl
from openai_phi.facts.catalogue import Catalogue, Edition
from openai_phi.facts.controls import controls
from openai_phi.facts.signatures import Signatures
from openai_phi.reading.terraform.proofs import Proofs, RetentionProof
from openai_phi.verdicts.key_bindings import Bound, KeyBindings, claims_of, names_of, owners
from openai_phi.verdicts.use_facts import (
    Agreed,
    DestinationFacts,
    Facts,
    GatewayFacts,
    HostFacts,
    ProviderKind,
    ProxyFacts,
    ReceiverFacts,
    Tool,
)
from openai_phi.words.observed import Assurance, Evidence, Kind, Receiver, Use, Workload
from openai_phi.words.places import Place
from openai_phi.words.workload_declarations import WorkloadDeclaration

_ORGANIZATION = re.compile(r"org-[\w-]+")
_NOWHERE = "none"
"""What the policy says that a gateway forwards to which is itself a model of one's own."""
_OWN = ("self", "")
"""What the policy says of the operator of a gateway of one's own."""
_KINDS = {k.value: k for k in ProviderKind}


class FactFinder:
    """Finds facts in one set of declarations, one catalogue, the proofs of one scan, on one day."""

    def __init__(
        self,
        declarations: Declarations,
        catalogue: Catalogue,
        today: date,
        proofs: Proofs,
        names: Signatures,
    ) -> None:
        self._declared = declarations
        self._catalogue = catalogue
        self._today = today
        self._proofs = proofs
        self._names = names

    def facts(self, workload: Workload, use: Use) -> Facts:
        """All that is known of one use of a workload."""
        file = workload.resource.file
        team = workload.declaration
        gateways = self._gateways(use)
        forwards_to = gateways[0].forwards_to if gateways else ""
        kind = self._kind(use)
        provider = forwards_to or use.provider
        editions = self._editions(provider)
        by_terms = bool(editions) and editions[-1].by_product_terms
        bound = self._bound(workload, use, by_terms=by_terms)
        claims = self._claims(workload, use) if not by_terms else {}
        projects = dict(owners(bound.bindings)) if not by_terms else {}
        for claimed, where in claims.items():
            projects.setdefault(claimed, where)
        ident = next(iter(projects), None)
        project = self._declared.project(ident) if ident else None
        ids = {i for i in (ident, project.terraform if project else None) if i}
        host = use.host or ""
        organization = self._organization(use, team, project, bound, provider, by_terms=by_terms)
        endpoints, closed = _bounded(
            use.endpoints,
            use.closed,
            team.endpoints if team else None,
            project.endpoints if project else None,
        )
        features, features_closed = _bounded(
            use.features,
            use.features_closed,
            team.features if team else None,
            project.features if project else None,
        )
        return Facts(
            use=use,
            provider=provider,
            provider_known=bool(forwards_to) or (use.host is not None and kind is ProviderKind.API),
            project=ident,
            organization=organization,
            conflict=projects if len(projects) > 1 else {},
            bindings=bound.bindings,
            unbound=bound.unbound,
            claims=tuple(claims.items()),
            projects=tuple(self._declared.policy.projects) if self._declared.policy else (),
            names=names_of(workload),
            endpoints=endpoints,
            endpoints_closed=closed,
            endpoints_declared=_declared_endpoints(team, project),
            features=features,
            features_closed=features_closed,
            models=team.models if team else None,
            editions=editions,
            rule=self._rule(organization, file),
            has_policy=self._declared.policy is not None,
            baa=self._baa(organization, provider, host),
            limited_data_set=team is not None and team.data == "limited_data_set",
            data_use_agreed=self._declared.agreed("dua", provider, organization, self._today),
            asks_for_organization=self._declared.asks_for_organization(provider, host),
            retention=self._retention(ident),
            zero_retention=bool(ident and self._declared.zero_retention(ident, self._today)),
            retention_set=self._retention_set(ids),
            modified_retention_at=self._modified_retention(ident),
            monitoring_modified=self._monitoring_modified(editions, organization),
            deleted_after=_deleted_after(team, project),
            organizations_set=self._proofs.organizations,
            zero_organization=self._declared.zero_organization(organization, self._today),
            ended=self._ended(endpoints, editions),
            laws_not_judged=self._not_judged(team),
            tools=self._tools(ids),
            host=self._host(use, kind),
            gateways=gateways,
            destination=self._destination(use),
            proxies=self._proxies(use),
            receivers=tuple(self._receiver(r) for r in use.receivers if self._gets(r, use)),
            gaps=workload.resource.gaps,
            minimum=self._declared.limits_for(file).minimum_assurance,
            mistakes=self._declared.broken_for(file),
        )

    # -- the project and what it may use -------------------------------------------------------

    def _bound(self, workload: Workload, use: Use, *, by_terms: bool) -> Bound:
        """Whose the keys of a use are, or the subscription where agreements are for these."""
        found = KeyBindings(declared=self._declared)
        if by_terms:
            return found.of_account(workload, use)
        return found.of(workload, use, next(iter(self._declared_gateways(use)), None))

    def _claims(self, workload: Workload, use: Use) -> dict[str, str]:
        """Project -> where the team, or the workload, says that the keys are of it."""
        out: dict[str, str] = {}
        for ident, where in claims_of(workload, use):
            known = self._declared.project(ident)
            out.setdefault(known.id if known else ident, where)
        return out

    def _organization(
        self,
        use: Use,
        team: WorkloadDeclaration | None,
        project: Project | None,
        bound: Bound,
        provider: str,
        *,
        by_terms: bool,
    ) -> str | None:
        """The organization or subscription of a use: that of its keys; another that it names may only be worse."""
        own = use.organization or ""
        sent = own if _ORGANIZATION.fullmatch(own) else None
        team_says = team.organization if team else None
        said = sent or team_says
        owner = bound.bindings[0].owner if bound.bindings else None
        known = project.organization if project else owner if by_terms else None
        if not known or self._declared.policy is None:
            return said or known or use.organization
        held = self._declared.baa(known, provider, self._today, use.host or "").holds
        return said if said and held else known

    def _tools(self, ids: set[str]) -> dict[str, Tool]:
        out: dict[str, Tool] = {}
        for proof in self._proofs.tools:
            if proof.project in ids:
                allowed = proof.allowed.items()
                out.update({f: Tool(allowed=on, place=proof.place) for f, on in allowed})
        return out

    # -- what it is judged by --------------------------------------------------------------------

    def _editions(self, provider: str) -> tuple[Edition, ...]:
        """The policy's edition and the newest of the day: an older one never covers more."""
        newest = self._catalogue.newest(provider, self._today)
        if newest is None:
            return ()
        policy = self._declared.policy
        chosen = (
            self._catalogue.edition(provider, policy.edition) if policy and policy.edition else None
        )
        return (chosen, newest) if chosen and chosen.id != newest.id else (newest,)

    def _rule(self, organization: str | None, file: str) -> str:
        """The coverage rule in force: the agreement's terms, which the policy may only tighten."""
        terms = self._declared.coverage_terms(organization)
        rule = self._catalogue.coverage_rule_of_terms(terms)
        asked = self._declared.limits_for(file).coverage
        return rule if asked in (None, rule) else "strict"

    def _ended(
        self, endpoints: Sequence[str], editions: Sequence[Edition]
    ) -> dict[str, tuple[str, str]]:
        """The endpoints that the newest edition knows to be shut down by the day."""
        out: dict[str, tuple[str, str]] = {}
        for endpoint in endpoints if editions else ():
            ended = editions[-1].retired_on(endpoint)
            if ended and ended[0] <= self._today.isoformat():
                out[endpoint] = ended
        return out

    def _not_judged(self, team: WorkloadDeclaration | None) -> tuple[str, ...]:
        """Laws that the class of data, and the policy, bring in beside what is judged."""
        policy = self._declared.policy
        own = controls().not_judged.get(team.data or "") if team else None
        named = policy.laws_not_judged if policy else ()
        return tuple(dict.fromkeys((*([own] if own else ()), *named)))

    # -- agreements and controls -----------------------------------------------------------------

    def _baa(self, organization: str | None, provider: str, host: str) -> Agreed:
        return _agreed(self._declared.baa(organization, provider, self._today, host))

    def _party(self, host: str, name: str) -> Agreed:
        return _agreed(self._declared.party(host, (name,), self._today))

    def _retention(self, project: str | None) -> RetentionControl | None:
        return self._declared.retention(project, self._today) if project else None

    def _retention_set(self, ids: set[str]) -> RetentionProof | None:
        return next((p for p in self._proofs.retention if p.project in ids), None)

    def _modified_retention(self, project: str | None) -> Place | None:
        found = self._declared.modified_retention(project, self._today) if project else None
        return found.place if found else None

    def _monitoring_modified(self, editions: Sequence[Edition], organization: str | None) -> bool:
        newest = editions[-1] if editions else None
        if newest is None or newest.monitoring is None:
            return False
        control = newest.monitoring.control
        return self._declared.agreed(control, newest.provider, organization, self._today)

    # -- parties on the way ------------------------------------------------------------------------

    def _kind(self, use: Use) -> ProviderKind:
        return _KINDS.get(self._names.kind_of(use.provider), ProviderKind.OWN)

    def _host(self, use: Use, kind: ProviderKind) -> HostFacts:
        host = use.host or ""
        operator = self._names.operator_of(host) if kind is ProviderKind.THIRD_PARTY else ""
        party = operator if kind is ProviderKind.THIRD_PARTY else use.provider
        return HostFacts(
            kind=kind,
            title=self._names.titles.get(use.provider, ""),
            operator=operator,
            agreed=self._party(host, party),
        )

    def _declared_gateways(self, use: Use) -> list[Gateway]:
        hosts = [*use.through, *([use.host] if use.host else [])]
        return [g for g in map(self._declared.gateway, dict.fromkeys(hosts)) if g]

    def _gateways(self, use: Use) -> tuple[GatewayFacts, ...]:
        return tuple(map(self._gateway, self._declared_gateways(use)))

    def _gateway(self, gateway: Gateway) -> GatewayFacts:
        known = self._known_operator(gateway.host)
        own = gateway.operated_by in _OWN
        operator = known if own else gateway.operated_by
        nowhere = gateway.forwards_to == _NOWHERE
        named = gateway.agreement
        agreed = (
            _agreed(self._declared.agreement_called(named, self._today))
            if named
            else self._party(gateway.host, operator)
        )
        return GatewayFacts(
            host=gateway.host,
            place=gateway.place,
            operator="" if operator in _OWN else operator,
            third_party=bool(known),
            terminates_tls=gateway.terminates_tls,
            forwards_to="" if nowhere else gateway.forwards_to,
            answers_itself=nowhere,
            agreed=agreed,
            own_account=gateway.own_account,
            subcontractors_bound=gateway.subcontractors_bound,
        )

    def _destination(self, use: Use) -> DestinationFacts | None:
        """What the policy says of the host that a use calls, as a destination."""
        found = self._declared.destination(use.host) if use.host else None
        if found is None:
            return None
        agreement = self._declared.agreement(found.agreement) if found.agreement else None
        return DestinationFacts(
            host=use.host or "",
            place=found.place,
            answers_itself=found.kind == MODEL_SERVER,
            agreed=_agreed(agreement.standing_at(use.host or "", self._today))
            if agreement
            else None,
        )

    def _known_operator(self, host: str) -> str:
        """The third party that is known to operate a host; empty if it is none's."""
        found = self._names.host(host)
        third_party = found is not None and self._names.kind_of(found.provider) == "third_party"
        return self._names.operator_of(host) if third_party else ""

    def _proxies(self, use: Use) -> tuple[ProxyFacts, ...]:
        return tuple(self._proxy(e) for e in use.evidence if e.kind is Kind.PROXY)

    def _proxy(self, seen: Evidence) -> ProxyFacts:
        gateway = self._declared.gateway(seen.value) if seen.value else None
        return ProxyFacts(seen=seen, gateway=self._gateway(gateway) if gateway else None)

    def _gets(self, receiver: Receiver, use: Use) -> bool:
        """Whether a receiver is a party of its own: no log of one's own, nor the gateway itself."""
        gateway = bool(use.host) and self._names.operator_of(use.host or "") == receiver.party
        return receiver.kind != "logs" and not gateway

    def _receiver(self, receiver: Receiver) -> ReceiverFacts:
        gateway = self._declared.gateway(receiver.host) if not receiver.known else None
        own = gateway is not None and gateway.operated_by in _OWN
        return ReceiverFacts(
            receiver=receiver,
            agreed=self._party(receiver.host, receiver.party),
            own_at=gateway.place if gateway and own else None,
        )


def _agreed(standing: Standing) -> Agreed:
    place = standing.agreement.place if standing.agreement else None
    return Agreed(state=standing.state, reason=standing.reason, place=place)


def _declared_endpoints(
    team: WorkloadDeclaration | None, project: Project | None
) -> tuple[str, ...] | None:
    if team and team.endpoints is not None:
        return team.endpoints
    return project.endpoints if project else None


def _deleted_after(team: WorkloadDeclaration | None, project: Project | None) -> int | None:
    """Days after which what is stored is deleted, as declared; of two the longer counts."""
    said = (team.retention_days if team else None, project.retention_days if project else None)
    return max((d for d in said if d is not None), default=None)


def _bounded(
    seen: tuple[str, ...],
    said: Assurance,
    declared: tuple[str, ...] | None,
    project: tuple[str, ...] | None,
) -> tuple[tuple[str, ...], Assurance]:
    """What is seen and what is declared together, and what bounds it to just that."""
    if declared is not None:
        return tuple(sorted({*seen, *declared})), Assurance.ATTESTED
    if project is not None:
        return tuple(sorted({*seen, *project})), Assurance.ATTESTED
    return seen, said
