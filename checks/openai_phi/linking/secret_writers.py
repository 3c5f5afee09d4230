"""What writes the content of a secret that the code declares: the secret itself, or versions that refer to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from openai_phi.facts.secret_names import holds_secrets
from openai_phi.words.references import ByAddress
from openai_phi.words.resources import Resource, may_meet


@dataclass(frozen=True, kw_only=True)
class SecretWriters:
    """The resources that write the content of secrets, by what they refer to."""

    referring: Mapping[tuple[str, str], Sequence[Resource]]
    """(scope, address) -> what writes the content of the secret that stands there."""

    def of(self, target: Resource) -> list[Resource]:
        """What writes the content of a secret in the variants in which it is there."""
        own = [target] if holds_secrets(target.type) else []
        return own or [
            w for w in self.referring.get((target.scope, target.id), ()) if may_meet(w, target)
        ]


def secret_writers(resources: Iterable[Resource]) -> SecretWriters:
    """What writes secrets among these resources."""
    found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for resource in resources:
        if holds_secrets(resource.type):
            for ref in resource.refs:
                if isinstance(ref, ByAddress):
                    found[(resource.scope, ref.address)].append(resource)
    return SecretWriters(referring=dict(found))
