"""Addresses: each place has one, the browser's own buttons work, filters stand in it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import Portal

pytestmark = [pytest.mark.browser, pytest.mark.model]


def test_back_forward_and_reload_return_to_what_was_seen(portal: Portal, page: Page) -> None:
    page.goto(portal.url)
    expect(page).to_have_title("Onrecord")
    entries = page.evaluate("() => history.length")
    page.get_by_role("searchbox").fill('"your country"')
    page.get_by_role("searchbox").press("Enter")
    expect(page).to_have_title("“your country” · Onrecord")
    page.get_by_role("link", name="Open transcript").first.click()
    expect(page).to_have_title(re.compile("Kennedy.*1961.*Onrecord"))
    assert page.evaluate("() => history.length") == entries + 2  # one step for each place
    page.go_back()
    expect(page.locator(".play").first).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value('"your country"')
    page.go_back()
    expect(page.get_by_role("heading", name="Find any sentence")).to_be_visible()
    page.go_forward()
    expect(page.locator(".play").first).to_be_visible()
    page.reload()
    expect(page.locator(".play").first).to_be_visible()
    expect(page).to_have_title("“your country” · Onrecord")


def test_back_and_reload_return_to_the_place_on_the_page(portal: Portal, page: Page) -> None:
    top = "() => document.querySelector('[data-testid=stMain]').scrollTop"
    page.set_viewport_size({"width": 600, "height": 400})
    page.goto(portal.url)
    last = page.locator(".tile").last
    last.scroll_into_view_if_needed()
    before = page.evaluate(top)
    assert before > 200
    last.click()
    expect(page.locator(".start")).to_have_count(0)
    expect(page.locator(".events, .w").first).to_be_visible()
    assert page.evaluate(top) != before
    page.go_back()
    page.wait_for_function(f"() => document.querySelector('[data-testid=stMain]')?.scrollTop === {before}")
    page.reload()
    page.wait_for_function(f"() => document.querySelector('[data-testid=stMain]')?.scrollTop === {before}")


def test_facets_narrow_the_answer_and_stand_in_the_address(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/?q=country+OR+negotiations")
    expect(page.get_by_role("heading", name="3 moments in 2 recordings")).to_be_visible()
    page.get_by_role("link", name=re.compile("Barack Obama")).click()
    expect(page.get_by_role("heading", name="1 moment in 1 recording")).to_be_visible()
    assert "speaker=" in page.url
    page.get_by_role("link", name="Remove the filter Barack Obama").click()
    expect(page.get_by_role("heading", name="3 moments in 2 recordings")).to_be_visible()
    page.get_by_role("link", name=re.compile("^1960–1969|^1961")).click()
    expect(page.get_by_role("heading", name="2 moments in 1 recording")).to_be_visible()
    assert "year=196" in page.url


def test_a_persian_query_comes_through_the_address_unharmed(portal: Portal, page: Page) -> None:
    page.goto(portal.url)
    page.get_by_role("searchbox").fill("حقوق بشر")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("mark").first).to_be_visible()
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("حقوق بشر")


def test_a_query_that_cannot_be_read_is_pointed_into(portal: Portal, page: Page) -> None:
    page.goto(f'{portal.url}/?q=ask "not')
    expect(page.get_by_role("heading", name="This query cannot be read")).to_be_visible()
    expect(page.locator(".asked mark")).to_have_text('"')


def test_an_unknown_recording_is_said_to_be_unknown(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/?recording=0123456789abcdef&t=NaN,1e309")
    expect(page.get_by_role("heading", name="There is no such recording here")).to_be_visible()


def test_events_lead_to_their_recordings(portal: Portal, page: Page) -> None:
    page.goto(portal.url)
    page.get_by_role("navigation", name="Places").get_by_role("link", name="Events").click()
    expect(page).to_have_title("Events · Onrecord")
    expect(page.locator(".events")).to_be_visible()
    page.get_by_role("link", name=re.compile("Kennedy")).click()
    expect(page.locator(".w").first).to_be_visible()
