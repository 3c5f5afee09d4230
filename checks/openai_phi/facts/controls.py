"""The controls that rules cite: title, what it asks (a standard, required, addressable), source and date, from controls.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from openai_phi.facts.data_files import load_yaml, schema_root


@dataclass(frozen=True)
class Framework:
    """A law or a set of criteria."""

    id: str
    title: str
    source: str


@dataclass(frozen=True)
class Control:
    """One citation: what it asks for, and what findings that cite it speak of."""

    citation: str
    framework: Framework
    title: str
    asks: str
    about: str
    source: str
    as_of: str

    @property
    def token(self) -> str:
        """The citation as one word of letters, digits, dots and hyphens: `hipaa-164.502.e.1.i`."""
        tail = re.sub(r"^(45 CFR|GDPR Art\.|SOC 2) ", "", self.citation)
        return f"{self.framework.id}-{re.sub(r'[^0-9A-Za-z.-]+', '.', tail).strip('.')}"

    @property
    def label(self) -> str:
        """The citation with its title, and whether it is addressable."""
        note = " (addressable)" if self.asks == "addressable" else ""
        return f"{self.citation}: {self.title}{note}"


@dataclass(frozen=True)
class Controls:
    """All controls, by citation, in the order of the file."""

    as_of: str
    frameworks: tuple[Framework, ...]
    by_citation: dict[str, Control]
    by_role: dict[str, dict[str, str]]
    """Role under HIPAA -> the covered entity's paragraph -> that of the role."""
    not_judged: dict[str, str]
    """Class of data -> the law of its own that no rule judges."""
    nist: dict[str, str]
    """Citation -> the identifiers of NIST beside it, in words; those that no text confirmed say so."""

    def cited(self, law: Iterable[str], role: str) -> tuple[str, ...]:
        """Citations as they are for a role, once each."""
        own = self.by_role.get(role, {})
        return tuple(dict.fromkeys(own.get(c, c) for c in law))

    def of(self, law: Iterable[str]) -> tuple[Control, ...]:
        """The controls of these citations, once each; one that the list does not have is left out."""
        known = (self.by_citation.get(c) for c in dict.fromkeys(law))
        return tuple(c for c in known if c is not None)


@lru_cache(maxsize=1)
def controls() -> Controls:
    """The shipped list. Raises OSError, yaml.YAMLError or KeyError where it is broken."""
    data = load_yaml(schema_root() / "controls.yaml")
    frameworks = {k: Framework(k, f["title"], f["source"]) for k, f in data["frameworks"].items()}
    return Controls(
        data["as_of"],
        tuple(frameworks.values()),
        {
            citation: Control(
                citation,
                frameworks[c["framework"]],
                c["title"],
                c["asks"],
                c["about"],
                c["source"],
                c["as_of"],
            )
            for citation, c in data["controls"].items()
        },
        data["by_role"],
        data["not_judged"],
        {c: _nist(data["nist"], ids) for c, ids in data["nist"]["by_citation"].items()},
    )


def _nist(data: dict[str, Any], ids: dict[str, Any]) -> str:
    said = []
    for key, named in (("sp800_66", ids["sp800_66"]), ("sp800_53", ", ".join(ids["sp800_53"]))):
        unsure = "" if data[key]["confirmed"] else " (unconfirmed)"
        said.append(f"{data[key]['title'].removeprefix('NIST SP ')} {named}{unsure}")
    return "; ".join(said)
