"""Markdown: a verdict line, the flow, the table and the traces, within a size; names are text and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options

from hostile_text import HOSTILE
from openai_phi.finding.results import Result
from openai_phi.reporting.markdown_text import code, fenced, mermaid, prose
from openai_phi.reporting.report_markdown import JOB_SUMMARY, PULL_REQUEST, render

EDGE = re.compile(r'  n\d+ (-->|-\.->)(\|"[a-z, ]+"\|)? n\d+')
NODE = re.compile(
    r'  n\d+(\(\[|\[\[|\[|\{\{)"[^"`<>|{}\[\]\\]*(<br/>[^"`<>|{}\[\]\\]*)?"(\]\)|\]\]|\]|\}\})'
)
STYLE = re.compile(r"  (classDef|class|linkStyle) [\w,:# -]+")


def html(text: str) -> str:
    """What GitHub's own Markdown makes of it, before it takes anything out."""
    return str(github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE))


def drawn(text: str) -> list[str]:
    """The lines of the picture; each is of a known form, so no name added any."""
    (block,) = re.findall(r"^```mermaid\nflowchart LR\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
    lines: list[str] = block.split("\n")
    assert [x for x in lines if not any(p.fullmatch(x) for p in (NODE, EDGE, STYLE))] == []
    return lines


def tags(text: str) -> set[str]:
    """The tags that it renders to, and where links lead."""
    page = html(text)
    return set(re.findall(r"<(\w+)", page)) | set(re.findall(r'href="([^"]*)"', page))


def test_it_begins_with_the_verdict(sample: Result) -> None:
    first, _, second, *_ = render(sample).split("\n")
    assert first == "## OpenAI and PHI"
    assert second.startswith(
        "**7 PHI workloads, 7 uses: 3 not covered, 1 unproven, 3 covered (agreement attested, settings attested); "
        f"{len(sample.findings)} findings (3 critical, 1 high"
    )


def test_the_table_has_a_row_for_each_use(sample: Result) -> None:
    rows = [r for r in render(sample).split("\n") if r.startswith(("| ✗", "| ?", "| ✓"))]
    assert len(rows) == len(sample.analysis.assessments)
    assert rows[0].startswith("| ✗ not covered | <code>Deployment.clinic.portal-research</code> |")
    assert rows[-1].startswith("| ✓ covered, agreement attested, settings attested |")


def test_the_picture_shows_the_way_coloured_by_verdict(sample: Result) -> None:
    lines = drawn(render(sample))
    (name,) = [x.split("[")[0].strip() for x in lines if "lambda_function.intake" in x]
    (last,) = [x.split("[")[0].strip() for x in lines if "/v1/conversations" in x]
    assert f'  {name} -.->|"not covered"| {last}' in lines
    (broken,) = [x for x in lines if x.startswith("  class ") and x.endswith(" broken")]
    assert {name, last} <= set(broken.split()[1].split(","))
    assert any('|"covered, agreement attested, settings attested"|' in x for x in lines)


def test_each_finding_is_folded_with_its_trace_and_fix(sample: Result) -> None:
    text = render(sample)
    assert text.count("<details>") == text.count("</details>") == len(sample.findings)
    assert "<li>1. PHI: DataClassification=PHI [declared, inherited]" in html(text)
    assert "Team: stop sending PHI to /v1/conversations" in text


def test_hostile_names_are_text(sample: Result, hostile: Result) -> None:
    text = render(hostile)
    drawn(text)
    assert tags(text) <= tags(render(sample)) | {"li", "ul"}
    assert html(text).count("<td") == 5 * (len(hostile.analysis.assessments) + 2)
    spoken = re.sub(r"<(pre|code)\b.*?</\1>", "", html(text), flags=re.DOTALL)
    assert not re.search(r"@team|#1\b", spoken)


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE, "<script>", "a|b", "![x](y)", "[a]: b", "**b** _c_ ~~d~~", "1. a", "- a", "+ a", "= a",
        "https://x.example", "www.x.example", "`a", "\\|", "&lt;", "a\n# b", "> q", "\u202eabc", "$x$",
    ],
)  # fmt: skip
def test_a_text_stays_itself(text: str) -> None:
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    shown = re.sub("\u200b", "", html(f"- {prose(text)}\n"))
    assert unescaped(shown) == f"<ul>\n<li>{plain}</li>\n</ul>\n"
    cell = html(f"| a | b |\n|---|---|\n| {code(text)} | c |\n")
    assert unescaped(cell).count(f"<td><code>{plain}</code></td>") == 1
    block = html(f"{fenced(text)}\n")
    assert block.count("<pre") == 1
    assert not re.search(r'["`<>|{}\[\]\\\n]', mermaid(text))


def unescaped(page: str) -> str:
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        page = page.replace(entity, char)
    return page


@pytest.mark.parametrize("limit", [JOB_SUMMARY, PULL_REQUEST, 5000])
def test_it_fits_and_says_what_was_cut(limit: int, sample: Result) -> None:
    many = replace(sample, findings=sample.findings * 300)
    text = render(many, limit)
    assert len(text.encode("utf-8")) <= limit
    assert re.search(r"\*\*Cut to fit: .*\d+ findings", text)
    assert "the reports `json` and `sarif` hold all" in text.lower()


def test_more_workloads_than_fit_are_counted(sample: Result) -> None:
    analysis = sample.analysis
    copies = tuple(
        replace(w, resource=replace(w.resource, id=f"{w.id}-{n}"))
        for w in analysis.estate.workloads
        for n in range(40)
    )
    first = analysis.assessments[0]
    many = replace(
        analysis,
        estate=replace(analysis.estate, workloads=copies),
        assessments=tuple(replace(first, workload=w) for w in copies),
    )
    text = render(replace(sample, analysis=many))
    assert "worst of" in text
    assert re.search(r"Cut to fit: .*rows of the table", text)
    drawn(text)


def test_what_was_not_looked_at_comes_first(hostile: Result) -> None:
    text = render(replace(hostile, gaps=("framework helm: left out",)))
    assert "not everything was looked at: 1 thing unread, 1 step not made" in text
    assert text.index("### Not looked at") < text.index("```mermaid")


def test_nothing_found_is_not_called_covered(sample: Result) -> None:
    estate = replace(sample.analysis.estate, workloads=())
    analysis = replace(sample.analysis, estate=estate, assessments=())
    text = render(replace(sample, analysis=analysis, findings=()))
    assert (
        "No workload was seen that handles PHI and uses a provider that is judged; no findings."
        in text
    )
    assert "mermaid" not in text
