"""Links the resources of one scan, once: what does not depend on declarations, and the estate by some of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from openai_phi.declared.declarations import Declarations
from openai_phi.facts.catalogue import Catalogue
from openai_phi.facts.destination_words import destination_words
from openai_phi.facts.signatures import Signatures
from openai_phi.linking.accounting import Accounting
from openai_phi.linking.accounts import Accounts
from openai_phi.linking.addresses import AddressBook
from openai_phi.linking.data_reached import DataReached, data_reached
from openai_phi.linking.declared_secrets import DeclaredSecrets
from openai_phi.linking.estate import Estate, Marked, Others, order
from openai_phi.linking.key_secrets import KeySecrets
from openai_phi.linking.key_sources import KeySources
from openai_phi.linking.lookup import OBJECTS, lookup_of
from openai_phi.linking.named_sources import NamedSources
from openai_phi.linking.network_policies import NetworkPolicies, network_policies
from openai_phi.linking.onward_uses import Callers
from openai_phi.linking.own_uses import Look, OwnUses, Using
from openai_phi.linking.phi_evidence import PhiEvidence, runners
from openai_phi.linking.phi_status import PhiStatuses, personal_data, shared_files
from openai_phi.linking.receiving import Receiving
from openai_phi.linking.safeguards import Safeguards, safeguards
from openai_phi.linking.secret_writers import secret_writers
from openai_phi.linking.taken_settings import taken_settings
from openai_phi.observing.observer import Observer
from openai_phi.words.observed import Confidence, Evidence, Kind, PhiStatus, Use, Workload
from openai_phi.words.resources import Resource


@dataclass(frozen=True, kw_only=True)
class Linked:
    """The resources of one scan, linked: all that holds whatever is declared of them."""

    resources: tuple[Resource, ...]
    names: Signatures
    observer: Observer
    data: DataReached
    sources: NamedSources
    phi: PhiEvidence
    policies: NetworkPolicies
    accounts: Accounts
    own: OwnUses
    callers: Callers
    safeguards: Safeguards
    accounting: Accounting

    def estate(self, declarations: Declarations) -> Estate:
        """The estate as these declarations have it."""
        statuses = self._statuses(declarations)
        workloads = (self._workload(using, statuses, declarations) for using in self.own.using)
        seen = self.safeguards.seen_by(self.callers.follow(workloads, statuses))
        found = tuple(self._accounted(w, declarations) for w in seen)
        return Estate(
            workloads=tuple(sorted(found, key=lambda w: order(w.resource))),
            orphans=self.own.orphans,
            egress=self.policies.rules,
            keys=self.own.keys,
            accounts=self.accounts.all,
            silent=self._sending(found, statuses, declarations),
            unseen=self._unseen(found, statuses),
        )

    def others(self, estate: Estate, declarations: Declarations) -> Others:
        """For an inventory: workloads that are not in the estate, and whatever else is marked."""
        statuses = self._statuses(declarations)
        known = {id(w.resource) for w in estate.workloads}
        rest = [r for r in self.resources if id(r) not in known]
        told = {id(w.resource): w for w in estate.silent}
        silent = {
            id(r): told.get(id(r)) or self._silent(r, statuses) for r in rest if self._is_program(r)
        }
        marked = (
            Marked(resource=r, evidence=e)
            for r in rest
            for e in self._marks(r, silent.get(id(r)))
            if e
        )
        return Others(
            silent=tuple(sorted(silent.values(), key=lambda w: order(w.resource))),
            marked=tuple(sorted(marked, key=lambda m: order(m.resource))),
        )

    def _accounted(self, workload: Workload, declarations: Declarations) -> Workload:
        """A workload with all that it sends to, where it handles PHI."""
        if workload.phi is not PhiStatus.PHI:
            return workload
        destinations = self.accounting.of(workload.resource, workload.uses, declarations)
        return replace(workload, destinations=destinations)

    def _sending(
        self, found: Sequence[Workload], statuses: PhiStatuses, declarations: Declarations
    ) -> tuple[Workload, ...]:
        """Workloads with PHI and without a use that name where they send to, or may by what is not known of them."""
        using = {id(w.resource) for w in found}
        rest = (self._silent(r, statuses) for r in self.own.programs if id(r) not in using)
        told = (self._accounted(w, declarations) for w in rest)
        named = (w for w in told if w.phi is PhiStatus.PHI and (w.destinations or w.resource.gaps))
        return tuple(sorted(named, key=lambda w: order(w.resource)))

    def _unseen(self, found: Sequence[Workload], statuses: PhiStatuses) -> tuple[Workload, ...]:
        """Workloads with PHI that may use a provider by what could not be evaluated of them."""
        using = {id(w.resource) for w in found}
        speaking = (
            r for r in self.resources if id(r) not in using and any(g.speaks for g in r.gaps)
        )
        told = (self._silent(r, statuses) for r in speaking)
        phi = (w for w in told if w.phi is PhiStatus.PHI)
        return tuple(sorted(phi, key=lambda w: order(w.resource)))

    def _statuses(self, declarations: Declarations) -> PhiStatuses:
        return PhiStatuses(
            evidence=self.phi,
            data=self.data,
            sources=self.sources,
            declarations=declarations,
            shared=shared_files(self.resources),
        )

    def _is_program(self, resource: Resource) -> bool:
        return self.names.sort(resource.type) == "workload"

    def _workload(
        self, using: Using, statuses: PhiStatuses, declarations: Declarations
    ) -> Workload:
        """A resource that uses a provider itself, with what is known of PHI at it."""
        resource = using.resource
        known = statuses.of(resource)
        return Workload(
            resource=resource,
            phi=known.status,
            phi_evidence=tuple(e for e in known.evidence if e.kind is not Kind.PERSONAL_EU),
            uses=tuple(
                u for u in using.uses if not u.foreign or _is_bound(u, resource, declarations)
            ),
            declaration=known.declaration,
            contradiction=known.against,
            egress=using.egress,
            personal_eu=personal_data(known.evidence, known.declaration),
            void_proofs=self.policies.void(resource),
            limited_by=self.policies.limiting(resource),
        )

    def _silent(self, resource: Resource, statuses: PhiStatuses) -> Workload:
        """A workload that uses no provider."""
        known = statuses.of(resource)
        return Workload(
            resource=resource,
            phi=known.status,
            phi_evidence=known.evidence,
            uses=(),
            declaration=known.declaration,
            contradiction=known.against,
        )

    def _marks(
        self, resource: Resource, workload: Workload | None
    ) -> Iterator[tuple[Evidence, ...]]:
        """What an inventory lists of a resource that is not in the estate, a piece each."""
        if workload is not None:
            yield self.observer.inbound(resource) if workload.phi is PhiStatus.PHI else ()
        elif any(e.confidence is not Confidence.SUSPECTED for e in self.phi.of(resource)):
            yield self.phi.of(resource)
        yield self._held(resource)
        yield self.observer.agreements(resource)

    def _held(self, resource: Resource) -> tuple[Evidence, ...]:
        """What a store that a workload reads, or a value of Terraform, says of a provider."""
        read = id(resource) in self.own.read and resource.framework not in OBJECTS
        if not read and resource.type != "terraform_value":
            return ()
        found = (
            *self.observer.store(resource),
            *self.observer.observe(resource, resource.settings),
        )
        return tuple(dict.fromkeys(e for e in found if e.kind is not Kind.SWITCHED_OFF))


def _is_bound(use: Use, resource: Resource, declarations: Declarations) -> bool:
    """Whether the policy binds a key of a use to a project of a provider."""
    site = declarations.site(resource)
    return any(declarations.credentials_of(s, site) for s in use.secrets)


def link(resources: Sequence[Resource], names: Signatures, catalogue: Catalogue) -> Linked:
    """All steps that need no declaration, each with what those before it found."""
    observer = Observer(names, catalogue)
    lookup = lookup_of(resources)
    book = AddressBook(resources, names)
    accounts = Accounts(resources)
    policies = network_policies(resources, names, catalogue)
    taken = taken_settings(resources, lookup, names)
    data = data_reached(resources, lookup, names)
    receiving = Receiving(names=names, taken=taken)
    own = Look(
        names=names,
        catalogue=catalogue,
        observer=observer,
        taken=taken,
        sources=KeySources(lookup=lookup, observer=observer, names=names),
        secrets=KeySecrets(
            lookup=lookup,
            names=names,
            declared=DeclaredSecrets(lookup=lookup, writers=secret_writers(resources)),
        ),
        book=book,
        accounts=accounts,
        policies=policies,
        receiving=receiving,
        words=destination_words(),
    ).over(resources)
    callers = Callers(
        names=names, taken=taken, book=book, policies=policies, receiving=receiving, own=own
    )
    return Linked(
        resources=tuple(resources),
        names=names,
        observer=observer,
        data=data,
        sources=NamedSources(resources, names, book=book, taken=taken),
        phi=PhiEvidence(
            lookup=lookup, observer=observer, taken=taken, runs=runners(resources, lookup, names)
        ),
        policies=policies,
        accounts=accounts,
        own=own,
        callers=callers,
        accounting=Accounting(names=names, words=destination_words(), taken=taken, book=book),
        safeguards=safeguards(resources, names, taken=taken, book=book, data=data),
    )
