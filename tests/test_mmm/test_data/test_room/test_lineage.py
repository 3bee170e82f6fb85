"""The parts of every cell add up to the cell: of one file, read in every way, and of joined sources."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmm.data import PanelSpec
from mmm.data.panel import Panel
from mmm.data.read import DataRead, read_data
from mmm.data.room.figures import figures
from mmm.data.room.files import lineage_of
from mmm.data.room.lineage import FILLED, lineage, read_lineage, schema, write_lineage
from tests.test_mmm.test_data.book import TODAY, Book, by_geo, geo_spec, spec, weekly
from tests.test_mmm.test_data.test_joining import facts as made

_QUIET = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(folder: Path, book: Book, declared: PanelSpec) -> DataRead:
    (folder / "weekly.csv").write_text(book.text(), encoding="utf-8")
    return read_data(declared, folder, today=TODAY)


def assert_adds_up(table: pa.Table, panel: Panel, declared: PanelSpec) -> None:
    """Every observed cell of every column is the sum of its lines; no line is of another cell."""
    assert table.schema.equals(schema())
    lines = table.to_pandas()
    place = {geo: g for g, geo in enumerate(panel.geos)}
    week = {str(day): t for t, day in enumerate(panel.weeks)}
    known = figures(panel, declared)
    assert set(lines["series"]) <= set(known)
    for column, expected in known.items():
        own = lines[lines["series"] == column]
        found = np.zeros(expected.shape)
        at = [(place[g], week[str(w)]) for g, w in zip(own["geo"], own["week"], strict=True)]
        np.add.at(found, tuple(np.array(at).T) if at else ([], []), own["value"].to_numpy())
        assert np.allclose(found[panel.observed], expected[panel.observed], rtol=1e-9, atol=1e-6), column
        assert not found[~panel.observed].any()
        assert np.allclose(own["figure"], [expected[i] for i in at], rtol=1e-12)


@_QUIET
@given(
    step=st.sampled_from([1, 7]),
    geos=st.booleans(),
    national=st.booleans(),
    empty=st.lists(st.tuples(st.integers(9, 60), st.sampled_from(["tv_spend", "price", "news"])), max_size=4),
    gone=st.lists(st.integers(8, 60), max_size=3),
    repeat=st.booleans(),
)
def test_parts_of_one_file_add_up(
    step: int,
    geos: bool,
    national: bool,
    empty: list[tuple[int, str]],
    gone: list[int],
    repeat: bool,
    tmp_path: Path,
) -> None:
    national &= geos
    count = 182 if step == 1 else 70
    book = by_geo(weeks=count, step=step) if geos else weekly(count, step=step)
    for at, column in empty:
        if not national or column != "tv_spend":
            book.put(at, column, "")
    book.rows = [row for i, row in enumerate(book.rows) if i not in gone]
    if repeat:
        book.rows.append(list(book.rows[40]))
    data: dict[str, Any] = {"missing": {"tv_spend": "zero", "price": "interpolate", "news": "zero"}, "gaps": "no_spend"}
    if national:
        data["missing"].pop("tv_spend")
    declared = geo_spec("national" if national else "geo", data=data) if geos else spec(data=data)
    found = read(tmp_path, book, declared)
    assert_adds_up(lineage_of(found, declared), found.panel, declared)


@_QUIET
@given(
    days=st.integers(110, 160),
    split=st.integers(1, 109),
    rate=st.floats(0.2, 5.0),
    spread=st.booleans(),
    seed=st.integers(0, 99),
)
def test_parts_of_joined_sources_add_up(
    days: int, split: int, rate: float, spread: bool, seed: int, tmp_path: Path
) -> None:
    rng = np.random.default_rng(seed)
    labels = ("search", "Search ", "social")
    rows = [
        made.Row(row.first, {"spend": float(rng.integers(0, 9000)) / 100}, label=label, file=file, currency="USD")
        for label in labels
        for t, row in enumerate(made.daily({"spend": 1.0}, days))
        for file in ("a.csv" if t < split else "b.csv",)
    ]
    ads = made.facts("ads", rows)
    sources: dict[str, Any] = {"ads": {"file": "ads", "date": "day", "channel": "campaign", "rates": {"USD": rate}}}
    if spread:
        sources["till"] = {"file": "till.csv", "date": "day", "spread": "by_day"}
    declared = made.spec(sources=sources, join={"overlap": True})
    first = date(2024, 1, 3) if spread else made.FIRST
    revenue = made.facts("till", made.weekly({"revenue": made.revenue}, 20, first), money=("revenue",))
    room = made.room(tmp_path, [revenue, ads], declared)
    table = lineage(room.joined.cells, room.panel, declared)
    assert_adds_up(table, room.panel, declared)
    paid = table.to_pandas().query("series == 'search_spend'")  # the first file may lie before the panel
    assert np.allclose(paid["value"], rate * paid["original"])
    assert set(paid["currency"]) == {"USD"}
    assert set(paid["label"]) == {"search", "Search "}


def test_what_was_filled_is_a_part_without_a_file(tmp_path: Path) -> None:
    declared = spec(data={"missing": {"price": "previous"}})
    found = read(tmp_path, weekly().put(7, "price", ""), declared)
    lines = lineage_of(found, declared).to_pandas()
    filled = lines[lines["file"].isna()]
    assert len(filled) == 1
    assert filled["label"].item() == FILLED
    assert filled["value"].item() == found.panel.controls[0, 0, 6]
    assert str(filled["week"].item()) == "2024-02-19"


def test_it_comes_back_from_its_folder(tmp_path: Path) -> None:
    declared = spec()
    table = lineage_of(read(tmp_path, weekly(), declared), declared)
    write_lineage(tmp_path, table, "../model")
    kept, way = read_lineage(tmp_path)
    assert kept.equals(table)
    assert way == "../model"


def test_a_row_of_the_file_is_where_the_lineage_says(tmp_path: Path) -> None:
    """Against the file itself: the figure in that row is the part."""
    declared, book = spec(), weekly()
    book.rows.reverse()
    lines = lineage_of(read(tmp_path, book, declared), declared).to_pandas()
    text = (tmp_path / "weekly.csv").read_text(encoding="utf-8").splitlines()
    for line in lines[lines["series"] == "tv_spend"].itertuples():
        assert float(text[line.row - 1].split(",")[2]) == pytest.approx(line.value)
