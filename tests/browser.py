"""Opens a page in headless Chromium where one is installed, and says what it saw."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

_CONTRAST = """() => {
  const part = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); };
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number);
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b); };
  const poor = [];
  for (const e of document.querySelectorAll("main p, main dt, main dd, main th, main td, main h1, main h2, main a")) {
    const ratio = 1.05 / (light(getComputedStyle(e).color) + 0.05);
    if (ratio < 4.5) poor.push(e.className + ":" + ratio.toFixed(2));
  }
  return poor;
}"""


@dataclass(frozen=True)
class Seen:
    """What the browser saw.

    Attributes
    ----------
    overflow : int
        Pixels by which the page is wider than the window.
    charts, drawn : int
        Chart boxes, and those of them that hold a drawing with a size.
    messages : list of str
        Console messages and errors.
    requests : list of str
        Addresses asked for, but the page itself.
    contrast_failures : list of str
        Texts below 4.5:1 on white.
    text : str
        What a reader sees.
    """

    overflow: int
    charts: int
    drawn: int
    messages: list[str]
    requests: list[str]
    contrast_failures: list[str]
    text: str


def look(path: Path, width: int) -> Seen:
    """Open a page offline in a window of this width (pixels) and wait until its charts are drawn."""
    from playwright.sync_api import sync_playwright

    messages: list[str] = []
    requests: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
            tab = context.new_page()
            tab.on("console", lambda message: messages.append(message.text))
            tab.on("pageerror", lambda error: messages.append(str(error)))
            tab.on("request", lambda request: requests.append(request.url))
            tab.goto(path.as_uri())
            tab.wait_for_selector("html[data-charts=drawn]", timeout=60_000)
            drawn = (
                "[...document.querySelectorAll('.plot')].filter("
                "p => p.querySelector('svg.main-svg') && p.querySelector('svg.main-svg').clientWidth > 100).length"
            )
            return Seen(
                overflow=tab.evaluate("document.documentElement.scrollWidth - window.innerWidth"),
                charts=tab.evaluate("document.querySelectorAll('.plot').length"),
                drawn=tab.evaluate(drawn),
                messages=messages,
                requests=[url for url in requests if url != path.as_uri() and not url.startswith("data:")],
                contrast_failures=tab.evaluate(_CONTRAST),
                text=tab.inner_text("body"),
            )
        finally:
            browser.close()
