"""What a compliance file says of a workload."""

from __future__ import annotations

from dataclasses import dataclass

from openai_phi.words.places import Place


@dataclass(frozen=True, kw_only=True)
class WorkloadDeclaration:
    """What a compliance file says of workloads that match; None where it does not say."""

    match: str
    """The pattern that names workloads."""
    data: str | None = None
    """The class of data that they handle."""
    project: str | None = None
    """The project whose key they use."""
    project_at: Place | None = None
    """Where that is said."""
    organization: str | None = None
    """The organization of that key."""
    endpoints: tuple[str, ...] | None = None
    """The endpoints that they call, as the catalogue writes them where it knows them."""
    features: tuple[str, ...] | None = None
    """The features that they use, as the catalogue calls them where it knows them."""
    place: Place
    """Where it stands."""
    below: str = ""
    """The folder (relative to the scan root) that it is limited to; "" for no limit of its own."""
    environments: tuple[str, ...] = ()
    """The environments that it is limited to; none: it speaks of all."""
    models: tuple[str, ...] | None = None
    """The models that they call."""
    retention_days: int | None = None
    """After how many days they delete what they store at the provider."""
    personal_eu: bool = False
    """Whether they handle personal data of the EU, beside what `data` says."""
