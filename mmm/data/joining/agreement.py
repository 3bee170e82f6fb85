"""Spend by month from figures by week: what it is by days, and whether an account by month can agree with it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mmm.data.columns import Role
from mmm.data.joining.draft import Draft

_DAY = np.timedelta64(1, "D")
_CENT = 0.01


@dataclass(frozen=True)
class MonthSpend:
    """Spend of one channel in one month.

    Attributes
    ----------
    by_days : float
        With figures of a week that runs over the month's end divided by days.
    within : float
        Without them.
    least, most : float
        What such figures may give to this month of what it shares with the next: nothing to all of it.
    """

    by_days: float = 0.0
    within: float = 0.0
    least: float = 0.0
    most: float = 0.0


@dataclass
class _Sums:
    by_days: list[float] = field(default_factory=list)
    within: list[float] = field(default_factory=list)
    across: list[float] = field(default_factory=list)

    def done(self) -> MonthSpend:
        least, most = (math.fsum(x for x in self.across if (x < 0) is turned) for turned in (True, False))
        return MonthSpend(math.fsum(self.by_days), math.fsum(self.within), least, most)


def spent_by_month(draft: Draft) -> dict[tuple[np.datetime64, str], MonthSpend]:
    """Return (month, channel) → spend of the panel's figures.

    A figure of more than two months is divided by days alone.
    """
    pieces, found = draft.pieces, defaultdict[tuple[np.datetime64, str], _Sums](_Sums)
    for n, (role, name, _) in enumerate(draft.names.all):
        if role is not Role.SPEND:
            continue
        at = np.flatnonzero(pieces.used & (pieces.series == n) & ~np.isnan(pieces.value))
        first, last, value, span = pieces.first[at], pieces.last[at], pieces.value[at], pieces.spans[at]
        start = draft.periods.months(first)
        ends = draft.periods.month_ends(start)
        straddles = (ends < last) & (draft.periods.months(last) == draft.periods.months(np.asarray(ends + _DAY)))
        for month in np.unique(start[straddles]):
            found[month, name].across += value[straddles & (start == month)].tolist()
        while len(first):
            month = draft.periods.months(first)
            stop = np.minimum(draft.periods.month_ends(month), last)
            part = value * ((stop - first).astype(np.int64) + 1) / span
            for one in np.unique(month):
                found[one, name].by_days += part[month == one].tolist()
                found[one, name].within += part[(month == one) & ~straddles].tolist()
            rest = stop < last
            first, last, value, span = np.asarray(stop[rest] + _DAY), last[rest], value[rest], span[rest]
            straddles = straddles[rest]
    return {key: sums.done() for key, sums in found.items()}


def close(booked: float, spent: float, tolerance: float) -> bool:
    """Say whether two amounts are the same but for a relative tolerance of the first, or a cent."""
    return abs(spent - booked) <= max(tolerance * abs(booked), _CENT)


def agreeing(
    months: Sequence[np.datetime64], booked: Sequence[float], spent: Mapping[np.datetime64, MonthSpend],
    before: Sequence[np.datetime64], tolerance: float,
) -> list[bool]:  # fmt: skip
    """Say of each month whether the account can agree with figures by week, given all months before it.

    Nobody knows which days of a week its money was booked on; but what a week gives to one month, the next has not. The
    interval of what it may have given is carried from month to month, so that only the whole account has to fit.

    Parameters
    ----------
    months : M months, in order
    booked : M amounts
    spent : Mapping
        Month → spend; months without any may be absent.
    before : M months
        The month before each.
    tolerance : float
        Relative difference that agrees.
    """
    judged: list[bool] = []
    given: tuple[np.datetime64, float, float] | None = None  # the last month, and what its shared money gave to it
    for month, amount, earlier in zip(months, booked, before, strict=True):
        own, shared = spent.get(month, MonthSpend()), spent.get(earlier, MonthSpend())
        low, high = given[1:] if given is not None and given[0] == earlier else (shared.least, shared.most)
        rest = shared.least + shared.most
        slack = max(tolerance * abs(amount), _CENT)
        wanted = amount - own.within - rest
        least, most = max(own.least, wanted + low - slack), min(own.most, wanted + high + slack)
        judged.append(least <= most)
        given = (month, least, most) if judged[-1] else (month, own.least, own.most)
    return judged
