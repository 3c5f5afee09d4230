"""Which names of settings say that a provider's requests could go to the host that they hold."""

from __future__ import annotations

import pytest

from openai_phi.facts.destination_words import Speaks, destination_words

WORDS = destination_words()


@pytest.mark.parametrize(
    ("name", "speaks"),
    [
        ("OPENAI_UPSTREAM", Speaks.OF_A_PROVIDER),
        ("Llm__Server", Speaks.OF_A_PROVIDER),
        ("llm-endpoint", Speaks.OF_A_PROVIDER),
        ("SUMMARIZER_GPT_RELAY", Speaks.OF_A_PROVIDER),
        ("MODEL_ENDPOINT", Speaks.OF_A_MODEL),
        ("AI_UPSTREAM", Speaks.OF_A_MODEL),
        ("EMBEDDINGS_SERVICE", Speaks.OF_A_MODEL),
        ("MODEL_URL", Speaks.OF_NOTHING),
        ("PAYMENT_GATEWAY_URL", Speaks.OF_NOTHING),
        ("MODEL_REGISTRY_URL", Speaks.OF_NOTHING),
        ("CHAT_SERVICE_URL", Speaks.OF_NOTHING),
        ("COMPLETION_WEBHOOK_URL", Speaks.OF_NOTHING),
        ("LLM_CACHE_HOST", Speaks.OF_NOTHING),
        ("OPENAPI_URL", Speaks.OF_NOTHING),
        ("SENTRY_DSN", Speaks.OF_NOTHING),
        ("EMAIL_HOST", Speaks.OF_NOTHING),
        ("AI_CONSENT_URL", Speaks.OF_NOTHING),
    ],
)
def test_what_a_name_speaks_of(name: str, speaks: Speaks) -> None:
    assert WORDS.of_names((), name) is speaks


def test_a_name_is_read_with_the_sections_that_it_stands_in() -> None:
    assert WORDS.of_names(("llm", "provider"), "uri") is Speaks.OF_A_PROVIDER
    assert WORDS.of_names(("ai",), "address") is Speaks.OF_A_MODEL
    assert WORDS.of_names(("llm", "redis"), "host") is Speaks.OF_NOTHING
    assert WORDS.of_names(("lab",), "url") is Speaks.OF_NOTHING


def test_the_path_of_a_url_speaks_where_it_is_the_providers() -> None:
    assert WORDS.is_path("/v1/chat/completions")
    assert WORDS.is_path("/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21")
    assert not WORDS.is_path("/v1/orders")
    assert not WORDS.is_path("/v1/responses/17/pdf")


def test_databases_carry_no_requests() -> None:
    assert all(map(WORDS.carries, ("https", "", "unix")))
    assert not any(map(WORDS.carries, ("postgres", "redis")))
