"""The one query that reads a large file: sums by date, geo and label, and what its cells look like."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from mmm.data.period_totals import holds_dates
from mmm.data.sources.bulk.head import Head
from mmm.data.total_words import SURE_WORDS

#: A number that has one reading, or, as ``1.234``, two.
PLAIN = r"-?[0-9]{1,15}(\.[0-9]+)?"
#: The same of a column whose worth of 1 is declared, as of micros.
_PLAIN_UNITS = r"-?[0-9]{1,18}(\.[0-9]+)?"
_EITHER = r"-?[1-9][0-9]{0,2}\.[0-9]{3}"
#: Wider than any writing of a telephone number, an address of a machine or a device's identifier.
SUSPECT = r"(GA)?[0-9A-Fa-f:.+()\s/%\-]{7,}(%\w+)?(/\d+)?"
MEMORY = "700MB"
#: A cell that is one of the words for a total, whatever its case.
_TOTALS = rf"(?i)\s*({'|'.join(map(re.escape, SURE_WORDS))})\s*"
_MIX = np.uint64(0x9E3779B97F4A7C15)
#: Bytes of a file up to which identical rows are told by eight bytes a row in memory; by DuckDB's disk beyond.
_IN_MEMORY = 500_000_000


@dataclass(frozen=True)
class Shape:
    """Which columns of a file are what, by index.

    Attributes
    ----------
    keys : tuple of int
        Date first, then geo, channel, currency and the columns of ``only``.
    figures : tuple of int
    others : tuple of int
        Columns that are not read.
    dated : tuple of int
        Those of them that hold dates.
    """

    keys: tuple[int, ...]
    figures: tuple[int, ...]
    others: tuple[int, ...]
    dated: tuple[int, ...] = ()


def shape_of(head: Head) -> Shape:
    """Sort the columns of a file."""
    layout = head.layout
    named = [layout.date, layout.geo, layout.channel, layout.currency, *layout.source.only]
    keys = tuple(dict.fromkeys(head.columns[name] for name in named if name is not None))
    figures = tuple(dict.fromkeys(head.columns[metric.column] for metric in layout.metrics))
    others = tuple(i for i in range(len(head.table.header)) if i not in {*keys, *figures})
    return Shape(keys, figures, others, tuple(i for i in others if holds_dates(head.table, i, layout.source)))


@contextmanager
def engine(folder: Path, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open DuckDB in bounded memory; it reads files of one folder only, and what does not fit goes to a temporary one.

    Parameters
    ----------
    folder : Path
        Of ``model.yaml``.
    threads : int
    """
    with tempfile.TemporaryDirectory(prefix="mixwise-") as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "threads": threads,
            "memory_limit": MEMORY,
            "temp_directory": spill,
        }
        with closing(duckdb.connect(":memory:", config=config)) as base:
            base.execute("SET enable_progress_bar = false")
            base.execute("SET enable_external_file_cache = false")  # every file is read once
            base.execute("SET allowed_directories = ?", [[str(folder.resolve())]])
            base.execute("SET enable_external_access = false")
            base.execute("SET lock_configuration = true")
            yield base


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _rows(head: Head) -> str:
    """Return the SQL of all rows as text, with the line of each as ``r``."""
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(head.table.header)))
    return (
        f"SELECT row_number() OVER () + 1 AS r, * FROM read_csv({_literal(str(head.place.path))}, "  # noqa: S608
        f"auto_detect = false, header = false, skip = 1, delim = {_literal(head.delimiter)}, "
        "quote = '\"', escape = '\"', "
        f"strict_mode = true, encoding = 'utf-8', columns = {{{columns}}})"
    )


def _every(head: Head) -> str:
    return ", ".join(f"c{i}" for i in range(len(head.table.header)))


def _figure(i: int, *, unit: bool) -> list[str]:
    """Return what is asked of a column of figures: its sum, its first odd cell, and how many have three decimals."""
    odd = f"c{i} IS NOT NULL AND NOT regexp_full_match(c{i}, {_literal(_PLAIN_UNITS if unit else PLAIN)})"
    three = f"strlen(c{i}) - instr(c{i}, '.') = 3 AND instr(c{i}, '.') > 0"
    return [
        f"fsum(TRY_CAST(c{i} AS DOUBLE)) AS sum{i}",
        f"min(r) FILTER ({odd}) AS odd{i}",
        f"count(*) FILTER ({three}) AS three{i}",
    ]


def _text(i: int, *, dated: bool) -> list[str]:
    """Return what is asked of a column that is not read: how many cells may be personal, as no number is, or totals."""
    looks = f"contains(c{i}, '@') OR regexp_full_match(c{i}, {_literal(SUSPECT)})"
    text = f"CASE WHEN TRY_CAST(c{i} AS DOUBLE) IS NULL THEN"
    total = f"regexp_full_match(c{i}, {_literal(_TOTALS)})"
    return [
        f"count(*) FILTER ({text} {looks} END) AS suspect{i}",
        f"count(*) FILTER ({text} contains(c{i}, '@') END) AS at{i}",
        f"count(c{i}) AS n{i}",
        f"count(*) FILTER (CASE WHEN right(c{i}, 1) NOT BETWEEN '0' AND '9' THEN {total} END) AS total{i}",
        *([f"list(DISTINCT c{i}) AS ends{i}"] if dated else []),
    ]


def sums(base: duckdb.DuckDBPyConnection, head: Head, shape: Shape, *, repeats: bool = False) -> pa.Table:
    """Read the whole file.

    Parameters
    ----------
    base : duckdb.DuckDBPyConnection
    head : Head
    shape : Shape
    repeats : bool
        Keep rows apart that are identical to one above.

    Returns
    -------
    pyarrow.Table
        One line a date, geo, label, currency and pattern of empty cells, in the order of the file.
    """
    rows = _rows(head)
    keys = [f"c{i}" for i in shape.keys] + [f"c{i} IS NULL AS empty{i}" for i in shape.figures]
    if repeats:
        rows = f"SELECT *, row_number() OVER (PARTITION BY {_every(head)} ORDER BY r) > 1 AS again FROM ({rows})"  # noqa: S608
        keys.append("again")
    asked = ["count(*) AS rows", "min(r) AS first", "max(r) AS last"]
    unit = [head.layout.source.unit_of(name) is not None for name in head.table.header]
    asked += [part for i in shape.figures for part in _figure(i, unit=unit[i])]
    if not repeats:
        asked += [part for i in shape.others for part in _text(i, dated=i in shape.dated)]
        within = ", ".join(f"c{i}" for i in (*shape.figures, *shape.others)) or "0"
        by_list = head.place.bytes <= _IN_MEMORY
        asked.append(
            f"list(hash({within})) AS hashes" if by_list else f"count(DISTINCT hash({within})) AS distinct_rows"
        )
    query = f"SELECT {', '.join(keys + asked)} FROM ({rows}) GROUP BY ALL ORDER BY first"  # noqa: S608
    return base.execute(query).to_arrow_table()


def distinct_rows(found: pa.Table) -> int:
    """Count the different rows that sums were made of: rows of one line agree in their keys, and differ in the rest."""
    if "distinct_rows" in found.column_names:
        return int(np.sum(found["distinct_rows"].to_numpy()))
    lists = found["hashes"].combine_chunks()
    line = np.repeat(np.arange(len(found), dtype=np.uint64), np.diff(lists.offsets.to_numpy()))
    return len(np.unique(lists.flatten().to_numpy() + line * _MIX))


def cell_at(base: duckdb.DuckDBPyConnection, head: Head, column: int, row: int) -> str:
    """Return one cell by its line."""
    found = base.execute(f"SELECT c{column} FROM ({_rows(head)}) WHERE r = {row}").fetchone()  # noqa: S608
    return "" if found is None else str(found[0])


def different(base: duckdb.DuckDBPyConnection, head: Head, column: int) -> list[tuple[str, int]]:
    """Return the different cells of a column that has few, each with its first line; at most 200."""
    query = f"SELECT coalesce(c{column}, ''), min(r) AS first FROM ({_rows(head)}) GROUP BY 1 ORDER BY first LIMIT 200"  # noqa: S608
    return [(str(cell), int(row)) for cell, row in base.execute(query).fetchall()]


@dataclass(frozen=True)
class Decimals:
    """How the numbers of a column are written.

    Attributes
    ----------
    first, either : int
        Line of the first cell such as ``1.234``, and how many there are.
    clear, most : int
        How many others have decimals, and the most of them.
    """

    first: int | None
    either: int
    clear: int
    most: int


def decimals_of(base: duckdb.DuckDBPyConnection, head: Head, i: int) -> Decimals:
    """Look at the decimals of a column in which some cells have three."""
    either = f"regexp_full_match(c{i}, {_literal(_EITHER)})"
    clear = f"instr(c{i}, '.') > 0 AND NOT {either}"
    found = base.execute(
        f"SELECT min(r) FILTER ({either}), count(*) FILTER ({either}), count(*) FILTER ({clear}), "  # noqa: S608
        f"coalesce(max(strlen(c{i}) - instr(c{i}, '.')) FILTER ({clear}), 0) FROM ({_rows(head)})"
    ).fetchone()
    return Decimals(*found) if found is not None else Decimals(None, 0, 0, 0)


def distinct_keys(base: duckdb.DuckDBPyConnection, head: Head, columns: list[int]) -> int:
    """Count the different rows by some columns."""
    names = ", ".join(f"c{i}" for i in columns)
    query = f"SELECT count(DISTINCT hash({names})) FROM ({_rows(head)})"  # noqa: S608
    found = base.execute(query).fetchone()
    return 0 if found is None else int(found[0])


def suspects(base: duckdb.DuckDBPyConnection, head: Head, column: int) -> list[str]:
    """Return the different cells of a column that may be personal; at most 100,000."""
    query = (
        f"SELECT DISTINCT c{column} FROM ({_rows(head)}) WHERE contains(c{column}, '@') "  # noqa: S608
        f"OR regexp_full_match(c{column}, {_literal(SUSPECT)}) LIMIT 100000"
    )
    return [str(row[0]) for row in base.execute(query).fetchall()]
