"""The flow that reports draw: PHI sources, workloads, gateways and endpoints, with a verdict on each edge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from openai_phi.reporting.posture import Judged
from openai_phi.verdicts.assessment import Assessment
from openai_phi.verdicts.judging import towards
from openai_phi.words.observed import Confidence, Evidence, Kind, Workload
from openai_phi.words.places import Place
from openai_phi.words.verdict import Assured, Verdict

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
    """One step of PHI, with the worst verdict of the uses that take it, and the weakest that they rest on."""

    source: Node
    target: Node
    verdict: Verdict
    assured: Assured


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
        for label, place in sources(each.workload):
            source = Node("phi", label, str(place))
            _join(edges, Edge(source, node, each.verdict, each.assured))
        for assessment in each.assessments:
            for way, stands in _ways(assessment):
                for one, other in zip((node, *way), way, strict=False):
                    _join(edges, Edge(one, other, *stands))
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
        before.assured.with_other(edge.assured),
    )


def _ways(
    assessment: Assessment,
) -> list[tuple[tuple[Node, ...], tuple[Verdict, Assured]]]:
    """From the workload on: its gateways in order, then each endpoint, and how it stands."""
    through = tuple(Node("gateway", g) for g in gateways(assessment))
    return [((*through, Node("endpoint", e)), s) for e, s in reached(assessment).items()]


def gateways(assessment: Assessment) -> tuple[str, ...]:
    """The gateways between a workload and what it reaches."""
    return tuple(g for g in assessment.use.through if g != assessment.use.host)


def reached(assessment: Assessment) -> dict[str, tuple[Verdict, Assured]]:
    """Each endpoint with its host, as seen or as declared, and the verdict towards it.

    The host alone where nothing names an endpoint.
    """
    host = assessment.use.host or f"an unknown host of {assessment.use.provider}"
    named = (*assessment.use.endpoints, *assessment.endpoints)
    ways = {f"{host} {e}": towards(assessment, e) for e in named}
    return ways or {host: (assessment.verdict, assessment.assured)}


def sources(workload: Workload) -> tuple[tuple[str, Place], ...]:
    """What shows that it handles PHI, the strongest first: a store it refers to, a marker, a declaration."""
    found = [e for e in workload.phi_evidence if e.kind is Kind.PHI]
    strong = [e for e in found if e.confidence is not Confidence.SUSPECTED] or found
    named = {_source(e): _bare(e.place) for e in reversed(strong[:_SOURCES])}
    if not named and workload.declaration is not None:
        named = {"declared PHI": workload.declaration.place}
    return tuple(reversed(named.items()))


def _source(evidence: Evidence) -> str:
    if evidence.name == "refers to":
        return evidence.value
    return f"{evidence.name}={evidence.value}" if evidence.name else evidence.value


def _bare(place: Place) -> Place:
    return Place(place.file, place.line)
