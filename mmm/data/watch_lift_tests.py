"""What experiments may do to the result: a sign that looks wrong, sizes that look wrong, tests that overlap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mmm.data.lift_test_change import Ran
from mmm.data.lift_test_table import LiftTestTable
from mmm.data.lift_tests import LiftTest
from mmm.data.log import ReadingLog, counted
from mmm.data.panel import Panel
from mmm.findings import Finding, Severity

_FAR = 2.0
_MUCH = 3.0


class _Watch:
    """Looks at one test after the other."""

    def __init__(self, table: LiftTestTable, panel: Panel, log: ReadingLog) -> None:
        self.table, self.panel, self.log = table, panel, log

    def sign(self, i: int, test: LiftTest) -> None:
        """A lift against the direction of the spend."""
        if test.lift * test.spend_change < 0 and abs(test.lift) > _FAR * test.standard_error:
            more = "more" if test.spend_change > 0 else "less"
            self.log.warned(
                "lift_test_sign",
                f"'{test.name}' spent {more} on '{test.channel}' and has a lift of {test.lift:+,.10g}, "
                f"{abs(test.lift) / test.standard_error:.1f} standard errors from zero.",
                where=self.table.place(i),
                means="Taken as written it says that the channel drives sales away.",
                do="Write sales lost in a holdout as a negative lift; keep it only if sales moved against the spend.",
            )

    def size(self, i: int, test: LiftTest) -> None:
        """A change of spend or a lift out of all proportion."""
        panel = self.panel
        geos = np.flatnonzero([not test.geos or name in test.geos for name in panel.geos])
        first, last, measured = (
            int(np.searchsorted(panel.weeks, day)) for day in (test.start, test.end, test.measured_to)
        )
        ran = Ran(panel, panel.channels.index(test.channel), geos, slice(first, last + 1), test.share)
        without, usual = ran.spent - test.spend_change, ran.usual
        if test.spend_change < 0 and 0 < _MUCH * usual < without:
            self.log.warned(
                "lift_test_size",
                f"Without '{test.name}', {without:,.2f} {panel.currency} would have been spent on '{test.channel}', "
                f"and as many weeks before it cost {usual:,.2f}.",
                where=self.table.place(i),
                means="A change of spend that is too large makes the channel look weak.",
                do="Check the unit of spend_change and the dates.",
            )
        outcome = float(np.abs(panel.outcome[geos, first : measured + 1]).sum()) * test.share
        if abs(test.lift) > outcome:
            self.log.warned(
                "lift_test_size",
                f"The lift of '{test.name}' ({test.lift:,.10g}) is more than the whole outcome of its geos and weeks "
                f"({outcome:,.10g}).",
                where=self.table.place(i),
                means="The channel would have made more than everything that was sold.",
                do="Check the unit of the lift: it is in units of the outcome.",
            )
        missing = int((~panel.observed[geos, first : measured + 1]).sum())
        if missing:
            self.log.warned(
                "lift_test_unobserved",
                f"{counted(missing, 'geo-week')} of '{test.name}' have no row in the data.",
                where=self.table.place(i),
                means="Their spend and outcome are not in the data, while the lift may hold them.",
                do="Add the rows, or give the lift of the geos and weeks that are there.",
            )


def _overlap(one: LiftTest, other: LiftTest) -> bool:
    same_place = not one.geos or not other.geos or bool(set(one.geos) & set(other.geos))
    in_time = bool(one.start <= other.measured_to and other.start <= one.measured_to)
    return one.channel == other.channel and same_place and in_time


def say_lift_tests(tests: Sequence[LiftTest], table: LiftTestTable, panel: Panel, log: ReadingLog) -> None:
    """List what experiments may do to the result, and how many there are.

    Parameters
    ----------
    tests : sequence of LiftTest
        In the order of the table's rows.
    table : LiftTestTable
    panel : Panel
    log : ReadingLog
    """
    watch = _Watch(table, panel, log)
    for i, test in enumerate(tests):
        watch.sign(i, test)
        watch.size(i, test)
        for other in tests[:i]:
            if _overlap(test, other):
                log.warned(
                    "lift_tests_overlap",
                    f"'{other.name}' and '{test.name}' measure '{test.channel}' in the same weeks and places.",
                    where=table.place(i),
                    means="They are counted as two independent measurements.",
                    do="Keep one of them if both come from the same experiment.",
                )
    names = list(dict.fromkeys(test.channel for test in tests))
    log.findings.append(
        Finding(
            name="lift_tests",
            severity=Severity.OK,
            says=f"{counted(len(tests), 'lift test')} of {', '.join(names)} were read.",
            do="Nothing.",
            where=table.table.file,
        )
    )
