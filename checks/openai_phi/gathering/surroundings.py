"""What surrounds all graphs and files of one scan: its context, and what is declared below a root."""

from __future__ import annotations

import os

from openai_phi.declared.declaration_loader import load
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.sites import repository_of
from openai_phi.declared.vocabulary import CatalogueWords
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.signatures import Signatures, signatures
from openai_phi.words.scan_input import Context


class Surroundings:
    """One scan's context, and the policy and compliance files of each root, read once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._declared: dict[str, Declarations] = {}

    def declared(self, root: str) -> Declarations:
        """What is declared below a root."""
        root = os.path.abspath(root)
        if root not in self._declared:
            words = CatalogueWords(load_catalogue())
            self._declared[root] = load(
                root,
                policy_path=self.context.policy,
                policy_required=self.context.policy_required,
                known=words,
                trust_from=self.context.trust_from,
                repository=repository_of(root, self.context.variables),
            )
        return self._declared[root]

    def names(self, root: str) -> Signatures:
        """The signatures for a scan of a root: the shipped ones and those of its policy."""
        policy = self.declared(root).policy
        return signatures(policy.extra) if policy else signatures()
