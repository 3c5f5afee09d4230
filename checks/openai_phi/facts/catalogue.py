"""What a provider promised per endpoint on a date: editions, their rows, and names of endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import yaml

from openai_phi.facts.data_files import load_yaml, schema_root, validator
from openai_phi.facts.late_patterns import late

ALL = "*"
Standing = Literal["covered", "not_covered", "unknown"]
_METHOD = re.compile(r"^(GET|POST|PUT|PATCH|DELETE|ANY)\s+", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_VERSION = re.compile(r"^/v\d+(/|$)")
_PATH = re.compile(r"^/[A-Za-z0-9_{}:<>*.\[\]()-]+(/[A-Za-z0-9_{}:<>*.\[\]()-]*)*$")


class CatalogueError(Exception):
    """A catalogue file is missing or wrong: `file`, `line` (0 if unknown) and `reason`."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")
        self.file, self.line, self.reason = file, line, reason


@dataclass(frozen=True)
class Kept:
    """How long content is kept: a number of days, until somebody deletes it, or not known."""

    days: int | None = None
    until_deleted: bool = False

    def __str__(self) -> str:
        if self.until_deleted:
            return "until deleted"
        return "for a time that is not known" if self.days is None else f"{self.days} days"

    @property
    def nothing(self) -> bool:
        return self.days == 0


@dataclass(frozen=True)
class Row:
    """One endpoint in one edition. `baa_listed` is None where the edition has no list.

    `abuse_logs` is what is kept for abuse monitoring, `state` what the endpoint itself keeps, only
    where a request stores if `state_if_stored`; `expires_after`: the caller may set when it ends.
    """

    endpoint: str
    zdr: str
    baa_listed: str | None
    abuse_logs: Kept
    state: Kept
    state_if_stored: bool
    expires_after: bool
    requires: tuple[str, ...]
    notes: tuple[str, ...]
    retired_on: str | None
    source: str
    as_of: str
    preview: bool = False
    purpose: str = ""
    """`tuning` or `evaluation` where content goes into a model, or into tests of one."""
    below: tuple[str, ...] = ()
    """Sub-paths that carry the same data, and so stand as the row does."""
    retired_source: str = ""


@dataclass(frozen=True)
class Feature:
    """A feature that agreements treat apart; `covered` is no, limited, unknown or with_zdr.

    `breaks` is the part of cover that it breaks where it is excluded; `keeps`: it keeps content.
    """

    id: str
    aliases: tuple[str, ...]
    covered: str
    note: str
    source: str
    as_of: str
    breaks: str = "feature"
    keeps: bool = False
    preview: bool = False


@dataclass(frozen=True)
class Condition:
    """What a row may require, what breaks it and what shows it."""

    id: str
    description: str
    broken_by_feature: str | None
    broken_by_model: str | None
    met_by: tuple[str, ...]
    shown_by_model: str | None = None
    """A model's name that shows, where it is seen in use, that it is met; without one any shows it."""

    def is_shown(self, used: Iterable[str], declared: Sequence[str]) -> bool:
        """Whether models show that it is met, none of which breaks it: a list that is declared, or those in use."""
        if "models" not in self.met_by:
            return False
        return bool(declared) or any(re.fullmatch(self.shown_by_model or ".*", m) for m in used)

    def wrong_models(self, models: Iterable[str]) -> list[str]:
        """Those of the models that break the condition, sorted."""
        if not self.broken_by_model:
            return []
        return sorted(m for m in models if re.fullmatch(self.broken_by_model, m))


@dataclass(frozen=True)
class Availability:
    """Which models and API versions are previews, and which models are known not to be."""

    preview_models: re.Pattern[str]
    available_models: re.Pattern[str]
    preview_api_versions: re.Pattern[str]

    def is_preview(self, model: str, version: str = "") -> bool:
        """Whether a model, or this version of it, is known to be a preview."""
        pattern = self.preview_models
        return any(pattern.fullmatch(t) for t in (model, version, f"{model} {version}"))

    def is_available(self, model: str, version: str = "") -> bool:
        """Whether a model, or this version of it, is known to be generally available."""
        if self.is_preview(model, version):
            return False
        return any(self.available_models.fullmatch(t) for t in (model, f"{model} {version}"))


@dataclass(frozen=True)
class Monitoring:
    """What a provider does to watch for abuse until the control is approved."""

    control: str
    note: str
    read_back: str


@dataclass(frozen=True)
class Edition:
    """All rows of one provider on one date."""

    id: str
    provider: str
    as_of: str
    review_by: str
    baa_rule: str
    cover: tuple[str, ...]
    """The parts that cover is made of under this agreement."""
    retention_control: str
    terms: str
    """What an agreement that is signed now is recorded as (`agreements[].terms`)."""
    source: str
    baa_source: str
    rows: Mapping[str, Row]
    unlisted: tuple[str, ...]
    no_customer_content: tuple[str, ...]
    features: Mapping[str, Feature]
    conditions: Mapping[str, Condition]
    availability: Availability | None = None
    monitoring: Monitoring | None = None
    ends: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Of endpoints of no table: endpoint -> the day that it was or will be shut down, and the source."""
    described: tuple[str, str] | None = None
    """The commit of the API's description that the edition was compared with, and its day."""

    @property
    def by_product_terms(self) -> bool:
        """Whether the agreement is part of terms that hold anyway, for whom it must be attested."""
        return self.baa_rule == "product_terms"

    @property
    def coverage_rule(self) -> str:
        """The one coverage rule that such terms leave; empty where the signed terms decide."""
        return "product-terms" if self.by_product_terms else ""

    def lookup(self, endpoint: str) -> Row | None:
        """The row of a canonical endpoint; None if the edition does not list it."""
        return self.rows.get(endpoint)

    def knows(self, endpoint: str) -> bool:
        """Whether the edition names the endpoint at all, listed or not."""
        return (
            endpoint in self.rows
            or self.leaves_open(endpoint)
            or self.has_no_customer_content(endpoint)
        )

    def leaves_open(self, endpoint: str) -> bool:
        """Whether an endpoint, or what it is below, is in the API and in no table: never covered."""
        return any(endpoint == e or endpoint.startswith(e + "/") for e in self.unlisted)

    def retired_on(self, endpoint: str) -> tuple[str, str] | None:
        """The day that an endpoint was or will be shut down, and where that is said; None if none is."""
        row = self.rows.get(endpoint)
        if row is None:
            return self.ends.get(endpoint)
        return (row.retired_on, row.retired_source or row.source) if row.retired_on else None

    def has_no_customer_content(self, endpoint: str) -> bool:
        """Whether an endpoint serves administration or listing only."""
        return any(
            endpoint == path
            or (
                endpoint.startswith(path + "/")
                and (all_below or "/" not in endpoint[len(path) + 1 :])
            )
            for path, all_below in _subtrees(self.no_customer_content)
        )

    def feature(self, name: str) -> Feature | None:
        """A feature by its id or another name; separators and case do not count."""
        word = _word(name)
        for feature in self.features.values():
            if word == _word(feature.id) or word in map(_word, feature.aliases):
                return feature
        return None

    def needs_retention_control(self, rows: Iterable[Row]) -> bool:
        """Whether these rows count only with a retention control proven for the project."""
        return self.retention_control == "always" or any(r.zdr != "default" for r in rows)


@dataclass(frozen=True)
class Names:
    """How people name endpoints, and what the terms of an agreement mean."""

    sdk: Mapping[str, str]
    methods: frozenset[str]
    base: re.Pattern[str]
    """What a path begins with at providers that serve the API below a path of their own."""
    base_of_urls: re.Pattern[str]
    models: tuple[tuple[re.Pattern[str], str], ...]
    ids: tuple[tuple[re.Pattern[str], str], ...]
    terms: tuple[tuple[re.Pattern[str], str], ...]
    parameter: re.Pattern[str]


@dataclass(frozen=True)
class Catalogue:
    """All editions, oldest first, and the names of endpoints."""

    editions: tuple[Edition, ...]
    names: Names

    @cached_property
    def _below(self) -> Mapping[str, str]:
        """Sub-path -> the endpoint whose data it carries, as the rows of all editions say."""
        rows = [row for e in self.editions for row in e.rows.values()]
        return {f"{row.endpoint}/{sub}": row.endpoint for row in rows for sub in row.below}

    @cached_property
    def _words(self) -> frozenset[str]:
        """The segments of all endpoints that are named: no identifiers, whatever they look like."""
        named = {e for x in self.editions for e in (*x.rows, *x.unlisted)}
        return frozenset(s for e in (*named, *self._below) for s in e.split("/"))

    def newest(self, provider: str, today: date | None = None) -> Edition | None:
        """The newest edition of a provider, of those that existed on a day if one is given."""
        mine = [e for e in self.editions if e.provider == provider]
        past = [e for e in mine if today is None or e.as_of <= today.isoformat()]
        return next(reversed(past or mine[:1]), None)

    def edition(self, provider: str, ident: str) -> Edition | None:
        """The edition of a provider with this id."""
        return next((e for e in self.editions if e.provider == provider and e.id == ident), None)

    def coverage_rule_of_terms(self, terms: str | None) -> str:
        """`zdr-eligible`, `listed` or (unknown, custom, none) `strict`."""
        return next(
            (rule for pattern, rule in self.names.terms if terms and pattern.fullmatch(terms)),
            "strict",
        )

    def endpoint_of_model(self, model: str) -> str | None:
        """The endpoint that a model's name, or an id such as `asst_…`, decides; None if it decides none."""
        text = model.strip()
        for pattern, endpoint in (*self.names.models, *self.names.ids):
            if pattern.fullmatch(text):
                return endpoint
        return None

    def normalise(self, text: str) -> str | None:
        """The canonical endpoint that a URL, path or SDK-style name says; `*` for all; None if none."""
        value = _METHOD.sub("", text.strip().strip("\"'`")).strip()
        if not value or any(c.isspace() for c in value):
            return None
        if value.lower() in ("*", "all", "/*", "/v1/*", "/v1/**", "v1/*", "/v1/.*", "any"):
            return ALL
        if "/" not in value:
            return self._sdk_name(value)
        path = _path_of(value)
        if path and not value.startswith("/") and self.names.base_of_urls.match(path):
            return None
        return self._from_path(path)

    def _sdk_name(self, value: str) -> str | None:
        word = _CAMEL.sub("_", value).lower().replace("-", "_")
        for prefix in ("client.", "openai.", "open_ai.", "beta."):
            word = word.removeprefix(prefix)
        while word:
            if word in self.names.sdk:
                return self.names.sdk[word]
            word, _, method = word.rpartition(".")
            if method not in self.names.methods:
                break
        first = value.lower().removeprefix("client.").removeprefix("openai.").partition(".")[0]
        return self.names.sdk.get(f"{first}.*")

    def _from_path(self, path: str | None) -> str | None:
        if path is None or not _PATH.match(path):
            return None
        base = self.names.base.match(path)
        if base:
            path = "/" + path[base.end() :]
        path = _VERSION.sub("/", path)
        steps = [s for s in path.split("/") if s]
        if steps and steps[-1] in ("*", "**", ".*"):
            steps.pop()
        if steps and steps[-1].endswith((".*", "*")):
            steps[-1] = steps[-1].rstrip(".*")
        kept = [s for s in steps if s and not self._is_parameter(s)]
        if not kept:
            return ALL if steps != kept or path.endswith("*") else None
        endpoint = "/v1/" + "/".join(s.lower() for s in kept)
        return self._below.get(endpoint, endpoint)

    def _is_parameter(self, segment: str) -> bool:
        if segment.lower() in self._words:
            return False
        return self.names.parameter.fullmatch(segment) is not None


def _path_of(value: str) -> str | None:
    value = value.replace("\\/", "/")
    if "://" in value:
        return _resolved(urlsplit(value).path)
    first, _, rest = value.partition("/")
    if "." in first and first and not first.startswith("."):
        return _resolved(rest.partition("?")[0])
    return _resolved(value.partition("?")[0].partition("#")[0])


def _resolved(path: str) -> str | None:
    """A path as a server takes it: decoded, without empty steps, `.` and `..`; None if nothing is left."""
    steps: list[str] = []
    for step in unquote(path).replace("\\", "/").split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in ("", "."):
            steps.append(step.partition(";")[0])
    return "/" + "/".join(steps) if steps else None


def _subtrees(paths: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Each path, and whether all that is below it belongs to it."""
    yield from ((p.removesuffix("/**"), p.endswith("/**")) for p in paths)


def _word(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def standing(row: Row, rule: str) -> tuple[Standing, str]:
    """How a row stands under a coverage rule, and why.

    The rules: `zdr-eligible`, `listed`, `strict`, and `product-terms`.
    """
    if rule == "product-terms":
        return _IN_SCOPE[row.baa_listed or "unknown"]
    eligible = row.zdr != "no"
    kept = (
        f"its state is kept {row.state}"
        if row.state.until_deleted or row.state.days
        else "it is excluded"
    )
    zdr_reason = f"not eligible for zero data retention ({kept})"
    listed = row.baa_listed
    if rule == "zdr-eligible" or listed is None:
        return (
            ("covered", "eligible for zero data retention")
            if eligible
            else ("not_covered", zdr_reason)
        )
    list_reason = "not on the provider's list of HIPAA-eligible functionality"
    if listed == "no":
        return "not_covered", list_reason if eligible else f"{list_reason}, and {zdr_reason}"
    if rule == "strict" and not eligible:
        return "not_covered", zdr_reason
    if listed == "unknown":
        return "unknown", "the list of HIPAA-eligible functionality does not settle it"
    return "covered", "on the list of HIPAA-eligible functionality"


_IN_SCOPE: Mapping[str, tuple[Standing, str]] = {
    "yes": ("covered", "in scope of the product terms"),
    "no": ("not_covered", "not in scope of the product terms"),
    "unknown": ("unknown", "no contract text settles whether it is in scope"),
}


@lru_cache(maxsize=4)
def load_catalogue(root: Path | None = None) -> Catalogue:
    """The catalogue below `root` (default: the shipped one). Raises CatalogueError."""
    folder = (root or schema_root()) / "catalog"
    files = sorted(folder.glob("*/*.yaml"))
    if not files:
        raise CatalogueError(str(folder), 0, "holds no edition")
    editions = [_edition(f) for f in files]
    return Catalogue(
        tuple(sorted(editions, key=lambda e: (e.provider, e.as_of))), _names(folder / "names.yaml")
    )


def _load(file: Path) -> dict[str, Any]:
    try:
        data = load_yaml(file)
    except OSError:
        raise CatalogueError(file.name, 0, "cannot be read") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise CatalogueError(
            file.name, line, f"is not YAML: {getattr(error, 'problem', '')}"
        ) from None
    if not isinstance(data, dict):
        raise CatalogueError(file.name, 1, "is not a mapping")
    return data


def _edition(file: Path) -> Edition:
    data = _load(file)
    for key in ("as_of", "review_by"):
        _date(file, data.get(key))
    try:
        edition = _edition_of(data)
    except (KeyError, TypeError, AttributeError, re.error) as error:
        raise CatalogueError(file.name, 0, f"does not fit the schema: {error}") from None
    for row in edition.rows.values():
        _date(file, row.as_of)
        unknown = set(row.requires) - set(edition.conditions)
        if unknown:
            raise CatalogueError(
                file.name, 0, f"{row.endpoint} requires unknown conditions {sorted(unknown)}"
            )
    return edition


def validate_edition(file: Path) -> None:
    """Checks an edition against its JSON Schema. Raises CatalogueError; used by tests and tools."""
    error = next(
        iter(sorted(validator("catalog.schema.json").iter_errors(_load(file)), key=str)), None
    )
    if error is not None:
        where = "/".join(map(str, error.absolute_path))
        raise CatalogueError(file.name, 0, f"{where}: {error.message}")


def _edition_of(data: Mapping[str, Any]) -> Edition:
    cover = tuple(data["cover"])
    rows = {path: _row(path, r, "retention" in cover) for path, r in data["endpoints"].items()}
    features = {
        k: Feature(
            k,
            tuple(f.get("aliases", ())),
            f["covered"],
            f["note"],
            f["source"],
            f["as_of"],
            f.get("breaks", "feature"),
            bool(f.get("keeps")),
            f.get("stage") == "preview",
        )
        for k, f in data["features"].items()
    }
    conditions = {
        k: Condition(
            k,
            c["description"],
            c.get("broken_by_feature"),
            c.get("broken_by_model"),
            tuple(c["met_by"]),
            c.get("shown_by_model"),
        )
        for k, c in data["conditions"].items()
    }
    return Edition(
        data["id"],
        data["provider"],
        data["as_of"],
        data["review_by"],
        data["baa_rule"],
        cover,
        data["retention_control"] if "retention" in cover else "",
        data["terms"],
        data["source"],
        data["baa_source"],
        rows,
        tuple(data["unlisted"]),
        tuple(data["no_customer_content"]),
        features,
        conditions,
        _availability(data.get("availability")),
        _monitoring(data.get("monitoring")),
        {e: (d["retired_on"], d["source"]) for e, d in data.get("ends", {}).items()},
        _described(data.get("described")),
    )


def _availability(data: Mapping[str, Any] | None) -> Availability | None:
    keys = ("preview_models", "available_models", "preview_api_versions")
    return Availability(*(late(data[k], re.IGNORECASE) for k in keys)) if data else None


def _monitoring(data: Mapping[str, Any] | None) -> Monitoring | None:
    return Monitoring(data["control"], data["note"], data["read_back"]) if data else None


def _described(data: Mapping[str, Any] | None) -> tuple[str, str] | None:
    return (data["commit"], data["as_of"]) if data else None


def _row(path: str, data: Mapping[str, Any], with_retention: bool) -> Row:
    return Row(
        path,
        data["zdr"] if with_retention else "no",
        data.get("baa_listed"),
        _kept(data["abuse_logs"]),
        _kept(data["state"]),
        data.get("state_if") == "stored",
        bool(data.get("expires_after")),
        tuple(data.get("requires", ())),
        tuple(data.get("notes", ())),
        data.get("retired_on"),
        data["source"],
        data["as_of"],
        data.get("stage") == "preview",
        data.get("purpose", ""),
        tuple(data.get("below", ())),
        data.get("retired_source", ""),
    )


def _kept(value: object) -> Kept:
    if isinstance(value, int):
        return Kept(value)
    return Kept(until_deleted=value == "until_deleted")


def _names(file: Path) -> Names:
    data = _load(file)
    try:
        return Names(
            sdk=data["sdk_names"],
            methods=frozenset(data["sdk_methods"]),
            base=late(data["bases"]["pattern"]),
            base_of_urls=late(data["bases"]["of_urls"]),
            models=_pairs(data["models"], "endpoint"),
            ids=_pairs(data["ids"], "endpoint"),
            terms=_pairs(data["terms"], "rule"),
            parameter=late(data["parameter"]),
        )
    except (KeyError, TypeError, re.error) as error:
        raise CatalogueError(file.name, 0, f"does not fit: {error}") from None


def _pairs(
    rows: Sequence[Mapping[str, str]], value: str
) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((late(r["pattern"]), r[value]) for r in rows)


def _date(file: Path, text: object) -> None:
    try:
        date.fromisoformat(str(text))
    except ValueError:
        raise CatalogueError(file.name, 0, f"{text!r} is no date") from None
