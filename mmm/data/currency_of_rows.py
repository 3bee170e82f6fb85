"""The currency of a row, by its code, and of a column of money, by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.currencies import COLUMN_NAMES, ISO_CODES, NO_DECIMALS, PLAIN_WORDS, SIGNS
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.money_words import currency_of
from mmm.data.privacy import safe
from mmm.data.reading import name_key
from mmm.data.spec import PanelSpec
from mmm.data.table import TextTable
from mmm.exceptions import DataError


def rate_of(codes: frozenset[str], shown: str, spec: PanelSpec, where: str, more: str = "") -> float:
    """Return the worth of one unit of a cell's currency in the declared one."""
    if spec.currency in codes:
        return 1.0
    given = sorted(codes & set(spec.data.rates))
    if len(given) == 1:
        return spec.data.rates[given[0]]
    code = "USD" if "USD" in codes else min(codes)
    raise DataError(
        f"{shown} is not {spec.currency}, the currency of the model file",
        where=where,
        do=f"Give data.rates: {{{code}: …}} (the worth of 1 {code} in {spec.currency}), "
        f"convert the column, or set currency: {code} if the whole file is in it{more}.",
    )


@dataclass(frozen=True, eq=False)
class RowCurrencies:
    """The currency of every row, from a column of codes.

    Attributes
    ----------
    column : str
    codes : tuple of frozenset or None
        What each of N rows may mean; None where the cell is empty.
    rates : (N,)
        Worth of one unit in the declared currency.
    """

    column: str
    codes: tuple[frozenset[str] | None, ...]
    rates: FloatArray


def column_of_currencies(header: Sequence[str], file: str, *, declared: bool = False) -> int | None:
    """Return which column holds a currency a row, by its name; the first, where the money's currency is declared.

    Raises
    ------
    DataError
        Two may.
    """
    found = [i for i, name in enumerate(header) if name_key(name) in COLUMN_NAMES]
    if len(found) > 1 and not declared:
        raise DataError(
            f"the columns {' and '.join(repr(safe(header[i])) for i in found)} may both hold the money's currency",
            where=file,
            do="Declare data.currency_column if there are several sources, or remove the other column.",
        )
    return found[0] if found else None


def holds_currencies(cells: Sequence[str], home: str) -> list[str]:
    """Return the currencies that a column holds, if it holds nothing else and not only the one at home."""
    codes = list(dict.fromkeys(text for cell in cells if (text := cell.strip().upper())))
    if not codes or not ISO_CODES.issuperset(codes) or PLAIN_WORDS.issuperset(codes) or codes == [home]:
        return []
    return codes


def refuse_unread_currencies(table: TextTable, used: Sequence[int], home: str, do: str) -> None:
    """Refuse an unread column of currency codes: it may be what the money is in.

    Parameters
    ----------
    table : TextTable
    used : sequence of int
        Columns that are read.
    home : str
        Currency that the money is taken to be in.
    do : str
        Remedy, with ``{column}`` and ``{code}``.

    Raises
    ------
    DataError
        Names the column and its codes.
    """
    for i, name in enumerate(table.header):
        if i not in used and (codes := holds_currencies(table.column(i), home)):
            row = next(k for k, cell in enumerate(table.column(i)) if cell.strip().upper() not in ("", home))
            raise DataError(
                f"the column is not used, holds currencies ({listed(codes, 4)}), and money is taken to be in {home}",
                where=table.place(row, safe(name)),
                do=do.format(column=safe(name), code=codes[0]),
            )


def row_currencies(table: TextTable, index: int, spec: PanelSpec, log: ReadingLog) -> RowCurrencies:
    """Read the currency of every row from a column of codes."""
    column, cells = table.header[index], table.column(index)
    codes: list[frozenset[str] | None] = []
    rates = np.ones(len(cells))
    foreign = 0
    for i, text in enumerate(cells):
        key = text.strip().casefold()
        known = SIGNS.get(key, frozenset({text.strip().upper()})) if key else None
        codes.append(known)
        if known is not None:
            rates[i] = rate_of(known, f"'{safe(text.strip())}'", spec, table.place(i, safe(column)))
            foreign += spec.currency not in known
    if foreign:
        log.repaired(
            "rates",
            f"Money in {counted(foreign, 'row')} was converted to {spec.currency} at the declared rates.",
            where=f"{table.file}, column {safe(column)}",
        )
    return RowCurrencies(column, tuple(codes), rates)


def told_by(column: str, file: str) -> frozenset[str] | None:
    """Return the currencies that a money column's name may mean; None where it names none.

    Raises
    ------
    DataError
        It speaks of two.
    """
    told = currency_of(column)
    if told == frozenset():
        raise DataError(
            "the column's name speaks of two currencies",
            where=f"{file}, column {safe(column)}",
            do="Rename the column after the one that its money is in.",
        )
    return told


def header_currency(
    column: str, table: TextTable, spec: PanelSpec, by_row: RowCurrencies | None
) -> frozenset[str] | None:
    """Return the currencies that a money column's name may mean, where they are not the model's; else None.

    Raises
    ------
    DataError
        The name speaks of two currencies, or of another one than a row.
    """
    told = told_by(column, table.file)
    for i, codes in enumerate(() if by_row is None or told is None else by_row.codes):
        if codes is not None and told is not None and not codes & told:
            raise DataError(
                f"the row is in {min(codes)}, and the name of the column '{safe(column)}' says {some_of(told)}",
                where=table.place(i, safe(by_row.column if by_row is not None else column)),
                do=f"Rename the column '{safe(column)}' if its money is in the currency of each row.",
            )
    return None if told is None or spec.currency in told else told


def some_of(codes: frozenset[str]) -> str:
    return " or ".join(sorted(codes, key=lambda code: (code != "USD", code))[:3])


def without_decimals(column: str, table: TextTable, spec: PanelSpec, by_row: RowCurrencies | None) -> str | None:
    """Return the currency of a money column of whole units, if it is written without decimals."""
    rows = [codes for codes in (() if by_row is None else by_row.codes) if codes is not None]
    told = [*rows, header_currency(column, table, spec, by_row) or frozenset({spec.currency})]
    plain = all(spec.currency in codes or codes <= NO_DECIMALS for codes in told)
    return spec.currency if plain and spec.currency in NO_DECIMALS and spec.data.unit_of(column) in (None, 1) else None
