"""Hosts of a provider that a program's own machine is told another address for: /etc/hosts, however it is filled."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from openai_phi.facts.signatures import Signatures
from openai_phi.words.resources import Setting

_IP = r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[?[0-9a-f]*:[0-9a-f:]+\]?)"
_NAME = r"[a-z0-9][a-z0-9.-]*\.[a-z]{2,}"
_LINE = re.compile(rf"(?<![\w.:])(?P<ip>{_IP})[ \t]+(?P<names>(?:{_NAME}[ \t]*)+)", re.IGNORECASE)
_PAIR = re.compile(rf"(?<![\w.-])(?P<name>{_NAME})[:=](?P<ip>{_IP})(?![\w.])", re.IGNORECASE)
_ADDRESS = re.compile(_IP, re.IGNORECASE)
_HOST = re.compile(_NAME, re.IGNORECASE)
_LISTS = re.compile(r"extra_?hosts|host_?aliases", re.IGNORECASE)
_HOSTS_FILE = re.compile(r"/etc/hosts|--add-host|extra_?hosts|host_?aliases", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """A host that is given an address, and the setting that gives it."""

    host: str
    ip: str
    setting: Setting


def fixed_names(settings: Iterable[Setting], names: Signatures) -> tuple[Fixed, ...]:
    """The hosts of providers that these settings give an address to, each once."""
    listed: dict[tuple[str | int, ...], list[Setting]] = {}
    found: dict[str, Fixed] = {}
    for setting in settings:
        for fixed in _written(setting):
            found.setdefault(fixed.host, fixed)
        entry = _entry(setting)
        if entry:
            listed.setdefault(entry, []).append(setting)
    for entries in listed.values():
        for fixed in _joined(entries):
            found.setdefault(fixed.host, fixed)
    return tuple(f for f in found.values() if _matters(f, names))


def _matters(fixed: Fixed, names: Signatures) -> bool:
    """Whether the host is a provider's; a private endpoint of an account has such an address by its nature."""
    known = names.host(fixed.host)
    if known is None or not known.provider:
        return False
    return known.provider != "azure-openai" or not names.is_inside(fixed.ip)


def _written(setting: Setting) -> Iterator[Fixed]:
    """Pairs in one text: a line of /etc/hosts, `host:address` in a list, the name of an entry with its address."""
    near = any(isinstance(s, str) and _LISTS.fullmatch(s) for s in setting.path)
    text = setting.value if isinstance(setting.value, str) else ""
    if near and _HOST.fullmatch(setting.name) and _ADDRESS.fullmatch(text):
        yield Fixed(host=setting.name.lower(), ip=text, setting=setting)
        return
    whole = f"{setting.name} {text}" if near else text
    if not near and not _HOSTS_FILE.search(f"{setting.name} {text[:65_536]}"):
        return
    for match in _PAIR.finditer(whole[:65_536]):
        yield Fixed(host=match["name"].lower(), ip=match["ip"], setting=setting)
    for match in _LINE.finditer(whole[:65_536]):
        for name in match["names"].split():
            yield Fixed(host=name.lower(), ip=match["ip"], setting=setting)


def _entry(setting: Setting) -> tuple[str | int, ...]:
    """The item of a list of such names that a setting stands in."""
    for index, step in enumerate(setting.path[:-1]):
        if isinstance(step, str) and _LISTS.fullmatch(step):
            return setting.path[: index + 2]
    return ()


def _joined(entries: list[Setting]) -> Iterator[Fixed]:
    """The names of one item of a list, each with the item's address."""
    texts = [(s, s.value) for s in entries if isinstance(s.value, str)]
    ips = [t for _, t in texts if _ADDRESS.fullmatch(t)]
    for setting, text in texts if len(ips) == 1 else ():
        if _HOST.fullmatch(text):
            yield Fixed(host=text.lower(), ip=ips[0], setting=setting)
