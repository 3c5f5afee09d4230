"""Judges one use of a PHI workload: each part of cover holds, is broken, or lacks its proof."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from openai_phi.declared.declarations import Declarations, Project, WorkloadDeclaration
from openai_phi.facts.catalogue import ALL, Catalogue, Edition, standing
from openai_phi.facts.signatures import Signatures, signatures
from openai_phi.reading.terraform.proofs import Proofs, RetentionProof
from openai_phi.verdicts.assessment import Assessment
from openai_phi.verdicts.availability import Listed, availability
from openai_phi.verdicts.parties import Outcome, Parties
from openai_phi.words.observed import Assurance, Use, Workload
from openai_phi.words.places import Place
from openai_phi.words.verdict import Broken, Conjunct, Held, Missing, Verdict

_ORGANIZATION = re.compile(r"org-[\w-]+")


@dataclass(frozen=True)
class Facts:
    """What is known about a use once its declarations are found; the judge reads only this."""

    file: str
    use: Use
    project: Project | None
    project_id: str | None
    organization: str | None
    endpoints: tuple[str, ...]
    closed: Assurance
    features: tuple[str, ...]
    features_closed: Assurance
    models: tuple[str, ...] | None
    """The models that the team declares, if it does."""
    declared: tuple[str, ...] | None = None
    """The endpoints that the team declares, or the project's."""
    conflict: Mapping[str, str] = field(default_factory=dict)
    """Where more than one project is named for the one key: project -> what names it."""


def verdict(outcomes: Iterable[Outcome], minimum: Assurance) -> tuple[Verdict, Assurance]:
    """Broken beats missing beats held; a covered verdict carries its weakest link's assurance."""
    items = list(outcomes)
    if any(isinstance(o, Broken) for o in items):
        return Verdict.NOT_COVERED, Assurance.NONE
    if not items or any(isinstance(o, Missing) for o in items):
        return Verdict.UNPROVEN, Assurance.NONE
    weakest = min(o.assurance for o in items if isinstance(o, Held))
    return (Verdict.COVERED, weakest) if weakest >= minimum else (Verdict.UNPROVEN, weakest)


def towards(assessment: Assessment, endpoint: str) -> tuple[Verdict, Assurance]:
    """The verdict on a use towards one of its endpoints: what is wrong with another does not count."""
    others = {e for e in (*assessment.use.endpoints, *assessment.endpoints) if e != endpoint}
    broken = [
        b
        for b in assessment.broken
        if b.conjunct is not Conjunct.ENDPOINT or b.subject not in others
    ]
    if len(broken) == len(assessment.broken):
        return assessment.verdict, assessment.assurance
    return verdict([*broken, *assessment.missing, *assessment.held], assessment.minimum)


class Judge:
    """Judges uses against one set of declarations, one catalogue and one day."""

    def __init__(
        self,
        declarations: Declarations,
        catalogue: Catalogue,
        today: date,
        proofs: Proofs,
        names: Signatures | None = None,
    ) -> None:
        self._parties = Parties(declarations, names or signatures(), today)
        self._declared = declarations
        self._catalogue = catalogue
        self._today = today
        self._proofs = proofs

    def assess(self, workload: Workload, use: Use) -> Assessment:
        """The verdict on one use of a workload that handles PHI."""
        facts = self._facts(workload, use)
        mistakes = self._declared.broken_for(workload.resource.file)
        outcomes = self._outcomes(workload, facts)
        if mistakes:
            kept = [o for o in outcomes if isinstance(o, Broken) and o.conjunct in _OF_THE_CODE]
            first = mistakes[0]
            what = f"{first.file}:{first.line} is wrong ({first.message}), so nothing in it counts"
            outcomes = [
                *kept,
                Missing(Conjunct.DECLARATION, what, "whoever owns that file", file=first.file),
            ]
        minimum = self._minimum(workload)
        result, assurance = verdict(outcomes, minimum)
        missing = [o for o in outcomes if isinstance(o, Missing)]
        if result is Verdict.UNPROVEN and not missing:
            missing = [
                _too_weak(o, minimum)
                for o in outcomes
                if isinstance(o, Held) and o.assurance < minimum
            ]
        return Assessment(
            workload,
            use,
            result,
            assurance,
            broken=tuple(o for o in outcomes if isinstance(o, Broken)),
            missing=tuple(missing),
            held=tuple(o for o in outcomes if isinstance(o, Held)),
            project=facts.project_id,
            organization=facts.organization,
            endpoints=facts.endpoints,
            declared=facts.declared,
            features=facts.features,
            features_closed=facts.features_closed is not Assurance.NONE,
            edition=next(reversed(self._editions(facts)), None),
            controls=self._controls(facts, outcomes),
            deleted_after=_deleted_after(facts, workload),
            minimum=minimum,
        )

    def _minimum(self, workload: Workload) -> Assurance:
        word = self._declared.limits_for(workload.resource.file).minimum_assurance
        return Assurance[word.upper()]

    # -- what is known ---------------------------------------------------------------------

    def _facts(self, workload: Workload, use: Use) -> Facts:
        declared: WorkloadDeclaration | None = workload.declaration
        projects = self._projects_of(use, declared)
        project_id = next(iter(projects), None)
        project = self._declared.project(project_id) if project_id else None
        own = use.organization or ""
        organization = (  # an id that the workload itself sends outweighs what is said of it
            (own if _ORGANIZATION.fullmatch(own) else None)
            or (declared.organization if declared else None)
            or (project.organization if project else None)
            or use.organization
        )
        endpoints, closed = _bounded(
            use.endpoints,
            use.closed,
            declared.endpoints if declared else None,
            project.endpoints if project else None,
        )
        endpoints, closed = self._by_models(project, project_id, endpoints, closed)
        features, features_closed = _bounded(
            use.features,
            use.features_closed,
            declared.features if declared else None,
            project.features if project else None,
        )
        return Facts(
            workload.resource.file,
            use,
            project,
            project_id,
            organization,
            endpoints,
            closed,
            features,
            features_closed,
            declared.models if declared else None,
            declared.endpoints
            if declared and declared.endpoints is not None
            else project.endpoints
            if project
            else None,
            projects if len(projects) > 1 else {},
        )

    def _by_models(
        self,
        project: Project | None,
        project_id: str | None,
        endpoints: tuple[str, ...],
        closed: Assurance,
    ) -> tuple[tuple[str, ...], Assurance]:
        """Endpoints bounded by the models that a project may use, where each model names one."""
        ids = {i for i in (project_id, project.terraform if project else None) if i}
        models = {m for p in self._proofs.models if p.project in ids for m in p.models}
        named = {self._catalogue.endpoint_of_model(m) for m in models}
        if not models or None in named or "" in named:
            return endpoints, closed
        allowed = {str(n) for n in named}
        return tuple(sorted((allowed & set(endpoints)) or allowed)), Assurance.ENFORCED

    def _projects_of(self, use: Use, declared: WorkloadDeclaration | None) -> dict[str, str]:
        """Project -> what names it: the team's file, the policy's credentials, a gateway, the code."""
        named: list[tuple[str | None, str]] = []
        if declared and declared.project:
            named.append((declared.project, f"{declared.place[0]}:{declared.place[1]}"))
        for secret in use.secrets:
            project = self._declared.project_of_credential(secret.store, secret.name)
            named.append((project, f"the policy, of the key in {secret}"))
        gateway = self._parties.gateway(use)
        if gateway:
            named.append((gateway.project, f"{gateway.place[0]}:{gateway.place[1]}"))
        named.append((use.project, "the workload"))
        out: dict[str, str] = {}
        for ident, where in named:
            if ident:
                known = self._declared.project(ident)
                out.setdefault(known.id if known else ident, where)
        return out

    # -- the conjuncts -----------------------------------------------------------------------

    def _outcomes(self, workload: Workload, facts: Facts) -> list[Outcome]:
        party = self._parties.outcomes(facts.use)
        if not self._parties.knows(facts.use):
            return party
        editions = self._editions(facts)
        if not editions:
            what = f"no catalogue edition says which endpoints of {facts.use.provider} an agreement covers"
            return [*party, self._baa(facts, None), Missing(Conjunct.ENDPOINT, what, "compliance")]
        asked = editions[-1].cover
        endpoint, rows = self._endpoint(facts, editions)
        retention = self._retention(facts, rows) if "retention" in asked else []
        parts = {
            "endpoint": endpoint,
            "baa": [self._baa(facts, editions[-1])],
            "retention": retention,
            "availability": availability(
                facts.use, facts.models, rows, editions[-1], facts.features
            ),
            "feature": self._feature(facts, editions, rows, retention),
        }
        return [*(o for part in asked for o in parts[part]), *party]

    def _provider(self, use: Use) -> str:
        return self._parties.forwards_to(use) or use.provider

    def _editions(self, facts: Facts) -> list[Edition]:
        """The policy's edition and the newest of the day: an older one never covers more."""
        provider = self._provider(facts.use)
        newest = self._catalogue.newest(provider, self._today)
        if newest is None:
            return []
        policy = self._declared.policy
        chosen = (
            self._catalogue.edition(provider, policy.edition) if policy and policy.edition else None
        )
        return [chosen, newest] if chosen and chosen.id != newest.id else [newest]

    def _baa(self, facts: Facts, edition: Edition | None) -> Outcome:
        provider = self._provider(facts.use)
        if facts.conflict:
            said = "; ".join(f"{project} by {where}" for project, where in facts.conflict.items())
            what = f"which project the key belongs to, as more than one is named: {said}"
            return Missing(Conjunct.BAA, what, "team")
        if self._declared.policy is None:
            claim = facts.use.baa_claim
            if claim is True:
                return Held(
                    Conjunct.BAA, Assurance.CLAIMED, "the workload says that a BAA is signed"
                )
            if claim is None and edition and edition.by_product_terms:
                return _unattested(edition)
            reason = (
                "the workload says that none is signed"
                if claim is False
                else "no policy records a BAA"
            )
            return Broken(Conjunct.BAA, reason, facts.organization or "")
        if facts.organization is None and self._declared.asks_for_organization(provider):
            whose = (
                "subscription"
                if edition and edition.by_product_terms
                else "organization and project"
            )
            what = f"which {whose} the key belongs to is not recorded"
            return Missing(Conjunct.BAA, what, "compliance")
        state, agreement, reason = self._declared.baa(facts.organization, provider, self._today)
        if state in ("in_force", "review_overdue"):
            note = "" if state == "in_force" else ", its review is overdue"
            at = f" at {agreement.place[0]}:{agreement.place[1]}" if agreement else ""
            return Held(Conjunct.BAA, Assurance.ATTESTED, f"BAA is in force{note}{at}")
        if state == "missing" and edition and edition.by_product_terms:
            return _unattested(edition, facts.organization)
        return Broken(Conjunct.BAA, reason, facts.organization or "")

    def _rule(self, facts: Facts) -> str:
        """The coverage rule in force: the agreement's terms, which the policy may only tighten."""
        rule = self._catalogue.coverage_rule_of_terms(
            self._declared.coverage_terms(facts.organization)
        )
        asked = self._declared.limits_for(facts.file).coverage
        return rule if asked in (None, rule) else "strict"

    def _endpoint(
        self, facts: Facts, editions: Sequence[Edition]
    ) -> tuple[list[Outcome], list[Listed]]:
        rule = editions[-1].coverage_rule or self._rule(facts)
        out: list[Outcome] = []
        rows: list[Listed] = []
        for endpoint in facts.endpoints:
            if endpoint == ALL:
                out.append(
                    Missing(
                        Conjunct.ENDPOINT,
                        "every endpoint is allowed; name those that are used",
                        "team",
                    )
                )
            elif not editions[-1].has_no_customer_content(endpoint):
                outcome, listed = _stand(endpoint, rule, editions)
                out.append(outcome)
                rows.extend(listed)
        if facts.closed is Assurance.NONE:
            what = (
                "which endpoints are used is not declared"
                if not facts.endpoints
                else (f"nothing bounds the workload to {', '.join(facts.endpoints)}")
            )
            out.append(Missing(Conjunct.ENDPOINT, what, "team"))
        elif not any(isinstance(o, Broken | Missing) for o in out):
            named = ", ".join(facts.endpoints) or "no endpoint"
            out.append(Held(Conjunct.ENDPOINT, facts.closed, f"is bounded to {named}"))
        return out, rows

    def _retention(self, facts: Facts, rows: Sequence[Listed]) -> list[Outcome]:
        if rows and not any(edition.needs_retention_control([row]) for edition, row in rows):
            return [
                Held(
                    Conjunct.RETENTION,
                    Assurance.ENFORCED,
                    "nothing is kept, and the edition asks for no control",
                )
            ]
        proof = self._terraform_retention(facts)
        if proof is not None:
            return [proof]
        if self._declared.policy is None:
            return [_claimed_retention(facts.use)]
        if facts.project_id is None:
            return [
                Missing(
                    Conjunct.RETENTION,
                    "zero data retention of the key's project is not recorded",
                    "compliance",
                )
            ]
        state, place, reason = self._declared.retention(facts.project_id, self._today)
        if state == "on":
            return [
                Held(Conjunct.RETENTION, Assurance.ATTESTED, f"{reason} at {place[0]}:{place[1]}")
            ]
        if state == "off":
            return [
                Broken(Conjunct.RETENTION, reason, facts.project_id, (Place(place[0], place[1]),))
            ]
        return [
            Missing(
                Conjunct.RETENTION,
                f"retention of project {facts.project_id}: {reason}",
                "compliance",
            )
        ]

    def _controls(self, facts: Facts, outcomes: Iterable[Outcome]) -> frozenset[str]:
        """Which retention controls are shown: of abuse logs, and of what requests ask to store."""
        if any(e.monitoring and self._modified(facts, e) for e in self._editions(facts)[-1:]):
            return frozenset({"logs"})
        if not any(isinstance(o, Held) and o.conjunct is Conjunct.RETENTION for o in outcomes):
            return frozenset()
        set_to = [p.type for p in self._proofs.retention if p.project in _ids(facts)]
        if set_to:
            zero = set_to[0] in _CONTROLS
        elif self._declared.policy is None:
            zero = facts.use.zdr_claim is True
        else:
            known = facts.project_id
            zero = bool(known and self._declared.zero_retention(known, self._today))
            if not zero and not (known and self._declared.retention(known, self._today)[0] == "on"):
                return frozenset()  # nothing is kept anyway, and no control is shown
        return frozenset({"logs", "state"} if zero else {"logs"})

    def _modified(self, facts: Facts, edition: Edition) -> bool:
        kind = edition.monitoring.control if edition.monitoring else ""
        return self._declared.agreed(kind, edition.provider, facts.organization, self._today)

    def _terraform_retention(self, facts: Facts) -> Outcome | None:
        """What `openai_project_data_retention` of the scanned code says of the use's project."""
        for proof in self._proofs.retention:
            if proof.project in _ids(facts):
                if proof.type in _CONTROLS:
                    because = f"Terraform sets {proof.type} for {proof.project} at {proof.place}"
                    return Held(Conjunct.RETENTION, Assurance.ENFORCED, because)
                if proof.type == "none":
                    reason = f"Terraform switches the retention control off for {proof.project}"
                    return Broken(
                        Conjunct.RETENTION,
                        reason,
                        proof.project,
                        (proof.place,),
                        assurance=Assurance.ENFORCED,
                    )
                return self._weaker_control(proof, facts)
        return None

    def _weaker_control(self, proof: RetentionProof, facts: Facts) -> Outcome:
        """A control that is not zero data retention: it counts where the policy attests that it does."""
        set_to = f"Terraform sets {proof.type} for {proof.project} at {proof.place}"
        if facts.project_id and proof.type.endswith("modified_abuse_monitoring"):
            agreement = self._declared.modified_retention(facts.project_id, self._today)
            if agreement:
                because = f"{set_to}, and {agreement.place[0]}:{agreement.place[1]} attests that it is enough"
                return Held(Conjunct.RETENTION, Assurance.ATTESTED, because)
        what = f"{set_to}, which is not known to be zero data retention"
        return Missing(Conjunct.RETENTION, what, "compliance")

    def _feature(
        self,
        facts: Facts,
        editions: Sequence[Edition],
        rows: Sequence[Listed],
        retention: Sequence[Outcome],
    ) -> list[Outcome]:
        out: list[Outcome] = []
        controlled = bool(retention) and all(isinstance(o, Held) for o in retention)
        tools = self._tools(facts)
        for edition in editions:
            for name in facts.features:
                tool = tools.get(name)
                if tool and not tool[0]:
                    out.append(_denied(name, tool[1]))
                    continue
                out.extend(
                    _feature_on(name, edition, controlled, facts, newest=edition is editions[-1])
                )
        on = {o.subject for o in out if isinstance(o, Broken)}
        conditions = {(e.id, r): e for e, row in rows for r in row.requires}
        for (_, needed), edition in sorted(conditions.items(), key=lambda i: i[0]):
            out.extend(_condition(needed, edition, facts, on, controlled, retention, tools))
        return list(dict.fromkeys(out))

    def _tools(self, facts: Facts) -> dict[str, tuple[bool, Place]]:
        out: dict[str, tuple[bool, Place]] = {}
        for proof in self._proofs.tools:
            if proof.project in _ids(facts):
                out.update({f: (allowed, proof.place) for f, allowed in proof.allowed.items()})
        return out


_OF_THE_CODE = frozenset(
    {Conjunct.ENDPOINT, Conjunct.FEATURE, Conjunct.GROUNDING, Conjunct.AVAILABILITY}
)
_CONTROLS = frozenset({"zero_data_retention", "enhanced_zero_data_retention"})


def _ids(facts: Facts) -> set[str]:
    """The names of a use's project: its id, and its address in Terraform."""
    named = (facts.project_id, facts.project.terraform if facts.project else None)
    return {i for i in named if i}


def _deleted_after(facts: Facts, workload: Workload) -> int | None:
    """Days after which what is stored is deleted, as declared; of two the longer counts."""
    declared = workload.declaration.retention_days if workload.declaration else None
    days = [
        d
        for d in (declared, facts.project.retention_days if facts.project else None)
        if d is not None
    ]
    return max(days, default=None)


def _unattested(edition: Edition, organization: str | None = None) -> Missing:
    whom = f" for {organization}" if organization else ""
    what = (
        f"that the product terms, which include the BAA, hold{whom} is not attested "
        f"(an agreement of kind baa with {edition.provider})"
    )
    return Missing(Conjunct.BAA, what, "compliance")


def _bounded(
    seen: tuple[str, ...],
    said: Assurance,
    declared: tuple[str, ...] | None,
    project: tuple[str, ...] | None,
) -> tuple[tuple[str, ...], Assurance]:
    """What is seen and what is declared together, and what bounds it to just that."""
    if declared is not None:
        return tuple(sorted({*seen, *declared})), Assurance.ATTESTED
    if project is not None:
        return tuple(sorted({*seen, *project})), Assurance.ATTESTED
    return seen, said


def _stand(endpoint: str, rule: str, editions: Sequence[Edition]) -> tuple[Outcome, list[Listed]]:
    """The worst that the editions say of an endpoint under the rule, and its rows."""
    rows = [(e, row) for e in editions for row in [e.lookup(endpoint)] if row is not None]
    states = [(*standing(row, rule), edition) for edition, row in rows]
    for state, reason, edition in states:
        if state == "not_covered":
            said = f"{endpoint}: {reason} (edition {edition.id}, rule {rule})"
            return Broken(Conjunct.ENDPOINT, said, endpoint), rows
    for state, reason, edition in states:
        if state == "unknown":
            what = f"whether an agreement covers {endpoint} is not settled: {reason} (edition {edition.id})"
            return Missing(Conjunct.ENDPOINT, what, "compliance"), rows
    silent = [e.id for e in editions if e.lookup(endpoint) is None]
    if silent:
        what = (
            f"{endpoint} is not in the edition {silent[-1]} of the catalogue, "
            "so no agreement is known to cover it"
        )
        return Missing(Conjunct.ENDPOINT, what, "compliance"), rows
    because = f"{endpoint} is covered by the edition {editions[-1].id}, rule {rule}"
    return Held(Conjunct.ENDPOINT, Assurance.ENFORCED, because), rows


def _claimed_retention(use: Use) -> Outcome:
    if use.zdr_claim is True:
        return Held(
            Conjunct.RETENTION,
            Assurance.CLAIMED,
            "the workload says that zero data retention is on",
        )
    if use.zdr_claim is False:
        return Broken(
            Conjunct.RETENTION,
            "the workload says that zero data retention is off",
            use.project or "",
        )
    return Missing(
        Conjunct.RETENTION, "zero data retention of the key's project is not recorded", "compliance"
    )


def _feature_on(
    name: str, edition: Edition, controlled: bool, facts: Facts, *, newest: bool
) -> list[Outcome]:
    feature = edition.feature(name)
    if feature is None and not newest:
        return []  # an older edition says nothing of features that came later
    if feature is None:
        return [
            Missing(
                Conjunct.FEATURE, f"feature {name} is not in the edition {edition.id}", "compliance"
            )
        ]
    places = tuple(
        e.place for e in facts.use.evidence if e.kind.value.startswith("feature") and e.value
    )
    if feature.covered == "no" or (feature.covered == "with_zdr" and not controlled):
        return [
            Broken(
                Conjunct(feature.breaks),
                f"{feature.id} is on and excluded: {feature.note}",
                feature.id,
                places,
            )
        ]
    if feature.covered == "unknown":
        what = f"whether an agreement covers {feature.id} is not settled: {feature.note}"
        return [Missing(Conjunct.FEATURE, what, "compliance")]
    return []


def _denied(feature: str, place: Place) -> Held:
    """A feature that the project does not permit cannot be on, whatever the workload asks for."""
    because = f"Terraform switches {feature} off for the project at {place}"
    return Held(Conjunct.FEATURE, Assurance.ENFORCED, because)


def _condition(
    needed: str,
    edition: Edition,
    facts: Facts,
    on: set[str],
    controlled: bool,
    retention: Sequence[Outcome],
    tools: Mapping[str, tuple[bool, Place]],
) -> list[Outcome]:
    condition = edition.conditions[needed]
    if condition.broken_by_feature in on:
        return []
    if "zdr" in condition.met_by:
        if controlled:
            return []
        if any(isinstance(o, Missing | Broken) for o in retention):
            return []  # the retention control is what is missing, and is said once
    wrong = condition.wrong_models(facts.use.models)
    if wrong:
        reason = (
            f"model {wrong[0]} is used, against the condition {needed} of the edition {edition.id}"
        )
        places = tuple(e.place for e in facts.use.evidence if e.value == wrong[0])
        return [Broken(Conjunct.FEATURE, reason, wrong[0], places)]
    tool = tools.get(condition.broken_by_feature or "")
    if tool and not tool[0]:
        return [_denied(condition.broken_by_feature or "", tool[1])]
    if facts.features_closed is not Assurance.NONE:
        return [
            Held(
                Conjunct.FEATURE,
                facts.features_closed,
                f"the declared features show {condition.description}",
            )
        ]
    if "models" in condition.met_by and facts.use.models:
        return []
    return [
        Missing(
            Conjunct.FEATURE,
            f"{condition.description} is not shown: declare the features in use",
            "team",
        )
    ]


def _too_weak(held: Held, minimum: Assurance) -> Missing:
    what = f"{held.because}, but that is only {held.assurance.word} and the policy asks for {minimum.word}"
    return Missing(
        held.conjunct,
        what,
        "compliance" if held.conjunct in (Conjunct.BAA, Conjunct.RETENTION) else "team",
    )
