"""Which data resources reach: what they refer to, what a connector gives them, and what they share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handmade import by_address, made
from openai_phi.facts.signatures import signatures
from openai_phi.linking.data_reached import DataReached, data_reached
from openai_phi.linking.lookup import lookup_of
from openai_phi.words.resources import Resource

QUEUE = made("aws_sqs_queue", {})
ROLE = made("aws_iam_role", {})
FUNCTION = made("aws_lambda_function", {})
OTHER = replace(FUNCTION, id="aws_lambda_function.other")


def reached(*resources: Resource) -> DataReached:
    return data_reached(resources, lookup_of(resources), signatures())


def stores(found: DataReached, resource: Resource) -> list[str]:
    return [r.store.id for r in found.of(resource)]


def test_what_carries_data_and_nothing_else() -> None:
    refs = (by_address(QUEUE.id, "environment.0.QUEUE"), by_address(ROLE.id, "role"))
    program = replace(FUNCTION, refs=refs)
    found = reached(QUEUE, ROLE, program)
    assert stores(found, program) == [QUEUE.id]
    (queue,) = found.of(program)
    assert (queue.link.file, queue.link.line, queue.link.path) == (
        "main.tf",
        3,
        "environment.0.QUEUE",
    )


@pytest.mark.parametrize(
    ("type_", "connects"), [("aws_lambda_event_source_mapping", True), ("aws_lambda_alias", False)]
)
def test_a_connector_gives_what_it_refers_to(type_: str, connects: bool) -> None:
    refs = (by_address(QUEUE.id, "event_source_arn"), by_address(FUNCTION.id, "function_name"))
    found = reached(QUEUE, FUNCTION, OTHER, replace(made(type_, {}), refs=refs))
    assert stores(found, FUNCTION) == ([QUEUE.id] if connects else [])
    assert stores(found, OTHER) == []


@pytest.mark.parametrize(
    ("path", "shared"), [("environment.0.variables.QUEUE", True), ("depends_on", False)]
)
def test_who_shares_a_store(path: str, shared: bool) -> None:
    """All that refer to its data, in their order; not who only waits for it."""
    programs = [replace(p, refs=(by_address(QUEUE.id, path),)) for p in (FUNCTION, OTHER)]
    found = reached(QUEUE, *programs)
    expected = [FUNCTION.id, OTHER.id] if shared else []
    assert [r.id for r in found.sharing(QUEUE)] == expected


def test_a_store_that_refers_to_a_store_shares_nothing() -> None:
    dead = replace(QUEUE, id="aws_sqs_queue.dead", refs=(by_address(QUEUE.id, "redrive_policy"),))
    assert reached(QUEUE, dead).sharing(QUEUE) == ()
