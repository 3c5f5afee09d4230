"""`catalog show` prints how old each row is; `catalog check` says what a newer file has that the edition has not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from openai_phi.commands.cli_catalog import command

HERE = Path(__file__).resolve().parent
PATHS = yaml.safe_load((HERE / "openapi_paths.yaml").read_text(encoding="utf-8"))["paths"]
PAGE = """# Data controls

| Endpoint | Data used for training | Abuse monitoring retention | Application state retention | Zero Data Retention eligible |
| --- | :-: | :-: | :-: | :-: |
| `/v1/embeddings` | No | 30 days | None | Yes |
| `/v1/conversations` | No | Until deleted | Until deleted | No |
"""


def _run(*args: str) -> tuple[int, str]:
    found = CliRunner().invoke(command, list(args), standalone_mode=False)
    assert found.exception is None, found.output
    return int(found.return_value or 0), found.output


def _description(folder: Path, *more: str) -> str:
    file = folder / "openapi.yaml"
    text = {"openapi": "3.1.0", "paths": {p: {} for p in (*PATHS, *more)}}
    file.write_text(yaml.safe_dump(text), encoding="utf-8")
    return str(file)


def test_show_prints_source_day_review_and_retirement() -> None:
    _, out = _run("show", "2026-10")
    part = out.split("/v1/evals\n")[1].split("\n\n")[0]
    assert "source: https://developers.openai.com/api/docs/guides/your-data" in part
    assert (
        "taken 2026-10-08, review by 2027-04-06, retired on 2026-11-30: not covered from that day"
        in part
    )
    assert "/v1/prompts\n  in no table: never covered, retired on 2026-11-30" in out
    assert "commit f85dbe223d40e1a31cba812ab2d755c7e98a92a3 (2026-08-21)" in out
    assert "retired" not in out.split("/v1/embeddings\n")[1].split("\n\n")[0]


def test_the_description_that_the_edition_was_compared_with_says_nothing_new(
    tmp_path: Path,
) -> None:
    code, out = _run("check", _description(tmp_path))
    assert code == 0
    assert "a description of 182 paths" in out
    assert out.endswith("Nothing is new.\n")


def test_a_new_path_is_named_and_what_is_below_a_row_is_not(tmp_path: Path) -> None:
    code, out = _run(
        "check", _description(tmp_path, "/dreams/{dream_id}", "/files/{file_id}/shares")
    )
    assert code == 1
    assert "  /v1/dreams: /v1/dreams/{dream_id} is placed nowhere" in out
    assert "  /v1/files/shares: /v1/files/{file_id}/shares is placed nowhere" in out
    assert "2 to place" in out


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("| `/v1/embeddings` | No | 30 days | None | Yes |", None),
        ("| `/v1/embeddings` | No | 30 days | 7 days | Yes |", "/v1/embeddings: state: the edition has none, the page 7 days"),
        ("| `/v1/embeddings` | No | 60 days | None | Yes |", "/v1/embeddings: abuse logs: the edition has 30 days, the page 60 days"),
        ("| `/v1/embeddings` | No | 30 days | None | No |", "/v1/embeddings: eligible for zero data retention: the edition has yes, the page no"),
        ("| `/v1/embeddings` | No | 30 days | a while | Yes |", "/v1/embeddings: state: the edition has none, the page a while, which cannot be compared"),
        ("| `/v1/embeddings` | No | 30 days | None | 是 |", "/v1/embeddings: eligible for zero data retention: the edition has yes, the page 是, which cannot be compared"),
        ("| `/v1/skills` | No | 30 days | None | No |", "/v1/skills: has a row on the page, and is unlisted in the edition"),
        ("| `/v1/dreams` | No | 30 days | None | No |", "/v1/dreams: has a row on the page, and is not in the edition"),
    ],
)  # fmt: skip
def test_where_the_page_differs_it_is_said(tmp_path: Path, row: str, says: str | None) -> None:
    file = tmp_path / "your-data.md"
    file.write_text(PAGE.replace("| `/v1/embeddings` | No | 30 days | None | Yes |", row))
    code, out = _run("check", str(file))
    assert code == 1  # this page is short: rows of the edition are missing from it
    assert "/v1/files: a row of the edition that the page no longer has" in out
    told = [x for x in out.splitlines() if "the edition has" in x or "has a row on the page" in x]
    assert told == ([f"  {says}"] if says else [])


def _html(page: str) -> str:
    rows = [x.strip("| ").split(" | ") for x in page.splitlines() if x.startswith("|")]
    cells = (
        "".join(f"<td><code>{c.strip('`')}</code></td>" for c in r) for r in rows if "-" not in r[0]
    )
    return "<html><body><table><thead>" + "".join(f"<tr>{c}</tr>" for c in cells) + "</table>"


def test_a_page_that_a_browser_saved_is_compared_as_its_markdown_is(tmp_path: Path) -> None:
    changed = PAGE.replace("/v1/embeddings` | No | 30 days", "/v1/embeddings` | No | 60 days")
    (tmp_path / "a.md").write_text(changed)
    (tmp_path / "a.html").write_text(_html(changed))
    told = [_run("check", str(tmp_path / name)) for name in ("a.md", "a.html")]
    lines = [out.splitlines()[1:] for _, out in told]
    assert lines[0] == lines[1]
    assert "  /v1/embeddings: abuse logs: the edition has 30 days, the page 60 days" in lines[0]


def test_columns_are_found_by_their_headings(tmp_path: Path) -> None:
    swapped = (
        "| Endpoint | Zero Data Retention eligible | Application state retention | Abuse monitoring retention |\n"
        "|---|---|---|---|\n| `/v1/embeddings` | Yes | None | 60 days |\n"
    )
    (tmp_path / "a.md").write_text(swapped)
    out = _run("check", str(tmp_path / "a.md"))[1]
    told = [x for x in out.splitlines() if "/v1/embeddings" in x]
    assert told == ["  /v1/embeddings: abuse logs: the edition has 30 days, the page 60 days"]
    (tmp_path / "a.md").write_text(swapped.replace("Abuse monitoring retention", "Logs"))
    assert _run("check", str(tmp_path / "a.md"))[0] == 2


@pytest.mark.parametrize("text", ["", "a text", "paths: [", "| a | b |\n|---|---|\n| c | d |\n"])
def test_what_cannot_be_compared_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.md").write_text(text)
    assert _run("check", str(tmp_path / "x.md"))[0] == 2
    assert _run("check", str(tmp_path / "nowhere.md"))[0] == 2
