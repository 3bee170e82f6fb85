"""Table of text → typed columns: every column that the model file uses, in its own units, nothing combined yet."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.data.currency_of_rows import (
    column_of_currencies,
    refuse_unread_currencies,
    row_currencies,
    without_decimals,
)
from mmm.data.dates import read_dates
from mmm.data.footers import Footers, find_footers, list_footers
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.money import in_currency, refuse_mixed_signs
from mmm.data.names import list_markup, match_columns
from mmm.data.number_column import NumberColumn, NumberRules, read_numbers
from mmm.data.numbers import Kind, read_cell
from mmm.data.panel import NATIONAL
from mmm.data.privacy import safe
from mmm.data.spec import PanelSpec, name_key
from mmm.data.table import TextTable
from mmm.exceptions import DataError


class Role(StrEnum):
    """What a column is for."""

    OUTCOME = "outcome"
    VALUE = "value per outcome"
    POPULATION = "population"
    SPEND = "spend"
    COST = "cost of service"
    EXPOSURE = "exposure"
    ORGANIC = "organic"
    CONTROL = "control"


_CODES = "Rename the column to 'currency' if each row's money is in it, or remove it, or name it in the model file."
#: (role, name) → (G, T) figures by week.
Figures = dict[tuple[Role, str], FloatArray]


@dataclass(frozen=True, eq=False)
class Series:
    """One used column.

    Attributes
    ----------
    role : Role
    name : str
        Channel for spend, cost of service and exposure, else the column's name in the model file.
    column : str
        The column's name in the model file.
    values : (N,)
        NaN where the cell is empty; money in the declared currency.
    """

    role: Role
    name: str
    column: str
    values: FloatArray


@dataclass(frozen=True, eq=False)
class Columns:
    """The used columns of one file, N rows.

    Attributes
    ----------
    table : TextTable
        The N rows they were read from.
    days : (N,) datetime64[D]
    geo : tuple of str
        N names; all ``"national"`` where there is no geo column.
    series : tuple of Series
    rows_in : int
        Rows of the file, with those already excluded and listed.
    """

    table: TextTable
    days: WeekArray
    geo: tuple[str, ...]
    series: tuple[Series, ...]
    rows_in: int

    def spend(self) -> Mapping[str, FloatArray]:
        """Return channel → (N,) money, zero where the cell is empty."""
        return {s.name: np.nan_to_num(s.values) for s in self.series if s.role is Role.SPEND}


def roles(spec: PanelSpec) -> list[tuple[Role, str, str]]:
    """List (role, name, column) of every numeric column that the model file uses."""
    data = spec.data
    found = [(Role.OUTCOME, data.outcome, data.outcome)]
    if isinstance(data.value_per_outcome, str):
        found.append((Role.VALUE, data.value_per_outcome, data.value_per_outcome))
    if data.population is not None:
        found.append((Role.POPULATION, data.population, data.population))
    for name, channel in spec.channels.items():
        if channel.spend is not None:
            found.append((Role.SPEND, name, channel.spend))
        if channel.seen is not None:
            found.append((Role.EXPOSURE, name, channel.seen))
        if isinstance(channel.cost_of_service, str):
            found.append((Role.COST, name, channel.cost_of_service))
    found += [(Role.ORGANIC, name, name) for name in spec.organic]
    return found + [(Role.CONTROL, name, name) for name in spec.controls]


def is_money(role: Role, spec: PanelSpec) -> bool:
    """Say whether a column of this role holds money."""
    if role is Role.OUTCOME:
        return spec.data.value_per_outcome is None and spec.data.outcome_is_money
    return role in (Role.SPEND, Role.VALUE, Role.COST)


def _check_totals(
    table: TextTable,
    total_rows: tuple[int, ...],
    index: int,
    read: NumberColumn,
    name: str,
    log: ReadingLog,
    last_row: int,
) -> bool:
    """Compare total rows with the sum of the rows above; warn where they differ. True where one agrees."""
    agreed = False
    # Subtotals (of a year, of a quarter) stand between the weeks; the sum of all of them stands below.
    for i in (i for i in total_rows if table.rows[i] > last_row):
        cell = read_cell(table.cells[i][index])
        if cell.kind is not Kind.NUMBER:
            continue
        try:
            stated = cell.value(read.decimal)
        except ValueError:
            continue
        added = math.fsum(np.nan_to_num(read.values))
        if abs(stated - added) <= 1e-6 * max(1.0, abs(added)) + 0.01:
            agreed = True
            continue
        log.warned(
            "total_differs",
            f"The total row says {stated:,.2f} and the rows add up to {added:,.2f}.",
            where=table.place(i, name),
            means="Rows may be missing from the file.",
            do="Compare the file with the system it came from.",
        )
    return agreed


def _geo_names(table: TextTable, index: int | None, log: ReadingLog) -> tuple[str, ...]:
    """Read geo names: text as it is (``NA`` and leading zeros stay), one spelling for names that differ in case."""
    if index is None:
        return (NATIONAL,) * len(table)
    spelling: dict[str, str] = {}
    merged: set[str] = set()
    found: list[str] = []
    for i, cell in enumerate(table.column(index)):
        name = " ".join(cell.split())
        if not name:
            raise DataError("the geo is missing", where=table.place(i, safe(table.header[index])), do="Name it.")
        chosen = spelling.setdefault(name_key(name), name)
        if chosen != cell:
            merged.add(cell)
        found.append(chosen)
    if merged:
        log.repaired(
            "geo_name",
            f"Geo names that differ in case or spaces only were taken as one: {listed(map(repr, map(safe, merged)))}.",
            where=f"{table.file}, column {safe(table.header[index])}",
        )
    return tuple(found)


class _Mapper:
    """Reads the used columns of one table; keeps what every column needs."""

    def __init__(
        self, table: TextTable, footers: Footers, used: Sequence[int], spec: PanelSpec, log: ReadingLog
    ) -> None:
        self.whole, self.footers, self.spec, self.log = table, footers, spec, log
        self.table = table.take(i for i in range(len(table)) if i not in footers.rows)
        self.agreed = False
        index = column_of_currencies(table.header, table.file)
        if index is None:
            refuse_unread_currencies(self.table, used, spec.currency, _CODES)
        self.by_row = None if index is None else row_currencies(self.table, index, spec, log)

    def series(self, role: Role, name: str, column: str, index: int) -> Series:
        """Read one numeric column."""
        money = is_money(role, self.spec)
        data = self.spec.data
        factor = data.unit_of(column)
        there = self.table.header[index]
        whole = without_decimals(there, self.table, self.spec, self.by_row) if money else None
        rules = NumberRules(data.decimal, data.percent, data.placeholder, whole, unit=factor is not None)
        shown = safe(there)
        numbers = read_numbers(self.table, index, shown, rules, self.log)
        if role not in (Role.CONTROL, Role.VALUE, Role.COST, Role.POPULATION):
            last = self.table.rows[-1]
            self.agreed |= _check_totals(self.whole, self.footers.totals, index, numbers, shown, self.log, last)
            if self.footers.unlabelled is not None:
                scratch = ReadingLog()
                row = (self.footers.unlabelled,)
                self.agreed |= _check_totals(self.whole, row, index, numbers, shown, scratch, last)
        if money:
            values = in_currency(numbers, self.table, there, self.spec, self.by_row, self.log)
        else:
            refuse_mixed_signs(numbers, self.table, there, self.spec)
            values = numbers.values if factor is None else numbers.values * factor
        return Series(role, name, column, values)


def map_columns(table: TextTable, spec: PanelSpec, log: ReadingLog) -> Columns:
    """Read every used column of a table.

    Parameters
    ----------
    table : TextTable
        Its header holds every column that the model file names.
    spec : PanelSpec
    log : ReadingLog

    Raises
    ------
    DataError
        A date, number or name that cannot be read, or can be read two ways.
    """
    wanted = [column for _, column in spec.columns()]
    places = match_columns(table.header, wanted, table.file, log)
    list_markup([*spec.channels, *(table.header[i] for i in places.values())], table.file, log)
    footers = find_footers(table, places[spec.data.date])
    mapper = _Mapper(table, footers, [*places.values()], spec, log)
    if len(mapper.table) == 0:
        raise DataError("no row holds a date", where=table.file, do="Check data.date in the model file.")
    days = read_dates(mapper.table, places[spec.data.date], spec.data, log)
    series = tuple(mapper.series(role, name, column, places[column]) for role, name, column in roles(spec))
    if footers.unlabelled is not None and not mapper.agreed:
        raise DataError(
            "the date is missing",
            where=table.place(footers.unlabelled, safe(table.header[places[spec.data.date]])),
            do="Add the date, or remove the row.",
        )
    list_footers(table, footers, log)
    geo = _geo_names(mapper.table, None if spec.data.geo is None else places[spec.data.geo], log)
    unused = [name for i, name in enumerate(table.header) if i not in places.values()]
    if unused:
        log.repaired(
            "unused_columns",
            f"{counted(len(unused), 'column')} not named in the model file: {listed(map(safe, unused), 8)}.",
            where=table.file,
            do="Nothing, or name them under channels, organic or controls.",
        )
    return Columns(table=mapper.table, days=days, geo=geo, series=series, rows_in=len(table))
