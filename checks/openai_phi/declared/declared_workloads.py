"""What compliance files say of workloads, and what two entries for one workload say together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from openai_phi.declared.declaration_files import Entry
from openai_phi.declared.vocabulary import Known
from openai_phi.facts.environments import environment_names
from openai_phi.facts.written_names import fits, fits_any_of_kind, is_pattern
from openai_phi.words.observed import PHI_CLASSES
from openai_phi.words.resources import Resource
from openai_phi.words.workload_declarations import WorkloadDeclaration

LOWERING = frozenset({"none", "synthetic", "deidentified"})
"""The classes of data that say that no PHI is handled."""
_PERSONAL = "personal_eu"


@dataclass(frozen=True, kw_only=True)
class Named:
    """A workload as declarations name it: its names, where it lies, and where it is deployed from and to."""

    path: str
    """The file that it is in, relative to the scan root."""
    names: tuple[str, ...]
    """Its id, and the names by which declarations may call it."""
    root: str = ""
    """The folder that it is deployed from."""
    environments: tuple[str, ...] = ()
    """The environments that it is deployed to."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Where it is: a module's resource lies in the module, and in the root that calls it."""
        return (self.path, f"{self.root}/") if self.root else (self.path,)


def named(resource: Resource) -> Named:
    """A resource as declarations name it."""
    return Named(
        path=resource.file,
        names=(resource.id, *resource.aliases),
        root=resource.root,
        environments=resource.environments,
    )


def speaks_of(said: WorkloadDeclaration, of: Named) -> bool:
    """Whether an entry speaks of a workload: by its name, where it lies or is deployed from, and to."""
    below = said.below
    if below and not any(p == below or p.startswith(below + "/") for p in of.paths):
        return False
    if said.environments and not _in_environments(said, of):
        return False
    return not lowers_a_kind(said, of.names) and any(fits(n, said.match) for n in of.names)


def _in_environments(said: WorkloadDeclaration, of: Named) -> bool:
    """Whether a workload is in the environments of an entry: in all of its own, where that lowers."""
    own, asked = set(of.environments), set(said.environments)
    return own <= asked if own and said.data in LOWERING else bool(own & asked)


def lowers_a_kind(said: WorkloadDeclaration, names: Sequence[str]) -> bool:
    """Whether an entry says of one of these by its kind alone that it handles no PHI: it must name workloads.

    Or say that all data of environments is synthetic, none of which treats people.
    """
    if said.data not in LOWERING or all_made_up(said.data, said.environments):
        return False
    return any(fits_any_of_kind(n, said.match) for n in names)


def all_made_up(data: str | None, environments: Sequence[str]) -> bool:
    """Whether an entry may say of whatever is in its environments that the data is synthetic."""
    known = environment_names()
    return (
        data == "synthetic" and bool(environments) and all(map(known.may_be_made_up, environments))
    )


def declaration_of(entry: Entry, known: Known) -> WorkloadDeclaration:
    """An entry of `workloads` as a compliance file writes it."""
    endpoints, features = entry.words("endpoints"), entry.words("features")
    classes = classes_of(entry)
    return WorkloadDeclaration(
        match=entry.word("match"),
        data=next(iter(sorted(classes, key=_PERSONAL.__eq__)), None),
        project=entry.text("project"),
        project_at=entry.place if entry.text("project") else None,
        organization=entry.text("organization"),
        endpoints=None if endpoints is None else tuple(known.endpoint(e) or e for e in endpoints),
        features=None if features is None else tuple(known.feature(f) or f for f in features),
        place=entry.place,
        below=_below(entry),
        environments=entry.words("environments") or (),
        models=entry.words("models"),
        retention_days=entry.number("retention_days"),
        personal_eu=_PERSONAL in classes,
    )


def classes_of(entry: Entry) -> tuple[str, ...]:
    """The classes of data that an entry declares: one, or a list."""
    said = entry.data.get("data")
    listed = entry.words("data")
    return listed or ((str(said),) if said is not None and listed is None else ())


def _below(entry: Entry) -> str:
    if not isinstance(entry.data.get("path"), str):
        return ""
    joined = os.path.join(os.path.dirname(entry.place.file), entry.word("path"))
    return os.path.normpath(joined).replace(os.sep, "/").removeprefix("./")


def merged(entries: Iterable[WorkloadDeclaration]) -> WorkloadDeclaration | None:
    """What entries say together, the outermost file's first: the exact match before a pattern."""
    found: WorkloadDeclaration | None = None
    for entry in entries:
        found = entry if found is None else _joined(found, entry)
    return found


def _joined(outer: WorkloadDeclaration, inner: WorkloadDeclaration) -> WorkloadDeclaration:
    """Two entries for one workload: in one file the exact one decides, a nearer file only narrows."""
    one_file = outer.place.file == inner.place.file
    decides = one_file and not is_pattern(inner.match)
    raised = outer.data in PHI_CLASSES and not decides
    first, second = (inner, outer) if one_file else (outer, inner)
    return replace(
        inner,
        data=outer.data if raised else inner.data or outer.data,
        project=first.project or second.project,
        project_at=first.project_at if first.project else second.project_at,
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
