"""What a change may say of its own judge: lines that lower or excuse wait until the trusted revision has them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from openai_phi.declared.compliance_file import ComplianceFile, Environment
from openai_phi.declared.declared_workloads import LOWERING
from openai_phi.declared.exceptions import ExceptionEntry, Standing
from openai_phi.words.observed import PHI_CLASSES
from openai_phi.words.places import Place
from openai_phi.words.workload_declarations import WorkloadDeclaration

_NOWHERE = Place("", 0)
_Placed = TypeVar("_Placed", ExceptionEntry, WorkloadDeclaration)


@dataclass(frozen=True, order=True)
class Waiting:
    """A line that does not count yet."""

    place: Place
    """Where it stands."""
    what: str
    """What it says, as half a sentence."""
    waits_for: str
    """Who has to agree."""

    def say(self, revision: str) -> str:
        """It in words."""
        return f"{self.place}: {self.what} waits for the merge, and for {self.waits_for}: {revision} does not say it."


OWNERS = "the owners of this file"


def held_back(
    now: Sequence[ComplianceFile],
    before: Sequence[ComplianceFile],
    revision: str,
    delegated: Collection[str],
) -> tuple[tuple[ComplianceFile, ...], tuple[Waiting, ...]]:
    """The files in force while a change is judged, and what of them waits.

    What raises, binds or narrows counts at once, and what the trusted revision raises counts on: for that
    each of its files stands beside the one of now, under a name of its own. `delegated` are the projects of
    which a team may say whose key it is.
    """
    was = {f.file: f for f in before}
    files: list[ComplianceFile] = []
    waiting: list[Waiting] = []
    for file in (*now, *(_gone(f) for f in before if f.file not in {n.file for n in now})):
        known = was.get(file.file) or _gone(file)
        waiting += _waiting(file, known, delegated)
        files += (_still(known, file, revision), _counting(file, known, delegated))
    return tuple(files), tuple(sorted(waiting))


def _gone(file: ComplianceFile) -> ComplianceFile:
    """A file of the same name that says nothing."""
    return ComplianceFile(file=file.file, folder=file.folder)


def _there(entry: _Placed, among: Sequence[_Placed]) -> bool:
    bare = replace(entry, place=_NOWHERE)
    return any(replace(e, place=_NOWHERE) == bare for e in among)


def _lowers(entry: WorkloadDeclaration, known: ComplianceFile) -> bool:
    return entry.data in LOWERING and not _there(entry, known.workloads)


_LISTS = ("endpoints", "features", "models")
"""What a workload is said to use: a change may name the first of them, and more."""


def _same_entry(entry: WorkloadDeclaration, known: ComplianceFile) -> WorkloadDeclaration | None:
    """What the revision says of the same workloads in the same file."""
    key = (entry.match, entry.below, entry.environments)
    found = (w for w in known.workloads if (w.match, w.below, w.environments) == key)
    return next(found, None)


def _gone_from(key: str, entry: WorkloadDeclaration, known: ComplianceFile) -> tuple[str, ...]:
    """What the revision says that a workload uses, and an entry no longer."""
    was = _same_entry(entry, known)
    had = (getattr(was, key) if was else None) or ()
    now = getattr(entry, key) or ()
    return tuple(w for w in had if w not in now)


def _kept(now: tuple[str, ...] | None, gone: tuple[str, ...]) -> tuple[str, ...] | None:
    return (*(now or ()), *gone) if gone else now


def _dropped(file: ComplianceFile, known: ComplianceFile) -> list[WorkloadDeclaration]:
    """The entries of the revision that say what workloads use and that a change takes away."""
    return [
        w
        for w in known.workloads
        if _same_entry(w, file) is None and any(getattr(w, key) for key in _LISTS)
    ]


def _deletes(entry: WorkloadDeclaration, known: ComplianceFile) -> bool:
    """Whether an entry says anew that what is stored is deleted, or earlier than the revision says."""
    was = _same_entry(entry, known)
    held = was.retention_days if was else None
    return entry.retention_days is not None and (held is None or entry.retention_days < held)


def _excuses(entry: ExceptionEntry, known: ComplianceFile) -> bool:
    return not entry.emergency and not _there(entry, known.exceptions)


def _binds(entry: WorkloadDeclaration, known: ComplianceFile, delegated: Collection[str]) -> bool:
    """Whether an entry says anew whose key it is, where the team's word would count."""
    had = ((w.match, w.below, w.project, w.organization) for w in known.workloads)
    says = (entry.match, entry.below, entry.project, entry.organization)
    return entry.project in delegated and says not in had


def _waiting(
    file: ComplianceFile, known: ComplianceFile, delegated: Collection[str]
) -> Iterator[Waiting]:
    for said in file.workloads:
        if _binds(said, known, delegated):
            yield Waiting(said.place, f"that {said.match} has a key of {said.project}", OWNERS)
        if _lowers(said, known):
            yield Waiting(said.place, f"that {said.match} handles {said.data} data", OWNERS)
        if _deletes(said, known):
            days = f"that {said.match} deletes after {said.retention_days} days"
            yield Waiting(said.place, days, OWNERS)
        gone = [w for key in _LISTS for w in _gone_from(key, said, known)]
        if gone:
            yield Waiting(said.place, f"that {said.match} uses no more {', '.join(gone)}", OWNERS)
    for was in _dropped(file, known):
        yield Waiting(Place(file.file, 1), f"that {was.match} uses no more what it used", OWNERS)
    for entry in file.exceptions:
        if _excuses(entry, known):
            what = "the unread entry" if entry.unread else f"the exception from {entry.rule}"
            yield Waiting(entry.place, f"{what} for {entry.resource}", entry.approved_by or OWNERS)
    top = Place(file.file, 1)
    for match in sorted(set(file.deidentifiers) - set(known.deidentifiers)):
        yield Waiting(top, f"that {match} de-identifies", OWNERS)
    if set(_environments(file, known)) != set(file.environments):
        yield Waiting(top, "which environments are read", OWNERS)


def _counting(
    file: ComplianceFile, known: ComplianceFile, delegated: Collection[str]
) -> ComplianceFile:
    """What of a file counts at once."""

    def counts(said: WorkloadDeclaration) -> WorkloadDeclaration:
        if _binds(said, known, delegated):
            said = replace(said, project=None, organization=None)
        if _deletes(said, known):
            was = _same_entry(said, known)
            said = replace(said, retention_days=was.retention_days if was else None)
        said = replace(
            said,
            endpoints=_kept(said.endpoints, _gone_from("endpoints", said, known)),
            features=_kept(said.features, _gone_from("features", said, known)),
            models=_kept(said.models, _gone_from("models", said, known)),
        )
        return replace(said, data=None) if _lowers(said, known) else said

    still = (replace(w, data=None, project=None, organization=None) for w in _dropped(file, known))
    return replace(
        file,
        workloads=(*map(counts, file.workloads), *still),
        exceptions=tuple(
            replace(e, standing=Standing.WAITING) if _excuses(e, known) else e
            for e in file.exceptions
        ),
        deidentifiers=tuple(d for d in file.deidentifiers if d in known.deidentifiers),
        environments=_environments(file, known),
    )


def _still(known: ComplianceFile, file: ComplianceFile, revision: str) -> ComplianceFile:
    """What the trusted revision says and a change cannot take back by itself."""
    shown = f"{known.file}@{revision}"
    return replace(
        known,
        file=shown,
        workloads=tuple(
            WorkloadDeclaration(
                match=w.match,
                data=w.data,
                place=replace(w.place, file=shown),
                below=w.below,
                personal_eu=w.personal_eu,
            )
            for w in known.workloads
            if w.data in PHI_CLASSES or w.personal_eu
        ),
        exceptions=tuple(
            replace(e, standing=Standing.OF_REVISION, place=replace(e.place, file=shown))
            for e in known.exceptions
            if not _there(e, file.exceptions)
            and (e.emergency or any(e.same_cause(x) for x in file.exceptions))
        ),
        deidentifiers=(),
        environments=(),
    )


def _environments(file: ComplianceFile, known: ComplianceFile) -> tuple[Environment, ...]:
    """The variants to read: what either names, as long as the trusted revision narrows them at all.

    What a change adds is read, and gives no place the name of another: what is said of one would hold there.
    """
    if not known.environments:
        return ()
    added = (e for e in file.environments if e not in known.environments)
    return (*known.environments, *(replace(e, name="", paths=()) for e in added))
