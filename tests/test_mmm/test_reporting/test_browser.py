"""The page in a real browser, offline, at desk and phone width; skipped where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmm.reporting.page import Page, write_page
from tests.browser import look, needs_browser


@needs_browser
@pytest.mark.parametrize("width", [1280, 390])
def test_page_fits_and_draws_every_chart(page: Page, tmp_path: Path, width: int) -> None:
    seen = look(write_page(page, tmp_path / "report.html"), width)
    assert seen.overflow <= 0
    assert seen.charts == seen.drawn == 9
    assert seen.messages == []
    assert seen.requests == []
    assert seen.contrast_failures == []
