"""Months of the company's account, and dates of the rates, each by its own key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mmm.data.joining.periods import Periods
from mmm.data.joining.rates import read_rates
from mmm.data.joining.reconcile import read_ledger
from mmm.data.joining.spec import LedgerSpec
from mmm.data.log import ReadingLog
from mmm.exceptions import DataError
from tests.test_mmm.test_data.test_joining.facts import spec

RETAIL = {"calendar": {"pattern": "4-5-4", "starts": "2024-02-04"}}


def months(folder: Path, cells: list[str], calendar: dict[str, Any] | None = None, **keys: Any) -> list[str]:
    """Return the months of an account of 1 a line."""
    (folder / "ledger.csv").write_text("month,channel,spend\n" + "".join(f'"{cell}",tv,1\n' for cell in cells))
    periods = Periods.of(spec(join=calendar or {}))
    read = read_ledger(LedgerSpec(file="ledger.csv", **keys), periods, folder, ReadingLog())
    return [str(day) for day in read.month]


@pytest.mark.parametrize(
    "cells",
    [
        ["2024-01", "2024-02"],
        ["01/2024", "02/2024"],
        ["Jan 2024", "Feb 2024"],
        ["styczeń 2024", "luty 2024"],
        ["2024 Januari", "2024 Februari"],
        ["2024-01-31", "2024-02-29"],
        ["31.01.2024", "01.02.2024"],
    ],
)
def test_months_as_they_are_written(cells: list[str], tmp_path: Path) -> None:
    assert months(tmp_path, cells) == ["2024-01-01", "2024-02-01"]


@pytest.mark.parametrize("cell", ["2024-13", "soon", "2024"])
def test_the_cell_that_is_no_month_is_named(cell: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"ledger.csv, row 3, column month: '{cell}' is not a month"):
        months(tmp_path, ["2024-01", cell, "2024-03"])


def test_days_that_may_be_months_ask_for_the_key_of_the_account(tmp_path: Path) -> None:
    cells = ["01/01/2024", "01/02/2024"]
    with pytest.raises(DataError, match=r"row 2, column month: .*Declare join\.ledger\.date_format: '%d/%m/%Y'"):
        months(tmp_path, cells)
    assert months(tmp_path, cells, date_format="%d/%m/%Y") == ["2024-01-01", "2024-02-01"]


def test_a_name_says_nothing_of_a_fiscal_month(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"may be a month of the calendar or of the fiscal year.*Write 2024-P03"):
        months(tmp_path, ["March 2024"], RETAIL)
    assert months(tmp_path, ["2024-P01", "2024-P02"], RETAIL) == ["2024-02-04", "2024-03-03"]


def test_dates_of_rates_ask_for_their_own_key(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text("date,currency,rate\n01/02/2024,USD,0.9\n01/03/2024,USD,0.8\n")
    with pytest.raises(DataError, match=r"rates.csv, row 2, .*Declare join\.rates_date_format: '%d/%m/%Y'"):
        read_rates(tmp_path, spec(join={"rates_file": "rates.csv"}), ReadingLog())
    declared = spec(join={"rates_file": "rates.csv", "rates_date_format": "%d/%m/%Y"})
    assert [str(day) for day in read_rates(tmp_path, declared, ReadingLog()).days["USD"]] == [
        "2024-02-01",
        "2024-03-01",
    ]
