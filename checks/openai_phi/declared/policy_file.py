"""The organization's policy as objects: projects, credentials, gateways, limits, own names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from openai_phi.declared.agreements import Agreement, AuditReport, agreement_of, report_of
from openai_phi.declared.declaration_files import DeclarationFile, Entry
from openai_phi.declared.declared_destinations import DeclaredDestination, destination_of
from openai_phi.declared.declared_limits import (
    Limits,
    Parameters,
    limits_of_policy,
    parameters_of,
)
from openai_phi.declared.sites import SCOPES, Site
from openai_phi.facts.secret_names import declared, is_same
from openai_phi.facts.signatures import GATEWAY, NO_EXTRA, Extra
from openai_phi.facts.written_names import ANY_FILE, fits, fits_path
from openai_phi.words.places import Place
from openai_phi.words.resources import SecretRef

NO_STORES = ("host", "injected")
"""What a line of the credentials may name that is no secret."""


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """Whose line of a project compliance accepts: what teams write in these files, of these repositories."""

    path: str = ANY_FILE
    """The pattern of the files: of the team's own, or of the workloads that it speaks of."""
    repository: str = ""
    """The pattern of the repositories; empty for each."""

    def accepts(self, files: Sequence[str], repository: str) -> bool:
        """Whether it is about one of these files of a repository."""
        there = not self.repository or bool(repository and fits(repository, self.repository))
        return there and any(fits_path(f, self.path) for f in files)


@dataclass(frozen=True, kw_only=True)
class Project:
    """One project of the policy; None where it does not say."""

    id: str
    """Its id at the provider."""
    organization: str | None = None
    """The organization that it belongs to."""
    terraform: str | None = None
    """The address of the Terraform resource that makes it."""
    retention: str | None = None
    """Its retention control, as the schema names them."""
    endpoints: tuple[str, ...] | None = None
    """The endpoints that it may be used for, as written."""
    features: tuple[str, ...] | None = None
    """The features that it may be used with, as written."""
    place: Place
    """Where it stands."""
    data: str | None = None
    """The class of data that it is for."""
    geography: str | None = None
    """Where it stores."""
    retention_days: int | None = None
    """After how many days what it stores is deleted."""
    per_request_residency: bool = False
    """Whether requests may choose where they are handled, by a regional host."""
    delegated_to: tuple[Delegation, ...] = ()
    """The files and repositories whose teams may say which keys are of it."""


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """A gateway that passes requests on."""

    host: str
    """The host that workloads call."""
    operated_by: str = "self"
    """`self`, or who operates it."""
    terminates_tls: bool = True
    """Whether it decrypts what passes."""
    forwards_to: str = ""
    """The provider that it forwards to; `none` where its own model answers."""
    project: str | None = None
    """The project whose key it uses."""
    own_account: bool = False
    """Whether it calls the provider with an account of who operates it."""
    agreement: str = ""
    """The agreement with who operates it, as the policy calls it; empty: by name or host."""
    subcontractors_bound: bool = False
    """Whether that agreement binds who operates it to bind its subcontractors too."""
    place: Place
    """Where it stands."""


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A secret that holds a project's key, or what else is seen of a key that is in no code."""

    store: str
    """The kind of store that it lies in, as `kubernetes`; `host` for all that goes to a host, `injected`
    for the key that a workload gets without its code showing one."""
    reference: str
    """Its name there; `name#KEY` where it holds several; a host, or the pattern of workloads."""
    project: str
    """The project whose key it is; empty where it is a subscription's."""
    subscription: str = ""
    """The subscription whose key it is."""
    scope: tuple[tuple[str, str], ...] = ()
    """Where alone it holds: `environment`, `cluster`, `account` or `repository`, and its pattern."""
    place: Place
    """Where it stands."""

    @property
    def owner(self) -> str:
        """The project or subscription whose key it is."""
        return self.project or self.subscription

    @property
    def secret(self) -> SecretRef:
        """The secret, as code would spell it."""
        return declared(self.store, self.reference)

    def binds(self, seen: SecretRef, site: Site) -> bool:
        """Whether it is the secret that a reference leads to; one without an entry stands for each."""
        if self.store in NO_STORES:
            return False
        each = (seen, *seen.filled_from)
        return any(is_same(self.secret, e) and site.within(self.scope, e.account) for e in each)

    def binds_host(self, host: str, site: Site) -> bool:
        """Whether it says whose all is that goes to a host."""
        return self.store == "host" and fits(host, self.reference) and site.within(self.scope)

    def binds_workload(self, names: Sequence[str], site: Site) -> bool:
        """Whether it says whose key a workload gets that its code does not show."""
        named = self.store == "injected" and any(fits(n, self.reference) for n in names)
        return named and site.within(self.scope)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The organization's policy."""

    file: str
    """Its path relative to the scan root, or its name where it lies outside."""
    digest: str = ""
    """The SHA-256 of its bytes."""
    role: str = "covered_entity"
    """What the organization is: a covered entity, or a business associate."""
    edition: str | None = None
    """The edition of the catalogue that it chose; None: the newest of the day alone."""
    agreements: tuple[Agreement, ...] = ()
    """Its agreements, in order."""
    projects: Mapping[str, Project] = field(default_factory=dict)
    """Its projects by id."""
    credentials: tuple[Credential, ...] = ()
    """The secrets that hold keys."""
    gateways: Mapping[str, Gateway] = field(default_factory=dict)
    """Its gateways by host."""
    destinations: tuple[DeclaredDestination, ...] = ()
    """What it says of hosts that workloads send to."""
    limits: Limits = field(default_factory=Limits)
    """What it asks at least."""
    reports: tuple[AuditReport, ...] = ()
    """The reports about providers that it records."""
    parameters: Parameters = field(default_factory=Parameters)
    """What it asks of rules."""
    extra: Extra = NO_EXTRA
    """Names of the organization's own."""
    registration: bool = False
    """Whether every workload that uses a provider must be in a compliance file."""
    legal_told: bool = True
    """Whether documents say what the law makes of a finding."""
    laws_not_judged: tuple[str, ...] = ()
    """Laws that apply to the data and that no rule judges, as the policy names them."""

    def project(self, ident: str) -> Project | None:
        """A project by its id or its Terraform address."""
        found = self.projects.get(ident)
        return found or next((p for p in self.projects.values() if p.terraform == ident), None)

    def stripped(self) -> Policy:
        """What a wrong policy still says: what it asks, and nothing that it grants."""
        limits = replace(self.limits, approvers=())
        return replace(
            self, agreements=(), credentials=(), gateways={}, destinations=(), limits=limits
        )


def policy_of(file: DeclarationFile) -> Policy:
    """The policy that a file holds; of one that is wrong, what it says all the same."""
    projects = [_project(entry) for entry in file.entries("projects")]
    gateways = [_gateway(entry) for entry in file.entries("gateways")]
    parameters = file.section("parameters")
    return Policy(
        file=file.shown,
        digest=file.digest,
        role=file.top.word("role", "covered_entity"),
        edition=file.section("catalogue").text("edition"),
        agreements=tuple(agreement_of(entry) for entry in file.entries("agreements")),
        projects={p.id: p for p in projects},
        credentials=tuple(
            c for entry in file.entries("credentials") for c in credentials_of(entry)
        ),
        gateways={g.host: g for g in gateways},
        destinations=tuple(destination_of(entry) for entry in file.entries("destinations")),
        limits=limits_of_policy(file.section("limits")),
        reports=tuple(report_of(entry) for entry in file.entries("assurances")),
        parameters=parameters_of(parameters),
        extra=_extra(parameters, gateways),
        registration=file.data.get("registration") == "required",
        legal_told=file.section("report").data.get("legal") not in ("off", False),
        laws_not_judged=tuple(map(str, file.data.get("laws_not_judged") or ())),
    )


def _project(entry: Entry) -> Project:
    return Project(
        id=entry.word("id"),
        organization=entry.text("organization"),
        terraform=entry.text("terraform"),
        retention=entry.text("retention"),
        endpoints=entry.words("endpoints"),
        features=entry.words("features"),
        place=entry.place,
        data=entry.text("data"),
        geography=entry.text("geography"),
        retention_days=entry.number("retention_days"),
        per_request_residency=entry.data.get("per_request_residency") is True,
        delegated_to=tuple(_delegations(entry)),
    )


def _delegations(entry: Entry) -> Iterator[Delegation]:
    listed = entry.data.get("delegated_to")
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict):
            path, repository = each.get("path", ANY_FILE), each.get("repository", "")
            yield Delegation(path=str(path), repository=str(repository))
        else:
            yield Delegation(path=str(each))


def credentials_of(entry: Entry) -> list[Credential]:
    """What one entry of the policy's credentials says, a secret each."""
    return [
        Credential(
            store=store,
            reference=str(reference),
            project=entry.word("project"),
            subscription=entry.word("subscription"),
            scope=tuple((k, entry.word(k)) for k in SCOPES if k in entry.data),
            place=entry.place,
        )
        for store, reference in _named_by(entry)
    ]


def _named_by(entry: Entry) -> Iterator[tuple[str, str]]:
    """What an entry names, by the store: its secrets, a host, or the workloads that a key is injected into."""
    for key, value in entry.data.items():
        if key == "workload":
            yield "injected", str(value)
        elif key not in ("project", "subscription", "key", *SCOPES):
            yield key, str(value)


def _gateway(entry: Entry) -> Gateway:
    return Gateway(
        host=entry.word("host"),
        operated_by=entry.word("operated_by", "self"),
        terminates_tls=bool(entry.data.get("terminates_tls", True)),
        forwards_to=entry.word("forwards_to"),
        project=entry.text("project"),
        own_account=entry.data.get("account") == "vendor",
        agreement=entry.word("agreement"),
        subcontractors_bound=entry.data.get("subcontractors") == "bound",
        place=entry.place,
    )


def _extra(entry: Entry, gateways: Sequence[Gateway]) -> Extra:
    """Names of the organization's own; the host of a gateway is one whatever it is called."""
    return Extra(
        variables=entry.rows("variables", "name", "provider", "role"),
        hosts=(
            *entry.rows("hosts", "host", "provider"),
            *((g.host, GATEWAY) for g in gateways if any(c.isalnum() for c in g.host)),
        ),
        gateway_names=entry.words("gateway_names") or (),
        markers=entry.rows("phi_markers", "key", "value"),
    )
