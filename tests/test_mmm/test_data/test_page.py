"""The data report in a real browser, offline, at desk and phone width."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmm.data.check_page import data_page
from mmm.reporting import write_page
from tests.browser import look, needs_browser
from tests.test_mmm.test_data.book import Book, read, spec, weekly


@needs_browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_draws_every_series(width: int, tmp_path: Path) -> None:
    book = weekly(40)
    regions = Book([*book.header, "region"], [[*row, name] for row in book.rows for name in ("Süd", "<i>Nord</i>")])
    panel = read(tmp_path, regions, spec(data={"geo": "region", "value_per_outcome": 12.5}))
    seen = look(write_page(data_page(panel, "weekly.csv"), tmp_path / "report.html"), width)
    assert seen.overflow <= 0
    assert seen.charts == seen.drawn >= 6
    assert seen.messages == []
    assert seen.requests == []
    assert seen.contrast_failures == []
    for words in ("What was found", "weekly.csv", "less than one year", "Nothing is lost"):
        assert words in seen.text
