"""The organization's policy as objects: projects, credentials, gateways, limits, own names."""

from __future__ import annotations

from collections.abc import Mapping
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
from openai_phi.facts.secret_names import declared, is_same
from openai_phi.facts.signatures import NO_EXTRA, Extra
from openai_phi.words.places import Place
from openai_phi.words.resources import SecretRef


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
    place: Place
    """Where it stands."""


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A secret that holds a project's key."""

    store: str
    """The kind of store that it lies in, as `kubernetes`."""
    reference: str
    """Its name there; `name#KEY` where it holds several."""
    project: str
    """The project whose key it is."""

    place: Place
    """Where it stands."""

    @property
    def secret(self) -> SecretRef:
        """The secret, as code would spell it."""
        return declared(self.store, self.reference)

    def binds(self, seen: SecretRef) -> bool:
        """Whether it is the secret that a reference leads to; one without an entry stands for each."""
        return any(is_same(self.secret, each) for each in (seen, *seen.filled_from))


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
        extra=_extra(parameters),
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
    )


def credentials_of(entry: Entry) -> list[Credential]:
    """What one entry of the policy's credentials says, a secret each."""
    project = str(entry.data.get("project"))
    return [
        Credential(store=store, reference=str(reference), project=project, place=entry.place)
        for store, reference in entry.data.items()
        if store != "project"
    ]


def _gateway(entry: Entry) -> Gateway:
    return Gateway(
        host=entry.word("host"),
        operated_by=entry.word("operated_by", "self"),
        terminates_tls=bool(entry.data.get("terminates_tls", True)),
        forwards_to=entry.word("forwards_to"),
        project=entry.text("project"),
        place=entry.place,
    )


def _extra(entry: Entry) -> Extra:
    return Extra(
        variables=entry.rows("variables", "name", "provider", "role"),
        hosts=entry.rows("hosts", "host", "provider"),
        gateway_names=entry.words("gateway_names") or (),
        markers=entry.rows("phi_markers", "key", "value"),
    )
