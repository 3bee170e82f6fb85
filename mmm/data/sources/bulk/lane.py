"""The lane of large files: plain ones are summed by DuckDB, two at a time; all others are read cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from mmm.data.log import ReadingLog
from mmm.data.money import unit_factor
from mmm.data.names import list_markup
from mmm.data.source import MAX_BYTES
from mmm.data.sources.bulk.head import Head, NotPlainError, not_plain, read_head
from mmm.data.sources.bulk.plain import (
    check_numbers,
    check_rows,
    codes_of,
    days_of,
    names_in,
    names_of,
    refuse_people,
    refuse_unread_currencies,
    unmeant,
)
from mmm.data.sources.bulk.query import MEMORY, Shape, distinct_keys, distinct_rows, engine, shape_of, sums
from mmm.data.sources.bulk.totals import refuse_totals, totals_among
from mmm.data.sources.draft import Draft, Figures
from mmm.data.sources.layout import Metric
from mmm.data.sources.money import Currencies
from mmm.data.sources.pasted import overlapping
from mmm.data.sources.places import Place
from mmm.data.sources.repeats import Repeated, figure_columns, judge, tell
from mmm.data.sources.rows import set_others_aside, set_totals_aside
from mmm.data.sources.spec import SourceSpec
from mmm.data.sources.strict import say_unused
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError

_WORKERS = 2
#: Reads one file cell by cell.
CellByCell = Callable[[Place, ReadingLog], Draft]


def read_many(
    key: str, places: Sequence[Place], source: SourceSpec, spec: PanelSpec, folder: Path, cell_by_cell: CellByCell
) -> Iterator[tuple[Draft, ReadingLog]]:
    """Read large text files, in the order of their names.

    Parameters
    ----------
    key : str
        As in ``sources.google``.
    places : sequence of Place
    source : SourceSpec
        With what ``data`` declares for all sources.
    spec : PanelSpec
    folder : Path
        Of ``model.yaml``.
    cell_by_cell : callable
        Reads a file that is not plain.

    Raises
    ------
    DataError
        As the strict reader's; of a file that is too large for it, what is not plain in it, and where.
    """
    workers = min(_WORKERS, len(places))

    def one(place: Place) -> tuple[Draft, ReadingLog]:
        log = ReadingLog()
        try:
            return _summed(key, place, source, spec, base, log), log
        except (NotPlainError, DataError) as told:
            if place.bytes <= MAX_BYTES:
                log = ReadingLog()
                return cell_by_cell(place, log), log
            raise (told.error if isinstance(told, NotPlainError) else told) from told

    with engine(folder, _WORKERS) as base, ThreadPoolExecutor(workers) as pool:
        yield from pool.map(one, places)


def _summed(
    key: str, place: Place, source: SourceSpec, spec: PanelSpec, base: duckdb.DuckDBPyConnection, log: ReadingLog
) -> Draft:
    if source.metric is not None:
        raise not_plain("each row names its metric", place.name)
    head = read_head(key, place, source, spec, log)
    shape = shape_of(head)
    list_markup([head.table.header[i] for i in head.columns.values()], place.name, log)
    try:
        with closing(base.cursor()) as own:
            found = sums(own, head, shape)
            check_rows(found, head)
            check_numbers(own, found, head, shape)
            refuse_people(own, found, head, shape)
            refuse_unread_currencies(own, head, shape, Currencies(head.layout, spec))
            refuse_totals(found, head, shape)
            what = _judged(own, found, head, shape)
            if what is not Repeated.NONE:
                found = sums(own, head, shape, repeats=True)
    except duckdb.OutOfMemoryException as error:
        says = f"its rows by date and channel do not fit in {MEMORY} of memory"
        raise NotPlainError(DataError(says, where=place.name, do="Split the file by month.")) from error
    except duckdb.Error as error:
        raise not_plain("the rows cannot be told apart: quotation marks or separators are odd", place.name) from error
    return _draft(found, head, spec, what, log)


def _judged(base: duckdb.DuckDBPyConnection, found: pa.Table, head: Head, shape: Shape) -> Repeated:
    """Judge identical rows as the strict reader does."""
    rows = int(np.sum(found["rows"].to_numpy()))
    if not head.layout.source.adds:
        keys = found.select([f"c{i}" for i in shape.keys]).group_by([f"c{i}" for i in shape.keys]).aggregate([])
        if rows != len(keys):
            raise not_plain("a date has several rows", head.place.name)
        return Repeated.NONE
    distinct = distinct_rows(found)
    if rows == distinct:
        return Repeated.NONE
    figures = figure_columns(head.table, head.layout, head.columns)
    columns = [i for i in range(len(head.table.header)) if i not in figures]
    return judge(rows, distinct, distinct_keys(base, head, columns))


def _draft(found: pa.Table, head: Head, spec: PanelSpec, what: Repeated, log: ReadingLog) -> Draft:
    layout, shape, file = head.layout, shape_of(head), head.place.name
    n = len(found)
    days = days_of(found, head, shape, log)
    left_out = [(column, *unmeant(found, head, column, values)) for column, values in layout.source.only.items()]
    gone = np.any([out for _, out, _ in left_out], axis=0) if left_out else np.zeros(n, dtype=bool)
    currencies = Currencies(layout, spec)
    codes = codes_of(found, head, currencies)
    figures = tuple(_figures(found, head, one, codes, currencies, log) for one in layout.metrics)
    totals = totals_among(found, head, shape, spec, days, figures, ~gone, log)
    for one in totals:
        gone[one.at] = True
    draft = Draft(
        file=file,
        sha256=head.sha256,
        bytes=head.place.bytes,
        rows_in=int(np.sum(found["rows"].to_numpy())),
        # Copies: a view would keep all that DuckDB gave for the file in memory.
        row=found["first"].to_numpy().copy(),
        last_row=found["last"].to_numpy().copy(),
        rows=found["rows"].to_numpy().copy(),
        days=days,
        dated=layout.date,
        geo=names_of(found, head, layout.geo, layout.source.geo_is, "geo", gone, log),
        label=names_of(found, head, layout.channel, layout.source.channel_is, "channel", gone, log),
        figures=figures,
        used=np.ones(n, dtype=bool),
    )
    set_totals_aside(draft, totals, spec.currency, log)
    for column, out, cells in left_out:
        set_others_aside(draft, column, cells, out, layout.source.only[column], spec.currency, log)
    if what is not Repeated.NONE:
        tell(what, draft, np.asarray(found["again"].to_pylist(), dtype=bool), spec.currency, log)
    if layout.source.adds and len(overlapping(days, names_in(found, shape), draft.rows)):
        raise not_plain("on some dates alone every name stands twice", file)
    say_unused(head.table.header, set(head.columns.values()), file, log)
    return draft


def _figures(
    found: pa.Table, head: Head, metric: Metric, codes: pa.Array, currencies: Currencies, log: ReadingLog
) -> Figures:
    index, reading = head.columns[metric.column], head.layout.source
    name = head.table.header[index]
    sums_ = np.asarray(found[f"sum{index}"].to_numpy(), dtype=np.float64)
    values = np.where(np.asarray(found[f"empty{index}"].to_pylist(), dtype=bool), np.nan, sums_)
    at = np.arange(len(found))
    if not metric.is_money:
        return Figures(metric.name, at, values * (reading.unit_of(name) or 1.0))
    factor = unit_factor(name, head.place.name, reading, currencies.home, log)
    if currencies.told((name,), head.place.name) is not None:
        first, file = found["first"].to_pylist(), head.place.name
        own = currencies.of_column((name,), codes.to_pylist(), file, lambda i: f"{file}, row {first[i]}", log)
        codes = pa.array(own, pa.string())
    return Figures(metric.name, at, values * factor, codes)
