"""The HTML report's text: what a compliance officer looks for is in it, and it asks for nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from openai_phi.declared.agreements import Agreement
from openai_phi.finding.results import Result
from openai_phi.reporting import report_html
from openai_phi.reporting.markup import data, el
from openai_phi.reporting.reliance import falls_due
from openai_phi.words.found import Exempt, Unread
from openai_phi.words.places import Place


def text_of(page: str, ident: str) -> str:
    """The text of one part of the page."""
    part = page.partition(f'id="{ident}"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", part.partition(">")[2]).split())


def with_agreements(result: Result, *agreements: Agreement) -> Result:
    """The result with other agreements in its policy."""
    declared = result.analysis.declarations
    assert declared.policy
    policy = replace(declared.policy, agreements=agreements)
    analysis = replace(result.analysis, declarations=replace(declared, policy=policy))
    return replace(result, analysis=analysis)


def test_every_part_is_there(sample: Result) -> None:
    page = report_html.render(sample)
    assert "3 of 7 PHI workloads are not covered" in page
    agreements = text_of(page, "agreements")
    assert "BAA with openai org-clinic openai-baa-2026-10 LEGAL-412 2026-10-07" in agreements
    assert "in force" in agreements
    policy = sample.analysis.declarations.policy
    assert policy
    assert policy.digest in agreements
    catalogue = text_of(page, "catalogue")
    assert "openai 2026-10 2026-10-08 2027-04-06" in catalogue
    assert "developers.openai.com/api/docs/guides/your-data" in catalogue
    assert "OAI_COVERAGE_1" in text_of(page, "controls")
    assert "45 CFR 164.502(e)(1)(i)" in text_of(page, "controls")
    made = text_of(page, "made")
    assert "2026-11-20" in made
    assert "Version of checkov" in made
    assert "Not judged" in made
    assert "Everything that could matter was read" in text_of(page, "unread")


def test_a_workload_has_its_way_its_reasons_and_what_it_relies_on(sample: Result) -> None:
    page = report_html.render(sample)
    row = page.partition("aws_lambda_function.intake")[2].partition('<tr class="row"')[0]
    said = " ".join(re.sub(r"<[^>]+>", " ", row).split())
    assert "against it /v1/conversations: not on the provider" in said
    assert "attested BAA is in force at openai-policy.yaml:6" in said
    assert "BAA with openai, signed on 2026-10-07" in said
    assert "ZDR with openai, approved on 2026-10-10" in said
    assert "PHI: DataClassification=PHI [declared, inherited] at terraform/main.tf:7" in said
    assert "OAI_COVERAGE_1: PHI reaches an endpoint that is known not to be covered" in said


def test_a_covered_verdict_is_never_without_its_assurance(sample: Result) -> None:
    page = report_html.render(sample)
    body = page.partition('id="workload-table"')[2].partition("</table>")[0]
    badges = re.findall(r'class="badge covered"><span[^>]*>✓</span>([^<]*)<', body)
    assert badges
    assert set(badges) <= {
        "covered, agreement attested, settings attested",
        "fact",
        "enforced",
        "verified",
        "attested",
        "claimed",
    }


def agreement(**dates: str) -> Agreement:
    return Agreement(
        kind="baa",
        provider="openai",
        organizations=("org-clinic",),
        dates=dates,
        review_every=365,
        place=Place("p.yaml", 4),
    )


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ({"signed_on": "2026-01-01", "expires_on": "2027-02-18"}, [("baa with openai is to be reviewed", 42), ("baa with openai expires", 90)]),
        ({"signed_on": "2026-11-01", "expires_on": "2027-02-19"}, []),
        ({"signed_on": "2026-11-01", "expires_on": "2026-11-19"}, [("baa with openai expires", -1)]),
        ({"signed_on": "2024-11-20", "reviewed_on": "2025-11-21"}, [("baa with openai is to be reviewed", 1)]),
    ],
)  # fmt: skip
def test_what_falls_due_within_90_days(
    sample: Result, dates: dict[str, str], said: list[tuple[str, int]]
) -> None:
    assert sample.analysis.today == date(2026, 11, 20)
    result = with_agreements(sample, agreement(**dates))
    assert [(d.what, d.days) for d in falls_due(result)] == said
    shown = text_of(report_html.render(result), "due")
    for what, days in said:
        assert f"{-days} days ago {what}" in shown or f"in {days} days {what}" in shown


def test_an_exception_shows_who_approved_it_until_when(sample: Result) -> None:
    broken = next(f for f in sample.findings if f.rule == "OAI_COVERAGE_1")
    place = Place("openai-compliance.yaml", 9)
    exempt = Exempt(broken, "accepted", "moves to responses", place, "compliance@clinic.example", "2026-12-10", "T-7", True, "team@clinic.example", "2026-11-20")  # fmt: skip
    result = replace(sample, exempt=(exempt,), findings=())
    page = report_html.render(result)
    said = text_of(page, "exceptions")
    assert (
        "moves to responses team@clinic.example compliance@clinic.example 2026-11-20 2026-12-10 T-7"
        in said
    )
    assert "in 20 days exception for OAI_COVERAGE_1" in text_of(page, "due")
    assert "accepted: a plan, the verdict stays" in said
    assert "not covered (plan until 2026-12-10)" in page
    assert page.count("(plan until 2026-12-10) (plan") == 0


def test_what_was_not_read_is_never_called_settled(sample: Result) -> None:
    unread = Unread("charts/old/Chart.yaml", "did not render", True, "openai", 3)
    covered = tuple(a for a in sample.analysis.assessments if a.verdict.value == "covered")
    analysis = replace(sample.analysis, unread=(unread,), assessments=covered)
    page = report_html.render(replace(sample, analysis=analysis, findings=(), gaps=("no helm",)))
    assert "Not everything could be read, so nothing is settled" in page
    said = text_of(page, "unread")
    assert "no helm" in said
    assert "charts/old/Chart.yaml:3 did not render openai" in said


def test_it_holds_all_it_needs_and_allows_nothing_else(sample: Result) -> None:
    page = report_html.render(sample)
    policy = page.partition('Content-Security-Policy" content="')[2].partition('"')[0]
    assert policy.startswith("default-src &#x27;none&#x27;;")
    assert "unsafe" not in policy
    inline = re.findall(r"<script>(.*?)</script>|<style>(.*?)</style>", page, re.DOTALL)
    assert len(inline) == 4
    for script, style in inline:
        digest = hashlib.sha256((script or style).encode()).digest()
        assert base64.b64encode(digest).decode() in policy
    assert not re.search(r"<(img|iframe|object|embed|base|form action)", page)
    assert not re.search(r'\s(src|style|on\w+)="', page)
    assert sample.inputs.names.masked(page) == page
    assert "Permission is hereby granted" in page  # the library's licence


def test_texts_attributes_and_data_cannot_become_markup() -> None:
    assert el("p", "<b>&\"'", title="\"'><x>") == (
        '<p title="&quot;&#x27;&gt;&lt;x&gt;">&lt;b&gt;&amp;&quot;&#x27;</p>'
    )
    assert el("p", "a\u202eb\x00") == "<p>a\\u202eb\\u0000</p>"
    made = data("d", [{"n": "</script><!--\u2028&"}])
    inner = made.partition(">")[2].rpartition("</script>")[0]
    assert "<" not in inner
    assert json.loads(inner) == [{"n": "</script><!--\\u2028&"}]


def test_the_commit_and_what_differs_from_it(sample: Result, tmp_path: Path) -> None:
    assert "no commit" in report_html.render(replace(sample, root=tmp_path))
    assert "in no git repository" in text_of(
        report_html.render(replace(sample, root=tmp_path)), "made"
    )
    git = ["git", "-C", str(tmp_path), "-c", "user.name=t", "-c", "user.email=t@clinic.example"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    (tmp_path / "new.tf").write_text("", encoding="utf-8")
    page = report_html.render(replace(sample, root=tmp_path))
    done = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    assert f"commit {done.stdout[:12]}, with changes" in page
    made = text_of(page, "made")
    assert done.stdout.strip() in made
    assert "yes: 0 changed and 1 new below the folder" in made
