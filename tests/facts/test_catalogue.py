"""What each edition says of every endpoint, how people name endpoints, and what a wrong file does."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from openai_phi.declared.agreements import Agreement
from openai_phi.declared.declarations import Declarations
from openai_phi.declared.policy_file import Delegation, Policy, Project
from openai_phi.facts.catalogue import (
    ALL,
    Catalogue,
    CatalogueError,
    Edition,
    Kept,
    load_catalogue,
    standing,
    validate_edition,
)
from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.reading.terraform.proofs import Proofs
from openai_phi.verdicts.judging import Judge
from openai_phi.words.observed import PhiStatus, Use, Workload
from openai_phi.words.places import Place
from openai_phi.words.resources import Resource
from openai_phi.words.workload_declarations import WorkloadDeclaration

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
    for edition in (e for e in load_catalogue().editions if not e.by_product_terms):
        listed = {endpoint for e, endpoint, *_ in TABLE if e == edition.id}
        assert set(edition.rows) == listed


@pytest.mark.parametrize("edition", load_catalogue().editions, ids=lambda e: f"{e.provider} {e.id}")
def test_an_edition_is_reviewed_after_180_days(edition: Edition) -> None:
    read, review = (date.fromisoformat(d) for d in (edition.as_of, edition.review_by))
    assert (review - read).days == 180


# endpoint of Azure OpenAI, in scope of the product terms, preview; requires
AZURE = """
/v1/chat/completions       yes  -        no_image_input
/v1/completions            yes  -
/v1/embeddings             yes  -
/v1/responses              yes  -        no_web_grounding,no_uncovered_mcp,no_image_input
/v1/files                  yes  -
/v1/batches                yes  -
/v1/vector_stores          yes  -
/v1/fine_tuning/jobs       yes  -
/v1/assistants             yes  preview
/v1/threads                yes  preview
/v1/threads/messages       yes  preview
/v1/threads/runs           yes  preview
/v1/threads/runs/steps     yes  preview
/v1/evals                  yes  preview
/v1/images/generations     ?    -
/v1/images/edits           ?    -
/v1/images/variations      ?    -
/v1/audio/transcriptions   ?    -
/v1/audio/translations     ?    -
/v1/audio/speech           ?    -
/v1/realtime               ?    -
/v1/videos                 ?    preview
"""


def test_every_row_of_the_product_terms() -> None:
    edition = load_catalogue().edition("azure-openai", "2026-10")
    assert edition
    assert edition.by_product_terms
    assert edition.cover == ("endpoint", "baa", "availability", "feature")
    lines = [line.split() for line in AZURE.strip().splitlines()]
    assert set(edition.rows) == {line[0] for line in lines}
    for endpoint, scope, stage, *requires in lines:
        row = edition.rows[endpoint]
        assert standing(row, edition.coverage_rule)[0] == STANDS[scope]
        assert row.preview == (stage == "preview")
        assert row.abuse_logs == Kept()  # for a time that no page says
        assert row.requires == tuple(",".join(requires).split(",") if requires else ())


@pytest.mark.parametrize(
    ("model", "version", "said"),
    [
        ("gpt-4o", "2024-11-20", "available"),
        ("gpt-4.1-mini", "", "available"),
        ("gpt-4", "turbo-2024-04-09", "available"),
        ("text-embedding-3-large", "1", "available"),
        ("gpt-4", "vision-preview", "preview"),
        ("gpt-4", "1106-Preview", "preview"),
        ("gpt-4o-realtime-preview", "2024-12-17", "preview"),
        ("gpt-5.2-chat", "2026-02-10", "preview"),
        ("computer-use-preview", "", "preview"),
        ("gpt-4o-transcribe", "2025-03-20", "preview"),
        ("gpt-oss-120b", "1", "preview"),
        ("gpt-5-codex", "2025-09-11", "available"),
        ("gpt-9", "", "not settled"),
        ("our-own-name", "", "not settled"),
    ],
)
def test_which_models_are_generally_available(model: str, version: str, said: str) -> None:
    edition = load_catalogue().edition("azure-openai", "2026-10")
    assert edition
    assert edition.availability
    known = edition.availability
    told = {
        (True, False): "preview",
        (False, True): "available",
        (False, False): "not settled",
    }
    assert told[(known.is_preview(model, version), known.is_available(model, version))] == said


# Each endpoint that editions and coverage rules do not agree on; "-": the edition does not list it,
# so nothing is known to cover it. The edition of 2024 has no list, so its three rules are one.
DIFFER = """
                           2024-02  2026-10
                                    zdr-eligible  listed  strict
/v1/agents                 -        no            no      no
/v1/assistants             no       no            yes     no
/v1/audio/speech           no       yes           yes     yes
/v1/audio/voices           -        no            no      no
/v1/batches                -        no            yes     no
/v1/chatkit/threads        -        no            no      no
/v1/conversations          -        no            no      no
/v1/conversations/items    -        no            no      no
/v1/decisions              -        yes           ?       ?
/v1/evals                  -        no            no      no
/v1/files                  no       no            yes     no
/v1/fine_tuning/jobs       no       no            yes     no
/v1/images/edits           no       yes           yes     yes
/v1/images/generations     no       yes           yes     yes
/v1/images/variations      no       no            yes     no
/v1/live/sessions          -        yes           ?       ?
/v1/realtime               -        yes           yes     yes
/v1/responses              -        yes           yes     yes
/v1/threads                no       no            yes     no
/v1/threads/messages       no       no            yes     no
/v1/threads/runs           no       no            yes     no
/v1/threads/runs/steps     no       no            yes     no
/v1/vector_stores          -        no            yes     no
/v1/videos                 -        no            no      no
"""
RULES = ("zdr-eligible", "listed", "strict")


def test_the_endpoints_that_editions_and_rules_do_not_agree_on() -> None:
    catalogue = load_catalogue()
    old, new = (catalogue.edition("openai", e) for e in ("2024-02", "2026-10"))
    assert old
    assert new
    words = {state: word for word, state in STANDS.items()}
    found = {}
    for endpoint in sorted({*old.rows, *new.rows}):
        then, now = old.lookup(endpoint), new.lookup(endpoint)
        row = [words[standing(then, "strict")[0]] if then else "-"]
        row += [words[standing(now, r)[0]] if now else "-" for r in RULES]
        if len(set(row)) > 1:
            found[endpoint] = row
    lines = (line.split() for line in DIFFER.strip().splitlines()[2:])
    assert found == {endpoint: row for endpoint, *row in lines}


# How long content is kept, where that is not 30 days of abuse logs and nothing else.
KEPT = {
    "2024-02": """
/v1/audio/transcriptions   0 days         0 days
/v1/audio/translations     0 days         0 days
/v1/moderations            0 days         0 days
/v1/files                  30 days        until deleted
/v1/assistants             30 days        until deleted
/v1/threads                30 days        60 days
/v1/threads/messages       30 days        60 days
/v1/threads/runs           30 days        60 days
/v1/threads/runs/steps     30 days        60 days
/v1/fine_tuning/jobs       30 days        until deleted
""",
    "2026-10": """
/v1/responses              30 days        30 days if stored
/v1/conversations          until deleted  until deleted
/v1/conversations/items    until deleted  until deleted
/v1/chatkit/threads        until deleted  until deleted
/v1/agents                 30 days        until deleted
/v1/assistants             30 days        until deleted
/v1/threads                30 days        until deleted
/v1/threads/messages       30 days        until deleted
/v1/threads/runs           30 days        until deleted
/v1/threads/runs/steps     30 days        until deleted
/v1/vector_stores          30 days        until deleted or expires_after
/v1/images/variations      ?              ?
/v1/audio/transcriptions   0 days         0 days
/v1/audio/translations     0 days         0 days
/v1/audio/voices           30 days        until deleted
/v1/files                  30 days        until deleted or expires_after
/v1/fine_tuning/jobs       30 days        until deleted
/v1/evals                  30 days        until deleted
/v1/batches                30 days        until deleted or expires_after
/v1/moderations            0 days         0 days
/v1/live/sessions          30 days        30 days if stored
/v1/videos                 30 days        2 days
""",
}


@pytest.mark.parametrize("edition", KEPT)
def test_how_long_each_endpoint_keeps_content(edition: str) -> None:
    found = load_catalogue().edition("openai", edition)
    assert found
    told = {}
    for endpoint, row in found.rows.items():
        logs, state = (
            "?" if k.days is None and not k.until_deleted else str(k)
            for k in (row.abuse_logs, row.state)
        )
        state += " if stored" if row.state_if_stored else ""
        state += " or expires_after" if row.expires_after else ""
        if (logs, state) != ("30 days", "0 days"):
            told[endpoint] = (logs, state)
    lines = [line.split(maxsplit=1) for line in KEPT[edition].strip().splitlines()]
    assert told == {e: tuple(p.strip() for p in re.split(r"\s{2,}", rest)) for e, rest in lines}


RETIRED = {
    "/v1/assistants": "2026-08-26",
    "/v1/threads": "2026-08-26",
    "/v1/threads/messages": "2026-08-26",
    "/v1/threads/runs": "2026-08-26",
    "/v1/threads/runs/steps": "2026-08-26",
}


@pytest.mark.parametrize(
    ("provider", "more"),
    [
        ("openai", {"/v1/videos": "2026-09-24", "/v1/evals": "2026-11-30"}),
        ("azure-openai", {}),
    ],
)
def test_which_endpoints_were_shut_down(provider: str, more: dict[str, str]) -> None:
    edition = load_catalogue().edition(provider, "2026-10")
    assert edition
    told = {e: row.retired_on for e, row in edition.rows.items() if row.retired_on}
    assert told == RETIRED | more


JUDGED_IN_2024 = {
    # endpoint -> with zero data retention, without it known, with it off
    "/v1/chat/completions": ("covered", "unproven", "not covered"),
    "/v1/embeddings": ("covered", "unproven", "not covered"),
    "/v1/completions": ("covered", "unproven", "not covered"),
    "/v1/audio/transcriptions": ("covered",) * 3,
    "/v1/audio/translations": ("covered",) * 3,
    "/v1/moderations": ("covered",) * 3,
}


@pytest.mark.parametrize("terms", ["openai-addendum-2024", "openai-baa-2026-10", "our-own"])
def test_the_first_edition_judges_as_the_terms_of_its_month(terms: str) -> None:
    catalogue = load_catalogue()
    edition = catalogue.edition("openai", "2024-02")
    assert edition
    day = date.fromisoformat(edition.as_of)
    for endpoint in edition.rows:
        told = tuple(
            _judged(catalogue, day, endpoint, (), terms, retention)
            for retention in ("zero_data_retention", None, "none")
        )
        assert told == JUDGED_IN_2024.get(endpoint, ("not covered",) * 3), endpoint
    zdr = "zero_data_retention"
    image = _judged(catalogue, day, "/v1/chat/completions", ("image_input",), terms, zdr)
    assert image == "not covered"
    later = _judged(catalogue, day, "/v1/responses", (), terms, zdr)
    assert later == "unproven"  # it did not exist


def _judged(
    catalogue: Catalogue,
    day: date,
    endpoint: str,
    features: tuple[str, ...],
    terms: str,
    retention: str | None,
    chosen: str | None = None,
) -> str:
    """The verdict on a PHI workload that uses one endpoint, with a BAA of these terms."""
    here = Place("openai-policy.yaml", 1)
    baa = Agreement(
        kind="baa",
        provider="openai",
        organizations=("org-a",),
        terms=terms,
        dates={"signed_on": "2024-01-15"},
        place=here,
    )
    project = Project(
        id="proj_a",
        organization="org-a",
        retention=retention,
        delegated_to=(Delegation(),),
        place=here,
    )
    policy = Policy(file=here.file, edition=chosen, agreements=(baa,), projects={"proj_a": project})
    declared = WorkloadDeclaration(
        match="*",
        data="phi",
        project="proj_a",
        endpoints=(endpoint,),
        features=features,
        place=here,
    )
    resource = Resource("kubernetes", "Deployment", "Deployment.a", "a", "", "a.yaml", 1, 9)
    use = Use("openai", "api.openai.com", ())
    one = Workload(
        resource=resource, phi=PhiStatus.PHI, phi_evidence=(), uses=(use,), declaration=declared
    )
    return (
        Judge(Declarations(policy=policy), catalogue, day, Proofs()).assess(one, use).verdict.value
    )


def test_adding_an_edition_is_adding_a_file_and_the_newest_excludes(tmp_path: Path) -> None:
    root = shutil.copytree(schema_root() / "catalog", tmp_path / "catalog")
    data = load_yaml(root / "openai" / "2026-10.yaml")
    data |= {"id": "2027-03", "as_of": "2027-03-01", "review_by": "2027-08-28"}
    data["endpoints"]["/v1/embeddings"] |= {"zdr": "no", "baa_listed": "no"}
    data["endpoints"]["/v1/dreams"] = dict(data["endpoints"]["/v1/completions"])
    file = root / "openai" / "2027-03.yaml"
    file.write_text(yaml.safe_dump(data))
    validate_edition(file)
    catalogue = load_catalogue(tmp_path)
    before, after = date(2027, 2, 28), date(2027, 3, 1)
    args = ((), "openai-baa-2026-10", "zero_data_retention")
    assert _judged(catalogue, before, "/v1/embeddings", *args) == "covered"
    assert _judged(catalogue, after, "/v1/embeddings", *args) == "not covered"
    for chosen in ("2024-02", "2026-10"):  # an older one never covers what the newest excludes
        assert _judged(catalogue, after, "/v1/embeddings", *args, chosen) == "not covered"
    assert _judged(catalogue, before, "/v1/dreams", *args) == "unproven"
    assert _judged(catalogue, after, "/v1/dreams", *args) == "covered"


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
        ("/v1/files/file-abc123/content", "/v1/files"),
        ("/v1/vector_stores/vs_1/file_batches/vsfb_1/cancel", "/v1/vector_stores"),
        ("/v1/responses/call_logs", "/v1/responses/call_logs"),
        ("https://x.openai.azure.com/openai/responses?api-version=preview", "/v1/responses"),
        ("https://x.openai.azure.com/openai/files", "/v1/files"),
        ("https://x.openai.azure.com/openai/", None),
        ("https://x.openai.azure.com/openai", None),
        ("https://x.openai.azure.com/openai/v1/", None),
        ("https://x.services.ai.azure.com/api/projects/p", None),
        ("https://x.services.ai.azure.com/api/projects/p/openai/v1/files", "/v1/files"),
        ("https://x.services.ai.azure.com/models/chat/completions", "/v1/chat/completions"),
        ("https://x.services.ai.azure.com/models", None),
        ("/models", "/v1/models"),
        ("images.createVariation", "/v1/images/variations"),
        ("OpenAI.ChatCompletion.create", "/v1/chat/completions"),
        ("nothing", None),
        ("a sentence about responses", None),
        ("", None),
    ],
)  # fmt: skip
def test_how_people_name_endpoints(text: str, endpoint: str | None) -> None:
    assert load_catalogue().normalise(text) == endpoint


def test_a_sub_path_that_no_row_names_is_listed_nowhere() -> None:
    catalogue = load_catalogue()
    for path in ("/v1/files/file-abc/dreams", "/v1/vector_stores/vs_1/dreams", "/v1/containers"):
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
        ("gpt-4o-mini-search-preview-2025-03-11", "/v1/chat/completions"),
        ("gpt-5-search-api", "/v1/chat/completions"),
        ("gpt-live-1", "/v1/live/sessions"),
        ("gpt-realtime-translate", "/v1/realtime/translations"),
        ("gpt-realtime-2.1", "/v1/realtime"),
        ("gpt-transcribe", "/v1/audio/transcriptions"),
        ("gpt-live-transcribe", None),
        ("chatgpt-image-latest", "/v1/images/generations"),
        ("pmpt_68b0a1c2", "/v1/prompts"),
        ("conv_68b0a1c2", "/v1/conversations"),
        ("eval_framework", None),
        ("skill_matcher", None),
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
