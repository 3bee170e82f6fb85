"""Channels that run only nationally, in files by geo: counted once, split by population, never guessed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mmm.data import Panel
from mmm.exceptions import DataError
from tests.test_mmm.test_data.book import Book, by_geo, geo_spec, named, read, same, spec, weekly
from tests.test_mmm.test_data.test_unbalanced import without

WEIGHTS = np.array([1.0, 2.0, 3.0]) / 6


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    return read(tmp_path_factory.mktemp("national"), by_geo(), geo_spec())


def national(book: Book) -> np.ndarray:
    return np.asarray([float(x) for x in book.cells("tv_spend")[::3]])


def test_the_figure_is_counted_once_and_split_by_population(panel: Panel) -> None:
    tv = national(by_geo())
    assert np.allclose(panel.spend[0], WEIGHTS[:, None] * tv, rtol=1e-12)
    assert np.allclose(panel.exposure[0], panel.spend[0])
    assert panel.national_channels == ("tv",)
    assert panel.report.ledger.spend_in["tv"] == pytest.approx(tv.sum(), rel=1e-12)
    found = named(panel, "national_channel")
    assert f"counted once ({tv.sum():,.2f} EUR in all) and split over 3 geos by population" in found.says


def test_its_exposure_is_split_too(tmp_path: Path) -> None:
    book = by_geo()
    views = [str(1000 + 7 * t) for t in range(60) for _ in range(3)]
    channels = {"tv": {"spend": "tv_spend", "exposure": "views", "level": "national"}}
    made = read(tmp_path, book.add("views", views), geo_spec(channels=channels))
    assert np.allclose(made.exposure[0], WEIGHTS[:, None] * (1000 + 7 * np.arange(60)))
    assert made.exposure_based.all()


def test_equal_parts_without_a_population(tmp_path: Path) -> None:
    made = read(tmp_path, by_geo(), geo_spec(data={"population": None}))
    assert np.allclose(made.spend[0], national(by_geo()) / 3)
    found = named(made, "national_channel")
    assert "in equal parts, because no population is given" in found.says
    assert "data.population" in found.do


def test_rows_that_differ_are_refused(tmp_path: Path) -> None:
    book = by_geo().put(31, "tv_spend", "12.50")
    other = by_geo().cells("tv_spend")[30]
    with pytest.raises(DataError) as caught:
        read(tmp_path, book, geo_spec())
    said = str(caught.value)
    assert "weekly.csv, row 33, column tv_spend" in said
    assert "on 2024-03-11 its rows differ" in said
    assert f"{float(other):,.10g} in 'north' (row 32) and 12.5 in 'south'" in said
    assert "level: national" in said


def test_rounding_is_no_difference(tmp_path: Path, panel: Panel) -> None:
    book = by_geo()
    book.put(31, "tv_spend", f"{float(book.cells('tv_spend')[30]) * (1 + 4e-7):.6f}")
    assert np.allclose(read(tmp_path, book, geo_spec()).spend, panel.spend, rtol=1e-6)


def test_a_geo_without_a_row_keeps_its_share_of_the_campaign(tmp_path: Path, panel: Panel) -> None:
    """The campaign reached it: the carryover is run through the known figure; its money is listed as excluded."""
    gone = {5, 6, 40}
    book = without(by_geo(), lambda name, t: (name == "south" and t in gone) or (name == "west" and t > 55))
    made = read(tmp_path, book, geo_spec())
    assert np.allclose(made.exposure[0, 1], panel.exposure[0, 1])
    assert not made.exposure[0, 2, 56:].any()
    assert np.allclose(made.spend[0][made.observed], panel.spend[0][made.observed])
    assert not made.spend[0][~made.observed].any()
    ledger = made.report.ledger
    (item,) = ledger.excluded
    assert item.reason == "the share of geos that have no row on a date"
    assert item.spend["tv"] == pytest.approx(panel.spend[0][~made.observed].sum(), rel=1e-9)
    assert ledger.spend_in["tv"] == pytest.approx(national(by_geo()).sum(), rel=1e-12)


def test_daily_rows_are_split_day_by_day(tmp_path: Path) -> None:
    book = by_geo(weeks=140, step=1)
    made = read(tmp_path, book, geo_spec())
    tv = national(book).reshape(20, 7).sum(axis=1)
    assert np.allclose(made.spend[0], WEIGHTS[:, None] * tv, rtol=1e-12)


def test_on_national_data_it_changes_nothing(tmp_path: Path) -> None:
    plain = read(tmp_path, weekly())
    channels = {
        "tv": {"spend": "tv_spend", "level": "national"},
        "search": {"spend": "search_spend", "exposure": "clicks"},
    }
    made = read(tmp_path, weekly(), spec(channels=channels))
    assert same(made, plain)
    assert made.national_channels == ()
    assert made.report == plain.report


def test_a_repeated_figure_that_is_not_declared_is_warned_of(tmp_path: Path) -> None:
    found = named(read(tmp_path, by_geo(), geo_spec("geo")), "repeated_in_every_geo")
    assert "level: national for 'tv'" in found.do
    assert "counted 3 times" in found.means
