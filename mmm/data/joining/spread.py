"""Figures → the periods that they cover; a figure of several periods is divided by days where that is declared."""

from __future__ import annotations

from datetime import date

import numpy as np

from mmm.arrays import BoolArray
from mmm.data.calendar import weekdays
from mmm.data.columns import Role
from mmm.data.joining.names import SeriesNames
from mmm.data.joining.periods import Periods
from mmm.data.joining.pieces import Pieces
from mmm.data.joining.spec import PanelGrain
from mmm.data.log import ReadingLog, counted, listed
from mmm.data.reading import Weekday
from mmm.data.sources.spec import Spread
from mmm.data.spec import PanelSpec
from mmm.exceptions import DataError

#: Roles that are added up; the others are averaged over days.
SUMMED = (Role.OUTCOME, Role.SPEND, Role.EXPOSURE, Role.ORGANIC)
_DAY = np.timedelta64(1, "D")
_WEEK = 7


def refuse_future(pieces: Pieces, spec: PanelSpec, today: date) -> None:
    """Refuse figures of days after today, unless the model file allows them.

    Raises
    ------
    DataError
        Names source, file, row and day.
    """
    late = np.flatnonzero(pieces.used & (pieces.first > np.datetime64(today)))
    if not len(late) or spec.data.allow_future:
        return
    i = int(late[0])
    days = np.unique(pieces.first[late])
    raise DataError(
        f"{counted(len(days), 'date')} after today ({today}): {listed(days)}",
        where=pieces.lines.place(int(pieces.line[i])),
        do="Remove planned rows from the source, or declare data.allow_future: true if the figures are simulated.",
    )


def place_in_periods(pieces: Pieces, names: SeriesNames, periods: Periods, spec: PanelSpec, log: ReadingLog) -> None:
    """Give every piece its period, and divide those of declared sources that cover several.

    Raises
    ------
    DataError
        Weeks that are not the panel's, or figures longer than a period, of a source that does not declare ``spread``.
    """
    start = periods.starts(pieces.first)
    pieces.period = start
    over = pieces.used & (pieces.last > periods.ends(start))
    declared = np.asarray([spec.sources[s].spread is Spread.BY_DAY if s in spec.sources else False
                           for s in pieces.lines.sources] + [False])  # fmt: skip
    undeclared = over & ~declared[pieces.source]
    if undeclared.any():
        _refuse(pieces, undeclared, periods)
    if over.any():
        _say(pieces, over, periods, log)
        _divide(pieces, over, names, periods)
    _say_finer(pieces, periods, log)


def _refuse(pieces: Pieces, over: BoolArray, periods: Periods) -> None:
    """Say what the longer figure is, and how to declare what it means."""
    i = int(np.flatnonzero(over)[0])
    source = pieces.lines.sources[pieces.source[i]]
    days = int(pieces.spans[i])
    where = f"source {source}, {pieces.lines.place(int(pieces.line[i]))}"
    span = f"the figure of {pieces.first[i]} to {pieces.last[i]}"
    if days == _WEEK and periods.grain is PanelGrain.WEEK:
        own = list(Weekday)[int(weekdays(pieces.first[[i]])[0])]
        others = _other_weeks(pieces, i)
        raise DataError(
            f"the weeks of the source start on {own.title()} and the panel's on {periods.week_start.title()}{others}",
            where=where,
            do=f"Declare data.week_start: {own.value} if the business counts its weeks so, or "
            f"sources.{source}.spread: by_day to divide each week's figure by days (a seventh a day).",
        )
    raise DataError(
        f"{span} covers {days} days, in more than one {periods.noun} of the panel",
        where=where,
        do=f"Export the source by {'day' if periods.grain is PanelGrain.DAY else 'week or day'}, or declare "
        f"sources.{source}.spread: by_day to give every day the same part.",
    )


def _other_weeks(pieces: Pieces, i: int) -> str:
    """Name sources whose weeks start on another day than those of one piece."""
    weekly = pieces.used & (pieces.spans == _WEEK) & (pieces.source != pieces.source[i])
    other = weekly & (weekdays(pieces.first) != weekdays(pieces.first[[i]])[0])
    found = [pieces.lines.sources[s] for s in np.unique(pieces.source[other])]
    return f", as those of {listed(found)} do" if found else ""


def _say(pieces: Pieces, over: BoolArray, periods: Periods, log: ReadingLog) -> None:
    for s in np.unique(pieces.source[over]):
        own = over & (pieces.source == s)
        spans = np.unique(pieces.spans[own])
        length = f"{spans[0]} days" if len(spans) == 1 else f"{spans[0]} to {spans[-1]} days"
        log.warned(
            "spread_by_day",
            f"{counted(int(own.sum()), 'figure')} of {length} were divided by days over the panel's {periods.noun}s, "
            "as declared: the same part on every day.",
            where=f"source {pieces.lines.sources[s]}",
            means=f"What moved within such a span is not seen: its {periods.noun}s look alike.",
            do="Ask for the source by day."
            if periods.grain is PanelGrain.DAY
            else f"Ask for it by {periods.noun} or day.",
        )


def _divide(pieces: Pieces, over: BoolArray, names: SeriesNames, periods: Periods) -> None:
    """Divide pieces over the periods they cover, so that the parts of a sum add up to the figure exactly."""
    whole = pieces.value.copy()
    first, last = pieces.first.copy(), pieces.last.copy()
    days = np.arange(first[over].min(), last[over].max() + _DAY)
    starts = np.unique(periods.starts(days))
    a = np.searchsorted(starts, first, side="right") - 1
    b = np.searchsorted(starts, last, side="right") - 1
    count = np.where(over, b - a + 1, 1)
    summed = np.isin(np.arange(len(names.all)), [i for i, one in enumerate(names.all) if one[0] in SUMMED])
    pieces.divided(count)
    origin = np.repeat(np.arange(len(count)), count)
    step = np.arange(len(origin)) - np.repeat(np.cumsum(count) - count, count)
    split = over[origin]
    at = a[origin[split]] + step[split]
    period = starts[at]
    pieces.period[split] = period
    pieces.first[split] = np.maximum(first[origin[split]], period)
    pieces.last[split] = np.minimum(last[origin[split]], periods.ends(period))
    # Parts are differences of what has run up to each day: they add up to the whole but for the last bit.
    adds = split & summed[pieces.series]
    long = (last - first).astype(np.int64) + 1
    done = (pieces.last - first[origin]).astype(np.int64) + 1
    before = (pieces.first - first[origin]).astype(np.int64)
    whole_of, days_of = whole[origin], long[origin]
    parts = whole_of * (done / days_of) - whole_of * (before / days_of)
    pieces.value = np.where(adds, parts, pieces.value)


def _say_finer(pieces: Pieces, periods: Periods, log: ReadingLog) -> None:
    """List daily sources that were gathered into longer periods."""
    if periods.grain is PanelGrain.DAY:
        return
    lines = pieces.lines
    daily = pieces.used & (pieces.lines.last[pieces.line] == pieces.lines.first[pieces.line])
    for s in np.unique(pieces.source[daily]):
        days = np.unique(pieces.first[daily & (pieces.source == s)])
        rule = f"weeks from {periods.week_start.title()}" if periods.grain is PanelGrain.WEEK else "months"
        log.repaired(
            "daily_to_weekly",
            f"{counted(len(days), 'day')} were gathered into {rule}: outcome, spend, exposure and organic activity are "
            "summed, controls and population averaged, a value per outcome weighted by the outcome.",
            where=f"source {lines.sources[s]}",
            do="Declare data.week_start if the business counts its weeks from another day.",
        )
