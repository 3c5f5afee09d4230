"""Finds and loads the shipped data: schemas, catalogue and signatures."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc,valid-type]
    """YAML's safe loader with dates as text and without duplicate keys."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    twice = {k for k in keys if keys.count(k) > 1}
    if twice:
        raise yaml.constructor.ConstructorError(
            None, None, f"duplicate key {sorted(map(str, twice))[0]}", node.start_mark
        )
    return {
        k: loader.construct_object(v, deep=True) for k, (_, v) in zip(keys, node.value, strict=True)
    }


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def engine_folder() -> Path:
    """The folder `openai_phi` of the engine that runs: what lies beside modules is found from here."""
    return next(p for p in Path(__file__).resolve().parents if p.name == "openai_phi")


def schema_root() -> Path:
    """The folder of shipped data: in a wheel `_schemas` beside the engine, else the repository's."""
    here = engine_folder()
    shipped = here / "_schemas"
    return shipped if shipped.is_dir() else here.parent.parent / "schemas"


def load_yaml(path: Path) -> Any:
    """A YAML file's content, dates as text. Raises OSError or yaml.YAMLError."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)


@lru_cache(maxsize=8)
def validator(name: str) -> Any:
    """The JSON Schema validator of a shipped schema, such as `catalog.schema.json`."""
    import jsonschema  # costs 100 ms, and only a scan with declarations needs it

    schema = json.loads((schema_root() / name).read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)
