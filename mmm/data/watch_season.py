"""Spend that follows the calendar: how much of a channel's movement season and trend explain."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mmm.arrays import FloatArray
from mmm.data.panel import Panel
from mmm.data.watch_base import calendar_columns, national_media
from mmm.findings import Finding, Severity

#: Share of a channel's variance that the calendar explains, from which little, and next to nothing, is its own.
MUCH, NEARLY_ALL = 0.6, 0.8
_YEAR = 52


def calendar_share(series: FloatArray, columns: FloatArray) -> float:
    """Return the adjusted R² of a series, (T,), on calendar columns, (T, P), from 0 to 1; 0 for a constant one."""
    centred = series - series.mean()
    freedom = len(series) - columns.shape[1]
    if freedom < 1 or not np.ptp(series):
        return 0.0
    rest = series - columns @ np.linalg.lstsq(columns, series)[0]
    share = 1.0 - float(rest @ rest) / freedom / (float(centred @ centred) / (len(series) - 1))
    return float(np.clip(share, 0.0, 1.0))


def calendar_shares(panel: Panel) -> dict[str, float]:
    """Return medium → share of its national variance that trend and season explain; empty under a year of weeks."""
    if panel.n_weeks < _YEAR:
        return {}
    columns = calendar_columns(panel.weeks)
    return {name: calendar_share(series, columns) for name, series in national_media(panel)}


def season_findings(panel: Panel) -> Iterator[Finding]:
    """Yield what says that a medium's effect and the season's cannot be told apart."""
    for name, share in calendar_shares(panel).items():
        if share < MUCH:
            continue
        yield Finding(
            name="seasonal_spend",
            severity=Severity.WARNING if share >= NEARLY_ALL else Severity.NOTE,
            says=f"Season and trend explain {100 * share:.0f} % of how '{name}' moves (two waves a year, the weeks "
            "before Christmas, a straight trend).",
            means="Sales that the season brings are credited to it, or its own to the season: only "
            f"{100 * (1 - share):.0f} % of its movement can teach its effect.",
            do="Move it against the season for some weeks, hold it steady in one region, or run a lift test.",
            where=name,
        )
