"""A column of cells → floats: one decimal mark a column, and nothing read that can be read two ways."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.currencies import NO_DECIMALS, SIGNS
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.numbers import Cell, Kind, Mark, read_cell
from mmm.data.privacy import safe
from mmm.data.spec import DecimalMark, Percent, Placeholder
from mmm.data.table import Exact, TextTable
from mmm.exceptions import DataError

_REPAIRS = {
    "digits": "digits of another script were read as 0–9",
    "thousands": "spaces or apostrophes between thousands were removed",
    "currency_sign": "currency signs were removed",
    "parentheses": "numbers in brackets were read as negative",
    "no_cents": "a dash in the place of the cents was read as no cents, not as a minus",
    "minus_sign": "a minus sign of another form or behind the number was read as negative",
}
#: Of a column whose worth of 1 is declared: a million million of money in micros.
_MAX_UNIT_DIGITS = 18
_UNREADABLE = (Kind.TEXT, Kind.INFINITE, Kind.TOO_LONG, Kind.TWO_SIGNS)


@dataclass(frozen=True)
class NumberRules:
    """What the model file declares about the writing of numbers.

    Attributes
    ----------
    decimal : DecimalMark or None
    percent : Percent or None
    placeholder : Placeholder or None
    no_decimals : str or None
        ISO code, for whole units of money in a currency that is written without decimals.
    unit : bool
        Whether the worth of 1 is declared, as of micros: then a quantity may have 18 digits.
    """

    decimal: DecimalMark | None = None
    percent: Percent | None = None
    placeholder: Placeholder | None = None
    no_decimals: str | None = None
    unit: bool = False


@dataclass(frozen=True, eq=False)
class NumberColumn:
    """Numbers of one column.

    Attributes
    ----------
    values : (N,) floats
        NaN where the cell is empty.
    signs : tuple of str or None
        N currency signs or codes as written, case folded.
    decimal : DecimalMark
        With which the column was read.
    """

    values: FloatArray
    signs: tuple[str | None, ...]
    decimal: DecimalMark


def _refuse_unreadable(cells: Sequence[Cell], table: TextTable, index: int, name: str) -> None:
    """Refuse text, infinity and identifiers; the first is named, the others counted."""
    bad = [i for i, cell in enumerate(cells) if cell.kind in _UNREADABLE]
    if not bad:
        return
    first = bad[0]
    found = safe(table.cells[first][index].strip())
    says = {
        Kind.TEXT: f"'{found}' is not a number",
        Kind.INFINITE: f"'{found}' is not a finite number",
        Kind.TOO_LONG: f"'{found}' has more digits than a quantity can hold; it looks like an identifier",
        Kind.TWO_SIGNS: f"'{found}' says twice that it is below zero, by brackets and minus signs, and may mean either",
    }[cells[first].kind]
    more = f" ({counted(len(bad) - 1, 'more cell')} of this column cannot be read either)" if len(bad) > 1 else ""
    do = "Correct the cell in the file, or name another column in the model file."
    if _as_quantity(cells[first]).kind is Kind.NUMBER:
        unit = f"data.units: {{{name}: 0.000001}} if it holds micros, {{{name}: 1}} if it holds whole units"
        do = f"Name another column in the model file; or declare {unit}."
    raise DataError(says + more, where=table.place(first, name), do=do)


def _as_quantity(cell: Cell) -> Cell:
    """Take a whole number of up to 18 digits as a quantity, not as an identifier."""
    if cell.kind is Kind.TOO_LONG and sum(char.isdigit() for char in cell.digits) <= _MAX_UNIT_DIGITS:
        return replace(cell, kind=Kind.NUMBER)
    return cell


def _refuse_placeholders(cells: Sequence[Cell], table: TextTable, index: int, name: str) -> None:
    for i, cell in enumerate(cells):
        if cell.kind is Kind.PLACEHOLDER:
            raise DataError(
                f"'{safe(table.cells[i][index].strip())}' stands where a number should, and may mean zero or unknown",
                where=table.place(i, name),
                do="Declare data.placeholder: zero or data.placeholder: missing in the model file.",
            )


def _check_percent(cells: Sequence[Cell], table: TextTable, index: int, rules: NumberRules, name: str) -> None:
    """Refuse percent signs that may mean two things; a workbook's number that is formatted so is what it is."""
    with_sign = [i for i, cell in enumerate(cells) if cell.percent]
    if not with_sign:
        return
    if rules.percent is None and not all(isinstance(table.cells[i][index], Exact) for i in with_sign):
        raise DataError(
            "the cell has a percent sign, and 5% may mean 0.05 or 5",
            where=table.place(with_sign[0], name),
            do="Declare data.percent: fraction (5% is 0.05) or data.percent: points (5% is 5) in the model file.",
        )
    without = [
        i for i, cell in enumerate(cells) if cell.kind is Kind.NUMBER and not cell.percent and cell.digits.strip("0.,")
    ]
    if without:
        raise DataError(
            f"this cell has no percent sign and row {table.rows[with_sign[0]]} has one",
            where=table.place(without[0], name),
            do="Write the whole column with percent signs, or none of it.",
        )


def _stands_out(cells: Sequence[Cell], either: Mark, beside: Sequence[int]) -> bool:
    """Say whether ``1.234`` is a stranger in its column: most decimals are there, and none has three digits."""
    clear = Mark.POINT if either is Mark.POINT_EITHER else Mark.COMMA
    decimals = [*beside, *(len(re.split(r"[.,]", cell.digits)[-1]) for cell in cells if cell.mark is clear)]
    cents = any("no_cents" in cell.repairs for cell in cells)
    return max(decimals, default=0) <= 2 and (cents or sum(cell.mark is either for cell in cells) < len(decimals))


def _first(cells: Sequence[Cell], *marks: Mark) -> int | None:
    return next((i for i, cell in enumerate(cells) if cell.mark in marks), None)


def _evident_mark(cells: Sequence[Cell], table: TextTable, index: int, name: str) -> tuple[DecimalMark, int] | None:
    """Return the decimal mark that the column's own cells show, and the first that shows it; refuse two marks."""
    point, comma = _first(cells, Mark.POINT), _first(cells, Mark.COMMA)
    if point is not None and comma is not None:
        row, other = max(point, comma), min(point, comma)
        raise DataError(
            f"'{_shown(table, row, index)}' and '{_shown(table, other, index)}' (row {table.rows[other]}) "
            "have different decimal marks",
            where=table.place(row, name),
            do="Write the whole column in one way.",
        )
    if point is not None:
        return DecimalMark.POINT, point
    return None if comma is None else (DecimalMark.COMMA, comma)


def _shown(table: TextTable, row: int, index: int) -> str:
    return safe(table.cells[row][index].strip())


def _decimal_mark(
    cells: Sequence[Cell], table: TextTable, index: int, rules: NumberRules, name: str, beside: Sequence[int]
) -> DecimalMark:
    """Decide the decimal mark of a column from what is declared, or from its own cells and the typed ones beside."""
    if table.typed:
        return DecimalMark.POINT
    evident = _evident_mark(cells, table, index, name)
    if rules.decimal is not None:
        if evident is not None and evident[0] is not rules.decimal:
            raise DataError(
                f"'{_shown(table, evident[1], index)}' cannot be read with the declared decimal mark "
                f"'{rules.decimal.value}'",
                where=table.place(evident[1], name),
                do="Correct data.decimal in the model file, or the cell.",
            )
        return rules.decimal
    if evident is None:
        row = _first(cells, Mark.POINT_EITHER, Mark.COMMA_EITHER)
        if row is None:
            return DecimalMark.POINT
        marks = {cell.mark for cell in cells if cell.mark.is_open}
        if len(marks) == 1 and _has_no_decimals(cells, rules.no_decimals):
            return DecimalMark.COMMA if Mark.POINT_EITHER in marks else DecimalMark.POINT
        raise _two_readings(cells, table, index, row, name, "no other cell of the column tells which")
    own = Mark.POINT_EITHER if evident[0] is DecimalMark.POINT else Mark.COMMA_EITHER
    row = _first(cells, own)
    if row is not None and _stands_out(cells, own, beside):
        raise _two_readings(cells, table, index, row, name, "the others have two decimals at most")
    return evident[0]


def _has_no_decimals(cells: Sequence[Cell], currency: str | None) -> bool:
    """Say whether every cell is money without decimals: in this currency, or by its own sign in another such one."""
    if currency is None:
        return False
    meant = [SIGNS[sign] for sign in {cell.sign for cell in cells} if sign is not None]
    return all(currency in codes or codes <= NO_DECIMALS for codes in meant)


def _two_readings(cells: Sequence[Cell], table: TextTable, index: int, row: int, name: str, why: str) -> DataError:
    digits = cells[row].digits
    plain, joined = digits.replace(",", "."), digits.replace(",", "").replace(".", "")
    return DataError(
        f"'{_shown(table, row, index)}' can be read as {plain} and as {joined}, and {why}",
        where=table.place(row, name),
        do="Declare data.decimal: '.' or data.decimal: ',' in the model file.",
    )


def _list_repairs(cells: Sequence[Cell], decimal: DecimalMark, table: TextTable, name: str, log: ReadingLog) -> None:
    where = f"{table.file}, column {name}"
    marked = sum(1 for cell in cells if cell.mark is not Mark.NONE)
    if decimal is DecimalMark.COMMA and marked:
        log.repaired("decimal_comma", f"{counted(marked, 'cell')} were read with a decimal comma.", where=where)
    elif not table.typed and any("," in cell.digits for cell in cells):
        many = sum("," in cell.digits for cell in cells)
        log.repaired("thousands", f"In {counted(many, 'cell')}, commas between thousands were removed.", where=where)
    counts = Counter(repair for cell in cells for repair in cell.repairs)
    if table.typed:  # the sign is of the number's format, and stands in no cell
        counts.pop("currency_sign", None)
    for repair, count in sorted(counts.items()):
        log.repaired(repair, f"In {counted(count, 'cell')}, {_REPAIRS[repair]}.", where=where)


def read_numbers(table: TextTable, index: int, name: str, rules: NumberRules, log: ReadingLog) -> NumberColumn:
    """Read one column as numbers.

    Parameters
    ----------
    table : TextTable
    index : int
        Which column.
    name : str
        Its name for messages.
    rules : NumberRules
    log : ReadingLog
        Repairs are listed here.

    Returns
    -------
    NumberColumn

    Raises
    ------
    DataError
        Text, infinity, identifiers, two decimal marks; or what has two readings and no declaration.
    """
    column = table.column(index)
    exact = [isinstance(text, Exact) for text in column]
    if not any(exact) or table.typed:
        return _written(table, index, name, rules, log)
    if all(known or not text.strip() for known, text in zip(exact, column, strict=True)):
        return _written(replace(table, typed=True), index, name, rules, log)
    return _mixed(table, index, name, rules, log, exact)


def _mixed(
    table: TextTable, index: int, name: str, rules: NumberRules, log: ReadingLog, exact: Sequence[bool]
) -> NumberColumn:
    """Read a column in which some cells are numbers and others are text, as in a workbook: each by its own rule."""
    values = np.empty(len(table))
    signs: list[str | None] = [None] * len(table)
    decimal = DecimalMark.POINT
    # What is typed shows no mark, but how many decimals the column's figures have.
    beside = [len(text.partition(".")[2]) for text in table.column(index) if isinstance(text, Exact) and "." in text]
    for typed in (True, False):
        at = [i for i, known in enumerate(exact) if known is typed]
        part = _written(replace(table.take(at), typed=typed), index, name, rules, log, beside)
        values[at] = part.values
        for i, sign in zip(at, part.signs, strict=True):
            signs[i] = sign
        decimal = part.decimal
    return NumberColumn(values, tuple(signs), decimal)


def _written(
    table: TextTable, index: int, name: str, rules: NumberRules, log: ReadingLog, beside: Sequence[int] = ()
) -> NumberColumn:
    """Read a column of cells of one kind; ``beside`` are the numbers of decimals of its cells of the other kind."""
    cells = [read_cell(text) for text in table.column(index)]
    if rules.unit:
        cells = [_as_quantity(cell) for cell in cells]
    _refuse_unreadable(cells, table, index, name)
    if rules.placeholder is None:
        _refuse_placeholders(cells, table, index, name)
    _check_percent(cells, table, index, rules, name)
    if rules.percent is None and any(cell.percent for cell in cells):
        rules = replace(rules, percent=Percent.FRACTION)
        says = "Numbers formatted as percent were read as the workbook holds them: 5% is 0.05."
        log.repaired("percent_format", says, where=f"{table.file}, column {name}")
    decimal = _decimal_mark(cells, table, index, rules, name, beside)
    replaced = [i for i, cell in enumerate(cells) if cell.kind is Kind.PLACEHOLDER]
    if replaced and rules.placeholder is not None:
        log.repaired(
            "placeholder",
            f"{counted(len(replaced), 'cell')} such as '{safe(table.cells[replaced[0]][index].strip())}' were taken as "
            f"{rules.placeholder.value} (rows {listed(table.rows[i] for i in replaced)}).",
            where=f"{table.file}, column {name}",
        )
    _list_repairs(cells, decimal, table, name, log)
    scale = 100.0 if rules.percent is Percent.FRACTION else 1.0
    hole = 0.0 if rules.placeholder is Placeholder.ZERO else math.nan
    values = [
        cell.value(decimal) / (scale if cell.percent else 1.0)
        if cell.kind is Kind.NUMBER
        else (hole if cell.kind is Kind.PLACEHOLDER else math.nan)
        for cell in cells
    ]
    return NumberColumn(np.asarray(values, dtype=np.float64), tuple(cell.sign for cell in cells), decimal)
