"""Workbooks: text stays text, formulas are live and carry their value."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from mmm.reporting.workbook import Book, Kind, Role, Series, cell, column_name, money_decimals, sheet_name, span


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    with Book(path, title="=A & B", currency="EUR", decimals=2) as made:
        sheet = made.sheet("Spend", [20, 12, 12])
        sheet.heading("=Title", "A lead.")
        sheet.header(3, ["Channel", "Spend", "Share"])
        for row, (name, money) in enumerate((("=cmd()", 30.0), ("+tv", 10.0)), start=4):
            sheet.text(row, 0, name)
            sheet.number(row, 1, money, Kind.MONEY)
            sheet.formula(row, 2, f"={cell(row, 1)}/SUM({span(4, 1, 5, 1)})", money / 40.0, Kind.PERCENT)
        sheet.formula(6, 1, f"=SUM({span(4, 1, 5, 1)})", 40.0, Kind.MONEY, total=True)
        sheet.number(7, 1, float("nan"), Kind.RATIO, Role.MODEL)
        sheet.day(8, 0, np.datetime64("2027-01-04"))
        sheet.paragraph(9, 0, 2, "=Long text", lines=2)
        sheet.legend(11)
        sheet.freeze(4, 1)
        sheet.column_chart(
            "E2", [Series("spend", sheet.ref(4, 0, 5, 0), sheet.ref(4, 1, 5, 1), "#332288")], title="Spend", unit="EUR"
        )
    return path


def test_text_is_never_a_formula(book: Path) -> None:
    sheet = openpyxl.load_workbook(book)["Spend"]
    for at, text in (("A1", "=Title"), ("A5", "=cmd()"), ("A6", "+tv"), ("A10", "=Long text")):
        assert sheet[at].data_type == "s"
        assert sheet[at].value == text
    assert sheet["A5"].quotePrefix


def test_formulas_are_live_and_carry_their_value(book: Path) -> None:
    formulas, values = openpyxl.load_workbook(book)["Spend"], openpyxl.load_workbook(book, data_only=True)["Spend"]
    assert formulas["B7"].value == "=SUM($B$5:$B$6)"
    assert values["B7"].value == 40.0
    assert values["C5"].value == 0.75
    assert values["B8"].value == "–"


def test_looks_tell_the_kinds_apart(book: Path) -> None:
    sheet = openpyxl.load_workbook(book)["Spend"]
    assert sheet["B5"].number_format.startswith("#,##0.00")
    assert sheet["B8"].fill.fgColor.rgb == "FFF3EFE4"
    assert sheet["B5"].font.color.rgb != sheet["B7"].font.color.rgb
    assert sheet.freeze_panes == "B5"
    assert sheet.print_title_rows == "$4:$4"
    assert sheet["A9"].is_date


@pytest.mark.parametrize(
    ("currency", "values", "decimals"),
    [("EUR", [100.0, 2e6], 0), ("EUR", [100.25], 2), ("IDR", [100.25], 0), ("JPY", [1.5], 0), ("KWD", [1.5], 3)],
)
def test_decimals_follow_currency_and_figures(currency: str, values: list[float], decimals: int) -> None:
    assert money_decimals(currency, values) == decimals


def test_sheet_names_are_allowed_and_differ() -> None:
    assert sheet_name("a/b:c*?[x]\\") == "a-b-c---x--"
    assert sheet_name("x" * 40) == "x" * 31
    assert sheet_name("History") == "History_"
    assert sheet_name("''") == "Sheet"
    first = sheet_name("Plan")
    assert sheet_name("plan", [first]) == "plan (2)"
    assert column_name(27) == "AB"
