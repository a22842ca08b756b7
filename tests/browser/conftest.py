"""A portal served as people serve it, and a browser to look at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browser import house


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[house.Portal]:
    """One archive and one portal for all browser tests, which only read."""
    if not shutil.which("chromium"):
        pytest.skip("no chromium on this machine")
    with house.standing(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="module")
def playwright(portal: house.Portal) -> Iterator[Playwright]:
    """Playwright, ended with each module: its event loop would be in the way of other tests'."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A browser in which a page may play unasked."""
    browser = house.chromium(playwright, "no-user-gesture-required")
    yield browser
    browser.close()


@pytest.fixture
def strict_page(playwright: Playwright) -> Iterator[Page]:
    """A page that may not play before somebody touched it."""
    browser = house.chromium(playwright, "document-user-activation-required")
    yield browser.new_page()
    browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile at a desk, that may use the clipboard."""
    context = chromium.new_context(viewport=house.DESK, permissions=["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which no script may fail."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []
