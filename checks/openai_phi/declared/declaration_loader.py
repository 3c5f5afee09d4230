"""Finds the policy and the compliance files of a scan root, reads and checks them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from openai_phi.declared.compliance_file import compliance_of
from openai_phi.declared.declaration_checks import (
    ReadCompliance,
    check_compliance,
    check_nesting,
    check_policy,
)
from openai_phi.declared.declaration_files import (
    DeclarationFile,
    find_files,
    parsed,
    read_file,
    with_entries,
)
from openai_phi.declared.declarations import Declarations, Sources, TrustedSources
from openai_phi.declared.git_revisions import NoRevision, Revision, revision_of
from openai_phi.declared.merged_policies import merged, policies
from openai_phi.declared.policy_file import Policy, policy_of
from openai_phi.declared.trusted_revision import OWNERS, Waiting, held_back
from openai_phi.declared.vocabulary import Known
from openai_phi.words.fixes import Addition, Declares
from openai_phi.words.places import Place

POLICY_NAMES = ("openai-policy.yaml", "openai-policy.yml")
COMPLIANCE_NAMES = ("openai-compliance.yaml", "openai-compliance.yml")
_POLICY_SCHEMA = "openai-policy.schema.json"
_COMPLIANCE_SCHEMA = "openai-compliance.schema.json"


def load(
    root: str,
    *,
    policy_path: str | None,
    known: Known,
    policy_required: bool = False,
    trust_from: str | None = None,
    repository: str = "",
) -> Declarations:
    """Everything declared for a scan root. Never raises: what is wrong is in `mistakes`.

    With a revision to trust, what lowers or excuses counts only where that has it too; where the revision
    cannot be had, nothing of the kind counts, which is a mistake of its own.
    """
    root = os.path.abspath(root)
    files = [
        read_file(path, _shown(path, root), _COMPLIANCE_SCHEMA)
        for path in find_files(root, COMPLIANCE_NAMES)
    ]
    policy_file = _policy_file(root, policy_path, files)
    files += _stray_policies(root, policy_path, policy_file)
    trusted = None
    if trust_from is not None:
        trusted = _trusted(root, trust_from, policy_path, policy_file, files)
    found = _declared(policy_file, files, known, trusted)
    return replace(found, policy_required=policy_required, repository=repository)


def _trusted(
    root: str,
    name: str,
    policy_path: str | None,
    policy: DeclarationFile | None,
    files: list[DeclarationFile],
) -> TrustedSources:
    """The declarations of a revision; of one that cannot be had none, which is noted as a mistake."""
    try:
        revision = revision_of(root, name)
        before = [
            parsed(
                DeclarationFile(path, os.path.join(root, path)),
                revision.read(os.path.join(root, path)) or b"",
                _COMPLIANCE_SCHEMA,
            )
            for path in revision.files(COMPLIANCE_NAMES)
        ]
        return TrustedSources(
            revision=name,
            policy=_policy_before(root, revision, policy_path, policy),
            compliance=tuple(before),
        )
    except NoRevision as error:
        lost = DeclarationFile(name or "the revision to trust", root)
        lost.wrong((), f"cannot be trusted, so that nothing that lowers or excuses counts: {error}")
        files.append(lost)
        outside = policy if policy_path else None
        return TrustedSources(revision=name, policy=outside)


def _policy_before(
    root: str, revision: Revision, policy_path: str | None, policy: DeclarationFile | None
) -> DeclarationFile | None:
    """The policy in force: one from outside the repository as it is, else as the revision has it."""
    own = policies(policy_path) or ([policy.absolute] if policy else [])
    if policy is not None and not any(map(revision.holds, own)):
        return policy
    paths = [policy.absolute] if policy else [os.path.join(root, n) for n in POLICY_NAMES]
    found = []
    asked = policies(policy_path) or paths
    for path, shown in zip(asked, _all_shown(asked, root), strict=True):
        if not revision.holds(path):
            found.append(read_file(path, shown, _POLICY_SCHEMA))
            continue
        raw = revision.read(path)
        if raw is not None:
            found.append(parsed(DeclarationFile(shown, path), raw, _POLICY_SCHEMA))
    return merged(found if policy_path else found[:1]) if found else None


def as_if(
    declared: Declarations, additions: Iterable[Addition], *, day: str, known: Known
) -> Declarations:
    """The declarations as they would be with these additions, their blanks filled in; reads nothing."""
    by_file: dict[Declares, list[tuple[str, dict[str, Any]]]] = {d: [] for d in Declares}
    for addition in additions:
        by_file[addition.file].append((addition.section, addition.as_if(day)))
    to_policy, to_team = by_file[Declares.POLICY], by_file[Declares.COMPLIANCE]
    sources, trusted = declared.sources, declared.sources.trusted
    if trusted is not None:
        trusted = replace(
            trusted,
            policy=_policy_with(trusted.policy, to_policy),
            compliance=_files_with(trusted.compliance, to_team),
        )
    found = _declared(
        _policy_with(sources.policy, to_policy),
        _files_with(sources.compliance, to_team),
        known,
        trusted,
    )
    return replace(found, policy_required=declared.policy_required, repository=declared.repository)


_Entries = list[tuple[str, dict[str, Any]]]


def _policy_with(policy: DeclarationFile | None, entries: _Entries) -> DeclarationFile | None:
    name = Declares.POLICY.value
    if not entries:
        return policy
    return with_entries(policy or DeclarationFile(name, name), _POLICY_SCHEMA, entries)


def _files_with(files: Sequence[DeclarationFile], entries: _Entries) -> tuple[DeclarationFile, ...]:
    """Compliance files with more entries in the one at the root, which is made where there is none."""
    if not entries:
        return tuple(files)
    name = Declares.COMPLIANCE.value
    at_root = next((f for f in files if f.shown == name), None)
    more = with_entries(at_root or DeclarationFile(name, name), _COMPLIANCE_SCHEMA, entries)
    if at_root is None:
        return (*files, more)
    return tuple(more if f is at_root else f for f in files)


def _declared(
    policy_file: DeclarationFile | None,
    files: Sequence[DeclarationFile],
    known: Known,
    trusted: TrustedSources | None = None,
) -> Declarations:
    """What files declare that were read, once each is checked against the others."""
    sources = Sources(policy=policy_file, compliance=tuple(files), trusted=trusted)
    if trusted is None:
        return _in_force(policy_file, files, known, sources)
    found = _in_force(trusted.policy, files, known, sources)
    before = tuple(compliance_of(f.copy(), known) for f in trusted.compliance)
    counting, waiting = held_back(found.files, before, trusted.revision, _delegated(found.policy))
    was = trusted.policy.digest if trusted.policy else ""
    if policy_file is not None and policy_file.digest != was:
        top = Place(policy_file.shown, 1)
        waiting = (Waiting(top, "what changes in the policy", OWNERS), *waiting)
        others = {m for m in found.mistakes if m not in found.policy_mistakes}
        found = replace(found, mistakes=tuple(sorted({*others, *policy_file.mistakes})))
    return replace(found, files=counting, waiting=waiting)


def _delegated(policy: Policy | None) -> frozenset[str]:
    """The projects of which a team may say whose key it is, wherever."""
    projects = policy.projects.values() if policy else ()
    return frozenset(p.id for p in projects if p.delegated_to)


def _in_force(
    policy_file: DeclarationFile | None,
    files: Sequence[DeclarationFile],
    known: Known,
    sources: Sources,
) -> Declarations:
    """What files declare, all of it."""
    policy_file = policy_file.copy() if policy_file else None
    files = [f.copy() for f in files]
    policy = policy_of(policy_file) if policy_file else None
    if policy_file and policy:
        check_policy(policy_file, policy, known)
    read = [ReadCompliance(f, compliance_of(f, known)) for f in files]
    # a policy that could not be read says nothing that another file could contradict
    beside = policy if policy_file and policy_file.data else None
    for file in files:
        check_compliance(file, beside, known)
    check_nesting(read, beside)
    wrong_policy = tuple(sorted(policy_file.mistakes)) if policy_file else ()
    mistakes = sorted({*wrong_policy, *(m for f in files for m in f.mistakes)})
    return Declarations(
        policy=policy.stripped() if policy and wrong_policy else policy,
        files=tuple(r.says for r in read),
        mistakes=tuple(mistakes),
        policy_mistakes=wrong_policy,
        sources=sources,
    )


def _shown(path: str, root: str) -> str:
    relative = os.path.relpath(path, root).replace(os.sep, "/")
    return os.path.basename(path) if relative.startswith("..") else relative


def _all_shown(paths: Sequence[str], root: str) -> list[str]:
    """What findings call several files: those that would be called alike with their folders."""
    names = [_shown(p, root) for p in paths]
    return [p if names.count(n) > 1 else n for n, p in zip(names, paths, strict=True)]


def _policy_file(
    root: str, policy_path: str | None, files: list[DeclarationFile]
) -> DeclarationFile | None:
    """The policy in force: the one that is supplied, that lies at the root, or that a file extends."""
    at_root = (os.path.join(root, n) for n in POLICY_NAMES)
    paths = policies(policy_path) or list(filter(os.path.isfile, at_root))[:1]
    found = [
        read_file(p, s, _POLICY_SCHEMA) for p, s in zip(paths, _all_shown(paths, root), strict=True)
    ]
    supplied = merged(found) if found else None
    for file in files:
        extends = file.section("extends").data
        if isinstance(extends.get("file"), str):
            digest = str(extends.get("sha256", ""))
            if policy_path and supplied is not None:
                _check_supplied(file, digest, supplied)
            else:
                supplied = _extended(file, root, extends["file"], digest, supplied)
    return supplied


def _check_supplied(file: DeclarationFile, digest: str, supplied: DeclarationFile) -> None:
    if digest and digest not in (supplied.digest, *supplied.digests):
        file.wrong(
            ("extends", "sha256"),
            "extends a policy that differs from the one that CI supplies",
            "Update extends.sha256 to the digest of the policy in force.",
        )


def _extended(
    file: DeclarationFile, root: str, name: str, digest: str, supplied: DeclarationFile | None
) -> DeclarationFile:
    """The policy in force once a file extends one: the one that was found before, or this."""
    path = os.path.normpath(os.path.join(os.path.dirname(file.absolute), name))
    named = read_file(path, _shown(path, root), _POLICY_SCHEMA)
    if not named.digest:
        file.wrong(
            ("extends", "file"), f"extends {name}, which cannot be read", "Correct the path."
        )
    elif digest != named.digest:
        file.wrong(
            ("extends", "sha256"),
            "extends a policy whose digest differs from sha256",
            "Read the change of the policy, then update extends.sha256.",
        )
    if supplied is None:
        return named
    if supplied.absolute != named.absolute and supplied.digest != named.digest:
        file.wrong(
            ("extends", "file"),
            f"extends another policy than {supplied.shown}",
            "Extend one policy.",
        )
    return supplied


def _stray_policies(
    root: str, policy_path: str | None, policy: DeclarationFile | None
) -> list[DeclarationFile]:
    """Policies below the root that nothing names, as files that are wrong. A second one beside the
    policy in force is a mistake of that."""
    out: list[DeclarationFile] = []
    for path in find_files(root, POLICY_NAMES):
        stray = DeclarationFile(_shown(path, root), path)
        if policy is None:
            stray.wrong(
                (),
                "is a policy that nothing names",
                "Put it at the scan's root, or let extends name it.",
            )
            out.append(stray)
        elif os.path.abspath(path) != policy.absolute and not policy_path:
            stray.wrong((), f"is a second policy beside {policy.shown}", "Keep one policy.")
            policy.mistakes += stray.mistakes
    return out
