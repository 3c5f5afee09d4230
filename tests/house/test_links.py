"""Every relative link of a Markdown file leads to something: a file, a folder, a heading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from scan import ROOT

_FENCE = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.M)
_ANCHOR = re.compile(r"<a (?:id|name)=\"([^\"]+)\"")


def pages() -> list[Path]:
    """The project's Markdown files; a folder of an environment or a cache has a dot, or none of ours."""
    kept = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    for folder in ("docs", "schemas", "sample_infra", "benchmarks"):
        kept += sorted((ROOT / folder).rglob("*.md"))
    return kept


def links(text: str) -> Iterator[str]:
    """The targets of a page's links that stay in the project."""
    for target in _LINK.findall(_CODE.sub("`", _FENCE.sub("", text))):
        if not re.match(r"[a-z][a-z0-9+.-]*:", target):
            yield target


def anchors(text: str) -> set[str]:
    """The names that a page's headings have on the code host."""
    bare = _FENCE.sub("", text)
    out: set[str] = set(_ANCHOR.findall(bare))
    for heading in _HEADING.findall(bare):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        name = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        taken = sum(1 for known in out if re.fullmatch(re.escape(name) + r"(-\d+)?", known))
        out.add(f"{name}-{taken}" if taken else name)
    return out


def broken(page: Path) -> Iterator[str]:
    for target in links(page.read_text(encoding="utf-8")):
        file, _, anchor = target.partition("#")
        path = (page.parent / unquote(file)).resolve() if file else page
        if (
            not path.exists()
            or ROOT not in (path, *path.parents)
            or (
                anchor
                and (
                    path.suffix != ".md"
                    or unquote(anchor) not in anchors(path.read_text(encoding="utf-8"))
                )
            )
        ):
            yield target


@pytest.mark.parametrize("page", pages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(broken(page)) == []


def test_the_reader_of_links_reads_them() -> None:
    """Text with brackets, code, anchors, headings of one name."""
    text = "[a](b.md) ![c](d.png) [e [f]](g.md#h) `[i](j.md)` [k](https://example.org) [l](#m)\n"
    assert list(links(text)) == ["b.md", "d.png", "g.md#h", "#m"]
    assert anchors("# A `b`, c\n\n## [D](e.md)\n\n# D\n") == {"a-b-c", "d", "d-1"}


def test_a_broken_link_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "a.md").write_text("# Here\n")
    page = tmp_path / "b.md"
    page.write_text("[1](a.md) [2](a.md#here) [3](a.md#there) [4](c.md) [5](#x) [6](../d.md)\n")
    assert list(broken(page)) == ["a.md#there", "c.md", "#x", "../d.md"]
