"""Regions as data: what a host, a place in a cloud and a deployment's SKU say of where content goes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from openai_phi.facts.data_files import load_yaml, schema_root
from openai_phi.words.observed import Account, Deployment

ANYWHERE = "any region"


def region_of_name(text: str) -> str:
    """The region that people mean by a name; the name itself, in lower case, if none is known."""
    word = re.sub(r"[^a-z]+", "_", text.lower()).strip("_")
    return _first("names", word) or word


def regions_of_names(texts: Iterable[str]) -> frozenset[str]:
    """The regions that people mean by these names."""
    return frozenset(map(region_of_name, texts))


def region_of_host(host: str) -> str:
    """The region that a host binds a request to, `ANYWHERE` if to none, empty if that is not known."""
    if re.fullmatch(_data()["unbound"], host):
        return ANYWHERE
    return _first("hosts", host)


def selects_per_request(geography: str) -> bool:
    """Whether a project of this geography may select the region of each request by its host."""
    return bool(re.fullmatch(_data()["per_request"]["geography"], region_of_name(geography)))


def is_selected(host: str) -> bool:
    """Whether a host selects the region of one request, in a project that may."""
    return region_of_host(host) in _data()["per_request"]["regions"]


def hosts_of_regions(regions: Iterable[str]) -> list[str]:
    """The hosts that bind a request to one of these regions."""
    found = [r.get("hosts", "") for r in _data()["regions"] if r["id"] in set(regions)]
    plain = [h.replace("\\", "") for text in found for h in text.split("|")]
    return [h for h in plain if h and "*" not in h]


def region_of_account(account: Account) -> str:
    """The region in which an account keeps what is stored; empty where that is not known."""
    return _first("locations", re.sub(r"\s", "", account.location.lower()))


def region_of_deployment(account: Account, deployment: Deployment) -> str:
    """Where a deployment's inference runs; empty where that is not known."""
    skus, home = _data()["skus"], region_of_account(account)
    if not deployment.sku:
        return ""
    if re.fullmatch(skus["anywhere"], deployment.sku, re.IGNORECASE):
        return ANYWHERE
    if re.fullmatch(skus["zone"], deployment.sku, re.IGNORECASE):
        return home if home in skus["zones"] else ""
    return home


def _first(key: str, text: str) -> str:
    """The first region one of whose patterns fits the whole text."""
    for region in _data()["regions"]:
        if text and key in region and re.fullmatch(region[key], text):
            return str(region["id"])
    return ""


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    data: dict[str, Any] = load_yaml(schema_root() / "signatures" / "regions.yaml")
    return data
