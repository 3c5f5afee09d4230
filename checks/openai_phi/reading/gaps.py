"""Settings that could not be evaluated, whole or in part: where they would stand, why, and what would close that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from openai_phi.facts.signatures import Signatures
from openai_phi.words.places import Path, Place, show
from openai_phi.words.resources import UNKNOWN_PART, Gap, Lack, Setting, Unknown

_NAMES = frozenset({"name", "key"})
_CLOSES = {
    Lack.VALUE: "a variable file that sets {}, or a plan,",
    Lack.VARIABLE: "a variable file that sets {}, or a plan,",
    Lack.MODULE: "module {} in the repository, or a plan,",
    Lack.FILE: "the file {} in the repository",
    Lack.APPLY: "a plan made once {} is there",
    Lack.OTHER: "a plan",
}
_NAMELESS = {
    Lack.FILE: "its path written out, or a plan,",
    Lack.APPLY: "a plan made after the apply",
}


def gaps_of(
    type_: str, file: str, line: int, settings: Sequence[Setting], names: Signatures
) -> tuple[Gap, ...]:
    """What could not be evaluated of what configures a program, each once; the file and line are its own."""
    out: dict[tuple[str, str, str], Gap] = {}
    for index, setting in enumerate(settings):
        held = _where(type_, setting, names)
        if held is None:
            continue
        value = (
            setting.value
            if isinstance(setting.value, Unknown)
            else Unknown("a name in it is unknown")
        )
        place = Place(setting.file or file, setting.line or line)
        gap = Gap(
            place,
            show(held),
            value.reason,
            _closes(value),
            value.speaks,
            setting.group,
            tuple(_sure(settings[index + 1 :], held)) if held != setting.path else (),
        )
        out.setdefault((gap.path, gap.group, gap.reason), gap)
    return tuple(out.values())


def _where(type_: str, setting: Setting, names: Signatures) -> Path | None:
    """The path of the map, list or text that a setting shows to be unknown, whole or in part."""
    path, value = setting.path, setting.value
    if not path:
        return None
    last = path[-1]
    if last == UNKNOWN_PART:
        return path[:-1] if _inside(type_, path[:-1], names) else None
    if not isinstance(value, Unknown):
        return None
    if isinstance(last, int):
        outer = _without_indices(path)
        opens = bool(outer) and names.holds_text(str(outer[-1]))
        return path[:-1] if opens or _holds(type_, outer, names) else None
    if last in _NAMES and _holds(type_, path[:-1], names):
        return _without_indices(path[:-1])
    if names.holds_text(last):
        return path
    is_map = value.lack is not Lack.VALUE and names.holds_settings(type_, last)
    return path if is_map else None


def _holds(type_: str, path: Path, names: Signatures) -> bool:
    """Whether the last name of a path is that of settings."""
    plain = _without_indices(path)
    return bool(plain) and names.holds_settings(type_, str(plain[-1]))


def _inside(type_: str, path: Path, names: Signatures) -> bool:
    """Whether a map is, or lies in, one of settings."""
    words = [s for s in path if isinstance(s, str)]
    return any(names.holds_settings(type_, w) or names.holds_text(w) for w in words)


def _without_indices(path: Path) -> Path:
    while path and isinstance(path[-1], int):
        path = path[:-1]
    return path


def _sure(later: Iterable[Setting], held: Path) -> Iterator[str]:
    """The names that stand in the same map or list after what is unknown of it."""
    size = len(held)
    yield from (s.name for s in later if s.path[:size] == held and s.path[-1] != UNKNOWN_PART)


def _closes(value: Unknown) -> str:
    if not value.what and value.lack in _NAMELESS:
        return _NAMELESS[value.lack]
    return _CLOSES[value.lack].format(value.what).replace(" sets ,", " sets it,")
