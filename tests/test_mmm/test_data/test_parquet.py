"""Parquet holds numbers and dates: they are read exactly, and what has no plain value is refused."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mmm.exceptions import DataError
from tests.test_mmm.test_data.book import read, same, spec, weekly

DAYS = [date(2024, 1, 1) + timedelta(weeks=t) for t in range(60)]
MIDNIGHTS = [datetime(day.year, day.month, day.day) for day in DAYS]
DECLARED = spec(data={"file": "weekly.parquet"})


def _bytes(**changes: Any) -> bytes:
    book = weekly()
    columns: dict[str, Any] = {"week": DAYS}
    columns |= {name: [float(x) for x in book.cells(name)] for name in book.header[1:]}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns | changes), sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    "week",
    [
        pa.array(DAYS, pa.date32()),
        pa.array(MIDNIGHTS, pa.timestamp("ns")),
        pa.array(MIDNIGHTS, pa.timestamp("ms", tz="UTC")),
        pa.array([day.isoformat() for day in DAYS]),
        pa.array([day.isoformat() for day in DAYS]).dictionary_encode(),
    ],
    ids=lambda array: str(array.type),
)
def test_dates_of_any_type(week: pa.Array, tmp_path: Path) -> None:
    assert same(read(tmp_path, _bytes(week=week), DECLARED), read(tmp_path, weekly()))


def test_numbers_are_exact_and_have_one_reading(tmp_path: Path) -> None:
    spend = [Decimal("1.234") * (t + 1) for t in range(60)]
    panel = read(tmp_path, _bytes(tv_spend=pa.array(spend)), DECLARED)
    assert panel.spend[0, 0].tolist() == [float(x) for x in spend]


def test_truth_values_are_switches(tmp_path: Path) -> None:
    assert read(tmp_path, _bytes(price=[True, False] * 30), DECLARED).controls[0, 0, :3].tolist() == [1, 0, 1]


def _with(first: Any) -> list[Any]:
    return [first, *([9.5, 9.75] * 30)[:59]]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (_bytes(price=_with(None)), "row 1, column price: the number is missing"),
        (_bytes(price=_with(float("nan"))), "row 1, column price: the number is missing"),
        (_bytes(price=_with(float("inf"))), "row 1, column price: 'inf' is not a finite number"),
        (_bytes(extra=[[1]] * 60), "column extra: the column holds lists"),
        (_bytes(extra=[b"\x00"] * 60), "column extra: the column holds lists"),
        (_bytes(contact=["a@example.org"] * 60), "column contact: 60 of 60 cells look like e-mail"),
        (_bytes()[:700], "weekly.parquet: the Parquet file is damaged"),
    ],
    ids=lambda x: x[:30] if isinstance(x, str) else "",
)
def test_refused(content: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, content, DECLARED)
    assert says in str(caught.value)
    assert caught.value.do


def test_columns_and_rows_that_are_not_there(tmp_path: Path) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"week": DAYS, "revenue": [1.0] * 60}), sink)
    with pytest.raises(DataError, match="the columns 'tv_spend', 'search_spend'"):
        read(tmp_path, sink.getvalue(), DECLARED)
    sink = io.BytesIO()
    pq.write_table(pa.table({name: pa.array([], pa.float64()) for name in weekly().header}), sink)
    with pytest.raises(DataError, match="columns and no rows"):
        read(tmp_path, sink.getvalue(), DECLARED)
