"""The flow that reports draw: PHI sources, workloads, gateways and endpoints, with a verdict on each edge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from openai_phi.model import Assessment, Assurance, Confidence, Kind, Place, Verdict, Workload
from openai_phi.posture import Judged

WORST = (Verdict.NOT_COVERED, Verdict.UNPROVEN, Verdict.COVERED)
_SOURCES = 3


@dataclass(frozen=True)
class Node:
    """One thing in the picture: kind `phi`, `workload`, `gateway` or `endpoint`."""

    kind: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Edge:
    """One step of PHI, with the worst verdict of the uses that take it, and their weakest assurance."""

    source: Node
    target: Node
    verdict: Verdict
    assurance: Assurance


@dataclass(frozen=True)
class Flow:
    """Nodes in order of their kinds, and the edges between them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def verdict(self, node: Node) -> Verdict:
        """The worst verdict of the edges at a node."""
        mine = (e.verdict for e in self.edges if node in (e.source, e.target))
        return min(mine, key=WORST.index)


def flow_of(judged: Iterable[Judged]) -> Flow:
    """The flow of these workloads."""
    edges: dict[tuple[Node, Node], Edge] = {}
    for each in judged:
        node = Node("workload", each.workload.id, str(_bare(each.workload.resource.place())))
        for source in _sources(each.workload):
            _join(edges, Edge(source, node, each.verdict, each.assurance))
        for assessment in each.assessments:
            for way in _ways(assessment):
                for one, other in zip((node, *way), way, strict=False):
                    edge = Edge(one, other, assessment.verdict, assessment.assurance)
                    _join(edges, edge)
    nodes = dict.fromkeys(n for pair in edges for n in pair)
    kinds = ("phi", "workload", "gateway", "endpoint")
    return Flow(
        tuple(sorted(nodes, key=lambda n: kinds.index(n.kind))),
        tuple(edges.values()),
    )


def _join(edges: dict[tuple[Node, Node], Edge], edge: Edge) -> None:
    key = (edge.source, edge.target)
    before = edges.get(key, edge)
    edges[key] = Edge(
        *key,
        min(before.verdict, edge.verdict, key=WORST.index),
        min(before.assurance, edge.assurance),
    )


def _ways(assessment: Assessment) -> list[tuple[Node, ...]]:
    """From the workload on: its gateways in order, then each endpoint, or the host alone."""
    use = assessment.use
    host = use.host or f"an unknown host of {use.provider}"
    gateways = tuple(Node("gateway", g) for g in use.through if g != use.host)
    return [(*gateways, Node("endpoint", f"{host} {e}".rstrip())) for e in use.endpoints or ("",)]


def _sources(workload: Workload) -> list[Node]:
    """What shows that it handles PHI, the strongest first."""
    found = [e for e in workload.phi_evidence if e.kind is Kind.PHI]
    strong = [e for e in found if e.confidence is not Confidence.SUSPECTED] or found
    nodes = dict.fromkeys(
        Node("phi", f"{e.name}={e.value}" if e.name else e.value, str(_bare(e.place)))
        for e in strong[:_SOURCES]
    )
    if not nodes and workload.declaration is not None:
        nodes = {Node("phi", "declared PHI", str(Place(*workload.declaration.place))): None}
    return list(nodes)


def _bare(place: Place) -> Place:
    return Place(place.file, place.line)
