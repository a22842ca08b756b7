"""Explore in a real browser: from words typed to counts, from a figure to its moments, from a line to its sound."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import sound
from tests.browser.house import Portal

pytestmark = [pytest.mark.browser, pytest.mark.model]
NEAR_S = 0.3
MIDDLE = "(e) => { const box = e.getBoundingClientRect(); return (box.left + box.right) / 2; }"


def compared(page: Page, portal: Portal, line: str) -> None:
    """Types several queries into the box of the explore page and waits for their counts."""
    page.goto(f"{portal.url}/?view=explore")
    expect(page.locator(".term")).to_be_visible()  # whose box came with the page has given way by then
    box = page.get_by_role("searchbox", name="Compare words, with commas between")
    box.fill(line)
    box.press("Enter")
    expect(page.get_by_role("heading", name="How often it was said")).to_be_visible()


def test_words_typed_there_are_compared_and_a_figure_leads_to_its_moments(portal: Portal, page: Page) -> None:
    compared(page, portal, "country, negotiations")
    assert "view=explore" in page.url
    table = page.get_by_role("region", name="By speaker")
    expect(table.get_by_role("columnheader")).to_have_text(["Speaker", "“country”", "“negotiations”", "Words"])
    row = table.get_by_role("row", name="John F. Kennedy")
    expect(row.get_by_text("few")).to_be_visible()
    row.get_by_role("link").nth(1).click()
    expect(page.get_by_role("heading", name="2 moments in 1 recording")).to_be_visible()
    page.get_by_role("link", name="How often, by year and speaker").click()
    expect(page.get_by_role("heading", name="“country”")).to_be_visible()
    assert "speaker=john-f-kennedy" in page.url
    box = page.get_by_role("searchbox")
    box.fill("you")
    box.press("Enter")
    expect(page.get_by_role("heading", name="“you”")).to_be_visible()
    assert "speaker=john-f-kennedy" in page.url, "the next query is asked under the same filters"


def test_a_line_plays_from_its_hit_and_stays_where_it_is(portal: Portal, page: Page) -> None:
    compared(page, portal, "country")
    second = page.locator(".line").nth(1)
    began = sound.begun_by(page, second.get_by_role("button").click)
    assert abs(began - portal.start_of("country", 1)) < NEAR_S
    assert sound.playing(page)
    expect(page.locator(".line.on")).to_have_count(1)
    expect(page.locator(".dock .w.now")).to_have_count(1)


def test_hits_stand_below_each_other_and_what_was_said_before_where_a_reader_comes_from(
    portal: Portal, page: Page
) -> None:
    compared(page, portal, "country OR حقوق OR negotiations")
    expect(page.locator(".line").nth(2)).to_be_visible()
    middles = [mark.evaluate(MIDDLE) for mark in page.locator(".line mark").all()]
    assert max(middles) - min(middles) < 2
    english, persian = page.locator(".kwic:lang(en)").first, page.locator(".kwic:lang(fa)").first
    for line, from_left in ((english, True), (persian, False)):
        before, after = (line.locator(f".{side} > span").evaluate(MIDDLE) for side in ("before", "after"))
        assert (before < after) is from_left


def test_another_order_of_the_lines_leaves_the_figures_where_they_are(portal: Portal, page: Page) -> None:
    compared(page, portal, "country")
    figures = page.locator(".terms").element_handle()
    page.get_by_role("link", name="By the word after").click()
    expect(page.locator("nav[aria-label=Order] [aria-current]")).to_have_text("By the word after")
    assert figures.evaluate("(e) => e.isConnected")
    page.go_back()
    expect(page.locator("nav[aria-label=Order] [aria-current]")).to_have_text("In order of time")


def test_a_rare_word_is_given_its_own_scale(portal: Portal, page: Page) -> None:
    compared(page, portal, "you, negotiations")
    button = page.get_by_role("button", name="Each chart on its own scale")
    rare = page.locator(".term").nth(1).locator(".bars")
    tallest = "(e) => Math.max(...[...e.querySelectorAll('i')].map((i) => i.offsetHeight))"
    shared = rare.evaluate(tallest)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert rare.evaluate(tallest) > shared
