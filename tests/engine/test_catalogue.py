"""What each edition says of every endpoint, how people name endpoints, and what a wrong file does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from openai_phi.catalogue import (
    ALL,
    CatalogueError,
    load_catalogue,
    standing,
    validate_edition,
)
from openai_phi.data_files import load_yaml, schema_root

# endpoint, eligible for zero data retention, on the list; covered under zdr-eligible, listed, strict; requires
ROWS = {
    "2024-02": """
/v1/chat/completions       limited  -        yes  yes  yes  no_image_input
/v1/embeddings             yes      -        yes  yes  yes
/v1/completions            yes      -        yes  yes  yes
/v1/audio/transcriptions   default  -        yes  yes  yes
/v1/audio/translations     default  -        yes  yes  yes
/v1/moderations            default  -        yes  yes  yes
/v1/audio/speech           no       -        no   no   no
/v1/files                  no       -        no   no   no
/v1/assistants             no       -        no   no   no
/v1/threads                no       -        no   no   no
/v1/threads/messages       no       -        no   no   no
/v1/threads/runs           no       -        no   no   no
/v1/threads/runs/steps     no       -        no   no   no
/v1/fine_tuning/jobs       no       -        no   no   no
/v1/images/generations     no       -        no   no   no
/v1/images/edits           no       -        no   no   no
/v1/images/variations      no       -        no   no   no
""",
    "2026-10": """
/v1/chat/completions       limited  yes      yes  yes  yes  store_false,no_live_web_search
/v1/responses              limited  yes      yes  yes  yes  store_false,no_live_web_search,no_uncovered_mcp
/v1/decisions              limited  unknown  yes  ?    ?
/v1/conversations          no       no       no   no   no
/v1/conversations/items    no       no       no   no   no
/v1/chatkit/threads        no       no       no   no   no
/v1/agents                 no       no       no   no   no
/v1/assistants             no       yes      no   yes  no
/v1/threads                no       yes      no   yes  no
/v1/threads/messages       no       yes      no   yes  no
/v1/threads/runs           no       yes      no   yes  no
/v1/threads/runs/steps     no       yes      no   yes  no
/v1/vector_stores          no       yes      no   yes  no
/v1/images/generations     limited  yes      yes  yes  yes  gpt_image_models_only
/v1/images/edits           limited  yes      yes  yes  yes  gpt_image_models_only
/v1/images/variations      no       yes      no   yes  no
/v1/embeddings             yes      yes      yes  yes  yes
/v1/audio/transcriptions   default  yes      yes  yes  yes
/v1/audio/translations     default  yes      yes  yes  yes
/v1/audio/speech           yes      yes      yes  yes  yes
/v1/audio/voices           no       no       no   no   no
/v1/files                  no       yes      no   yes  no
/v1/fine_tuning/jobs       no       yes      no   yes  no
/v1/evals                  no       no       no   no   no
/v1/batches                no       yes      no   yes  no
/v1/moderations            default  yes      yes  yes  yes
/v1/completions            yes      yes      yes  yes  yes
/v1/realtime               yes      yes      yes  yes  yes
/v1/live/sessions          limited  unknown  yes  ?    ?
/v1/videos                 no       no       no   no   no
""",
}
STANDS = {"yes": "covered", "no": "not_covered", "?": "unknown"}
TABLE = [
    (edition, *line.split()) for edition, text in ROWS.items() for line in text.strip().splitlines()
]


@pytest.mark.parametrize("row", TABLE, ids=lambda r: f"{r[0]} {r[1]}")
def test_every_row_of_both_editions(row: tuple[str, ...]) -> None:
    edition, endpoint, zdr, listed, *covered = row[:7]
    requires = tuple(row[7].split(",")) if len(row) > 7 else ()
    found = load_catalogue().edition("openai", edition)
    assert found
    entry = found.lookup(endpoint)
    assert entry
    assert (entry.zdr, entry.baa_listed or "-", entry.requires) == (zdr, listed, requires)
    rules = ("zdr-eligible", "listed", "strict")
    assert [standing(entry, r)[0] for r in rules] == [STANDS[c] for c in covered]
    assert entry.source.startswith("https://")
    assert date.fromisoformat(entry.as_of) <= date(2026, 11, 24)


def test_the_tables_are_complete() -> None:
    for edition in load_catalogue().editions:
        listed = {endpoint for e, endpoint, *_ in TABLE if e == edition.id}
        assert set(edition.rows) == listed
        assert edition.review_by > edition.as_of


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("/v1/responses", "/v1/responses"),
        ("/v1/responses/", "/v1/responses"),
        ("responses", "/v1/responses"),
        ("/responses", "/v1/responses"),
        ("v1/responses", "/v1/responses"),
        ("POST /v1/Responses", "/v1/responses"),
        ("https://api.openai.com/v1/responses", "/v1/responses"),
        ("https://api.openai.com/v1/responses?stream=true", "/v1/responses"),
        ("api.openai.com/v1/embeddings", "/v1/embeddings"),
        ("/v1/responses/{response_id}", "/v1/responses"),
        ("/v1/responses/resp_abc123/", "/v1/responses"),
        ("/v1/threads/{thread_id}/messages", "/v1/threads/messages"),
        ("/v1/threads/thread_abc/runs/run_1/steps", "/v1/threads/runs/steps"),
        ("/v1/fine_tuning/jobs/:id", "/v1/fine_tuning/jobs"),
        ("/v1/chat/completions/*", "/v1/chat/completions"),
        ("/v1/files.*", "/v1/files"),
        ("chat.completions", "/v1/chat/completions"),
        ("client.chat.completions.create", "/v1/chat/completions"),
        ("audio.transcriptions", "/v1/audio/transcriptions"),
        ("beta.assistants", "/v1/assistants"),
        ("beta.threads.runs.create", "/v1/threads/runs"),
        ("vector-stores", "/v1/vector_stores"),
        ("https://x.openai.azure.com/openai/deployments/gpt-4o/chat/completions", "/v1/chat/completions"),
        ("https://x.openai.azure.com/openai/v1/responses", "/v1/responses"),
        ("*", ALL),
        ("/v1/*", ALL),
        ("all", ALL),
        ("https://api.openai.com/v1", None),
        ("https://api.openai.com", None),
        ("nothing", None),
        ("a sentence about responses", None),
        ("", None),
    ],
)  # fmt: skip
def test_how_people_name_endpoints(text: str, endpoint: str | None) -> None:
    assert load_catalogue().normalise(text) == endpoint


def test_a_sub_path_that_no_row_names_is_listed_nowhere() -> None:
    catalogue = load_catalogue()
    for path in ("/v1/files/file-abc/content", "/v1/vector_stores/vs_1/files", "/v1/containers"):
        endpoint = catalogue.normalise(path)
        assert endpoint
        assert all(e.lookup(endpoint) is None for e in catalogue.editions)


@pytest.mark.parametrize(
    ("model", "endpoint"),
    [
        ("text-embedding-3-small", "/v1/embeddings"),
        ("whisper-1", "/v1/audio/transcriptions"),
        ("asst_abc123def", "/v1/assistants"),
        ("vs_abc123def", "/v1/vector_stores"),
        ("gpt-4o", None),
        ("ft:gpt-4o-mini:acme::abc123", None),
    ],
)
def test_models_and_ids_that_name_an_endpoint(model: str, endpoint: str | None) -> None:
    assert load_catalogue().endpoint_of_model(model) == endpoint


def test_terms_choose_the_coverage_rule_and_unknown_terms_the_strictest() -> None:
    rule = load_catalogue().coverage_rule_of_terms
    assert rule("openai-baa-2026-10") == "listed"
    assert rule("openai-addendum-2024-11") == "zdr-eligible"
    assert [rule(t) for t in ("acme-custom", "", None)] == ["strict"] * 3


def test_the_newest_edition_is_that_of_the_day() -> None:
    newest = load_catalogue().newest
    for day, ident in ((date(2024, 6, 1), "2024-02"), (date(2026, 11, 20), "2026-10")):
        edition = newest("openai", day)
        assert edition
        assert edition.id == ident
    assert newest("nobody") is None


@pytest.mark.parametrize("file", sorted((schema_root() / "catalog").glob("*/*.yaml")), ids=str)
def test_shipped_editions_fit_their_schema(file: Path) -> None:
    validate_edition(file)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("as_of", "2026-13-01", "is no date"),
        ("review_by", None, "is no date"),
        ("endpoints", {"/v1/x": {"zdr": "yes"}}, "does not fit the schema"),
        ("conditions", {}, "requires unknown conditions"),
    ],
)
def test_a_wrong_edition_names_its_file_and_reason(
    tmp_path: Path, key: str, value: object, reason: str
) -> None:
    shipped = schema_root() / "catalog"
    data = load_yaml(shipped / "openai" / "2026-10.yaml")
    data[key] = value
    (tmp_path / "catalog" / "openai").mkdir(parents=True)
    (tmp_path / "catalog" / "openai" / "2026-10.yaml").write_text(yaml.safe_dump(data))
    (tmp_path / "catalog" / "names.yaml").write_text((shipped / "names.yaml").read_text())
    with pytest.raises(CatalogueError) as error:
        load_catalogue(tmp_path)
    assert error.value.file == "2026-10.yaml"
    assert reason in error.value.reason


def test_a_catalogue_that_is_not_there_or_no_yaml_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="holds no edition"):
        load_catalogue(tmp_path)
    (tmp_path / "catalog" / "openai").mkdir(parents=True)
    (tmp_path / "catalog" / "openai" / "x.yaml").write_text("a: [\n")
    with pytest.raises(CatalogueError, match="is not YAML") as error:
        load_catalogue(tmp_path)
    assert error.value.line == 2
