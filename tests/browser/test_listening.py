"""Search, click, hear: what a reporter does, in a real browser on a really served portal."""

from __future__ import annotations

import hashlib
import shlex
import zipfile

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import sound
from tests.browser.house import DOUBT, Portal

pytestmark = [pytest.mark.browser, pytest.mark.model]
NEAR_S = 0.3
SETTLED_MS = 2_000
AUDIBLE = 0.01  # of full scale; the clip's speech is ten times louder
COPIED = "() => navigator.clipboard.readText()"


def asked(page: Page, portal: Portal, query: str) -> None:
    """Types a query into the search box and waits for its answer."""
    page.goto(portal.url)
    box = page.get_by_role("searchbox", name="Search what was said")
    box.fill(query)
    box.press("Enter")
    expect(page.locator(".play").first).to_be_visible()


def test_a_click_on_a_hit_plays_the_word_and_it_sounds(portal: Portal, page: Page) -> None:
    asked(page, portal, '"your country"')
    expect(page.get_by_role("heading", name="2 moments in 1 recording")).to_be_visible()
    began = sound.begun_by(page, lambda: page.locator(".play").first.click())
    assert abs(began - portal.start_of("your")) < NEAR_S
    assert sound.playing(page)
    assert sound.loudness(page) > AUDIBLE
    expect(page.locator(".dock .w.now")).to_have_count(1)


def test_a_film_plays_in_the_dock_with_its_picture(portal: Portal, page: Page) -> None:
    asked(page, portal, "negotiations")
    sound.begun_by(page, lambda: page.locator(".play").first.click())
    assert sound.media(page).evaluate("(m) => m.videoWidth") > 0
    assert sound.loudness(page) > AUDIBLE


def test_an_interpreters_hit_sounds_in_the_interpreters_voice_there_and_on_its_page(portal: Portal, page: Page) -> None:
    asked(page, portal, "unfettered")
    expect(page.locator(".m .badge", has_text="interpreter")).to_be_visible()
    began = sound.begun_by(page, lambda: page.locator(".play").first.click())
    assert abs(began - 4.0) < NEAR_S
    voice = f"/av/{portal.persian}?layer=en"
    assert sound.media(page).evaluate("(m) => m.currentSrc").endswith(voice)
    page.get_by_role("link", name="Open transcript").first.click()
    expect(page.locator(".read .w", has_text="unfettered")).to_be_visible()
    assert sound.media(page).evaluate("(m) => m.currentSrc").endswith(voice)


def test_the_page_says_at_a_doubted_passage_why(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/?recording={portal.persian}")
    turn = page.locator(".turn").first
    expect(turn.get_by_text("low certainty")).to_be_visible()
    expect(turn.get_by_text(DOUBT)).to_be_visible()


def test_sound_that_does_not_arrive_is_said_and_can_be_asked_for_again(portal: Portal, page: Page) -> None:
    page.route("**/av/*", lambda route: route.fulfill(status=404))
    asked(page, portal, "negotiations")
    page.locator(".play").first.click()
    expect(page.get_by_text("The sound did not arrive")).to_be_visible()
    page.unroute("**/av/*")
    began = sound.begun_by(page, page.locator(".dock").get_by_role("button", name="Play").click)
    assert began > 1, "from the word, not from the beginning"
    page.route("**/av/*", lambda route: route.fulfill(status=404))
    page.goto(f"{portal.url}/?recording={portal.kennedy}")
    expect(page.get_by_text("The sound did not arrive")).to_be_visible()


def test_each_hit_of_a_passage_can_be_played(portal: Portal, page: Page) -> None:
    asked(page, portal, "country")
    expect(page.locator(".play")).to_have_count(1)
    second = page.locator(".hit").nth(1)
    assert abs(sound.begun_by(page, second.click) - portal.start_of("country", 1)) < NEAR_S
    first = page.get_by_role("button", name="country", exact=True)
    assert abs(sound.begun_by(page, lambda: first.press("Enter")) - portal.start_of("country")) < NEAR_S


def test_keys_pause_and_step_from_moment_to_moment(portal: Portal, page: Page) -> None:
    asked(page, portal, "country OR negotiations")
    hits = page.locator(".hit")
    expect(hits).to_have_count(3)
    for place in range(3):
        page.keyboard.press("j")
        expect(hits.nth(place)).to_have_class("hit at")
        sound.wait_until(page, "!m.paused")
    page.keyboard.press("Space")
    sound.wait_until(page, "m.paused")
    page.keyboard.press("k")
    expect(hits.nth(1)).to_have_class("hit at")
    expect(page.locator(".m.on")).to_have_count(1)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_link_copies_an_address_that_opens_on_the_words(portal: Portal, page: Page) -> None:
    asked(page, portal, '"ask not"')
    page.get_by_role("button", name="Link", exact=True).first.click()
    expect(page.get_by_role("status")).to_contain_text("Link copied")
    start = portal.start_of("ask")
    assert page.evaluate(COPIED).startswith(f"{portal.url}/?recording={portal.kennedy}&t={start:g},")


def test_a_deep_link_plays_from_its_word_to_the_end_of_the_range_and_stops(portal: Portal, page: Page) -> None:
    start, end = portal.start_of("ask", 1), portal.start_of("can", 1)
    page.goto(f"{portal.url}/?recording={portal.kennedy}&t={start},{end}")
    sound.wait_until(page, "!m.paused")
    assert start - 0.05 <= sound.now(page) < start + NEAR_S
    expect(page.locator("mark").first).to_contain_text("ask what you")
    sound.wait_until(page, "m.paused")
    assert end <= sound.now(page) < end + NEAR_S
    expect(page.locator(".w.now")).to_have_text("you")  # and not "can", which begins where the range ends


def test_a_link_into_a_film_shows_its_title_its_picture_and_the_words(portal: Portal, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 640})
    page.goto(f"{portal.url}/?recording={portal.film}&t=8,9")
    expect(page.locator(".w.now")).to_be_in_viewport()
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport(ratio=1)
    expect(sound.media(page)).to_be_in_viewport(ratio=1)
    word, deck = page.locator(".w.now").bounding_box(), page.locator(".deck").bounding_box()
    assert word
    assert deck
    assert word["y"] >= deck["y"] + deck["height"]


def test_where_a_page_may_not_play_unasked_a_button_plays_just_that(portal: Portal, strict_page: Page) -> None:
    start, end = portal.start_of("ask", 1), portal.start_of("can", 1)
    with strict_page.expect_response("**/av/*"):  # to look at the page, as `expect` does, would count as touching it
        strict_page.goto(f"{portal.url}/?recording={portal.kennedy}&t={start},{end}")
    strict_page.wait_for_timeout(SETTLED_MS)
    button = strict_page.get_by_role("button", name="Play 0:08 to 0:0")
    expect(button).to_be_visible()
    assert not sound.playing(strict_page)
    began = sound.begun_by(strict_page, button.click)
    assert abs(began - start) < NEAR_S
    expect(button).to_be_hidden()
    sound.wait_until(strict_page, "m.paused")
    assert end <= sound.now(strict_page) < end + NEAR_S


def test_a_click_on_a_word_plays_it_and_the_spoken_word_is_followed(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/?recording={portal.kennedy}")
    word = page.locator(".w", has_text="Americans")
    began = sound.begun_by(page, word.click)
    assert abs(began - portal.start_of("americans")) < NEAR_S
    sound.wait_until(page, f"m.currentTime > {portal.start_of('not') + 0.1}")
    page.keyboard.press("Space")
    at = sound.now(page)
    spoken = [text for text, start, _ in portal.times if start <= at + 0.02][-1]
    expect(page.locator(".w.now")).to_have_text(spoken)


def test_selected_words_can_be_played_and_linked(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/?recording={portal.kennedy}")
    first, last = page.locator(".w", has_text="fellow"), page.locator(".w", has_text="Americans")
    box, end = first.bounding_box(), last.bounding_box()
    assert box
    assert end
    page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] - 2, end["y"] + end["height"] / 2, steps=5)
    page.mouse.up()
    page.get_by_role("toolbar", name="Selected words").get_by_role("button", name="Copy link").click()
    start = portal.start_of("fellow")
    end_s = next(e for text, _, e in portal.times if text.startswith("Americans"))
    assert page.evaluate(COPIED) == f"{portal.url}/?recording={portal.kennedy}&t={start:g},{end_s:g}"


def test_a_quote_is_copied_with_its_source_and_what_proves_it(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/?recording={portal.persian}")
    page.locator(".w").first.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.get_by_role("toolbar", name="Selected words").get_by_role("button", name="Copy quote").click()
    said, source, link, proof, doubt = page.evaluate(COPIED).strip().split("\n")
    assert said == "«تمام افراد»"
    assert source == "unnamed voice 1, اعلامیهٔ جهانی حقوق بشر, 2018, 0:00 to 0:01"
    assert link == f"{portal.url}/?recording={portal.persian}&t=0.5,1.2"
    assert proof.startswith(f"Imported transcript, version 1; SHA-256 of the recording: {portal.persian}")
    assert doubt == "Heard with low certainty: listen before you quote."


def test_the_command_that_corrects_selected_words_is_copied(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/?recording={portal.persian}")
    page.locator(".w").first.focus()
    page.keyboard.press("Shift+ArrowLeft")
    correct = page.get_by_role("toolbar", name="Selected words").get_by_role("button", name="Correct")
    correct.click()
    expect(page.get_by_role("status")).to_contain_text("Command copied")
    assert page.evaluate(COPIED) == f"onrecord correct {portal.persian} --of 1 --t 0.5,1.2 'تمام افراد' --by NAME"


def test_no_word_leaves_the_quotes_of_the_command(portal: Portal, page: Page) -> None:
    def answer(route: Route) -> None:
        told = route.fetch().json()
        told["segments"][0]["words"][0][0] = "it's $(id) `id` \x1b[31m\n\u202e"
        route.fulfill(json=told)

    page.route("**/transcript.json*", answer)
    page.goto(f"{portal.url}/?recording={portal.persian}")
    page.locator(".w").first.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.get_by_role("toolbar", name="Selected words").get_by_role("button", name="Correct").click()
    expect(page.get_by_role("status")).to_contain_text("Command copied")
    words = shlex.split(page.evaluate(COPIED))
    assert words[5:] == ["--t", "0.5,1.2", "it's $(id) `id`  [31m   افراد", "--by", "NAME"]


def test_a_clip_of_selected_words_is_saved_with_what_proves_it(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/?recording={portal.persian}")
    page.locator(".w").first.focus()
    page.keyboard.press("Shift+ArrowLeft")
    with page.expect_download() as saving:
        page.get_by_role("toolbar", name="Selected words").get_by_role("button", name="Save clip").click()
    expect(page.get_by_role("status")).to_contain_text("Clip saved")
    assert saving.value.suggested_filename == f"{portal.persian}-0.5-1.2.zip"
    with zipfile.ZipFile(saving.value.path()) as packed:
        sound, text = packed.namelist()
        proof = packed.read(text).decode()
        assert "«تمام افراد»" in proof
        assert proof.endswith(f"SHA-256 of the clip: {hashlib.sha256(packed.read(sound)).hexdigest()}\n")


def test_the_words_of_a_link_can_be_saved_without_selecting_them(portal: Portal, page: Page) -> None:
    start, end = portal.start_of("ask", 1), portal.start_of("can", 1)
    page.goto(f"{portal.url}/?recording={portal.kennedy}&t={start},{end}")
    linked = page.get_by_role("group", name="The words of this link")
    with page.expect_download() as saving:
        linked.get_by_role("button", name="Save clip").click()
    with zipfile.ZipFile(saving.value.path()) as packed:
        assert "“ask what you”" in packed.read(packed.namelist()[1]).decode()
    linked.get_by_role("button", name="Copy link").click()
    assert page.evaluate(COPIED).startswith(f"{portal.url}/?recording={portal.kennedy}&t={start:g},")


def test_a_clip_that_is_not_cut_says_why(portal: Portal, page: Page) -> None:
    problem = {"detail": "2 clips are being cut, which is as many as at once", "mend": "try again in a moment"}
    page.route("**/clip.zip*", lambda route: route.fulfill(status=503, json=problem))
    page.goto(f"{portal.url}/?recording={portal.kennedy}&t=1,3")
    page.get_by_role("group", name="The words of this link").get_by_role("button", name="Save clip").click()
    expect(page.get_by_role("status")).to_contain_text("as many as at once; try again in a moment")


def test_arrow_keys_walk_the_words_and_shift_selects_them(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/?recording={portal.kennedy}")
    page.locator(".w").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".w:focus")).to_have_attribute("data-i", "2")
    expect(page.locator(".w[tabindex]")).to_have_count(1)
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_role("toolbar", name="Selected words")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("toolbar", name="Selected words")).to_be_hidden()


def test_hits_of_the_query_are_marked_in_the_transcript_and_on_the_scrubber(portal: Portal, page: Page) -> None:
    page.goto(f"{portal.url}/?recording={portal.kennedy}&q=country")
    expect(page.locator(".read mark")).to_have_count(2)
    expect(page.locator(".scrub b")).to_have_count(2)
    began = sound.begun_by(page, lambda: page.keyboard.press("j"))
    assert abs(began - portal.start_of("country")) < NEAR_S
