"""What a secret's name says of the key that it fills a variable with, and what it only seems to say."""

from __future__ import annotations

import pytest

from openai_phi.facts.signatures import signatures

NAMES = signatures()


@pytest.mark.parametrize(
    ("holder", "secret"),
    [
        ("LLM_KEY", "openai"),
        ("LLM", "openai#v"),
        ("K", "clinic/openai-prod#key"),
        ("MODEL_AUTH_HEADER", "openai-credentials#token"),
        ("LLM", "ai#openai"),
        ("SECRET_1", "vendors#openai-api-key"),
        ("CLINIC_KEY", "openai-clinic-key"),
        ("TOKEN", "OPENAI_CLINIC_TOKEN"),
    ],
)
def test_a_neutral_name_that_a_provider_s_secret_fills_is_a_key(holder: str, secret: str) -> None:
    match = NAMES.key_in(holder, secret)
    assert match is not None
    assert match.provider == "openai"


@pytest.mark.parametrize(
    ("holder", "secret"),
    [
        ("WIKI_TOKEN", "OPENAI_WIKI_TOKEN#1"),
        ("WIKI_TOKEN", "openai-app#wiki-token"),
        ("DATABASE_URL", "openai#url"),
        ("LLM_MODEL", "openai#model"),
        ("LLM", "openai-app#greeting"),
        ("LANGFUSE_SECRET_KEY", "openai-app#langfuse"),
        ("LLM", "anthropic#v"),
        ("TLS", "openai-tls#key"),
    ],
)
def test_a_secret_of_something_else_is_no_key_of_a_provider(holder: str, secret: str) -> None:
    assert NAMES.key_in(holder, secret) is None


@pytest.mark.parametrize(
    "name", ["OPENAI_DEMO_APP_PRIVATE_KEY", "OPENAI_BOT_SIGNING_KEY", "OPENAI_APP_WEBHOOK_KEY"]
)
def test_another_key_of_an_application_named_for_a_provider_is_none(name: str) -> None:
    assert NAMES.variable(name, "x") is None
    assert NAMES.referred_key(f"${{{{ secrets.{name} }}}}") is None


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("sk-proj-put-your-own-key-here", "placeholder"),
        ("insert_key_here", "placeholder"),
        ("sk-proj-" + "aB3dEfGh1jKlMnOp", "literal"),
    ],
)
def test_words_that_ask_for_a_key_are_none(value: str, state: str) -> None:
    assert NAMES.key_state(value) == state
