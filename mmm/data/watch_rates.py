"""What an exposure costs: a price that jumps for good, or a week in which it is out of all proportion."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mmm.arrays import FloatArray, IntArray
from mmm.data.log import counted, listed
from mmm.data.panel import Panel
from mmm.data.watch_base import robust_spread
from mmm.data.watch_breaks import level_change
from mmm.findings import Finding, Severity
from mmm.reporting.numbers import significant

_TIMES = 1.6
_LEVEL = 1e-4
_FAR = 6.0
_ODD_TIMES = 3.0
_FEW = 12


def costs(panel: Panel, channel: int) -> tuple[IntArray, FloatArray]:
    """Return the weeks in which a channel has both money and exposure, and what one exposure cost in them.

    Parameters
    ----------
    panel : Panel
    channel : int

    Returns
    -------
    weeks : (N,) ints
    cost : (N,)
        Money per exposure, national.
    """
    spend, exposure = panel.spend[channel].sum(axis=0), panel.exposure[channel].sum(axis=0)
    both = np.flatnonzero((spend > 0) & (exposure > 0))
    return both, spend[both] / exposure[both]


def rate_findings(panel: Panel) -> Iterator[Finding]:
    """Yield warnings about the cost per exposure of channels that are modelled on exposure."""
    for c in np.flatnonzero(panel.exposure_based):
        name = panel.channels[c]
        weeks, cost = costs(panel, int(c))
        if len(cost) < _FEW:
            continue
        jump = level_change(cost, _TIMES, _LEVEL)
        if jump is not None:
            at, before, after = jump
            yield Finding(
                name="cost_jump",
                severity=Severity.WARNING,
                says=f"From {panel.weeks[weeks[at]]} on an exposure of '{name}' costs {significant(after)} "
                f"{panel.currency}, before it {significant(before)} (medians).",
                means="If what counts as an exposure changed, the same effect is read as another one; plans in money "
                "go by the latest cost.",
                do="Ask whether the count changed (impressions or clicks, viewable or served, another platform); "
                "bring the earlier weeks to the same count.",
                where=name,
            )
            cost = cost / np.where(np.arange(len(cost)) < at, before, after)
        log = np.log(cost)
        far = np.abs(log - np.median(log))
        odd = weeks[far > max(_FAR * robust_spread(log), float(np.log(_ODD_TIMES)))]
        if len(odd):
            yield Finding(
                name="cost_outliers",
                severity=Severity.WARNING,
                says=f"An exposure of '{name}' costs over three times, or under a third of, its usual price in "
                f"{counted(len(odd), 'week')}: {listed(panel.weeks[odd])}.",
                means="Spend and exposure of such a week do not belong together: its money buys too much, or too "
                "little.",
                do="Check whether the invoice was booked in another week, and for a missing decimal mark.",
                where=name,
            )
