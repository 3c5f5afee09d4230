"""The words that declarations may name endpoints, editions and features by."""

from __future__ import annotations

from typing import Protocol

from openai_phi.facts.catalogue import Catalogue


class Known(Protocol):
    """What the catalogue knows: endpoints, editions, features."""

    def endpoint(self, text: str) -> str | None:
        """The canonical endpoint that a text names; None if none does."""

    def edition(self, ident: str) -> bool:
        """Whether there is an edition of this id."""

    def feature(self, name: str) -> str | None:
        """The id of the feature that a name stands for; None if it stands for none."""


class CatalogueWords:
    """What the declarations need to know of the catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def endpoint(self, text: str) -> str | None:
        """The canonical endpoint that a text names, if some edition knows it."""
        name = self._catalogue.normalise(text)
        if name is None:
            return None
        return name if any(e.knows(name) for e in self._catalogue.editions) else None

    def edition(self, ident: str) -> bool:
        """Whether some provider has an edition of this id."""
        return any(e.id == ident for e in self._catalogue.editions)

    def feature(self, name: str) -> str | None:
        """The id of the feature, as the newest edition that knows it has it."""
        found = (e.feature(name) for e in reversed(self._catalogue.editions))
        return next((f.id for f in found if f), None)
