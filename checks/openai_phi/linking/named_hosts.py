"""Every host that settings of a program name, with what the words around it speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from openai_phi.facts.destination_words import DestinationWords, Speaks
from openai_phi.linking.addresses import hosts_in
from openai_phi.words.places import Place, show
from openai_phi.words.resources import Resource, Setting, Unknown

_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^@/\s\"'`<>]*@(?!\d+(?:[^\d.]|$)))?"
    r"(?P<host>\[[0-9a-f:.%]+\]|(?<=unix://)/?[\w%./-]+|%2f[\w%.-]+|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)"
    r"(?::\d+)?(?P<path>/[^\s\"'`<>,;)}\]]*)?",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?:^|[\s\"'`;,({])(?:-D|-{1,2})?(?P<name>[A-Za-z_][\w.-]*)[\"']?\s*[=:]\s*[\"']?$"
)
_FLAG = re.compile(r"(?:^|\s)--?(?P<name>[A-Za-z][\w.-]*)\s+[\"']?$")
_DIRECTIVE = re.compile(r"(?:^|[{;])\s*(?P<name>[A-Za-z_][\w.-]*)\s+[\"']?$")
_ARGUMENT = re.compile(r"(?:-D|-{1,2})(?P<name>[A-Za-z_][\w.-]*)[= ](?P<value>\S+)")
_ELEMENT = re.compile(r"<(?P<name>[A-Za-z_][\w.:-]*)(?:\s[^<>]*)?>\s*$")
_SECTION = re.compile(
    r"\s*\[+(?P<ini>[^\[\]]+)\]+\s*$|\s*<(?P<element>[A-Za-z_][\w.:-]*)(?:\s[^<>]*)?(?<!/)>?\s*$"
    r"|\s*[\"']?(?P<name>[\w./ -]+?)[\"']?(?:\s+[\"'][^\"']*[\"'])*\s*[:={(]+\s*$"
)
_OPENED = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]*)(?:\s+[\"'][^\"']*[\"'])*\s*[({]|<(?P<element>[A-Za-z_][\w.:-]*)(?=[\s>])"
)
_COMMENT = re.compile(r"\s*(?:#|//|;|--\s|<!--)")
_NEVER_CALLED = re.compile(r"(?:0\.0\.0\.0|255\.255\.255\.255|\[?::\]?)$")
_REFERENCE = re.compile(r"\$[({A-Za-z]|\{\{")
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,10}$")
_LONGEST = 65_536
"""How much of a text that nothing could parse is looked through."""
_NOT_SECTIONS = frozenset(
    {"data", "stringData", "binaryData", "spec", "value", "env", "args", "command"}
)


@dataclass(frozen=True, kw_only=True)
class NamedHost:
    """A host that a setting names; empty where the setting is one's address and cannot be read."""

    setting: Setting
    host: str
    name: str
    """What it stands under: the setting's own name, or that of an argument or a line within."""
    line: int
    speaks: Speaks

    @property
    def group(self) -> str:
        """The program that it is for: the one that its file is mounted into, where that is one alone."""
        mounted = self.setting.mounted
        return mounted[0] if len(mounted) == 1 else self.setting.group

    def place_in(self, resource: Resource) -> Place:
        """Where it stands, for a resource that has or takes the setting."""
        return resource.place_of(self.setting.file, self.line, show(self.setting.path))


def named_hosts(settings: Sequence[Setting], words: DestinationWords) -> tuple[NamedHost, ...]:
    """All hosts that these settings name, each once a place, with the most that is said of it."""
    parsed = {
        s.path[:n] for s in settings if s.role not in ("text", "env") for n in range(2, len(s.path))
    }
    found: dict[tuple[str, str, int, str], NamedHost] = {}
    for setting in settings:
        if setting.path in parsed:
            continue  # a document, whose own settings follow
        for named in _named(setting, words):
            key = (named.group, setting.file, named.line, named.host)
            other = found.get(key)
            if other is None or named.speaks > other.speaks:
                found[key] = named
    return tuple(found.values())


def _named(setting: Setting, words: DestinationWords) -> Iterator[NamedHost]:
    value = setting.value
    if isinstance(value, Unknown):
        yield from _unread(setting, words)
    elif isinstance(value, str) and _may_name(value):
        if "\n" in value.strip():
            yield from _of_lines(setting, value[:_LONGEST], words)
        else:
            yield from _of_line(setting, value[:4096], setting.line, _sections(setting), words)


def _may_name(value: str) -> bool:
    return "://" in value or "." in value or ":" in value or value.isalnum() or "-" in value


def _unread(setting: Setting, words: DestinationWords) -> Iterator[NamedHost]:
    """A setting that holds an address which cannot be read, by its name."""
    env = setting.role == "env" or not setting.secret
    if env and setting.role != "marker" and words.is_address(setting.name):
        speaks = words.of_names(_sections(setting), setting.name)
        yield NamedHost(
            setting=setting, host="", name=setting.name, line=setting.line, speaks=speaks
        )


def _of_lines(setting: Setting, text: str, words: DestinationWords) -> Iterator[NamedHost]:
    """The hosts in a text that nothing parsed, line by line, each in the sections that it stands in."""
    lines = text.splitlines()
    for index, line in enumerate(lines):
        if ("://" in line or ":" in line or "=" in line) and not _COMMENT.match(line):
            at = setting.line + index if setting.line else 0
            within = [*_sections(setting), _stem(setting.name), *_around(lines, index)]
            yield from _of_line(setting, line, at, within, words)


def _of_line(
    setting: Setting, text: str, line: int, sections: Sequence[str], words: DestinationWords
) -> Iterator[NamedHost]:
    urls: set[str] = set()
    for match in _URL.finditer(text):
        host = match["host"].lower().rstrip(".")
        urls.add(host)
        before = text[: match.start()]
        name = _name_before(before) or setting.name
        within = [*sections, *_blocks(before)]
        speaks = _speaks(within, name, match["scheme"], match["path"] or "", words)
        yield from _made(setting, host, name, line, speaks)
    if setting.role == "marker":
        return
    argument = _ARGUMENT.fullmatch(text.strip())
    name, value = (argument["name"], argument["value"]) if argument else (setting.name, text)
    if "\n" not in str(setting.value).strip():
        of_name = Setting(name, value, setting.path, setting.line)
        for host in hosts_in(of_name):
            if host not in urls:
                speaks = words.of_names(sections, name)
                yield from _made(setting, host, name, line, speaks)
        if not urls and _REFERENCE.search(value) and words.is_address(name):
            speaks = words.of_names(sections, name)
            yield NamedHost(setting=setting, host="", name=name, line=line, speaks=speaks)


def _made(setting: Setting, host: str, name: str, line: int, speaks: Speaks) -> Iterator[NamedHost]:
    if not _NEVER_CALLED.match(host):
        yield NamedHost(setting=setting, host=host, name=name, line=line, speaks=speaks)


def _speaks(
    sections: Sequence[str], name: str, scheme: str, path: str, words: DestinationWords
) -> Speaks:
    if not words.carries(scheme):
        return Speaks.OF_NOTHING
    said = words.of_names(sections, name)
    return Speaks.OF_A_PROVIDER if words.is_path(path) else said


def _name_before(text: str) -> str:
    """The name that a URL is given to in a line: `name=`, `name:`, a flag, a directive."""
    found = _BEFORE.search(text) or _FLAG.search(text) or _DIRECTIVE.search(text)
    found = found or _ELEMENT.search(text)
    return found["name"] if found else ""


def _blocks(text: str) -> list[str]:
    """What is open at the end of a line: a block (`location /openai/ {`), a call, an element."""
    found = [p.rpartition(";")[2].strip() for p in text.split("{")[:-1]] if "{" in text else []
    if "(" in text or "<" in text:
        found += [m["name"] or m["element"] for m in _OPENED.finditer(text)]
    return found


def _sections(setting: Setting) -> list[str]:
    """What a setting stands in, outermost first, without its own name."""
    steps = [s for s in setting.path if isinstance(s, str) and s not in _NOT_SECTIONS]
    if steps and steps[-1] == setting.name:
        steps.pop()
    return [_stem(s) for s in steps[-3:]]


def _stem(name: str) -> str:
    """The name of a file without its ending."""
    return _EXTENSION.sub("", name) if "/" not in name else name


def _around(lines: Sequence[str], index: int) -> list[str]:
    """The sections of a text that a line stands in: by indentation, or by the last in brackets."""
    found: list[str] = []
    depth = _indent(lines[index])
    for line in reversed(lines[max(0, index - 200) : index]):
        if not line.strip() or _COMMENT.match(line):
            continue
        section = _SECTION.match(line)
        if section and section["ini"]:
            found.append(section["ini"])
            break
        if _indent(line) < depth:
            depth = _indent(line)
            if section:
                found.append((section["name"] or section["element"]).strip())
    return found[::-1]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def carriers(named: Iterable[NamedHost]) -> Iterator[NamedHost]:
    """Those that a provider's requests could go to, by the words around them."""
    return (n for n in named if n.speaks is not Speaks.OF_NOTHING)
