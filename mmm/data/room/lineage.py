"""Where every cell of the panel comes from: files, rows and what they gave; the parts of a cell add up to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.data.panel import Panel
from mmm.data.room.figures import figures
from mmm.data.room.owned_money import money_lines
from mmm.data.spec import PanelSpec

if TYPE_CHECKING:
    import pyarrow as pa

FILE = "lineage.parquet"
#: What fills a cell beyond its rows: a declared fill, or weeks without a row of an averaged column.
FILLED = "filled as the model file declares"
#: Relative difference below which the parts of a cell give its figure.
_SAME = 1e-9
_FOLDER = b"mixwise.data_folder"


def schema() -> pa.Schema:
    """Return the columns of ``lineage.parquet``: one line a cell and group of rows that gave a part of it.

    ``figure`` is the panel's own figure of the cell, on each of its lines; ``value`` is the part of it that the rows
    gave, in the panel's currency; ``original`` what they say in ``currency``, where it was converted. A part without
    ``file`` stands in no file: ``label`` says what it is.
    """
    import pyarrow as pa  # noqa: PLC0415

    days = ("week", "first_day", "last_day")
    texts = ("geo", "series", "source", "file", "label", "currency")
    numbers = ("value", "original", "figure")
    kinds = dict.fromkeys(days, pa.date32()) | dict.fromkeys(texts, pa.string()) | dict.fromkeys(numbers, pa.float64())
    order = (
        *("week", "geo", "series", "source", "file", "row", "last_row", "rows", "first_day", "last_day", "label"),
        *("value", "original", "currency", "figure"),
    )
    return pa.schema([(name, kinds.get(name, pa.int64())) for name in order])


def lineage(cells: pa.Table, panel: Panel, spec: PanelSpec) -> pa.Table:
    """Return the lineage of a panel: parts of cells that are in it, with what was filled as parts of its own.

    Parameters
    ----------
    cells : pyarrow.Table
        Columns of :func:`schema` but for ``figure``; ``original`` and ``currency`` may lack.
    panel : Panel
    spec : PanelSpec

    Returns
    -------
    pyarrow.Table
        Of :func:`schema`, by series, geo and week; what owned channels cost stands below. The ``value`` of each cell's
        lines adds up to its ``figure``.
    """
    import pyarrow as pa  # noqa: PLC0415

    known = figures(panel, spec)
    names = list(known)
    stacked = np.stack([known[name] for name in names])  # (S, G, T)
    at = _places(cells, names, panel)
    kept = (at >= 0) & panel.observed.ravel()[at % panel.observed.size]
    cells, at = cells.filter(pa.array(kept)), at[kept]
    given = np.nan_to_num(cells["value"].to_numpy())
    added = np.bincount(at, weights=given, minlength=stacked.size)
    size = np.bincount(at, weights=np.abs(given), minlength=stacked.size)
    rest = stacked.ravel() - added
    there = np.broadcast_to(panel.observed, stacked.shape).ravel()
    filled = np.flatnonzero(
        there & (np.abs(rest) > _SAME * np.maximum(size, np.maximum(np.abs(stacked.ravel()), 1e-9)))
    )
    columns = {name: cells[name] if name in cells.column_names else None for name in schema().names}
    whole = _with_fills(columns, cells.num_rows, filled, rest[filled], names, panel)
    every = np.concatenate([at, filled])
    whole = whole.set_column(whole.num_columns - 1, "figure", pa.array(stacked.ravel()[every]))
    order = np.argsort(every, kind="stable")
    whole = whole.take(pa.array(order))
    return pa.concat_tables([whole, *money_lines(whole, every[order], names, panel, spec)]).combine_chunks()


def _places(cells: pa.Table, names: list[str], panel: Panel) -> IntArray:
    """Return the flat index of each line's cell in (S, G, T); -1 where the panel has no such cell."""
    weeks = cells["week"].to_numpy().astype("datetime64[D]")
    step = np.searchsorted(panel.weeks, weeks)
    step[step == panel.n_weeks] = 0
    week = np.where(panel.weeks[step] == weeks, step, -1)
    series, geo = _codes(cells, "series", names), _codes(cells, "geo", list(panel.geos))
    flat = (series * len(panel.geos) + geo) * panel.n_weeks + week
    return np.asarray(np.where((series < 0) | (geo < 0) | (week < 0), -1, flat), dtype=np.int64)


def _codes(cells: pa.Table, column: str, names: list[str]) -> IntArray:
    """Return the number of each line's name, -1 where it is none of them."""
    encoded = cells[column].combine_chunks().dictionary_encode()
    place = {name: i for i, name in enumerate(names)}
    rank = np.asarray([place.get(text, -1) for text in encoded.dictionary.to_pylist()] + [-1], dtype=np.int64)
    indices = encoded.indices.fill_null(len(rank) - 1).to_numpy(zero_copy_only=False)
    return np.asarray(rank[indices.astype(np.int64)], dtype=np.int64)


def _with_fills(
    columns: Mapping[str, Any],
    n: int,
    filled: IntArray,
    rest: FloatArray,
    names: list[str],
    panel: Panel,
) -> pa.Table:
    """Return the lines and, below them, one for each cell that holds more than its rows gave."""
    import pyarrow as pa  # noqa: PLC0415

    week, geo = filled % panel.n_weeks, (filled // panel.n_weeks) % len(panel.geos)
    series = filled // (panel.n_weeks * len(panel.geos))
    said = {
        "week": pa.array(panel.weeks[week]),
        "geo": pa.array([panel.geos[g] for g in geo], pa.string()),
        "series": pa.array([names[s] for s in series], pa.string()),
        "label": pa.array([FILLED] * len(filled), pa.string()),
        "rows": pa.array(np.zeros(len(filled), dtype=np.int64)),
        "value": pa.array(rest),
    }
    whole = schema()
    top = [pa.nulls(n, kind.type) if columns[kind.name] is None else columns[kind.name] for kind in whole]
    low = [said.get(kind.name, pa.nulls(len(filled), kind.type)).cast(kind.type) for kind in whole]
    upper = pa.table([part.cast(kind.type) for part, kind in zip(top, whole, strict=True)], schema=whole)
    return pa.concat_tables([upper, pa.table(low, schema=whole)]).combine_chunks()


def write_lineage(folder: Path, table: pa.Table, data: str = "..") -> None:
    """Write ``lineage.parquet`` into a run folder.

    Parameters
    ----------
    folder : Path
        Of the run, or the one in which it is staged.
    table : pyarrow.Table
        Of :func:`lineage`.
    data : str
        Way from the run folder to the folder of the model file, where the sources lie.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415

    pq.write_table(table.replace_schema_metadata({_FOLDER: data.encode()}), folder / FILE, compression="zstd")


def read_lineage(folder: Path) -> tuple[pa.Table, str]:
    """Return the lineage of a run folder, and the way from it to the folder of the sources."""
    import pyarrow.parquet as pq  # noqa: PLC0415

    table = pq.read_table(folder / FILE)
    return table, (table.schema.metadata or {}).get(_FOLDER, b"..").decode()
