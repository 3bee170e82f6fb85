"""Money columns in one declared currency and whole units: mixed currencies, micros and thousands are never guessed."""

from __future__ import annotations

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.currencies import SIGNS
from mmm.data.currency_of_rows import RowCurrencies, header_currency, rate_of, some_of
from mmm.data.log import ReadingLog, counted
from mmm.data.money_words import unit_of
from mmm.data.number_column import NumberColumn
from mmm.data.privacy import safe
from mmm.data.reading import Reading
from mmm.data.spec import PanelSpec
from mmm.data.table import TextTable
from mmm.exceptions import DataError


def unit_factor(column: str, file: str, reading: Reading, currency: str, log: ReadingLog) -> float:
    """Return the worth of 1 in a money column; a name that speaks of micros or thousands needs a declaration.

    Raises
    ------
    DataError
        The name says micros, thousands or millions and ``data.units`` does not name the column.
    """
    declared = reading.unit_of(column)
    where = f"{file}, column {safe(column)}"
    if declared is None:
        told = unit_of(column)
        if told is not None:
            unit, factor = told
            raise DataError(
                f"the column's name speaks of {unit}",
                where=where,
                do=f"Declare data.units: {{{safe(column)}: {factor}}} if it holds {unit} of {currency}, "
                f"or {{{safe(column)}: 1}} if it holds {currency}.",
            )
        return 1.0
    if declared != 1:
        log.repaired("units", f"Every number was multiplied by {declared:g}, as declared in data.units.", where=where)
    return declared


def refuse_mixed_signs(numbers: NumberColumn, table: TextTable, column: str, spec: PanelSpec) -> None:
    """Refuse a column that is no money of ours (a price as a control) where cells are in different currencies."""
    signs = list(numbers.signs)
    for i, sign in enumerate(signs):
        if sign is not None and spec.currency not in SIGNS[sign] and any(other != sign for other in signs):
            raise DataError(
                f"'{sign}' is not the currency of the other cells",
                where=table.place(i, safe(column)),
                do="Write the whole column in one currency.",
            )


def in_currency(
    numbers: NumberColumn,
    table: TextTable,
    column: str,
    spec: PanelSpec,
    by_row: RowCurrencies | None,
    log: ReadingLog,
) -> FloatArray:
    """Convert a money column to whole units of the declared currency, (N,).

    Parameters
    ----------
    numbers : NumberColumn
    table : TextTable
    column : str
    spec : PanelSpec
    by_row : RowCurrencies or None
        From a column of currency codes; cells with a sign of their own follow the sign.
    log : ReadingLog

    Raises
    ------
    DataError
        Another currency, in a cell or in the column's name, without a declared rate; a name that speaks of micros or
        thousands.
    """
    factor = unit_factor(column, table.file, spec.data, spec.currency, log)
    rates = np.ones(len(table)) if by_row is None else by_row.rates.copy()
    told = header_currency(column, table, spec, by_row)
    foreign = 0
    for i, sign in enumerate(numbers.signs):
        row = told if by_row is None else by_row.codes[i] or told
        own = None if sign is None else SIGNS[sign]
        if own is not None and told is not None and not own & told:
            raise DataError(
                f"'{sign}' stands in a column whose name speaks of {some_of(told)}",
                where=table.place(i, safe(column)),
                do="Correct the column's name, or its cells.",
            )
        if own is not None:  # '$' in a row of CAD is CAD
            codes, shown = (own & row if row is not None and own & row else own), f"'{sign}'"
        elif by_row is not None and by_row.codes[i] is not None:
            continue  # converted by its row, and said
        elif told is not None:
            codes, shown = told, f"{some_of(told)}, of which the column's name speaks,"
        else:
            continue
        where = table.place(i, safe(column)) if own is not None else f"{table.file}, column {safe(column)}"
        more = "" if own is not None else f", or rename the column if it holds {spec.currency}"
        rates[i] = rate_of(codes, shown, spec, where, more)
        foreign += spec.currency not in codes
    if foreign:
        log.repaired(
            "rates",
            f"{counted(foreign, 'cell')} in another currency were converted to {spec.currency} at the declared rate.",
            where=f"{table.file}, column {safe(column)}",
        )
    converted: FloatArray = numbers.values * factor * rates
    return converted
