"""A repository's or folder's compliance file as objects: workloads, limits, exceptions, environments."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from openai_phi.declared.declaration_files import DeclarationFile, Entry
from openai_phi.declared.declared_limits import (
    Parameters,
    Tightening,
    parameters_of,
    tightening_of,
)
from openai_phi.declared.declared_workloads import declaration_of
from openai_phi.declared.exceptions import ExceptionEntry, entries_of
from openai_phi.declared.vocabulary import Known
from openai_phi.words.workload_declarations import WorkloadDeclaration

_FILES = ("values", "var_files")


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A variant to read: its name, and the files that make it, relative to the scan root."""

    name: str
    """What it is called."""
    values: tuple[str, ...] = ()
    """The values files of charts."""
    var_files: tuple[str, ...] = ()
    """The variable files of Terraform."""
    paths: tuple[str, ...] = ()
    """The folders whose resources are deployed to it: roots, overlays, manifests."""


@dataclass(frozen=True, kw_only=True)
class ComplianceFile:
    """The declarations of a repository or of a folder in it."""

    file: str
    """Its path relative to the scan root."""
    folder: str
    """The folder that it speaks for, relative to the scan root; "" for the root."""
    workloads: tuple[WorkloadDeclaration, ...] = ()
    """What it says of workloads, in order."""
    limits: Tightening = field(default_factory=Tightening)
    """What it asks of limits."""
    exceptions: tuple[ExceptionEntry, ...] = ()
    """Its exceptions and `unread` entries."""
    environments: tuple[Environment, ...] = ()
    """The variants to read whose files are all there."""
    parameters: Parameters = field(default_factory=Parameters)
    """What it asks of rules."""
    deidentifiers: tuple[str, ...] = ()
    """The patterns that name workloads which end the flow of PHI."""

    def speaks_for(self, path: str) -> bool:
        """Whether it is in force for a path."""
        return self.folder == "" or path.startswith(self.folder + "/")


def compliance_of(file: DeclarationFile, known: Known) -> ComplianceFile:
    """What a compliance file says.

    Notes as mistakes the files of environments that are not there, and takes the mistakes of its
    exceptions from the file's: those are theirs alone.
    """
    folder = os.path.dirname(file.shown)
    return ComplianceFile(
        file=file.shown,
        folder=folder,
        workloads=tuple(declaration_of(entry, known) for entry in file.entries("workloads")),
        limits=tightening_of(file.section("limits")),
        exceptions=entries_of(file),
        environments=tuple(
            _environment(folder, entry)
            for entry in file.entries("environments")
            if _files_there(file, entry)
        ),
        parameters=parameters_of(file.section("parameters")),
        deidentifiers=file.top.words("deidentifiers") or (),
    )


def _environment(folder: str, entry: Entry) -> Environment:
    def shown(key: str) -> tuple[str, ...]:
        names = entry.words(key) or ()
        return tuple(os.path.normpath(os.path.join(folder, n)) for n in names)

    return Environment(
        name=entry.word("name"),
        values=shown("values"),
        var_files=shown("var_files"),
        paths=shown("paths"),
    )


def _files_there(file: DeclarationFile, entry: Entry) -> bool:
    """Whether every file that an environment names is there; what is not is a mistake."""
    there = True
    for key in _FILES:
        for index, name in enumerate(entry.words(key) or ()):
            if not os.path.isfile(os.path.join(os.path.dirname(file.absolute), name)):
                there = False
                file.wrong(
                    (*entry.path, key, index),
                    f"names {name}, which is not there",
                    "Correct the path.",
                )
    return there
