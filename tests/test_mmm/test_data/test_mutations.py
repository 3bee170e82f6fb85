"""Random damage to a good file: it is refused with a sentence, or read with every row and every coin accounted for."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mmm.data import Panel, read_lift_tests
from mmm.data.lift_test_table import OPTIONAL, REQUIRED
from mmm.exceptions import MixwiseError
from tests.test_mmm.test_data.book import COLUMNS, Book, by_geo, geo_spec, read, spec, weekly

CLEAN = weekly(30)
CELLS = st.sampled_from(
    [
        "", "-", "n/a", "NaN", "inf", "1.234", "1,234", "1.234.567", "€5", "$5", "5%", "(5)", "9" * 24, "=1", "'", '"',
        "\x00", "\x1b[0m", "a@b.org", "+49 170 1234567", "2024-13-01", "01/02/2024", "45292", "2024-W05", "Total",
        "1e400", "-1e300", "٣", "½", "\ud7ff", "\u202e", "<b>", ";", ",", "\n", "\r", "NA", "true", "None", " ",
    ]
)  # fmt: skip
CELL = st.tuples(st.integers(0, 29), st.sampled_from(COLUMNS), CELLS | st.text(max_size=8))
LINES = st.sampled_from(["drop", "double", "swap", "blank", "cut", "extra"])
BYTES = st.lists(st.tuples(st.integers(0, 1500), st.binary(min_size=1, max_size=3)), max_size=3)


def damaged(cells: list[tuple[int, str, str]], lines: list[tuple[str, int]], raw: list[tuple[int, bytes]]) -> bytes:
    book = Book(list(CLEAN.header), [list(row) for row in CLEAN.rows])
    for at, name, text in cells:
        book.put(at, name, text)
    rows = book.text().split("\n")
    for kind, at in lines:
        i = at % max(1, len(rows))
        if kind == "drop":
            del rows[i]
        elif kind == "double":
            rows.insert(i, rows[i])
        elif kind == "swap":
            rows[i], rows[-1] = rows[-1], rows[i]
        elif kind == "blank":
            rows.insert(i, "")
        elif kind == "cut":
            rows[i] = rows[i][: len(rows[i]) // 2]
        else:
            rows[i] += ",1"
    content = bytearray("\n".join(rows).encode("utf-8", "surrogatepass"))
    for at, patch in raw:
        content[at : at + len(patch)] = patch
    return bytes(content)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(CELL, max_size=3),
    st.lists(st.tuples(LINES, st.integers(0, 31)), max_size=2),
    BYTES,
    st.sampled_from(["refuse", "zero"]),
)
def test_damage_is_refused_or_accounted_for(
    cells: list[tuple[int, str, str]], lines: list[tuple[str, int]], raw: list[tuple[int, bytes]], missing: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            read(Path(folder), damaged(cells, lines, raw), spec(data={"missing": missing}))
        except MixwiseError as error:
            refused = error
        else:
            return  # ``read`` held the conservation law
    assert refused.exit_code == 2
    assert refused.where
    assert refused.do
    assert "a@b.org" not in str(refused)
    assert "\x1b" not in str(refused)


GEO = by_geo(weeks=20)
GEO_CELL = st.tuples(st.integers(0, 59), st.sampled_from(GEO.header), CELLS | st.sampled_from(["north", "east", "0"]))
ROWS = st.sets(st.integers(0, 59), max_size=50)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(GEO_CELL, max_size=3), ROWS, st.sampled_from(["geo", "national"]), st.sampled_from(["refuse", "no_spend"])
)
def test_a_geo_file_is_refused_or_accounted_for(
    cells: list[tuple[int, str, str]], gone: set[int], level: str, gaps: str
) -> None:
    book = Book(list(GEO.header), [list(row) for row in GEO.rows])
    for at, name, text in cells:
        book.put(at, name, text)
    book.rows = [row for i, row in enumerate(book.rows) if i not in gone]
    with tempfile.TemporaryDirectory() as folder:
        try:
            panel = read(
                Path(folder), book.text().encode("utf-8", "surrogatepass"), geo_spec(level, data={"gaps": gaps})
            )
        except MixwiseError as error:
            panel, refused = None, error
    if panel is None:
        assert refused.exit_code == 2
        assert refused.do
        return
    for name in ("outcome", "spend", "exposure", "organic", "controls", "population"):
        assert np.isfinite(getattr(panel, name)).all()
    assert panel.observed.any(axis=1).all()
    assert panel.observed.any(axis=0).all()


TEST_ROW = ["search", "2024-02-05", "2024-02-25", "-30%", "-50", "10", "", "south", "2024-03-03", ""]
TEST_CELL = st.tuples(
    st.integers(0, 9), CELLS | st.sampled_from(["-100%", "2024-05-06", "2023-01-01", "north;;west", "0.5"])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEST_CELL, max_size=3))
def test_experiments_are_refused_or_whole(cells: list[tuple[int, str]]) -> None:
    row = list(TEST_ROW)
    for at, text in cells:
        row[at] = text
    book = Book([*REQUIRED, *OPTIONAL], [row])
    panel = _geo_panel()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tests.csv"
        path.write_bytes(book.text().encode("utf-8", "surrogatepass"))
        try:
            (test,) = read_lift_tests(path, panel)
        except MixwiseError as error:
            test, refused = None, error
    if test is None:
        assert "tests.csv" in str(refused)
        assert refused.do
        return
    assert panel.weeks[0] <= test.start <= test.end <= test.measured_to <= panel.weeks[-1]
    assert np.isfinite([test.spend_change, test.lift]).all()
    assert test.standard_error > 0
    assert 0 < test.share <= 1
    assert set(test.geos) <= set(panel.geos)


@functools.cache
def _geo_panel() -> Panel:
    with tempfile.TemporaryDirectory() as folder:
        return read(Path(folder), by_geo(weeks=20), geo_spec())
