"""The weeks of a plan, bridge, horizon and tail, and what business as usual spends in them."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.exceptions import SpecError
from mmm.response.draws import ResponseDraws
from mmm.transforms.adstock import decay_weeks

#: The longest tail that is followed, in weeks.
MAX_TAIL = 260
#: The longest bridge between the data and a horizon, in weeks.
MAX_BRIDGE = 104
WEEKS_A_YEAR = 52
WEEK = np.timedelta64(7, "D")


class BaselineRule(StrEnum):
    """How business as usual follows from history."""

    LAST_WEEKS = "last_weeks"
    SAME_WEEKS_LAST_YEAR = "same_weeks_last_year"


@dataclass(frozen=True, eq=False)
class SpendCalendar:
    """Business-as-usual spend, national, money per week.

    Attributes
    ----------
    channels : tuple of str
        C of them.
    bridge_weeks, bridge : (B,), (C, B)
        Between the last data week and the horizon.
    weeks, baseline : (T,), (C, T)
        The horizon.
    tail_weeks, tail : (A,), (C, A)
        After the horizon, until the carryover of every draw has decayed.
    """

    channels: tuple[str, ...]
    bridge_weeks: WeekArray
    bridge: FloatArray
    weeks: WeekArray
    baseline: FloatArray
    tail_weeks: WeekArray
    tail: FloatArray

    def with_bridge(self, bridge: FloatArray) -> SpendCalendar:
        """Return the calendar with other spend in the bridge, (C, B)."""
        return replace(self, bridge=bridge)


def weeks_from(first: np.datetime64, count: int) -> WeekArray:
    """Return ``count`` consecutive weeks from their first day on."""
    return np.asarray(first + np.arange(count) * WEEK, dtype="datetime64[D]")


def bridge_length(response: ResponseDraws, start: np.datetime64) -> int:
    """Return the number of weeks between the last data week and ``start``.

    Raises
    ------
    SpecError
        ``start`` is not after the data, not on the data's weekday, or too far ahead.
    """
    after = response.weeks[-1] + WEEK
    days = int((start - after).astype(int))
    if days < 0:
        raise SpecError(
            f"the horizon starts on {start}, inside the data, which end with the week of {response.weeks[-1]}",
            where="horizon.start",
            do=f"Start on {after} or later.",
        )
    if days % 7:
        previous = start - np.timedelta64(days % 7, "D")
        raise SpecError(
            f"the horizon starts on {start}, but the data's weeks start on a {after.astype(object):%A}",
            where="horizon.start",
            do=f"Start on {previous} or {previous + WEEK}.",
        )
    if days // 7 > MAX_BRIDGE:
        raise SpecError(
            f"the horizon starts {days // 7} weeks after the data end",
            where="horizon.start",
            do=f"Refit with newer data, or start within {MAX_BRIDGE} weeks.",
        )
    return days // 7


def tail_length(response: ResponseDraws) -> int:
    """Return the weeks until 99.9 % of every draw's carryover has decayed, at most 260."""
    return int(min(decay_weeks(response.paid.alpha).max(initial=1.0), MAX_TAIL))


def _continued(history: FloatArray, count: int) -> FloatArray:
    """Repeat the columns of ``history`` cyclically ``count`` times on."""
    return np.ascontiguousarray(history[:, np.arange(count) % history.shape[1]])


def business_as_usual(
    response: ResponseDraws, start: np.datetime64, n_weeks: int, rule: BaselineRule | FloatArray
) -> SpendCalendar:
    """Lay out bridge, horizon and tail and fill them with business-as-usual spend.

    Parameters
    ----------
    response : ResponseDraws
    start : datetime64[D]
        First day of the horizon's first week.
    n_weeks : int
        Weeks T of the horizon.
    rule : BaselineRule or (C, T) array
        ``LAST_WEEKS``: the last T weeks of data, repeated in their order through bridge, horizon and tail.
        ``SAME_WEEKS_LAST_YEAR``: the spend 52 weeks before each week. An array: that spend in the horizon and repeated
        after it, with the last T weeks repeated in the bridge.

    Raises
    ------
    SpecError
        The horizon does not follow the data, or has no week; or last year is asked for and the data hold less.

    Notes
    -----
    Refunds (negative spend) are not carried forward: a baseline week spends 0 or more. Nor is what geos spent that have
    ended since (:attr:`~mmm.response.draws.ResponseDraws.active`).
    """
    if n_weeks < 1:
        raise SpecError(f"the horizon has {n_weeks} weeks", where="horizon.weeks", do="Give 1 or more.")
    gap = bridge_length(response, start)
    tail = tail_length(response)
    total = gap + n_weeks + tail
    going = response.active if response.active.any() else np.ones(len(response.geos), dtype=np.bool_)
    history = response.gross_spend()[:, going].sum(axis=1)
    recent = history[:, -min(n_weeks, response.n_weeks) :]
    if isinstance(rule, BaselineRule) and rule is BaselineRule.SAME_WEEKS_LAST_YEAR:
        if response.n_weeks < WEEKS_A_YEAR:
            raise SpecError(
                f"the data hold {response.n_weeks} weeks, less than the year that 'same_weeks_last_year' needs",
                where="baseline",
                do="Use last_weeks, or a CSV of week, channel, spend.",
            )
        spend = _continued(history[:, -WEEKS_A_YEAR:], total)
    else:
        spend = _continued(recent, total)
        if rule is BaselineRule.LAST_WEEKS and recent.shape[1] == n_weeks:
            # The horizon keeps the weeks' own order, whatever the bridge's length.
            spend[:, gap:] = _continued(recent, n_weeks + tail)
    if not isinstance(rule, BaselineRule):
        given = np.asarray(rule, dtype=np.float64)
        if given.shape != (len(response.channels), n_weeks):
            raise SpecError(f"the baseline has shape {given.shape}, not ({len(response.channels)}, {n_weeks})")
        spend[:, gap:] = _continued(given, n_weeks + tail)
    first = response.weeks[-1] + WEEK
    cut = (gap, gap + n_weeks)
    return SpendCalendar(
        channels=response.channels,
        bridge_weeks=weeks_from(first, gap),
        bridge=spend[:, : cut[0]],
        weeks=weeks_from(start, n_weeks),
        baseline=spend[:, cut[0] : cut[1]],
        tail_weeks=weeks_from(start + n_weeks * WEEK, tail),
        tail=spend[:, cut[1] :],
    )


def read_spend_csv(path: Path, channels: tuple[str, ...], weeks: WeekArray) -> FloatArray:
    """Read planned spend from a CSV of week, channel, spend (rows may repeat; they add up).

    Parameters
    ----------
    path : Path
    channels : tuple of str
        The C channels of the fit; each needs a row, if only one that spends 0. A week without a row spends nothing.
    weeks : (T,) datetime64[D]
        The weeks that are planned; every row must lie in them.

    Returns
    -------
    (C, T)

    Raises
    ------
    SpecError
        Not UTF-8 CSV; a column or a channel is missing; or a row has an unknown channel, another week or no number.
    """
    if not len(weeks):
        raise SpecError("there is no week to spend in", where=path.name, do="Leave the file out of the settings.")
    rows = {str(week): t for t, week in enumerate(weeks)}
    columns = {name: c for c, name in enumerate(channels)}
    spend = np.zeros((len(channels), len(weeks)))
    seen: set[int] = set()
    for line, row in enumerate(_spend_rows(path), start=2):
        t, c, money = _spend_row(row, rows, columns, f"{path.name}, row {line}")
        spend[c, t] += money
        seen.add(c)
    absent = [name for name, c in columns.items() if c not in seen]
    if absent:
        raise SpecError(
            f"the channel '{absent[0]}' has no row, and it is not said that it spends nothing",
            where=path.name,
            do=f"Add the row {weeks[0]},{absent[0]},0 if it is dark.",
        )
    return spend


def _spend_rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, restval="")
            missing = {"week", "channel", "spend"} - set(reader.fieldnames or ())
            if missing:
                do = "Give week, channel, spend, with commas between."
                raise SpecError(f"the column '{min(missing)}' is missing", where=path.name, do=do)
            if "geo" in (reader.fieldnames or ()):
                says = "the column 'geo' cannot be kept: spend is national here, divided over geos as in recent weeks"
                raise SpecError(says, where=path.name, do="Sum the geos of each week and channel, and remove it.")
            return list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise SpecError("the file is not UTF-8 CSV text", where=path.name, do="Save it as CSV, UTF-8.") from error


def _spend_row(
    row: dict[str, str], weeks: dict[str, int], channels: dict[str, int], where: str
) -> tuple[int, int, float]:
    name = (row["channel"] or "").removeprefix("'")
    if name not in channels:
        raise SpecError(f"the channel '{name}' is not in the fit", where=where, do=f"Known: {', '.join(channels)}.")
    try:
        week = date.fromisoformat((row["week"] or "").strip()[:10]).isoformat()
        money = float(row["spend"] or "")
    except ValueError as error:
        raise SpecError(f"this row cannot be read ({error})", where=where, do="Write 2027-01-04,tv,1000.00.") from error
    if week not in weeks:
        raise SpecError(
            f"the week {week} is not a week of the horizon ({next(iter(weeks))} to {list(weeks)[-1]})",
            where=where,
            do="Give each week by its first day.",
        )
    if not np.isfinite(money) or money < 0:
        raise SpecError(f"the spend {money} is not a sum of money", where=where, do="Give 0 or more.")
    return weeks[week], channels[name], money
