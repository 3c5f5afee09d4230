"""What is wrong between declarations: unknown names, entries that say too much, files that widen others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from openai_phi.declared.compliance_file import ComplianceFile
from openai_phi.declared.declaration_files import DeclarationFile, Entry
from openai_phi.declared.declared_destinations import check_destinations
from openai_phi.declared.declared_limits import NO_POLICY
from openai_phi.declared.declared_workloads import (
    LOWERING,
    all_made_up,
    classes_of,
)
from openai_phi.declared.policy_file import Credential, Policy, Project, credentials_of
from openai_phi.declared.vocabulary import Known
from openai_phi.facts.secret_names import is_same, overlap, too_wide
from openai_phi.words.observed import PHI_CLASSES
from openai_phi.words.places import Path
from openai_phi.words.workload_declarations import WorkloadDeclaration


@dataclass(frozen=True)
class ReadCompliance:
    """A compliance file as read, to note mistakes in, and what it says."""

    file: DeclarationFile
    """The file, with the lines of its entries."""
    says: ComplianceFile
    """What it says, its workloads in the order of the file."""


def check_policy(file: DeclarationFile, policy: Policy, known: Known) -> None:
    """Notes what is wrong in a policy: names that nothing knows, entries that are there twice."""
    seen: set[str] = set()
    for entry in file.entries("projects"):
        ident = entry.word("id")
        if ident in seen:
            file.wrong((*entry.path, "id"), f"project {ident} is there twice", "Keep one of them.")
        seen.add(ident)
        _check_words(file, entry, known)
        _check_delegation(file, entry)
    for section in ("credentials", "gateways"):
        for entry in file.entries(section):
            _check_project(file, entry, policy)
    _check_credentials(file)
    for entry in file.entries("agreements"):
        _check_agreement(file, entry)
    check_destinations(file, policy.agreements)
    _check_hosts(file)
    if policy.edition and not known.edition(policy.edition):
        file.wrong(("catalogue", "edition"), f"names an unknown edition {policy.edition}")


def check_compliance(file: DeclarationFile, policy: Policy | None, known: Known) -> None:
    """Notes what is wrong in a compliance file by itself and beside the policy."""
    for index, match in enumerate(file.top.words("deidentifiers") or ()):
        if not _names_something(match):
            file.wrong(
                ("deidentifiers", index),
                f"{match} makes any workload one that de-identifies",
                "Name the workloads that do.",
            )
    for entry in file.entries("workloads"):
        match = entry.word("match")
        classes = classes_of(entry)
        made_up = all_made_up("".join(classes), entry.words("environments") or ())
        if LOWERING.intersection(classes) and not _names_something(match) and not made_up:
            file.wrong(
                (*entry.path, "match"),
                f"{match} says of whatever comes later that it handles no PHI",
                "Name the workloads that handle none.",
            )
        _check_words(file, entry, known)
        _check_project(file, entry, policy)
        _check_within_project(file, entry, policy, known)


def check_nesting(read: Sequence[ReadCompliance], policy: Policy | None) -> None:
    """Notes where a file widens what those of the folders above it say."""
    for mine in read:
        above = [
            r.says
            for r in read
            if r.says.folder != mine.says.folder and r.says.speaks_for(mine.says.file)
        ]
        _check_limits(mine, above, policy)
        entries = mine.file.entries("workloads")
        for entry, declared in zip(entries, mine.says.workloads, strict=True):
            for outer in (w for c in above for w in c.workloads if w.match == declared.match):
                _check_narrower(mine.file, entry, declared, outer)


def _check_agreement(file: DeclarationFile, entry: Entry) -> None:
    data = entry.data
    if (
        data.get("kind") == "baa"
        and data.get("provider") == "openai"
        and not data.get("organizations")
    ):
        file.wrong(
            entry.path,
            "a BAA with openai must name the organizations it holds for",
            "Add organizations: [org-…].",
        )


def _check_hosts(file: DeclarationFile) -> None:
    """Notes a gateway that is there twice or is a pattern, and a host that two lists say another thing of."""
    gateways: dict[str, Entry] = {}
    for entry in file.entries("gateways"):
        host = entry.word("host").lower()
        if "*" in host:
            what = f"names {host}, and a gateway is one host"
            file.wrong((*entry.path, "host"), what, "Write an entry for each host.")
        elif host in gateways:
            what = f"gateway {host} is there twice, at {gateways[host].place} too"
            file.wrong((*entry.path, "host"), what, "Keep one.")
        gateways.setdefault(host, entry)
    for entry in file.entries("destinations"):
        other = gateways.get(entry.word("host").lower())
        if other is not None:
            what = f"calls {entry.word('host')} a destination, and {other.place} a gateway"
            file.wrong((*entry.path, "host"), what, "Keep the entry that is true.")


def _check_credentials(file: DeclarationFile) -> None:
    """Notes lines that say of one secret that it holds the keys of two projects, whatever their order."""
    seen: list[Credential] = []
    for entry in file.entries("credentials"):
        _check_credential(file, entry)
        for mine in credentials_of(entry):
            other = next((c for c in seen if c.owner != mine.owner and _overlap(c, mine)), None)
            if other is not None:
                file.wrong(
                    (*entry.path, mine.store),
                    f"says that {mine.store} {mine.reference} holds the key of {mine.owner}, "
                    f"and {other.place} that it is the key of {other.owner}",
                    "Keep the line that is true.",
                )
            seen.append(mine)


def _overlap(one: Credential, other: Credential) -> bool:
    """Whether two lines may be about one secret, in one place."""
    if one.store != other.store:
        return is_same(one.secret, other.secret)
    theirs = dict(other.scope)
    apart = any(
        key in theirs and theirs[key] != mine and "*" not in mine + theirs[key]
        for key, mine in one.scope
    )
    return not apart and overlap(one.secret, other.secret)


def _check_credential(file: DeclarationFile, entry: Entry) -> None:
    """Notes a line that says of nobody whose key it is, or of more keys than anybody could list."""
    named = [k for k in ("project", "subscription") if k in entry.data]
    if len(named) != 1:
        said = "names both a project and a subscription" if named else "says not whose key it is"
        file.wrong(entry.path, said, "Write project: proj_…, or subscription: … for Azure.")
    if "host" in entry.data and "subscription" not in entry.data:
        what = "says of all that goes to a host whose key it is"
        file.wrong((*entry.path, "host"), what, "Name the secret; a host is for a subscription.")
    if ("key" in entry.data) != ("workload" in entry.data):
        what = "names a key that is put in without its workload, or a workload without its key"
        file.wrong(entry.path, what, "Write key: injected, workload: Deployment.….")
    for mine in credentials_of(entry):
        where = "workload" if mine.store == "injected" else mine.store
        if too_wide(mine.reference) and mine.store != "host":
            _too_wide(file, (*entry.path, where), mine.reference)
        for key, pattern in mine.scope:
            if "*" in pattern and too_wide(pattern):
                _too_wide(file, (*entry.path, key), pattern)


def _check_delegation(file: DeclarationFile, entry: Entry) -> None:
    """Notes a delegation to repositories that nobody could list."""
    listed = entry.data.get("delegated_to")
    for index, each in enumerate(listed if isinstance(listed, list) else ()):
        pattern = str(each.get("repository", "")) if isinstance(each, dict) else ""
        if pattern and too_wide(pattern):
            _too_wide(file, (*entry.path, "delegated_to", index), pattern)


def _too_wide(file: DeclarationFile, path: Path, pattern: str) -> None:
    file.wrong(
        path,
        f"names {pattern}, which is too wide",
        "Let one * stand beside at least two letters: pr-*/openai#OPENAI_API_KEY.",
    )


def _check_project(file: DeclarationFile, entry: Entry, policy: Policy | None) -> None:
    ident = entry.data.get("project")
    if ident and policy is not None and str(ident) not in policy.projects:
        file.wrong(
            (*entry.path, "project"),
            f"names project {ident}, which the policy does not have",
            "Add it to projects, or correct it.",
        )


def _check_words(file: DeclarationFile, entry: Entry, known: Known) -> None:
    for index, word in enumerate(entry.words("endpoints") or ()):
        if known.endpoint(word) is None:
            file.wrong(
                (*entry.path, "endpoints", index),
                f"names an unknown endpoint {word}",
                "Write it as `openai-phi catalog show` does. What is not there is covered by no "
                "agreement that is known, and what it is below does not stand for it.",
            )
    for index, word in enumerate(entry.words("features") or ()):
        if known.feature(word) is None:
            file.wrong(
                (*entry.path, "features", index),
                f"names an unknown feature {word}",
                "Write it as the catalogue does, such as live_web_search.",
            )


def _check_within_project(
    file: DeclarationFile, entry: Entry, policy: Policy | None, known: Known
) -> None:
    project = policy.projects.get(entry.word("project")) if policy else None
    if project is not None:
        _check_inside(file, entry, "endpoints", project, project.endpoints, known.endpoint)
        _check_inside(file, entry, "features", project, project.features, known.feature)


def _check_inside(
    file: DeclarationFile,
    entry: Entry,
    key: str,
    project: Project,
    allowed: tuple[str, ...] | None,
    look: Callable[[str], str | None],
) -> None:
    asked = entry.words(key)
    if asked is None or allowed is None:
        return
    inside = {look(w) or w for w in allowed}
    wider = sorted(w for w in asked if (look(w) or w) not in inside)
    if wider:
        file.wrong(
            (*entry.path, key),
            f"widens the {key} of project {project.id}: {', '.join(wider)}",
            f"Take them out, or ask compliance to add them at {project.place}.",
        )


def _check_limits(
    mine: ReadCompliance, above: Iterable[ComplianceFile], policy: Policy | None
) -> None:
    limits = policy.limits if policy else NO_POLICY
    for outer in sorted(above, key=lambda c: len(c.folder)):
        limits = limits.tightened(outer.limits)
    for name, now, wider in limits.loosened_by(mine.says.limits):
        mine.file.wrong(
            ("limits", name),
            f"widens limits.{name} from {now} to {wider}",
            f"Keep {now}, or tighten it.",
        )


def _check_narrower(
    file: DeclarationFile, entry: Entry, mine: WorkloadDeclaration, above: WorkloadDeclaration
) -> None:
    at, todo = above.place, f"Correct it at {above.place} instead."
    if above.data in PHI_CLASSES and mine.data in LOWERING:
        file.wrong((*entry.path, "data"), f"widens {mine.match}: {at} declares {above.data}", todo)
    for key, outer, inner in (
        ("endpoints", above.endpoints, mine.endpoints),
        ("features", above.features, mine.features),
    ):
        wider = sorted(set(inner or ()) - set(outer)) if outer is not None else []
        if wider:
            file.wrong(
                (*entry.path, key),
                f"widens the {key} that {at} declares: {', '.join(wider)}",
                todo,
            )


def _names_something(match: str) -> bool:
    """Whether a pattern names anything, and does not fit whatever there is."""
    return any(c.isalnum() for c in re.sub(r"\[[^\]]*\]", "", match))
