"""All that is declared for one scan root: what holds for a path, a workload, a host, a project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from openai_phi.declared import retention_controls
from openai_phi.declared.agreements import (
    Agreement,
    Standing,
    baa_of_organization,
    baa_of_party,
    called,
)
from openai_phi.declared.compliance_file import ComplianceFile, Environment
from openai_phi.declared.declaration_files import DeclarationFile, Mistake
from openai_phi.declared.declared_destinations import (
    DeclaredDestination,
    agreement_named,
    destination_for,
)
from openai_phi.declared.declared_limits import (
    LACKS_POLICY,
    NO_POLICY,
    SEVERITIES,
    Limits,
    Parameters,
)
from openai_phi.declared.declared_workloads import Named, merged, speaks_of
from openai_phi.declared.policy_file import Credential, Gateway, Policy, Project
from openai_phi.declared.retention_controls import RetentionControl
from openai_phi.declared.sites import ANYWHERE, Site, site_of
from openai_phi.declared.trusted_revision import Waiting
from openai_phi.facts.written_names import fits
from openai_phi.words.resources import Resource, SecretRef
from openai_phi.words.workload_declarations import WorkloadDeclaration


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The files of declarations as they were read, before they were checked against each other."""

    policy: DeclarationFile | None = None
    """The policy in force, if there is one."""
    compliance: tuple[DeclarationFile, ...] = ()
    """The compliance files, and policies that nothing names, by path."""
    trusted: TrustedSources | None = None
    """The same of the trusted revision, if one is."""


@dataclass(frozen=True, kw_only=True)
class TrustedSources:
    """The files of declarations as they were in the revision that is trusted."""

    revision: str
    """What it is called."""
    policy: DeclarationFile | None = None
    """The policy in force: the one that is supplied from outside the repository, or the revision's."""
    compliance: tuple[DeclarationFile, ...] = ()
    """Its compliance files, by path."""


@dataclass(frozen=True, kw_only=True)
class Declarations:
    """All that is declared for one scan root."""

    policy: Policy | None = None
    """The policy in force, if there is one."""
    policy_required: bool = False
    """Whether nothing counts as covered where there is no policy."""
    files: tuple[ComplianceFile, ...] = ()
    """The compliance files below the root, by path."""
    repository: str = ""
    """The repository that is scanned, as `owner/name`; empty where that is not known."""
    mistakes: tuple[Mistake, ...] = ()
    """What is wrong in any of the files."""
    policy_mistakes: tuple[Mistake, ...] = ()
    """Those of them that are the policy's."""
    waiting: tuple[Waiting, ...] = ()
    """What does not count until the trusted revision has it."""
    sources: Sources = field(default_factory=Sources, compare=False, repr=False)
    """What it was made of, so that it can be made again with more in it."""

    @property
    def environments(self) -> tuple[Environment, ...]:
        """The variants that the compliance files name; none: whatever lies beside a chart or a root."""
        return tuple(e for f in self.files for e in f.environments)

    def broken_for(self, path: str) -> tuple[Mistake, ...]:
        """The mistakes of every file in force for a path: the policy's and those up its folders."""
        chain = {f.file for f in self._chain(path)}
        return tuple(m for m in self.mistakes if m in self.policy_mistakes or m.place.file in chain)

    def _chain(self, path: str) -> list[ComplianceFile]:
        """Compliance files in force for a path, the outermost first."""
        return sorted((f for f in self.files if f.speaks_for(path)), key=lambda f: len(f.folder))

    # -- agreements ------------------------------------------------------------------------

    def _agreements(self) -> tuple[Agreement, ...]:
        return self.policy.agreements if self.policy else ()

    def has_baa(self, provider: str) -> bool:
        """Whether the policy records any BAA with a provider."""
        return any(a.kind == "baa" and a.provider == provider for a in self._agreements())

    def asks_for_organization(self, provider: str, host: str = "") -> bool:
        """Whether BAAs with a provider are recorded, each for the organizations that it names."""
        held = [a for a in self._agreements() if a.kind == "baa" and a.provider == provider]
        at_host = [a for a in held if a.hosts and not a.organizations and a.serves(None, host)]
        return (
            bool(held)
            and not at_host
            and any(a.organizations for a in held)
            and all(a.organizations or a.hosts for a in held)
        )

    def agreed(self, kind: str, provider: str, organization: str | None, today: date) -> bool:
        """Whether an agreement of a kind is in force with a provider for an organization."""
        return any(
            a.kind == kind and a.provider == provider and a.serves(organization) and a.holds(today)
            for a in self._agreements()
        )

    def baa(self, organization: str | None, provider: str, today: date, host: str = "") -> Standing:
        """How the BAA stands that holds for an organization at a host on a day."""
        return baa_of_organization(self._agreements(), organization, provider, today, host)

    def party(self, host: str, names: Sequence[str], today: date) -> Standing:
        """How the BAA with a third party stands on a day: by its host, or by its name."""
        return baa_of_party(self._agreements(), host, names, today)

    def agreement_called(self, name: str, today: date) -> Standing:
        """How the BAA stands on a day that the policy refers to by a name."""
        return called(self._agreements(), name, today)

    def coverage_terms(self, organization: str | None) -> str | None:
        """The terms of the BAA for an organization."""
        for agreement in self._agreements():
            if agreement.kind == "baa" and organization in agreement.organizations:
                return agreement.terms
        return None

    # -- projects --------------------------------------------------------------------------

    def project(self, ident: str) -> Project | None:
        """A project by its id or its Terraform address."""
        return self.policy.project(ident) if self.policy else None

    def site(self, resource: Resource) -> Site:
        """Where a resource is seen, by which lines of the policy may be limited."""
        return site_of(resource, self.repository)

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """The lines of the policy that say whose key is whose."""
        return self.policy.credentials if self.policy else ()

    def credentials_of(self, secret: SecretRef, site: Site = ANYWHERE) -> tuple[Credential, ...]:
        """The lines of the policy about a secret that is seen somewhere, each saying whose key it holds."""
        return tuple(c for c in self.credentials if c.binds(secret, site))

    def delegates(self, project: Project, files: Sequence[str]) -> bool:
        """Whether compliance accepts what a team says of a project in one of these files."""
        return any(d.accepts(files, self.repository) for d in project.delegated_to)

    def destination(self, host: str) -> DeclaredDestination | None:
        """What the policy says of a host that workloads send to."""
        return destination_for(self.policy.destinations, host) if self.policy else None

    def agreement(self, name: str) -> Agreement | None:
        """The agreement of this id, or the BAA with a party of this name."""
        return agreement_named(self._agreements(), name)

    def gateway(self, host: str) -> Gateway | None:
        """A declared gateway by its host."""
        return self.policy.gateways.get(host) if self.policy else None

    def retention(self, project: str, today: date) -> RetentionControl:
        """Whether zero data retention, or what counts as it, is on for a project on a day."""
        return retention_controls.retention_of(self.policy, project, today)

    def zero_retention(self, project: str, today: date) -> bool:
        """Whether zero data retention itself is on for a project, not only a control like it."""
        return retention_controls.zero_retention(self.policy, project, today)

    def zero_organization(self, organization: str | None, today: date) -> bool:
        """Whether zero data retention is recorded for an organization as a whole, not for projects of it."""
        recorded = self.policy.agreements if self.policy else ()
        return organization is not None and any(
            a.kind == "zdr"
            and not a.projects
            and organization in a.organizations
            and a.holds(today)
            for a in recorded
        )

    def modified_retention(self, project: str, today: date) -> Agreement | None:
        """The attestation in force that modified retention is what the project's BAA asks for."""
        return retention_controls.modified_retention(self.policy, project, today)

    # -- paths and workloads ---------------------------------------------------------------

    def limits_for(self, path: str) -> Limits:
        """The limits in force for a path."""
        none = LACKS_POLICY if self.policy_required else NO_POLICY
        limits = self.policy.limits if self.policy else none
        for file in self._chain(path):
            limits = limits.tightened(file.limits)
        return limits

    def deidentifies(self, path: str, names: Sequence[str]) -> bool:
        """Whether a workload is declared to end the flow of PHI; a file that is wrong says nothing."""
        return any(
            fits(n, match)
            for file in self._chain(path)
            if file.deidentifiers and not self.broken_for(file.file)
            for match in file.deidentifiers
            for n in names
        )

    def _parameters(self, path: str) -> list[Parameters]:
        own = [self.policy.parameters] if self.policy else []
        return [*own, *(f.parameters for f in self._chain(path))]

    def severity(self, rule: str, path: str, own: str) -> str:
        """The severity of a rule's finding at a path: its own, or the highest that a file asks for."""
        asked = [s for p in self._parameters(path) for r, s in p.severity if r == rule]
        return max((own, *asked), key=SEVERITIES.index)

    def suspected_is_phi(self, path: str) -> bool:
        """Whether names that suggest PHI make a workload at a path one that handles it."""
        return any(p.suspected_is_phi for p in self._parameters(path))

    def workload(self, of: Named) -> WorkloadDeclaration | None:
        """What is declared of a workload: the nearest file that says it, the exact match first."""
        files = [f for f in self.files if any(map(f.speaks_for, of.paths))]
        nearest_last = sorted(files, key=lambda f: len(f.folder))
        entries = (e for file in nearest_last for e in file.workloads)
        return merged(e for e in entries if speaks_of(e, of))
