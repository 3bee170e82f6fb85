"""Money columns in one declared currency and whole units: mixed currencies, micros and thousands are never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.currencies import SIGNS
from mmm.data.log import ReadingLog, counted
from mmm.data.number_column import NumberColumn
from mmm.data.privacy import safe
from mmm.data.reading import Reading
from mmm.data.spec import PanelSpec
from mmm.data.table import TextTable
from mmm.exceptions import DataError

_MICROS = re.compile(r"(?:^|[\W_])micros?(?:$|[\W_])")
_THOUSANDS = re.compile(
    r"(?:^|[\W_])(?:0{3}s?|thousands?|tsd|tausend|keur|kusd|kgbp|teur|tusd|milliers|miles)(?:$|[\W_])|k[€$£]|[\W_]k(?:$|[)\]])"
)
_MILLIONS = re.compile(r"(?:^|[\W_])(?:millions?|mio|mln|meur|musd)(?:$|[\W_])|m[€$£]")
_UNITS = ((_MICROS, "micros", "0.000001"), (_THOUSANDS, "thousands", "1000"), (_MILLIONS, "millions", "1000000"))


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
        for pattern, unit, factor in _UNITS:
            if pattern.search(column.casefold()):
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


def _rate(codes: frozenset[str], shown: str, spec: PanelSpec, where: str) -> float:
    """Return the worth of one unit of a cell's currency in the declared one."""
    if spec.currency in codes:
        return 1.0
    given = sorted(codes & set(spec.data.rates))
    if len(given) == 1:
        return spec.data.rates[given[0]]
    code = "USD" if "USD" in codes else min(codes)
    raise DataError(
        f"'{shown}' is not {spec.currency}, the currency of the model file",
        where=where,
        do=f"Give data.rates: {{{code}: …}} (the worth of 1 {code} in {spec.currency}), "
        f"convert the column, or set currency: {code} if the whole file is in it.",
    )


def row_rates(codes: Sequence[str], table: TextTable, column: str, spec: PanelSpec, log: ReadingLog) -> FloatArray:
    """Return the rate of every row from a column of currency codes, (N,)."""
    rates = np.ones(len(codes))
    foreign = 0
    for i, text in enumerate(codes):
        key = text.strip().casefold()
        if key:
            known = SIGNS.get(key, frozenset({text.strip().upper()}))
            rates[i] = _rate(known, safe(text.strip()), spec, table.place(i, safe(column)))
            foreign += spec.currency not in known
    if foreign:
        log.repaired(
            "rates",
            f"Money in {counted(foreign, 'row')} was converted to {spec.currency} at the declared rates.",
            where=f"{table.file}, column {safe(column)}",
        )
    return rates


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
    numbers: NumberColumn, table: TextTable, column: str, spec: PanelSpec, by_row: FloatArray | None, log: ReadingLog
) -> FloatArray:
    """Convert a money column to whole units of the declared currency, (N,).

    Parameters
    ----------
    numbers : NumberColumn
    table : TextTable
    column : str
    spec : PanelSpec
    by_row : (N,) or None
        Rates from a column of currency codes; cells with a sign of their own follow the sign.
    log : ReadingLog

    Raises
    ------
    DataError
        A sign of another currency without a declared rate; a name that speaks of micros or thousands.
    """
    factor = unit_factor(column, table.file, spec.data, spec.currency, log)
    rates = np.ones(len(table)) if by_row is None else by_row.copy()
    foreign = 0
    for i, sign in enumerate(numbers.signs):
        if sign is not None:
            rates[i] = _rate(SIGNS[sign], sign, spec, table.place(i, safe(column)))
            foreign += spec.currency not in SIGNS[sign]
    if foreign:
        log.repaired(
            "rates",
            f"{counted(foreign, 'cell')} in another currency were converted to {spec.currency} at the declared rate.",
            where=f"{table.file}, column {safe(column)}",
        )
    converted: FloatArray = numbers.values * factor * rates
    return converted
