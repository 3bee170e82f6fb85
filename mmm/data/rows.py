"""Rows in = rows used + rows listed: keeps account while rows are set aside."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from mmm.arrays import BoolArray, IntArray
from mmm.data.columns import Columns, Role, is_money
from mmm.data.dated_totals import find_totals
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.spec import DataSpec, PanelSpec, name_key
from mmm.data.total_names import Amount, Dated
from mmm.exceptions import DataError

_ADD_UP = frozenset({Role.OUTCOME, Role.SPEND, Role.EXPOSURE, Role.ORGANIC})


class RowAccount:
    """Which rows of the file still count, and the money in each.

    Attributes
    ----------
    used : (N,) bool
    unrowed : Mapping
        Channel → money that was read and stands in no row, listed already.
    """

    def __init__(self, columns: Columns, log: ReadingLog, unrowed: Mapping[str, float] | None = None) -> None:
        self.columns, self.log = columns, log
        self.unrowed = unrowed or {}
        self.used: BoolArray = np.ones(len(columns.days), dtype=bool)
        self.money = columns.spend()

    def spend_in(self) -> dict[str, float]:
        """Return channel → all money that was read."""
        return {name: math.fsum([*values, self.unrowed.get(name, 0.0)]) for name, values in self.money.items()}

    def exclude(self, rows: Iterable[int], name: str, reason: str, do: str) -> None:
        """Set rows aside: in the ledger with their money, in the report with the reason."""
        gone = sorted({int(i) for i in rows if self.used[i]})
        if not gone:
            return
        self.used[gone] = False
        table = self.columns.table
        where = f"{table.file}, row{'' if len(gone) == 1 else 's'} {listed(table.rows[i] for i in gone)}"
        spend = {channel: math.fsum(values[gone]) for channel, values in self.money.items()}
        self.log.exclude(where, reason, rows=len(gone), spend=spend)
        self.log.repaired(name, f"{counted(len(gone), 'row')} excluded: {reason}.", where=where, do=do)


def drop_totals(account: RowAccount, spec: PanelSpec) -> None:
    """Set rows of one data file aside that are the sum of others of their date, as of a geo called Total.

    Raises
    ------
    DataError
        A row is called a total, and its figures are not the sum of the others.
    """
    columns, data = account.columns, spec.data
    header = {name_key(name): i for i, name in enumerate(columns.table.header)}
    read = [data.date, *(one.column for one in columns.series)]
    dated = Dated(
        columns.table,
        columns.days,
        [Amount(one.column, one.values, is_money(one.role, spec)) for one in columns.series if one.role in _ADD_UP],
        figures=[header[name_key(name)] for name in read],
        named=[] if data.geo is None else [header[name_key(data.geo)]],
        meant=account.used,
        reading=data,
    )
    for found in find_totals(dated, account.log):
        do = "Nothing; or declare data.totals: keep, if they count beside the others."
        account.exclude(found.at, "dated_totals", found.reason, do)


def drop_duplicates(account: RowAccount, spec: DataSpec) -> None:
    """Set identical repeats of a row aside; refuse a date given twice with different figures.

    Raises
    ------
    DataError
        Names both rows.
    """
    columns = account.columns
    first: dict[tuple[object, str], int] = {}
    repeats: list[int] = []
    for i, key in enumerate(zip(columns.days.tolist(), columns.geo, strict=True)):
        earlier = first.setdefault(key, i)
        if earlier == i:
            continue
        if columns.table.cells[i] == columns.table.cells[earlier]:
            repeats.append(i)
            continue
        place = "" if spec.geo is None else f" of the geo {key[1]!r}"
        more = "." if spec.geo else "; if the rows are places, declare data.geo; if they are products, sum them."
        raise DataError(
            f"the date {key[0]}{place} stands here and in row {columns.table.rows[earlier]} with different figures",
            where=columns.table.place(i, spec.date),
            do=f"Keep one row a date{more}",
        )
    account.exclude(
        repeats, "duplicate_rows", "an identical row stands above", "Nothing, if the row was exported twice by mistake."
    )


def say_unsorted(columns: Columns, geo: IntArray, log: ReadingLog) -> None:
    """List rows that were not in the order of their dates."""
    days = columns.days.astype(np.int64)
    falls = sum(int(np.sum(np.diff(days[geo == g]) < 0)) for g in np.unique(geo))
    if falls:
        log.repaired(
            "unsorted",
            f"The rows were put in the order of their dates ({falls} stood too early).",
            where=columns.table.file,
        )


def geo_codes(names: Sequence[str]) -> tuple[tuple[str, ...], IntArray]:
    """Return the geos in order of appearance, and the number of each row's geo, (N,)."""
    geos = tuple(dict.fromkeys(names))
    order = {name: i for i, name in enumerate(geos)}
    return geos, np.asarray([order[name] for name in names], dtype=np.int64)
