"""One file's table of text → its figures, cell by cell, by the readers of the one-file way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from mmm.arrays import BoolArray, FloatArray
from mmm.data.dated_totals import find_totals
from mmm.data.dates import read_dates
from mmm.data.footers import Footers, find_footers, list_footers
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.money import refuse_mixed_signs, unit_factor
from mmm.data.money_words import unit_of
from mmm.data.names import list_difference, list_markup, match_columns
from mmm.data.number_column import NumberColumn, NumberRules, read_numbers
from mmm.data.privacy import refuse_personal, safe
from mmm.data.reading import name_key
from mmm.data.sources.draft import Draft, Figures
from mmm.data.sources.layout import Layout, Metric, metric_of
from mmm.data.sources.money import Currencies
from mmm.data.sources.pasted import ask_about_overlap
from mmm.data.sources.repeats import parts_of, set_repeats_aside
from mmm.data.sources.rows import set_others_aside, set_totals_aside
from mmm.data.sources.totals import check_totals, dated_of
from mmm.data.spec import PanelSpec
from mmm.data.table import TextTable
from mmm.data.total_names import Amount
from mmm.exceptions import DataError


@dataclass(frozen=True, eq=False)
class _Body:
    """The rows of one file that may hold figures, and what is known of its columns."""

    whole: TextTable
    table: TextTable
    footers: Footers
    layout: Layout
    spec: PanelSpec
    places: dict[str, int]
    by_row: Sequence[str]
    currencies: Currencies
    log: ReadingLog

    def cells(self, column: str) -> list[str]:
        return [cell.strip() for cell in self.table.column(self.places[column])]


def draft_of(table: TextTable, layout: Layout, spec: PanelSpec, size: int, log: ReadingLog) -> Draft:
    """Read every figure of one file.

    Parameters
    ----------
    table : TextTable
    layout : Layout
    spec : PanelSpec
    size : int
        Bytes of the file.
    log : ReadingLog
        Of this file.

    Raises
    ------
    DataError
        Personal data, a cell that cannot be read or can be read two ways; names file, row and column.
    """
    refuse_personal(table)
    body = _body(table, layout, spec, log)
    days = read_dates(body.table, body.places[layout.date], layout.source, log)
    unmeant = _unmeant(body)
    read = _figures(body)
    figures = tuple(one.figures for one in read)
    totals = find_totals(dated_of(body.table, layout, spec, body.places, days, _amounts(body, read), ~unmeant), log)
    for found in totals:
        unmeant[found.at] = True
    _check_footers(body, read, np.concatenate([np.zeros(0, dtype=np.int64), *(found.at for found in totals)]))
    n = len(body.table)
    lines = np.asarray(body.table.rows, dtype=np.int64)
    draft = Draft(
        file=table.file,
        sha256=table.source_hash,
        bytes=size,
        rows_in=len(table),
        row=lines,
        last_row=lines,
        rows=np.ones(n, dtype=np.int64),
        days=days,
        dated=layout.date,
        geo=_names(body, layout.geo, layout.source.geo_is, "geo", unmeant),
        label=_names(body, layout.channel, layout.source.channel_is, "channel", unmeant),
        figures=figures,
        used=np.ones(n, dtype=bool),
        part=parts_of(body.table, layout, body.places),
    )
    list_footers(table, body.footers, log)
    set_totals_aside(draft, totals, spec.currency, log)
    for column, values in layout.source.only.items():
        cells = body.cells(column)
        gone = _others(cells, values)
        set_others_aside(draft, column, list(dict.fromkeys(cells)), gone, values, spec.currency, log)
    others: BoolArray = np.ones(n, dtype=bool)
    for one in figures:
        others[one.at] = False
    draft.exclude(others, "other_metrics", "of a metric that the model does not use", log, currency=spec.currency)
    set_repeats_aside(draft, body.table, layout, body.places, spec.currency, log)
    if layout.source.adds:
        ask_about_overlap(draft, body.table, layout, body.places, spec.currency, log)
    say_unused(table.header, set(body.places.values()), table.file, log)
    return draft


def _body(table: TextTable, layout: Layout, spec: PanelSpec, log: ReadingLog) -> _Body:
    places = dict(match_columns(table.header, layout.columns(), table.file, log))
    list_markup([table.header[i] for i in places.values()], table.file, log)
    if not layout.source.is_long and not layout.source.metrics:
        for one in layout.metrics:  # found in the header by the model's own names
            list_difference(one.column, one.name, table.file, log)
    footers = find_footers(table, places[layout.date])
    rows = table.take(i for i in range(len(table)) if i not in footers.rows)
    if len(rows) == 0:
        raise DataError("no row holds a date", where=table.file, do="Check data.date in the model file.")
    currencies = Currencies(layout, spec)
    by_row = currencies.of_rows(rows, None if layout.currency is None else places[layout.currency])
    currencies.refuse_unread(rows, [*places.values()])
    return _Body(table, rows, footers, layout, spec, places, by_row, currencies, log)


@dataclass(frozen=True, eq=False)
class _Known:
    """The figures of one metric, and how its column was read."""

    figures: Figures
    metric: Metric
    numbers: NumberColumn


def _figures(body: _Body) -> list[_Known]:
    """Read the columns of figures."""
    rows, layout = body.table, body.layout
    found: list[_Known] = []
    if layout.metric is not None and layout.value is not None:
        named = [name_key(cell) for cell in body.cells(layout.metric)]
        for metric in _named_metrics(body):
            at = np.asarray([i for i, name in enumerate(named) if name == name_key(metric.column)], dtype=np.int64)
            if len(at):
                found.append(_Known(*_read(body, metric, layout.value, rows.take(at), at)))
    else:
        every = np.arange(len(rows))
        found += [_Known(*_read(body, metric, metric.column, rows, every)) for metric in layout.metrics]
    return found


def _amounts(body: _Body, read: Sequence[_Known]) -> list[Amount]:
    """Return the figures that add up, one value a row."""
    found = []
    for one in read:
        if one.metric.adds_up:
            values = np.full(len(body.table), np.nan)
            values[one.figures.at] = one.figures.values
            found.append(Amount(one.metric.name, values, one.metric.is_money))
    return found


def _check_footers(body: _Body, read: Sequence[_Known], totals: np.typing.NDArray[np.int64]) -> None:
    """Compare totals below the rows with the rows' sum, without totals of a date; a last row without a date is one."""
    agreed = False
    for one in read:
        if body.layout.metric is None and one.metric.adds_up:
            numbers = replace(one.numbers, values=one.numbers.values.copy())
            numbers.values[totals] = np.nan
            index = body.places[one.metric.column]
            agreed |= check_totals(body.whole, body.table, body.footers, index, numbers, body.log)
    if body.footers.unlabelled is not None and not agreed:
        raise DataError(
            "the date is missing",
            where=body.whole.place(body.footers.unlabelled, safe(body.whole.header[body.places[body.layout.date]])),
            do="Add the date, or remove the row.",
        )


def _read(
    body: _Body, metric: Metric, column: str, rows: TextTable, at: np.typing.NDArray[np.int64]
) -> tuple[Figures, Metric, NumberColumn]:
    """Read one metric's cells in some rows, M of them."""
    index, reading = body.places[column], body.layout.source
    shown = rows.header[index]
    by_row = [body.by_row[i] for i in at]
    speaks = reading.unit_of(metric.column) is not None or unit_of(metric.column) is not None
    named = body.layout.metric is not None and speaks
    unit = metric.column if named else shown
    declared = reading.unit_of(unit)
    if metric.is_money:
        names = (shown,) if body.layout.metric is None else (shown, metric.column)
        by_row = body.currencies.of_column(names, by_row, rows.file, rows.place, body.log)
    whole = body.currencies.without_decimals(by_row) if metric.is_money and declared in (None, 1) else None
    rules = NumberRules(reading.decimal, reading.percent, reading.placeholder, whole, unit=declared is not None)
    numbers = read_numbers(rows, index, safe(shown), rules, body.log)
    if not metric.is_money:
        refuse_mixed_signs(numbers, rows, shown, body.spec)
        return Figures(metric.name, at, numbers.values * (declared or 1.0)), metric, numbers
    factor = unit_factor(unit, rows.file, reading, body.currencies.home, body.log)
    codes = body.currencies.of_cells(numbers, rows, shown, by_row)
    values: FloatArray = numbers.values * factor
    return Figures(metric.name, at, values, pa.array(codes, pa.string())), metric, numbers


def _named_metrics(body: _Body) -> tuple[Metric, ...]:
    """Return the declared metrics, or all that rows name."""
    layout = body.layout
    if layout.metrics or layout.metric is None:
        return layout.metrics
    names = {name_key(name): name for name in reversed(body.cells(layout.metric)) if name}
    return tuple(metric_of(name, name, layout.source, body.spec) for name in names.values())


def _unmeant(body: _Body) -> BoolArray:
    """Return which rows ``only`` sets aside, (N,)."""
    gone = np.zeros(len(body.table), dtype=bool)
    for column, values in body.layout.source.only.items():
        gone |= _others(body.cells(column), values)
    return gone


def _others(cells: Sequence[str], values: Sequence[str]) -> BoolArray:
    """Return which cells hold other values, (N,)."""
    keys = {name_key(value) for value in values}
    return np.asarray([name_key(cell) not in keys for cell in cells], dtype=bool)


def _names(body: _Body, column: str | None, one: str | None, what: str, unmeant: BoolArray) -> pa.Array:
    """Return a name a row as it is written, (N,): ``NA`` and leading zeros stay; null where there is no column."""
    if column is None:
        return pa.array([one] * len(body.table), pa.string())
    cells = body.cells(column)
    for i, cell in enumerate(cells):
        if not cell and not unmeant[i]:
            raise DataError(
                f"the {what} is missing",
                where=body.table.place(i, safe(body.table.header[body.places[column]])),
                do="Name it, or remove the row.",
            )
    list_markup(list(dict.fromkeys(cells)), f"{body.table.file}, column {safe(column)}", body.log)
    return pa.array([cell or None for cell in cells], pa.string())


def say_unused(header: Sequence[str], used: set[int], file: str, log: ReadingLog) -> None:
    """List the columns that are not read."""
    unused = [name for i, name in enumerate(header) if i not in used]
    if unused:
        log.repaired(
            "unused_columns",
            f"{counted(len(unused), 'column')} not used: {listed(map(safe, unused), 8)}.",
            where=file,
            do="Nothing, or name them in data.metrics of the model file.",
        )
