"""How much money an experiment moved: as written, or from a percentage and what was spent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mmm.arrays import IntArray
from mmm.data.lift_test_table import LiftTestTable
from mmm.data.log import ReadingLog
from mmm.data.panel import Panel

#: Weeks before a test that tell what would have been spent in it, where the test switched the channel off.
BEFORE = 8
#: A person rounds: so much more than was spent is taken for what was spent.
_ROUNDING = 0.01
#: Shares of the usual spend in weeks in which the channel is said to have been off: worth a warning, and no holdout.
_SOME, _HALF = 0.05, 0.5


@dataclass(frozen=True, eq=False)
class Ran:
    """Where and when a test ran.

    Attributes
    ----------
    panel : Panel
    channel : int
    geos : (N,) ints
    weeks : slice
        In which spend was changed.
    share : float
        Part of the market.
    """

    panel: Panel
    channel: int
    geos: IntArray
    weeks: slice
    share: float

    @property
    def spent(self) -> float:
        """Money spent in the weeks and geos, whatever the reason."""
        return float(self.panel.spend[self.channel, self.geos, self.weeks].sum())

    @property
    def usual(self) -> float:
        """Money of as many weeks at the mean of up to eight observed weeks before, geo by geo."""
        before = slice(max(0, self.weeks.start - BEFORE), self.weeks.start)
        seen = self.panel.observed[self.geos, before].sum(axis=1)
        mean = self.panel.spend[self.channel, self.geos, before].sum(axis=1) / np.maximum(seen, 1)
        return float((mean * self.panel.observed[self.geos, self.weeks].sum(axis=1)).sum())


def money_change(table: LiftTestTable, i: int, ran: Ran, log: ReadingLog) -> float:
    r"""Return the money spent because of one test, over its geos and weeks.

    Parameters
    ----------
    table : LiftTestTable
    i : int
        Row of the test.
    ran : Ran
    log : ReadingLog
        What a percentage was taken for is listed here.

    Raises
    ------
    DataError
        No change; more than was spent; a percentage of nothing, or below −100 %.

    Notes
    -----
    The panel holds what was spent, :math:`s`, with the test in it. A percentage :math:`p` is of what would have been
    spent, :math:`w`, in the part :math:`q` of the market: :math:`s = (1 - q) w + q (1 + p) w`, so the change is
    :math:`q p w = s q p / (1 + q p)`: exact for pulses (``+50%``), cuts (``-30%``) and holdouts in a part of a
    national market. Where the channel was switched off in all the places named (``-100%``), nothing was spent that
    could tell: :math:`w` is then what the same geos spent in the mean of the eight weeks before, and :math:`s - w` the
    change. Where a channel was switched on for the test only, the change is all that was spent: write the money.
    """
    change = float(table.spend_change[i])
    if change == 0:
        raise table.refuse(i, "spend_change", "the test changed no spend", "Give the change, or remove the test.")
    if table.relative[i]:
        return _of_percentage(change, table, i, ran, log)
    spent = ran.spent
    if change > spent + _ROUNDING * abs(spent):
        raise table.refuse(
            i,
            "spend_change",
            f"the test added {change:,.2f} {ran.panel.currency}, and {spent:,.2f} were spent in its weeks and geos: "
            "less than nothing would have been spent without it",
            "Check dates, geos and units; a fall of spend, as in a holdout, is negative.",
        )
    return min(change, spent) if change > 0 else change


def _of_percentage(p: float, table: LiftTestTable, i: int, ran: Ran, log: ReadingLog) -> float:
    """Return the money of a percentage; see the notes of :func:`money_change`."""
    if p < -1:
        raise table.refuse(
            i, "spend_change", f"spend cannot fall by {-100 * p:g} %", "Give −100 % at most, or the money."
        )
    spent, share = ran.spent, ran.share
    if share * p <= -1:
        change, basis = (
            _switched_off(table, i, ran, log),
            f"the mean of the {min(BEFORE, ran.weeks.start)} weeks before",
        )
    elif spent > 0:
        change, basis = spent * share * p / (1 + share * p), f"{spent:,.2f} spent in it"
    else:
        raise table.refuse(
            i,
            "spend_change",
            "nothing was spent in the weeks and geos of the test, so a percentage says nothing",
            "Check dates and geos, or write the money.",
        )
    log.repaired(
        "lift_test_percentage",
        f"A change of {100 * p:+g} % was taken as {change:,.2f} {ran.panel.currency} over the test, from {basis}.",
        where=table.place(i),
        do="Write the money if it is known.",
    )
    return change


def _switched_off(table: LiftTestTable, i: int, ran: Ran, log: ReadingLog) -> float:
    """Return the money that a channel would have spent, as a fall, where it was off in all the places of the test."""
    spent, usual, currency = ran.spent, ran.usual, ran.panel.currency
    if usual <= 0 or spent >= _HALF * usual:
        raise table.refuse(
            i,
            "spend_change",
            f"the channel is said to have been off, and {spent:,.2f} {currency} were spent in the weeks and geos of "
            f"the test, after {usual:,.2f} in as many weeks before it",
            "Check dates and geos, or write the change in money.",
        )
    if spent > _SOME * usual:
        log.warned(
            "lift_test_spend",
            f"The channel is said to have been off, and {spent:,.2f} {currency} were spent in the test.",
            where=table.place(i),
            means="The change of spend is smaller than the percentage says.",
            do="Check dates and geos; a test that begins inside a week leaves some spend in it.",
        )
    return spent - usual
