"""The page's shell: what a messenger or a crawler reads before any of the page's code runs."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from portal.routes.shell import ASSETS, THEME

if TYPE_CHECKING:
    from archive.models import Recording
    from tests.portal.conftest import Shelf


class Head(HTMLParser):
    """The title, the meta values by name and the elements of a page, as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.title = ""
        self.meta: dict[str, str] = {}
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        self._open = tag
        if tag == "meta" and (name := given.get("name") or given.get("property")):
            assert name not in self.meta
            self.meta[name] = given["content"]

    def handle_data(self, data: str) -> None:
        if self._open == "title":
            self.title += data
            self._open = ""


def shown(client: TestClient, **parameters: str) -> Head:
    answer = client.get("/", params=parameters)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    return Head(answer.text)


def test_the_start_page_has_our_name_language_and_icon(client: TestClient, kept: Recording) -> None:
    head = shown(client)
    assert head.title == "Onrecord"
    assert ("html", {"lang": "en", "dir": "ltr"}) in head.tags
    assert [given["href"] for tag, given in head.tags if given.get("rel") == "icon"] == ["/assets/icon.svg"]
    assert head.meta["description"]
    assert ("div", {"id": "root"}) in head.tags


def test_nothing_of_streamlits_own_face_is_left(client: TestClient, kept: Recording) -> None:
    text = client.get("/").text
    page = text.partition("<!DOCTYPE")[2]
    assert "<title>Streamlit" not in page
    assert "agent" not in page
    assert "favicon" not in page


def test_the_page_has_its_colours_and_its_bar_before_any_code_runs(client: TestClient, kept: Recording) -> None:
    text = client.get("/", params={"q": "حقوق بشر", "view": "events"}).text
    head, _, body = text.partition("</head>")
    assert "color-scheme:light dark" in head
    assert "--paper:light-dark(" in head
    bar = [given for _, given in Head(body.partition('<div id="root">')[0]).tags]
    assert {"role": "search", "action": "/", "class": "q"} in bar
    assert [given["value"] for given in bar if given.get("name") == "q"] == ["حقوق بشر"]
    assert {"href": "/?view=events", "aria-current": "page"} in bar


def test_an_address_of_many_parameters_has_a_page(client: TestClient, kept: Recording) -> None:
    assert client.get("/?" + "&".join(f"a{n}=1" for n in range(1000))).status_code == 200


def test_a_query_names_its_page(client: TestClient, kept: Recording) -> None:
    head = shown(client, q="حقوق بشر")
    assert head.title == "حقوق بشر · Onrecord"
    assert head.meta["og:title"] == head.title
    assert head.meta["og:url"] == "http://testserver/?q=%D8%AD%D9%82%D9%88%D9%82+%D8%A8%D8%B4%D8%B1"


def test_a_link_to_a_moment_shows_the_words_said_there(client: TestClient, kept: Recording) -> None:
    head = shown(client, recording=kept.id, t="2.5,3.4")
    assert head.title == "Inaugural address · Onrecord"
    assert head.meta["og:description"].startswith("“your country”")
    assert "John F. Kennedy, 20 January 1961, Washington, DC" in head.meta["og:description"]
    assert head.meta["og:audio"] == f"http://testserver/av/{kept.id}"
    assert head.meta["og:audio:type"] == "audio/wav"
    assert head.meta["og:url"] == f"http://testserver/?recording={kept.id}&t=2.5,3.4"


def test_a_link_to_a_recording_shows_who_spoke_where(client: TestClient, kept: Recording) -> None:
    head = shown(client, recording=kept.id)
    assert head.meta["description"].startswith("Inaugural address (John F. Kennedy, 20 January 1961, Washington, DC).")


@pytest.mark.parametrize("times", ["NaN", "-1", "1e309", "99999", "5,2", "<b>", "\0", "7" * 3000])
def test_any_time_in_a_link_shows_a_page(client: TestClient, kept: Recording, times: str) -> None:
    assert shown(client, recording=kept.id, t=times).title == "Inaugural address · Onrecord"


@pytest.mark.parametrize("identifier", ["0123456789abcdef", "..", "../../etc/passwd", "\0", "<script>", "x" * 5000])
def test_a_link_to_nothing_shows_the_start(client: TestClient, kept: Recording, identifier: str) -> None:
    assert shown(client, recording=identifier).title == "Onrecord"


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def test_hostile_text_stays_text(client: TestClient, shelf: Shelf) -> None:
    kept = shelf.add(HOSTILE, HOSTILE)
    harmless = {tag for tag, _ in shown(client).tags}
    for head in (shown(client, q=HOSTILE), shown(client, recording=kept.id, t="0,60")):
        assert {tag for tag, _ in head.tags} == harmless
        assert HOSTILE in head.title
        assert HOSTILE in head.meta["og:title"]


def test_a_hostile_host_name_stays_inside_its_value(client: TestClient, kept: Recording) -> None:
    answer = client.get("/", headers={"Host": 'x"><script>alert(1)</script>'})
    assert answer.status_code in (200, 400)
    assert "<script>alert(1)" not in answer.text


def test_direction_overrides_are_shown_instead_of_obeyed(client: TestClient, kept: Recording) -> None:
    assert shown(client, q="abc\u202edef").title == "abc␣U+202Edef · Onrecord"


def test_a_title_without_end_is_cut(client: TestClient, kept: Recording) -> None:
    head = shown(client, q="word " * 500)
    assert len(head.title) < 150
    assert len(head.meta["og:description"]) <= 300


def test_the_page_asks_nothing_of_other_servers(client: TestClient, kept: Recording) -> None:
    for tag, given in shown(client, recording=kept.id).tags:
        for name in ("src", "href"):
            outside = re.match(r"[a-z]+:|//", given.get(name, "")) and given.get("rel") != "canonical"
            assert not outside, (tag, given)


def test_without_an_archive_there_is_still_a_page(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal import state

    monkeypatch.setenv("ONRECORD_ARCHIVE", "nowhere")
    state.close()
    assert shown(client, recording="0123456789abcdef").title == "Onrecord"


def test_fonts_and_icons_come_by_their_names_alone(client: TestClient, kept: Recording) -> None:
    assert {"icon.svg"} < ASSETS.keys()
    for name, path in ASSETS.items():
        answer = client.get(f"/assets/{name}")
        assert (answer.status_code, answer.content) == (200, path.read_bytes())
        assert "max-age" in answer.headers["cache-control"]
    fonts = [name for name in ASSETS if name.endswith(".woff2")]
    assert fonts
    assert client.get(f"/assets/{fonts[0]}").headers["content-type"] == "font/woff2"
    assert "immutable" in client.get(f"/assets/{fonts[0]}").headers["cache-control"]


@pytest.mark.parametrize(
    "name",
    ["..%2fui.py", "%2e%2e", "fonts", "fonts/OFL-vazirmatn.txt", "OFL-vazirmatn.txt", "__init__.py", "", "ICON.SVG"],
)
def test_what_is_no_asset_is_not_there(client: TestClient, kept: Recording, name: str) -> None:
    assert THEME.is_dir()
    assert client.get(f"/assets/{name}", follow_redirects=False).status_code == 404


def test_crawlers_are_told_what_to_leave(client: TestClient, kept: Recording) -> None:
    answer = client.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "Disallow: /api/" in answer.text
