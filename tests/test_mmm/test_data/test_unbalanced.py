"""Geo panels with missing weeks: missing, not zero; what the carryover is run through; every coin accounted for."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.data import Panel
from mmm.exceptions import DataError
from mmm.findings import Severity
from mmm.transforms.adstock import initial_state
from tests.test_mmm.test_data.book import Book, by_geo, conserve, geo_spec, named, read, same

GEOS = ("north", "south", "west")
OWN = geo_spec("geo")


def without(book: Book, gone: Callable[[str, int], bool]) -> Book:
    """Take out the rows of a geo name and a week (or day) number."""
    steps = {day: t for t, day in enumerate(dict.fromkeys(book.cells("week")))}
    place, week = book.column("region"), book.column("week")
    return Book(book.header, [row for row in book.rows if not gone(row[place], steps[row[week]])])


def late_and_torn(name: str, t: int) -> bool:
    """West starts in week 12, misses weeks 20 and 21, and ends after week 49."""
    return name == "west" and (t < 12 or t in (20, 21) or t > 49)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    return read(tmp_path_factory.mktemp("whole"), by_geo(), OWN)


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> Panel:
    return read(tmp_path_factory.mktemp("torn"), without(by_geo(), late_and_torn), OWN)


def test_a_missing_week_is_missing_and_the_rest_is_as_it_was(whole: Panel, torn: Panel) -> None:
    expected = np.ones((3, 60), bool)
    expected[2, [*range(12), 20, 21, *range(50, 60)]] = False
    assert np.array_equal(torn.observed, expected)
    assert whole.observed.all()
    for name in ("outcome", "value_per_outcome", "spend", "exposure", "organic", "controls"):
        assert np.array_equal(getattr(torn, name)[..., expected], getattr(whole, name)[..., expected])


def test_what_stands_in_weeks_without_a_row(whole: Panel, torn: Panel) -> None:
    assert not torn.outcome[~torn.observed].any()
    assert not torn.spend[:, ~torn.observed].any()
    pairs = ((torn.exposure, whole.exposure), (torn.organic, whole.organic), (torn.controls, whole.controls))
    for filled, full in pairs:
        step = (full[:, 2, 22] - full[:, 2, 19]) / 3
        assert np.allclose(filled[:, 2, 20], full[:, 2, 19] + step)
        assert np.allclose(filled[:, 2, 21], full[:, 2, 19] + 2 * step)
    for filled, full in pairs[:2]:
        assert np.allclose(filled[:, 2, :12], full[:, 2, 12:20].mean(axis=1)[:, None])
        assert np.allclose(initial_state(filled[:, 2]), full[:, 2, 12:20].mean(axis=1))
        assert not filled[:, 2, 50:].any()
    assert np.array_equal(torn.controls[0, 2, :12], np.full(12, whole.controls[0, 2, 12]))
    assert np.array_equal(torn.controls[0, 2, 50:], np.full(10, whole.controls[0, 2, 49]))
    assert torn.population.tolist() == [100, 200, 300]


def test_the_finding_names_geos_and_weeks(torn: Panel) -> None:
    found = named(torn, "unbalanced")
    assert found.severity is Severity.WARNING  # 24 of 180
    assert "24 of 180 geo-weeks (13.3 %) have no row: 'west' before 2024-03-25, 2024-05-20 to 2024-05-27" in found.says
    assert "after 2024-12-09" in found.says
    assert "not zero" in found.means
    assert not any(finding.name in ("outliers", "zero_outcome") for finding in torn.report.findings)


def test_a_few_missing_weeks_are_a_note(tmp_path: Path) -> None:
    panel = read(tmp_path, without(by_geo(), lambda name, t: (name, t) == ("west", 30)), OWN)
    assert named(panel, "unbalanced").severity is Severity.NOTE


def test_a_geo_with_few_weeks_is_named(tmp_path: Path) -> None:
    panel = read(tmp_path, without(by_geo(), lambda name, t: name == "west" and t < 50), OWN)
    assert "'west' (10)" in named(panel, "short_geo").says


def test_a_geo_that_starts_late_is_no_outlier(tmp_path: Path) -> None:
    """The sum over geos doubles when the largest one appears; per geo nothing happens."""
    panel = read(tmp_path, without(by_geo(), lambda name, t: name == "west" and t < 30), OWN)
    assert not [finding for finding in panel.report.findings if finding.name == "outliers"]


def test_no_spend_where_it_is_declared(tmp_path: Path, whole: Panel) -> None:
    """Gaps inside a geo are then known to be without activity; before its first row and after its last nobody knows."""
    declared = geo_spec("geo", data={"gaps": "no_spend"})
    panel = read(tmp_path, without(by_geo(), late_and_torn), declared)
    assert panel.observed[2, 20:22].all()
    assert not panel.spend[:, 2, 20:22].any()
    assert not panel.exposure[:, 2, 20:22].any()
    line = whole.outcome[2, 19] + (whole.outcome[2, 22] - whole.outcome[2, 19]) * np.array([1, 2]) / 3
    assert np.allclose(panel.outcome[2, 20:22], line)
    assert not panel.observed[2, :12].any()
    assert "2 missing weeks" in named(panel, "gaps_filled").says


def test_a_week_that_no_geo_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"1 week missing in every geo: 2024-05-20.*data\.gaps: no_spend"):
        read(tmp_path, without(by_geo(), lambda _, t: t == 20), OWN)


def test_rows_that_are_empty_are_no_rows(tmp_path: Path) -> None:
    book = by_geo()
    for row in book.rows:
        if row[book.column("region")] == "west" and row[0] < "2024-03-25":
            row[1:6] = [""] * 5
    panel = read(tmp_path, book, OWN)
    assert panel.observed[2].sum() == 48
    assert "12 rows excluded: outcome and media are empty" in named(panel, "empty_rows").says


def test_a_geo_without_any_whole_week_is_left_out(tmp_path: Path) -> None:
    book = without(by_geo(weeks=140, step=1), lambda name, t: name == "west" and not 30 < t < 40)
    book = without(book, lambda name, t: name == "west" and t in (34, 35))
    panel = read(tmp_path, book, OWN)
    assert panel.geos == ("north", "south")
    assert "1 geo left out, without a usable row: west" in named(panel, "geo_left_out").says
    assert sum(item.rows for item in panel.report.ledger.excluded) == 7


def test_days_of_a_torn_week_are_set_aside(tmp_path: Path) -> None:
    """Daily rows: a week in which a geo misses a day is no whole week of that geo; its other days are listed."""
    panel = read(tmp_path, without(by_geo(weeks=140, step=1), lambda name, t: name == "south" and t == 30), OWN)
    assert np.flatnonzero(~panel.observed[1]).tolist() == [4]
    assert panel.observed[[0, 2]].all()
    assert "6 rows excluded: the geo has a part of this week only" in named(panel, "partial_week").says


def test_a_geo_that_sells_nothing_is_refused(tmp_path: Path) -> None:
    book = by_geo()
    for row in book.rows:
        row[1] = "0" if row[book.column("region")] == "west" else row[1]
    with pytest.raises(DataError, match="the outcome is zero in every week of 1 geo: west"):
        read(tmp_path, book, OWN)
    with pytest.raises(DataError, match="the population of 'north' is zero"):
        read(tmp_path, by_geo().each("people", lambda x: "0" if x == "100" else x), OWN)


@functools.cache
def _clean(level: str) -> Panel:
    with tempfile.TemporaryDirectory() as folder:
        return read(Path(folder), by_geo(weeks=30), geo_spec(level))


MISSING = st.sets(st.tuples(st.integers(0, 2), st.integers(0, 29)), max_size=45)


@settings(max_examples=20, deadline=None)
@given(MISSING, st.sampled_from(["geo", "national"]))
def test_any_missing_geo_weeks_are_known_as_such(gone: set[tuple[int, int]], level: str) -> None:
    """What was removed is what is not observed, the rest is untouched, and rows and money are conserved."""
    expected = np.ones((3, 30), bool)
    for g, t in gone:
        expected[g, t] = False
    expected[0, [0, 29]] = True  # the file still spans the same weeks, in the same order of geos
    expected[0, ~expected.any(axis=0)] = True
    expected[~expected.any(axis=1), 5] = True
    book = without(by_geo(weeks=30), lambda name, t: not expected[GEOS.index(name), t])
    with tempfile.TemporaryDirectory() as folder:
        panel = read(Path(folder), book, geo_spec(level))
        clean = _clean(level)
    order = [panel.geos.index(name) for name in GEOS]
    assert np.array_equal(panel.observed[order], expected)
    conserve(panel)
    for name in ("outcome", "spend", "exposure", "organic", "controls"):
        found, full = getattr(panel, name)[..., order, :], getattr(clean, name)
        assert np.allclose(found[..., expected], full[..., expected], rtol=1e-12)
        assert np.isfinite(found).all()
    assert not panel.outcome[~panel.observed].any()
    assert not panel.spend[:, ~panel.observed].any()
    if level == "national":
        money = panel.report.ledger.spend_in["tv"]
        assert money == pytest.approx(clean.report.ledger.spend_in["tv"], rel=1e-12)


def test_the_order_of_rows_does_not_matter(tmp_path: Path, torn: Panel) -> None:
    book = without(by_geo(), late_and_torn)
    book.rows.sort(key=lambda row: (row[book.column("region")], row[0]))
    assert same(read(tmp_path, book, OWN), torn)
