"""Evidence becomes uses: which provider and host, what bounds it, and what only looks like a use."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from openai_phi.facts.catalogue import load_catalogue
from openai_phi.facts.signatures import signatures
from openai_phi.observing.uses import Seen, build_uses
from openai_phi.words.observed import Assurance, Confidence, Evidence, HostRole, Kind, Use
from openai_phi.words.places import Place
from openai_phi.words.resources import SecretRef


def said(
    kind: Kind, value: str, provider: str = "openai", group: str = "", name: str = "A", **facts: Any
) -> Evidence:  # fmt: skip
    """A fact; whatever people would be told beside it decides nothing."""
    place = Place("a.yaml", 4, f"{group or 'spec'}.{name}")
    told = "an admin key, base URL, is no URL"
    return Evidence(kind, value, place, Confidence.STRUCTURAL, name, provider, group, told, **facts)


def key(value: str = "reference", provider: str = "openai", **more: Any) -> Evidence:
    return said(Kind.KEY, value, provider, **{"supplied": True, **more})


def base(host: str, provider: str = "", **more: Any) -> Evidence:
    return said(Kind.HOST, host, provider, role=HostRole.BASE, **more)


def host(name: str, provider: str) -> Evidence:
    return said(Kind.HOST, name, provider)


def endpoint(path: str, host: str = "") -> Evidence:
    return said(Kind.ENDPOINT, path, host=host)


def built(*evidence: Evidence, unseen: bool = False, **secrets: list[SecretRef]) -> tuple[Use, ...]:
    return build_uses(
        evidence,
        secrets,
        signatures(),
        load_catalogue(),
        lambda _, __: Seen.NOTHING if unseen else Seen.ANSWERED,
    )


def declared_model() -> Evidence:
    return replace(said(Kind.MODEL, "gpt-4o", ""), confidence=Confidence.DECLARED)


MODEL = said(Kind.MODEL, "gpt-5")
USES: dict[str, tuple[tuple[Evidence, ...], list[tuple[str, str | None]]]] = {
    "nothing": ((), []),
    "a key": ((key(),), [("openai", "api.openai.com")]),
    "a literal key": ((key("literal"),), [("openai", "api.openai.com")]),
    "a key that is none": ((key("none"),), []),
    "a key that is none, with a base URL of one's own": ((key("none"), base("models.internal")), []),
    "one that is none and one that is real": ((key("none"), key()), [("openai", "api.openai.com")]),
    "a key of Azure": ((key(provider="azure-openai"),), [("azure-openai", None)]),
    "a key and a base URL of the provider": (
        (key(), base("eu.api.openai.com", "openai")), [("openai", "eu.api.openai.com")],
    ),
    "a key and the URL of a gateway": (
        (key(), base("litellm.example.org")), [("gateway", "litellm.example.org")],
    ),
    "a key and a URL that is named for a gateway": (
        (key(), base("llm-gateway.example.org")), [("gateway", "llm-gateway.example.org")],
    ),
    "a key and a base URL that cannot be read": ((key(), base("")), [("openai", None)]),
    "a key and the URL of a gateway that cannot be read": (
        (key(), base("", "gateway")), [("gateway", None)],
    ),
    "a key and a base URL of one's own": ((key(), base("models.example.org")), []),
    "a key and a base URL of another part": (
        (key(name="OPENAI_API_KEY"), base("tei.internal", name="EMBEDDINGS_BASE_URL")), [("openai", "api.openai.com")],
    ),
    "a key of that part": (
        (key(name="EMBEDDINGS_OPENAI_API_KEY"), base("tei.internal", name="EMBEDDINGS_BASE_URL")), [],
    ),
    "a base URL that a key of its own goes with": (
        (key(name="OPENAI_API_KEY"), key(name="LLM_API_KEY", provider=""), base("api.groq.com", name="LLM_BASE_URL")),
        [("openai", "api.openai.com")],
    ),
    "a model that only OpenAI serves and a key for a model": (
        (declared_model(), key(name="LLM_API_KEY", provider="")), [("openai", "api.openai.com")],
    ),
    "such a model without a key": ((declared_model(),), []),
    "a key and a host in a text": ((key(), host("api.openai.com", "openai")), [("openai", "api.openai.com")]),
    "a host alone": ((host("api.openai.com", "openai"),), [("openai", "api.openai.com")]),
    "a host of another provider and a key": (
        (key(), host("clinic.openai.azure.com", "azure-openai")),
        [("azure-openai", "clinic.openai.azure.com"), ("openai", "api.openai.com")],
    ),
    "the only key beside another provider's address": (
        (key(), base("clinic.openai.azure.com", "azure-openai")),
        [("azure-openai", "clinic.openai.azure.com")],
    ),
    "keys of both": (
        (key(), key(provider="azure-openai"), base("clinic.openai.azure.com", "azure-openai")),
        [("azure-openai", "clinic.openai.azure.com"), ("openai", "api.openai.com")],
    ),
    "a model alone": ((MODEL,), [("openai", "api.openai.com")]),
    "a model, and a key that is none": ((MODEL, key("none")), []),
    "a model, one key that is none and one that is real": (
        (MODEL, key("none"), key()), [("openai", "api.openai.com")],
    ),
    "an endpoint alone": ((endpoint("/v1/responses"),), []),
    "two programs": (
        (key(group="a"), key(group="b"), base("eu.api.openai.com", "openai", group="b")),
        [("openai", "api.openai.com"), ("openai", "eu.api.openai.com")],
    ),
    "what both programs share": (
        (key(), base("eu.api.openai.com", "openai", group="a"), said(Kind.MODEL, "gpt-5", group="b")),
        [("openai", "api.openai.com"), ("openai", "eu.api.openai.com")],
    ),
    "switched off": (
        (key(), said(Kind.SWITCHED_OFF, "false", name="OPENAI_ENABLED")), [],
    ),
    "another's switch": (
        (key(), said(Kind.SWITCHED_OFF, "false", "azure-openai", name="AZURE_OPENAI_ENABLED")),
        [("openai", "api.openai.com")],
    ),
    "switched off and on": (
        (
            key(), said(Kind.SWITCHED_OFF, "false", name="OPENAI_ENABLED"),
            said(Kind.SETTING, "true", name="OPENAI_ENABLED"),
        ),
        [("openai", "api.openai.com")],
    ),
    "switched off, with a URL that is named for no provider": (
        (host("api.openai.com", "openai"), said(Kind.SWITCHED_OFF, "false", name="OPENAI_ENABLED")),
        [("openai", "api.openai.com")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", USES)
def test_uses(case: str) -> None:
    evidence, expected = USES[case]
    assert sorted((u.provider, str(u.host)) for u in built(*evidence)) == sorted(
        (p, str(h)) for p, h in expected
    )


@pytest.mark.parametrize(
    ("evidence", "unseen", "hosts"),
    [
        ((key(), base("models.internal")), True, ["models.internal"]),
        ((key(), base("models.internal")), False, []),
        ((key("literal", supplied=False), base("models.internal")), True, ["models.internal"]),
        ((key(supplied=False), base("models.internal")), True, []),
        ((key("none"), base("models.internal")), True, []),
        ((base("models.internal"),), True, []),
    ],
)
def test_a_base_url_of_ones_own_with_a_real_key(
    evidence: tuple[Evidence, ...], unseen: bool, hosts: list[str]
) -> None:
    """Only a key that comes from somewhere tells that a provider is meant behind it."""
    assert [u.host for u in built(*evidence, unseen=unseen) if u.unseen] == hosts


def allowed(*paths: str) -> list[Evidence]:
    return [said(Kind.ALLOWLIST, p) for p in paths]


@pytest.mark.parametrize(
    ("evidence", "endpoints", "closed"),
    [
        ([], (), Assurance.NONE),
        ([endpoint("/v1/files")], ("/v1/files",), Assurance.NONE),
        ([endpoint("/v1/files", "api.openai.com")], ("/v1/files",), Assurance.CLAIMED),
        ([endpoint("/v1/files", "other.example.org")], (), Assurance.NONE),
        (allowed("/v1/responses"), ("/v1/responses",), Assurance.CLAIMED),
        (allowed("/v1/responses", "*"), ("*", "/v1/responses"), Assurance.NONE),
        (allowed("/v1/responses", ""), ("/v1/responses",), Assurance.NONE),
        (
            [*allowed("/v1/responses"), endpoint("/v1/files")],
            ("/v1/files", "/v1/responses"), Assurance.CLAIMED,
        ),
        ([said(Kind.MODEL, "text-embedding-3-small")], ("/v1/embeddings",), Assurance.NONE),
    ],
)  # fmt: skip
def test_endpoints_and_what_bounds_them(
    evidence: list[Evidence], endpoints: tuple[str, ...], closed: Assurance
) -> None:
    (use,) = built(key(), *evidence)
    assert (use.endpoints, use.closed) == (endpoints, closed)


@pytest.mark.parametrize(
    ("values", "claim"),
    [((), None), (("true",), True), (("false",), False), (("true", "false"), False), (("", "true"), None)],
)  # fmt: skip
@pytest.mark.parametrize("kind", [Kind.ZDR_CLAIM, Kind.BAA_CLAIM])
def test_a_claim_holds_if_nothing_denies_it(
    kind: Kind, values: tuple[str, ...], claim: bool | None
) -> None:
    (use,) = built(key(), *(said(kind, v) for v in values))
    mine, other = (use.zdr_claim, use.baa_claim)[:: 1 if kind is Kind.ZDR_CLAIM else -1]
    assert (mine, other) == (claim, None)


@pytest.mark.parametrize(
    ("projects", "expected"),
    [((), None), (("proj_a",), "proj_a"), (("proj_a", "proj_a"), "proj_a"), (("proj_a", "proj_b"), None)],
)  # fmt: skip
def test_two_projects_are_none(projects: tuple[str, ...], expected: str | None) -> None:
    (use,) = built(key(), *(said(Kind.PROJECT, p) for p in projects))
    assert use.project == expected


def test_a_feature_has_its_own_name_and_a_list_closes_them() -> None:
    (one,) = built(key(), said(Kind.FEATURE, "web_search"))
    assert (one.features, one.features_closed) == (("live_web_search",), Assurance.NONE)
    (some,) = built(key(), said(Kind.FEATURE_LIST, "none"))
    assert (some.features, some.features_closed) == ((), Assurance.CLAIMED)
    (odd,) = built(key(), said(Kind.FEATURE, "what_comes_next"))
    assert odd.features == ("what_comes_next",)


def test_a_key_keeps_the_secret_that_it_comes_from() -> None:
    first, second = SecretRef("kubernetes", "a#k"), SecretRef("kubernetes", "b#k")
    found = build_uses(
        (key(group="a"), key(group="b")),
        {"a": [first], "b": [second]},
        signatures(), load_catalogue(), lambda _, __: Seen.ANSWERED,
    )  # fmt: skip
    assert [u.secrets for u in found] == [(first,), (second,)]


def test_uses_that_are_judged_alike_are_one() -> None:
    found = built(key(group="a"), said(Kind.MODEL, "gpt-5", group="a"), key(group="b"))
    (use,) = found
    assert use.models == ("gpt-5",)
    assert {e.group for e in use.evidence} == {"a", "b"}
