"""Lists of findings on a page: grave ones open, many of a kind folded, and each of them in the page once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmm.findings import Finding, Severity, alike
from mmm.reporting import Card, Cards, FindingsList, Page, Section, render, write_page
from tests.browser import CHROMIUM, needs_browser

FOUND = st.lists(
    st.builds(
        Finding,
        name=st.sampled_from(["a", "b", "c"]),
        severity=st.sampled_from(Severity),
        says=st.just(""),
        do=st.sampled_from(["Nothing.", "Ask."]),
        means=st.sampled_from(["", "It matters."]),
    ),
    max_size=40,
).map(
    lambda found: [Finding(f.name, f.severity, f"says {i};", f.do, f.means, f"file {i}") for i, f in enumerate(found)]
)


def page(findings: list[Finding]) -> Page:
    return Page("Title", "Lead", [Section("Found", [FindingsList(findings)])], cards=Cards([Card("a", "1")]))


@given(FOUND)
def test_every_finding_stands_once_and_the_gravest_first(found: list[Finding]) -> None:
    block = FindingsList(found)
    groups = [*block.grave, *block.notes, *block.passed]
    every = [one for group in groups for one in (*group.shown, *group.folded)]
    assert sorted(every, key=lambda one: one.says) == sorted(found, key=lambda one: one.says)
    ranks = [list(Severity).index(one.severity) for one in every]
    assert ranks == sorted(ranks)
    assert all(group.shown for group in groups)
    assert all(len({one.name for one in (*group.shown, *group.folded)}) == 1 for group in groups)
    text = render(page(found))
    for one in found:
        assert text.count(f"<strong>{one.says}</strong>") == 1
    assert text.count("<details") == sum(bool(group.folded) for group in groups) + bool(block.notes_title)
    assert [some.first.says for some in alike(found)] == [some.findings[0].says for some in alike(found)]


def test_few_findings_stand_open() -> None:
    few = [Finding("a", severity, f"{severity} {i}", "Do.") for severity in Severity for i in range(4)]
    assert "<details" not in render(page(few))


@needs_browser
@pytest.mark.parametrize("width", [1280, 400])
def test_folds_open_by_keyboard_and_on_paper(width: int, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    notes = [Finding("comma", Severity.NOTE, f"note {i};", "Nothing.", "", f"ads/{i:03}.csv") for i in range(200)]
    warned = [Finding("gap", Severity.WARNING, f"warning {i};", "Ask.") for i in range(9)]
    path = write_page(page([*notes, *warned]), tmp_path / "page.html")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            tab = browser.new_context(viewport={"width": width, "height": 900}, offline=True).new_page()
            tab.goto(path.as_uri())
            text = tab.inner_text("main")
            assert "200 notes of 1 kind" in text
            assert "and 5 more of this kind" in text
            assert "warning 3;" in text
            assert "warning 4;" not in text
            assert "note 0;" not in text
            tab.focus("details.notes > summary")
            tab.keyboard.press("Enter")
            text = tab.inner_text("main")
            assert "note 0;" in text
            assert "and 199 more of this kind: ads/001.csv; ads/002.csv; ads/003.csv and 196 more places" in text
            assert "note 1;" not in text
            assert tab.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
            tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
            text = tab.inner_text("main")
            assert all(f"note {i};" in text for i in range(200))
            assert "warning 8;" in text
        finally:
            browser.close()
