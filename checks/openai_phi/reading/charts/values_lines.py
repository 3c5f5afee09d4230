"""Where a chart's values file says what a template renders: the key that a person changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from openai_phi.text.documents import Document, Unreadable, read_file
from openai_phi.words.places import Path
from openai_phi.words.resources import Resource, Setting

_REFERENCE = re.compile(r"\.Values((?:\.[A-Za-z_]\w*)+)")
_EVERYWHERE = "global"
"""The key whose values every chart in a chart sees as they stand."""
_SHORTEST = 3
"""Letters that a name must have to be looked for in a file of values."""


class ValuesLines:
    """Finds settings of rendered objects in the values files that a chart is rendered with, the last first."""

    def __init__(
        self,
        files: Sequence[str],
        text_of: Callable[[str], str | None],
        shown: Callable[[str], str],
        below: Callable[[str], Sequence[tuple[str, ...]]] = lambda _: [()],
    ) -> None:
        self._text_of = text_of
        self._shown = shown
        self._below = below
        self._files = [(f, self._document(f)) for f in reversed(files)]
        self._templates: dict[str, list[str]] = {}
        self._inline: tuple[tuple[str, Mapping[str, object]], ...] = ()

    def with_inline(self, file: str, given: Iterable[Mapping[str, object]]) -> ValuesLines:
        """The same where a file also gives values of its own: an application, a release, a command."""
        self._inline = tuple((file, part) for part in given)
        return self

    def of(self, resource: Resource, template: str) -> Resource:
        """A resource with the values' lines of those settings that a values file gives."""
        if not self._inline and not any(document for _, document in self._files):
            return resource
        lines, below = self._lines(template), self._below(template)
        found = tuple(self._written(s, lines, below) for s in resource.settings)
        return replace(resource, settings=found)

    def _written(
        self, setting: Setting, lines: Sequence[str], below: Sequence[tuple[str, ...]]
    ) -> Setting:
        if setting.file and setting.written[0]:
            return setting
        text = lines[setting.line - 1] if 0 < setting.line <= len(lines) else ""
        for match in _REFERENCE.finditer(text):
            path = tuple(match[1].strip(".").split("."))
            paths = [path] if path[0] == _EVERYWHERE else [(*keys, *path) for keys in below]
            found = [said for said in map(self._at, paths) if said]
            same = [at for at, value in found if value == setting.value]
            for at in (*same, *(at for at, _ in found)):
                return replace(setting, written=at)
        if any(setting.name in line for line in lines):
            return setting
        named = self._named(setting)
        return replace(setting, written=named) if named else setting

    def _at(self, path: Path) -> tuple[tuple[str, int], object] | None:
        """File and line of a key, and its value: in what gives it inline, else in the last file that has it."""
        for file, part in self._inline:
            value = _held(part, path)
            if value is not None:
                return (self._shown(file), self._line_of(file, str(path[-1]))), value
        for file, document in self._files:
            value = _held(document.data, path) if document is not None else None
            if document is not None and value is not None:
                return (self._shown(file), document.line(path)), value
        return None

    def _line_of(self, file: str, key: str) -> int:
        """The first line that writes a key; that of the file where none does."""
        word = re.compile(rf"(?<![\w-]){re.escape(key)}(?![\w-])[\"']?\s*[:=]")
        found = (n for n, line in enumerate(self._lines(file), 1) if word.search(line))
        return next(found, 1)

    def _named(self, setting: Setting) -> tuple[str, int] | None:
        """File and line that say a setting whose name no template says: a list or map that one takes over."""
        value = setting.value if isinstance(setting.value, (str, int)) else ""
        if len(setting.name) < _SHORTEST:
            return None
        for file, document in self._files:
            if document is None:
                continue
            found = [
                n for n, before, line in self._pairs(file) if _says(setting.name, line, before)
            ]
            best = [n for n in found if str(value) in self._lines(file)[n - 1]]
            if found:
                return self._shown(file), (best or found)[0]
        return None

    def _pairs(self, file: str) -> Iterator[tuple[int, str, str]]:
        before = ""
        for number, line in enumerate(self._lines(file), 1):
            yield number, before, line
            before = line

    def _lines(self, file: str) -> list[str]:
        if file not in self._templates:
            self._templates[file] = (self._text_of(file) or "").splitlines()
        return self._templates[file]

    def _document(self, file: str) -> Document | None:
        try:
            return next(iter(read_file(self._text_of(file) or "", file)), None)
        except Unreadable:
            return None


def _says(name: str, line: str, before: str) -> bool:
    """Whether a line is that of a name's value: its own, or the one after `name:`."""
    word = rf"(?<![\w-]){re.escape(name)}(?![\w-])"
    return bool(re.search(rf"{word}[\"']?\s*:", line) or re.search(rf":\s*[\"']?{word}", before))


def _held(data: object, path: Iterable[str | int]) -> object:
    """What a values file says at a path; None where it says nothing."""
    for step in path:
        if not isinstance(data, dict) or step not in data:
            return None
        data = data[step]
    return data
