"""Time bases of the baseline: intercept, trend, yearly Fourier terms and holidays, for any week, fitted or future."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import holidays as holiday_calendars
import numpy as np

from mmm.arrays import FloatArray, WeekArray
from mmm.exceptions import SpecError

DAYS_A_YEAR = 365.25
#: A holiday must fall in the fitted window at least this often to get a coefficient of its own.
MIN_HOLIDAY_WEEKS = 2


@cache
def _holiday_dates(country: str, first_year: int, last_year: int) -> dict[str, frozenset[str]]:
    """Return each national public holiday's ISO dates, by name."""
    try:
        calendar = holiday_calendars.country_holidays(
            country, years=range(first_year, last_year + 1), observed=False, language="en_US"
        )
    except NotImplementedError as error:  # what the holidays package raises for a country it does not know
        raise SpecError(
            f"'{country}' is not a country whose holidays are known",
            where="holidays",
            do="Use an ISO 3166 code such as DE, or leave the key out.",
        ) from error
    dates: dict[str, set[str]] = {}
    for day, names in calendar.items():
        for name in names.split("; "):
            dates.setdefault(name, set()).add(day.isoformat())
    return {name: frozenset(days) for name, days in dates.items()}


def holiday_counts(weeks: WeekArray, country: str) -> dict[str, FloatArray]:
    """Return, for each public holiday of a country, its number of days in each week.

    Parameters
    ----------
    weeks : (T,) datetime64[D]
        First day of each week.
    country : str
        ISO 3166 code.

    Returns
    -------
    dict of (T,) arrays

    Raises
    ------
    SpecError
        The country is not known.
    """
    starts = weeks.astype("datetime64[D]")
    days = [[(week + np.timedelta64(d, "D")).astype(object) for d in range(7)] for week in starts]
    first, last = days[0][0].year, (days[-1][-1] + timedelta(days=1)).year
    known = _holiday_dates(country, first, last)
    return {
        name: np.array([sum(day.isoformat() in dates for day in week) for week in days], dtype=np.float64)
        for name, dates in known.items()
    }


@dataclass(frozen=True)
class TimeBasis:
    """The columns of the baseline that depend on the calendar only.

    Attributes
    ----------
    first_week : str
        ISO date of the first fitted week.
    n_weeks : int
        Fitted weeks; they set the trend's unit (half the window).
    trend : bool
        Whether a linear trend is in the basis.
    knots : tuple of int
        Week indices at which the trend may bend (piecewise linear).
    fourier_order : int
        Number of yearly sine–cosine pairs.
    holidays : str or None
        Country whose public holidays are used.
    holiday_names : tuple of str
        The holidays that have a column.
    wander : int
        Weeks between the knots of a level that may wander (piecewise linear, 0 a spacing beyond the window);
        0 for none.
    """

    first_week: str
    n_weeks: int
    trend: bool = True
    knots: tuple[int, ...] = ()
    fourier_order: int = 2
    holidays: str | None = None
    holiday_names: tuple[str, ...] = ()
    wander: int = 0

    @classmethod
    def fit_window(
        cls,
        weeks: WeekArray,
        *,
        fourier_order: int = 2,
        holidays: str | None = None,
        trend: bool = True,
        knots: tuple[int, ...] = (),
        wander: int = 0,
    ) -> TimeBasis:
        """Make the basis of a fitted window; holidays seen in fewer than two weeks are left out."""
        names: tuple[str, ...] = ()
        if holidays is not None:
            counts = holiday_counts(weeks, holidays)
            seen: dict[bytes, str] = {}
            for name in sorted(counts):
                if np.count_nonzero(counts[name]) >= MIN_HOLIDAY_WEEKS:
                    # Two holidays that always share their week are one column.
                    seen.setdefault((counts[name] > 0).tobytes(), name)
            names = tuple(sorted(seen.values()))
        return cls(str(weeks[0]), len(weeks), trend, knots, fourier_order, holidays, names, wander)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names, in the order of :meth:`design`."""
        trend = ("trend", *(f"trend_from_{knot}" for knot in self.knots)) if self.trend else ()
        fourier = (f"{wave}_{k}" for k in range(1, self.fourier_order + 1) for wave in ("sin", "cos"))
        holidays = (f"holiday:{name}" for name in self.holiday_names)
        return ("intercept", *trend, *fourier, *holidays, *(f"wander_{round(at)}" for at in self._wander_knots()))

    def _wander_knots(self) -> FloatArray:
        """Return the week indices of the wandering level's knots, evenly spaced from the first week to the last."""
        if not self.wander:
            return np.empty(0)
        pieces = max(round((self.n_weeks - 1) / self.wander), 1)
        return np.linspace(0.0, self.n_weeks - 1.0, pieces + 1)

    def index(self, weeks: WeekArray) -> FloatArray:
        """Return the week number of each week, 0 at the first fitted week."""
        days = (weeks.astype("datetime64[D]") - np.datetime64(self.first_week, "D")).astype(np.float64)
        return np.asarray(days / 7.0, dtype=np.float64)

    def design(self, weeks: WeekArray) -> FloatArray:
        """Return the (T, P) design matrix of any weeks."""
        index = self.index(weeks)
        columns = [np.ones(len(weeks))]
        half = max(self.n_weeks / 2.0, 1.0)
        if self.trend:
            columns.append((index - (self.n_weeks - 1) / 2.0) / half)
            columns.extend(np.maximum(index - knot, 0.0) / half for knot in self.knots)
        columns.extend(fourier_columns(weeks, self.fourier_order).T)
        if self.holidays is not None and self.holiday_names:
            counts = holiday_counts(weeks, self.holidays)
            columns.extend(counts.get(name, np.zeros(len(weeks))) for name in self.holiday_names)
        knots = self._wander_knots()
        if len(knots):
            spacing = knots[1] - knots[0]
            columns.extend(np.maximum(1.0 - np.abs(index - at) / spacing, 0.0) for at in knots)
        return np.column_stack(columns)

    def as_dict(self) -> dict[str, Any]:
        """Return the basis JSON-ready."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> TimeBasis:
        """Read what :meth:`as_dict` wrote."""
        listed: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}
        return cls(**listed)


def fourier_columns(weeks: WeekArray, order: int) -> FloatArray:
    """Return (T, 2·order) yearly sine and cosine columns, anchored on the calendar: sin 1, cos 1, sin 2, …"""
    days = (weeks.astype("datetime64[D]") - np.datetime64("2000-01-01", "D")).astype(np.float64)
    angle = 2.0 * np.pi * days / DAYS_A_YEAR
    columns = [wave(k * angle) for k in range(1, order + 1) for wave in (np.sin, np.cos)]
    return np.column_stack(columns) if columns else np.empty((len(weeks), 0))
