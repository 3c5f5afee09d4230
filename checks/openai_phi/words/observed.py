"""What was observed: evidence, uses and workloads, the words of a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from enum import Enum, IntEnum

from openai_phi.words.destinations import Destination
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource, SecretRef
from openai_phi.words.workload_declarations import WorkloadDeclaration

PHI_CLASSES = frozenset({"phi", "limited_data_set", "part2", "psychotherapy_notes"})
"""Classes of data that are PHI: a limited data set, records under 42 CFR Part 2 and psychotherapy notes are."""


class Confidence(str, Enum):
    """How strongly an observed fact holds: said, visible in the structure, or only a name."""

    DECLARED = "declared"
    STRUCTURAL = "structural"
    SUSPECTED = "suspected"


class Kind(str, Enum):
    """The closed list of evidence kinds."""

    PHI = "phi"
    NOT_PHI = "not_phi"
    OTHER_CLASS = "other_class"
    PERSONAL_EU = "personal_eu"
    KEY = "key"
    HOST = "host"
    ENDPOINT = "endpoint"
    ALLOWLIST = "endpoint_allowlist"
    MODEL = "model"
    PROJECT = "project"
    ORGANIZATION = "organization"
    FEATURE = "feature"
    FEATURE_LIST = "feature_list"
    ZDR_CLAIM = "zdr_claim"
    BAA_CLAIM = "baa_claim"
    SETTING = "openai_setting"
    SWITCHED_OFF = "switched_off"
    MCP_SERVER = "mcp_server"
    EGRESS = "egress"
    CONTROL = "retention_control"
    PERMISSION = "permission"
    ACCOUNT = "account"
    DEPLOYMENT = "deployment"
    API_VERSION = "api_version"
    EXPIRY = "expiry"
    PROXY = "proxy"
    NO_PROXY = "no_proxy"
    OWN_CA = "own_ca"
    RECEIVER = "receiver"


class HostRole(Enum):
    """What a host is for the program that names it."""

    BASE = "base"
    """The address that its client calls."""
    UNREAD_BASE = "unread base"
    """The address that its client calls, whose host cannot be read."""
    NO_URL = "no URL"
    """A word in the place of that address, which names no host by itself."""
    CARRIER = "carrier"
    """A host that a provider's requests could go to, by words of a provider around it; "" if it cannot be read."""
    MODEL = "model"
    """A host that they could go to, by words of some model around it."""
    NAMED = "named"
    """A host that some value names, or that something refers to."""


@dataclass(frozen=True)
class Evidence:
    """One observed fact with its place."""

    kind: Kind
    """What kind of fact it is."""
    value: str
    """What was seen; safe to show: never a secret. Of a key: `reference`, `literal`, `set` or `none`."""
    place: Place
    """Where it was seen."""
    confidence: Confidence
    """How strongly it holds."""
    name: str = ""
    """The name that the value stands under."""
    provider: str = ""
    """The provider that it speaks of; "" for none in particular."""
    group: str = ""
    """The part of the resource that it belongs to; "" for the whole."""
    note: str = ""
    """What people are told beside the value. Nothing is decided by it."""
    inherited: bool = False
    """Whether it comes from the surroundings, as a namespace or default tags."""
    _: KW_ONLY
    admin: bool = False
    """Of a key: whether it administers an organization."""
    made_for: tuple[str, ...] = ()
    """Of a key: the projects whose service account made it, where the code refers to that."""
    supplied: bool = False
    """Of a key that is a reference: whether it is seen what it refers to."""
    secrets: tuple[SecretRef, ...] = ()
    """Of a key: the secrets that it comes from; of several, only a deployment decides which."""
    pointer: bool = False
    """Of a key: whether it only names what holds it, as a variable of the same program."""
    role: HostRole = HostRole.NAMED
    """Of a host: what it is for the program."""
    host: str = ""
    """Of an endpoint: the host that it is called at; "" where that is not said."""
    filled_by: str = ""
    """Of a base address that is not known: the variable of the program that gives it."""

    @property
    def words(self) -> str:
        """All of it that people may come to read."""
        return f"{self.value} {self.name} {self.note} {self.place.path}"

    def masked(self, mask: Callable[[str], str]) -> Evidence:
        """The same with all that people may come to read masked."""
        return replace(
            self,
            value=mask(self.value),
            name=mask(self.name),
            note=mask(self.note),
            place=replace(self.place, path=mask(self.place.path)),
            host=mask(self.host),
        )

    def say(self) -> str:
        """The fact in one line for a trace, after its kind."""
        return f"{self.kind.value.replace('_', ' ')}: {self.fact()}"

    def fact(self) -> str:
        """The fact in one line: what it is, how sure, and where."""
        subject = (
            f"{self.name}={self.value}" if self.name and self.value else self.name or self.value
        )
        note = f", {self.note}" if self.note else ""
        return f"{subject} [{self.confidence.value}{note}] at {self.place}"


class Assurance(IntEnum):
    """What a verdict rests on, weakest first."""

    NONE = 0
    CLAIMED = 1
    ATTESTED = 2
    VERIFIED = 3
    ENFORCED = 4

    @property
    def word(self) -> str:
        return self.name.lower()


class PhiStatus(str, Enum):
    """What is known about PHI at a workload."""

    PHI = "phi"
    SUSPECTED = "suspected"
    NOT_PHI = "not_phi"
    UNCLASSIFIED = "unclassified"


class Role(str, Enum):
    """What a step of a trace is: part of the way of PHI, or what speaks for or against cover."""

    PHI = "phi"
    WORKLOAD = "workload"
    CALL = "call"
    EVIDENCE = "evidence"
    HOLDS = "holds"
    BROKEN = "broken"
    MISSING = "missing"
    ALSO = "also"


@dataclass(frozen=True)
class Step:
    """One step of a trace: the line that people read, the place that it speaks of if there is one."""

    text: str
    place: Place | None = None
    role: Role = Role.EVIDENCE

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Fact:
    """Whether something is so (None: unknown), where that was seen, and whether the code says it."""

    value: bool | None
    place: Place
    said: bool = False


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A model that an account serves; what is not known is empty."""

    resource: Resource
    name: str
    model: str
    version: str
    sku: str


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account of a provider that the code declares, with what it sets; what is not known is empty.

    `fix` holds the lines that switch its public network and its local authentication off.
    """

    resource: Resource
    provider: str
    subdomain: str
    hosts: tuple[str, ...]
    location: str
    public_network: Fact
    local_auth: Fact
    fix: Mapping[str, str]
    deployments: tuple[Deployment, ...] = ()

    @property
    def host(self) -> str:
        """The host that it answers at; without a subdomain its own id stands for it."""
        return self.hosts[0] if self.hosts else self.resource.id


@dataclass(frozen=True)
class Receiver:
    """Somebody else who gets the content of requests; `known`: that is certain, host included."""

    party: str
    title: str
    what: str
    host: str
    kind: str
    known: bool
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, kw_only=True)
class VoidProof:
    """A network rule about a provider's host that does not bound a workload as it says, and why."""

    host: str
    place: Place
    why: str


@dataclass(frozen=True)
class WeakSpot:
    """A weak spot on the way of PHI: `transport` or `storage`, in words, where, and the line that mends it."""

    kind: str
    text: str
    place: Place
    fix: str = ""
    link: Place | None = None


@dataclass(frozen=True)
class Use:
    """One way a workload uses a provider; what nothing names is None or empty.

    `endpoints` are those that evidence names; `closed` says what bounds them to just these.
    """

    provider: str
    host: str | None
    evidence: tuple[Evidence, ...]
    endpoints: tuple[str, ...] = ()
    closed: Assurance = Assurance.NONE
    models: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    features_closed: Assurance = Assurance.NONE
    project: str | None = None
    organization: str | None = None
    secrets: tuple[SecretRef, ...] = ()
    zdr_claim: bool | None = None
    baa_claim: bool | None = None
    how: str = ""
    via: tuple[Step, ...] = ()
    """The way from the workload to what calls the host, one step a line, if it does not itself."""
    through: tuple[str, ...] = ()
    """The hosts of gateways on the way, as the callers name them."""
    deployments: tuple[str, ...] = ()
    """The names of the deployments that it says it calls."""
    account: Account | None = None
    """The account of the provider that it goes to, where the code declares that too."""
    receivers: tuple[Receiver, ...] = ()
    """Who else gets the content, at the workload and at what it passes."""
    unseen: bool = False
    """Whether nothing shows what answers at its host: only the key or the address' name tells of a provider."""
    answered: bool = False
    """Whether its host is a gateway of one's own that is seen, and that shows what it passes requests to."""
    keys: tuple[Evidence, ...] | None = None
    """The keys that go with it, without those that only lead to it; None: those of its evidence."""
    foreign: bool = False
    """Whether its host is another vendor's: it counts only where the policy binds the key to a provider."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A resource that runs code or calls an endpoint, with its evidence and its uses."""

    resource: Resource
    phi: PhiStatus
    phi_evidence: tuple[Evidence, ...]
    uses: tuple[Use, ...]
    declaration: WorkloadDeclaration | None = None
    """What is declared of it."""
    contradiction: tuple[Evidence, ...] = ()
    egress: tuple[Evidence, ...] = ()
    personal_eu: tuple[Place, ...] = ()
    """Where it is said to handle personal data of the EU, which may be PHI as well or not."""
    weak_spots: tuple[WeakSpot, ...] = ()
    limited_by: tuple[Resource, ...] = ()
    """The network policies that limit what it may reach."""
    void_proofs: tuple[VoidProof, ...] = ()
    """The network rules that select it and bound it to nothing, though they name paths."""
    destinations: tuple[Destination, ...] = ()
    """Where it sends to and by which credentials, each in one state; of workloads with PHI."""
    relay: bool = False
    """Whether it handles PHI only as a gateway of others, at which it is judged."""

    @property
    def id(self) -> str:
        return self.resource.id

    @property
    def denials(self) -> tuple[Evidence, ...]:
        """What it or its surroundings say of its data that is no PHI: that there is none, or another class."""
        kinds = (Kind.NOT_PHI, Kind.OTHER_CLASS)
        return tuple(e for e in self.phi_evidence if e.kind in kinds)

    @property
    def undecided(self) -> bool:
        """Whether nothing says what data it handles: names that suggest PHI outweigh its own word."""
        if self.phi is PhiStatus.SUSPECTED:
            return True
        return self.phi is PhiStatus.UNCLASSIFIED and not self.denials

    @property
    def unaccounted(self) -> tuple[Destination, ...]:
        """The destinations of which nothing tells; a credential goes nowhere by itself."""
        return tuple(d for d in self.destinations if d.lost)


def steps(evidence: Iterable[Evidence]) -> tuple[Step, ...]:
    """Pieces of evidence as a trace."""
    return tuple(Step(e.say(), e.place) for e in evidence)
