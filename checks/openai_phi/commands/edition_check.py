"""Compares an edition with a newer description of the API, or page on data controls, that somebody saved."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml

from openai_phi.facts.catalogue import Catalogue, Edition, Kept, Row

_LARGEST = 64 * 1024 * 1024
_PATH_IN_CELL = re.compile(r"^`?(?:POST |GET )?(/?v1/[a-z_]+(?:/[a-z_]+)*)`?\*?$", re.IGNORECASE)
_RULE = re.compile(r"^:?-+:?$")


class CannotCompare(Exception):
    """A file that is neither a description of the API nor a page with its table; the message says why."""


@dataclass(frozen=True)
class News:
    """One thing that the file says and the edition does not, or the other way round."""

    endpoint: str
    what: str


@dataclass(frozen=True)
class Compared:
    """What a file was read as, what is new in it, and what the edition has that it does not name."""

    kind: str
    news: tuple[News, ...]
    absent: tuple[str, ...]


def compare(file: Path, edition: Edition, catalogue: Catalogue) -> Compared:
    """A file that somebody saved, compared with an edition. Raises CannotCompare."""
    text = _text(file)
    paths = _paths(text)
    if paths is not None:
        full = [p if p.startswith("/v1/") else f"/v1{p}" for p in paths]
        named = {e for e in map(catalogue.normalise, full) if e}
        known = {*edition.rows, *edition.unlisted}
        absent = {k for k in known if not any(n == k or n.startswith(f"{k}/") for n in named)}
        kind = f"a description of {len(paths)} paths"
        return Compared(kind, tuple(_of_paths(full, edition, catalogue)), tuple(sorted(absent)))
    table = list(_table(text))
    if table:
        kind = f"a page with a table of {len(table)} endpoints"
        return Compared(kind, tuple(_of_table(table, edition, catalogue)), ())
    raise CannotCompare(
        "is neither an OpenAPI description (YAML or JSON with paths) nor a page with a table of endpoints"
    )


def _text(file: Path) -> str:
    try:
        if not file.is_file():
            raise CannotCompare("is not a file")
        if file.stat().st_size > _LARGEST:
            raise CannotCompare("is larger than 64 MB")
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotCompare(f"cannot be read ({type(error).__name__})") from error


def _paths(text: str) -> list[str] | None:
    """The paths of an OpenAPI description; None if the text is none."""
    if not re.search(r"(?m)^\s*\"?paths\"?\s*:", text):
        return None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data: Any = yaml.load(text, Loader=loader)
    except (yaml.YAMLError, RecursionError):
        return None
    found = data.get("paths") if isinstance(data, dict) else None
    if not isinstance(found, dict):
        return None
    return [p for p in found if isinstance(p, str) and p.startswith("/")]


def _of_paths(paths: list[str], edition: Edition, catalogue: Catalogue) -> Iterator[News]:
    seen: set[str] = set()
    for path in paths:
        endpoint = catalogue.normalise(path)
        if endpoint and endpoint not in seen and not edition.knows(endpoint):
            seen.add(endpoint)
            yield News(endpoint, f"{path} is placed nowhere in the edition, so nothing covers it")


_COLUMNS = {
    "logs": re.compile(r"abuse.*(retention|log)", re.IGNORECASE),
    "state": re.compile(r"application state", re.IGNORECASE),
    "eligible": re.compile(r"zero data retention|zdr|eligible", re.IGNORECASE),
}
"""What the headings of the page's columns say, however they stand in order."""


def _table(text: str) -> Iterator[Mapping[str, str]]:
    """The rows of the tables whose first column holds endpoints. Raises CannotCompare where a column is missing."""
    heading: list[str] = []
    for cells in _rows(text):
        found = _PATH_IN_CELL.match(cells[0]) if cells else None
        if found is None:
            heading = cells
        elif len(heading) > 1:
            places = {n: _column(heading, n) for n in _COLUMNS}
            told = {n: cells[at] if at < len(cells) else "" for n, at in places.items()}
            yield {"endpoint": found[1], **told}


def _column(heading: list[str], name: str) -> int:
    """Where a column stands, by its heading."""
    found = [i for i, text in enumerate(heading) if _COLUMNS[name].search(text)]
    if not found:
        raise CannotCompare(
            f"has a table of endpoints without a column that its heading calls {_CALLED[name]}"
        )
    return found[0]


_CALLED = {
    "logs": "abuse monitoring retention",
    "state": "application state retention",
    "eligible": "zero data retention eligible",
}


def _rows(text: str) -> Iterator[list[str]]:
    """The rows of all tables, those of Markdown or of HTML; an empty one between two tables."""
    if re.search(r"<t[dh][\s>]", text, re.IGNORECASE):
        page = _Tables()
        page.feed(text)
        page.close()
        yield from page.rows
        return
    for line in text.splitlines():
        if "|" not in line:
            yield []
            continue
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if not all(_RULE.match(c) for c in cells):
            yield cells


class _Tables(HTMLParser):
    """The tables of a page that a browser saved."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Begins a row or a cell."""
        if tag in ("tr", "table"):
            self.rows.append([])
        elif tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        """Ends a cell."""
        if tag in ("td", "th") and self._cell is not None and self.rows:
            self.rows[-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data: str) -> None:
        """The text of a cell."""
        if self._cell is not None:
            self._cell.append(data)


def _of_table(
    table: list[Mapping[str, str]], edition: Edition, catalogue: Catalogue
) -> Iterator[News]:
    named = set()
    for cells in table:
        endpoint = catalogue.normalise(f"/{cells['endpoint'].lstrip('/')}")
        if endpoint is None:
            continue
        named.add(endpoint)
        row = edition.lookup(endpoint)
        if row is None:
            where = (
                "unlisted in the edition" if edition.leaves_open(endpoint) else "not in the edition"
            )
            yield News(endpoint, f"has a row on the page, and is {where}")
            continue
        yield from (News(endpoint, said) for said in _differs(row, cells))
    for gone in sorted(set(edition.rows) - named):
        yield News(gone, "a row of the edition that the page no longer has")


def _differs(row: Row, cells: Mapping[str, str]) -> Iterator[str]:
    """What the page says of a row otherwise, and what it says in words that nobody can compare."""
    for column, name, said in (
        ("logs", "abuse logs", row.abuse_logs),
        ("state", "state", row.state),
    ):
        told = _kept(cells[column])
        if told is None:
            yield f"{name}: the edition has {_shown(said)}, the page {cells[column] or 'nothing'}, which cannot be compared"
        elif told != said and not (name == "state" and row.state_if_stored):
            yield f"{name}: the edition has {_shown(said)}, the page {cells[column]}"
    eligible = cells["eligible"].lower()
    if not eligible.startswith(("yes", "no")):
        yield f"eligible for zero data retention: the edition has {row.zdr}, the page {eligible or 'nothing'}, which cannot be compared"
    elif eligible.startswith("yes") and row.zdr == "no":
        yield "eligible for zero data retention: the edition has no, the page yes"
    elif eligible.startswith("no") and row.zdr != "no":
        yield f"eligible for zero data retention: the edition has {row.zdr}, the page no"


def _kept(text: str) -> Kept | None:
    word = text.lower().strip("*\\ ")
    if word.startswith("until deleted"):
        return Kept(until_deleted=True)
    days = re.match(r"(\d+) (days?|hours?)", word)
    if days:
        return Kept(int(days[1]) if days[2].startswith("day") else -(-int(days[1]) // 24))
    return Kept(0) if word.startswith("none") else None


def _shown(kept: Kept) -> str:
    return "none" if kept.nothing else str(kept)
