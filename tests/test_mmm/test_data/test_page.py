"""The data report in a real browser, offline, at desk and phone width."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmm.data.check_page import data_page
from mmm.reporting import write_page
from tests.browser import look, needs_browser
from tests.test_mmm.test_data.book import Book, by_geo, geo_spec, read, spec, weekly
from tests.test_mmm.test_data.test_lift_tests import HEADER
from tests.test_mmm.test_data.test_unbalanced import without


@needs_browser
@pytest.mark.parametrize("width", [1280])
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


@needs_browser
@pytest.mark.parametrize("width", [390])
def test_many_geos_with_missing_weeks_and_experiments(width: int, tmp_path: Path) -> None:
    names = tuple(f"Landkreis {i} " + "ü" * i for i in range(12))
    book = without(by_geo(names), lambda name, t: name == names[4] and (t < 20 or t == 33))
    (tmp_path / "tests.csv").write_text(f"{HEADER}\nsearch,2024-03-04,2024-03-31,-30%,-50,10\n", encoding="utf-8")
    panel = read(tmp_path, book, geo_spec(lift_tests="tests.csv"))
    seen = look(write_page(data_page(panel, "weekly.csv"), tmp_path / "report.html"), width)
    assert seen.overflow <= 0
    assert seen.charts == seen.drawn >= 7
    assert seen.messages == []
    assert seen.contrast_failures == []
    for words in (
        "Weeks with a row, by geo",
        "21 geo-weeks",
        "12 geos, compared by people",
        "Experiments",
        "everywhere",
    ):
        assert words in seen.text
