"""Runs all stages once over the resources of one graph and keeps what rules ask about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from openai_phi.declared.declaration_files import Mistake
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.exceptions import ExceptionEntry
from openai_phi.facts.catalogue import Catalogue, Edition
from openai_phi.facts.signatures import Signatures
from openai_phi.linking.estate import Estate
from openai_phi.linking.linked import Linked, link
from openai_phi.reading.terraform.proofs import GeographyProof, Proofs, ToolProof
from openai_phi.verdicts.assessment import Assessment
from openai_phi.verdicts.judging import Judge
from openai_phi.words.found import Skip, Unread, Weakening
from openai_phi.words.observed import Account, PhiStatus, Workload
from openai_phi.words.resources import Resource


@dataclass(frozen=True)
class Inputs:
    """Everything an analysis depends on; the same inputs give the same analysis."""

    resources: Sequence[Resource]
    declarations: Declarations
    catalogue: Catalogue
    names: Signatures
    today: date
    proofs: Proofs = field(default_factory=Proofs)
    unread: Sequence[Unread] = ()
    mistakes: Sequence[Mistake] = ()
    whole: bool = False
    """Whether it speaks for what concerns the scan as a whole: declarations, editions, the gate."""
    skips: Sequence[Skip] = ()
    weakenings: Sequence[Weakening] = ()
    concerned: bool = False
    """Whether a word in some file speaks of a provider at all."""


@dataclass(frozen=True)
class Analysis:
    """The estate of one graph, judged."""

    linked: Linked
    """The resources as they are linked, to judge them by other declarations or to list the rest."""
    estate: Estate
    assessments: tuple[Assessment, ...]
    declarations: Declarations
    unread: tuple[Unread, ...]
    names: Signatures
    today: date
    proofs: Proofs = field(default_factory=Proofs)
    others: tuple[Assessment, ...] = ()
    """Uses by workloads that are not known to handle PHI: what is known of them, no verdict."""
    mistakes: tuple[Mistake, ...] = ()
    """What is wrong with the declaration files; only where files, not a graph, are analysed."""
    whole: bool = False
    """Whether it speaks for what concerns the scan as a whole: declarations, editions, the gate."""
    resources: tuple[Resource, ...] = ()
    skips: tuple[Skip, ...] = ()
    weakenings: tuple[Weakening, ...] = ()
    unmatched: tuple[ExceptionEntry, ...] = ()
    """Exceptions that no finding needs; only a scan that saw all of them knows."""
    concerned: bool = False
    """Whether a word in some file speaks of a provider at all."""
    stale_editions: tuple[Edition, ...] = ()
    """The editions judged by that are past their review."""

    def phi_workloads(self) -> tuple[Workload, ...]:
        """Workloads that handle PHI and use a provider."""
        return tuple(w for w in self.estate.workloads if w.phi is PhiStatus.PHI)

    def of(self, workload: Workload) -> tuple[Assessment, ...]:
        """The assessments of one workload's uses."""
        return tuple(a for a in self.assessments if a.workload is workload)

    def judged(self) -> tuple[Assessment, ...]:
        """The assessments of PHI and those of personal data of the EU, in the order of workloads."""
        found = (*self.assessments, *(a for a in self.others if a.workload.personal_eu))
        order = {id(w): i for i, w in enumerate(self.estate.workloads)}
        return tuple(sorted(found, key=lambda a: order.get(id(a.workload), 0)))

    def by_account(self) -> list[tuple[Account, list[Assessment]]]:
        """The accounts that the code declares and PHI reaches, each with the uses that end there."""
        out: dict[int, tuple[Account, list[Assessment]]] = {}
        for assessment in self.assessments:
            account = assessment.use.account
            if account:
                out.setdefault(id(account), (account, []))[1].append(assessment)
        return list(out.values())


def joined(all_of: Sequence[Inputs]) -> Inputs:
    """The inputs of several graphs as one. Raises ValueError if there are none."""
    if not all_of:
        raise ValueError("nothing was read")
    first = all_of[0]
    retention = {p for i in all_of for p in i.proofs.retention}
    tools = {(t.project, t.place): t for t in _here_last(t for i in all_of for t in i.proofs.tools)}
    places = {
        (g.project, g.place): g for g in _here_last(g for i in all_of for g in i.proofs.geographies)
    }
    return Inputs(
        [r for i in all_of for r in i.resources],
        first.declarations,
        first.catalogue,
        first.names,
        first.today,
        Proofs(
            tuple(sorted(retention, key=lambda r: (r.project, r.place))),
            tuple(t for _, t in sorted(tools.items(), key=lambda i: i[0])),
            tuple(sorted({m for i in all_of for m in i.proofs.models}, key=lambda m: m.project)),
            tuple(g for _, g in sorted(places.items(), key=lambda i: i[0])),
            tuple(
                sorted(
                    {o for i in all_of for o in i.proofs.organizations},
                    key=lambda o: (o.project, o.place),
                )
            ),
        ),
        tuple(dict.fromkeys(u for i in all_of for u in i.unread)),
        tuple(dict.fromkeys(m for i in all_of for m in i.mistakes)),
        any(i.whole for i in all_of),
        tuple(dict.fromkeys(s for i in all_of for s in i.skips)),
        tuple(dict.fromkeys(w for i in all_of for w in i.weakenings)),
        any(i.concerned for i in all_of),
    )


_Proof = TypeVar("_Proof", ToolProof, GeographyProof)


def _here_last(proofs: Iterable[_Proof]) -> list[_Proof]:
    """Proofs with those last that come with their resource."""
    return sorted(proofs, key=lambda p: p.resource is not None)


def analyse(inputs: Inputs, linked: Linked | None = None) -> Analysis:
    """All stages, once. Raises nothing of its own: what cannot be read is in `unread`.

    `linked` are the same resources as an analysis before linked them.
    """
    if linked is None:
        linked = link(inputs.resources, inputs.names, inputs.catalogue)
    estate = linked.estate(inputs.declarations)
    judge = Judge(inputs.declarations, inputs.catalogue, inputs.today, inputs.proofs, inputs.names)
    assessments = tuple(
        judge.assess(workload, use)
        for workload in estate.workloads
        if workload.phi is PhiStatus.PHI
        for use in workload.uses
    )
    others = tuple(
        judge.assess(workload, use)
        for workload in estate.workloads
        if workload.phi is not PhiStatus.PHI
        for use in workload.uses
    )
    return Analysis(
        linked,
        estate,
        assessments,
        inputs.declarations,
        tuple(inputs.unread),
        inputs.names,
        inputs.today,
        inputs.proofs,
        others,
        tuple(inputs.mistakes),
        inputs.whole,
        tuple(inputs.resources),
        tuple(inputs.skips),
        tuple(inputs.weakenings),
        concerned=inputs.concerned,
        stale_editions=_stale(inputs),
    )


def _stale(inputs: Inputs) -> tuple[Edition, ...]:
    """The editions that these inputs are judged by and that are past their review, the newest and the policy's."""
    catalogue, policy = inputs.catalogue, inputs.declarations.policy
    asked = [catalogue.newest(e.provider, inputs.today) for e in catalogue.editions]
    if policy and policy.edition:
        asked += [e for e in catalogue.editions if e.id == policy.edition]
    stale = {(e.provider, e.id): e for e in asked if e and e.review_by < inputs.today.isoformat()}
    return tuple(e for _, e in sorted(stale.items()))
