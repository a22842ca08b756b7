"""What a media element really does: where it is, whether it plays, how loud it comes out."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page

# Root mean square of what the element puts out, the loudest of 0.6 s; full scale is 1.
LOUDNESS = """async (media) => {
  const context = new AudioContext(), analyser = context.createAnalyser();
  await context.resume();
  context.createMediaStreamSource(media.captureStream()).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let loudest = 0;
  for (let i = 0; i < 30; i++) {
    await new Promise((done) => setTimeout(done, 20));
    analyser.getFloatTimeDomainData(samples);
    loudest = Math.max(loudest, Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length));
  }
  await context.close();
  return loudest;
}"""

# A promise on the element, kept with the time at which it next begins to play.
BEGUN = """(m) => {
  m.begun = new Promise((done) => m.addEventListener("playing", () => done(m.currentTime), { once: true }));
}"""


def media(page: Page) -> Locator:
    """The one media element of the page."""
    return page.locator("video")


def now(page: Page) -> float:
    """Its current time in seconds."""
    return float(media(page).evaluate("(m) => m.currentTime"))


def playing(page: Page) -> bool:
    """Whether it plays and is not muted."""
    return bool(media(page).evaluate("(m) => !m.paused && !m.muted && m.volume > 0"))


def loudness(page: Page) -> float:
    """How loud it sounds now, as a root mean square of full scale."""
    return float(media(page).evaluate(LOUDNESS))


def begun_by(page: Page, do: Callable[[], None]) -> float:
    """The time from which the media plays once `do` is done."""
    media(page).evaluate(BEGUN)
    do()
    return float(media(page).evaluate("(m) => m.begun"))


def wait_until(page: Page, said: str) -> None:
    """Waits until an expression over the media element `m` holds."""
    media(page).evaluate(f"async (m) => {{ while (!({said})) await new Promise((d) => setTimeout(d, 20)); }}")
