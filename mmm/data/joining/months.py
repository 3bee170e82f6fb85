"""The months of the company's account: by number, by name, by fiscal period, or by a date in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import numpy as np

from mmm.arrays import WeekArray
from mmm.data.dates import read_dates
from mmm.data.joining.periods import Periods, fiscal_months
from mmm.data.joining.spec import LedgerSpec
from mmm.data.log import ReadingLog
from mmm.data.month_names import KNOWN, folded, meanings
from mmm.data.numbers import ascii_digits
from mmm.data.privacy import safe
from mmm.data.table import TextTable
from mmm.exceptions import DataError

_NUMBER = re.compile(r"(?P<y>\d{4})\s*[-/. ]?\s*(?P<p>[Pp])?(?P<m>\d{1,2})|(?P<m2>\d{1,2})\s*[-/. ]\s*(?P<y2>\d{4})")
_NAME = re.compile(r"(?P<w>[^\W\d_]+)\.?[-/ ,]*(?P<y>\d{4})|(?P<y2>\d{4})[-/ .]*(?P<w2>[^\W\d_]+)\.?")


def read_months(table: TextTable, index: int, declared: LedgerSpec, periods: Periods, log: ReadingLog) -> WeekArray:
    """Read months, (N,): the first day of each.

    ``2024-03``, ``03/2024``, ``March 2024`` (in the languages of :mod:`mmm.data.month_names`), ``2024-P03``, or a date.
    With a retail calendar the number counts the months of the fiscal year that starts in that calendar year, and a name
    says nothing.

    Raises
    ------
    DataError
        Names file, row and column.
    """
    cells = [ascii_digits(cell).strip() for cell in table.column(index)]
    read = [_by_number(cell) for cell in cells] if declared.date_format is None else [None]
    named = not any(read) and declared.date_format is None
    if named:
        read = _by_name(cells)
        if any(read) and periods.fiscal is not None:
            raise DataError(
                f"'{safe(cells[0])}' may be a month of the calendar or of the fiscal year",
                where=table.place(0, safe(table.header[index])),
                do="Write 2024-P03, the number of the month in the fiscal year that starts in 2024.",
            )
    if not any(read):
        return periods.months(read_dates(table, index, declared, log))
    pairs = []
    for i, pair in enumerate(read):
        if pair is None or not 1 <= pair[1] <= 12:
            raise DataError(
                f"'{safe(cells[i])}' is not a month",
                where=table.place(i, safe(table.header[index])),
                do="Write the whole column in one way, as 2024-03.",
            )
        pairs.append(pair)
    if periods.fiscal is None:
        return np.asarray([date(year, number, 1) for year, number in pairs], dtype="datetime64[D]")
    years = [year for year, _ in pairs]
    bounds, of, numbers = fiscal_months(
        periods.fiscal, np.datetime64(date(min(years), 1, 1)), np.datetime64(date(max(years) + 2, 1, 1))
    )
    table_of = {(int(y), int(n)): day for day, y, n in zip(bounds, of, numbers, strict=True)}
    for i, pair in enumerate(pairs):
        if pair not in table_of:
            raise DataError(
                f"no fiscal year starts in {pair[0]}",
                where=table.place(i, safe(table.header[index])),
                do="Correct the month, or join.calendar.",
            )
    return np.asarray([table_of[pair] for pair in pairs], dtype="datetime64[D]")


def _by_number(cell: str) -> tuple[int, int] | None:
    """Read (year, number of the month)."""
    found = _NUMBER.fullmatch(cell)
    return None if found is None else (int(found["y"] or found["y2"]), int(found["m"] or found["m2"]))


def _by_name(cells: Sequence[str]) -> list[tuple[int, int] | None]:
    """Read (year, month) of names; of no cell where a name may be two months."""
    found = [_NAME.fullmatch(folded(cell)) for cell in cells]
    words = [None if match is None else (match["w"] or match["w2"]) for match in found]
    months = meanings(word for word in words if word in KNOWN)
    if any(len(means) > 1 for means in months.values()):
        return [None] * len(cells)
    return [
        (int(match["y"] or match["y2"]), next(iter(months[word]))) if match is not None and word in months else None
        for match, word in zip(found, words, strict=True)
    ]
