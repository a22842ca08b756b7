"""What the pages look like: on a phone, right to left, in light and dark, to a screen reader, under attack."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, WebSocketRoute, expect

from tests.browser.house import DESK, HOSTILE, HOSTILE_SPEAKER, HOSTILE_TITLE, PHONE, Portal

pytestmark = [pytest.mark.browser, pytest.mark.model]

VIEWS = ("start", "search", "empty", "events", "explore", "words", "desk", "recording", "persian", "unreadable")
TOO_WIDE = "() => document.documentElement.scrollWidth > innerWidth"
PWNED = "() => 'pwned' in window"

Tab = Callable[..., Page]


@pytest.fixture(scope="module")
def tab(chromium: Browser) -> Iterator[Tab]:
    """Opens a tab on a kind of screen; as a reader's do, those of one kind share what was fetched and compiled."""
    contexts: dict[str, BrowserContext] = {}

    def new(**screen: Any) -> Page:
        kind = repr(screen)
        if kind not in contexts:
            contexts[kind] = chromium.new_context(**screen)
        return contexts[kind].new_page()

    yield new
    for context in contexts.values():
        context.close()


def opened(page: Page, portal: Portal, view: str) -> None:
    """Opens a view and waits until it is drawn."""
    address, sign = {
        "start": ("/", ".start"),
        "search": ("/?q=country+OR+negotiations+OR+حقوق", ".play"),
        "empty": ("/?q=xyzzy", ".none"),
        "events": ("/?view=events", ".events"),
        "explore": ("/?view=explore&q=country,+negotiations,+حقوق&term=3", ".line .play"),
        "words": ("/?view=explore", ".term"),
        "desk": ("/?view=desk", ".desk"),
        "recording": (f"/?recording={portal.film}&q=negotiations", ".w"),
        "persian": (f"/?recording={portal.persian}&t=0.5,1.6", ".w"),
        "unreadable": ('/?q="', ".problem"),
    }[view]
    page.goto(portal.url + address)
    expect(page.locator(sign).first).to_be_visible()


def grave(page: Page) -> list[tuple[str, list[str]]]:
    """The serious violations that axe finds on a page, with the elements that have them."""
    return [
        (violation["id"], [node["target"] for node in violation["nodes"]])
        for violation in Axe().run(page)["violations"]
        if violation["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_wider_than_a_phone(portal: Portal, tab: Tab, view: str) -> None:
    page = tab(viewport=PHONE, is_mobile=True, has_touch=True)
    opened(page, portal, view)
    assert not page.evaluate(TOO_WIDE)
    page.close()


def test_the_smallest_phone_holds_the_bar_with_a_query_in_it(portal: Portal, chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 640}, is_mobile=True, has_touch=True)
    opened(page, portal, "search")
    form = page.get_by_role("search").bounding_box()
    assert form
    assert form["x"] + form["width"] <= 320
    page.close()


def test_a_tablet_leaves_the_words_of_a_hit_room(portal: Portal, chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 768, "height": 1024}, is_mobile=True, has_touch=True)
    opened(page, portal, "search")
    words, hits = page.locator(".txt").first.bounding_box(), page.locator(".rec").first.bounding_box()
    assert words
    assert hits
    assert words["width"] > hits["width"] * 0.8
    page.close()


def test_all_lines_of_a_tile_begin_where_its_title_does(portal: Portal, page: Page) -> None:
    page.goto(portal.url)
    page.locator(".tile .title").first.evaluate("(title) => { title.textContent = 'همایش ۱۴۰۳'; }")
    tile = page.locator(".tile").first
    starts = tile.evaluate("(t) => [...t.children].map((line) => getComputedStyle(line).direction)")
    assert set(starts) == {"rtl"}
    assert all(tile.locator(".meta").evaluate_all("(lines) => lines.map((line) => line.querySelector('bdi') !== null)"))
    expect(page.locator(".tile").nth(1)).to_have_css("direction", "ltr")


def test_a_phone_shows_the_whole_place_of_a_recording(portal: Portal, tab: Tab) -> None:
    page = tab(viewport=PHONE, is_mobile=True, has_touch=True)
    opened(page, portal, "recording")
    cut = page.locator(".top .meta").evaluate("(p) => p.scrollWidth > p.clientWidth || p.scrollHeight > p.clientHeight")
    assert not cut
    expect(page.get_by_text("East Room of the White House, Washington, DC")).to_be_visible()
    page.close()


def test_a_doubted_passage_has_its_time_on_one_line_on_a_phone(portal: Portal, chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 700}, is_mobile=True, has_touch=True)
    opened(page, portal, "persian")
    page.locator(".turn .why").first.evaluate("(why) => { why.textContent += '; many words are uncertain'; }")
    lines = page.locator(".turn .when").first.evaluate(
        """(when) => {
          const range = document.createRange();
          range.selectNodeContents(when);
          return range.getClientRects().length;
        }"""
    )
    assert lines == 1
    page.close()


def test_filters_fold_into_one_button_on_a_phone(portal: Portal, tab: Tab) -> None:
    page = tab(viewport=PHONE, is_mobile=True, has_touch=True)
    opened(page, portal, "search")
    facet = page.get_by_role("link", name="John F. Kennedy")
    expect(facet).to_be_hidden()
    page.get_by_text("Filters").click()
    expect(facet).to_be_visible()
    page.close()


def test_right_to_left_mirrors_text_and_keys_but_not_the_timeline(portal: Portal, page: Page) -> None:
    opened(page, portal, "persian")
    assert page.locator(".turn p").first.evaluate("(p) => getComputedStyle(p).direction") == "rtl"
    first, second = page.locator(".w").nth(0).bounding_box(), page.locator(".w").nth(1).bounding_box()
    assert first
    assert second
    assert first["x"] > second["x"]
    page.locator(".w").first.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".w:focus")).to_have_attribute("data-i", "1")
    assert page.locator(".scrub").evaluate("(s) => getComputedStyle(s).direction") == "ltr"
    assert page.locator(".w").first.evaluate("(w) => document.fonts.check('19px Vazirmatn', w.textContent)")


def test_the_buttons_over_selected_words_stay_at_their_beginning_right_to_left(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/?recording={portal.persian}")
    words = page.locator(".read .w")
    words.nth(0).focus()
    page.keyboard.press("Shift+ArrowLeft")
    buttons = page.get_by_role("toolbar", name="Selected words")
    expect(buttons).to_be_visible()
    first, shown = words.nth(0).bounding_box(), buttons.bounding_box()
    assert first
    assert shown
    assert abs(first["x"] + first["width"] - shown["x"] - shown["width"]) < 2


def test_what_stands_behind_a_persian_query_stays_behind_it(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/?recording={portal.persian}&q=حقوق")
    back = page.get_by_role("link", name="All moments for")
    expect(back).to_have_text("← All moments for «حقوق»; 1 of them here")
    ends = back.evaluate(
        """(a) => [a.querySelector("bdi"), a.lastChild].map((node) => {
          const range = document.createRange();
          range.selectNodeContents(node);
          return range.getBoundingClientRect().right;
        })"""
    )
    assert ends[0] < ends[1]


def test_a_count_of_doubts_reads_in_order_in_a_persian_list(portal: Portal, page: Page) -> None:
    page.goto(portal.url + "/?view=events")
    expect(page.locator(".list li").first).to_be_visible()
    page.locator(".list li").first.evaluate(
        "(li) => { li.dir = 'rtl'; li.insertAdjacentHTML('beforeend', '<span class=\"badge\">1 to check</span>'); }"
    )
    badge = page.locator(".list .badge", has_text="1 to check").first
    edges = badge.evaluate(
        """(b) => [[0, 1], [2, 10]].map(([from, to]) => {
          const range = document.createRange();
          range.setStart(b.firstChild, from);
          range.setEnd(b.firstChild, to);
          return range.getBoundingClientRect().left;
        })"""
    )
    assert edges[0] < edges[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_no_serious_violation(portal: Portal, tab: Tab, view: str, scheme: Literal["light", "dark"]) -> None:
    page = tab(viewport=DESK, color_scheme=scheme, reduced_motion="reduce")
    opened(page, portal, view)
    if view == "search":
        page.locator(".play").first.click()
        expect(page.locator(".dock")).to_be_visible()
    assert grave(page) == []
    page.close()


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_no_serious_violation_on_a_phone(portal: Portal, tab: Tab, view: str) -> None:
    page = tab(viewport=PHONE, is_mobile=True, has_touch=True, reduced_motion="reduce")
    opened(page, portal, view)
    if view == "search":
        page.get_by_text("Filters").click()
        page.locator(".play").first.click()
        expect(page.locator(".dock")).to_be_visible()
    assert grave(page) == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation_in_what_opens(
    portal: Portal, tab: Tab, scheme: Literal["light", "dark"]
) -> None:
    page = tab(viewport=DESK, color_scheme=scheme, reduced_motion="reduce")
    opened(page, portal, "recording")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert grave(page) == []
    page.keyboard.press("Escape")
    page.locator(".w").first.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_role("toolbar", name="Selected words")).to_be_visible()
    assert grave(page) == []
    page.close()


@pytest.mark.parametrize(("scheme", "paper"), [("light", "rgb(251, 250, 246)"), ("dark", "rgb(19, 21, 25)")])
def test_a_page_without_its_code_has_its_colours_and_a_search_box_that_works(
    portal: Portal, chromium: Browser, scheme: Literal["light", "dark"], paper: str
) -> None:
    page = chromium.new_page(viewport=DESK, color_scheme=scheme)
    page.route("**/static/js/**", lambda route: route.abort())
    page.goto(f"{portal.url}/?q=country")
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == paper
    cold = page.locator("form.q").bounding_box()
    box = page.get_by_role("searchbox")
    box.fill("negotiations")
    page.unroute("**/static/js/**")
    box.press("Enter")
    expect(page.locator(".play").first).to_be_visible()
    assert page.url == f"{portal.url}/?q=negotiations"
    expect(page.locator(".cold")).to_have_count(0)
    assert page.locator("form.q").bounding_box() == cold  # nothing jumps
    page.close()


def test_what_is_typed_while_the_page_loads_is_kept(portal: Portal, page: Page) -> None:
    held: list[Route] = []
    page.route(re.compile(r"/static/js/index\.[^.]+\.js$"), lambda route: held.append(route))
    page.goto(portal.url, wait_until="commit")
    page.get_by_role("searchbox").press_sequentially("negot")
    held[0].continue_()
    expect(page.locator(".cold")).to_have_count(0)
    page.keyboard.type("iations")
    page.keyboard.press("Enter")
    expect(page).to_have_title("“negotiations” · Onrecord")


def test_hostile_words_names_and_titles_stay_text(portal: Portal, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address, sign in (
        ("/?q=only+text+here", ".play"),
        (f"/?recording={portal.hostile}", ".w"),
        ("/?view=events", ".events"),
        ("/", ".start"),
    ):
        page.goto(portal.url + address)
        expect(page.locator(sign).first).to_be_visible()
        assert not page.evaluate(PWNED)
        assert page.locator("img[src='x'], b:text-is('Mallory')").count() == 0
    page.goto(f"{portal.url}/?recording={portal.hostile}")
    expect(page.locator(".w").first).to_have_text(HOSTILE)
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE_TITLE)
    expect(page.locator(".by b").first).to_have_text(HOSTILE_SPEAKER)
    assert [url for url in asked if not url.startswith(portal.url) and url.startswith("http")] == []


@pytest.mark.parametrize("query", [HOSTILE, "<script>window.pwned=1</script>", "![x](https://example.org/x.png)"])
def test_a_hostile_query_stays_text(portal: Portal, page: Page, query: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(portal.url)
    page.get_by_role("searchbox").fill(query)
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".none, .problem, .play").first).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value(query)
    assert not page.evaluate(PWNED)
    assert [url for url in asked if not url.startswith(portal.url) and url.startswith("http")] == []


def test_streamlit_shows_none_of_its_own_chrome(portal: Portal, page: Page) -> None:
    opened(page, portal, "start")
    for part in ("stHeader", "stToolbar", "stDecoration", "stStatusWidget", "stSidebar", "stException"):
        expect(page.get_by_test_id(part)).to_be_hidden()


def test_a_server_that_is_away_is_said_to_readers_and_not_to_who_started_it(portal: Portal, page: Page) -> None:
    sockets: list[WebSocketRoute] = []

    def passed_on(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket(re.compile("_stcore/stream"), passed_on)
    opened(page, portal, "search")
    page.route("**/_stcore/*", lambda route: route.abort())
    sockets[-1].close()
    dialog = page.get_by_test_id("stDialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_text("streamlit run")).to_be_hidden()
    said = dialog.get_by_role("dialog").evaluate(
        "(box) => getComputedStyle(box.querySelector(':scope > div'), '::after').content"
    )
    assert "goes on once it does" in said
    page.unroute("**/_stcore/*")
    expect(dialog).to_be_hidden()
    expect(page.locator(".play").first).to_be_visible()
