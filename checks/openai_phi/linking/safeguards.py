"""What resources on a workload's way log of its content, and which of them leave PHI without protection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from openai_phi.facts.signatures import Signatures
from openai_phi.linking.addresses import AddressBook
from openai_phi.linking.call_paths import Passed, told
from openai_phi.linking.cluster_ingress import ClusterIngress
from openai_phi.linking.data_reached import DataReached
from openai_phi.linking.onward_uses import OnwardUses
from openai_phi.linking.stores import Stores
from openai_phi.linking.taken_settings import TakenSettings
from openai_phi.observing.cloud_ingress import FrontDoors
from openai_phi.observing.resource_logs import ResourceLogs
from openai_phi.observing.transport_security import Transport, transport
from openai_phi.words.observed import PhiStatus, Use, WeakSpot, Workload
from openai_phi.words.resources import Resource


@dataclass(frozen=True, kw_only=True)
class Safeguards:
    """The logs, meshes, doors and stores of a scan."""

    taken: TakenSettings
    logs: ResourceLogs
    transport: Transport
    cloud: FrontDoors
    cluster: ClusterIngress
    stores: Stores

    def seen_by(self, onward: OnwardUses) -> Iterator[Workload]:
        """Workloads with what is logged on their way, and those with PHI with what is weak on it."""
        for workload in onward.workloads:
            passed = onward.passed_by(workload)
            uses = tuple(self._logged(workload, passed))
            found = replace(workload, uses=uses)
            if workload.phi is PhiStatus.PHI:
                found = replace(found, weak_spots=tuple(self._weak(found, passed)))
            yield found

    def _logged(self, workload: Workload, passed: Sequence[Passed]) -> Iterator[Use]:
        """The uses with what the resources on their way log of them."""
        way = [workload.resource, *(p.resource for p in passed)]
        for use in workload.uses:
            account = [use.account.resource] if use.account else []
            yield from told([use], self.logs.of([*way, *account]))

    def _weak(self, workload: Workload, passed: Sequence[Passed]) -> dict[WeakSpot, None]:
        """What is weak of a workload's transport, of its stores, and of what its content passes."""
        resource = workload.resource
        found = self._weak_at(resource, workload.uses)
        found += [*self.cloud.weak(resource), *self.cluster.weak(resource)]
        for each in passed:
            found += [
                replace(
                    spot,
                    text=f"{spot.text}, at {each.resource.id}, which it passes",
                    link=each.link,
                )
                for spot in self._weak_at(each.resource, workload.uses)
            ]
        return dict.fromkeys(found)

    def _weak_at(self, resource: Resource, uses: Sequence[Use]) -> list[WeakSpot]:
        settings = self.taken.all_settings(resource)
        transport_of = self.transport.find(resource, settings, uses)
        return [*transport_of, *self.stores.weak(resource, settings)]


def safeguards(
    resources: Sequence[Resource],
    names: Signatures,
    *,
    taken: TakenSettings,
    book: AddressBook,
    data: DataReached,
) -> Safeguards:
    """What these resources log, and what protects their content."""
    return Safeguards(
        taken=taken,
        logs=ResourceLogs(resources, names),
        transport=transport(names, resources),
        cloud=FrontDoors(resources),
        cluster=ClusterIngress(resources, book),
        stores=Stores(resources, names, book, data),
    )
