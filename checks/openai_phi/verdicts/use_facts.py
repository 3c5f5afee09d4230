"""What is known of one use once its declarations are found: all that the conjuncts of cover read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from openai_phi.declared.agreements import AgreementState
from openai_phi.declared.declaration_files import Mistake
from openai_phi.declared.retention_controls import RetentionControl
from openai_phi.facts.catalogue import Edition
from openai_phi.reading.terraform.proofs import RetentionProof
from openai_phi.words.observed import Assurance, Evidence, Receiver, Use
from openai_phi.words.places import Place
from openai_phi.words.resources import Gap, SecretRef


class ProviderKind(str, Enum):
    """What answers at the host that a use calls."""

    API = "api"
    """A provider's API, which editions of the catalogue speak of."""
    THIRD_PARTY = "third_party"
    """Somebody else who passes requests on."""
    OTHER_PRODUCT = "other_product"
    """Another product of a provider, which the API's agreement does not reach."""
    NEVER = "never"
    """A product that no agreement covers."""
    OWN = "own"
    """A host of one's own, or one that nothing is known of."""


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What the policy records of an agreement with one party."""

    state: AgreementState = AgreementState.MISSING
    reason: str = "the policy records no agreement with it"
    """Why the state is that, in words for people."""
    place: Place | None = None
    """Where the policy records it, if it does."""

    @property
    def holds(self) -> bool:
        """Whether the agreement counts on the day."""
        return self.state.holds


@dataclass(frozen=True, kw_only=True)
class GatewayFacts:
    """A gateway that the policy declares and the use passes, with the agreement with its operator."""

    host: str
    place: Place
    """Where the policy declares it."""
    operator: str = ""
    """Who operates it; empty for oneself."""
    third_party: bool = False
    """Whether its host is known to be a third party's, which cannot but decrypt."""
    terminates_tls: bool = True
    """Whether it decrypts what it passes on, as the policy says."""
    forwards_to: str = ""
    """The provider that it forwards to, as the policy says; empty where it names none."""
    answers_itself: bool = False
    """Whether the policy says that it forwards nothing: a model of one's own."""
    agreed: Agreed = field(default_factory=Agreed)
    """The agreement with its operator."""
    own_account: bool = False
    """Whether its operator calls the provider with an account of their own."""
    subcontractors_bound: bool = False
    """Whether the agreement binds the operator's subcontractors, as the provider then is."""


@dataclass(frozen=True, kw_only=True)
class DestinationFacts:
    """What the policy says of the host that a use calls, as a destination."""

    host: str
    place: Place
    """Where the policy says it."""
    answers_itself: bool = False
    """Whether it is said to be a model of one's own that forwards nothing."""
    agreed: Agreed | None = None
    """How the agreement stands that it names; None where it names none."""


@dataclass(frozen=True, kw_only=True)
class ProxyFacts:
    """A proxy that the workload sends requests through, and what the policy says of its host."""

    seen: Evidence
    gateway: GatewayFacts | None = None


@dataclass(frozen=True, kw_only=True)
class ReceiverFacts:
    """Somebody else who gets the content, with the agreement with them."""

    receiver: Receiver
    agreed: Agreed = field(default_factory=Agreed)
    own_at: Place | None = None
    """Where the policy says that its host, of which nothing else is known, is one's own."""


@dataclass(frozen=True, kw_only=True)
class HostFacts:
    """What answers at the host that the use calls itself."""

    kind: ProviderKind = ProviderKind.API
    title: str = ""
    """The product's name, for people."""
    operator: str = ""
    """The third party that operates the host, by the name that agreements give it; empty if none."""
    agreed: Agreed = field(default_factory=Agreed)
    """The agreement with the third party, or about the product."""


class Word(str, Enum):
    """Whose word says to whom a key belongs."""

    POLICY = "policy"
    GATEWAY = "gateway"
    """The policy, of a gateway that uses a key of its own."""
    CODE = "code"
    """The code, which has the key made by an account of a project."""
    DELEGATED = "delegated"
    """The team, whom the policy lets say it."""
    CLAIM = "claim"
    """The team or the workload alone."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A feature that Terraform permits the project or denies it, and where."""

    allowed: bool
    place: Place


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Whose a key is, and by whose word."""

    owner: str
    """The project, or the subscription, whose key it is."""
    by: Word
    """Who says so."""
    place: Place | None = None
    """Where that is said; None where the key itself shows it."""
    key: Evidence | None = None
    """The key; None where none is seen."""
    secret: SecretRef | None = None
    """The secret that it comes from, where that is what it is known by."""
    accepted_at: Place | None = None
    """Where the policy accepts the word of the team."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one use; each conjunct is a function of this alone."""

    use: Use
    provider: str = "openai"
    """Who answers in the end: what the gateway forwards to, as the policy says, or the host's own."""
    provider_known: bool = True
    """Whether that is a provider's API; if not, only the parties on the way can be judged."""
    project: str | None = None
    """The id of the project that the key belongs to, or what names it where the policy has no such one."""
    organization: str | None = None
    """The organization, or the subscription, whose agreement must hold."""
    conflict: Mapping[str, str] = field(default_factory=dict)
    """Where more than one project is named for the one key: project -> what names it."""
    bindings: tuple[Binding, ...] = ()
    """Whose its keys are, each by a word that counts."""
    unbound: tuple[Evidence, ...] = ()
    """Keys of which no word that counts says whose they are."""
    claims: tuple[tuple[str, str], ...] = ()
    """Projects that the team or the workload says the keys are of, and where it says so."""
    projects: tuple[str, ...] = ()
    """The projects that the policy has."""
    names: tuple[str, ...] = ()
    """What declarations may call the workload, its own name first."""
    endpoints: tuple[str, ...] = ()
    """All endpoints that are seen or declared, as the catalogue writes them."""
    endpoints_closed: Assurance = Assurance.NONE
    """What bounds the workload to just these; NONE where nothing does."""
    endpoints_declared: tuple[str, ...] | None = None
    """The endpoints that the team declares, or the policy for the project; None where neither does."""
    features: tuple[str, ...] = ()
    """All features that are seen or declared."""
    features_closed: Assurance = Assurance.NONE
    """What bounds the workload to just these; NONE where nothing does."""
    models: tuple[str, ...] | None = None
    """The models that the team declares; None where it does not."""
    editions: tuple[Edition, ...] = ()
    """The editions to judge by: the policy's, if it names one, and last the newest of the day."""
    rule: str = "strict"
    """The coverage rule of the agreement's terms, as the policy tightens it."""
    has_policy: bool = True
    """Whether there is a policy; without one the workload's claims are all there is."""
    baa: Agreed = field(default_factory=Agreed)
    """The BAA that holds for the organization with the provider."""
    limited_data_set: bool = False
    """Whether the data is a limited data set alone, for which a data use agreement is enough."""
    data_use_agreed: bool = False
    """Whether such an agreement with the provider is in force."""
    asks_for_organization: bool = False
    """Whether BAAs are recorded with the provider, each for the organizations that it names."""
    retention: RetentionControl | None = None
    """What the policy says of the project's retention control; None where no project is known."""
    zero_retention: bool = False
    """Whether the policy says that zero data retention itself is on, not only a control like it."""
    retention_set: RetentionProof | None = None
    """What the scanned code sets the project's retention control to, if it does."""
    modified_retention_at: Place | None = None
    """Where the policy attests that modified retention is what the project's BAA asks for."""
    monitoring_modified: bool = False
    """Whether the agreement that ends the newest edition's abuse monitoring is in force."""
    deleted_after: int | None = None
    """Days after which what is stored is deleted, as the policy or the team declares it."""
    organizations_set: tuple[RetentionProof, ...] = ()
    """What the scanned code sets the retention control of whole organizations to."""
    zero_organization: bool = False
    """Whether the policy records zero data retention for the organization as a whole."""
    ended: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Endpoints that the provider has shut down by the day: endpoint -> the day, and where that is said."""
    laws_not_judged: tuple[str, ...] = ()
    """Laws that apply to the data and that no rule judges."""
    tools: Mapping[str, Tool] = field(default_factory=dict)
    """Features that Terraform switches for the project."""
    host: HostFacts = field(default_factory=HostFacts)
    """What answers at the host that is called."""
    gateways: tuple[GatewayFacts, ...] = ()
    """Declared gateways on the way, the host that is called last."""
    destination: DestinationFacts | None = None
    """What the policy says of the host that is called, as a destination; None where it says nothing."""
    proxies: tuple[ProxyFacts, ...] = ()
    """The proxies that the workload names."""
    receivers: tuple[ReceiverFacts, ...] = ()
    """Who else gets the content, without logs of one's own and the gateway that is judged anyway."""
    gaps: tuple[Gap, ...] = ()
    """Settings of the workload that could not be evaluated."""
    minimum: Assurance = Assurance.NONE
    """The assurance that cover has to reach."""
    mistakes: tuple[Mistake, ...] = ()
    """What is wrong in the declaration files in force here; with any, nothing that they say counts."""

    @property
    def of_vendor(self) -> bool:
        """Whether a vendor on the way calls the provider with its own account, under its own agreements."""
        return any(g.own_account for g in self.gateways)

    @property
    def by_product_terms(self) -> bool:
        """Whether the agreement is part of terms that hold anyway, for subscriptions."""
        return bool(self.editions) and self.editions[-1].by_product_terms
