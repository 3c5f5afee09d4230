"""Links resources of one graph into an estate: workloads with their PHI status and their uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from openai_phi.declared.declarations import Declarations, WorkloadDeclaration
from openai_phi.facts.catalogue import Catalogue
from openai_phi.facts.signatures import Signatures
from openai_phi.linking.accounts import Accounts
from openai_phi.linking.addresses import AddressBook, selected
from openai_phi.linking.call_paths import Onward, Passed, Ways, told
from openai_phi.linking.cluster_ingress import ClusterDoors
from openai_phi.linking.stores import Stores
from openai_phi.observing.cloud_ingress import FrontDoors
from openai_phi.observing.egress import EgressRule, bounded, egress_rules
from openai_phi.observing.observer import Observer
from openai_phi.observing.receivers import receivers
from openai_phi.observing.resource_logs import ResourceLogs
from openai_phi.observing.transport_security import Transport, transport
from openai_phi.observing.uses import build_uses
from openai_phi.words.observed import (
    Account,
    Assurance,
    Confidence,
    Evidence,
    Kind,
    PhiStatus,
    Receiver,
    Use,
    WeakSpot,
    Workload,
)
from openai_phi.words.places import Place, show
from openai_phi.words.references import (
    AllVariables,
    ByAddress,
    ByName,
    Content,
    OneVariable,
    Reference,
)
from openai_phi.words.resources import Resource, SecretRef, Setting, Unknown, may_meet

_BY_NAME = frozenset({"kubernetes", "helm", "kustomize"})
"""Frameworks whose objects refer to each other by kind and name, not by an address."""
_TARGETS = frozenset({("spec", "target", "name"), ("spec", "externalSecretSpec", "target", "name")})
_LOWERS = frozenset({"none", "synthetic", "deidentified"})


@dataclass(frozen=True)
class Orphan:
    """A resource that declares OpenAI use with no visible reader: a key store, a parameter."""

    resource: Resource
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Marked:
    """A resource with evidence of PHI or of an agreement that is no workload of its own."""

    resource: Resource
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Estate:
    """What one scan holds: workloads that use a provider, in order of their place, and the rest.

    `orphans` are uses without a workload, `egress` the network rules that name a provider's host.
    """

    workloads: tuple[Workload, ...]
    orphans: tuple[Orphan, ...]
    egress: tuple[EgressRule, ...] = ()
    keys: tuple[Orphan, ...] = ()
    """Resources that hold a literal key, with the evidence of it."""
    accounts: tuple[Account, ...] = ()
    """Accounts of a provider that the code declares, whoever calls them."""


class Linker:
    """Builds the estate of one graph."""

    def __init__(
        self,
        resources: Sequence[Resource],
        names: Signatures,
        catalogue: Catalogue,
        declarations: Declarations,
    ) -> None:
        self._resources = resources
        self._names = names
        self._catalogue = catalogue
        self._declarations = declarations
        self._observer = Observer(names, catalogue)
        self._index: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resource in resources:
            for name in {resource.name, *_written(resource)}:
                self._index[(resource.type, name)].append(resource)
            if resource.framework not in _BY_NAME:
                self._index[("", resource.id)].append(resource)
        self._book = AddressBook(resources, names)
        self._accounts = Accounts(resources)
        self._keys: list[Orphan] = []
        self._policies = [r for r in resources if r.selects is not None and r.type != "Service"]
        self._candidates: list[Resource] = []
        self._passed: dict[int, tuple[Passed, ...]] = {}
        self._egress = egress_rules(resources, names, catalogue)
        self._read: set[int] = set()
        self._data: dict[int, list[tuple[Place, Resource]]] = {}
        self._connectors: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resource in resources:
            for ref in resource.refs_by_address if names.connects(resource.type) else ():
                self._connectors[(resource.scope, ref.address)].append(resource)
        self._sharers: dict[int, list[Resource]] | None = None
        self._phi_cache: dict[int, tuple[Evidence, ...]] = {}
        self._receiving: dict[int, tuple[Receiver, ...]] = {}

    def build(self) -> Estate:
        """The whole estate; deterministic for the same resources."""
        workloads: list[Workload] = []
        stores: list[Orphan] = []
        for resource in self._resources:
            sort = self._names.sort(resource.type)
            if sort == "workload":
                self._candidates.append(resource)
            stored = self._observer.store(resource)
            if stored or sort == "store":
                evidence = (*stored, *self._observer.observe(resource, resource.settings))
                self._note_keys(resource, evidence)
                if resource.type == "terraform_value":
                    continue
                if stored or any(_is_use(e) for e in evidence):
                    stores.append(Orphan(resource, evidence))
                continue
            apart = sort == "ignored" or bool(self._names.egress(resource.type))
            if apart and not self._names.calls(resource.type):
                continue
            workload = self._workload(resource, known=sort == "workload")
            if workload:
                workloads.append(workload)
        orphans = [o for o in stores if id(o.resource) not in self._read]
        workloads = _that_matter(self._along_calls(workloads))
        workloads = self._with_weak_spots(self._with_logs(workloads))
        return Estate(
            tuple(sorted(workloads, key=lambda w: _order(w.resource))),
            tuple(sorted(orphans, key=lambda o: _order(o.resource))),
            self._egress,
            tuple(sorted(self._keys, key=lambda o: _order(o.resource))),
            self._accounts.all,
        )

    def _with_logs(self, workloads: Iterable[Workload]) -> Iterable[Workload]:
        """Workloads with what the resources on their way log of it."""
        logs = ResourceLogs(self._resources, self._names)
        for workload in workloads:
            way = [p.resource for p in self._passed.get(id(workload.resource), ())]
            uses = [
                use
                for each in workload.uses
                for account in [[each.account.resource] if each.account else []]
                for use in told([each], logs.of([workload.resource, *way, *account]))
            ]
            yield replace(workload, uses=tuple(uses))

    def _with_weak_spots(self, workloads: Iterable[Workload]) -> list[Workload]:
        """PHI workloads with what is weak of their transport and of the stores that they refer to."""
        ways = transport(self._names, self._resources)
        doors, inside = FrontDoors(self._resources), ClusterDoors(self._resources, self._book)
        stores = Stores(self._resources, self._names, self._book, self._data_of)
        out: list[Workload] = []
        for workload in workloads:
            resource = workload.resource
            if workload.phi is not PhiStatus.PHI or not workload.uses:
                out.append(workload)
                continue
            found = self._weak_at(ways, stores, resource, workload.uses)
            found += [*doors.weak(resource), *inside.weak(resource)]
            for passed in self._passed.get(id(resource), ()):
                found += [
                    replace(
                        spot,
                        text=f"{spot.text}, at {passed.resource.id}, which it passes",
                        link=passed.link,
                    )
                    for spot in self._weak_at(ways, stores, passed.resource, workload.uses)
                ]
            out.append(replace(workload, weak_spots=tuple(dict.fromkeys(found))))
        return out

    def _weak_at(
        self, ways: Transport, stores: Stores, resource: Resource, uses: Sequence[Use]
    ) -> list[WeakSpot]:
        settings = [*resource.settings, *self._linked(resource)]
        return [*ways.find(resource, settings, uses), *stores.weak(resource, settings)]

    def _note_keys(self, resource: Resource, evidence: Iterable[Evidence]) -> None:
        """Literal keys that stand in a resource itself."""
        own = [e for e in evidence if e.kind is Kind.KEY and e.value == "literal"]
        if own:
            self._keys.append(Orphan(resource, tuple(_unique(own))))

    # -- calls from workload to workload ---------------------------------------------------------

    def _along_calls(self, workloads: list[Workload]) -> list[Workload]:
        """Workloads with the uses of what they call; a gateway is judged by what it forwards to."""
        if self._book.empty:
            return workloads
        using = {id(w.resource): w.uses for w in workloads}
        ways = Ways(
            self._book,
            self._names,
            using,
            lambda r: self._book.calls(r, [*r.settings, *self._linked(r)]),
            self._receivers,
            lambda r: self._declarations.deidentifies(r.file, r.aliases),
        )
        out: list[Workload] = []
        relays: set[int] = set()
        for workload in workloads:
            way = ways.onward(workload.resource, workload.uses)
            if workload.phi is PhiStatus.PHI:
                relays |= self._pass(workload.resource, way)
            uses = told(way.uses, self._receivers(workload.resource))
            if uses:
                out.append(replace(workload, uses=uses))
        for resource in self._candidates:
            caller = None if id(resource) in using else self._caller(resource, ways)
            if caller:
                relays |= {id(p.resource) for p in self._passed[id(resource)]}
                out.append(caller)
        return [replace(w, relay=True) if id(w.resource) in relays else w for w in out]

    def _pass(self, resource: Resource, way: Onward) -> set[int]:
        """Notes what the content of a PHI workload passes."""
        self._passed[id(resource)] = way.passed
        return {id(p.resource) for p in way.passed}

    def _caller(self, resource: Resource, ways: Ways) -> Workload | None:
        """A PHI workload that uses a provider only through others; without PHI it is no matter."""
        if not self._book.calls(resource, resource.settings) and not resource.refs:
            return None
        phi = [*self._phi(resource), *self._phi_of_links(resource)]
        declared = self._declared(resource)
        status, against = self._status(resource, phi, declared)
        if status is not PhiStatus.PHI:
            return None
        way = ways.onward(resource, ())
        if not way.uses:
            return None
        self._pass(resource, way)
        uses = told(way.uses, self._receivers(resource))
        return Workload(
            resource,
            status,
            tuple(_unique(phi)),
            uses,
            declared,
            against,
            limited_by=self._limiting(resource),
        )

    def _receivers(
        self, resource: Resource, linked: Sequence[Setting] | None = None
    ) -> tuple[Receiver, ...]:
        """Who else gets what a workload sends, by its settings and those that it takes from others."""
        found = self._receiving.get(id(resource))
        if found is None:
            more = self._linked(resource) if linked is None else linked
            found = receivers(self._names).find(resource, [*resource.settings, *more])
            self._receiving[id(resource)] = found
        return found

    def others(self, estate: Estate) -> tuple[tuple[Workload, ...], tuple[Marked, ...]]:
        """For an inventory: workloads that use no provider, and whatever else is marked."""
        known = {id(w.resource) for w in estate.workloads}
        silent: list[Workload] = []
        marked: list[Marked] = []
        for resource in self._resources:
            if id(resource) in known:
                continue
            phi = self._phi(resource)
            if self._names.sort(resource.type) == "workload":
                whole = _unique([*phi, *self._phi_of_links(resource)])
                declared = self._declared(resource)
                status, against = self._status(resource, whole, declared)
                silent.append(Workload(resource, status, tuple(whole), (), declared, against))
                inbound = self._observer.inbound(resource) if status is PhiStatus.PHI else ()
                if inbound:
                    marked.append(Marked(resource, inbound))
            elif any(p.confidence is not Confidence.SUSPECTED for p in phi):
                marked.append(Marked(resource, tuple(_unique(phi))))
            held = self._holds(resource)
            if held:
                marked.append(Marked(resource, held))
            terms = self._observer.agreements(resource)
            if terms:
                marked.append(Marked(resource, terms))
        return (
            tuple(sorted(silent, key=lambda w: _order(w.resource))),
            tuple(sorted(marked, key=lambda m: _order(m.resource))),
        )

    def _holds(self, resource: Resource) -> tuple[Evidence, ...]:
        """What a store that a workload reads, or a value of Terraform, says of a provider."""
        kept = id(resource) in self._read and resource.framework not in _BY_NAME
        if not kept and resource.type != "terraform_value":
            return ()
        found = (
            *self._observer.store(resource),
            *self._observer.observe(resource, resource.settings),
        )
        return tuple(_unique([e for e in found if e.kind is not Kind.SWITCHED_OFF]))

    def _workload(self, resource: Resource, *, known: bool) -> Workload | None:
        linked = self._linked(resource)
        resolved = {(s.name, s.group) for s in linked if s.role == "env"}
        own = [s for s in resource.settings if not _stands_for(s, resolved)]
        settings = [*own, *linked]
        evidence = self._observer.observe(resource, settings)
        if known:
            evidence = (*evidence, *self._keys_referred(resource), *self._keys_remote(resource))
            evidence = (*evidence, *self._accounts.evidence(resource, evidence))
        if not evidence:
            return None
        uses = build_uses(
            evidence,
            self._secrets(resource, settings, evidence),
            self._names,
            self._catalogue,
            lambda host: self._book.unseen(resource, host),
        )
        if not uses:
            return None
        uses = self._accounts.attach(resource, uses)
        self._read |= {id(u.account.resource) for u in uses if u.account}
        self._note_keys(
            resource,
            [e for u in uses if not u.unseen for e in u.evidence if not _linked_place(e, linked)],
        )
        egress, uses = self._bounded_by_egress(resource, uses)
        uses = told(uses, self._receivers(resource, linked))
        phi = [
            *self._phi(resource),
            *self._observer.phi(resource, linked),
            *self._phi_of_links(resource),
        ]
        declared = self._declared(resource)
        status, contradiction = self._status(resource, phi, declared)
        personal = _personal(phi, declared)
        shown = tuple(e for e in _unique(phi) if e.kind is not Kind.PERSONAL_EU)
        return Workload(
            resource,
            status,
            shown,
            uses,
            declared,
            contradiction,
            egress,
            personal,
            limited_by=self._limiting(resource),
        )

    def _limiting(self, resource: Resource) -> tuple[Resource, ...]:
        """The network policies that limit what a workload may reach."""
        return tuple(p for p in self._policies if p.limits_out and selected(p, resource))

    def _bounded_by_egress(
        self, resource: Resource, uses: tuple[Use, ...]
    ) -> tuple[tuple[Evidence, ...], tuple[Use, ...]]:
        """Uses with what network policies that select the workload prove of host and paths."""
        policies = [p for p in self._policies if selected(p, resource)]
        ids = {id(p) for p in policies}
        rules = [r for r in self._egress if id(r.resource) in ids]
        evidence = tuple(e for r in rules for e in r.evidence)
        if not rules or any(p.lets_out for p in policies):
            return evidence, uses
        return evidence, tuple(self._bounded_use(use, rules) for use in uses)

    def _bounded_use(self, use: Use, rules: Sequence[EgressRule]) -> Use:
        if use.host is None:
            hosts = {
                a.host for r in rules for a in r.allowed if a.evidence.provider == use.provider
            }
            if len(hosts) != 1 or "*" in next(iter(hosts)):
                return use
            host = hosts.pop()
            return self._bounded_use(
                replace(use, host=host, how="the only host that egress allows"), rules
            )
        found = bounded(rules, use.host)
        if found is None:
            return use
        paths, evidence = found
        return replace(
            use,
            endpoints=paths,
            closed=Assurance.ENFORCED,
            evidence=(*use.evidence, *evidence),
        )

    # -- links -----------------------------------------------------------------------------

    def _linked(self, resource: Resource) -> list[Setting]:
        """Settings that the workload takes from ConfigMaps and Secrets of its scope."""
        out: list[Setting] = []
        for ref in resource.refs:
            if not isinstance(ref, ByName):
                continue
            found = self._find(resource, ref.kind, ref.name)
            for target in found:
                self._read.add(id(target))
                out.extend(self._taken(target, ref))
            if isinstance(ref, AllVariables) and not found:
                out.append(self._unseen(resource, ref))
        self._note_stores(resource)
        return out

    def _taken(self, target: Resource, ref: ByName) -> Iterable[Setting]:
        for setting in target.settings:
            if setting.path[:1] not in (("data",), ("stringData",), ("spec",), ("binaryData",)):
                continue
            if isinstance(ref, OneVariable):
                if setting.name == ref.entry:
                    yield replace(setting, name=ref.variable, group=ref.path, role="env")
            else:
                own = isinstance(ref, AllVariables)
                group = ref.path if own else f"{ref.path}.{target.name}"
                if setting.name == "secretKey" and target.type.endswith("ExternalSecret"):
                    setting = replace(setting, name=str(setting.value))
                secret = self._secret_of(target, setting)
                value = setting.value
                if isinstance(value, str) and self._names.key_state(value) == "none":
                    secret = None
                if secret:
                    value = Unknown(f"comes from {secret}")
                yield replace(
                    setting,
                    group=group if not setting.group else setting.group,
                    secret=secret,
                    value=value,
                    mounted=ref.mounted if isinstance(ref, Content) else (),
                )

    def _secret_of(self, target: Resource, setting: Setting) -> SecretRef | None:
        if target.type == "ConfigMap" or not target.type.endswith("Secret"):
            return None
        if "template" in setting.path and "{{" not in str(setting.value):
            return None  # an ExternalSecret's template says it in the open
        space = f"{target.namespace}/" if target.namespace else ""
        return SecretRef("kubernetes", f"{space}{target.name}#{setting.name}")

    def _unseen(self, resource: Resource, ref: AllVariables) -> Setting:
        """An envFrom whose source is not in the graph: its name alone may speak of OpenAI."""
        kind, name = ref.kind, ref.name
        secret = SecretRef("kubernetes", name) if kind == "Secret" else None
        reason = f"{kind} {name} is not in this scan"
        speaks = self._names.variable(f"{name}_secret" if secret else f"{name}_setting", "")
        label = f"{name}_key" if speaks and secret else name
        return Setting(
            label,
            Unknown(reason),
            ("envFrom", name),
            ref.line,
            ref.path,
            resource.file,
            secret,
            "env",
        )

    def _find(self, resource: Resource, kind: str, name: str) -> list[Resource]:
        """Objects of this kind and name that may be joined: same scope and namespace, or one explicit one."""
        kinds = (
            [kind]
            if kind != "Secret"
            else ["Secret", "ExternalSecret", "ClusterExternalSecret", "SealedSecret"]
        )
        found = [r for k in kinds for r in self._index.get((k, name), [])]
        near = [r for r in found if r.scope == resource.scope and _may_share(r, resource)]
        if near:
            return near
        far = [
            r
            for r in found
            if r.scope != resource.scope and r.namespace and r.namespace == resource.namespace
        ]
        return far if len({r.scope for r in far}) == 1 else []

    def _note_stores(self, resource: Resource) -> None:
        """Key stores that a Terraform resource refers to have a reader."""
        for ref in resource.refs_by_address:
            for target in self._index.get(("", ref.address), []):
                if target.scope == resource.scope:
                    self._read.add(id(target))

    # -- PHI ---------------------------------------------------------------------------------

    def _phi(self, resource: Resource) -> tuple[Evidence, ...]:
        found = self._phi_cache.get(id(resource))
        if found is None:
            own = self._observer.phi(resource, resource.settings)
            found = (*own, *self._namespace_phi(resource))
            self._phi_cache[id(resource)] = found
        return found

    def _namespace_phi(self, resource: Resource) -> list[Evidence]:
        if not resource.namespace:
            return []
        spaces = self._index.get(("Namespace", resource.namespace), [])
        near = [s for s in spaces if s.scope == resource.scope] or spaces
        if len({s.scope for s in near}) != 1:
            return []
        return [
            replace(e, inherited=True, note=f"inherited from namespace {resource.namespace}")
            for space in near
            for e in self._observer.phi(space, space.settings)
            if e.confidence is not Confidence.SUSPECTED
        ]

    def _phi_of_links(self, resource: Resource) -> list[Evidence]:
        """PHI that reaches the workload over a reference to data: what is marked, or others with PHI share."""
        out: list[Evidence] = []
        for place, target in self._data_of(resource):
            marked = self._positive(target)
            if marked:
                note = f"{target.id} is marked at {marked.place}"
                out += [marked, _refers(target, place, note)]
                continue
            shared = self._names.is_shared(place.path)
            for other in self._sharing(target, resource) if shared else ():
                note = f"{other.id} at {other.place()} handles PHI and refers to it too"
                out.append(replace(_refers(target, place, note), inherited=True))
                break
        return out

    def _data_of(self, resource: Resource) -> list[tuple[Place, Resource]]:
        """The stores, queues, streams and volumes that a resource refers to, or is connected to, and where."""
        found = self._data.get(id(resource))
        if found is None:
            connectors = self._connectors.get((resource.scope, resource.id), ())
            found = self._data[id(resource)] = [
                (Place(each.file, ref.line or each.line, ref.path), target)
                for each in (resource, *connectors)
                for ref in each.refs
                for target in self._referred(each, ref)
                if self._names.carries_data(target.type)
            ]
        return found

    def _referred(self, resource: Resource, ref: Reference) -> list[Resource]:
        match ref:
            case ByName():
                return self._find(resource, ref.kind, ref.name)
            case ByAddress():
                known = self._index.get(("", ref.address), [])
                return [t for t in known if t.scope == resource.scope and may_meet(t, resource)]

    def _positive(self, resource: Resource) -> Evidence | None:
        """What says for sure that a resource holds PHI."""
        sure = (e for e in self._phi(resource) if e.confidence is not Confidence.SUSPECTED)
        return next((e for e in sure if e.kind is Kind.PHI), None)

    def _sharing(self, store: Resource, resource: Resource) -> Iterable[Resource]:
        """Other workloads that handle PHI and refer to the same data; what passes one is no PHI after it."""
        if self._sharers is None:
            self._sharers = defaultdict(list)
            for other in self._resources:
                if self._names.sort(other.type) == "workload":
                    for place, target in self._data_of(other):
                        if self._names.is_shared(place.path):
                            self._sharers[id(target)].append(other)
        for other in self._sharers.get(id(store), ()):
            ends = self._declarations.deidentifies(other.file, other.aliases)
            if other is not resource and not ends and self._is_phi(other):
                yield other

    def _is_phi(self, resource: Resource) -> bool:
        """Whether a workload handles PHI by what is said of itself or of the data that it refers to."""
        phi = [*self._phi(resource)]
        phi += [e for _, t in self._data_of(resource) for e in [self._positive(t)] if e]
        return self._status(resource, phi, self._declared(resource))[0] is PhiStatus.PHI

    def _declared(self, resource: Resource) -> WorkloadDeclaration | None:
        return self._declarations.workload(resource.id, resource.file, resource.aliases)

    def _status(
        self,
        resource: Resource,
        phi: Sequence[Evidence],
        declared: WorkloadDeclaration | None,
    ) -> tuple[PhiStatus, tuple[Evidence, ...]]:
        positive = [
            e for e in phi if e.kind is Kind.PHI and e.confidence is not Confidence.SUSPECTED
        ]
        suspected = any(e.kind is Kind.PHI and e.confidence is Confidence.SUSPECTED for e in phi)
        if declared is not None and declared.data in _LOWERS:
            against = tuple(e for e in positive if not e.inherited)
            return (PhiStatus.PHI, against) if against else (PhiStatus.NOT_PHI, ())
        if declared is not None and declared.data in ("phi", "limited_data_set"):
            return PhiStatus.PHI, ()
        if positive or (suspected and self._declarations.suspected_is_phi(resource.file)):
            return PhiStatus.PHI, ()
        if declared is not None and declared.data == "personal_eu":
            return PhiStatus.NOT_PHI, ()
        if suspected:
            return PhiStatus.SUSPECTED, ()  # its own word that it is none does not outweigh that
        denied = any(e.kind is Kind.NOT_PHI for e in phi)
        no_phi = denied and self._declarations.policy is None
        return (PhiStatus.NOT_PHI if no_phi else PhiStatus.UNCLASSIFIED), ()

    def _keys_referred(self, resource: Resource) -> Iterable[Evidence]:
        """Keys in the stores that a workload refers to, where the name that it does so by tells nothing."""
        if resource.framework in _BY_NAME:
            return
        at = {show(s.path): s for s in resource.settings}
        for ref in resource.refs:
            setting = at.get(ref.path)
            name = setting.name if setting else ref.path.rpartition(".")[2]
            if self._names.variable(name, "") or not self._names.is_call(ref.path):
                continue
            for target in self._referred(resource, ref):
                for key in self._observer.store(target):
                    if key.kind is Kind.KEY:
                        place = resource.place_of(
                            setting.file if setting else "", ref.line, ref.path
                        )
                        group = setting.group if setting else _group_at(resource, ref.path)
                        said = (*(Kind.KEY, "reference", place), Confidence.STRUCTURAL, name)
                        yield Evidence(*said, key.provider, group, f"from {target.id}")

    def _keys_remote(self, resource: Resource) -> Iterable[Evidence]:
        """Keys that secrets of the cluster take from a store outside, under another name."""
        if resource.framework not in _BY_NAME:
            return
        for setting in resource.settings:
            secret = setting.secret
            if secret is None or secret.store != "kubernetes":
                continue
            store, _, entry = secret.name.partition("#")
            for target in self._find(resource, "Secret", store.rpartition("/")[2]):
                place = resource.place_of(setting.file, setting.line, show(setting.path))
                for filled, name in _taken_from(target):
                    if filled in ("", entry):
                        yield from self._key_from(target, setting.name, name, place, setting.group)
        for ref in resource.refs:
            match ref:
                case AllVariables(kind="Secret"):
                    group = ref.path
                case Content(kind="Secret"):
                    group = next(iter(ref.mounted), "")
                case _:
                    continue
            place = Place(resource.file, ref.line or resource.line, ref.path)
            for target in self._find(resource, ref.kind, ref.name):
                for filled, name in _taken_from(target):
                    yield from self._key_from(target, filled or "key", name, place, group)

    def _key_from(
        self, target: Resource, holder: str, name: str, place: Place, group: str
    ) -> Iterable[Evidence]:
        """The key that a name is filled with from a store's entry of another name, if it is one."""
        key = self._names.key_in(holder, name)
        if key and not self._names.variable(holder, ""):
            self._read.add(id(target))
            said = (Kind.KEY, "reference", place, Confidence.STRUCTURAL, holder)
            yield Evidence(*said, key.provider, group, f"from {target.id}")

    def _secrets(
        self, resource: Resource, settings: Iterable[Setting], evidence: Iterable[Evidence]
    ) -> dict[str, list[SecretRef]]:
        """Group -> the secret references that its OpenAI keys come from."""
        out: dict[str, set[SecretRef]] = defaultdict(set)
        keys = {e.place.path for e in evidence if e.kind is Kind.KEY}
        for setting in settings:
            if setting.secret and show(setting.path) in keys:
                out[setting.group].add(self._full(resource, setting.secret))
        return {group: sorted(refs, key=str) for group, refs in out.items()}

    def _full(self, resource: Resource, ref: SecretRef) -> SecretRef:
        """A secret by the name that people know: with its namespace, or a Terraform secret's own name."""
        if ref.store == "kubernetes":
            if resource.namespace and "/" not in ref.name:
                return SecretRef("kubernetes", f"{resource.namespace}/{ref.name}")
            return ref
        for target in self._index.get(("", ref.name), []):
            if target.scope == resource.scope:
                return SecretRef(ref.store, target.name)
        return ref


def _taken_from(target: Resource) -> Iterable[tuple[str, str]]:
    """What an ExternalSecret takes from a store: the entry that it fills (empty: all of it), the name there."""
    entries = {s.path[:-1]: str(s.value) for s in target.settings if s.name == "secretKey"}
    for setting in target.settings:
        if setting.name in ("key", "property") and isinstance(setting.value, str):
            entry = next((e for p, e in entries.items() if setting.path[: len(p)] == p), "")
            if entry or "extract" in setting.path:
                yield entry, setting.value


def _group_at(resource: Resource, path: str) -> str:
    """The part of a resource that a path lies in, by the settings of it; empty where there is none."""
    steps = path.replace("[", ".").replace("]", "")
    groups = {s.group for s in resource.settings if steps.startswith(f"{s.group}.")}
    return max(groups, key=len, default="")


def _that_matter(workloads: Iterable[Workload]) -> list[Workload]:
    """Workloads without uses of what nobody sees, which only PHI makes a matter."""
    out: list[Workload] = []
    for workload in workloads:
        phi = workload.phi is PhiStatus.PHI
        uses = tuple(u for u in workload.uses if phi or not u.unseen)
        if uses:
            out.append(replace(workload, uses=uses) if uses != workload.uses else workload)
    return out


def _refers(target: Resource, place: Place, note: str) -> Evidence:
    return Evidence(Kind.PHI, target.id, place, Confidence.STRUCTURAL, "refers to", note=note)


def _written(resource: Resource) -> Iterable[str]:
    """The names of the objects that a resource has others write: an ExternalSecret's target."""
    if resource.type.endswith("ExternalSecret"):
        for setting in resource.settings:
            if setting.path in _TARGETS and isinstance(setting.value, str):
                yield setting.value


def _personal(
    evidence: Iterable[Evidence], declared: WorkloadDeclaration | None
) -> tuple[Place, ...]:
    """Where a workload is said to handle personal data of the EU."""
    places = [e.place for e in evidence if e.kind is Kind.PERSONAL_EU]
    if declared is not None and declared.personal_eu:
        places.append(Place(*declared.place))
    return tuple(dict.fromkeys(places))


def _stands_for(setting: Setting, resolved: set[tuple[str, str]]) -> bool:
    """Whether a variable only refers to a value that was found where it refers to."""
    unknown = isinstance(setting.value, Unknown) and setting.secret is None
    return unknown and (setting.name, setting.group) in resolved


def _may_share(one: Resource, other: Resource) -> bool:
    if not may_meet(one, other):
        return False
    return one.namespace is None or other.namespace is None or one.namespace == other.namespace


def _linked_place(item: Evidence, linked: Iterable[Setting]) -> bool:
    """Whether evidence stands in a resource that the workload only refers to."""
    return any((s.file, s.line) == (item.place.file, item.place.line) for s in linked)


def _order(resource: Resource) -> tuple[str, int, str]:
    return resource.file, resource.line, resource.id


def _is_use(item: Evidence) -> bool:
    if item.kind is Kind.HOST:
        return item.provider != "" and (item.value != "" or item.note != "is no URL")
    return item.kind is Kind.KEY and item.value != "none"


def _unique(items: Sequence[Evidence]) -> list[Evidence]:
    return list(dict.fromkeys(items))
