"""Every path of the API's description and every name of the official clients has a place in the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from openai_phi.facts.catalogue import Edition, load_catalogue

HERE = Path(__file__).resolve().parent


def _data(name: str) -> Any:
    return yaml.load((HERE / name).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


PATHS = _data("openapi_paths.yaml")
CLIENTS = _data("client_names.yaml")
NAMES = [(client, n, path) for client in ("python", "node") for n, path in CLIENTS[client].items()]
# What carries no customer content is administered or listed below these.
ADMINISTRATION = ("/v1/models", "/v1/organization", "/v1/projects")


def _place(edition: Edition, endpoint: str | None) -> str:
    """Where an edition has an endpoint: a row, what no table names, what holds no content; or nowhere."""
    if endpoint is None:
        return "nowhere"
    if edition.lookup(endpoint):
        return "row"
    if edition.leaves_open(endpoint):
        return "unlisted"
    return "no content" if edition.has_no_customer_content(endpoint) else "nowhere"


def _newest(provider: str) -> Edition:
    edition = load_catalogue().newest(provider)
    assert edition
    return edition


@pytest.mark.parametrize("provider", ["openai", "azure-openai"])
def test_every_path_of_the_description_is_placed(provider: str) -> None:
    catalogue, edition = load_catalogue(), _newest(provider)
    assert len(PATHS["paths"]) == 182
    nowhere = [
        path
        for path in PATHS["paths"]
        if _place(edition, catalogue.normalise(f"/v1{path}")) == "nowhere"
    ]
    assert nowhere == []


def test_a_path_that_nobody_placed_is_seen() -> None:
    edition, normalise = _newest("openai"), load_catalogue().normalise
    for path in (
        "/v1/dreams",
        "/v1/responses/dreams",
        "/v1/files/{file_id}/dreams",
        "/v1/models/a/b",
    ):
        assert _place(edition, normalise(path)) == "nowhere"


def test_only_administration_is_without_content() -> None:
    catalogue, edition = load_catalogue(), _newest("openai")
    for path in PATHS["paths"]:
        endpoint = catalogue.normalise(f"/v1{path}")
        assert endpoint
        administers = any(endpoint == a or endpoint.startswith(a + "/") for a in ADMINISTRATION)
        assert (_place(edition, endpoint) == "no content") == administers, path


def test_the_edition_names_the_description_that_it_was_compared_with() -> None:
    described = _newest("openai").described
    assert described == (PATHS["commit"], PATHS["as_of"])


@pytest.mark.parametrize(("client", "name", "path"), NAMES, ids=[f"{c} {n}" for c, n, _ in NAMES])
def test_a_name_of_a_client_means_the_endpoint_that_it_calls(
    client: str, name: str, path: str
) -> None:
    catalogue = load_catalogue()
    endpoint = catalogue.normalise(f"/v1{path}")
    for spelling in (name, f"client.{name}"):
        meant = catalogue.normalise(spelling)
        if name.startswith("admin."):
            assert meant == "/v1/organization"
            assert endpoint
            assert endpoint.startswith(ADMINISTRATION)
        elif endpoint and not _newest("openai").lookup(endpoint):
            assert meant  # of what no table names, the whole or a part: neither is covered
            assert _place(_newest("openai"), meant) == _place(_newest("openai"), endpoint)
        else:
            assert meant == endpoint


@pytest.mark.parametrize("name", CLIENTS["newer"])
def test_a_newer_name_is_placed(name: str) -> None:
    assert _place(_newest("openai"), load_catalogue().normalise(name)) != "nowhere"


@pytest.mark.parametrize(
    "name",
    ["responses.dreams", "realtime.dreams.create", "audio", "audio.dreams", "images", "beta",
     "vector_stores.dreams", "dreams", "chatkit", "realtime.translations.dreams"],
)  # fmt: skip
def test_a_name_that_nobody_placed_means_nothing_and_never_its_parent(name: str) -> None:
    assert load_catalogue().normalise(name) is None


@pytest.mark.parametrize(
    ("names", "endpoint"),
    [
        (("realtime.translations", "realtime.translations.connect"), "/v1/realtime/translations"),
        (("audio.voice_consents", "audio.voiceConsents.create"), "/v1/audio/voice_consents"),
        (("realtime.client_secrets", "realtime.clientSecrets.create"), "/v1/realtime/client_secrets"),
        (("realtime.calls", "realtime.calls.accept"), "/v1/realtime/calls"),
        (("responses.compact", "client.responses.compact"), "/v1/responses/compact"),
        (("fine_tuning.alpha.graders", "fineTuning.alpha.graders.run"), "/v1/fine_tuning/alpha/graders"),
        (("fine_tuning.checkpoints.permissions",), "/v1/fine_tuning/checkpoints/permissions"),
    ],
)  # fmt: skip
def test_what_the_list_of_the_agreement_does_not_name_is_not_its_parent(
    names: tuple[str, ...], endpoint: str
) -> None:
    """The newest edition lists the parents of these, and not these."""
    catalogue = load_catalogue()
    assert [catalogue.normalise(n) for n in names] == [endpoint] * len(names)
    assert _place(_newest("openai"), endpoint) == "unlisted"
    assert _newest("openai").lookup(endpoint) is None
    assert catalogue.normalise(endpoint) == endpoint


def test_what_is_below_a_row_is_in_no_list_of_its_own() -> None:
    editions = load_catalogue().editions
    below = {f"{r.endpoint}/{s}" for e in editions for r in e.rows.values() for s in r.below}
    named = {n for e in editions for n in (*e.rows, *e.unlisted)}
    assert below
    assert not below & named
    assert not {b for b in below for u in _newest("openai").unlisted if b.startswith(u + "/")}
