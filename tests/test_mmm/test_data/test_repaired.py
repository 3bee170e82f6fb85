"""Hostile inputs that are repaired: the figures are those of the clean file, and the report lists what was done."""

from __future__ import annotations

import codecs
import io
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mmm.findings import Severity
from tests.test_mmm.test_data.book import Book, named, read, same, spec, weekly

_TO_ARABIC = str.maketrans("0123456789.", "٠١٢٣٤٥٦٧٨٩٫")


@dataclass(frozen=True)
class Repaired:
    """One row of the list whose panel must equal that of the clean file."""

    row: int
    damage: Callable[[Book], Book | str | bytes]
    finding: str
    says: str
    where: str = "weekly.csv"
    data: dict[str, Any] = field(default_factory=dict)
    spec: dict[str, Any] = field(default_factory=dict)
    severity: Severity = Severity.NOTE


def _german(text: str) -> str:
    whole, _, rest = text.partition(".")
    return f"{int(whole):,}".replace(",", ".") + ("," + rest if rest else "")


def _comma(book: Book) -> str:
    for name in book.header[1:]:
        book.each(name, _german)
    return book.text(";")


def _grouped(space: str) -> Callable[[Book], Book]:
    return lambda book: book.each("revenue", lambda x: f"{float(x):,.2f}".replace(",", space))


def _renamed(**names: str) -> Callable[[Book], Book]:
    return lambda book: Book([names.get(c, c) for c in book.header], book.rows)


def _encoded(encoding: str, word: str) -> Callable[[Book], bytes]:
    return lambda book: book.add(word, [word] * len(book.rows)).text().encode(encoding)


def _footers(book: Book) -> str:
    total = [f"{sum(map(float, book.cells(name))):.2f}" for name in book.header[1:]]
    return book.text() + ",".join(["Total", *total]) + "\n,,,,,,\nSource: finance\n"


def _serials(book: Book) -> Book:
    return book.each("week", lambda x: str((date.fromisoformat(x) - date(1899, 12, 30)).days))


def _repeat(book: Book) -> Book:
    book.rows.insert(4, list(book.rows[3]))
    return book


def _shuffled(book: Book) -> Book:
    book.rows.reverse()
    return book


def _parquet(book: Book) -> bytes:
    columns: dict[str, Any] = {"week": pa.array([date.fromisoformat(x) for x in book.cells("week")], pa.date32())}
    columns |= {name: [float(x) for x in book.cells(name)] for name in book.header[1:]}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


CASES = [
    Repaired(1, lambda b: b.text().encode("utf-16"), "encoding", "UTF-16"),
    Repaired(1, lambda b: b.text().encode("utf-16-be"), "encoding", "UTF-16 without"),
    Repaired(2, lambda b: codecs.BOM_UTF8 + b.text().encode(), "byte_order_mark", "removed"),
    Repaired(3, _encoded("latin-1", "Größe"), "encoding", "cp1252, giving: Größe"),
    Repaired(8, lambda b: b.text(";"), "delimiter", "semicolon"),
    Repaired(8, lambda b: b.text("\t"), "delimiter", "tab"),
    Repaired(8, lambda b: b.text("|"), "delimiter", "vertical bar"),
    Repaired(11, _renamed(tv_spend=" TV_Spend  "), "column_name", "'TV_Spend' was taken as 'tv_spend'"),
    Repaired(13, _footers, "not_a_week", "a total row"),
    Repaired(
        14, lambda b: "Report,Media\n\nMade,2025-02-20\n" + b.text(), "preamble", "2 lines above the header (row 4)"
    ),
    Repaired(17, _comma, "decimal_comma", "decimal comma"),
    Repaired(19, lambda b: b.each("tv_spend", lambda x: f"€ {x}"), "currency_sign", "In 60 cells", "column tv_spend"),
    Repaired(19, lambda b: b.each("tv_spend", lambda x: f"{x} EUR"), "currency_sign", "In 60 cells", "column tv_spend"),
    Repaired(35, _serials, "excel_dates", "45292' is 2024-01-01", "column week"),
    Repaired(36, lambda b: b.each("week", lambda x: x + "T00:00:00+02:00"), "time_of_day", "zone", "column week"),
    Repaired(
        36,
        lambda b: b.each("week", lambda x: (date.fromisoformat(x) - timedelta(days=1)).isoformat() + "T23:30Z"),
        "unused",
        "",
        data={"time_zone": "Europe/Berlin"},
    ),
    Repaired(39, _repeat, "duplicate_rows", "1 row excluded: an identical row", "row 6"),
    Repaired(42, _shuffled, "unsorted", "order of their dates"),
    Repaired(66, _parquet, "file_extension", "Parquet by its content"),
    Repaired(
        67,
        _renamed(price="<b>price</b>"),
        "markup_in_name",
        "<b>price</b>",
        spec={"controls": ["<b>price</b>"]},
    ),
    Repaired(
        68,
        _renamed(price=unicodedata.normalize("NFD", "prix_é")),
        "unicode_name",
        "look the same",
        spec={"controls": [unicodedata.normalize("NFC", "prix_é")]},
        severity=Severity.WARNING,
    ),
    Repaired(69, _encoded("cp1250", "Sprzedaż_ogółem"), "encoding", "cp1250, giving: Sprzedaż_ogółem"),
    Repaired(69, _encoded("cp1256", "المبيعات"), "encoding", "cp1256, giving: المبيعات"),
    Repaired(
        70, lambda b: b.each("revenue", lambda x: x.translate(_TO_ARABIC)), "digits", "another script", "column revenue"
    ),
    Repaired(
        70, lambda b: b.each("week", lambda x: x.translate(_TO_ARABIC)), "digits", "another script", "column week"
    ),
    Repaired(71, _grouped("\u00a0"), "thousands", "spaces or apostrophes", "column revenue"),
    Repaired(71, _grouped("\u202f"), "thousands", "spaces or apostrophes", "column revenue"),
    Repaired(71, _grouped("'"), "thousands", "spaces or apostrophes", "column revenue"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"row{case.row}-{case.finding}")
def test_repaired_and_listed(case: Repaired, tmp_path: Path) -> None:
    declared = spec(data=case.data, **case.spec)
    panel = read(tmp_path, case.damage(weekly()), declared)
    assert same(panel, read(tmp_path, weekly()))
    if case.finding == "unused":
        return
    finding = named(panel, case.finding)
    assert finding.severity is case.severity
    assert case.says in finding.says
    assert case.where in finding.where
    assert finding.do


def test_a_total_that_differs_is_told(tmp_path: Path) -> None:
    panel = read(tmp_path, weekly().text() + "Summe,1.00,,,,,\n")
    finding = named(panel, "total_differs")
    assert finding.severity is Severity.WARNING
    assert finding.where == "weekly.csv, row 62, column revenue"


def test_brackets_are_negative(tmp_path: Path) -> None:  # row 20
    panel = read(tmp_path, weekly().put(3, "tv_spend", "(5.00)"))
    assert panel.spend[0, 0, 3] == -5.0
    assert "brackets" in named(panel, "parentheses").says


def test_negative_spend_stays_negative_money(tmp_path: Path) -> None:  # row 29
    panel = read(tmp_path, weekly().put(3, "tv_spend", "-120.5"))
    assert panel.spend[0, 0, 3] == -120.5
    assert panel.exposure[0, 0, 3] == 0
    assert "-120.50 EUR in 1 week: 2024-01-22" in named(panel, "negative_spend").says


def _geo_book(names: tuple[str, ...]) -> Book:
    book = weekly(30)
    rows = [[*row, name] for row in book.rows for name in names]
    return Book([*book.header, "region"], rows)


def test_a_geo_called_na_stays_a_name(tmp_path: Path) -> None:  # row 31
    panel = read(tmp_path, _geo_book(("NA", "EU")), spec(data={"geo": "region"}))
    assert panel.geos == ("NA", "EU")
    assert panel.outcome.shape == (2, 30)


def test_leading_zeros_of_postcodes_stay(tmp_path: Path) -> None:  # row 32
    assert read(tmp_path, _geo_book(("01067", "1067")), spec(data={"geo": "region"})).geos == ("01067", "1067")


def test_an_unbalanced_geo_is_named(tmp_path: Path) -> None:
    book = _geo_book(("north", "south"))
    del book.rows[11]
    panel = read(tmp_path, book, spec(data={"geo": "region"}))
    assert "1 of 60 geo-weeks (1.7 %) have no row: 'south' 2024-02-05" in named(panel, "unbalanced").says


def test_the_week_that_is_not_over_is_left_out(tmp_path: Path) -> None:  # row 41
    book = weekly()
    panel = read(tmp_path, book, today=date(2025, 2, 20))
    assert panel.n_weeks == 59
    assert "not over on 2025-02-20" in named(panel, "week_not_over").says
    (item,) = panel.report.ledger.excluded
    assert (item.rows, item.spend["tv"]) == (1, float(book.cells("tv_spend")[-1]))


def test_the_overlap_of_outcome_and_media_is_used(tmp_path: Path) -> None:  # row 44
    book = weekly()
    for i in (0, 1):
        book.put(i, "revenue", "")
    for name in ("tv_spend", "search_spend", "clicks", "news"):
        book.put(59, name, "")
    panel = read(tmp_path, book)
    assert panel.n_weeks == 57
    assert panel.weeks[0] == np.datetime64("2024-01-15")
    assert named(panel, "no_overlap").where == "weekly.csv, rows 2, 3, 61"


def test_a_channel_of_zeros_is_left_out(tmp_path: Path) -> None:  # row 45
    panel = read(tmp_path, weekly().each("tv_spend", lambda x: "0"))
    assert panel.channels == ("search",)
    assert "'tv' has no spend" in named(panel, "zero_channel").says
    assert any(item.reason == "a channel of zeros" for item in panel.report.ledger.excluded)


def test_currencies_without_decimals(tmp_path: Path) -> None:  # row 73
    book = (
        weekly()
        .each("tv_spend", lambda x: f"Rp {round(float(x)) % 800 + 100}.000")
        .each("revenue", lambda x: f"{x}000")
    )
    panel = read(tmp_path, book, spec(currency="IDR"))
    assert panel.spend[0].min() >= 100_000
    assert named(panel, "currency_sign").where.endswith("tv_spend")


def test_names_from_right_to_left_stay(tmp_path: Path) -> None:  # row 74
    book = weekly()
    book.header[2] = "تلفزيون"
    panel = read(tmp_path, book, spec(channels={"تلفزيون": {"spend": "تلفزيون"}, "検索": {"spend": "search_spend"}}))
    assert panel.channels == ("تلفزيون", "検索")


def test_daily_rows_are_summed_by_rule(tmp_path: Path) -> None:  # row 40, within one file
    book = weekly(70, date(2024, 1, 3), step=1)
    panel = read(tmp_path, book, spec(channels={"tv": {"spend": "tv_spend"}}, organic=[], controls=["price"]))
    assert panel.weeks[0] == np.datetime64("2024-01-08")
    assert panel.n_weeks == 9
    week = slice(5, 12)
    assert panel.spend[0, 0, 0] == pytest.approx(sum(map(float, book.cells("tv_spend")[week])))
    assert panel.controls[0, 0, 0] == pytest.approx(np.mean([float(x) for x in book.cells("price")[week]]))
    assert "summed" in named(panel, "daily_to_weekly").says
    assert sum(item.rows for item in panel.report.ledger.excluded) == 7


def test_a_value_per_outcome_keeps_the_money_of_the_days(tmp_path: Path) -> None:
    book = weekly(63, step=1)
    declared = spec(
        data={"value_per_outcome": "price"}, channels={"tv": {"spend": "tv_spend"}}, organic=[], controls=[]
    )
    panel = read(tmp_path, book, declared)
    days = sum(float(a) * float(b) for a, b in zip(book.cells("revenue"), book.cells("price"), strict=True))
    assert float((panel.outcome * panel.value_per_outcome).sum()) == pytest.approx(days, rel=1e-12)
