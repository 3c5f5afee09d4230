"""Charts as commands of the repository install them: `helm upgrade … -f … --set …`."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from openai_phi.reading.disk.written_commands import Command, Scripts

_FILES = ("-f", "--values")
_SETS = {
    "--set": "",
    "--set-string": "string",
    "--set-literal": "string",
    "--set-json": "json",
    "--set-file": "file",
}
_TAKES = frozenset(
    {"-n", "--namespace", "--version", "--timeout", "--kube-context", "--kubeconfig", "--repo"}
)
_COMMA = re.compile(r"(?<!\\),(?![^{\[]*[}\]])")


@dataclass(frozen=True)
class Installed:
    """A command that installs a chart of the repository: its values files and (name, value, kind) settings."""

    command: Command
    chart: str
    name: str
    files: tuple[str, ...]
    settings: tuple[tuple[str, str, str], ...]


def installed(scripts: Scripts, charts: Collection[str]) -> Iterator[Installed]:
    """What commands install of these charts with values of their own."""
    for command in scripts.commands("helm", "upgrade|install|template|diff"):
        chart, name = _chart(command, charts)
        files = tuple(p for v in command.values(*_FILES) for p in v.split(",") if p)
        settings = tuple(_settings(command))
        if chart and (files or settings):
            yield Installed(command, chart, name, files, settings)


def _chart(command: Command, charts: Collection[str]) -> tuple[str, str]:
    """The chart that a command names as a folder, and the release's name."""
    plain = _positional(command)
    for folder in command.folders:
        for word in reversed(plain):
            path = os.path.normpath(os.path.join(folder, word))
            if path in charts:
                first = next((w for w in plain if w != word), "")
                return path, f"upgrade {first}".strip() if first else os.path.basename(path)
    return "", ""


def _positional(command: Command) -> list[str]:
    out: list[str] = []
    skip = False
    for word in command.words[1:]:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = "=" not in word and word in (*_FILES, *_SETS, *_TAKES)
        elif word not in ("upgrade", "install", "template", "diff"):
            out.append(word)
    return out


def _settings(command: Command) -> Iterator[tuple[str, str, str]]:
    for flag, kind in _SETS.items():
        for given in command.values(flag):
            pairs = [given] if kind == "json" else _COMMA.split(given)
            for pair in pairs:
                name, equals, value = pair.partition("=")
                if equals:
                    yield name, value.replace("\\,", ","), kind
