"""``tests.csv`` → typed columns: the experiments as they are written, nothing compared with the panel yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mmm.arrays import BoolArray, FloatArray, WeekArray
from mmm.data.currencies import SIGNS
from mmm.data.dates import read_dates
from mmm.data.log import ReadingLog, listed
from mmm.data.names import match_columns
from mmm.data.number_column import NumberRules, read_numbers
from mmm.data.numbers import read_cell
from mmm.data.privacy import refuse_personal, safe
from mmm.data.source import read_source
from mmm.data.spec import DataSpec, Percent, name_key
from mmm.data.table import TextTable
from mmm.exceptions import DataError

REQUIRED = ("channel", "start", "end", "spend_change", "lift", "standard_error")
OPTIONAL = ("name", "geos", "measured_to", "share")
_PLAINLY = (
    "This file has no options: write dates as 2024-03-04, numbers with a point for decimals and nothing between "
    f"thousands (12500.0), and the columns {', '.join(REQUIRED)}; optional are {', '.join(OPTIONAL)}."
)


@dataclass(frozen=True, eq=False)
class LiftTestTable:
    """N experiments as written.

    Attributes
    ----------
    table : TextTable
        For places in messages.
    columns : mapping
        Name as in this module → name as in the file, of the columns that are there.
    channel, name : N texts
        ``name`` is empty where none is given.
    geos : N tuples of text
    start, end, measured_to : (N,) datetime64[D]
    spend_change, lift, standard_error, share : (N,)
        ``spend_change`` is money, or a fraction where ``relative``.
    relative : (N,) bool
    """

    table: TextTable
    columns: dict[str, str]
    channel: tuple[str, ...]
    name: tuple[str, ...]
    geos: tuple[tuple[str, ...], ...]
    start: WeekArray
    end: WeekArray
    measured_to: WeekArray
    spend_change: FloatArray
    lift: FloatArray
    standard_error: FloatArray
    share: FloatArray
    relative: BoolArray

    def refuse(self, i: int, column: str, says: str, do: str) -> DataError:
        """Make the error of one cell."""
        return DataError(says, where=self.table.place(i, safe(self.columns.get(column, column))), do=do)

    def place(self, i: int) -> str:
        """Name the row of one experiment."""
        return self.table.place(i)


@contextmanager
def _without_options() -> Iterator[None]:
    """Give errors of the reading machinery a remedy that holds for a file which the model file does not describe."""
    try:
        yield
    except DataError as error:
        if error.do is not None and "model file" in error.do:
            raise DataError(error.says, where=error.where, do=_PLAINLY) from error
        raise


class _Reader:
    """Reads the columns of one table; keeps what every column needs."""

    def __init__(self, table: TextTable, currency: str, log: ReadingLog) -> None:
        self.table, self.currency, self.log = table, currency, log
        known = {name_key(name): name for name in table.header}
        self.columns = {name: known[name] for name in (*REQUIRED, *OPTIONAL) if name in known}
        strange = [name for name in table.header if name_key(name) not in (*REQUIRED, *OPTIONAL)]
        if strange:
            raise DataError(
                f"{'no such column is' if len(strange) == 1 else 'no such columns are'} known: "
                f"{listed(map(repr, map(safe, strange)), 5)}",
                where=table.file,
                do=f"Correct the name, or remove the column: known are {', '.join((*REQUIRED, *OPTIONAL))}.",
            )
        self.index = match_columns(table.header, [*self.columns], table.file, log)

    def _shown(self, column: str) -> str:
        return safe(self.columns[column])

    def text(self, column: str) -> tuple[str, ...]:
        """Return the cells, spaces collapsed; empty where there is no such column."""
        if column not in self.columns:
            return ("",) * len(self.table)
        return tuple(" ".join(cell.split()) for cell in self.table.column(self.index[column]))

    def days(self) -> dict[str, WeekArray]:
        """Return start, end and last measured day; where the last is empty, the end.

        The columns are read as one, so that 31.3.2024 in one of them shows how 4.3.2024 in another is meant.
        """
        names = [name for name in ("start", "end", "measured_to") if name in self.columns]
        places = [
            (name, i) for name in names for i, cell in enumerate(self.text(name)) if cell or name != "measured_to"
        ]
        cells = tuple((self.text(name)[i],) for name, i in places)
        spec = DataSpec(file=self.table.file, date="start", outcome="lift")
        whole = replace(
            self.table, header=(", ".join(names),), rows=tuple(self.table.rows[i] for _, i in places), cells=cells
        )
        try:
            read = read_dates(whole, 0, spec, self.log)
        except DataError:
            for name in names:  # a fault of one column is told with its name
                filled = [i for column, i in places if column == name]
                read_dates(self.table.take(filled), self.index[name], spec, ReadingLog())
            raise
        found = {name: np.empty(len(self.table), "datetime64[D]") for name in ("start", "end", "measured_to")}
        for (name, i), day in zip(places, read, strict=True):
            found[name][i] = day
        dated = {i for name, i in places if name == "measured_to"}
        for i in set(range(len(self.table))) - dated:
            found["measured_to"][i] = found["end"][i]
        return found

    def numbers(self, column: str, otherwise: float | None = None) -> FloatArray:
        """Return the figures, ``5%`` as 0.05; empty cells, or a column that is not there, give ``otherwise``."""
        cells = self.text(column)
        found = np.full(len(cells), np.nan)
        kinds = [read_cell(cell).percent for cell in cells]
        for percent in (False, True):
            rows = [i for i, cell in enumerate(cells) if cell and kinds[i] is percent]
            if not rows:
                continue
            part = self.table.take(rows)
            rules = NumberRules(percent=Percent.FRACTION)
            read = read_numbers(part, self.index[column], self._shown(column), rules, self.log)
            self._own_currency(read.signs, part, column)
            found[rows] = read.values
        for i in np.flatnonzero(~np.isfinite(found)):
            if otherwise is None:
                raise DataError(
                    "the number is missing", where=self.table.place(int(i), self._shown(column)), do="Fill it in."
                )
            found[i] = otherwise
        return found

    def _own_currency(self, signs: Sequence[str | None], part: TextTable, column: str) -> None:
        for i, sign in enumerate(signs):
            if sign is not None and self.currency not in SIGNS[sign]:
                raise DataError(
                    f"'{sign}' is not {self.currency}, the currency of the panel",
                    where=part.place(i, self._shown(column)),
                    do="Convert the figure.",
                )

    def relative(self, column: str) -> BoolArray:
        """Return which cells are written as a percentage, (N,)."""
        return np.asarray([read_cell(cell).percent for cell in self.text(column)], dtype=np.bool_)

    def plain(self, column: str) -> None:
        """Refuse percent signs in a column of absolute figures."""
        for i in np.flatnonzero(self.relative(column)):
            raise DataError(
                "a percentage has no unit here",
                where=self.table.place(int(i), self._shown(column)),
                do="Write it in units of the outcome, over the geos and weeks of the test.",
            )


def read_lift_test_table(path: Path, currency: str, log: ReadingLog) -> LiftTestTable:
    """Read the file of experiments as typed columns.

    Parameters
    ----------
    path : Path
    currency : str
        ISO 4217 code of the panel; a sign of another currency is refused.
    log : ReadingLog
        Repairs are listed here.

    Raises
    ------
    DataError
        Names file, row and column; dates and numbers that can be read two ways are refused too.
    """
    with _without_options():
        spec = DataSpec(file=path.name, date="start", outcome="lift")
        table = read_source(path, spec, REQUIRED, log)
        refuse_personal(table)
        reader = _Reader(table, currency, log)
        for column in ("lift", "standard_error"):
            reader.plain(column)
        days = reader.days()
        return LiftTestTable(
            table=table,
            columns=reader.columns,
            channel=reader.text("channel"),
            name=reader.text("name"),
            geos=tuple(tuple(g.strip() for g in cell.split(";") if g.strip()) for cell in reader.text("geos")),
            start=days["start"],
            end=days["end"],
            measured_to=days["measured_to"],
            spend_change=reader.numbers("spend_change"),
            lift=reader.numbers("lift"),
            standard_error=reader.numbers("standard_error"),
            share=reader.numbers("share", 1.0),
            relative=reader.relative("spend_change"),
        )
