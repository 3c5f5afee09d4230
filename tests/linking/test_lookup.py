"""What resources are called: by kind and name within a scope or a namespace, by address within a scope."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handmade import by_address, made
from openai_phi.linking.lookup import lookup_of
from openai_phi.words.references import Content
from openai_phi.words.resources import Resource, Setting


def an_object(kind: str, name: str, scope: str = "a", space: str | None = "apps") -> Resource:
    return Resource(
        "kubernetes", kind, f"{kind}.{space}.{name}", name, scope, f"{scope}/{kind}.yaml", 1, 9,
        namespace=space,
    )  # fmt: skip


READER = an_object("Deployment", "app")


@pytest.mark.parametrize(
    ("others", "found"),
    [
        ([("a", "apps")], [0]),
        ([("a", None)], [0]),
        ([("a", "billing")], []),
        ([("b", "apps")], [0]),
        ([("b", "billing")], []),
        ([("b", None)], []),
        ([("b", "apps"), ("c", "apps")], []),
        ([("b", "apps"), ("b", "apps")], [0, 1]),
        ([("b", "apps"), ("a", "apps")], [1]),
        ([("b", "apps"), ("a", "billing")], [0]),
    ],
)
def test_an_object_of_a_name(others: list[tuple[str, str | None]], found: list[int]) -> None:
    there = [an_object("ConfigMap", "x", scope, space) for scope, space in others]
    same = lookup_of([READER, *there]).find(READER, "ConfigMap", "x")
    assert [id(r) for r in same] == [id(there[i]) for i in found]


@pytest.mark.parametrize(
    "kind", ["Secret", "ExternalSecret", "ClusterExternalSecret", "SealedSecret", "ConfigMap"]
)
def test_what_becomes_a_secret_is_one(kind: str) -> None:
    found = lookup_of([an_object(kind, "x")]).find(READER, "Secret", "x")
    assert [r.type for r in found] == ([] if kind == "ConfigMap" else [kind])


def test_the_name_of_the_secret_that_an_external_secret_writes() -> None:
    target = Setting("name", "openai", ("spec", "target", "name"), 4)
    lookup = lookup_of([replace(an_object("ExternalSecret", "sync"), settings=(target,))])
    assert [r.name for r in lookup.find(READER, "Secret", "openai")] == ["sync"]
    assert [r.name for r in lookup.find(READER, "Secret", "sync")] == ["sync"]
    assert lookup.find(READER, "Secret", "other") == []


def test_an_address_leads_to_what_stands_there_in_its_own_scope_and_variant() -> None:
    store = made("aws_sqs_queue", {})
    lookup = lookup_of([store, replace(store, scope="elsewhere")])
    program = made("aws_lambda_function", {})
    ref = by_address(store.id, "x")
    assert [r.scope for r in lookup.referred(program, ref)] == [program.scope]
    assert lookup.referred(replace(program, scope="third"), ref) == []
    parted = lookup_of([replace(store, variant="test")])
    assert parted.referred(replace(program, variant="prod"), ref) == []


def test_an_address_is_no_name_and_a_name_no_address() -> None:
    """However much one looks like the other."""
    claim = an_object("PersistentVolumeClaim", "notes")
    lookup = lookup_of([claim, made("notes", {})])
    assert lookup.referred(READER, by_address(claim.id, "x")) == []
    assert lookup.referred(READER, Content(kind="notes", name="notes.r", path="x", line=1)) == []
