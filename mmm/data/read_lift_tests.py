"""``read_lift_tests``: experiments from a file, checked against the panel in which they were run."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmm.arrays import IntArray
from mmm.data.lift_test_change import Ran, money_change
from mmm.data.lift_test_table import LiftTestTable, read_lift_test_table
from mmm.data.lift_tests import LiftTest
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.panel import Panel
from mmm.data.privacy import safe
from mmm.data.spec import name_key
from mmm.data.watch_lift_tests import say_lift_tests

_WEEK = 7


@dataclass(frozen=True, eq=False)
class _Reading:
    """The file and the panel it is read against."""

    table: LiftTestTable
    panel: Panel
    log: ReadingLog

    def known(self, i: int, column: str, written: str, names: Sequence[str], what: str) -> int:
        """Return the index of a name, but for case and spaces; refuse one that is not there and name the nearest."""
        keys = [name_key(name) for name in names]
        if name_key(written) in keys:
            return keys.index(name_key(written))
        near = difflib.get_close_matches(name_key(written), keys, n=1, cutoff=0.6)
        offer = f" Did you mean '{safe(names[keys.index(near[0])])}'?" if near else ""
        raise self.table.refuse(
            i,
            column,
            f"'{safe(written)}' is not {what}; there are {listed(map(safe, names), 8)}",
            f"Correct the name.{offer}",
        )

    def channel(self, i: int) -> int:
        """Return the channel of one test."""
        return self.known(i, "channel", self.table.channel[i], self.panel.channels, "a paid channel of the data")

    def geos(self, i: int) -> IntArray:
        """Return the geos of one test, all where none is named."""
        written, panel = self.table.geos[i], self.panel
        if not written:
            return np.arange(len(panel.geos))
        if len(panel.geos) == 1:
            raise self.table.refuse(
                i,
                "geos",
                "the data are national, and the test names geos",
                "Empty the cell and give 'share', the part of the market in which the test ran (0.25 for a quarter).",
            )
        found = [self.known(i, "geos", name, panel.geos, "a geo of the data") for name in written]
        if panel.channels[self.channel(i)] in panel.national_channels and set(found) != set(range(len(panel.geos))):
            raise self.table.refuse(
                i,
                "geos",
                "the channel is declared to run only nationally, and the test names some geos",
                "Empty the cell, or remove 'level: national' from the channel and give each geo's own spend.",
            )
        return np.asarray(sorted(set(found)), dtype=np.int64)

    def weeks(self, i: int) -> tuple[int, int, int]:
        """Return the indices of the first, the last and the last measured week of one test."""
        table, panel = self.table, self.panel
        dates = (table.start[i], table.end[i], table.measured_to[i])
        after = panel.weeks[-1] + np.timedelta64(_WEEK - 1, "D")
        for column, day in zip(("start", "end", "measured_to"), dates, strict=True):
            if not panel.weeks[0] <= day <= after:
                raise table.refuse(
                    i,
                    column if column in table.columns else "end",
                    f"{day} is outside the weeks of the data ({panel.weeks[0]} to {after})",
                    "Give data that cover the whole test, correct the date, or remove the test.",
                )
        first, last, measured = ((np.asarray(dates) - panel.weeks[0]).astype(np.int64) // _WEEK).tolist()
        if dates[1] < dates[0]:
            raise table.refuse(i, "end", f"the test ends on {dates[1]}, before it starts on {dates[0]}", "Swap them.")
        if measured < last:
            raise table.refuse(
                i,
                "measured_to",
                f"the lift is counted to {dates[2]}, before the test ends on {dates[1]}",
                "Give the last day that the lift counts, or empty the cell.",
            )
        self._say_snapped(i, first, last)
        return first, last, measured

    def _say_snapped(self, i: int, first: int, last: int) -> None:
        """List a test that begins or ends inside a week."""
        start, end, weeks = self.table.start[i], self.table.end[i], self.panel.weeks
        if start != weeks[first] or end not in (weeks[last], weeks[last] + np.timedelta64(_WEEK - 1, "D")):
            self.log.repaired(
                "lift_test_weeks",
                f"The test from {start} to {end} was taken as {counted(last - first + 1, 'whole week')}, from the one "
                f"of {weeks[first]} to the one of {weeks[last]}.",
                where=self.table.place(i),
                do="Nothing, if the spend of the days around it was as usual.",
            )

    def share(self, i: int) -> float:
        """Return the part of the market in which one test ran."""
        share = float(self.table.share[i])
        if not 0 < share <= 1:
            raise self.table.refuse(i, "share", f"{share:g} is no part of the market", "Give a number from 0 to 1.")
        if share < 1 and len(self.panel.geos) > 1:
            raise self.table.refuse(
                i, "share", "the data have geos, so where the test ran can be told", "Name its geos, and empty 'share'."
            )
        return share

    def one(self, i: int) -> LiftTest:
        """Read one test."""
        table, panel = self.table, self.panel
        c, geos, (first, last, measured) = self.channel(i), self.geos(i), self.weeks(i)
        if not panel.observed[geos, first : measured + 1].any():
            raise table.refuse(i, "start", "the geos of the test have no row in its weeks", "Give these rows.")
        error, share = float(table.standard_error[i]), self.share(i)
        if error <= 0:
            raise table.refuse(
                i,
                "standard_error",
                f"{error:g} is no standard error: it is above zero",
                "Give it: a 95 % interval is about 3.92 standard errors wide.",
            )
        change = money_change(table, i, Ran(panel, c, geos, slice(first, last + 1), share), self.log)
        places = () if len(geos) == len(panel.geos) else tuple(panel.geos[g] for g in geos)
        return LiftTest(
            name=table.name[i] or " ".join((panel.channels[c], str(panel.weeks[first]), *places)),
            channel=panel.channels[c],
            geos=places,
            start=panel.weeks[first],
            end=panel.weeks[last],
            measured_to=panel.weeks[measured],
            spend_change=change,
            lift=float(table.lift[i]),
            standard_error=error,
            share=share,
        )


def _named_apart(tests: Sequence[LiftTest], table: LiftTestTable) -> None:
    """Refuse a name that two tests have, also where it was made from channel and start."""
    first: dict[str, int] = {}
    for i, test in enumerate(tests):
        if name_key(test.name) in first:
            row = table.table.rows[first[name_key(test.name)]]
            raise table.refuse(
                i,
                "name",
                f"'{safe(test.name)}' is the test in row {row} too",
                "Give every test a name of its own, or remove one that is given twice.",
            )
        first[name_key(test.name)] = i


def read_lift_tests(path: str | Path, panel: Panel, log: ReadingLog | None = None) -> tuple[LiftTest, ...]:
    """Read experiments from a CSV or Parquet file, strictly.

    Parameters
    ----------
    path : path
        Columns ``channel``, ``start``, ``end`` (first and last day), ``spend_change``, ``lift`` (outcome units),
        ``standard_error``; optional ``name``, ``geos`` (``a;b;c``; empty: everywhere), ``measured_to`` (last day that
        the lift counts; default ``end``), ``share`` (part of the market, where the data are national).
    panel : Panel
        In which the tests were run. Dates become its weeks.
    log : ReadingLog, optional
        What was repaired, and what may harm, is listed here.

    Returns
    -------
    tuple of LiftTest

    Raises
    ------
    DataError
        Unknown channels or geos, dates outside the panel, a standard error that is not positive, geos for national
        data, a share outside (0, 1], or a change of spend that what was spent cannot hold; with file, row and column.

    Notes
    -----
    ``spend_change`` is money, what was spent minus what would have been, over all weeks and geos of the test; or a
    percentage of what would have been spent (:func:`mmm.data.lift_test_change.money_change`).
    """
    log = log if log is not None else ReadingLog()
    table = read_lift_test_table(Path(path), panel.currency, log)
    reading = _Reading(table, panel, log)
    tests = tuple(reading.one(i) for i in range(len(table.table)))
    _named_apart(tests, table)
    say_lift_tests(tests, table, panel, log)
    return tests
