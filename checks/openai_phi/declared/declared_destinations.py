"""The destinations that a policy declares: whose a host is, and what settles that requests go there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from openai_phi.declared.agreements import Agreement
from openai_phi.declared.declaration_files import DeclarationFile, Entry
from openai_phi.words.places import Place

INTERNAL = "internal"
MODEL_SERVER = "model_server"


@dataclass(frozen=True, kw_only=True)
class DeclaredDestination:
    """One destination of the policy."""

    host: str
    """The host, or `*.` and what its name ends with."""
    kind: str = ""
    """`internal`, `vendor`, `model_server`; empty where it does not say."""
    agreement: str = ""
    """The agreement with whoever is there: its id, or whom it is with."""
    reason: str = ""
    """What goes there, and why that is no PHI, in words for people."""
    place: Place
    """Where it stands."""

    def fits(self, host: str) -> bool:
        """Whether it speaks of a host."""
        rest = self.host.removeprefix("*")
        return host == self.host if rest == self.host else host.endswith(rest) and host != rest


def destination_of(entry: Entry) -> DeclaredDestination:
    """A destination as the policy writes it."""
    return DeclaredDestination(
        host=entry.word("host").lower(),
        kind=entry.word("kind"),
        agreement=entry.word("agreement"),
        reason=entry.word("reason"),
        place=entry.place,
    )


def destination_for(
    declared: Iterable[DeclaredDestination], host: str
) -> DeclaredDestination | None:
    """What is declared of a host: by its whole name before a pattern, the longest pattern first."""
    fitting = [d for d in declared if host and d.fits(host)]
    return max(fitting, key=lambda d: (not d.host.startswith("*"), len(d.host)), default=None)


def agreement_named(agreements: Iterable[Agreement], name: str) -> Agreement | None:
    """The agreement of this id, or the BAA with a party of this name."""
    held = list(agreements)
    by_id = next((a for a in held if a.id and a.id == name), None)
    return by_id or next((a for a in held if a.kind == "baa" and a.provider == name), None)


def check_destinations(file: DeclarationFile, agreements: Iterable[Agreement]) -> None:
    """Notes destinations that say nothing, whatever there is, or what is not in the policy."""
    held = list(agreements)
    seen: set[str] = set()
    for entry in file.entries("destinations"):
        found = destination_of(entry)
        rest = found.host.removeprefix("*.")
        if found.host in seen:
            file.wrong(
                (*entry.path, "host"), f"destination {found.host} is there twice", "Keep one."
            )
        seen.add(found.host)
        if "*" in rest or (rest != found.host and "." not in rest):
            file.wrong(
                (*entry.path, "host"),
                f"{found.host} fits hosts of whoever",
                "Write a host, or *. and a domain of one owner, such as *.clinic.example.",
            )
        if not (found.agreement or found.reason or found.kind in (INTERNAL, MODEL_SERVER)):
            file.wrong(
                entry.path,
                f"says nothing of {found.host} that settles anything",
                "Add agreement: where PHI may go there, or reason: why none does.",
            )
        if found.agreement and agreement_named(held, found.agreement) is None:
            file.wrong(
                (*entry.path, "agreement"),
                f"names agreement {found.agreement}, which the policy does not have",
                "Record it under agreements, with that id or that provider.",
            )
