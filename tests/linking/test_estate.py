"""The estate of hand-made resources: which objects are joined by name, and which references carry PHI."""

from __future__ import annotations

from dataclasses import replace

import pytest

from openai_phi.declared.declarations import Declarations
from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.signatures import signatures
from openai_phi.linking.estate import Estate
from openai_phi.linking.linked import link
from openai_phi.words.references import AllVariables
from openai_phi.words.resources import Resource, Setting

HOST = "api.openai.com"


def setting(path: str, value: object, role: str = "", group: str = "") -> Setting:
    """A setting at a path whose steps are joined by slashes."""
    steps = tuple(path.split("/"))
    return Setting(steps[-1], value, steps, 4, group, role=role)


def an_object(kind: str, name: str, *settings: Setting, scope: str = "a") -> Resource:
    """A Kubernetes object of the namespace `clinic`."""
    return Resource(
        "kubernetes", kind, f"{kind}.clinic.{name}", name, scope, f"{scope}/{kind}.yaml", 1, 9,
        settings, namespace="clinic",
    )  # fmt: skip


def reader(kind: str, name: str, scope: str = "a") -> Resource:
    """A program that takes all its variables from an object."""
    program = an_object("Deployment", "notes", scope=scope)
    return replace(program, refs=(AllVariables(kind=kind, name=name, path="containers.0", line=5),))


def held(kind: str, scope: str) -> Resource:
    """An object that names the provider's host, which nothing in the reader does."""
    file = f"{scope}/{kind}.yaml"
    said = replace(setting("data/OPENAI_BASE_URL", f"https://{HOST}/v1"), file=file)
    return an_object(kind, "shared", said, scope=scope)


def estate(*resources: Resource) -> Estate:
    return link(resources, signatures(), load_catalogue()).estate(Declarations())


def shown_at(found: Estate) -> set[str]:
    """The files in which the uses of an estate's workloads are written."""
    return {e.place.file for w in found.workloads for u in w.uses for e in u.evidence}


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
@pytest.mark.parametrize(
    ("scopes", "joined"),
    [
        (["a"], True),
        (["b"], True),
        (["a", "b"], True),
        (["b", "c"], False),
        (["b", "c", "d"], False),
    ],
)
def test_an_object_that_is_found_by_name_in_several_scopes_is_joined_to_none(
    kind: str, scopes: list[str], joined: bool
) -> None:
    found = estate(reader(kind, "shared"), *(held(kind, s) for s in scopes))
    assert shown_at(found) == ({f"{scopes[0]}/{kind}.yaml"} if joined else set())
    assert {o.resource.file for o in found.orphans} == {
        f"{s}/{kind}.yaml" for s in (scopes[1:] if joined else scopes)
    }


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_an_object_of_another_namespace_is_joined_to_none(kind: str) -> None:
    elsewhere = [replace(held(kind, s), namespace="billing") for s in ("a", "b")]
    for each in elsewhere:
        assert shown_at(estate(reader(kind, "shared"), each)) == set()


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
@pytest.mark.parametrize(
    ("variant", "joined"), [("prod", True), ("prod, test", True), ("test", False), ("", True)]
)
def test_an_object_is_joined_to_what_is_deployed_with_it(
    kind: str, variant: str, joined: bool
) -> None:
    """Not by its namespace either: both stand in one scope, and are never there together."""
    prod = replace(reader(kind, "shared"), variant="prod")
    found = estate(prod, replace(held(kind, "a"), variant=variant))
    assert shown_at(found) == ({f"a/{kind}.yaml"} if joined else set())
