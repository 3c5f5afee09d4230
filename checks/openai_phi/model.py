"""The domain's words as plain, frozen objects that every stage shares: no Checkov type, no reading."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openai_phi.catalogue import Edition

Path = tuple[str | int, ...]


ADMIN_KEY = "an admin key"
"""How the note of a key's evidence begins where the key administers an organization."""


class Confidence(str, Enum):
    """How strongly an observed fact holds: said, visible in the structure, or only a name."""

    DECLARED = "declared"
    STRUCTURAL = "structural"
    SUSPECTED = "suspected"


class Kind(str, Enum):
    """The closed list of evidence kinds."""

    PHI = "phi"
    NOT_PHI = "not_phi"
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


@dataclass(frozen=True)
class Unknown:
    """A value that is there but cannot be read; `reason` says why, in words for people.

    `of` is the name that it goes by where it comes from, as a variable's.
    """

    reason: str
    of: str = ""


@dataclass(frozen=True, order=True)
class Place:
    """Where a fact was seen: file relative to the scan root, 1-based line (0: unknown), path."""

    file: str
    line: int
    path: str = ""

    def __str__(self) -> str:
        at = f"{self.file}:{self.line}" if self.line else self.file
        return f"{at} ({self.path})" if self.path else at


@dataclass(frozen=True)
class Evidence:
    """One observed fact with its place. `value` is safe to show: never a secret."""

    kind: Kind
    value: str
    place: Place
    confidence: Confidence
    name: str = ""
    provider: str = ""
    group: str = ""
    note: str = ""
    inherited: bool = False

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


@dataclass(frozen=True)
class SecretRef:
    """A reference to a secret: store kind (kubernetes, ssm, …), its name, the key within."""

    store: str
    name: str

    def __str__(self) -> str:
        return f"{self.store}:{self.name}"


@dataclass(frozen=True)
class Setting:
    """One name and value found anywhere in a resource, with its path and 1-based line.

    `value` is a scalar, or `Unknown`. `group` says which part of the resource (a container, a
    block) it belongs to; settings of one group configure one program. `secret` is the reference
    that the value comes from, if it comes from a secret store.
    """

    name: str
    value: Any
    path: Path
    line: int
    group: str = ""
    file: str = ""
    secret: SecretRef | None = None
    role: str = ""
    """`marker` for labels, annotations and tags; `env` for variables; `document` for a text whose
    own settings follow; `unread` for one that was not looked into; otherwise empty."""
    mounted: tuple[str, ...] = ()
    """The groups of the containers that it is mounted into, where it comes from a volume."""


@dataclass(frozen=True)
class Ref:
    """A reference from one resource to another: target's id in the scope, and the path of it."""

    target: str
    path: str
    line: int
    mounted: tuple[str, ...] = ()
    """The groups of the containers that a volume is mounted into."""


@dataclass(frozen=True)
class Resource:
    """One object as Checkov parsed it, read again from its source where it matters.

    `scope` keys what may be joined (Terraform root folder, manifest folder, chart); `id` is
    unique within a scope; `inherited` are markers of the surroundings (default tags, namespace).
    """

    framework: str
    type: str
    id: str
    name: str
    scope: str
    file: str
    line: int
    end_line: int
    settings: tuple[Setting, ...] = ()
    refs: tuple[Ref, ...] = ()
    namespace: str | None = None
    images: tuple[tuple[str, int], ...] = ()
    inherited: tuple[Setting, ...] = ()
    handle: int = -1
    variant: str = ""
    unreadable: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    """Labels of the pods that it runs, by which services and network policies select it."""
    selects: tuple[tuple[str, str], ...] | None = None
    """Labels that a service or a network policy selects pods by; empty: all; None: it selects none."""
    alias: str = ""
    """The host that a service is only another name for."""
    lets_out: bool = False
    """Whether a network policy also lets traffic out to any address."""
    base: Path = ()
    """What the paths of its settings begin with, where they lead from the top of a file."""
    limits_out: bool = False
    """Whether a network policy limits what its pods may reach."""

    def place(self, path: str = "") -> Place:
        return Place(self.file, self.line, path)

    @property
    def aliases(self) -> tuple[str, ...]:
        """The names by which declarations may call it."""
        names = {self.id, f"{self.type}.{self.name}", self.name}
        if self.framework == "kubernetes" and not self.namespace:
            names.add(f"{self.type}.default.{self.name}")
        return tuple(sorted(names))

    def place_of(self, file: str, line: int, path: str) -> Place:
        """The place of a setting, which may stand in another file; its own line where none is known."""
        return Place(file or self.file, line or self.line, path)

    def within(self, path: Path) -> Path:
        """The path of a setting from the resource on."""
        size = len(self.base)
        return path[size:] if path[:size] == self.base else path


def may_meet(one: Resource, other: Resource) -> bool:
    """Whether two resources may be deployed together, as far as their variants say."""
    if not one.variant or not other.variant:
        return True
    return bool(set(one.variant.split(", ")) & set(other.variant.split(", ")))


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


@dataclass(frozen=True)
class Deployment:
    """A model that an account serves; what is not known is empty."""

    resource: Resource
    name: str
    model: str
    version: str
    sku: str


@dataclass(frozen=True)
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
    """Whether its host is one's own, nothing shows what answers there, and only the key tells of a provider."""


@dataclass(frozen=True)
class Workload:
    """A resource that runs code or calls an endpoint, with its evidence and its uses."""

    resource: Resource
    phi: PhiStatus
    phi_evidence: tuple[Evidence, ...]
    uses: tuple[Use, ...]
    declaration: Any = None
    contradiction: tuple[Evidence, ...] = ()
    egress: tuple[Evidence, ...] = ()
    personal_eu: tuple[Place, ...] = ()
    """Where it is said to handle personal data of the EU, which may be PHI as well or not."""
    weak_spots: tuple[WeakSpot, ...] = ()
    limited_by: tuple[Resource, ...] = ()
    """The network policies that limit what it may reach."""
    relay: bool = False
    """Whether it handles PHI only as a gateway of others, at which it is judged."""

    @property
    def id(self) -> str:
        return self.resource.id


class Verdict(str, Enum):
    COVERED = "covered"
    NOT_COVERED = "not covered"
    UNPROVEN = "unproven"


class Conjunct(str, Enum):
    """The parts that cover is made of; each may hold, be broken, or lack its proof."""

    ENDPOINT = "endpoint"
    BAA = "baa"
    RETENTION = "retention"
    FEATURE = "feature"
    GROUNDING = "grounding"
    AVAILABILITY = "availability"
    PARTY = "party"
    PRODUCT = "product"
    RECEIVER = "receiver"
    DECLARATION = "declaration"


@dataclass(frozen=True)
class Held:
    """A conjunct that holds, on what assurance, and why."""

    conjunct: Conjunct
    assurance: Assurance
    because: str


@dataclass(frozen=True)
class Broken:
    """A conjunct that is known not to hold, why, and where that was seen."""

    conjunct: Conjunct
    reason: str
    subject: str = ""
    places: tuple[Place, ...] = ()
    paste: str = ""
    assurance: Assurance = Assurance.ATTESTED
    """Who says so: `ENFORCED` is the code itself, so that a line of the policy changes nothing."""


@dataclass(frozen=True)
class Missing:
    """A proof that is missing: what, who can give it, and YAML to paste."""

    conjunct: Conjunct
    what: str
    who: str
    paste: str = ""
    file: str = ""


@dataclass(frozen=True)
class Assessment:
    """The verdict on one (PHI workload, use), with everything that it rests on.

    What it was judged by: the project, organization, endpoints and features once all declarations
    are found, and the newest edition of the provider that the use ends at, if there is one.
    """

    workload: Workload
    use: Use
    verdict: Verdict
    assurance: Assurance
    broken: tuple[Broken, ...] = ()
    missing: tuple[Missing, ...] = ()
    held: tuple[Held, ...] = ()
    project: str | None = None
    organization: str | None = None
    endpoints: tuple[str, ...] = ()
    declared: tuple[str, ...] | None = None
    """The endpoints that the team or the policy declares; None where neither does."""
    features: tuple[str, ...] = ()
    features_closed: bool = False
    """Whether something bounds the features to these."""
    edition: Edition | None = None
    controls: frozenset[str] = frozenset()
    """The retention controls that are shown: `logs` (no abuse logs are kept), `state` (nor what requests ask to store)."""
    deleted_after: int | None = None
    """Days after which what is stored is deleted, as the policy or the team declares it."""
    minimum: Assurance = Assurance.NONE
    """The assurance that cover had to reach."""


@dataclass(frozen=True)
class Unread:
    """Something that was not read: the file, why, and whether a signature shows that it matters."""

    file: str
    reason: str
    matters: bool
    signature: str = ""
    line: int = 1


def steps(evidence: Iterable[Evidence]) -> tuple[Step, ...]:
    """Pieces of evidence as a trace."""
    return tuple(Step(e.say(), e.place) for e in evidence)


@dataclass(frozen=True)
class Finding:
    """One cause at one resource, with its trace in order and what to do about it.

    `severity` is that of its rule unless it says another; `cause` tells findings of one rule at one
    resource apart without naming a line.
    """

    rule: str
    resource: str
    place: Place
    message: str
    remediation: str = ""
    trace: tuple[Step, ...] = ()
    handle: int = field(default=-1, compare=False)
    end_line: int = 0
    variant: str = ""
    severity: str = ""
    cause: str = ""
    law: tuple[str, ...] = ()
    """The paragraphs that it cites, those for the role of the policy."""
    also: tuple[str, ...] = ()
    """The other resources that it speaks for; an exception must match each of them."""

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits that stay the same while lines move and other findings come and go."""
        cause = self.cause or _LINES.sub("", self.message)
        whole = (self.rule, self.resource, self.place.file, self.variant, cause)
        return hashlib.sha256("\0".join(whole).encode("utf-8", "backslashreplace")).hexdigest()[:32]


@dataclass(frozen=True)
class Exempt:
    """A finding that does not count as failed: by an exception of a compliance file, or a skip inline.

    `kind` is `correction`, `accepted` or `skip`; `place` is where that is written.
    """

    finding: Finding
    kind: str
    reason: str
    place: Place
    approved_by: str = ""
    expires_on: str = ""
    ticket: str = ""
    plan: bool = False
    """Whether it is a plan to mend the cause: the verdict on the workload stays."""
    owner: str = ""
    approved_on: str = ""

    def say(self) -> str:
        """Why the finding does not count, in one line."""
        if self.kind == "skip":
            return self.reason
        until = f" until {self.expires_on}" if self.expires_on else ""
        head = f"not covered (plan{until})" if self.plan else f"{self.kind}{until}"
        approved = f"approved by {self.approved_by}" if self.approved_by else ""
        facts = ", ".join(f for f in (approved, self.ticket) if f)
        return f"{head}: {self.reason}{f' ({facts})' if facts else ''} at {self.place}"


@dataclass(frozen=True)
class Skip:
    """A skip that stands in the source itself: a comment in Terraform, an annotation in Kubernetes."""

    rule: str
    resource: str
    place: Place
    reason: str


@dataclass(frozen=True)
class Weakening:
    """Something in the repository that weakens the gate; `cause` tells two in one file apart.

    `skip` is the inline skip that it is, if it is one: an exception for its rule and resource settles it.
    """

    place: Place
    message: str
    remediation: str
    cause: str
    skip: Skip | None = None


_LINES = re.compile(r":\d+")


def show(path: Path) -> str:
    """A path as people write it: `spec.containers[0].env[OPENAI_API_KEY]`."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        else:
            out += f".{step}" if out else step
    return out
