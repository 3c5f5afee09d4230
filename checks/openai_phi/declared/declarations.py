"""The policy and the compliance files in force: agreements, projects, workloads, limits, mistakes."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Protocol

from openai_phi.declared.declaration_files import (
    DeclarationFile,
    Mistake,
    find_files,
    parse_date,
    read_file,
)
from openai_phi.declared.exceptions import ExceptionEntry, entries_of
from openai_phi.facts.signatures import NO_EXTRA, Extra
from openai_phi.facts.written_names import fits, is_pattern
from openai_phi.words.places import Path

POLICY_NAMES = ("openai-policy.yaml", "openai-policy.yml")
COMPLIANCE_NAMES = ("openai-compliance.yaml", "openai-compliance.yml")
_ORDER = ("claimed", "attested", "verified", "enforced")
_SEVERITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
_ZDR = ("zero_data_retention", "enhanced_zero_data_retention")
_LOWERS = frozenset({"none", "synthetic", "deidentified"})
_PERSONAL = "personal_eu"
_RAISES = frozenset({"phi", "limited_data_set"})
Where = tuple[str, int]


class Known(Protocol):
    """What the catalogue knows: endpoints, editions, features."""

    def endpoint(self, text: str) -> str | None: ...

    def edition(self, ident: str) -> bool: ...

    def feature(self, name: str) -> str | None: ...


@dataclass(frozen=True)
class Agreement:
    """One agreement of the policy."""

    kind: str
    provider: str
    organizations: tuple[str, ...]
    projects: tuple[str, ...]
    hosts: tuple[str, ...]
    terms: str | None
    dates: dict[str, str]
    review_every: int | None
    place: Where
    document: str = ""
    """The reference of the signed document."""

    def state(self, today: date) -> tuple[str, str]:
        """in_force, expired, not_yet_signed or review_overdue on a day, and why."""
        for name, text in self.dates.items():
            if parse_date(text) is None:
                return "expired", f"{name} {text} is no date"
        expires = parse_date(self.dates.get("expires_on"))
        if expires and expires < today:
            return "expired", f"it expired on {expires}"
        since = parse_date(self.dates.get("signed_on") or self.dates.get("approved_on"))
        if since and since > today:
            return "not_yet_signed", f"it is dated {since}, which is not yet"
        reviewed = parse_date(self.dates.get("reviewed_on")) or since
        if reviewed and self.review_every and reviewed + timedelta(days=self.review_every) < today:
            return (
                "review_overdue",
                f"its review was due on {reviewed + timedelta(days=self.review_every)}",
            )
        return "in_force", "it is in force"


@dataclass(frozen=True)
class Project:
    """One project of the policy. `endpoints` and `features` are None where it does not say."""

    id: str
    organization: str | None
    terraform: str | None
    retention: str | None
    endpoints: tuple[str, ...] | None
    features: tuple[str, ...] | None
    place: Where
    data: str | None = None
    geography: str | None = None
    retention_days: int | None = None


@dataclass(frozen=True)
class Gateway:
    """A gateway that passes requests on."""

    host: str
    operated_by: str
    terminates_tls: bool
    forwards_to: str
    project: str | None
    place: Where


@dataclass(frozen=True)
class AuditReport:
    """A report about a provider, with the last day of its period."""

    kind: str
    provider: str
    period_end: str
    place: Where


@dataclass(frozen=True)
class Parameters:
    """What a policy or a compliance file asks of rules: a severity at least, and what counts as PHI."""

    severity: tuple[tuple[str, str], ...] = ()
    suspected_is_phi: bool = False


_NO_PARAMETERS = Parameters()


@dataclass(frozen=True)
class Limits:
    """What is asked at least."""

    coverage: str | None = None
    minimum_assurance: str = "attested"
    max_retention_days: int | None = None
    max_exception_days: int | None = None
    approvers: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    restrict_egress: bool = False


@dataclass(frozen=True)
class WorkloadDeclaration:
    """What a compliance file says of workloads that match."""

    match: str
    data: str | None
    project: str | None
    organization: str | None
    endpoints: tuple[str, ...] | None
    features: tuple[str, ...] | None
    place: Where
    below: str = ""
    """The folder (relative to the scan root) that it is limited to; "" for no limit of its own."""
    models: tuple[str, ...] | None = None
    retention_days: int | None = None
    personal_eu: bool = False

    def fits(self, path: str, names: Sequence[str]) -> bool:
        """Whether it speaks of a workload of one of these names in a file of this path."""
        if self.below and path != self.below and not path.startswith(self.below + "/"):
            return False
        return any(fits(n, self.match) for n in names)


@dataclass(frozen=True)
class Policy:
    """The organization's policy."""

    file: str
    digest: str
    role: str
    edition: str | None
    agreements: tuple[Agreement, ...]
    projects: dict[str, Project]
    credentials: tuple[tuple[str, str, str], ...]
    gateways: dict[str, Gateway]
    limits: Limits
    reports: tuple[AuditReport, ...] = ()
    parameters: Parameters = _NO_PARAMETERS
    extra: Extra = NO_EXTRA
    registration: bool = False
    """Whether every workload that uses a provider must be in a compliance file."""


@dataclass(frozen=True)
class Environment:
    """A variant to read: its name, and the files that make it, relative to the scan root."""

    name: str
    values: tuple[str, ...] = ()
    var_files: tuple[str, ...] = ()


@dataclass(frozen=True)
class ComplianceFile:
    """A repository's or folder's declarations; `folder` is relative to the scan root, "" for it."""

    file: str
    folder: str
    workloads: tuple[WorkloadDeclaration, ...]
    limits: dict[str, Any]
    exceptions: tuple[ExceptionEntry, ...] = ()
    environments: tuple[Environment, ...] = ()
    parameters: Parameters = _NO_PARAMETERS
    deidentifiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declarations:
    """All that is declared for one scan root."""

    policy: Policy | None = None
    files: tuple[ComplianceFile, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    policy_mistakes: tuple[Mistake, ...] = field(default=())

    @property
    def environments(self) -> tuple[Environment, ...]:
        """The variants that the compliance files name; none: whatever lies beside a chart or a root."""
        return tuple(e for f in self.files for e in f.environments)

    def broken_for(self, path: str) -> tuple[Mistake, ...]:
        """The mistakes of every file in force for a path: the policy's and those up its folders."""
        chain = {f.file for f in self._chain(path)}
        return tuple(m for m in self.mistakes if m in self.policy_mistakes or m.file in chain)

    def _chain(self, path: str) -> list[ComplianceFile]:
        """Compliance files in force for a path, the outermost first."""
        found = [f for f in self.files if f.folder == "" or path.startswith(f.folder + "/")]
        return sorted(found, key=lambda f: len(f.folder))

    def has_baa(self, provider: str) -> bool:
        """Whether the policy records any BAA with a provider."""
        return any(a.kind == "baa" and a.provider == provider for a in self._agreements())

    def asks_for_organization(self, provider: str) -> bool:
        """Whether BAAs with a provider are recorded, each for the organizations that it names."""
        held = [a for a in self._agreements() if a.kind == "baa" and a.provider == provider]
        return bool(held) and all(a.organizations for a in held)

    def agreed(self, kind: str, provider: str, organization: str | None, today: date) -> bool:
        """Whether an agreement of a kind is in force with a provider for an organization."""
        return any(
            a.kind == kind
            and a.provider == provider
            and (not a.organizations or organization in a.organizations)
            and a.state(today)[0] in HOLDS
            for a in self._agreements()
        )

    def _agreements(self) -> tuple[Agreement, ...]:
        return self.policy.agreements if self.policy else ()

    def baa(
        self, organization: str | None, provider: str, today: date
    ) -> tuple[str, Agreement | None, str]:
        """State, agreement and reason of the BAA that holds for an organization on a day."""
        mine = [
            a
            for a in self._agreements()
            if a.kind == "baa"
            and a.provider == provider
            and (not a.organizations or organization in a.organizations)
        ]
        order = {"in_force": 0, "review_overdue": 1, "not_yet_signed": 2, "expired": 3}
        states = sorted(
            ((*a.state(today), a) for a in mine), key=lambda s: (order[s[0]], s[2].place)
        )
        if not states:
            who = f"organization {organization}" if organization else provider
            return "missing", None, f"the policy records no BAA for {who}"
        state, reason, agreement = states[0]
        at = f"{agreement.place[0]}:{agreement.place[1]}"
        return (
            state,
            agreement,
            reason if state == "in_force" else f"the BAA at {at} does not hold: {reason}",
        )

    def party(
        self, host: str, names: Sequence[str], today: date
    ) -> tuple[str, Agreement | None, str]:
        """State, agreement and reason of the BAA with a third party: by its host, or by its name.

        An agreement that names hosts holds for those alone.
        """
        mine = [
            a
            for a in self._agreements()
            if a.kind == "baa"
            and (
                any(fnmatch.fnmatchcase(host, h) for h in a.hosts)
                if a.hosts
                else a.provider in names
            )
        ]
        found = sorted(
            ((*a.state(today), a) for a in mine), key=lambda s: (s[0] not in HOLDS, s[2].place)
        )
        if not found:
            return "missing", None, "the policy records no agreement with it"
        state, reason, agreement = found[0]
        at = f"{agreement.place[0]}:{agreement.place[1]}"
        said = f"its agreement at {at}"
        return (
            state,
            agreement,
            f"{said} is in force" if state in HOLDS else f"{said} does not hold: {reason}",
        )

    def coverage_terms(self, organization: str | None) -> str | None:
        """The terms of the BAA for an organization."""
        for agreement in self._agreements():
            if agreement.kind == "baa" and organization in agreement.organizations:
                return agreement.terms
        return None

    def retention(self, project: str, today: date) -> tuple[str, Where, str]:
        """Whether zero data retention is on, off or unknown for a project; where and why."""
        known = self.project(project)
        place = known.place if known else (self.policy.file if self.policy else "", 1)
        said = known.retention if known else None
        if said == "none":
            return (
                "off",
                place,
                f"project {project} has retention: none, which switches the control off",
            )
        for agreement in self._agreements():
            if self._settles(agreement, project, known, said):
                state, reason = agreement.state(today)
                if state in HOLDS:
                    return "on", agreement.place, f"{agreement.kind} is approved for {project}"
                return (
                    "unknown",
                    agreement.place,
                    f"the approval of {agreement.kind} does not hold: {reason}",
                )
        if said in _ZDR:
            return "on", place, f"the policy records {said} for {project}"
        if said:
            return "unknown", place, f"{said} is not zero data retention"
        return "unknown", place, "the policy does not record its retention control"

    def zero_retention(self, project: str, today: date) -> bool:
        """Whether zero data retention itself is on for a project, not only a control like it."""
        if self.retention(project, today)[0] != "on":
            return False
        known = self.project(project)
        said = known.retention if known else None
        return said in _ZDR or any(
            a.kind == "zdr"
            and self._settles(a, project, known, said)
            and a.state(today)[0] in HOLDS
            for a in self._agreements()
        )

    def modified_retention(self, project: str, today: date) -> Agreement | None:
        """The attestation in force that modified retention is what the project's BAA asks for."""
        known = self.project(project)
        for agreement in self._agreements():
            if agreement.kind == "modified_retention" and self._settles(
                agreement, project, known, None
            ):
                return agreement if agreement.state(today)[0] in HOLDS else None
        return None

    def _settles(
        self, agreement: Agreement, project: str, known: Project | None, said: str | None
    ) -> bool:
        if agreement.kind not in ("zdr", "modified_retention"):
            return False
        if project in agreement.projects:
            return True
        inherits = said in (None, "organization_default") and not agreement.projects
        return bool(inherits and known and known.organization in agreement.organizations)

    def project(self, ident: str) -> Project | None:
        """A project by its id or its Terraform address."""
        if self.policy is None:
            return None
        found = self.policy.projects.get(ident)
        return found or next(
            (p for p in self.policy.projects.values() if p.terraform == ident), None
        )

    def project_of_credential(self, store: str, name: str) -> str | None:
        """The project whose key a secret holds."""
        for kind, ref, project in self.policy.credentials if self.policy else ():
            if kind == store and _same_secret(ref, name):
                return project
        return None

    def gateway(self, host: str) -> Gateway | None:
        """A declared gateway by its host."""
        return self.policy.gateways.get(host) if self.policy else None

    def limits_for(self, path: str) -> Limits:
        """The limits in force for a path."""
        limits = self.policy.limits if self.policy else Limits(minimum_assurance="claimed")
        for file in self._chain(path):
            limits = _tightened(limits, file.limits)
        return limits

    def deidentifies(self, path: str, names: Sequence[str]) -> bool:
        """Whether a workload is declared to end the flow of PHI; a file that is wrong says nothing."""
        return any(
            fits(n, match)
            for file in self._chain(path)
            if file.deidentifiers and not self.broken_for(file.file)
            for match in file.deidentifiers
            for n in names
        )

    def _parameters(self, path: str) -> list[Parameters]:
        own = [self.policy.parameters] if self.policy else []
        return [*own, *(f.parameters for f in self._chain(path))]

    def severity(self, rule: str, path: str, own: str) -> str:
        """The severity of a rule's finding at a path: its own, or the highest that a file asks for."""
        asked = [s for p in self._parameters(path) for r, s in p.severity if r == rule]
        return max((own, *asked), key=_SEVERITIES.index)

    def suspected_is_phi(self, path: str) -> bool:
        """Whether names that suggest PHI make a workload at a path one that handles it."""
        return any(p.suspected_is_phi for p in self._parameters(path))

    def workload(self, ident: str, path: str, names: Sequence[str]) -> WorkloadDeclaration | None:
        """What is declared of a workload: the nearest file that says it, the exact match first."""
        found: WorkloadDeclaration | None = None
        for file in self._chain(path):
            for entry in file.workloads:
                if entry.fits(path, (ident, *names)):
                    found = entry if found is None else _merged(found, entry)
        return found


HOLDS = ("in_force", "review_overdue")


def _merged(outer: WorkloadDeclaration, inner: WorkloadDeclaration) -> WorkloadDeclaration:
    """Two entries for one workload: in one file the exact one decides, a nearer file only narrows."""
    one_file = outer.place[0] == inner.place[0]
    decides = one_file and not is_pattern(inner.match)
    raised = outer.data in _RAISES and not decides
    first, second = (inner, outer) if one_file else (outer, inner)
    return replace(
        inner,
        data=outer.data if raised else inner.data or outer.data,
        project=first.project or second.project,
        organization=first.organization or second.organization,
        endpoints=_narrowed(outer.endpoints, inner.endpoints, decides),
        features=_narrowed(outer.features, inner.features, decides),
        models=_narrowed(outer.models, inner.models, decides),
        personal_eu=outer.personal_eu or inner.personal_eu,
        retention_days=_longest(outer.retention_days, inner.retention_days, decides),
    )


def _narrowed(
    outer: tuple[str, ...] | None, inner: tuple[str, ...] | None, decides: bool
) -> tuple[str, ...] | None:
    """The inner list where it decides or narrows; where it would widen, all of both are judged."""
    if inner is None or outer is None:
        return inner if outer is None else outer
    if decides or set(inner) <= set(outer):
        return inner
    return tuple(dict.fromkeys((*outer, *inner)))


def _longest(outer: int | None, inner: int | None, decides: bool) -> int | None:
    if outer is None or inner is None or decides:
        return outer if inner is None else inner
    return max(outer, inner)


def _same_secret(ref: str, name: str) -> bool:
    if ref == name:
        return True
    declared, _, key = ref.partition("#")
    seen, _, seen_key = name.partition("#")
    return declared == seen and (not key or not seen_key or key == seen_key)


def _tightened(limits: Limits, asked: dict[str, Any]) -> Limits:
    changes: dict[str, Any] = {}
    if asked.get("coverage"):
        changes["coverage"] = asked["coverage"]
    wanted = asked.get("minimum_assurance")
    if wanted in _ORDER and _ORDER.index(wanted) > _ORDER.index(limits.minimum_assurance):
        changes["minimum_assurance"] = wanted
    if asked.get("restrict_egress") is True:
        changes["restrict_egress"] = True
    for key in ("max_retention_days", "max_exception_days"):
        value, now = asked.get(key), getattr(limits, key)
        if isinstance(value, int) and (now is None or value < now):
            changes[key] = value
    return replace(limits, **changes)


# -- loading ---------------------------------------------------------------------------------


def load(root: str, *, policy_path: str | None, today: date, known: Known) -> Declarations:
    """Everything declared for a scan root. Never raises: what is wrong is in `mistakes`."""
    root = os.path.abspath(root)
    return _Loader(root, policy_path, known).load()


class _Loader:
    def __init__(self, root: str, policy_path: str | None, known: Known) -> None:
        self._root = root
        self._policy_path = policy_path
        self._known = known

    def load(self) -> Declarations:
        files = [
            read_file(path, self._shown(path), "openai-compliance.schema.json")
            for path in find_files(self._root, COMPLIANCE_NAMES)
        ]
        policy_file = self._policy_file(files)
        policy = _policy(policy_file) if policy_file else None
        if policy_file and policy:
            self._check_policy(policy_file, policy)
        self._stray_policies(policy_file, files)
        compliance = [self._compliance(f) for f in files]
        # a policy that could not be read says nothing that another file could contradict
        known = policy if policy_file and policy_file.data else None
        for file in files:
            self._check_compliance(file, known)
        self._check_nesting(files, compliance, known)
        wrong_policy = tuple(sorted(policy_file.mistakes)) if policy_file else ()
        mistakes = sorted({*wrong_policy, *(m for f in files for m in f.mistakes)})
        if wrong_policy and policy:
            policy = _stripped(policy)
        return Declarations(policy, tuple(compliance), tuple(mistakes), wrong_policy)

    def _shown(self, path: str) -> str:
        relative = os.path.relpath(path, self._root).replace(os.sep, "/")
        return os.path.basename(path) if relative.startswith("..") else relative

    def _policy_file(self, files: list[DeclarationFile]) -> DeclarationFile | None:
        schema = "openai-policy.schema.json"
        supplied = None
        if self._policy_path:
            path = os.path.abspath(self._policy_path)
            supplied = read_file(path, self._shown(path), schema)
        else:
            found = [
                os.path.join(self._root, n)
                for n in POLICY_NAMES
                if os.path.isfile(os.path.join(self._root, n))
            ]
            supplied = read_file(found[0], self._shown(found[0]), schema) if found else None
        for file in files:
            supplied = self._extended(file, supplied, schema)
        return supplied

    def _extended(
        self, file: DeclarationFile, supplied: DeclarationFile | None, schema: str
    ) -> DeclarationFile | None:
        extends = file.data.get("extends")
        if not isinstance(extends, dict) or not isinstance(extends.get("file"), str):
            return supplied
        digest = str(extends.get("sha256", ""))
        if self._policy_path and supplied is not None:
            if digest and digest != supplied.digest:
                file.wrong(
                    ("extends", "sha256"),
                    "extends a policy that differs from the one that CI supplies",
                    "Update extends.sha256 to the digest of the policy in force.",
                )
            return supplied
        path = os.path.normpath(os.path.join(os.path.dirname(file.absolute), extends["file"]))
        named = read_file(path, self._shown(path), schema)
        if not named.digest:
            file.wrong(
                ("extends", "file"),
                f"extends {extends['file']}, which cannot be read",
                "Correct the path.",
            )
        elif digest != named.digest:
            file.wrong(
                ("extends", "sha256"),
                "extends a policy whose digest differs from sha256",
                "Read the change of the policy, then update extends.sha256.",
            )
        if (
            supplied is not None
            and supplied.absolute != named.absolute
            and supplied.digest != named.digest
        ):
            file.wrong(
                ("extends", "file"),
                f"extends another policy than {supplied.shown}",
                "Extend one policy.",
            )
            return supplied
        return supplied or named

    def _stray_policies(self, policy: DeclarationFile | None, files: list[DeclarationFile]) -> None:
        for path in find_files(self._root, POLICY_NAMES):
            if policy is None:
                stray = DeclarationFile(self._shown(path), path)
                stray.wrong(
                    (),
                    "is a policy that nothing names",
                    "Put it at the scan's root, or let extends name it.",
                )
                files.append(stray)
            elif os.path.abspath(path) != policy.absolute and not self._policy_path:
                policy.mistakes.append(
                    Mistake(
                        self._shown(path),
                        1,
                        "",
                        f"is a second policy beside {policy.shown}",
                        "Keep one policy.",
                    )
                )

    def _check_policy(self, file: DeclarationFile, policy: Policy) -> None:
        seen: set[str] = set()
        for path, entry in file.entries("projects"):
            ident = str(entry.get("id", ""))
            if ident in seen:
                file.wrong((*path, "id"), f"project {ident} is there twice", "Keep one of them.")
            seen.add(ident)
            self._check_words(file, path, entry)
        for section in ("credentials", "gateways"):
            for path, entry in file.entries(section):
                self._check_project(file, (*path, "project"), entry.get("project"), policy)
        for path, entry in file.entries("agreements"):
            if (
                entry.get("kind") == "baa"
                and entry.get("provider") == "openai"
                and not entry.get("organizations")
            ):
                file.wrong(
                    path,
                    "a BAA with openai must name the organizations it holds for",
                    "Add organizations: [org-…].",
                )
        if policy.edition and not self._known.edition(policy.edition):
            file.wrong(("catalogue", "edition"), f"names an unknown edition {policy.edition}")

    def _check_project(
        self, file: DeclarationFile, path: Path, ident: object, policy: Policy | None
    ) -> None:
        if ident and policy is not None and str(ident) not in policy.projects:
            file.wrong(
                path,
                f"names project {ident}, which the policy does not have",
                "Add it to projects, or correct it.",
            )

    def _check_words(self, file: DeclarationFile, path: Path, entry: dict[str, Any]) -> None:
        for index, word in enumerate(_words(entry.get("endpoints")) or ()):
            if self._known.endpoint(word) is None:
                file.wrong(
                    (*path, "endpoints", index),
                    f"names an unknown endpoint {word}",
                    "Write it as the catalogue does, such as /v1/responses.",
                )
        for index, word in enumerate(_words(entry.get("features")) or ()):
            if self._known.feature(word) is None:
                file.wrong(
                    (*path, "features", index),
                    f"names an unknown feature {word}",
                    "Write it as the catalogue does, such as live_web_search.",
                )

    def _compliance(self, file: DeclarationFile) -> ComplianceFile:
        folder = os.path.dirname(file.shown)
        limits = file.data.get("limits")
        return ComplianceFile(
            file.shown,
            folder,
            tuple(self._workload(file, path, entry) for path, entry in file.entries("workloads")),
            limits if isinstance(limits, dict) else {},
            entries_of(file),
            tuple(
                _environment(folder, entry)
                for path, entry in file.entries("environments")
                if self._files_there(file, path, entry)
            ),
            _parameters(file.data),
            _words(file.data.get("deidentifiers")) or (),
        )

    def _files_there(self, file: DeclarationFile, path: Path, entry: dict[str, Any]) -> bool:
        """Whether every file that an environment names is there; what is not is a mistake."""
        there = True
        for key in ("values", "var_files"):
            for index, name in enumerate(_words(entry.get(key)) or ()):
                if not os.path.isfile(os.path.join(os.path.dirname(file.absolute), name)):
                    there = False
                    file.wrong(
                        (*path, key, index),
                        f"names {name}, which is not there",
                        "Correct the path.",
                    )
        return there

    def _workload(
        self, file: DeclarationFile, path: Path, entry: dict[str, Any]
    ) -> WorkloadDeclaration:
        endpoints = _words(entry.get("endpoints"))
        features = _words(entry.get("features"))
        return WorkloadDeclaration(
            str(entry.get("match", "")),
            next((c for c in sorted(_classes(entry), key=_PERSONAL.__eq__)), None),
            _text(entry.get("project")),
            _text(entry.get("organization")),
            None if endpoints is None else tuple(self._known.endpoint(e) or e for e in endpoints),
            None if features is None else tuple(self._known.feature(f) or f for f in features),
            (file.shown, file.line(path)),
            _below(file, entry),
            _words(entry.get("models")),
            _days(entry.get("retention_days")),
            _PERSONAL in _classes(entry),
        )

    def _check_compliance(self, file: DeclarationFile, policy: Policy | None) -> None:
        for index, match in enumerate(_words(file.data.get("deidentifiers")) or ()):
            if not _names(match):
                file.wrong(
                    ("deidentifiers", index),
                    f"{match} makes any workload one that de-identifies",
                    "Name the workloads that do.",
                )
        for path, entry in file.entries("workloads"):
            match = str(entry.get("match", ""))
            if _LOWERS.intersection(_classes(entry)) and not _names(match):
                file.wrong(
                    (*path, "match"),
                    f"{match} says of whatever comes later that it handles no PHI",
                    "Name the workloads that handle none.",
                )
            self._check_words(file, path, entry)
            self._check_project(file, (*path, "project"), entry.get("project"), policy)
            self._check_within_project(file, path, entry, policy)

    def _check_within_project(
        self, file: DeclarationFile, path: Path, entry: dict[str, Any], policy: Policy | None
    ) -> None:
        project = policy.projects.get(str(entry.get("project"))) if policy else None
        for key, allowed in (
            ("endpoints", project.endpoints if project else None),
            ("features", project.features if project else None),
        ):
            asked = _words(entry.get(key))
            if asked is None or allowed is None or project is None:
                continue
            look = self._known.endpoint if key == "endpoints" else self._known.feature
            inside = {look(w) or w for w in allowed}
            wider = sorted(w for w in asked if (look(w) or w) not in inside)
            if wider:
                file.wrong(
                    (*path, key),
                    f"widens the {key} of project {project.id}: {', '.join(wider)}",
                    f"Take them out, or ask compliance to add them at {project.place[0]}:{project.place[1]}.",
                )

    def _check_nesting(
        self, files: list[DeclarationFile], compliance: list[ComplianceFile], policy: Policy | None
    ) -> None:
        for file, mine in zip(files, compliance, strict=False):
            outer = [
                c
                for c in compliance
                if c is not mine and (not c.folder or mine.folder.startswith(c.folder + "/"))
            ]
            outer = [c for c in outer if c.folder != mine.folder]
            self._check_limits(file, mine, outer, policy)
            for (path, entry), declared in zip(
                file.entries("workloads"), mine.workloads, strict=False
            ):
                for above in (w for c in outer for w in c.workloads if w.match == declared.match):
                    _check_narrower(file, path, entry, declared, above)

    def _check_limits(
        self,
        file: DeclarationFile,
        mine: ComplianceFile,
        outer: list[ComplianceFile],
        policy: Policy | None,
    ) -> None:
        limits = policy.limits if policy else Limits(minimum_assurance="claimed")
        for above in sorted(outer, key=lambda c: len(c.folder)):
            limits = _tightened(limits, above.limits)
        for key, value in mine.limits.items():
            now = getattr(limits, key, None)
            loose = (
                key == "minimum_assurance"
                and value in _ORDER
                and _ORDER.index(value) < _ORDER.index(now or "claimed")
            )
            loose = loose or (
                key.startswith("max_")
                and now is not None
                and isinstance(value, int)
                and value > now
            )
            if loose:
                file.wrong(
                    ("limits", key),
                    f"widens limits.{key} from {now} to {value}",
                    f"Keep {now}, or tighten it.",
                )


def _names(match: str) -> bool:
    """Whether a pattern names anything, and does not fit whatever there is."""
    return any(c.isalnum() for c in re.sub(r"\[[^\]]*\]", "", match))


def _check_narrower(
    file: DeclarationFile,
    path: Path,
    entry: dict[str, Any],
    mine: WorkloadDeclaration,
    above: WorkloadDeclaration,
) -> None:
    at = f"{above.place[0]}:{above.place[1]}"
    if above.data in _RAISES and mine.data in _LOWERS:
        file.wrong(
            (*path, "data"),
            f"widens {mine.match}: {at} declares {above.data}",
            f"Correct it at {at} instead.",
        )
    for key in ("endpoints", "features"):
        outer, inner = getattr(above, key), getattr(mine, key)
        wider = sorted(set(inner or ()) - set(outer or ())) if outer is not None else []
        if wider:
            file.wrong(
                (*path, key),
                f"widens the {key} that {at} declares: {', '.join(wider)}",
                f"Correct it at {at} instead.",
            )


def _stripped(policy: Policy) -> Policy:
    """What a wrong policy still says: what it asks, and nothing that it grants."""
    limits = replace(policy.limits, approvers=())
    return replace(policy, agreements=(), credentials=(), gateways={}, limits=limits)


def _policy(file: DeclarationFile) -> Policy:
    data = file.data
    catalogue = data.get("catalogue")
    limits = data.get("limits") if isinstance(data.get("limits"), dict) else {}
    projects = [_project(file, path, entry) for path, entry in file.entries("projects")]
    return Policy(
        file.shown,
        file.digest,
        str(data.get("role", "covered_entity")),
        _text(catalogue.get("edition")) if isinstance(catalogue, dict) else None,
        tuple(_agreement(file, path, entry) for path, entry in file.entries("agreements")),
        {p.id: p for p in projects},
        tuple(
            (key, str(value), str(entry.get("project")))
            for _, entry in file.entries("credentials")
            for key, value in entry.items()
            if key != "project"
        ),
        {
            g.host: g
            for g in (_gateway(file, path, entry) for path, entry in file.entries("gateways"))
        },
        _limits(limits or {}),
        tuple(_report(file, path, entry) for path, entry in file.entries("assurances")),
        _parameters(data),
        _extra(data),
        data.get("registration") == "required",
    )


def _section(data: dict[str, Any]) -> dict[str, Any]:
    section = data.get("parameters")
    return section if isinstance(section, dict) else {}


def _parameters(data: dict[str, Any]) -> Parameters:
    section = _section(data)
    severity = section.get("severity")
    asked = severity.items() if isinstance(severity, dict) else ()
    return Parameters(
        tuple((str(r), str(s)) for r, s in asked if s in _SEVERITIES),
        section.get("phi") == "suspected",
    )


def _extra(data: dict[str, Any]) -> Extra:
    section = _section(data)

    def rows(key: str, *names: str) -> tuple[tuple[str, ...], ...]:
        items = section.get(key)
        whole = [i for i in items if isinstance(i, dict)] if isinstance(items, list) else []
        return tuple(tuple(str(i[n]) for n in names) for i in whole if all(n in i for n in names))

    return Extra(
        rows("variables", "name", "provider", "role"),
        rows("hosts", "host", "provider"),
        _words(section.get("gateway_names")) or (),
        rows("phi_markers", "key", "value"),
    )


def _report(file: DeclarationFile, path: Path, entry: dict[str, Any]) -> AuditReport:
    return AuditReport(
        str(entry.get("kind", "")),
        str(entry.get("provider", "")),
        str(entry.get("period_end", "")),
        (file.shown, file.line(path)),
    )


def _limits(data: dict[str, Any]) -> Limits:
    word = str(data.get("minimum_assurance", "attested"))
    return Limits(
        _text(data.get("coverage")),
        word if word in _ORDER else "attested",
        data.get("max_retention_days"),
        data.get("max_exception_days"),
        _words(data.get("approvers")) or (),
        (
            *(_words(data.get("regions")) or ()),
            *([str(data["region"])] if "region" in data else []),
        ),
        data.get("restrict_egress") is True,
    )


def _agreement(file: DeclarationFile, path: Path, entry: dict[str, Any]) -> Agreement:
    every = str(entry.get("review_every", "")).removesuffix("d")
    document = entry.get("document")
    return Agreement(
        str(entry.get("kind", "")),
        str(entry.get("provider", "")),
        (*(_words(entry.get("organizations")) or ()), *(_words(entry.get("subscriptions")) or ())),
        _words(entry.get("projects")) or (),
        _words(entry.get("hosts")) or (),
        _text(entry.get("terms")),
        {
            k: str(entry[k])
            for k in ("signed_on", "approved_on", "reviewed_on", "expires_on")
            if k in entry
        },
        int(every) if every.isdigit() else None,
        (file.shown, file.line(path)),
        str(document.get("reference", "")) if isinstance(document, dict) else "",
    )


def _project(file: DeclarationFile, path: Path, entry: dict[str, Any]) -> Project:
    return Project(
        str(entry.get("id", "")),
        _text(entry.get("organization")),
        _text(entry.get("terraform")),
        _text(entry.get("retention")),
        _words(entry.get("endpoints")),
        _words(entry.get("features")),
        (file.shown, file.line(path)),
        _text(entry.get("data")),
        _text(entry.get("geography")),
        _days(entry.get("retention_days")),
    )


def _environment(folder: str, entry: dict[str, Any]) -> Environment:
    def shown(key: str) -> tuple[str, ...]:
        names = _words(entry.get(key)) or ()
        return tuple(os.path.normpath(os.path.join(folder, n)) for n in names)

    return Environment(str(entry.get("name", "")), shown("values"), shown("var_files"))


def _gateway(file: DeclarationFile, path: Path, entry: dict[str, Any]) -> Gateway:
    return Gateway(
        str(entry.get("host", "")),
        str(entry.get("operated_by", "self")),
        bool(entry.get("terminates_tls", True)),
        str(entry.get("forwards_to", "")),
        _text(entry.get("project")),
        (file.shown, file.line(path)),
    )


def _below(file: DeclarationFile, entry: dict[str, Any]) -> str:
    if not isinstance(entry.get("path"), str):
        return ""
    joined = os.path.join(os.path.dirname(file.shown), entry["path"])
    return os.path.normpath(joined).replace(os.sep, "/").removeprefix("./")


def _words(value: object) -> tuple[str, ...] | None:
    return tuple(map(str, value)) if isinstance(value, list) else None


def _classes(entry: dict[str, Any]) -> tuple[str, ...]:
    """The classes of data that an entry declares: one, or a list."""
    said = entry.get("data")
    return _words(said) or ((str(said),) if said is not None and not isinstance(said, list) else ())


def _days(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return str(value) if value is not None else None
